"""Minutes of audio a day, counted for each payer by conditional writes, and who pays for which job.

The ledger is one object for each payer and day (UTC). A charge is allowed while anything is left, so a day is overshot by at most
the one audio that used it up. A charge has a name, that of the audio, and says which run of the work it is for. An answer from what is
stored is paid once for each name, and so is one run, however often it is begun after a crash; another run of the same audio, whose text
was erased or not kept, is paid again. What was refused once somebody had looked into it is paid too, and then whatever is left.
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
"""Names kept of a day's latest charges, 70 KB: a repetition comes within minutes, long before so many others."""

REFUSED_SECONDS = 60.0
"""What a file costs of a quota that is refused once ffmpeg has looked into it, which may take half a minute of a core, as long as a minute
of speech takes with a model of middle size."""

COSTS_NOTHING = frozenset(
    {Rejection.QUOTA_USED, Rejection.NOT_ALLOWED, Rejection.FILE_UNAVAILABLE, Rejection.BAD_OPTION, Rejection.QUEUE_FULL}
)
"""Refusals of what nobody had to look into."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Whose minutes an audio costs, and how many a day there are; None is any number."""

    name: str
    minutes_per_day: float | None


@dataclass(frozen=True, slots=True)
class _Ledger:
    seconds: float = 0.0
    charges: Mapping[str, str] = field(default_factory=dict)
    """Names, and the run that each was charged for last; "" for answers from what is stored."""

    def encode(self) -> bytes:
        return json.dumps({"version": 1, "seconds": round(self.seconds, 3), "charges": dict(self.charges)}).encode()

    @classmethod
    def decode(cls, body: bytes) -> "_Ledger":
        """Return the day's count; an earlier version wrote seconds where the run is now."""
        fields = json.loads(body)
        return cls(fields["seconds"], {name: run if isinstance(run, str) else "" for name, run in fields["charges"].items()})

    def has(self, name: str, run: str) -> bool:
        """Say whether the charge was made before."""
        return name in self.charges and (not run or self.charges[name] == run)


class Quotas:
    """What payers have used. A payer's name may stand in an object's key; one who is None, or has no limit, pays nothing."""

    def __init__(self, store: ObjectStore, clock: Clock) -> None:
        self._clock = clock
        # Many jobs of one payer may be charged at once.
        self._ledgers = Documents(
            store, USAGE, decode=_Ledger.decode, encode=_Ledger.encode, absent=_Ledger, what="the day's count", crowd=clock
        )

    def used_seconds(self, payer: str) -> float:
        """Return how much the payer has used today."""
        return self._ledgers.read(self._day(payer)).value.seconds

    def check(self, payer: Payer | None, name: str = "", *, run: str = "") -> None:
        """Raise Rejected(QUOTA_USED) when nothing is left of the payer's day, unless the charge of that name and run was made before."""
        if payer is None or payer.minutes_per_day is None:
            return
        ledger = self._ledgers.read(self._day(payer.name)).value
        if ledger.seconds >= 60 * payer.minutes_per_day and not ledger.has(_own_name(payer.name, name), run):
            raise self._used_up(payer.minutes_per_day)

    def charge(self, payer: Payer | None, name: str, seconds: float, *, run: str = "", even_if_used_up: bool = False) -> None:
        """Count an audio of so many seconds under its name; `run` is the work done for it, "" for an answer from what is stored.

        Raises Rejected(QUOTA_USED) and counts nothing when nothing was left, except `even_if_used_up`.
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
        """Count an audio that was refused after somebody had looked into it."""
        if refusal.code not in COSTS_NOTHING:
            self.charge(payer, name, REFUSED_SECONDS, run=run, even_if_used_up=True)

    def _day(self, payer: str) -> str:
        return f"{payer}/{self._today():%Y-%m-%d}"

    def _today(self) -> datetime:
        return datetime.fromtimestamp(self._clock.now(), UTC)

    def _used_up(self, minutes_per_day: float) -> Rejected:
        now = self._today()
        midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        resets_in = math.ceil((midnight - now).total_seconds())
        details: dict[str, str | int | float] = {
            "limit_minutes": f"{minutes_per_day:g}",
            "resets_at": f"{midnight:%H:%M}",
            "resets_in_seconds": resets_in,
        }
        return Rejected(Rejection.QUOTA_USED, details)


class Payers:
    """Who pays for jobs. `minutes_per_day`: what a person in a chat may use."""

    def __init__(self, keys: Keys, *, minutes_per_day: float | None) -> None:
        self._keys = keys
        self._minutes_per_day = minutes_per_day

    def of(self, job: Job) -> Payer | None:
        """Return who pays for the job, None for parts and dropped files. Raises Rejected(NOT_ALLOWED) for a revoked key."""
        if isinstance(job.answer_to, Reply):
            return Payer(name=job.answer_to.owner, minutes_per_day=self._minutes_per_day)
        if not isinstance(job.answer_to, Order):
            return None
        client = self._keys.holder(job.answer_to.client)
        if client is None:
            raise Rejected(Rejection.NOT_ALLOWED, {"id": "A revoked key"})
        return Payer(name=client.key_hash, minutes_per_day=client.minutes_per_day)


def _own_name(payer: str, name: str) -> str:
    """Return the name of a charge, which tells nobody what audio it was for: the day's count outlives what is erased."""
    return sha256(f"{payer}/{name}".encode()).hexdigest()[:32]
