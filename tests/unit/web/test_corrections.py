"""Corrections over HTTP: in every format, in two tabs at once, and gone with the job."""

import json
from typing import Any

import pytest

from pisar.domain.jobs import Job
from tests.unit.web.test_jobs_api import Web


@pytest.fixture
def web() -> Web:
    return Web()


def where(job: Job) -> str:
    return f"/jobs/{job.id}/transcript"


def correct(web: Web, job: Job, *corrections: Any) -> tuple[int, Any]:
    return web.ask("PATCH", where(job), body={"corrections": list(corrections)})


def test_every_format_has_the_corrected_text_and_the_first_one_stays(web: Web):
    job = web.done(web.boris, "wun too three")
    status, kept = correct(web, job, {"segment": 0, "word": 0, "text": "one"}, {"segment": 1, "word": 0, "text": ""})
    assert (status, kept) == (200, {"corrections": [{"segment": 0, "word": 0, "text": "one"}, {"segment": 1, "word": 0, "text": ""}]})
    assert web.ask("GET", where(job))[1]["transcription"] == "one three"
    assert len(web.ask("GET", where(job))[1]["segments"]) == 2
    assert web.ask("GET", where(job) + "?format=text")[1] == "one three\n"
    for subtitles in ("srt", "vtt"):
        text = web.ask("GET", f"{where(job)}?format={subtitles}")[1]
        assert ("one" in text, "wun" in text, "too" in text) == (True, False, False)
    verbose = web.ask("GET", where(job) + "?format=verbose_json")[1]
    assert [one["id"] for one in verbose["segments"]] == [0, 1, 2]
    assert [one["words"][0] for one in verbose["segments"]] == [
        {"word": "one", "start": 0, "end": 1, "original": "wun"},
        {"word": "", "start": 1, "end": 2, "original": "too"},
        {"word": "three", "start": 2, "end": 3},
    ]
    assert web.ask("GET", where(job) + "?version=original")[1]["transcription"] == "wun too three"
    assert web.ask("GET", where(job) + "?partial=true")[1]["transcription"] == "one three"
    assert web.ask("GET", where(job) + "?partial=true&version=original")[1]["transcription"] == "wun too three"
    assert web.code("GET", where(job) + "?version=second") == (422, "bad_option")
    assert web.done(web.boris, "wun too three").id != job.id
    assert web.ear.heard == [48_000]  # the cache is as it was
    assert correct(web, job, {"segment": 0, "word": 0, "text": None})[1] == {"corrections": [{"segment": 1, "word": 0, "text": ""}]}
    assert web.ask("GET", where(job))[1]["transcription"] == "wun three"


def test_two_who_correct_at_once_lose_nothing_of_each_other(web: Web, monkeypatch: pytest.MonkeyPatch):
    job = web.done(web.boris, "wun too")
    put = web.store.put

    def overtaken(key: str, body: bytes, **how: Any) -> str:
        if key.startswith("corrections/"):
            monkeypatch.setattr(web.store, "put", put)
            assert correct(web, job, {"segment": 1, "word": 0, "text": "two"})[0] == 200
        return put(key, body, **how)

    monkeypatch.setattr(web.store, "put", overtaken)
    assert len(correct(web, job, {"segment": 0, "word": 0, "text": "one"})[1]["corrections"]) == 2
    assert web.ask("GET", where(job))[1]["transcription"] == "one two"


def test_corrections_are_gone_with_the_job_also_if_they_come_while_it_is_deleted(web: Web, monkeypatch: pytest.MonkeyPatch):
    job = web.done(web.boris, "wun too")
    correct(web, job, {"segment": 0, "word": 0, "text": "one"})
    assert web.stored("corrections/") == [f"corrections/{job.id}.json"]
    web.jobs.delete(web.boris, job.id)
    assert web.traces(job) == []
    job, put = web.done(web.boris, "wun too"), web.store.put

    def deleted(key: str, body: bytes, **how: Any) -> str:
        if key.startswith("corrections/"):
            web.jobs.delete(web.boris, job.id)
        return put(key, body, **how)

    monkeypatch.setattr(web.store, "put", deleted)
    assert correct(web, job, {"segment": 0, "word": 0, "text": "one"})[0] == 404
    assert web.traces(job) == []


def test_what_is_not_there_or_anothers_is_not_corrected(web: Web):
    job = web.done(web.boris, "wun")
    body = {"corrections": [{"segment": 0, "word": 0, "text": "one"}]}
    assert web.code("PATCH", where(job), client=web.anna, body=body) == (404, "not_found")
    assert web.code("PATCH", where(web.create(web.boris).job), body=body) == (409, "not_finished")
    web.store.delete(job.transcript_key)
    assert web.code("PATCH", where(job), body=body) == (409, "no_transcript")
    assert web.stored("corrections/") == []


WRONG: list[Any] = [
    {},
    {"corrections": []},
    {"corrections": {}},
    {"corrections": [7]},
    {"corrections": [{"segment": 0, "word": 0}]},
    {"corrections": [{"word": 0, "text": "x"}]},
    {"corrections": [{"segment": "0", "word": 0, "text": "x"}]},
    {"corrections": [{"segment": True, "word": 0, "text": "x"}]},
    {"corrections": [{"segment": 0, "word": 0.5, "text": "x"}]},
    {"corrections": [{"segment": 0, "text": "x"}]},
    {"corrections": [{"segment": 0, "word": 0, "text": 7}]},
    {"corrections": [{"segment": 0, "word": 0, "text": "a\nb"}]},
    {"corrections": [{"segment": 0, "word": 0, "text": "x", "by": "me"}]},
    {"corrections": [{"segment": 0, "word": 0, "text": "x"}], "version": 1},
    {"corrections": [{"segment": 0, "word": 0, "text": "x"}, {"segment": 9, "word": 0, "text": "x"}]},
]


@pytest.mark.parametrize("body", WRONG, ids=json.dumps)
def test_a_wrong_correction_is_refused_and_none_with_it_is_made(web: Web, body: Any):
    job = web.done(web.boris, "wun")
    assert web.code("PATCH", where(job), body=body) == (422, "bad_option")
    assert web.stored("corrections/") == []
