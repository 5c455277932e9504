"""A file dropped into the bucket through intake and transcription."""

import json

import pytest

from pisar.domain.jobs import JobMessage, Options, Outcome
from pisar.errors import Rejected, Rejection, Unavailable
from tests.support.twins import MemoryJobQueue
from tests.unit.world import LIMITS, World

TALK = "uploads/talks/monday.ogg"


class Bucket(World):
    def drop(self, text: str, key: str = TALK, **metadata: str) -> None:
        self.store.drop(key, text.encode(), {f"pisar-{name}": value for name, value in metadata.items()})
        self.drops.receive(key)

    def results(self) -> dict[str, str]:
        return {key: self.store.get(key).body.decode() for key in self.stored("transcripts/")}

    def error(self, key: str = "transcripts/talks/monday.ogg.error.json") -> str:
        return str(json.loads(self.results()[key])["error"]["code"])


@pytest.fixture
def bucket() -> Bucket:
    return Bucket()


def test_a_dropped_file_leaves_its_text_in_every_format_and_stays(bucket: Bucket):
    bucket.drop("hello there")
    bucket.work_off()
    stem = "transcripts/talks/monday.ogg"
    assert sorted(bucket.results()) == [f"{stem}.{extension}" for extension in ("json", "srt", "txt", "vtt")]
    assert bucket.results()[f"{stem}.txt"] == "hello there\n"
    assert bucket.stored("uploads/") == [TALK]


def test_the_same_object_twice_is_one_job_and_another_content_another(bucket: Bucket):
    bucket.drop("hello")
    bucket.drops.receive(TALK)
    bucket.work_off()
    bucket.drops.receive(TALK)
    bucket.work_off()
    assert bucket.ear.heard == [16_000]
    bucket.drop("good bye")
    bucket.work_off()
    assert bucket.results()["transcripts/talks/monday.ogg.txt"] == "good bye\n"
    assert len(bucket.stored("jobs/")) == 2


def test_metadata_choose_language_and_formats(bucket: Bucket):
    bucket.drop("hello", language="ru", formats="srt, text")
    (job_key,) = bucket.stored("jobs/")
    assert bucket.records.find(job_key[5:-5]).job.options == Options(language="ru")
    bucket.work_off()
    assert sorted(bucket.results()) == ["transcripts/talks/monday.ogg.srt", "transcripts/talks/monday.ogg.txt"]


def test_the_track_is_chosen_by_metadata_or_by_a_file_beside_it(bucket: Bucket):
    bucket.drop("hello", track="2")
    bucket.work_off()
    bucket.store.put("uploads/talks/pisar.json", b'{"track": 3}')
    bucket.drop("good bye")
    bucket.work_off()
    assert bucket.ear.tracks_asked_for == [2, 3]


def test_else_a_file_beside_it_does(bucket: Bucket):
    bucket.store.put("uploads/talks/pisar.json", b'{"language": "en", "formats": ["vtt"]}')
    bucket.drop("hello")
    bucket.work_off()
    assert sorted(bucket.results()) == ["transcripts/talks/monday.ogg.vtt"]


def test_nothing_said_of_an_option_is_as_if_it_were_not_there(bucket: Bucket):
    bucket.store.put("uploads/talks/pisar.json", b'{"language": null, "prompt": "", "temperature": "", "track": null, "formats": null}')
    bucket.drop("hello")
    bucket.drop("good bye", "uploads/talks/2.ogg", language="", formats="")
    bucket.work_off()
    assert len(bucket.results()) == 2 * 4
    assert [(asked.language, asked.prompt, asked.track) for asked in bucket.ear.options] == [("auto", "", None)] * 2


@pytest.mark.parametrize("language", ["ru-RU", "Russian", "русский"])
def test_a_language_is_named_as_people_name_it(bucket: Bucket, language: str):
    bucket.store.put("uploads/talks/pisar.json", json.dumps({"language": language}).encode())
    bucket.drop("one", "uploads/talks/1.ogg")
    bucket.drop("two", "uploads/two.ogg", language=language)
    bucket.work_off()
    assert [asked.language for asked in bucket.ear.options] == ["ru", "ru"]


def test_an_unknown_option_in_the_metadata_is_named(bucket: Bucket):
    bucket.drop("hello", langauge="ru")
    assert bucket.error() == "bad_option"


def test_words_to_expect_come_in_a_file_beside_it_or_in_metadata_as_headers_can_carry_them(bucket: Bucket):
    bucket.store.put("uploads/talks/pisar.json", '{"prompt": "Марина, Бишкек."}'.encode())
    bucket.drop("one", "uploads/talks/1.ogg")
    written = {"ascii": "Bishkek =? Osh.", "rfc2047": "=?UTF-8?B?0JHQuNGI0LrQtdC6Lg==?=", "latin": "Бишкек.".encode().decode("latin-1")}
    for name, value in written.items():
        bucket.drop(name, f"uploads/{name}.ogg", prompt=value)
    bucket.work_off()
    assert [asked.prompt for asked in bucket.ear.options] == ["Марина, Бишкек.", "Bishkek =? Osh.", "Бишкек.", "Бишкек."]


