"""Counts each payer's minutes of audio a day; a recording that is asked for again, or tried again after a crash, is charged once.

A charge is named by the audio (its content id) and by the run, that is the job or request that has it transcribed. `Quotas.charge` counts
nothing where the day's ledger has that charge already: a cache hit is charged once for each audio, and a run once however often it is tried
again. A second run of the same audio is charged again; there is one only where the text was erased or not kept.

The ledger is one object for each payer and day (UTC), changed by conditional writes. An audio is charged while any minutes are left, so a
day is overshot by at most the audio that used them up. A recording that is refused after ffmpeg has looked into it costs REFUSED_SECONDS,
even if no minutes are left. `Payers` says who pays for a job.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from pisar.domain.answer_to import Order, Reply
from pisar.domain.bucket import USAGE
from pisar.domain.jobs import Job
from pisar.errors import Rejected, Rejection
from pisar.ports.clock import Clock
from pisar.ports.storage import ObjectStore
from pisar.state.api_keys import Keys
from pisar.state.document import Documents

REMEMBERED_CHARGES = 1000
"""How many of a day's latest charges are remembered, 70 KB: a repetition comes within minutes, long before so many others."""

REFUSED_SECONDS = 60.0
"""What a file costs that is refused after ffmpeg has looked into it.

That may take half a minute of a core, as long as the engine needs for a minute of speech with a model of middle size.
"""

COSTS_NOTHING = frozenset(
    {Rejection.QUOTA_USED, Rejection.NOT_ALLOWED, Rejection.FILE_UNAVAILABLE, Rejection.BAD_OPTION, Rejection.QUEUE_FULL}
)
"""Refusals of files that nobody had to decode: they cost nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Who pays for an audio, and the payer's minutes a day; None is any number."""

    name: str
    minutes_per_day: float | None


@dataclass(frozen=True, slots=True)
class _Ledger:
    seconds: float = 0.0
    charges: Mapping[str, str] = field(default_factory=dict)
    """The run that each name was charged for last, by name; "" for a cache hit."""

    def encode(self) -> bytes:
        return json.dumps({"version": 1, "seconds": round(self.seconds, 3), "charges": dict(self.charges)}).encode()

    @classmethod
    def decode(cls, body: bytes) -> "_Ledger":
        """Return the ledger that `encode` wrote; an earlier version wrote seconds in place of the run."""
        fields = json.loads(body)
        return cls(fields["seconds"], {name: run if isinstance(run, str) else "" for name, run in fields["charges"].items()})

    def has(self, name: str, run: str) -> bool:
        """Say whether the charge was made before."""
        return name in self.charges and (not run or self.charges[name] == run)


class Quotas:
    """The minutes that payers have used. A payer that is None, or has no limit, is never charged.

    A payer's name becomes part of an object's key, so it must be safe there.
    """

    def __init__(self, store: ObjectStore, clock: Clock) -> None:
        self._clock = clock
        # Many jobs of one payer may be charged at once.
        self._ledgers = Documents(
            store, USAGE, decode=_Ledger.decode, encode=_Ledger.encode, absent=_Ledger, what="the day's count", crowd=clock
        )

    def used_seconds(self, payer: str) -> float:
        """Return the seconds of audio that the payer has been charged today."""
        return self._ledgers.read(self._day(payer)).value.seconds

    def minutes_left(self, payer: Payer) -> float | None:
        """Return how many minutes of today the payer has not used, None for a payer who may use any number."""
        if payer.minutes_per_day is None:
            return None
        return max(0.0, payer.minutes_per_day - self.used_seconds(payer.name) / 60)

    def resets_at(self) -> float:
        """Return when the next day begins (UTC), in Unix seconds."""
        return self._midnight().timestamp()

    def check(self, payer: Payer | None, name: str = "", *, run: str = "") -> None:
        """Raise Rejected(QUOTA_USED) when the payer has no minutes left today, unless this name and run were charged before."""
        if payer is None or payer.minutes_per_day is None:
            return
        ledger = self._ledgers.read(self._day(payer.name)).value
        if ledger.seconds >= 60 * payer.minutes_per_day and not ledger.has(_own_name(payer.name, name), run):
            raise self._used_up(payer.minutes_per_day)

    def charge(self, payer: Payer | None, name: str, seconds: float, *, run: str = "", even_if_used_up: bool = False) -> None:
        """Charge an audio of so many seconds under its name, unless that charge was made before.

        `run`: the job or request that has the audio transcribed, "" for a cache hit.

        Raises Rejected(QUOTA_USED) and charges nothing when no minutes were left, except with `even_if_used_up`.
        """
        if payer is None or payer.minutes_per_day is None:
            return
        name, minutes_per_day = _own_name(payer.name, name), payer.minutes_per_day

        def charged(ledger: _Ledger) -> _Ledger | None:
            if ledger.has(name, run):
                return None
            if ledger.seconds >= 60 * minutes_per_day and not even_if_used_up:
                raise self._used_up(minutes_per_day)
            others = {other: last for other, last in ledger.charges.items() if other != name}
            latest = dict(list(others.items())[1 - REMEMBERED_CHARGES :])
            return _Ledger(ledger.seconds + seconds, latest | {name: run})

        self._ledgers.change(self._day(payer.name), charged)

    def charge_refused(self, payer: Payer | None, name: str, refusal: Rejected, *, run: str) -> None:
        """Charge REFUSED_SECONDS for an audio that was refused after it was looked into; nothing for a refusal among COSTS_NOTHING."""
        if refusal.code not in COSTS_NOTHING:
            self.charge(payer, name, REFUSED_SECONDS, run=run, even_if_used_up=True)

    def _day(self, payer: str) -> str:
        return f"{payer}/{self._today():%Y-%m-%d}"

    def _today(self) -> datetime:
        return datetime.fromtimestamp(self._clock.now(), UTC)

    def _midnight(self) -> datetime:
        return (self._today() + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)

    def _used_up(self, minutes_per_day: float) -> Rejected:
        midnight = self._midnight()
        resets_in = math.ceil((midnight - self._today()).total_seconds())
        details: dict[str, str | int | float] = {
            "limit_minutes": int(minutes_per_day) if minutes_per_day == int(minutes_per_day) else minutes_per_day,
            "resets_at": f"{midnight:%H:%M}",
            "resets_in_seconds": resets_in,
        }
        return Rejected(Rejection.QUOTA_USED, details)


class Payers:
    """Says who pays for a job. `minutes_per_day`: what each person in a chat may use, None for any amount."""

    def __init__(self, keys: Keys, *, minutes_per_day: float | None) -> None:
        self._keys = keys
        self._minutes_per_day = minutes_per_day

    def of(self, job: Job) -> Payer | None:
        """Return the job's payer, None for parts and dropped files. Raises Rejected(NOT_ALLOWED) for a revoked key."""
        if isinstance(job.answer_to, Reply):
            return Payer(name=job.answer_to.owner, minutes_per_day=self._minutes_per_day)
        if not isinstance(job.answer_to, Order):
            return None
        client = self._keys.holder(job.answer_to.client)
        if client is None:
            raise Rejected(Rejection.NOT_ALLOWED, {"id": "A revoked key"})
        return Payer(name=client.key_hash, minutes_per_day=client.minutes_per_day)


def _own_name(payer: str, name: str) -> str:
    """Return the hash under which a charge is stored: the ledger outlives erased recordings, so it must not tell which audio it was."""
    return sha256(f"{payer}/{name}".encode()).hexdigest()[:32]
