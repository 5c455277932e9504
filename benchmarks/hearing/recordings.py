"""Prompts laid one after another with silences of known lengths between them: recordings whose every sentence has a known start and end.

A prompt has silence at its edges, so where its speech begins and ends is found by the loudness of the prompt alone, which owes nothing to
the product's detector of speech.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import cycle, pairwise
from pathlib import Path

import numpy as np

from benchmarks.hearing.corpora import Prompt, Wave, read_wave, write_wave
from pisar.domain.audio import SAMPLE_RATE_HZ

FRAME = SAMPLE_RATE_HZ // 100
LOUD_DECIBELS = 35.0
"""Speech is what is at most so much softer than the loud tenth of a prompt: its softest consonants are, its silences are not."""
MIN_FRAMES = 3
"""A click of 10 or 20 ms is no speech."""
HISS = 2e-4
"""The silences' noise, -74 dB: a recording has no silence of noughts."""
PAUSES = (0.3, 2.0, 0.6, 5.0, 1.2, 0.4, 12.0, 0.8, 3.0, 1.5, 25.0, 0.5, 60.0, 0.3, 8.0, 1.0)
"""Seconds between two sentences, over and over, besides the silences within the prompts."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is said from second `start` of a recording to second `end`."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Composed:
    """A recording put together: its file, its language, what is said in it and when, and its length in seconds."""

    name: str
    language: str
    path: Path
    sentences: tuple[Sentence, ...]
    seconds: float

    @property
    def pauses(self) -> tuple[tuple[float, float], ...]:
        """The stretches between sentences, and those before the first and after the last."""
        edges = [0.0, *(edge for one in self.sentences for edge in (one.start, one.end)), self.seconds]
        return tuple(zip(edges[::2], edges[1::2], strict=True))


def edges(samples: Wave) -> tuple[float, float]:
    """Return the seconds at which speech begins and ends in a clean recording of it. Raises ValueError where all of it is silence."""
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME).astype(np.float64)
    decibels = 20 * np.log10(np.sqrt(np.mean(frames**2, axis=1)) + 1e-9)
    loud = decibels > np.percentile(decibels, 90) - LOUD_DECIBELS
    runs = [run for run in np.split(np.arange(len(loud)), np.flatnonzero(np.diff(loud)) + 1) if loud[run[0]] and len(run) >= MIN_FRAMES]
    if not runs or decibels.max() < -60:  # noqa: PLR2004 - no prompt is as soft
        raise ValueError("nobody speaks in this recording")
    return runs[0][0] * FRAME / SAMPLE_RATE_HZ, (runs[-1][-1] + 1) * FRAME / SAMPLE_RATE_HZ


def compose(name: str, prompts: Sequence[Prompt], target: Path, pauses: Iterable[float] = PAUSES) -> Composed:
    """Write the prompts one after another with silences between them, and return where each of them is spoken."""
    noise = np.random.default_rng(0)
    blocks: list[Wave] = []
    sentences: list[Sentence] = []
    at = 0
    lengths = cycle(pauses)

    def silence(seconds: float) -> None:
        nonlocal at
        blocks.append((noise.standard_normal(round(seconds * SAMPLE_RATE_HZ), np.float32) * np.float32(HISS)).astype(np.float32))
        at += len(blocks[-1])

    for prompt in prompts:
        silence(next(lengths))
        samples = read_wave(prompt.path)
        start, end = edges(samples)
        sentences.append(Sentence(prompt.text, at / SAMPLE_RATE_HZ + start, at / SAMPLE_RATE_HZ + end))
        blocks.append(samples)
        at += len(samples)
    silence(next(lengths))
    write_wave(target, np.concatenate(blocks))
    return Composed(name, prompts[0].language, target, tuple(sentences), at / SAMPLE_RATE_HZ)


def longest_silence(samples: Wave) -> float:
    """Return the seconds of the longest silence within speech, by the same measure as `edges`: 0.0 where there is none."""
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME).astype(np.float64)
    decibels = 20 * np.log10(np.sqrt(np.mean(frames**2, axis=1)) + 1e-9)
    places = np.flatnonzero(decibels > np.percentile(decibels, 90) - LOUD_DECIBELS)
    return max((int(after - before - 1) for before, after in pairwise(places)), default=0) * FRAME / SAMPLE_RATE_HZ
