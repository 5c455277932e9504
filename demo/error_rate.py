"""How well the demo model does: word error rate on voices it never heard, and text invented where nobody speaks.

Every clip takes the way of a voice message: Ogg/Opus at 24 kbit/s, Pisar's decoder, detector and engine, with Pisar's own rules
between them. Needs espeak-ng and ffmpeg. The same count gives the same clips.

    python -m demo.error_rate [--clips 200] [--model demo/model/ggml-pisar-demo.bin]
"""

import argparse
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from tqdm import tqdm

from demo.recipe.voices import utterance
from pisar.adapters.decoder import FfmpegDecoder
from pisar.adapters.speech_detector import SileroSpeechDetector
from pisar.adapters.whisper_cpp import WhisperCppEngine
from pisar.domain.audio import SAMPLE_RATE_HZ, AudioLimits
from pisar.domain.jobs import Options
from pisar.speech.recognition import Recognition

LIMITS = AudioLimits(max_bytes=20 * 1024 * 1024, max_seconds=600)
NOISE_SECONDS = 8


@dataclass(slots=True)
class Score:
    """What one language's clips gave."""

    clips: int = 0
    words: int = 0
    errors: int = 0
    perfect: int = 0


def as_voice_message(pcm: NDArray[np.float64]) -> bytes:
    """Return Ogg/Opus at 24 kbit/s, as Telegram sends it."""
    command = ["ffmpeg", "-v", "error", "-f", "s16le", "-ar", str(SAMPLE_RATE_HZ), "-ac", "1", "-i", "pipe:0"]
    command += ["-c:a", "libopus", "-b:a", "24k", "-f", "ogg", "pipe:1"]
    raw = (np.clip(pcm, -1, 1) * 32767).astype("<i2").tobytes()
    return subprocess.run(command, input=raw, capture_output=True, check=True).stdout


def word_errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """Return how many words must be changed, added or removed to get from one to the other."""
    row = list(range(len(heard) + 1))
    for index, word in enumerate(said, 1):
        diagonal, row[0] = row[0], index
        for column, other in enumerate(heard, 1):
            diagonal, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, diagonal + (word != other))
    return row[-1]


def nobody_speaks(index: int) -> tuple[str, NDArray[np.float64]]:
    """Return the kind and the sound of clip `index`: silence, noise, beeps, clicks, tunes in turn."""
    draw = np.random.default_rng(index)
    seconds = np.arange(NOISE_SECONDS * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    sound = np.zeros(len(seconds))
    kind = ("silence", "noise", "beeps", "clicks", "tune")[index % 5]
    if kind == "silence" and index % 2:
        sound = draw.normal(size=len(seconds)) * 1e-4
    if kind == "noise":
        sound = draw.normal(size=len(seconds)) * 10 ** draw.uniform(-4, -0.7)
    if kind == "beeps":
        hertz, period, length = draw.choice([440, 523, 660, 880, 1000, 1200, 2000]), draw.uniform(0.3, 1.5), draw.uniform(0.1, 0.3)
        sound = 0.5 * np.sin(2 * np.pi * hertz * seconds) * (seconds % period < length)
    if kind == "clicks":
        sound[draw.integers(0, len(seconds), 40)] = draw.uniform(-1, 1, 40)
        sound = np.convolve(sound, np.exp(-np.arange(200) / 20), "same")
    if kind == "tune":
        note = seconds[: SAMPLE_RATE_HZ // 4]
        for start in range(0, len(seconds), len(note)):
            hertz, fall = draw.choice([262, 294, 330, 349, 392, 440, 494, 523]), draw.uniform(1, 8)
            chord = np.sum([0.3 / k * np.sin(2 * np.pi * hertz * k * note) for k in range(1, 6)], axis=0)
            sound[start : start + len(note)] = chord * np.exp(-fall * note)
    return kind, sound


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(
        prog="python -m demo.error_rate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clips", type=int, default=200, help="clips of held-out voices")
    parser.add_argument("--quiet-clips", type=int, default=50, help="clips in which nobody speaks")
    parser.add_argument("--model", type=Path, default=Path(__file__).parent / "model" / "ggml-pisar-demo.bin")
    parser.add_argument("--piece-seconds", type=float, default=6.0, help="PISAR_PIECE_SECONDS; make demo gives the model 6")
    arguments = parser.parse_args()
    decoder, detector, engine = FfmpegDecoder(), SileroSpeechDetector(), WhisperCppEngine(arguments.model)
    recognition = Recognition(decoder, detector, engine, LIMITS, piece_seconds=arguments.piece_seconds)
    seconds: list[float] = []
    scores = {"ru": Score(), "en": Score()}
    for seed in tqdm(range(arguments.clips), desc="speech", unit="clip"):
        language, words, pcm = utterance(seed, held_out=True)
        voice = as_voice_message(pcm.astype(np.float64))
        started = perf_counter()
        errors = word_errors(words, recognition.recognise(recognition.listen(voice), Options()).text.split())
        seconds.append(perf_counter() - started)
        score = scores[language]
        score.clips, score.words, score.errors, score.perfect = (
            score.clips + 1,
            score.words + len(words),
            score.errors + errors,
            score.perfect + (not errors),
        )
    invented: dict[str, list[bool]] = {}
    for index in tqdm(range(arguments.quiet_clips), desc="nobody speaks", unit="clip"):
        kind, sound = nobody_speaks(index)
        heard = recognition.listen(as_voice_message(sound))
        invented.setdefault(kind, []).append(bool(recognition.recognise(heard, Options()).segments))
    show(scores, invented, seconds)


def show(scores: dict[str, Score], invented: dict[str, list[bool]], seconds: list[float]) -> None:
    """Print error rates, invented text and times."""
    console = Console()
    total = Score(*(sum(getattr(score, name) for score in scores.values()) for name in ("clips", "words", "errors", "perfect")))
    table = Table("language", "clips", "words", "word error rate", "clips without an error", title="Voices not heard in training")
    for language, score in [*scores.items(), ("all", total)]:
        rate = f"{100 * score.errors / score.words:.1f} %" if score.words else "-"
        table.add_row(language, str(score.clips), str(score.words), rate, str(score.perfect))
    console.print(table)
    table = Table("sound", "clips", "clips with text", title="Nobody speaks")
    for kind, found in [*invented.items(), ("all", [one for clips in invented.values() for one in clips])]:
        table.add_row(kind, str(len(found)), str(sum(found)))
    console.print(table)
    if seconds:
        console.print(f"A clip takes {1000 * median(seconds):.0f} ms at the median, from Opus to text.")


if __name__ == "__main__":
    main()
