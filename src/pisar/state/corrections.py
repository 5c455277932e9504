"""Keeps what clients correct in the texts of their jobs, beside the texts, which stay as they were heard."""

from collections.abc import Callable

from pisar.domain.bucket import CORRECTIONS
from pisar.domain.corrections import NONE, Corrections
from pisar.ports.storage import ObjectStore
from pisar.state.document import Documents


class KeptCorrections:
    """The corrections of clients' texts, by job."""

    def __init__(self, store: ObjectStore) -> None:
        self._kept = Documents(
            store, CORRECTIONS, decode=Corrections.decode, encode=Corrections.encode, absent=lambda: NONE, what="the text's corrections"
        )

    def of(self, job_id: str) -> Corrections:
        """Return a text's corrections."""
        return self._kept.read(job_id).value

    def change(self, job_id: str, changed: Callable[[Corrections], Corrections]) -> Corrections:
        """Change a text's corrections and return them; of two changes at once both take effect. Raises what `changed` raises, and Busy."""

        def decide(before: Corrections) -> Corrections | None:
            after = changed(before)
            return None if after == before else after

        written = self._kept.change(job_id, decide)
        return written[1].value if written else self.of(job_id)


def forget_corrections(store: ObjectStore, job_id: str) -> None:
    """Erase a text's corrections. Idempotent."""
    store.delete(f"{CORRECTIONS}{job_id}.json")
