"""A dropped file that is replaced, removed or comes back: no text lies beside a file that it is not of."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from pisar.domain.jobs import Job, Options, Outcome
from pisar.domain.transcripts import Transcript
from pisar.errors import Rejected, Rejection
from tests.support.twins import MemoryObjectStore
from tests.unit.bucket.test_drops import TALK, Bucket
from tests.unit.work.test_long_recordings import LENGTHS, LongEar
from tests.unit.work.test_long_recordings import TEXT as LONG
from tests.unit.world import LIMITS, Ear

STEM = "transcripts/talks/monday.ogg"
TEXT, ERROR = f"{STEM}.txt", f"{STEM}.error.json"
TOO_LARGE = "x" * (LIMITS.max_bytes + 1)


@dataclass
class Meanwhile(Ear):
    """Does something once, in the midst of the work on a recording."""

    then: Callable[[], None] | None = None

    def transcribe(self, *asked: Any, **how: Any) -> Transcript:
        heard = super().transcribe(*asked, **how)
        then, self.then = self.then, None
        if then:
            then()
        return heard


class WatchedStore(MemoryObjectStore):
    """Does something once, just before the first result or just after the last one is written."""

    before: Callable[[], None] | None = None
    after: Callable[[], None] | None = None

    def put(self, key: str, body: bytes, *, if_absent: bool = False, if_match: str | None = None) -> str:
        if key.startswith(STEM) and self.before:
            then, self.before = self.before, None
            then()
        tag = super().put(key, body, if_absent=if_absent, if_match=if_match)
        if key == f"{STEM}.vtt" and self.after:
            then, self.after = self.after, None
            then()
        return tag


@dataclass
class Versions(Bucket):
    """A bucket whose files change while they are worked on."""

    store: WatchedStore = field(default_factory=WatchedStore)
    ear: Meanwhile = field(default_factory=Meanwhile)

    def jobs(self) -> list[Job]:
        return [self.records.find(key[5:-5]).job for key in self.stored("jobs/")]

    def names(self) -> list[str]:
        return [key.removeprefix(STEM) for key in self.results()]


ALL = [".json", ".srt", ".txt", ".vtt"]


@pytest.fixture
def bucket() -> Versions:
    return Versions()


def spoil(bucket: Versions, how: str) -> None:
    """Drop a new version that comes to nothing: at the door, by its options, or under the engine."""
    if how == "too large":
        bucket.drop(TOO_LARGE)
    elif how == "bad option":
        bucket.drop("good bye", language="klingon")
    else:
        bucket.ear.rejection = Rejected(Rejection.CANNOT_DECODE)
        bucket.drop("noise")
        bucket.work_off()
        bucket.ear.rejection = None


BAD = pytest.mark.parametrize("how", ["too large", "bad option", "no audio"])


@BAD
def test_a_bad_new_version_takes_the_old_text_away(bucket: Versions, how: str):
    bucket.drop("hello")
    bucket.work_off()
    assert bucket.names() == ALL
    spoil(bucket, how)
    assert bucket.names() == [".error.json"]


@BAD
def test_a_good_version_after_a_bad_one_takes_the_error_away_also_if_it_was_there_before(bucket: Versions, how: str):
    bucket.drop("hello")
    bucket.work_off()
    spoil(bucket, how)
    bucket.drop("hello")
    bucket.work_off()
    assert (bucket.names(), bucket.results()[TEXT]) == (ALL, "hello\n")


def test_a_new_version_takes_the_old_text_away_as_soon_as_it_is_taken_in(bucket: Versions):
    bucket.drop("hello")
    bucket.work_off()
    bucket.drop("good bye")
    assert bucket.names() == []
    bucket.work_off()
    assert bucket.results()[TEXT] == "good bye\n"


def test_a_version_that_comes_back_is_answered_each_time(bucket: Versions):
    for said in ("hello", "good bye", "hello", "good bye", "hello"):
        bucket.drop(said)
        bucket.work_off()
        assert (bucket.names(), bucket.results()[TEXT]) == (ALL, f"{said}\n")
    assert bucket.ear.heard == [16_000, 32_000]  # what was heard already is taken from the cache


def test_new_options_for_the_same_content_are_followed(bucket: Versions):
    bucket.drop("hello")
    bucket.work_off()
    bucket.drop("hello", language="ru", formats="srt")
    bucket.work_off()
    assert (bucket.names(), bucket.ear.options[-1]) == ([".srt"], Options(language="ru"))


def test_an_event_that_comes_again_after_the_results_were_taken_away_lays_none(bucket: Versions):
    bucket.drop("hello")
    bucket.work_off()
    for key in bucket.stored("transcripts/"):
        bucket.store.delete(key)
    bucket.drops.receive(TALK)
    bucket.work_off()
    assert bucket.names() == []


def test_an_event_of_the_version_before_is_one_of_the_version_that_lies_there(bucket: Versions):
    bucket.store.put(TALK, b"hello")
    bucket.drop("good bye")
    bucket.drops.receive(TALK)
    bucket.work_off()
    assert (len(bucket.jobs()), bucket.results()[TEXT]) == (1, "good bye\n")


@pytest.mark.parametrize("told", [True, False])
def test_a_version_that_is_replaced_while_it_is_heard_leaves_no_text(bucket: Versions, told: bool):
    """Whether or not the event of the new version has come by then."""
    bucket.ear.then = (lambda: bucket.drop("good bye")) if told else lambda: bucket.store.drop(TALK, b"good bye", {})
    bucket.drop("hello")
    (receipt, message) = bucket.queue.receive() or pytest.fail("no message")
    bucket.transcription.work(message)
    bucket.queue.delete(receipt)
    assert (bucket.names(), bucket.jobs()[0].outcome or bucket.jobs()[-1].outcome) == ([], Outcome.CANCELLED)
    bucket.drops.receive(TALK)
    bucket.work_off()
    assert bucket.results()[TEXT] == "good bye\n"


@BAD
def test_a_version_that_is_replaced_by_a_bad_one_while_it_is_heard_leaves_the_error_alone(bucket: Versions, how: str):
    bucket.ear.then = lambda: spoil(bucket, how)
    bucket.drop("hello")
    bucket.work_off()
    assert bucket.names() == [".error.json"]


def test_a_version_that_was_replaced_before_its_turn_is_never_heard(bucket: Versions):
    bucket.drop("hello there")
    bucket.drop("good bye and thanks")
    bucket.work_off()
    assert (bucket.ear.heard, bucket.results()[TEXT]) == ([64_000], "good bye and thanks\n")
    assert bucket.stored("line/") == []


def test_a_version_that_was_replaced_before_its_event_came_is_not_taken_for_the_new_one(bucket: Versions):
    bucket.drop("hello there")
    bucket.store.drop(TALK, b"good bye", {})
    bucket.work_off()
    assert (bucket.ear.heard, bucket.names()) == ([], [])


def test_a_version_that_is_replaced_while_its_results_are_written_takes_them_back(bucket: Versions):
    bucket.store.before = lambda: bucket.drop("good bye")
    bucket.drop("hello")
    (receipt, message) = bucket.queue.receive() or pytest.fail("no message")
    bucket.transcription.work(message)
    bucket.queue.delete(receipt)
    assert bucket.names() == []
    bucket.work_off()
    assert bucket.results()[TEXT] == "good bye\n"


def test_what_the_new_version_has_laid_meanwhile_is_not_taken_back(bucket: Versions):
    bucket.store.after = lambda: (bucket.drop("good bye"), bucket.work_off())  # type: ignore[assignment, return-value]
    bucket.drop("hello")
    bucket.work_off()
    assert (bucket.names(), bucket.results()[TEXT]) == (ALL, "good bye\n")


def test_a_file_that_is_removed_keeps_the_results_that_it_has(bucket: Versions):
    bucket.drop("hello")
    bucket.work_off()
    bucket.store.delete(TALK)
    bucket.drops.receive(TALK)
    bucket.work_off()
    assert bucket.names() == ALL


@pytest.mark.parametrize("when", ["before it is heard", "while it is heard"])
def test_a_file_that_is_removed_before_its_text_is_there_gets_neither_text_nor_error(bucket: Versions, when: str):
    bucket.drop("hello")
    if when == "before it is heard":
        bucket.store.delete(TALK)
    else:
        bucket.ear.then = lambda: bucket.store.delete(TALK)
    bucket.work_off()
    assert (bucket.names(), [job.outcome for job in bucket.jobs()]) == ([], [Outcome.CANCELLED])
    bucket.drop("hello")
    bucket.work_off()
    assert bucket.results()[TEXT] == "hello\n"


def test_a_long_recording_that_is_replaced_is_no_longer_worked_on_in_its_parts():
    bucket = Bucket(lengths=LENGTHS, ear=LongEar())
    bucket.drop(LONG, language="ru")
    (receipt, message) = bucket.queue.receive() or pytest.fail("no message")
    bucket.transcription.work(message)
    bucket.queue.delete(receipt)
    assert (len(bucket.stored("parts/")), bucket.ear.heard) == (1, [])
    bucket.drop("good bye")
    bucket.work_off()
    assert (bucket.results()[TEXT], bucket.stored("parts/"), bucket.stored("audio/"), bucket.stored("line/")) == ("good bye\n", [], [], [])
    assert bucket.ear.heard == [32_000]
