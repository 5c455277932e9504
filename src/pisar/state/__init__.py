"""Reads and writes the objects in the bucket, one module for each kind; no other package touches them, but through here."""
