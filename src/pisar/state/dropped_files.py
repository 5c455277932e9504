"""Keeps of each dropped file which version was taken in last, so that a version that comes back after another is transcribed anew.

An object under `dropped/`, named by the hash of the file's key. It counts the runs: a run is one stay of one version under that key.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from hashlib import sha256

from pisar.domain.bucket import DROPPED
from pisar.domain.known_fields import known_fields
from pisar.domain.strict_json import parse_json
from pisar.ports.storage import ObjectStore
from pisar.state.document import Documents


@dataclass(frozen=True, slots=True)
class Run:
    """The run that is on: a digest of the file's content and options, the run's number, from 1, and its job's id; number 0 is none yet."""

    digest: str = ""
    number: int = 0
    job_id: str = ""

    def encode(self) -> bytes:
        """Return the run as UTF-8 JSON."""
        return json.dumps(asdict(self)).encode()


class DroppedFiles:
    """The runs of dropped files. An object that can't be parsed counts as absent."""

    def __init__(self, store: ObjectStore) -> None:
        self._runs = Documents(store, DROPPED, decode=_run, encode=Run.encode, absent=Run, what="the dropped file")

    def change(self, key: str, decide: Callable[[Run], Run | None]) -> None:
        """Write the run that `decide` makes of the last one; None leaves it as it is. `decide` is called again after each lost race.

        `decide` looks at the file itself: so a look from before a newer version came never overrules a look from after. Raises what
        `decide` raises, and Busy when other writers keep changing the run.
        """
        self._runs.change(sha256(key.encode()).hexdigest()[:32], decide)


def _run(body: bytes) -> Run:
    try:
        return Run(**known_fields(Run, parse_json(body)))
    except (ValueError, TypeError):
        return Run()
