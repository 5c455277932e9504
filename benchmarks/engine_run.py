"""One engine's part of `benchmarks.engine`, a process of its own.

python -m benchmarks.engine_run whisper.cpp|faster-whisper MODEL AUDIO RUNS

Prints JSON: the seconds of each run after the first, the tokens of a run, and the peak memory of the process in MB.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

THREADS = 2


def whisper_cpp(model: Path) -> Callable[[Any], int]:
    """Return what transcribes a window by the product's own adapter, and tells how many words it hears."""
    from pisar.adapters.whisper_cpp import WhisperCppEngine  # noqa: PLC0415 - the other engine's Python has none
    from pisar.domain.jobs import Options  # noqa: PLC0415 - see above

    engine = WhisperCppEngine(model, threads=THREADS)
    return lambda window: sum(len(one.tokens) for one in engine.transcribe(window, Options(language="en")).segments)


def faster_whisper(model: Path) -> Callable[[Any], int]:
    """Return the same for faster-whisper in int8: greedy, as the product does it."""
    from faster_whisper import WhisperModel  # noqa: PLC0415 - in an environment of its own

    engine = WhisperModel(str(model), device="cpu", compute_type="int8", cpu_threads=THREADS)

    def transcribe(window: Any) -> int:
        segments, _ = engine.transcribe(window, language="en", beam_size=1, condition_on_previous_text=False)
        marks = 50257  # the end, and the marks of time, which the other engine does not tell
        return sum(token < marks for one in segments for token in one.tokens)

    return transcribe


def _peak_mb() -> float:
    """Return the most memory this process has had; getrusage's is at least what its parent had when it began it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) * 1024 / 1e6


def main() -> None:
    """Measure and print."""
    name, model, audio, runs = sys.argv[1:]
    windows = np.load(audio)
    transcribe = {"whisper.cpp": whisper_cpp, "faster-whisper": faster_whisper}[name](Path(model))
    seconds, words = [], 0
    for _ in range(int(runs) + 1):
        began = perf_counter()
        words = sum(transcribe(window) for window in windows)
        seconds.append(perf_counter() - began)
    print(json.dumps({"seconds": seconds[1:], "words": words, "peak_mb": _peak_mb()}))


if __name__ == "__main__":
    main()
