"""Says whether the service beside this file is well, for a container's health check. It imports the standard library alone.

health.py http    GET /healthz on PORT is answered
health.py file    PISAR_HEARTBEAT_FILE was touched within a minute
"""

import ctypes
import os
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

PATIENCE_SECONDS = 5
FRESH_SECONDS = 60


CHECKS = ("http", "file", "any")


PR_SET_DUMPABLE = 4


def main(arguments: list[str]) -> int:
    """Return 0 where the process is well."""
    if sys.platform == "linux":  # it has the container's environment, which ffmpeg, of the same user there, is not to read
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    if len(arguments) != 1 or arguments[0] not in CHECKS:
        sys.stderr.write(f"usage: health.py {'|'.join(CHECKS)}\n")
        return 2
    checks = {"http": (_door,), "file": (_file,), "any": (_file, _door)}[arguments[0]]
    wrong = [said for said in map(_tried, checks) if said]
    if len(wrong) < len(checks):
        return 0
    sys.stderr.write("".join(f"{said}\n" for said in wrong))
    return 1


def _tried(check: Callable[[], str]) -> str:
    try:
        return check()
    except (OSError, KeyError, ValueError) as error:
        return f"{type(error).__name__}: {error}"


def _door() -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{int(os.environ.get('PORT', '8080'))}/healthz", timeout=PATIENCE_SECONDS):
        return ""


def _file() -> str:
    age = time.time() - Path(os.environ["PISAR_HEARTBEAT_FILE"]).stat().st_mtime
    return "" if age <= FRESH_SECONDS else f"no sign of life for {age:.0f} s"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
