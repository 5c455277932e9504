"""Cuts a file that is uploaded in parts: how large the parts are, and which of them are still missing. Pure."""

from collections.abc import Mapping
from math import ceil

PART_BYTES = 8 * 2**20
"""The usual size of a part. S3 takes no smaller ones than 5 MiB but for the last, and what a broken connection loses is a part at most."""

MOST_PARTS = 1000
"""The most parts of a file: S3 takes 10,000, but each has an address of half a kilobyte in an answer of at most 3.5 MB."""


def part_bytes(size_bytes: int) -> int:
    """Return how large each part of a file of that size is but for the last, in bytes."""
    return PART_BYTES * max(1, ceil(size_bytes / (PART_BYTES * MOST_PARTS)))


def part_sizes(size_bytes: int) -> Mapping[int, int]:
    """Return the size of each part of a file by the part's number; the first is 1."""
    each = part_bytes(size_bytes)
    starts = range(0, size_bytes, each)
    return {number: min(each, size_bytes - start) for number, start in enumerate(starts, 1)}
