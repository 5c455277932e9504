"""Stores who came to the bot without being let in: one object a day, changed by conditional writes, erased by age."""

import logging
from datetime import UTC, datetime

from pisar.domain.bucket import KNOCKS
from pisar.domain.knocks import Knock, Knocks
from pisar.errors import Unreadable
from pisar.ports.clock import Clock
from pisar.ports.storage import ObjectStore
from pisar.state.document import Documents

log = logging.getLogger(__name__)

DAY_SECONDS = 86_400


class KnockBook:
    """The knocks of each day (UTC). An object that can't be parsed counts as absent."""

    def __init__(self, store: ObjectStore, clock: Clock) -> None:
        self._clock = clock
        self._days = Documents(store, KNOCKS, decode=_knocks, encode=Knocks.encode, absent=Knocks, what="the day's knocks")

    def today(self) -> str:
        """Return the name of the day, as in 20261129."""
        return self._day(self._clock.now())

    def read(self, day: str) -> Knocks:
        """Return the knocks of a day."""
        return self._days.read(day).value

    def note(self, day: str, knock: Knock) -> Knocks:
        """Add a knock to the day's; return all of them. Raises Busy when other writers keep changing them."""
        written = self._days.change(day, lambda now: None if (after := now.add(knock)) == now else after)
        return self.read(day) if written is None else written[1].value

    def move(self, day: str, old_id: int, new_id: int) -> Knocks | None:
        """Put a group's new id in the place of its old one; return the day's knocks, None if it is not among them. Raises Busy."""
        written = self._days.change(day, lambda now: now.move(old_id, new_id) if now.find(old_id) else None)
        return None if written is None else written[1].value

    def claim(self, day: str, owner: int) -> Knocks | None:
        """Return the day's knocks if the caller is to send an owner the day's message: it is the first to ask. Raises Busy."""
        written = self._days.change(day, lambda now: None if owner in now.told else now.tell(owner, 0))
        return None if written is None else written[1].value

    def tell(self, day: str, owner: int, message_id: int | None) -> Knocks:
        """Note the message in which an owner is told of the day's knocks, or with None that nothing was sent; return them. Raises Busy."""
        written = self._days.change(day, lambda now: now.tell(owner, message_id))
        return self.read(day) if written is None else written[1].value

    def latest(self, one: int) -> Knock | None:
        """Return the last knock of an id since yesterday, None if it has not knocked since."""
        now = self._clock.now()
        found = (self.read(self._day(now - ago)).find(one) for ago in (0, DAY_SECONDS))
        return next((knock for knock in found if knock), None)

    @staticmethod
    def _day(moment: float) -> str:
        return datetime.fromtimestamp(moment, UTC).strftime("%Y%m%d")


def _knocks(body: bytes) -> Knocks:
    try:
        return Knocks.decode(body)
    except Unreadable:
        log.warning("an object nobody can read", extra={"kind": Knocks.__name__})
        return Knocks()
