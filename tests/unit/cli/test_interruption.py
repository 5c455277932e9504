"""Ctrl-C while one step outside Python lasts for minutes, as a window does with a large model."""

import signal
import subprocess
import sys

import pytest

from pisar.cli.interruption import interruptible

CODE = """
import hashlib, os, signal
from pisar.cli.interruption import interruptible

signal.signal(signal.SIGINT, signal.default_int_handler)  # which Python leaves out where a shell began all this in the background

def work():
    print("at work", flush=True)
    hashlib.pbkdf2_hmac("sha256", b"", b"", 1_000_000_000)

try:
    interruptible(work)
except KeyboardInterrupt:
    os._exit(130)
"""


def test_ctrl_c_does_not_wait_for_the_step_to_end():
    with subprocess.Popen([sys.executable, "-c", CODE], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout.readline() == b"at work\n"
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 130
        finally:
            process.kill()


def test_results_and_errors_come_out():
    assert interruptible(lambda: 42) == 42
    with pytest.raises(ZeroDivisionError):
        interruptible(lambda: 1 / 0)
