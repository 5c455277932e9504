"""Returns the transcript of an audio, from the cache or by one transcription, and has `state.quotas` charge the caller for it.

A recording that is asked for again on the same day (UTC) is not charged again: `pisar.state.quotas.Quotas.charge` remembers each charge
under the content id.

The order matters. The cache is looked up first; only a short recording is decoded meanwhile, which takes no longer than the look-up. The
quota is checked before the audio is decoded. It is charged once the audio's length is known and before the engine starts. The engine starts
only if no other worker transcribes the same audio. A refusal after decoding is charged as well.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from contextvars import copy_context
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

from pisar.domain.jobs import Options
from pisar.domain.speech import Plan
from pisar.domain.transcripts import Segment, Transcript
from pisar.errors import Rejected, Rejection
from pisar.ports.clock import Clock
from pisar.ports.meter import Meter
from pisar.speech.recognition import Recognition
from pisar.speech.turns import Turn
from pisar.state.engine_speed import Pace
from pisar.state.quotas import Payer, Quotas
from pisar.state.transcript_cache import Look, TranscriptCache

if TYPE_CHECKING:
    from pisar.speech.recognition import Heard

log = logging.getLogger(__name__)

LEASE_FACTOR = 4.0
LEASE_LEAST_SECONDS = 30.0
"""A lease on a cache entry lasts this long plus LEASE_FACTOR times the expected engine time, but no longer than its holder may run.

So a holder that died delays the others for little longer than the work would have taken.
"""


SHORT_BYTES = 128 * 1024
"""Half a minute of Telegram's voice messages: such a recording is decoded while its transcript is looked up in the cache."""


class TakesLongerError(Exception):
    """The engine is expected to take longer than the caller waits, so nothing was started. Only callers of `Transcripts.get` meet it."""

    def __init__(self, expected_seconds: float) -> None:
        super().__init__(expected_seconds)
        self.expected_seconds = expected_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request for a transcript. `payer` is None where no minutes are counted; `plan` is that of a long recording's part.

    `content`: the content id, under which the transcript is cached and the audio charged. `run`: the id of the job or request, the same for
    every try at it, so that it is charged once.
    """

    audio: bytes
    options: Options
    content: str
    run: str
    payer: Payer | None = None
    plan: Plan | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Callbacks on a transcription: the audio's length in seconds, the share done, each piece's segments, and the whole transcript.

    `check` is called several times a second while the engine works, and while the caller waits for others, without arguments. `on_begin`
    is called when the caller has its turn and its audio is about to be decoded. Whatever a callback raises stops the work and comes out of
    `Transcripts.get`.
    """

    on_duration: Callable[[float], None] | None = None
    on_progress: Callable[[float], None] | None = None
    on_segments: Callable[[tuple[Segment, ...]], None] | None = None
    on_transcript: Callable[[Transcript], None] = lambda _: None
    check: Callable[[], None] | None = None
    on_begin: Callable[[], None] = lambda: None


NOBODY = Watch()


