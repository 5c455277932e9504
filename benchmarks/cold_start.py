"""What a cold start costs: the webhook's first update in a fresh process, and the transcriber from its start until it listens.

CPU seconds, user and system together, in fresh interpreters: a function with 512 MB has a quarter of a core, so there they are four times
as long. Medians of several runs. Exit status 1 above a goal, with what takes longest to import. Run: python -m benchmarks.cold_start
"""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import results
from localstack.demo import demo_voices
from localstack.stack import CREDENTIALS, DEMO_MODEL, ROOT, Stack

RUNS = 5
IMPORT_RUNS = 3
PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.002
SLOWEST_SHOWN = 15
WEBHOOK_GOAL = 1.6
"""CPU seconds of a process that imports the webhook function and answers one voice message."""
TRANSCRIBER_GOAL = 1.5
"""Seconds from the start of the container's process until it listens, the model's loading not counted."""

WEBHOOK, TRANSCRIBER = ROOT / "functions" / "webhook", ROOT / "containers" / "transcriber"
NOWHERE = "http://127.0.0.1:1"
SETTINGS = CREDENTIALS | {
    "AWS_ENDPOINT_URL_S3": NOWHERE,
    "AWS_ENDPOINT_URL_SQS": NOWHERE,
    "PISAR_BUCKET": "none",
    "PISAR_QUEUE_URL": f"{NOWHERE}/none",
    "PISAR_CALLBACK_QUEUE_URL": f"{NOWHERE}/none",
    "PISAR_MODEL": str(DEMO_MODEL),
    "TELEGRAM_BOT_TOKEN": "123456:made-up",
    "TELEGRAM_API_URL": NOWHERE,
    "TELEGRAM_WEBHOOK_SECRET": "made-up",
}
"""Enough to start; nothing is asked of anybody before the first call."""

UPDATE = '{"update_id": 1, "message": {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}}}'
PLAIN = "import aiogram\n"
LEAN = "from pisar.adapters.telegram.lean_aiogram import types\n"
STORE = "from pisar.adapters.object_storage import S3ObjectStore\n"
FUNCTIONS = ("webhook", "jobs", "uploads", "callbacks", "authorizer", "dead_letters")
START = f"import os\nos.environ.update({SETTINGS!r})\n"
IMPORTS = {
    "bare interpreter": "",
    "aiohttp and pydantic": "import aiohttp, pydantic\n",
    "aiogram, plain": PLAIN,
    "aiogram, plain, and the first update": f"{PLAIN}aiogram.types.Update.model_validate_json({UPDATE!r})\n",
    "aiogram, lean": LEAN,
    "aiogram, lean, and the first update": f"{LEAN}types.Update.model_validate_json({UPDATE!r})\n",
    "boto3": "import boto3.session\n",
    "boto3 and an S3 client": f"{STORE}S3ObjectStore('bucket', endpoint_url='http://127.0.0.1:1')._connected()\n",
    **{f"all that {name} imports": f"{START}from pisar.wiring.{name} import build\nbuild(os.environ)\n" for name in FUNCTIONS},
}
MEASURE = "import resource; usage = resource.getrusage(resource.RUSAGE_SELF); print(usage.ru_utime + usage.ru_stime)"
LOAD = f"""
import time
from pathlib import Path
from pisar.adapters.whisper_cpp import WhisperCppEngine
from pisar.adapters.ggml import binding
binding()
began = time.perf_counter()
WhisperCppEngine(Path({str(DEMO_MODEL)!r}))
print(time.perf_counter() - began)
"""


def answer_of(code: str) -> float:
    """Return the number that a fresh interpreter prints."""
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout)


def webhook_cpu_seconds() -> float:
    """Return the CPU seconds of a webhook's instance that has just been started for a voice message, and has answered it."""
    with Stack() as stack:
        return _used_by_webhook(stack)


def warm_webhook_cpu_seconds(messages: int) -> float:
    """Return the CPU seconds that a webhook's instance takes for each of so many voice messages after its first, one at a time."""
    with Stack() as stack:
        first = last = _used_by_webhook(stack)
        for _ in range(messages):
            last = _used_by_webhook(stack)
        return (last - first) / messages


