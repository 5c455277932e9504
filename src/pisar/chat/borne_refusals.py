"""Counts how often the messenger has refused what an update asks for; the count outlives the process that handles it."""

from pisar.domain.bucket import SAID
from pisar.domain.jobs import MAX_REFUSED, job_id
from pisar.domain.messages import Incoming, Press, Update
from pisar.ports.storage import ObjectStore
from pisar.state.document import Documents


class BorneRefusals:
    """The counts, one object for each update that was refused."""

    def __init__(self, store: ObjectStore) -> None:
        self._counts = Documents(
            store, SAID, decode=int, encode=lambda count: str(count).encode(), absent=int, what="the count of an update's refusals"
        )

    def is_last(self, update: Update | None) -> bool:
        """Count a refusal of what this update asks for, and say whether no other is borne: it is the MAX_REFUSED-th. Raises Busy."""
        match update:
            case Incoming():
                name = job_id("refused", update.chat_id, update.message_id)
            case Press():
                name = job_id("refused", update.press_id)
            case _:
                return True
        changed = self._counts.change(name, lambda count: count + 1)
        return changed is None or changed[1].value >= MAX_REFUSED
