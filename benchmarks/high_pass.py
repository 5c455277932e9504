"""Does cutting off what lies below speech help? `python -m benchmarks.high_pass [--prompts 24] [--threads 2]`.

Prompts that people spoke go through the product's own flow clean, with a hum of 50 Hz and by telephone: as they are, and with a high-pass
of 80 and of 120 Hz before it. Prints the word errors of each; decision 0024 follows from them.
"""

import argparse
import sys

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.conditions import CONDITIONS
from benchmarks.hearing.corpora import LANGUAGES, WORK, Prompt, Wave, prompts, read_wave, write_wave
from benchmarks.hearing.engines import PISAR, Engine, Running
from benchmarks.hearing.scoring import Score, score
from benchmarks.hearing.trials import spread
from pisar.domain.audio import SAMPLE_RATE_HZ

HEARD = ("clean", "hum of 50 Hz", "telephone")
CORNERS_HZ = (0, 80, 120)
"""0: as it is. A man's voice begins near 85 Hz."""
ORDER = 4
"""A Butterworth filter's: 24 dB for each octave."""


def high_pass(samples: Wave, corner_hz: float) -> Wave:
    """Return the samples with a Butterworth high-pass's loudness and no change of phase; as they are for a corner of 0 Hz."""
    if not corner_hz:
        return samples
    hertz = np.maximum(np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE_HZ), 1e-3)
    passed = np.fft.rfft(samples) / np.sqrt(1 + (corner_hz / hertz) ** (2 * ORDER))
    return np.fft.irfft(passed, len(samples)).astype(np.float32)


def main(arguments: list[str]) -> int:
    """Hear the prompts and print the table."""
    parser = argparse.ArgumentParser(prog="benchmarks.high_pass", description=__doc__)
    parser.add_argument("--prompts", type=int, default=24, help="of each language, evenly spaced")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args(arguments)
    asked = [
        (language, condition, corner, prompt)
        for language in LANGUAGES
        for prompt in spread(prompts(language), options.prompts)
        for condition in HEARD
        for corner in CORNERS_HZ
    ]
    found: dict[tuple[str, int, str], Score] = {}
    with Running(Engine(PISAR), threads=options.threads) as engine:
        for language, condition, corner, prompt in track(asked, "prompts heard"):
            one = _heard(engine, prompt, condition, corner)
            found[condition, corner, language] = found.get((condition, corner, language), Score()) + one
    table = Table("recorded", "high-pass", *LANGUAGES, title=f"Word errors of {options.prompts} prompts of each language")
    for condition in HEARD:
        for corner in CORNERS_HZ:
            errors = (f"{100 * found[condition, corner, language].word_errors:.2f} %" for language in LANGUAGES)
            table.add_row(condition, f"{corner} Hz" if corner else "none", *errors)
    Console(width=100).print(table)
    return 0


def _heard(engine: Running, prompt: Prompt, condition: str, corner_hz: int) -> Score:
    path = WORK / "high-pass" / f"{condition.replace(' ', '-')}-{corner_hz}" / prompt.language / prompt.path.name
    write_wave(path, high_pass(CONDITIONS[condition](read_wave(prompt.path)), corner_hz))
    said = engine.ask({"path": str(path), "language": prompt.language})
    return score(prompt.text, " ".join(segment["text"] for segment in said["segments"]), prompt.language)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
