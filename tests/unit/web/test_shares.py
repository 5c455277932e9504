"""Shared texts over HTTP: seen with the token alone, and no longer than their owner wants."""

import json
from typing import Any

import pytest

from pisar.domain.jobs import Job
from tests.unit.web.test_jobs_api import Web
from tests.unit.world import DAY, KEEP_DAYS

UNKNOWN = (404, "There is no such share, or it was deleted.")


@pytest.fixture
def web() -> Web:
    return Web()


def share(web: Web, job: Job, **body: Any) -> str:
    status, made = web.ask("POST", f"/jobs/{job.id}/share", body=body)
    assert status == 201
    return made["token"]


def look(web: Web, token: str, query: str = "") -> tuple[int, str]:
    answer = web.answer("GET", f"/shared{query}", None, X_Share_Token=token)
    assert answer.headers["Cache-Control"] == "no-store"
    body = json.loads(answer.body)
    return answer.status, body["transcription"] if answer.status == 200 else body["error"]["message"]


def test_who_has_the_token_sees_the_text_as_its_owner_corrected_it(web: Web):
    job = web.done(web.boris, "wun too")
    token = share(web, job, days=2)
    assert look(web, token) == (200, "wun too")
    web.ask("PATCH", f"/jobs/{job.id}/transcript", body={"corrections": [{"segment": 0, "word": 0, "text": "one"}]})
    assert look(web, token) == (200, "one too")
    assert web.answer("GET", "/shared?format=text", None, X_Share_Token=token).body == "one too\n"
    assert web.answer("GET", "/shared?version=original", None, X_Share_Token=token).status == 422
    assert token[32:] not in "".join(web.store.get(key).body.decode() for key in web.stored(""))
    assert token not in "".join(web.stored(""))


def test_a_share_ends_when_it_was_said(web: Web):
    token = share(web, web.done(web.boris, "one"), days=2)
    web.clock.advance(2 * DAY - 1)
    assert look(web, token) == (200, "one")
    web.clock.advance(1)
    assert look(web, token) == UNKNOWN


def test_a_share_is_good_no_longer_than_the_text_is_kept(web: Web):
    job = web.done(web.boris, "one")
    web.clock.advance(DAY)
    token = share(web, job, days=30)
    assert web.texts.shared_until(web.boris, job.id) == (web.records.find(job.id).job.finished_at or 0) + KEEP_DAYS * DAY
    web.clock.advance((KEEP_DAYS - 1) * DAY)
    assert look(web, token) == UNKNOWN


def test_a_new_token_and_a_revocation_act_at_once(web: Web):
    job = web.done(web.boris, "one")
    where = f"/jobs/{job.id}/share"
    assert web.code("GET", where) == (404, "not_found")
    first, second = share(web, job), share(web, job)
    assert (look(web, first), look(web, second)) == (UNKNOWN, (200, "one"))
    assert web.ask("GET", where)[1].keys() == {"expires_at"}
    assert [web.answer("DELETE", where, web.boris).status for _ in range(2)] == [204, 204]
    assert look(web, second) == UNKNOWN
    assert web.code("GET", where) == (404, "not_found")


def test_a_deleted_job_and_an_erased_text_are_shared_no_more(web: Web):
    job, other = web.done(web.boris, "one"), web.done(web.boris, "two")
    tokens = share(web, job), share(web, other)
    web.jobs.delete(web.boris, job.id)
    web.store.delete(other.transcript_key)
    assert [look(web, token) for token in tokens] == [UNKNOWN, UNKNOWN]
    assert web.traces(job) == []
    assert web.code("POST", f"/jobs/{other.id}/share") == (409, "no_transcript")


def test_a_share_made_while_the_job_is_deleted_is_gone(web: Web, monkeypatch: pytest.MonkeyPatch):
    job, put = web.done(web.boris, "one"), web.store.put

    def deleted(key: str, body: bytes, **how: Any) -> str:
        if key.startswith("shares/"):
            web.jobs.delete(web.boris, job.id)
        return put(key, body, **how)

    monkeypatch.setattr(web.store, "put", deleted)
    assert web.code("POST", f"/jobs/{job.id}/share") == (404, "not_found")
    assert web.traces(job) == []


def test_a_wrong_token_shows_nothing(web: Web):
    job, other = web.done(web.boris, "one"), web.done(web.boris, "two")
    token, theirs = share(web, job), share(web, other)
    changed = token[:-1] + ("A" if token[-1] != "A" else "B")
    for wrong in ("", "x", job.id, changed, token + "x", job.id + theirs[32:], "0" * 32 + token[32:], "../" + token[3:], "ё" * 75):
        assert look(web, wrong) == UNKNOWN, wrong


@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
def test_a_share_is_made_seen_and_taken_back_by_its_owner_alone(web: Web, method: str):
    job = web.done(web.boris, "one")
    token = share(web, job)
    assert web.code(method, f"/jobs/{job.id}/share", client=web.anna) == (404, "not_found")
    assert web.answer(method, f"/jobs/{job.id}/share", None).status == 401
    assert look(web, token) == (200, "one")


@pytest.mark.parametrize("body", [{"days": 0}, {"days": 31}, {"days": "7"}, {"days": True}, {"days": 1.5}, {"days": None}, {"hours": 1}])
def test_a_wrong_time_is_refused(web: Web, body: Any):
    job = web.done(web.boris, "one")
    assert web.code("POST", f"/jobs/{job.id}/share", body=body) == (422, "bad_option")
    assert web.stored("shares/") == []
