"""Minutes of audio a day, counted for each payer by conditional writes.

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

from pisar.domain.bucket import USAGE
from pisar.errors import Rejected, Rejection
from pisar.ports.clock import Clock
from pisar.ports.storage import ObjectStore
from pisar.state.document import Documents

REMEMBERED_CHARGES = 1000
"""Names kept of a day's latest charges, 70 KB: a repetition comes within minutes, long before so many others."""


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
    def decode(cls, body: bytes | None) -> "_Ledger":
        """Return the day's count; an earlier version wrote seconds where the run is now."""
        if body is None:
            return cls()
        fields = json.loads(body)
        return cls(fields["seconds"], {name: run if isinstance(run, str) else "" for name, run in fields["charges"].items()})

    def has(self, name: str, run: str) -> bool:
        """Say whether the charge was made before."""
        return name in self.charges and (not run or self.charges[name] == run)


class Quotas:
    """What payers have used. A payer is any name that may stand in an object's key."""

    def __init__(self, store: ObjectStore, clock: Clock) -> None:
        self._clock = clock
        # Many jobs of one payer may be charged at once.
        self._ledgers = Documents(store, USAGE, decode=_Ledger.decode, encode=_Ledger.encode, what="the day's count", crowd=clock)

    def used_seconds(self, payer: str) -> float:
        """Return how much the payer has used today."""
        return self._ledgers.read(self._day(payer)).value.seconds

    def check(self, payer: str, minutes_per_day: float | None, *, name: str = "", run: str = "") -> None:
        """Raise Rejected(QUOTA_USED) when nothing is left of the payer's day, unless the charge of that name and run was made before.

        None is no limit.
        """
        if minutes_per_day is None:
            return
        ledger = self._ledgers.read(self._day(payer)).value
        if ledger.seconds >= 60 * minutes_per_day and not ledger.has(_own_name(payer, name), run):
            raise self._used_up(minutes_per_day)

    def charge(
        self, payer: str, name: str, seconds: float, minutes_per_day: float | None, *, run: str = "", even_if_used_up: bool = False
    ) -> None:
        """Count an audio of so many seconds under its name; `run` is the work done for it, "" for an answer from what is stored.

        Raises Rejected(QUOTA_USED) and counts nothing when nothing was left, except `even_if_used_up`.
        """
        if minutes_per_day is None:
            return
        name = _own_name(payer, name)

        def charged(ledger: _Ledger) -> _Ledger | None:
            if ledger.has(name, run):
                return None
            if ledger.seconds >= 60 * minutes_per_day and not even_if_used_up:
                raise self._used_up(minutes_per_day)
            others = {other: last for other, last in ledger.charges.items() if other != name}
            latest = dict(list(others.items())[1 - REMEMBERED_CHARGES :])
            return _Ledger(ledger.seconds + seconds, latest | {name: run})

        self._ledgers.change(self._day(payer), charged)

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


def _own_name(payer: str, name: str) -> str:
    """Return the name of a charge, which tells nobody what audio it was for: the day's count outlives what is erased."""
    return sha256(f"{payer}/{name}".encode()).hexdigest()[:32]
