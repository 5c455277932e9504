"""Workers' signs of life."""

from dataclasses import dataclass, field

import pytest

from pisar.domain.workers import Presence
from pisar.errors import Unavailable, Unreadable
from pisar.state.worker_presence import KEPT_SECONDS, MAX_WORKERS, OwnPresence, presences
from tests.support.twins import ManualClock, MemoryObjectStore

EVERY = 15.0


class ShakyStore(MemoryObjectStore):
    down = False

    def put(self, key: str, body: bytes, *, if_absent: bool = False, if_match: str | None = None) -> str:
        if self.down:
            raise Unavailable("down")
        return super().put(key, body, if_absent=if_absent, if_match=if_match)

    def delete(self, key: str) -> None:
        if self.down:
            raise Unavailable("down")
        super().delete(key)


@dataclass
class Room:
    store: ShakyStore = field(default_factory=ShakyStore)
    clock: ManualClock = field(default_factory=ManualClock)
    hand: tuple[str, ...] = ()

    def worker(self, name: str) -> OwnPresence:
        return OwnPresence(self.store, self.clock, name=name, role="voice", host="vm", every_seconds=EVERY, in_hand=lambda: self.hand)

    def there(self) -> dict[str, Presence]:
        return {one.name: one for one in presences(self.store)}


@pytest.fixture
def room() -> Room:
    return Room()


def test_a_beat_says_who_works_since_when_and_on_what(room: Room):
    started = room.clock.now()
    worker = room.worker("voice-1")
    room.clock.advance(20)
    room.hand = ("j1",)
    worker.beat()
    assert room.there() == {
        "voice-1": Presence(
            name="voice-1", role="voice", host="vm", started_at=started, beat_at=started + 20, every_seconds=EVERY, job_ids=("j1",)
        )
    }
    room.hand = ()
    worker.beat()
    assert room.there()["voice-1"].job_ids == ()


@pytest.mark.parametrize(("silent", "gone"), [(0, False), (EVERY, False), (3 * EVERY, False), (3 * EVERY + 0.1, True)])
def test_a_worker_that_let_three_beats_pass_is_gone(room: Room, silent: float, gone: bool):
    room.worker("voice-1").beat()
    room.clock.advance(silent)
    assert room.there()["voice-1"].is_gone(room.clock.now()) is gone


def test_a_worker_that_was_told_to_stop_leaves_nothing_and_beats_no_more(room: Room):
    worker = room.worker("voice-1")
    worker.beat()
    worker.leave()
    worker.beat()
    assert room.there() == {}


def test_a_worker_that_starts_erases_those_that_have_been_gone_for_a_day(room: Room):
    room.worker("voice-1").beat()
    room.clock.advance(1)
    room.worker("voice-2").beat()
    room.clock.advance(KEPT_SECONDS - 0.5)
    room.worker("voice-3").beat()
    assert set(room.there()) == {"voice-2", "voice-3"}


def test_a_store_that_is_down_ends_no_work_and_the_next_beat_is_written(room: Room):
    worker = room.worker("voice-1")
    room.store.down = True
    worker.beat()
    worker.leave()
    other = room.worker("voice-2")
    other.beat()
    room.store.down = False
    other.beat()
    assert set(room.there()) == {"voice-2"}


def test_what_is_no_presence_is_left_out(room: Room):
    room.worker("voice-1").beat()
    room.store.put("workers/a.json", b"not json")
    room.store.put("workers/b.json", b'{"version": 2}')
    room.store.put("workers/c.json", b"[]")
    assert set(room.there()) == {"voice-1"}


def test_no_more_than_so_many_are_read(room: Room):
    for number in range(MAX_WORKERS + 5):
        room.store.put(f"workers/{number:04}.json", room_presence(f"{number:04}").encode())
    assert len(room.there()) == MAX_WORKERS


def room_presence(name: str) -> Presence:
    return Presence(name=name, role="voice", host="vm", started_at=1.0, beat_at=2.0, every_seconds=EVERY, job_ids=("a", "b"))


def test_a_presence_is_what_it_was_when_it_is_read():
    assert Presence.decode(room_presence("x").encode()) == room_presence("x")
    with pytest.raises(Unreadable):
        Presence.decode(b"\xff")
