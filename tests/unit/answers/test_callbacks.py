"""Callbacks over the in-memory twins."""

import json
import logging
from dataclasses import dataclass, field, replace

import pytest

from pisar.answers.callbacks import Announcements, Callbacks
from pisar.domain.answer_to import Order
from pisar.domain.callbacks import CallbackMessage, headers
from pisar.domain.jobs import Options, Outcome
from pisar.errors import Busy, Unavailable
from pisar.state.api_keys import Keys
from pisar.state.job_records import Held, Records
from tests.support.twins import ManualClock, MemoryCallbackQueue, MemoryCallbackSender, MemoryObjectStore, SentCallback

JOB = "0123abcd"
URL = "https://hooks.example.com/pisar?token=hush"
NOW = 1_700_000_000.9


@dataclass
class World:
    """A job of a client who asked to be called, and what stands around it."""

    store: MemoryObjectStore = field(default_factory=MemoryObjectStore)
    clock: ManualClock = field(default_factory=lambda: ManualClock(NOW))
    sender: MemoryCallbackSender = field(default_factory=MemoryCallbackSender)

    def __post_init__(self) -> None:
        self.queue = MemoryCallbackQueue(self.clock)
        self.records = Records(self.store, self.clock)
        self.keys = Keys(self.store)
        self.client = self.keys.create("anna", now=NOW).client
        self.callbacks = Callbacks(records=self.records, keys=self.keys, queue=self.queue, sender=self.sender, clock=self.clock)

    def accept(self, callback_url: str | None = URL) -> Held:
        order = Order(client=self.client.key_hash, callback_url=callback_url)
        held = self.records.accept(JOB, lease_seconds=60, options=Options(prompt="Анна"), answer_to=order)
        assert held is not None
        return held

    def finish(self, outcome: Outcome = Outcome.TRANSCRIBED) -> None:
        self.records.finish(self.accept(), outcome, "too_long", "Said for programs.")

    def waiting(self) -> list[tuple[int, CallbackMessage]]:
        """Return the messages on the queue and after how many seconds from now each comes, and take them off."""
        found = []
        for seconds in range(901):
            while received := self.queue.receive():
                self.queue.delete(received[0])
                found.append((seconds, received[1]))
            self.clock.advance(1)
        return found


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def said(caplog) -> list[tuple[str, str]]:
    """What was logged, as (level, message)."""
    caplog.set_level(logging.INFO)
    return lambda: [(one.levelname, one.message) for one in caplog.records]


def test_a_job_whose_client_asked_is_announced_and_waits_for_its_record(world):
    Announcements(world.queue).announce(world.accept().job)
    assert world.waiting() == [(2, CallbackMessage(JOB, 1))]


@pytest.mark.parametrize("order", [None, Order(client="ab")])
def test_a_job_whose_client_did_not_ask_is_not_announced(world, order):
    Announcements(world.queue).announce(replace(world.accept().job, answer_to=order))
    assert world.waiting() == []


def test_without_a_queue_nothing_is_announced(world):
    Announcements(None).announce(world.accept().job)
    assert world.waiting() == []


@pytest.mark.parametrize(
    ("outcome", "state"),
    [(Outcome.TRANSCRIBED, "done"), (Outcome.NO_SPEECH, "done"), (Outcome.REJECTED, "failed"), (Outcome.FAILED, "failed")],
)
def test_a_finished_job_is_told_with_its_state_signed_by_its_clients_secret(world, outcome, state):
    world.finish(outcome)
    world.clock.advance(60)
    world.callbacks.deliver(CallbackMessage(JOB))
    (sent,) = world.sender.sent
    assert json.loads(sent.body) == {"id": JOB, "state": state, "finished_at": "2023-11-14T22:13:20Z"}
    signed = headers(world.client.callback_secret, JOB, 1_700_000_060, sent.body)
    assert sent == SentCallback(url=URL, body=sent.body, headers=signed)
    assert world.waiting() == []


def test_a_job_that_is_not_finished_leaves_the_message_to_the_queue(world):
    world.accept()
    with pytest.raises(Busy):
        world.callbacks.deliver(CallbackMessage(JOB))
    assert (world.sender.sent, world.waiting()) == ([], [])


def test_a_job_that_is_gone_is_dropped(world, said):
    world.callbacks.deliver(CallbackMessage(JOB))
    assert (world.sender.sent, world.waiting(), said()) == ([], [], [("INFO", "callback dropped")])


def test_a_cancelled_job_is_dropped(world, said):
    world.accept()
    world.records.cancel(JOB)
    world.callbacks.deliver(CallbackMessage(JOB))
    assert (world.sender.sent, world.waiting(), said()) == ([], [], [("INFO", "callback dropped")])


