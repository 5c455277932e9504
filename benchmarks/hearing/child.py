"""One engine in a process of its own: reads a request a line, writes an answer a line, both JSON.

    python -m benchmarks.hearing.child pisar|faster-whisper|whisper.cpp MODEL THREADS BEAMS

A request: `path` of a WAV file; `language`, or "" to have it found out; for Pisar `expected` languages, and `parts` to have it heard as a
long recording. An answer: `seconds`, `language`, and `segments` with start, end, text and words; Pisar's has the subtitles' `cues` besides.
Each engine's Python has no more than that engine, so what it needs is imported late.
"""

import json
import sys
import wave
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

Request = dict[str, Any]
Answer = dict[str, Any]


def pisar(model: str, threads: int, beams: int) -> Callable[[Request], Answer]:
    """Return the product's own flow, bytes in, as the container puts it together."""
    from benchmarks.hearing.product import Product  # noqa: PLC0415 - the peers' Python has no Pisar

    return Product(model, threads, beams).answer


def faster_whisper(model: str, threads: int, beams: int) -> Callable[[Request], Answer]:
    """Return faster-whisper in int8, without a detector of speech; times of words where they are asked for."""
    import ctranslate2  # noqa: PLC0415 - see pisar
    from faster_whisper import WhisperModel  # noqa: PLC0415

    ctranslate2.set_random_seed(0)  # a window that it is unsure of is decoded again with drawn words: the same ones in every run
    engine = WhisperModel(model, device="cpu", compute_type="int8", cpu_threads=threads)

    def answer(request: Request) -> Answer:
        segments, info = engine.transcribe(
            _samples(request["path"]),
            language=request["language"] or None,
            beam_size=beams,
            condition_on_previous_text=False,
            word_timestamps=bool(request.get("words")),
        )
        found = [
            {"start": one.start, "end": one.end, "text": one.text.strip(), "words": [[w.start, w.end, w.word] for w in one.words or ()]}
            for one in segments
        ]
        return {"language": info.language, "segments": found}

    return answer


def whisper_cpp(model: str, threads: int, beams: int) -> Callable[[Request], Answer]:
    """Return whisper.cpp as its binding drives it: the whole audio at once, all else by default."""
    from pywhispercpp.model import Model  # noqa: PLC0415 - see pisar

    # The strategies are 0, greedy, and 1, several beams; whisper.cpp's own number of these is five.
    strategy: dict[str, Any] = {"params_sampling_strategy": 1, "beam_search": {"beam_size": beams, "patience": -1.0}} if beams > 1 else {}
    engine = Model(model, n_threads=threads, print_progress=False, print_realtime=False, redirect_whispercpp_logs_to=None, **strategy)

    def answer(request: Request) -> Answer:
        said = engine.transcribe(_samples(request["path"]), language=request["language"] or "auto")
        found = [{"start": one.t0 / 100, "end": one.t1 / 100, "text": one.text.strip(), "words": []} for one in said]
        return {"language": request["language"], "segments": found}

    return answer


ENGINES = {"pisar": pisar, "faster-whisper": faster_whisper, "whisper.cpp": whisper_cpp}


def _samples(path: str) -> Any:
    with wave.open(path, "rb") as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / 32768


def main() -> None:
    """Answer until there are no more requests."""
    kind, model, threads, beams = sys.argv[1:]
    # What a library prints must not come between the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    answer = ENGINES[kind](str(Path(model)), int(threads), int(beams))
    for line in sys.stdin:
        request = json.loads(line)
        began = perf_counter()
        found = answer(request)
        answers.write(json.dumps({"seconds": perf_counter() - began, **found}) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