def _used_by_webhook(stack: Stack) -> float:
    """Send a voice message and return the CPU seconds that the webhook's only instance has used since it was started."""
    voice = next(voice for voice in demo_voices() if voice.expected)
    sent = stack.telegram.voice(voice.chat_id, voice.path.read_bytes(), seconds=2, language_code=voice.language)
    stack.telegram.wait_for(lambda: stack.telegram.delivery(sent["update_id"]).attempts, PATIENCE_SECONDS)
    (attempt,) = stack.telegram.delivery(sent["update_id"]).attempts
    if attempt.status != 200:  # noqa: PLR2004 - HTTP
        raise AssertionError(f"the webhook answered {attempt.status}")
    (pid,) = stack.functions["webhook"].pids()
    return _cpu_seconds(pid)


def transcriber_start() -> tuple[float, float]:
    """Return the seconds from the start of the container's process until it takes connections, and its CPU seconds until then."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        environment = SETTINGS | {"PORT": str(port), "PATH": os.environ["PATH"]}
        began = time.perf_counter()
        process = subprocess.Popen([sys.executable, str(TRANSCRIBER / "app.py")], env=environment, stdout=subprocess.DEVNULL)
        try:
            while True:
                with suppress(ConnectionError), socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS):
                    return time.perf_counter() - began, _cpu_seconds(process.pid)
                if process.poll() is not None or time.perf_counter() - began > PATIENCE_SECONDS:
                    raise AssertionError("the transcriber did not start")
                time.sleep(LOOK_SECONDS)
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)


def model_load_seconds() -> float:
    """Return the seconds that the demo model takes to load in a fresh process."""
    return answer_of(LOAD)


def slowest_imports(folder: Path, module: str) -> str:
    """Return what a deployable imports at its start, the modules that took longest with all they import; milliseconds."""
    longest = sorted(imports(folder, module).items(), key=lambda row: row[1], reverse=True)[:SLOWEST_SHOWN]
    return "\n".join(f"{microseconds / 1000:8.0f} {name}" for name, microseconds in longest)


def imports(folder: Path, module: str) -> dict[str, int]:
    """Return every module that a deployable imports at its start, with the microseconds that it and all it imports took."""
    command = [sys.executable, "-X", "importtime", "-c", f"import {module}"]
    environment = SETTINGS | {"PATH": os.environ["PATH"], "PYTHONPATH": str(folder)}
    said = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True).stderr.splitlines()
    rows = [line.removeprefix("import time:").split("|") for line in said if line.startswith("import time:") and "self" not in line]
    return {row[2].strip(): int(row[1]) for row in rows}


def main() -> int:
    """Measure, print, record."""
    console = Console(highlight=False)
    table = Table("what a function imports", "CPU seconds")
    for name, code in IMPORTS.items():
        answer_of(code + MEASURE)  # writes the .pyc files, which the zip of a function carries
        table.add_row(name, f"{_median(lambda code=code: answer_of(code + MEASURE), IMPORT_RUNS):.2f}")  # type: ignore[misc]
    console.print(table)
    webhook, ready, load = _median(webhook_cpu_seconds), _median(lambda: transcriber_start()[0]), _median(model_load_seconds)
    size = _zip_bytes()
    table = Table("cold start", "measured", "goal")
    table.add_row("webhook: import and first voice message, CPU seconds", f"{webhook:.2f}", f"{WEBHOOK_GOAL}")
    table.add_row("webhook's zip, MB", f"{size / 1e6:.1f}", "–")
    table.add_row("transcriber: process to listening, seconds", f"{ready:.2f}", f"{TRANSCRIBER_GOAL} + {load:.2f}")
    table.add_row("of which the model's loading", f"{load:.2f}", "–")
    console.print(table)
    figures = {"webhook_cold_cpu_s": webhook, "webhook_zip_mb": size / 1e6, "transcriber_ready_s": ready, "model_load_s": load}
    results.record("cold start", {name: round(value, 3) for name, value in figures.items()})
    missed = [
        (name, folder, module)
        for name, folder, module, over in (
            ("webhook", WEBHOOK, "main", webhook > WEBHOOK_GOAL),
            ("transcriber", TRANSCRIBER, "app", ready > TRANSCRIBER_GOAL + load),
        )
        if over
    ]
    for name, folder, module in missed:
        console.print(f"{name}: the goal is missed. Milliseconds of its imports:\n{slowest_imports(folder, module)}")
    return 1 if missed else 0


def _median(measure: Callable[[], float], runs: int = RUNS) -> float:
    return statistics.median(measure() for _ in range(runs))


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _zip_bytes() -> int:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(ROOT / "functions" / "build.py"), "--out", folder, "webhook"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return (Path(folder) / "webhook.zip").stat().st_size


if __name__ == "__main__":
    sys.exit(main())
