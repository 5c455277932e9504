"""Pisar: voice to text that its owner runs."""