class Transcripts:
    """The transcripts of every door: cached, charged and measured."""

    def __init__(
        self,
        *,
        recognition: Recognition,
        cache: TranscriptCache,
        quotas: Quotas,
        pace: Pace,
        clock: Clock,
        lease_seconds: float,
        meter: Meter | None = None,
    ) -> None:
        self._recognition = recognition
        self._cache = cache
        self._quotas = quotas
        self._pace = pace
        self._clock = clock
        self._lease_seconds = lease_seconds
        self._meter = meter

    def get(
        self,
        asked: Asked,
        *,
        patience_seconds: float,
        is_expected_within_patience: bool = False,
        max_seconds: float | None = None,
        goes_on: bool = False,
        turn: Turn | None = None,
        watch: Watch = NOBODY,
    ) -> Transcript:
        """Return the transcript. `goes_on`: a recording that is TOO_LONG is transcribed in another way then, so that refusal costs nothing.

        `turn`: whoever has one waits for it before the audio is decoded, and first for another caller that transcribes the same audio; it
        is given back at the end. Raises Rejected (the audio can't be transcribed, it is TOO_LONG for `max_seconds` or the limits, or the
        payer's quota is used up), Busy when all that waiting takes longer than `patience_seconds`, Unavailable, and, with
        `is_expected_within_patience`, TakesLongerError when the engine is expected to take longer than what is left of them.
        """
        content, check = asked.content, watch.check or _nothing
        ends = self._clock.now() + patience_seconds

        def left() -> float:
            return max(0.0, ends - self._clock.now())

        def listen() -> "Heard":
            watch.on_begin()
            self._quotas.check(asked.payer, content, run=asked.run)
            return self._recognition.listen(asked.audio, plan=asked.plan, max_seconds=max_seconds, track=asked.options.track)

        with turn or nullcontext():
            looked, listening = self._look(asked, listen, turn, left, check)
            if (found := looked.transcript) is not None:
                log.info("answered from what is stored")
                self._quotas.charge(asked.payer, content, found.duration)
                _tell(watch, found)
                return found
            try:
                heard = listening()
            except Rejected as refusal:
                if not (goes_on and refusal.code is Rejection.TOO_LONG):
                    self._quotas.charge_refused(asked.payer, content, refusal, run=asked.run)
                raise
            if watch.on_duration:
                watch.on_duration(heard.duration)
            expected = self._pace.expected_seconds(heard.speech_seconds)
            if is_expected_within_patience and expected > left():
                raise TakesLongerError(expected)  # not charged: who works on the job does, and there may be no room for one
            lease_seconds = min(self._lease_seconds, LEASE_LEAST_SECONDS + LEASE_FACTOR * expected)
            made = False

            def make() -> Transcript:
                nonlocal made
                made = True
                self._quotas.charge(asked.payer, content, heard.duration, run=asked.run)
                return self._recognise(heard, asked.options, watch)

            transcript = self._cache.obtain(
                content,
                make,
                lease_seconds=lease_seconds,
                patience_seconds=left(),
                looked=looked,
                meanwhile=watch.on_transcript,
                check=check,
            )
        if not made:
            self._quotas.charge(asked.payer, content, transcript.duration)
            _tell(watch, transcript)
        return transcript

    def _look(
        self, asked: Asked, listen: "Callable[[], Heard]", turn: Turn | None, left: Callable[[], float], check: Callable[[], None]
    ) -> "tuple[Look, Callable[[], Heard]]":
        """Return the cache's entry, and what gives the decoded audio; whoever needs a turn has it then, unless a transcript is there."""
        with ThreadPoolExecutor() as threads:
            at_once = len(asked.audio) <= SHORT_BYTES and (turn is None or turn.take_if_free())
            listening = threads.submit(copy_context().run, listen) if at_once else None
            looked = self._cache.look(asked.content)
        if listening is not None or turn is None or looked.transcript is not None:
            return looked, listening.result if listening is not None else listen
        self._quotas.check(asked.payer, asked.content, run=asked.run)
        looked = self._cache.wait_for_other(asked.content, looked, patience_seconds=left(), check=check)
        if looked.transcript is None:
            turn.take(patience_seconds=left(), check=check)
        return looked, listen

    def _recognise(self, heard: "Heard", options: Options, watch: Watch) -> Transcript:
        started = perf_counter()
        transcript = self._recognition.recognise(
            heard, options, on_progress=watch.on_progress, on_segments=watch.on_segments, check=watch.check
        )
        if heard.speech_seconds > 0:
            engine_seconds = perf_counter() - started
            self._pace.note(engine_seconds=engine_seconds, speech_seconds=heard.speech_seconds)
            if self._meter:
                self._meter.recognised(engine_seconds=engine_seconds, audio_seconds=heard.duration)
        return transcript


def _tell(watch: Watch, transcript: Transcript) -> None:
    """Call the watch's callbacks for a transcript that was made for another caller."""
    if watch.on_duration:
        watch.on_duration(transcript.duration)
    if watch.on_segments and transcript.segments:
        watch.on_segments(transcript.segments)
    if watch.on_progress:
        watch.on_progress(1.0)
    watch.on_transcript(transcript)


def _nothing() -> None:
    """Do nothing, for who checks nothing."""
