"""Debian's Caddy on loopback, with a Caddyfile of this repository in which names and ports were replaced."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.brokers import connects

ROOT = Path(__file__).parents[2]
START_SECONDS = 60.0


def caddy() -> str:
    """Return the program's path, installed first if root may; skip the test where there is none."""
    if shutil.which("caddy") is None:
        subprocess.run([ROOT / "setup.sh", "debian", "caddy"], check=False, timeout=500)
    return shutil.which("caddy") or pytest.skip("NOT TRIED: Caddy is missing and could not be installed. Run: ./setup.sh debian caddy")


@contextmanager
def running(caddyfile: str, folder: Path, port: int, environment: Mapping[str, str]) -> Iterator[Path]:
    """Run Caddy until the block ends, once it listens at `port`; give its log's path."""
    (folder / "Caddyfile").write_text(caddyfile)
    command, said = [caddy(), "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"], folder / "log"
    told = {**environment, "PATH": os.environ["PATH"], "HOME": str(folder)}
    with said.open("wb") as log, subprocess.Popen(command, env=told, stdout=log, stderr=log) as process:
        try:
            deadline = time.monotonic() + START_SECONDS
            while not connects(port):
                assert process.poll() is None, said.read_text()
                assert time.monotonic() < deadline
                time.sleep(0.05)
            yield said
        finally:
            process.terminate()
