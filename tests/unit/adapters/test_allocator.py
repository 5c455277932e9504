"""Large blocks leave the process when they are freed, whatever was freed before."""

import os
import platform
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not glibc, whose allocator this is about")

HOLES = """
import sys
from pathlib import Path
from pisar.adapters.allocator import give_back_large_blocks

def held_mb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20

if sys.argv[1] == "told":
    give_back_large_blocks()
bytearray(30 * 2**20).clear()  # glibc takes the next ones from its heap
before = held_mb()
blocks = [bytearray(b"x" * (2 * 2**20)) for _ in range(50)]
del blocks[:-1]  # the last one keeps the heap from shrinking
print(held_mb() - before)
"""


def left_mb(told: str) -> float:
    """Return how many MB a process still holds of 98 that it has freed and 2 that it has not."""
    done = subprocess.run([sys.executable, "-c", HOLES, told], env=os.environ, check=True, capture_output=True, text=True)
    return float(done.stdout)


def test_what_is_freed_is_given_back():
    assert left_mb("told") < 10


def test_by_itself_the_allocator_keeps_it():
    assert left_mb("not told") > 50
