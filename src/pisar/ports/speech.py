"""Audio to text: the decoder, the detector of speech, the engine."""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from pisar.domain.audio import AudioLimits
from pisar.domain.jobs import Options
from pisar.domain.speech import Span
from pisar.domain.transcripts import Transcript

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples: TypeAlias = NDArray[np.float32]


@dataclass(slots=True)
class Spent:
    """What decodings of one file have used of a core, in seconds, beyond what their sound is worth: the decoder adds to it."""

    cpu_seconds: float = 0.0


class Decoder(Protocol):
    """Any audio or video file → samples."""

    def decode(self, audio: bytes, limits: AudioLimits, *, track: int | None = None) -> "Samples":
        """Return float32 mono samples in [-1, 1], shape (n,), at SAMPLE_RATE_HZ; the first is the file's second 0, gaps are silence.

        They are those of a track, counted from 1, or of the first of `tracks` that can be decoded. Raises Rejected: NO_AUDIO_TRACK,
        NO_SUCH_TRACK, CANNOT_DECODE, UNSUPPORTED_SOUND, TOO_LONG (found without decoding the rest), TOO_BIG.
        """

    def stream(self, audio: bytes, limits: AudioLimits, *, track: int | None = None, spent: Spent | None = None) -> "Generator[Samples]":
        """Yield the same samples in blocks of half a minute, so that no more need be held; raises as `decode`, TOO_LONG at the limit.

        Whoever stops early closes the iterator. Calls for the tracks of one file share a budget by `spent`: CANNOT_DECODE once it is
        used up.
        """

    def tracks(self, audio: bytes) -> tuple[int, ...]:
        """Return the numbers of a file's audio tracks in the order in which to try them, the container's default first.

        A few of them where there are many; none of a file that can't be read. Raises Unavailable.
        """


class SpeechDetector(Protocol):
    """Samples → where somebody speaks."""

    def find(self, samples: "Samples") -> tuple[Span, ...]:
        """Return the spans of speech, ordered, not overlapping; empty when nobody speaks."""

    def follow(self, blocks: "Iterable[Samples]") -> Iterator[Span]:
        """Yield the same spans of a recording that comes in blocks, each as soon as it has ended."""


class Engine(Protocol):
    """Samples → text."""

    def transcribe(
        self,
        samples: "Samples",
        options: Options,
        *,
        seams: Sequence[float] = (),
        on_progress: Callable[[float], None] | None = None,
        check: Callable[[], None] | None = None,
    ) -> Transcript:
        """Return what is said in the samples, times relative to their start. One call at a time; not for two threads at once.

        `seams`: the seconds at which samples were joined where a pause was cut out; no segment and no word lies over one.
        The segments' `no_speech_probability` is left at 0: who cut the samples knows what silence there was.
        `on_progress` is told the share of the samples that is done, never less than before and 1.0 at the end. `check` is called often,
        in the thread that works. What either raises stops the work and comes out of this call.
        """
