"""What every JobQueue does."""

from pisar.domain.jobs import JobMessage


def test_an_empty_queue_has_nothing(waiting):
    assert waiting.bodies() == []


def test_what_is_put_waits_for_a_worker_as_encoded(waiting):
    waiting.queue.put(JobMessage("abc123"))
    assert waiting.bodies() == [JobMessage("abc123").encode()]


def test_every_put_is_a_message_of_its_own(waiting):
    for job in ("a", "b", "a"):
        waiting.queue.put(JobMessage(job))
    assert sorted(waiting.bodies()) == sorted(JobMessage(job).encode() for job in ("a", "b", "a"))


def test_what_was_received_is_hidden(waiting):
    waiting.queue.put(JobMessage("a"))
    waiting.bodies()
    assert waiting.bodies() == []
