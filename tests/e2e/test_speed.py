"""Telegram has its 200 within a second of the last byte it sent."""

from statistics import median

from .conftest import Person, voice

SECONDS = 1.0
IN_TIME = 10
VOICES_SENT = 40  # at most: the machine may be busy with something else, for a while


def answer_time(person: Person) -> float:
    """Return the seconds from the last byte of a voice's download to the webhook's 200."""
    telegram = person.stack.telegram
    before = len(telegram.calls("download"))
    update = telegram.voice(person.chat, voice(), seconds=2, language_code="ru")
    person.update = update
    person.settle()
    (attempt,) = telegram.delivery(update["update_id"]).attempts
    (download,) = telegram.calls("download")[before:]
    assert attempt.status == 200
    assert download.answered_at is not None
    return attempt.started_at + attempt.seconds - download.answered_at


def test_the_webhook_answers_within_a_second_of_the_last_byte(person: Person):
    times: list[float] = []
    while sum(time < SECONDS for time in times) < IN_TIME and len(times) < VOICES_SENT:
        times.append(answer_time(person))
    figures = f"median {1000 * median(times):.0f} ms, max {1000 * max(times):.0f} ms of {len(times)}"
    print(figures)  # noqa: T201 - the measurement is worth seeing: pytest -s
    assert sum(time < SECONDS for time in times) == IN_TIME, figures
    assert min(times) > 0, figures
