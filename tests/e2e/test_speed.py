"""Telegram has its 200 within a second of the last byte it sent."""

from statistics import median

from .conftest import Person, voice

SECONDS = 1.0
VOICES_SENT = 10
MEASUREMENTS = 2  # the machine may be busy with something else, once


def answer_times(person: Person) -> list[float]:
    """Return the seconds from the last byte of each voice's download to the webhook's 200."""
    telegram, times = person.stack.telegram, []
    for _ in range(VOICES_SENT):
        before = len(telegram.calls("download"))
        update = telegram.voice(person.chat, voice(), seconds=2, language_code="ru")
        person.update = update
        person.settle()
        (attempt,) = telegram.delivery(update["update_id"]).attempts
        (download,) = telegram.calls("download")[before:]
        assert attempt.status == 200
        assert download.answered_at is not None
        times.append(attempt.started_at + attempt.seconds - download.answered_at)
    return times


def test_the_webhook_answers_within_a_second_of_the_last_byte(person: Person):
    for measurement in range(1, MEASUREMENTS + 1):
        times = answer_times(person)
        figures = f"measurement {measurement}: median {1000 * median(times):.0f} ms, max {1000 * max(times):.0f} ms of {len(times)}"
        print(figures)  # noqa: T201 - the measurement is worth seeing: pytest -s
        if max(times) < SECONDS:
            break
    assert max(times) < SECONDS, figures
    assert min(times) > 0, figures
