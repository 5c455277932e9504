"""The product over its twins, in a store that takes no key and no body that a real one would not."""

from typing import Any

from pisar.domain.audio import AudioLimits
from pisar.domain.jobs import State
from pisar.errors import Rejected, Rejection
from tests.support.twins import MemoryObjectStore
from tests.unit.api.test_client_jobs import Api
from tests.unit.world import Ear

MAX_KEY_BYTES = 1024
"""S3's limit (Amazon S3 User Guide, "Naming Amazon S3 objects")."""

FOR_A_WHILE = ("audio/", "line/", "incoming/", "parts/", "awaited/")
"""What nothing may be left of once all jobs are done."""


class StrictStore(MemoryObjectStore):
    """Refuses what S3 refuses, as a fault of ours."""

    def put(self, key: str, body: bytes, *, if_absent: bool = False, if_match: str | None = None) -> str:
        _check(key)
        return super().put(key, body, if_absent=if_absent, if_match=if_match)

    def get(self, key: str) -> Any:
        _check(key)
        return super().get(key)

    def delete(self, key: str) -> None:
        _check(key)
        super().delete(key)


def _check(key: str) -> None:
    if not 0 < len(key.encode()) <= MAX_KEY_BYTES:
        raise AssertionError(f"no store takes the key {key[:80]!r}")


class CarefulEar(Ear):
    """Refuses what is no text, as a decoder refuses what is no audio."""

    def decode(self, audio: bytes, limits: AudioLimits, *, track: int | None = None) -> Any:
        try:
            return super().decode(audio, limits, track=track)
        except UnicodeDecodeError as error:
            raise Rejected(Rejection.CANNOT_DECODE) from error


def new_world(**how: Any) -> Api:
    """Return a product of its own, that nothing has happened to."""
    return Api(store=StrictStore(), ear=CarefulEar(), **how)


def look_over(world: Api) -> None:
    """Work off what waits; raise AssertionError if anything is left of what must not be."""
    world.clock.advance(3700)  # leases run out, and forms expire
    world.queue.bring_back()
    world.work_off()
    unfinished = [
        job.id for key in world.stored("jobs/") if (job := world.records.find(key[5:-5]).job).state not in (State.FINISHED, State.AWAITED)
    ]
    left = [key for prefix in FOR_A_WHILE for key in world.stored(prefix) if prefix != "awaited/"]
    if unfinished or left:
        raise AssertionError(f"left behind: jobs {unfinished[:5]}, objects {left[:5]}")
