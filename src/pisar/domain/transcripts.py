"""A transcript: what was said and when. Times are seconds from the start of the recording."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Self

from pisar.errors import Unreadable

MAX_REPEATS = 3
"""A phrase said this often in a row is kept; beyond it the engine is taken to be looping."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech: `start` and `end` in seconds, `text` without surrounding blanks."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """What was said in a recording of `duration` seconds. No segments means nobody spoke. `language` is "" then."""

    language: str
    duration: float
    segments: tuple[Segment, ...]

    @property
    def text(self) -> str:
        """The whole text, segments joined by blanks."""
        return " ".join(segment.text for segment in self.segments)

    def encode(self) -> bytes:
        """Return the transcript as UTF-8 JSON."""
        return json.dumps({"version": 1, **asdict(self)}, ensure_ascii=False).encode()

    @classmethod
    def decode(cls, body: bytes) -> Self:
        """Return the transcript that `encode` wrote; raise Unreadable for anything else."""
        try:
            fields = json.loads(body)
            if fields.pop("version") != 1:
                raise ValueError("unknown version")  # noqa: TRY301 - one way out for every malformed transcript
            return cls(**fields | {"segments": tuple(Segment(**segment) for segment in fields["segments"])})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Unreadable(f"not a transcript: {type(error).__name__}") from error


def without_loops(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """Return the segments less those that say the same as the `MAX_REPEATS` before them, and less empty ones.

    Whisper loops on one phrase when it has lost the audio. The structure shows it, whatever the phrase: no list of phrases.
    """
    kept: list[Segment] = []
    repeats = 0
    previous = ""
    for segment in segments:
        if not segment.text:
            continue
        said = segment.text.casefold().strip(" .,!?…")
        repeats = repeats + 1 if said == previous else 1
        previous = said
        if repeats <= MAX_REPEATS:
            kept.append(segment)
    return tuple(kept)
