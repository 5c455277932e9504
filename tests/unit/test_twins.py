"""What the twins have beside their ports: the hands of the tests that use them."""

import time

import pytest

from pisar.adapters.clock import SystemClock
from pisar.domain.answer_to import Reply
from pisar.domain.jobs import JobMessage
from pisar.errors import Unavailable, Undeliverable
from tests.support.twins import ManualClock, MemoryChat, MemoryJobQueue

REPLY = Reply(chat_id=1, message_id=42)


def test_a_message_comes_back_until_it_is_deleted():
    queue = MemoryJobQueue()
    queue.put(JobMessage("a"))
    receipt, message = queue.receive()
    assert (message, queue.receive(), len(queue)) == (JobMessage("a"), None, 1)
    queue.bring_back()
    receipt, _ = queue.receive()
    queue.delete(receipt)
    queue.bring_back()
    assert (queue.receive(), len(queue)) == (None, 0)


def test_a_failure_before_the_call_has_no_effect_and_one_after_it_has():
    chat = MemoryChat()
    chat.fail("send", Unavailable("down"), times=2)
    chat.fail("send", Unavailable("lost"), when="after")
    for _ in range(2):
        with pytest.raises(Unavailable, match="down"):
            chat.send(REPLY, "a")
    assert chat.messages(1) == {}
    with pytest.raises(Unavailable, match="lost"):
        chat.send(REPLY, "b")
    assert [message.text for message in chat.messages(1).values()] == ["b"]


def test_failures_wait_for_the_call_they_name():
    chat = MemoryChat()
    chat.fail("edit.*", Undeliverable("blocked"))
    slot = chat.send(REPLY, "a")
    with pytest.raises(Undeliverable):
        chat.edit_into_document(REPLY, slot, "a.txt", b"a", "a")
    chat.edit(REPLY, slot, "b")
    assert chat.messages(1)[slot].text == "b"


def test_a_manual_clock_moves_only_when_told():
    clock = ManualClock(10.0)
    assert clock.now() == 10.0
    clock.sleep(2.5)
    clock.advance(1.0)
    assert clock.now() == 13.5


def test_the_system_clock_is_the_machines():
    before = time.time()
    SystemClock().sleep(0)
    assert before <= SystemClock().now() <= time.time()
