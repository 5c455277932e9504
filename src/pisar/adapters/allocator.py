"""The C library's allocator, told to give large blocks back to the system when they are freed."""

import ctypes
from contextlib import suppress

LARGE_BYTES = 1024 * 1024
"""A second of samples is 64 kB, a block of the decoder's 1 MB or 2."""

_M_MMAP_THRESHOLD = -3


def give_back_large_blocks() -> None:
    """Have memory of a megabyte and more returned as soon as it is free, for the whole process; where there is no glibc, change nothing.

    By itself glibc raises that bound to the largest such block it has seen freed, up to 32 MB (mallopt(3), M_MMAP_THRESHOLD): a long
    recording's blocks then come from the heap, and the holes they leave there stay with the process.
    """
    with suppress(AttributeError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, LARGE_BYTES)
