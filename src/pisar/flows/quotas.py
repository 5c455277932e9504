"""Minutes of audio a day, counted for each payer by conditional writes.

The ledger is one object for each payer and day (UTC). A charge is allowed while anything is left, so a day is overshot by at most
the one audio that used it up. A charge has a name, and one that was made before is not made again: what is repeated after a crash,
or asked for twice, is paid once.
"""

import json
import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pisar.errors import Busy, Conflict, Missing, Rejected, Rejection
from pisar.ports import Clock, ObjectStore

PREFIX = "usage/"
REMEMBERED_CHARGES = 1000
"""Names kept of a day's latest charges, 35 KB: a repetition comes within minutes, long before so many others."""

MAX_TRIES = 50
PAUSE_SECONDS = 0.05
"""Between lost races, with jitter: each loss means that another charge of the same payer went through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Whose minutes an audio costs, and how many a day there are; None is any number."""

    name: str
    minutes_per_day: float | None


def chat_payer(one: int) -> str:
    """Return the name under which the minutes of a person, or of who writes in a group's name, are counted."""
    return f"person{one}"


@dataclass(frozen=True, slots=True)
class _Ledger:
    seconds: float = 0.0
    charges: Mapping[str, float] = field(default_factory=dict)

    def encode(self) -> bytes:
        return json.dumps({"version": 1, "seconds": round(self.seconds, 3), "charges": dict(self.charges)}).encode()


class Quotas:
    """What payers have used. A payer is any name that may stand in an object's key."""

    def __init__(self, store: ObjectStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def used_seconds(self, payer: str) -> float:
        """Return how much the payer has used today."""
        return self._read(self._key(payer))[0].seconds

    def check(self, payer: str, minutes_per_day: float | None) -> None:
        """Raise Rejected(QUOTA_USED) when nothing is left of the payer's day; None is no limit."""
        if minutes_per_day is not None and self.used_seconds(payer) >= 60 * minutes_per_day:
            raise self._used_up(minutes_per_day)

    def charge(self, payer: str, name: str, seconds: float, minutes_per_day: float | None) -> None:
        """Count an audio of so many seconds under its name. Raises Rejected(QUOTA_USED) and counts nothing when nothing was left."""
        if minutes_per_day is None:
            return
        key = self._key(payer)
        for _ in range(MAX_TRIES):
            ledger, etag = self._read(key)
            if name in ledger.charges:
                return
            if ledger.seconds >= 60 * minutes_per_day:
                raise self._used_up(minutes_per_day)
            latest = dict(list(ledger.charges.items())[1 - REMEMBERED_CHARGES :])
            charged = _Ledger(ledger.seconds + seconds, latest | {name: round(seconds, 3)})
            try:
                self._store.put(key, charged.encode(), if_absent=etag is None, if_match=etag)
            except Conflict:
                self._clock.sleep(PAUSE_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
                continue
            return
        raise Busy("the day's count keeps changing")

    def _key(self, payer: str) -> str:
        return f"{PREFIX}{payer}/{self._today():%Y-%m-%d}.json"

    def _today(self) -> datetime:
        return datetime.fromtimestamp(self._clock.now(), UTC)

    def _read(self, key: str) -> tuple[_Ledger, str | None]:
        try:
            found = self._store.get(key)
        except Missing:
            return _Ledger(), None
        fields = json.loads(found.body)
        return _Ledger(fields["seconds"], fields["charges"]), found.etag

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
