"""A group gets its twenty messages a minute and no more, however many processes write into it."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisar.chat.paced_chat import BUSY_SECONDS, KEPT_FOR_EDITS, MESSAGES_A_MINUTE, PacedChat
from pisar.domain.answer_to import Reply
from pisar.domain.bucket import RATES
from pisar.errors import Unavailable
from pisar.ports.storage import StoredObject
from tests.support.twins import ManualClock, MemoryChat, MemoryObjectStore

GROUP, PERSON = -100, 7
NEW = MESSAGES_A_MINUTE - KEPT_FOR_EDITS


class Store(MemoryObjectStore):
    """A store that may be away, or in which somebody else does something between a reading and what is written after it."""

    away = False
    meanwhile: Callable[[], object] | None = None

    def get(self, key: str) -> StoredObject:
        if self.away:
            raise Unavailable("the storage is away")
        found = super().get(key)
        if self.meanwhile is not None:
            self.meanwhile, do = None, self.meanwhile
            do()
        return found


class Minute:
    """A group, two processes that write into it, and what arrived when."""

    def __init__(self, chat_id: int = GROUP) -> None:
        self.reply = Reply(chat_id=chat_id, message_id=1)
        self.clock, self.store, self.there = ManualClock(), Store(), MemoryChat()
        self.processes = [PacedChat(self.there, self.store, self.clock) for _ in range(2)]
        self.arrived: list[float] = []

    def try_to(self, call: Callable[[], object]) -> float:
        """Return 0.0 if the call went through, else for how long it was told to wait."""
        try:
            call()
        except Unavailable as error:
            return error.after_seconds or float("inf")  # one that does not say for how long could not be waited for
        self.arrived.append(self.clock.now())
        return 0.0

    def send(self, process: int = 0) -> float:
        return self.try_to(lambda: self.processes[process].send(self.reply, "text"))

    def edit(self, process: int = 0) -> float:
        slot = next(iter(self.there.messages(self.reply.chat_id)))
        return self.try_to(lambda: self.processes[process].edit(self.reply, slot, "text"))


def test_new_messages_leave_room_for_edits_and_both_end_at_twenty():
    group = Minute()
    assert [group.send(number % 2) for number in range(NEW)] == [0.0] * NEW
    assert (group.send(0), group.send(1)) == (60, 60)
    assert [group.edit(number % 2) for number in range(KEPT_FOR_EDITS)] == [0.0] * KEPT_FOR_EDITS
    assert (group.edit(0), group.edit(1)) == (60, 60)
    assert len(group.there.messages(GROUP)) == NEW


def test_whoever_waits_as_long_as_told_gets_through():
    group = Minute()
    for _ in range(NEW):
        assert group.send() == 0
        group.clock.advance(1)
    assert group.send() == 60 - NEW
    group.clock.advance(60 - NEW)
    assert group.send() == 0


def test_people_are_not_counted():
    person = Minute(PERSON)
    assert [person.send() for _ in range(100)] == [0.0] * 100
    assert list(person.store.keys("")) == []


@pytest.mark.parametrize("garbage", [b"", b"{", b"null", b"5", b'["x"]', b"[[]]", b"[1e999, 9e99]", b"\xff"])
def test_a_count_nobody_can_read_starts_anew(garbage: bytes):
    group = Minute()
    group.store.put(f"{RATES}{GROUP}.json", garbage)
    assert [group.send() for _ in range(NEW + 1)] == [0.0] * NEW + [60]


@given(st.lists(st.tuples(st.sampled_from(["send", "edit"]), st.integers(0, 1), st.floats(0, 30)), max_size=80))
def test_no_minute_ever_has_more_than_twenty(steps: list[tuple[str, int, float]]):
    group = Minute()
    assert group.send() == 0
    for kind, process, pause in steps:
        wait = getattr(group, kind)(process)
        assert 0 <= wait <= 60
        group.clock.advance(pause)
    times = group.arrived
    assert all(sum(1 for other in times if time <= other < time + 60) <= MESSAGES_A_MINUTE for time in times)


def test_where_the_count_can_not_be_kept_nothing_is_sent_and_that_is_certain():
    group = Minute()
    assert group.send() == 0
    group.store.away = True
    assert (group.send(), group.edit()) == (BUSY_SECONDS, BUSY_SECONDS)
    assert len(group.there.messages(GROUP)) == 1


def test_two_that_count_at_once_are_both_counted():
    group = Minute()
    assert [group.send() for _ in range(NEW - 1)] == [0.0] * (NEW - 1)
    group.store.meanwhile = lambda: group.send(1)
    assert group.send(0) == 60
    assert len(group.there.messages(GROUP)) == NEW
