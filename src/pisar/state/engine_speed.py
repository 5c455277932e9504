"""Measures how fast this deployment transcribes, and computes from that how long a waiting job is expected to take.

The measure is one small object: decayed sums of engine seconds, seconds of speech and jobs. If a write is lost, or two workers overwrite
each other, only an estimate changes; so every failure here is logged and ignored.
"""

import json
import logging
from dataclasses import asdict, dataclass

from pisar.domain.bucket import MEASURED
from pisar.domain.strict_json import parse_json
from pisar.errors import Missing, PisarError
from pisar.ports.clock import Clock
from pisar.ports.storage import ObjectStore

log = logging.getLogger(__name__)

KEY = f"{MEASURED}pace.json"
DECAY = 0.95
"""Factor by which each new job shrinks the older sums: about the last twenty jobs count."""

WRITE_EVERY_SECONDS = 30.0
DEFAULT_ENGINE_SECONDS = 0.6
"""Engine seconds for a second of speech before any measurement; the default limits are computed from it."""

DEFAULT_SPEECH_SECONDS = 20.0
"""Seconds of speech in a job before any measurement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Sums over the last jobs, in which older jobs count less."""

    engine_seconds: float = 0.0
    speech_seconds: float = 0.0
    jobs: float = 0.0

    @property
    def engine_seconds_per_speech_second(self) -> float:
        """The engine's real-time factor on speech."""
        return self.engine_seconds / self.speech_seconds if self.speech_seconds > 0 else DEFAULT_ENGINE_SECONDS

    @property
    def seconds_per_job(self) -> float:
        """Expected engine seconds for a job of unknown length."""
        return self.engine_seconds / self.jobs if self.jobs > 0 else DEFAULT_ENGINE_SECONDS * DEFAULT_SPEECH_SECONDS


class Pace:
    """The measured speed, which is read from the store at most every `WRITE_EVERY_SECONDS`."""

    def __init__(self, store: ObjectStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._measured = Measured()
        self._read_at: float | None = None
        self._written_at: float | None = None

    def expected_seconds(self, speech_seconds: float) -> float:
        """Return the engine seconds that are expected for so many seconds of speech."""
        return self._current().engine_seconds_per_speech_second * speech_seconds

    def speed(self) -> float:
        """Return how many seconds of speech the engine transcribes in a second."""
        return 1 / self._current().engine_seconds_per_speech_second

    def real_time_factor(self) -> float | None:
        """Return the measured engine seconds for a second of speech, None before any measurement."""
        measured = self._current()
        return measured.engine_seconds_per_speech_second if measured.speech_seconds > 0 else None

    def expected_wait_seconds(self, jobs_before: int) -> float:
        """Return the seconds in which one worker is expected to finish that many jobs and the one after them."""
        return (jobs_before + 1) * self._current().seconds_per_job

    def note(self, *, engine_seconds: float, speech_seconds: float) -> None:
        """Add a finished job to the measure."""
        old = self._current()
        self._measured = Measured(
            engine_seconds=DECAY * old.engine_seconds + engine_seconds,
            speech_seconds=DECAY * old.speech_seconds + speech_seconds,
            jobs=DECAY * old.jobs + 1,
        )
        now = self._clock.now()
        if self._written_at is None or now - self._written_at >= WRITE_EVERY_SECONDS:
            self._written_at = now
            try:
                self._store.put(KEY, json.dumps(asdict(self._measured)).encode())
            except PisarError as error:
                log.info("pace not kept", extra={"why": type(error).__name__})

    def _current(self) -> Measured:
        # Who measures goes on from its own sums; who only asks looks again from time to time.
        now = self._clock.now()
        if self._written_at is None and (self._read_at is None or now - self._read_at >= WRITE_EVERY_SECONDS):
            self._read_at = now
            try:
                self._measured = Measured(**parse_json(self._store.get(KEY).body))
            except Missing:
                pass
            except (PisarError, ValueError, TypeError) as error:
                log.info("pace not read", extra={"why": type(error).__name__})
        return self._measured
