"""Builds the command line's tools for models: making a smaller model, and measuring a model."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

from pisar.adapters.ggml import level_in_use
from pisar.adapters.ggml_files import TensorType, read_header
from pisar.adapters.model_files import locate_model
from pisar.adapters.quantiser import quantise_model
from pisar.adapters.whisper_cpp import usable_cpus
from pisar.domain.audio import SAMPLE_RATE_HZ
from pisar.domain.jobs import Options
from pisar.domain.speech import Span
from pisar.speech.recognition import Heard
from pisar.wiring import settings
from pisar.wiring.cli import roomy
from pisar.wiring.environment import read

if TYPE_CHECKING:
    from pisar.ports.speech import Samples

WINDOW_SECONDS = 30
"""The window that Whisper hears at a time, however short the audio is."""


def smaller_model(
    environment: Mapping[str, str], model: str, out: Path, kind: TensorType, *, on_progress: Callable[[float], None] | None = None
) -> tuple[int, int]:
    """Write a smaller file of a model and return the sizes of both in bytes; raise Misconfigured."""
    source = located(environment, model)
    quantise_model(source, out, kind, on_progress=on_progress)
    return source.stat().st_size, out.stat().st_size


def located(environment: Mapping[str, str], model: str) -> Path:
    """Return the file of a model, given by name or path, downloaded first if need be; raise Misconfigured."""
    recognising = read({**environment, "PISAR_MODEL": model} if model else environment, settings.Recognising)
    return locate_model(recognising.model, cache=recognising.model_cache, base_url=recognising.model_url, progress=True)


@dataclass(frozen=True, slots=True)
class Measure:
    """A model's cost on this machine, in seconds and bytes. `seconds`: the recognition time of each run but the first."""

    model: Path
    made_of: str
    level: str
    threads: int
    load_seconds: float
    audio_seconds: float
    seconds: tuple[float, ...]
    peak_bytes: int
    words: int

    @property
    def real_time_factor(self) -> float:
        """Seconds of recognition for a second of audio, the median of the runs."""
        return median(self.seconds) / self.audio_seconds


def measure(
    environment: Mapping[str, str],
    model: str,
    audio: bytes | None,
    *,
    runs: int,
    on_progress: Callable[[float], None] | None = None,
) -> Measure:
    """Recognise the audio once and then `runs` times; without audio, one window of noise. Raises Misconfigured, or Rejected.

    The peak memory is this process's, so it is right only in a fresh process.
    """
    speech = roomy(environment, model)
    path = located(environment, model)
    started = perf_counter()
    recognition = speech.recognition
    load_seconds = perf_counter() - started
    heard = Heard(_noise(), (), ((Span(0, WINDOW_SECONDS),),)) if audio is None else recognition.listen(audio)
    options = speech.options if audio else Options(language="en")
    seconds, words = [], 0
    for run in range(runs + 1):
        started = perf_counter()
        words = sum(len(segment.words) for segment in recognition.recognise(heard, options).segments)
        seconds.append(perf_counter() - started)
        if on_progress:
            on_progress((run + 1) / (runs + 1))
    kind = read_header(path).made_of
    return Measure(
        model=path,
        made_of=kind.name if kind else "?",
        level=level_in_use(),
        threads=speech.settings.recognising.threads or usable_cpus(),
        load_seconds=load_seconds,
        audio_seconds=heard.duration,
        seconds=tuple(seconds[1:]),
        peak_bytes=getrusage(RUSAGE_SELF).ru_maxrss * 1024,
        words=words,
    )


def _noise() -> "Samples":
    import numpy as np  # noqa: PLC0415 - the engine brings it

    return np.random.default_rng(0).standard_normal(WINDOW_SECONDS * SAMPLE_RATE_HZ, np.float32) * np.float32(0.1)
