"""A transcript: what was said and when. Times are seconds from the start of the recording."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self, TypeVar

from pisar.domain.known_fields import known_fields
from pisar.errors import Unreadable

MAX_REPEATS = 3
"""How many repetitions of a phrase in a row are kept; beyond them the engine is taken to be looping."""

MIN_LOOP_TOKENS = 24
"""The shortest loop within a segment, in tokens: people do say "no, no, no, no, no, no"."""

MAX_PHRASE_TOKENS = 40
"""The longest phrase, in tokens, that is looked for within a segment; a window of 30 s has room for five of them."""

Task = Literal["transcribe", "translate"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Word:
    """A stretch of a segment's text without blanks in it: `start` and `end` in seconds.

    In a language that is written without blanks a word is long: up to the next punctuation that has a blank, or the whole segment.
    """

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech: `start` and `end` in seconds, `text` without surrounding blanks.

    `words` are in order, do not overlap and lie within the segment; there are none where their times are not known. `tokens`: the engine's
    tokens of the text. `average_log_probability`: the mean of the natural logarithms of their probabilities. `temperature`: the one that
    was asked for; whisper.cpp raises it by itself for a stretch it is unsure of, and its binding does not report that.
    `no_speech_probability`: the share of the segment's time in which the speech detector heard nobody, since the binding does not report
    the engine's own value.
    """

    start: float
    end: float
    text: str
    words: tuple[Word, ...] = ()
    tokens: tuple[int, ...] = ()
    average_log_probability: float = 0.0
    temperature: float = 0.0
    no_speech_probability: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """What was said in a recording of `duration` seconds. No segments means that nobody spoke; `language` is "" then.

    `language`: the spoken one, as a code. `task` "translate": the text is in English, whatever the language.
    """

    language: str
    duration: float
    segments: tuple[Segment, ...]
    task: Task = "transcribe"

    @property
    def text(self) -> str:
        """The whole text, segments joined by blanks; one that a client took away is empty."""
        return " ".join(segment.text for segment in self.segments if segment.text)

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
            return cls(**known_fields(cls, fields) | {"segments": tuple(map(_segment, fields["segments"]))})
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise Unreadable(f"not a transcript: {type(error).__name__}") from error


def _segment(fields: dict[str, Any]) -> Segment:
    """Return a segment; one that was stored before there were words and tokens has none."""
    words = tuple(Word(**known_fields(Word, word)) for word in fields.get("words", ()))
    return Segment(**known_fields(Segment, fields) | {"words": words, "tokens": tuple(fields.get("tokens", ()))})


def without_loops(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """Return the segments without empty ones and without repetitions beyond `MAX_REPEATS` in a row.

    Whisper repeats one phrase when it has lost the audio. The structure shows that, whatever the phrase, so there is no list of phrases.
    The result of an earlier call may stand for all segments before: later ones do not change which of them were kept.
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


def without_repeats(tokens: Sequence[T], *, key: Callable[[T], object] = lambda token: token) -> tuple[T, ...]:
    """Return a segment's tokens without what a loop within it says beyond `MAX_REPEATS` times.

    A loop is a phrase of at most `MAX_PHRASE_TOKENS`, equal by `key`, repeated more than `MAX_REPEATS` times in a row over
    `MIN_LOOP_TOKENS` or more. A repetition that has only begun at the segment's end is part of the loop.
    """
    names = [key(token) for token in tokens]
    kept: list[T] = []
    at = 0
    while at < len(tokens):
        phrase, end = next(_loops(names, at), (0, at))
        kept += tokens[at : at + MAX_REPEATS * phrase] if phrase else [tokens[at]]
        at = end if phrase else at + 1
    return tuple(kept)


def _loops(names: Sequence[object], start: int) -> Iterator[tuple[int, int]]:
    """Yield the loops that begin at `start`, as the length of the phrase and where they end; the shortest phrase first."""
    for phrase in range(1, min(MAX_PHRASE_TOKENS, (len(names) - start) // (MAX_REPEATS + 1)) + 1):
        end = start + phrase
        while end < len(names) and names[end] == names[end - phrase]:
            end += 1
        if end - start >= max(MIN_LOOP_TOKENS, (MAX_REPEATS + 1) * phrase):
            yield phrase, end if end == len(names) else end - (end - start) % phrase
