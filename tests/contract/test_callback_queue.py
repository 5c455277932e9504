"""What every CallbackQueue does."""

from pisar.domain.callbacks import CallbackMessage

DEADLINE_SECONDS = 60


def test_a_callback_waits_as_encoded(calling):
    calling.queue.put(CallbackMessage("abc123", 3), delay_seconds=0)
    assert calling.bodies() == [CallbackMessage("abc123", 3).encode()]


def test_every_put_is_a_message_of_its_own(calling):
    for attempt in (1, 2, 1):
        calling.queue.put(CallbackMessage("a", attempt), delay_seconds=0)
    assert sorted(calling.bodies()) == sorted(CallbackMessage("a", attempt).encode() for attempt in (1, 2, 1))


def test_a_callback_is_hidden_while_its_delay_lasts(calling):
    calling.queue.put(CallbackMessage("later"), delay_seconds=900)  # longer than any machine takes over the next lines
    calling.queue.put(CallbackMessage("now"), delay_seconds=0)
    assert calling.bodies() == [CallbackMessage("now").encode()]


def test_a_callback_comes_once_its_delay_has_passed_and_no_sooner(calling):
    put_at = calling.now()
    calling.queue.put(CallbackMessage("later"), delay_seconds=1)
    while not (bodies := calling.bodies()):
        assert calling.now() < put_at + DEADLINE_SECONDS
        calling.wait(0.1)
    assert bodies == [CallbackMessage("later").encode()]
    assert calling.now() - put_at >= 1


def test_the_longest_delay_of_the_schedule_is_taken(calling):
    calling.queue.put(CallbackMessage("a", 31), delay_seconds=CallbackMessage("a", 31).delay_seconds)
    assert calling.bodies() == []
