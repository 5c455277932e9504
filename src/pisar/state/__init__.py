"""Reads and writes Pisar's state in the bucket, one module for each kind of object."""
