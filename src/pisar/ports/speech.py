"""Audio to text: the decoder, the speech detector, the engine."""

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
    """CPU seconds that decodings of one file have used beyond the budget of their sound; the decoder adds to them."""

    cpu_seconds: float = 0.0


class Decoder(Protocol):
    """Decodes any audio or video file into samples."""

    def decode(self, audio: bytes, limits: AudioLimits, *, track: int | None = None) -> "Samples":
        """Return float32 mono samples in [-1, 1], shape (n,), at SAMPLE_RATE_HZ; the first is the file's second 0, gaps are silence.

        The samples are those of `track`, counted from 1, or of the first of `tracks` that can be decoded. Raises Rejected: NO_AUDIO_TRACK,
        NO_SUCH_TRACK, CANNOT_DECODE, UNSUPPORTED_SOUND, TOO_LONG (found without decoding the rest), TOO_BIG.
        """

    def stream(self, audio: bytes, limits: AudioLimits, *, track: int | None = None, spent: Spent | None = None) -> "Generator[Samples]":
        """Yield the same samples in blocks of half a minute, so that no more need be in memory. Raises as `decode`, TOO_LONG at the limit.

        A caller that stops early closes the iterator. Calls for several tracks of one file share a budget by `spent`: CANNOT_DECODE is
        raised once it is used up.
        """

    def tracks(self, audio: bytes) -> tuple[int, ...]:
        """Return the numbers of a file's audio tracks in the order in which to try them, the container's default first.

        Of many tracks only some are returned; of an unreadable file none. Raises Unavailable.
        """


class SpeechDetector(Protocol):
    """Finds where somebody speaks in samples."""

    def find(self, samples: "Samples") -> tuple[Span, ...]:
        """Return the spans of speech, ordered, not overlapping; empty when nobody speaks."""

    def follow(self, blocks: "Iterable[Samples]") -> Iterator[Span]:
        """Yield the same spans for a recording that comes in blocks, each span as soon as it has ended."""


class Engine(Protocol):
    """Recognises the text in samples."""

    def transcribe(
        self,
        samples: "Samples",
        options: Options,
        *,
        seams: Sequence[float] = (),
        on_progress: Callable[[float], None] | None = None,
        check: Callable[[], None] | None = None,
    ) -> Transcript:
        """Return the transcript of the samples, times relative to their start. Not thread-safe: one call at a time.

        `seams`: the seconds at which samples were joined where a pause was cut out; no segment and no word lies over one. The segments'
        `no_speech_probability` is left at 0, since the caller knows which silence it cut out. `on_progress` is called with the share of the
        samples that is done: it never falls, and is 1.0 at the end. `check` is called often, in the thread that works. Whatever either
        raises stops the work and comes out of this call.
        """