@pytest.mark.parametrize(
    ("beside", "formats", "code"),
    [
        (b"not json", "", "bad_options"),
        (b"[" * 200_000, "", "bad_options"),
        (b"[1]", "", "bad_options"),
        (b'{"formats": "pdf"}', "", "unknown_format"),
        (b"", "docx", "unknown_format"),
        (b'{"language": "klingon"}', "", "bad_option"),
        (b'{"langauge": "ru"}', "", "bad_option"),
        (b'{"track": "second"}', "", "bad_option"),
    ],
)
def test_options_nobody_can_follow_leave_a_readable_error_and_no_job(bucket: Bucket, beside: bytes, formats: str, code: str):
    if beside:
        bucket.store.put("uploads/talks/pisar.json", beside)
    bucket.drop("hello", **({"formats": formats} if formats else {}))
    assert bucket.error() == code
    assert (bucket.stored("jobs/"), len(bucket.queue)) == ([], 0)


def test_a_bad_file_leaves_a_readable_error_which_a_good_one_takes_away(bucket: Bucket):
    bucket.ear.rejection = Rejected(Rejection.CANNOT_DECODE)
    bucket.drop("noise")
    bucket.work_off()
    assert bucket.error() == "cannot_decode"
    bucket.ear.rejection = None
    bucket.drop("hello")
    bucket.work_off()
    assert "transcripts/talks/monday.ogg.error.json" not in bucket.results()


def test_a_file_above_the_limit_is_refused_before_it_is_read(bucket: Bucket):
    bucket.drop("x" * (LIMITS.max_bytes + 1))
    assert bucket.error() == "too_big"
    assert bucket.stored("jobs/") == []


def test_silence_leaves_empty_results(bucket: Bucket):
    bucket.drop("")
    bucket.work_off()
    assert bucket.results()["transcripts/talks/monday.ogg.txt"] == ""


def test_a_job_that_used_up_its_deliveries_leaves_an_error(bucket: Bucket):
    bucket.drop("hello")
    (job_key,) = bucket.stored("jobs/")
    bucket.dead_letters.bury("m1", JobMessage(job_key[5:-5]).encode())
    assert bucket.error() == "deliveries_used_up"
    assert bucket.records.find(job_key[5:-5]).job.outcome is Outcome.FAILED
    assert bucket.stored("uploads/") == [TALK]


@pytest.mark.parametrize("key", ["uploads/", "uploads/talks/", "uploads/talks/pisar.json", "transcripts/talks/monday.ogg.txt", "audio/1"])
def test_folders_options_and_results_are_no_files_to_transcribe(bucket: Bucket, key: str):
    bucket.drop("x", key)
    assert bucket.stored("jobs/") == []


def test_an_object_that_is_gone_again_is_ignored(bucket: Bucket):
    bucket.drops.receive(TALK)
    assert bucket.stored("") == []


def test_an_event_whose_queue_failed_is_taken_up_again(bucket: Bucket):
    class BrokenQueue(MemoryJobQueue):
        def put(self, _message: JobMessage) -> None:
            raise Unavailable("down")

    bucket.store.put(TALK, b"hello")
    with pytest.raises(Unavailable):
        bucket.over(queue=BrokenQueue()).drops.receive(TALK)
    bucket.drops.receive(TALK)
    bucket.work_off()
    assert bucket.results()["transcripts/talks/monday.ogg.txt"] == "hello\n"


@pytest.mark.parametrize(("letters", "taken"), [(1009 - len("uploads/"), True), (1010 - len("uploads/"), False), (70_000, False)])
def test_a_file_whose_results_could_have_no_name_is_ignored(bucket: Bucket, letters: int, taken: bool):
    key = f"uploads/{'x' * letters}"
    bucket.drop("hello", key)
    bucket.work_off()
    assert len(bucket.stored("transcripts/")) == (4 if taken else 0)
    assert max(len(name) for name in bucket.stored("")) <= max(1024, len(key))


@pytest.mark.parametrize(
    "name", [".DS_Store", "._monday.ogg", ".monday.ogg.part", "Thumbs.db", "monday.ogg.partial", "~$monday.ogg", ".x/a.ogg"]
)
def test_what_is_no_recording_by_its_name_leaves_nothing_at_all(bucket: Bucket, name: str):
    key = f"uploads/talks/{name}"
    bucket.drop("hello", key)
    bucket.work_off()
    assert bucket.stored("") == [key]


def test_the_results_say_what_they_are(bucket: Bucket):
    bucket.drop("hello")
    bucket.work_off()
    bucket.drop("x" * (LIMITS.max_bytes + 1), "uploads/large.ogg")
    assert {key.rpartition("/")[2]: bucket.store.look(key).media_type for key in bucket.stored("transcripts/")} == {
        "large.ogg.error.json": "application/json",
        "monday.ogg.json": "application/json",
        "monday.ogg.srt": "application/x-subrip; charset=utf-8",
        "monday.ogg.txt": "text/plain; charset=utf-8",
        "monday.ogg.vtt": "text/vtt; charset=utf-8",
    }


NAMES = [
    "a.mp3",
    "a.wav",
    "a",
    "a.txt",
    "a.json",
    "a.error.mp3",
    "A.mp3",
    "a.mp3.wav",
    "a b+c%20#?&=.mp3",
    "\u0439.mp3",
    "\u0438\u0306.mp3",
    "й" * 480,
]
"""Alike: one stem, one ending within another, letters of another case, and one letter that Unicode spells in two ways (NFC, NFD)."""


def test_files_with_names_alike_do_not_lay_their_results_over_one_another(bucket: Bucket):
    said = {name: f"word{number}" for number, name in enumerate(NAMES)}
    for name, text in said.items():
        bucket.drop(text, f"uploads/{name}")
        bucket.work_off()
    assert {name: bucket.results()[f"transcripts/{name}.txt"] for name in NAMES} == {name: f"{text}\n" for name, text in said.items()}
    assert len(bucket.results()) == 4 * len(NAMES)