def test_a_job_without_an_address_is_dropped(world, said):
    world.records.finish(world.accept(callback_url=None), Outcome.TRANSCRIBED)
    world.callbacks.deliver(CallbackMessage(JOB))
    assert (world.sender.sent, world.waiting(), said()) == ([], [], [("INFO", "callback dropped")])


def test_a_client_that_was_revoked_is_not_called(world, said):
    world.finish()
    world.keys.revoke("anna", now=NOW)
    world.callbacks.deliver(CallbackMessage(JOB))
    assert (world.sender.sent, world.waiting(), said()) == ([], [], [("INFO", "callback dropped")])


def test_a_client_without_a_secret_is_not_called(world, said):
    world.finish()
    world.store.put(f"clients/{world.client.key_hash}.json", replace(world.client, callback_secret="").encode())
    world.callbacks.deliver(CallbackMessage(JOB))
    assert (world.sender.sent, world.waiting(), said()) == ([], [], [("INFO", "callback dropped")])


@pytest.mark.parametrize("status", [200, 204, 299])
def test_any_success_ends_the_matter(world, said, status):
    world.finish()
    world.sender.answer(status)
    world.callbacks.deliver(CallbackMessage(JOB))
    assert (world.waiting(), said()) == ([], [("INFO", "called back")])


@pytest.mark.parametrize("answer", [199, 300, 301, 404, 410, 500, Unavailable("down")])
@pytest.mark.parametrize(("attempt", "seconds"), [(1, 10), (2, 20), (8, 900), (30, 900)])
def test_anything_else_is_tried_again_after_its_wait(world, said, answer, attempt, seconds):
    world.finish()
    world.sender.answer(answer)
    world.callbacks.deliver(CallbackMessage(JOB, attempt))
    assert (world.waiting(), said()) == ([(seconds, CallbackMessage(JOB, attempt + 1))], [("INFO", "callback failed")])


def test_an_address_that_became_private_is_not_called_and_is_looked_at_again_later(world):
    world.finish()
    world.sender.close_off("hooks.example.com")
    world.callbacks.deliver(CallbackMessage(JOB))
    assert (world.sender.sent, world.waiting()) == ([], [(10, CallbackMessage(JOB, 2))])


def test_after_the_last_try_it_is_given_up_aloud(world, said):
    world.finish()
    world.sender.answer(500)
    world.callbacks.deliver(CallbackMessage(JOB, 31))
    assert (world.waiting(), said()) == ([], [("WARNING", "callback given up")])


def test_a_receiver_that_is_away_is_called_until_the_schedule_ends(world):
    world.finish()
    world.sender.answer(*[Unavailable("down")] * 100)
    Announcements(world.queue).announce(world.records.find(JOB).job)
    told_at = []
    for _ in range(30_000):
        while received := world.queue.receive():
            told_at.append(int(world.clock.now() - NOW))
            world.callbacks.deliver(received[1])
            world.queue.delete(received[0])
        world.clock.advance(1)
    assert (len(told_at), told_at[0], told_at[-1] - told_at[0]) == (31, 2, 21_970)


def test_each_try_is_signed_anew_and_names_the_same_delivery(world):
    world.finish()
    world.callbacks.deliver(CallbackMessage(JOB))
    world.clock.advance(600)
    world.callbacks.deliver(CallbackMessage(JOB))
    first, second = (sent.headers for sent in world.sender.sent)
    assert first["X-Pisar-Delivery"] == second["X-Pisar-Delivery"] == JOB
    assert int(second["X-Pisar-Timestamp"]) - int(first["X-Pisar-Timestamp"]) == 600
    assert first["X-Pisar-Signature"] != second["X-Pisar-Signature"]


def test_a_queue_that_fails_leaves_this_try_to_be_made_again(world):
    class BrokenQueue(MemoryCallbackQueue):
        def put(self, *_, **__):
            raise Unavailable("down")

    queue = BrokenQueue(world.clock)
    callbacks = Callbacks(records=world.records, keys=world.keys, queue=queue, sender=world.sender, clock=world.clock)
    world.finish()
    world.sender.answer(500)
    with pytest.raises(Unavailable):
        callbacks.deliver(CallbackMessage(JOB))


@pytest.mark.parametrize("answer", [200, 500, Unavailable("down")])
def test_logs_name_the_host_and_neither_path_nor_query_nor_secret(world, caplog, answer):
    caplog.set_level(logging.INFO)
    world.finish()
    world.sender.answer(answer)
    world.callbacks.deliver(CallbackMessage(JOB))
    (line,) = [vars(one) for one in caplog.records]
    assert line["host"] == "hooks.example.com"
    assert not any(word in str(line) for word in ("hush", "/pisar?", world.client.callback_secret))
