"""Where measured numbers are kept: results.json, a group of figures under each name, with the day and the machine they are from."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "results.json"


def machine() -> str:
    """Return the processor's name, how many of it this process may use, and how busy others keep it."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else '?'}, {len(os.sched_getaffinity(0))} CPUs, load {os.getloadavg()[0]:.1f} at the end"


def record(name: str, figures: dict[str, Any], *, file: Path = FILE) -> None:
    """Put figures under a name, in place of those that were there; what stands under other names stays."""
    known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    known[name] = {"date": datetime.now(UTC).date().isoformat(), "machine": machine(), **figures}
    file.write_text(json.dumps(known, indent=2, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
