"""What clients see of a text before it is whole: it grows, is never shorter than before, and is gone with the job."""

from collections.abc import Callable

import pytest

from pisar.domain.jobs import Job, JobMessage
from pisar.domain.transcripts import Transcript
from pisar.errors import Misuse, Unavailable
from pisar.work.attempt import PROGRESS_SECONDS
from tests.unit.api.test_client_jobs import Api, refused, spoken
from tests.unit.work.test_long_recordings import LENGTHS, SPOKEN, TEXT, LongEar

WORDS = 70
"""Three pieces of at most 28 seconds."""


@pytest.fixture
def api() -> Api:
    return Api()


def seen(api: Api, job: Job) -> tuple[str, bool]:
    text = api.texts.so_far(api.boris, job.id)
    return text.transcript.text, text.complete


def watched(api: Api, look: Callable[[], None]) -> None:
    """Have each piece take longer than progress waits, and look before the engine begins with it."""
    hear = api.ear.transcribe

    def slowly(*args: object, check: Callable[[], None], **how: object) -> Transcript:
        api.clock.advance(PROGRESS_SECONDS)
        check()
        look()
        return hear(*args, check=check, **how)  # type: ignore[arg-type]

    api.ear.transcribe = slowly  # type: ignore[method-assign]


def test_a_text_grows_while_the_job_is_worked_on_and_is_whole_at_the_end(api: Api):
    created = api.create(api.boris)
    assert refused(lambda: api.texts.so_far(api.boris, created.job.id)) == Misuse.NOT_FINISHED
    assert refused(lambda: api.texts.so_far(api.anna, created.job.id)) == Misuse.NOT_FOUND
    api.upload(created, spoken(WORDS))
    assert seen(api, created.job) == ("", False)
    looks = list[tuple[str, bool]]()
    watched(api, lambda: looks.append(seen(api, created.job)))
    api.work_off()
    assert [complete for _, complete in looks] == [False] * 3
    texts = [text for text, _ in looks]
    assert texts[0] == ""
    assert 20 < len(texts[1].split()) < len(texts[2].split()) < WORDS
    assert all(spoken(WORDS).startswith(text) for text in texts)
    assert seen(api, created.job) == (spoken(WORDS), True)
    assert api.stored("heard/") == []


def test_a_later_try_takes_nothing_back_of_what_was_seen(api: Api):
    created = api.create(api.boris)
    api.upload(created, spoken(WORDS))
    looks = list[str]()

    def look() -> None:
        looks.append(seen(api, created.job)[0])
        if len(looks) == 3:
            raise Unavailable("this worker is taken away")

    watched(api, look)
    with pytest.raises(Unavailable):
        api.work_off()
    api.queue.bring_back()
    assert seen(api, created.job) == (looks[2], False)
    api.work_off()
    assert looks == sorted(looks, key=len)
    assert looks[3:5] == [looks[2]] * 2
    assert seen(api, created.job) == (spoken(WORDS), True)


def test_what_is_heard_for_a_chat_is_written_once_and_nowhere_else(api: Api, monkeypatch: pytest.MonkeyPatch):
    put, written = api.store.put, list[str]()

    def noted(key: str, *args: object, **how: object) -> str:
        written.append(key)
        return put(key, *args, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(api.store, "put", noted)
    watched(api, lambda: None)
    api.intake.receive(api.say(spoken(WORDS)))
    api.work_off()
    assert [key for key in written if key.startswith("heard/")] == []
    api.done(api.boris, f"another {spoken(WORDS)}")
    assert len([key for key in written if key.startswith("heard/")]) == 2  # with the pieces after the first


def test_a_deleted_job_leaves_nothing_of_what_was_heard(api: Api):
    created = api.create(api.boris)
    api.upload(created, spoken(WORDS))
    looks = list[str]()

    def look() -> None:
        looks.extend(api.stored("heard/"))
        if looks:
            api.jobs.delete(api.boris, created.job.id)
            assert api.stored("heard/") == []

    watched(api, look)
    api.work_off()
    assert looks == [f"heard/{created.job.id}.json"]
    assert api.traces(created.job) == []


def test_a_long_recordings_parts_show_their_texts_in_the_recordings_order():
    api = Api(ear=LongEar(), lengths=LENGTHS, piece_seconds=4)
    created = api.create(api.boris)
    api.upload(created, TEXT)
    texts = list[str]()
    while (received := api.queue.receive()) is not None:
        receipt, message = received
        api.transcription.work(message)
        api.queue.delete(receipt)
        texts.append(seen(api, created.job)[0])
    assert texts == sorted(texts, key=len)
    assert len(set(texts)) > 4
    words = SPOKEN.split()
    for text in texts:
        assert [words.index(word) for word in text.split()] == sorted(words.index(word) for word in text.split())
    assert seen(api, created.job) == (SPOKEN, True)


def test_a_part_that_is_worked_on_shows_what_is_heard_of_it():
    api = Api(ear=LongEar(), lengths=LENGTHS, piece_seconds=2, parts_at_once=2)
    created = api.create(api.boris)
    api.upload(created, TEXT)
    receipt, message = api.queue.receive() or (0, JobMessage("none"))
    api.transcription.work(message)  # cuts
    api.queue.delete(receipt)
    looks = list[str]()
    watched(api, lambda: looks.append(seen(api, created.job)[0]))
    api.work_off()
    assert "one two" in looks
    assert looks == sorted(looks, key=len)
    assert seen(api, created.job)[1]
    assert api.stored("heard/") == []
