"""The bot that asks: what is received, in which order, and what the messenger is told of it."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from pisar.chat.polling import MAX_HIDING_SECONDS, MAX_OVERTAKEN, MAX_UNFORESEEN, WAITS_SECONDS, Polling
from pisar.errors import Misconfigured, PisarError, Unavailable, Unreadable
from pisar.ports.chat import UPDATES_AT_ONCE, PolledUpdate
from tests.support.twins import ManualClock, MemoryUpdateSource


def updates(*chats: int) -> list[PolledUpdate]:
    """Return an update of each of these chats, numbered from 1."""
    return [PolledUpdate(number, chat, None) for number, chat in enumerate(chats, 1)]


def failing_source(*errors: PisarError, waiting: Sequence[PolledUpdate] = ()) -> MemoryUpdateSource:
    source = MemoryUpdateSource(waiting)
    source.failures.extend(errors)
    return source


class Bot:
    """Polls until the messenger has nothing left, or for so many rounds; remembers in which order updates were received."""

    def __init__(
        self, messenger: MemoryUpdateSource, receive: Callable[[PolledUpdate], None] = lambda _: None, *, rounds: int = 50
    ) -> None:
        self.received: list[int] = []
        self.beats = 0
        self.clock = ManualClock()
        self._messenger = messenger
        self._rounds = rounds
        self._do = receive
        self._lock = threading.Lock()
        self.polling = Polling(messenger, self._receive, self.clock, beat=self._beat)

    def run(self) -> "Bot":
        self.polling.run(lambda: self.beats > self._rounds or (self.beats > 0 and not self._messenger.waiting))
        return self

    def _beat(self) -> None:
        self.beats += 1

    def _receive(self, update: PolledUpdate) -> None:
        self._do(update)
        with self._lock:
            self.received.append(update.update_id)


def failing(*numbers: int, error: Exception, times: int = 10**6) -> Callable[[PolledUpdate], None]:
    left = dict.fromkeys(numbers, times)

    def receive(update: PolledUpdate) -> None:
        if left.get(update.update_id, 0) > 0:
            left[update.update_id] -= 1
            raise error

    return receive


def test_every_update_is_received_once_and_the_messenger_is_told():
    messenger = MemoryUpdateSource(updates(7, 8, 7))
    assert sorted(Bot(messenger).run().received) == [1, 2, 3]
    assert messenger.waiting == []
    assert messenger.offsets[-1] == 4


def test_updates_of_one_chat_are_received_in_their_order():
    numbers = updates(*[7, 8, 9] * 20)
    received = Bot(MemoryUpdateSource(list(numbers))).run().received
    for chat in (7, 8, 9):
        own = [one.update_id for one in numbers if one.chat_id == chat]
        assert [one for one in received if one in own] == own


def test_one_that_fails_for_now_is_tried_again_after_longer_and_longer_waits():
    bot = Bot(MemoryUpdateSource(updates(7)), failing(1, error=Unavailable("no storage"), times=3))
    began = bot.clock.now()
    assert bot.run().received == [1]
    assert bot.clock.now() - began == sum(WAITS_SECONDS)


def test_the_next_of_a_chat_waits_for_the_one_before_and_other_chats_do_not():
    messenger = MemoryUpdateSource(updates(7, 7, 8))
    bot = Bot(messenger, failing(1, error=Unavailable("no storage")), rounds=1).run()
    assert bot.received == [3]
    assert messenger.offsets[-1] == 0, "the messenger keeps what is not done"
    assert [one.update_id for one in messenger.waiting] == [1, 2, 3]


def test_what_is_given_again_after_it_was_done_is_not_received_again():
    messenger = MemoryUpdateSource(updates(7, 8))
    bot = Bot(messenger, failing(1, error=Unavailable("no storage"), times=2 * (len(WAITS_SECONDS) + 1)))
    assert sorted(bot.run().received) == [1, 2]


def test_what_can_not_be_read_is_let_go():
    messenger = MemoryUpdateSource(updates(7, 7))
    assert Bot(messenger, failing(1, error=Unreadable("not an update"))).run().received == [2]
    assert messenger.waiting == []


def test_what_fails_as_nobody_foresaw_is_dropped_after_some_rounds():
    messenger = MemoryUpdateSource(updates(7, 7))
    bot = Bot(messenger, failing(1, error=ValueError("what"))).run()
    assert (bot.received, messenger.waiting, bot.beats - 1) == ([2], [], MAX_UNFORESEEN)  # and the round that finds nothing


def test_one_that_others_get_past_again_and_again_is_dropped():
    messenger = MemoryUpdateSource(updates(7))
    bot = Bot(messenger, failing(1, error=Unavailable("a file that nobody gives out")), rounds=3 * MAX_OVERTAKEN)
    add = messenger.fetch

    def growing(offset: int, **how: Any) -> Sequence[PolledUpdate]:
        messenger.waiting.append(PolledUpdate(len(messenger.offsets) + 2, 8, None))
        return add(offset, **how)

    messenger.fetch = growing  # type: ignore[method-assign]
    bot.run()
    assert 1 not in bot.received
    assert messenger.offsets[MAX_OVERTAKEN - 1] == 0
    assert messenger.offsets[MAX_OVERTAKEN] > 1


def test_while_nobody_gets_past_nothing_is_dropped():
    messenger = MemoryUpdateSource(updates(7, 8, 9))
    bot = Bot(messenger, failing(1, 2, 3, error=Unavailable("no storage")), rounds=5 * MAX_OVERTAKEN).run()
    assert bot.received == []
    assert [one.update_id for one in messenger.waiting] == [1, 2, 3]


def test_a_chat_that_fills_all_that_is_told_hides_the_others_for_an_hour_at_most():
    messenger = MemoryUpdateSource(updates(*[7] * UPDATES_AT_ONCE, 8))
    bot = Bot(messenger, failing(1, error=Unavailable("a file that nobody gives out")), rounds=10**4)
    began = bot.clock.now()
    assert sorted(bot.run().received) == list(range(2, UPDATES_AT_ONCE + 2))
    assert MAX_HIDING_SECONDS <= bot.clock.now() - began < MAX_HIDING_SECONDS + 60


def test_an_outage_that_holds_up_several_chats_costs_no_update_however_many_wait():
    messenger = MemoryUpdateSource(updates(*[7, 8] * UPDATES_AT_ONCE))
    fails = failing(*range(1, 2 * UPDATES_AT_ONCE + 1), error=Unavailable("no storage"))
    bot = Bot(messenger, fails, rounds=1000)
    began = bot.clock.now()
    assert bot.run().received == []
    assert bot.clock.now() - began > 2 * MAX_HIDING_SECONDS
    assert len(messenger.waiting) == 2 * UPDATES_AT_ONCE


def test_a_flood_of_one_chat_that_is_received_is_not_taken_for_one_that_hides():
    messenger = MemoryUpdateSource(updates(*[7] * 3 * UPDATES_AT_ONCE))
    assert len(Bot(messenger).run().received) == 3 * UPDATES_AT_ONCE


def test_what_is_dropped_is_told_in_the_log(caplog: pytest.LogCaptureFixture):
    Bot(MemoryUpdateSource(updates(7)), failing(1, error=ValueError("what"))).run()
    assert [record.update_id for record in caplog.records if record.message == "given up"] == [1]  # type: ignore[attr-defined]


def test_an_update_that_is_not_done_does_not_make_it_ask_without_rest():
    messenger = MemoryUpdateSource(updates(7))
    bot = Bot(messenger, failing(1, error=ValueError("what")), rounds=3)
    began = bot.clock.now()
    bot.run()
    assert bot.clock.now() - began >= 2


def test_a_messenger_that_is_away_is_asked_again_after_longer_and_longer_pauses():
    messenger = failing_source(*[Unavailable("away")] * 3, waiting=updates(7))
    bot = Bot(messenger)
    began = bot.clock.now()
    assert bot.run().received == [1]
    assert bot.clock.now() - began == 3 + 6 + 12
    assert bot.beats == 2, "a source that does not answer is no sign of life"


def test_the_messengers_own_wait_is_kept_to():
    bot = Bot(failing_source(Unavailable("too many requests", after_seconds=40), waiting=updates(7)))
    began = bot.clock.now()
    bot.run()
    assert bot.clock.now() - began == 40


def test_a_token_that_nobody_knows_ends_it():
    with pytest.raises(Misconfigured):
        Bot(failing_source(Misconfigured("no such bot"))).run()


def test_a_stop_leaves_what_is_not_begun_with_the_messenger():
    messenger = MemoryUpdateSource(updates(7, 7, 7))
    stop = threading.Event()

    def receive(update: PolledUpdate) -> None:
        if update.update_id == 2:
            stop.set()

    received: list[int] = []
    Polling(messenger, lambda one: (receive(one), received.append(one.update_id))[0], ManualClock()).run(stop.is_set)
    assert received == [1, 2]
    assert [one.update_id for one in messenger.waiting] == [3]
    assert messenger.offsets[-1] == 3, "what is done is told at the end"


def test_a_messenger_that_is_away_at_the_end_is_told_at_the_next_start():
    messenger = MemoryUpdateSource(updates(7))
    stop = threading.Event()

    def receive(_: PolledUpdate) -> None:
        messenger.failures.append(Unavailable("away"))
        stop.set()

    Polling(messenger, receive, ManualClock()).run(stop.is_set)
    assert not messenger.failures


def test_a_messenger_that_knows_what_is_done_is_not_asked_at_the_end():
    messenger = MemoryUpdateSource(updates(7))
    Bot(messenger).run()
    assert messenger.offsets == [0, 2]
