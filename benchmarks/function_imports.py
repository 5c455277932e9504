"""What the functions spend on imports before their first call: CPU seconds, aiogram plain against lean, and boto3 as the floor.

Each figure is the median of five fresh interpreters, user and system time together. A function with 512 MB has a quarter
of a core, so its wall time is about four times as long. Run: python benchmarks/function_imports.py
"""

import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
RUNS = 5
UPDATE = '{"update_id": 1, "message": {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}}}'
PLAIN = "import aiogram\n"
LEAN = "from pisar.adapters.telegram.lean_aiogram import types\n"
STORE = "from pisar.adapters.object_storage import S3ObjectStore\n"
FUNCTIONS = ("webhook", "jobs", "uploads", "callbacks", "authorizer", "dead_letters")
CASES = {
    "bare interpreter": "",
    "aiohttp and pydantic": "import aiohttp, pydantic\n",
    "aiogram, plain": PLAIN,
    "aiogram, plain, and the first update": f"{PLAIN}aiogram.types.Update.model_validate_json({UPDATE!r})\n",
    "aiogram, lean": LEAN,
    "aiogram, lean, and the first update": f"{LEAN}types.Update.model_validate_json({UPDATE!r})\n",
    "boto3": "import boto3.session\n",
    "boto3 and an S3 client": f"{STORE}S3ObjectStore('bucket', endpoint_url='http://127.0.0.1:1')._connected()\n",
    **{f"all that {name} imports": f"import pisar.bootstrap.{name}\n" for name in FUNCTIONS},
}
MEASURE = "import resource; usage = resource.getrusage(resource.RUSAGE_SELF); print(usage.ru_utime + usage.ru_stime)"


def cpu_seconds(code: str) -> float:
    """Return the CPU time of a fresh interpreter that runs the code."""
    child = subprocess.run([sys.executable, "-c", code + MEASURE], capture_output=True, text=True, check=True, cwd=ROOT)
    return float(child.stdout)


def main() -> None:
    """Print the table."""
    print("| what is imported | CPU seconds |\n|---|---|")
    for name, code in CASES.items():
        cpu_seconds(code)  # writes the .pyc files, which the zip of a function carries
        print(f"| {name} | {statistics.median(cpu_seconds(code) for _ in range(RUNS)):.2f} |", flush=True)


if __name__ == "__main__":
    main()
