"""The jobs API as requests and answers, over the in-memory twins."""

import json
from typing import Any

import pytest

from pisar.domain.clients import Client
from pisar.domain.options import MAX_WORDS_CHARACTERS
from pisar.errors import Rejected, Rejection, Unavailable
from pisar.ports.storage import UploadForm
from pisar.state.quotas import Payer
from pisar.web.http import Request, Response
from pisar.web.jobs import MAX_BODY_BYTES, MAX_NAME
from pisar.wiring.jobs import router_of
from tests.unit.api.test_client_jobs import Api
from tests.unit.world import KEEP_DAYS, LIMITS


class Web(Api):
    def ask(self, method: str, path: str, client: Client | None = None, *, body: Any = b"", **headers: str) -> tuple[int, Any]:
        """Return the status and the body, as JSON where it is such."""
        answer = self.answer(method, path, client or self.boris, body=body, **headers)
        kind = answer.headers["Content-Type"]
        return answer.status, json.loads(answer.body) if kind.startswith("application/json") else answer.body

    def answer(self, method: str, path: str, client: Client | None, *, body: Any = b"", **headers: str) -> Response:
        path, _, query = path.partition("?")
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        asked = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
        request = Request(
            method=method,
            path=path,
            headers=asked,
            query=dict(pair.split("=") for pair in query.split("&") if pair),
            body=sent,
        )
        return router_of(self).route(method, path).answer(request, lambda: client)

    def code(self, method: str, path: str, **how: Any) -> tuple[int, str]:
        status, body = self.ask(method, path, **how)
        assert body.keys() == {"error"}
        assert body["error"]["message"]
        return status, body["error"]["code"]


@pytest.fixture
def web() -> Web:
    return Web()


def form_of(made: dict[str, Any]) -> UploadForm:
    return UploadForm(made["upload"]["url"], made["upload"]["fields"])


def test_a_job_is_made_with_its_form(web: Web):
    status, made = web.ask("POST", "/jobs", body={"language": "RU", "prompt": "Писарь", "temperature": 0.2, "track": 2})
    assert status == 201
    assert (made["state"], made["language"], made["task"], made["prompt"]) == ("awaiting_upload", "ru", "transcribe", "Писарь")
    assert (made["position"], made["progress"], made["duration"], made["error"]) == (None, 0.0, None, None)
    assert made["created_at"] == "1970-01-12T13:46:40Z"
    assert made["upload"]["fields"]["key"] == f"incoming/{made['id']}"
    assert made["upload"]["expires_at"] == "1970-01-12T14:46:40Z"
    assert web.answer("POST", "/jobs", web.boris).headers["Location"].startswith("/jobs/")
    asked = web.records.find(made["id"]).job.options
    assert (asked.temperature, asked.track) == (0.2, 2)


def test_a_job_from_upload_to_transcript(web: Web):
    made = web.ask("POST", "/jobs")[1]
    web.store.post(form_of(made), b"hello there")
    web.jobs.uploaded(f"incoming/{made['id']}")
    answer = web.answer("GET", f"/jobs/{made['id']}", web.boris)
    shown = json.loads(answer.body)
    assert (shown["state"], shown["position"], shown["expected_seconds"], answer.headers["Retry-After"]) == ("queued", 0, 12.0, "12")
    assert web.code("GET", f"/jobs/{made['id']}/transcript") == (409, "not_finished")
    web.work_off()
    status, shown = web.ask("GET", f"/jobs/{made['id']}/")
    assert (status, shown["state"], shown["progress"], shown["duration"]) == (200, "done", 1.0, 2.0)
    assert web.ask("GET", f"/jobs/{made['id']}/transcript")[1]["transcription"] == "hello there"
    answer = web.answer("GET", f"/jobs/{made['id']}/transcript?format=srt", web.boris)
    assert answer.headers["Content-Type"] == "application/x-subrip; charset=utf-8"
    assert answer.body.startswith("1\n00:00:00,000 --> ")
    assert web.answer("DELETE", f"/jobs/{made['id']}", web.boris).status == 204
    assert web.code("GET", f"/jobs/{made['id']}") == (404, "not_found")
    assert web.code("DELETE", f"/jobs/{made['id']}") == (404, "not_found")


@pytest.mark.parametrize(
    "name", ["Планёрка 28.11.ogg", "\U0001f468\u200d\U0001f469\u200d\U0001f467.m4a", "at\u202f11.12.mov", "n" * MAX_NAME]
)
def test_a_recording_keeps_the_name_that_its_caller_gave_it_until_it_is_deleted(web: Web, name: str):
    made = web.ask("POST", "/jobs", body={"name": f" {name} "[:MAX_NAME]})[1]
    kept = f" {name} "[:MAX_NAME].strip()
    assert made["name"] == web.ask("GET", f"/jobs/{made['id']}")[1]["name"] == web.ask("GET", "/jobs")[1]["jobs"][0]["name"] == kept
    web.store.post(form_of(made), b"hello there")
    web.jobs.uploaded(f"incoming/{made['id']}")
    web.work_off()
    assert web.ask("GET", f"/jobs/{made['id']}")[1]["name"] == kept
    web.ask("DELETE", f"/jobs/{made['id']}")
    assert kept.encode() not in web.store.get(f"jobs/{made['id']}.json").body
    assert json.dumps(kept).encode() not in web.store.get(f"jobs/{made['id']}.json").body


def test_a_job_without_a_name_has_none(web: Web):
    assert web.ask("POST", "/jobs", body={"name": None})[1]["name"] is None


def test_a_recording_is_uploaded_in_parts_and_goes_on_after_a_break(web: Web):
    audio = b"hello there"
    status, made = web.ask("POST", "/jobs", body={"bytes": len(audio)})
    upload = made["upload"]
    assert (status, upload.keys()) == (201, {"part_bytes", "parts", "done", "expires_at"})
    assert (upload["part_bytes"], upload["done"]) == (8 * 2**20, [])
    ((number, size, url),) = [(part["number"], part["bytes"], part["url"]) for part in upload["parts"]]
    assert (number, size) == (1, len(audio))
    where = f"/jobs/{made['id']}/upload"
    assert web.code("POST", where) == (409, "upload_incomplete")
    assert web.ask("GET", where) == (200, upload)
    web.store.put_part(url, audio)
    assert web.ask("GET", where) == (200, upload | {"parts": [], "done": [1]})
    assert web.code("POST", where, body={"parts": []}) == (422, "bad_option")
    status, job = web.ask("POST", where)
    assert (status, job["id"], "upload" in job) == (200, made["id"], False)
    assert web.code("GET", where) == (409, "no_upload")
    web.jobs.uploaded(f"incoming/{made['id']}")
    web.work_off()
    assert web.ask("POST", where)[1]["state"] == "done"
    assert web.ask("GET", f"/jobs/{made['id']}/transcript")[1]["transcription"] == "hello there"


def test_a_missing_part_is_named_in_words(web: Web):
    made = web.ask("POST", "/jobs", body={"bytes": 7})[1]
    message = web.ask("POST", f"/jobs/{made['id']}/upload")[1]["error"]["message"]
    assert message == "The upload lacks these parts: 1; GET /jobs/{id}/upload gives their addresses."


def test_a_client_learns_what_it_may_do(web: Web):
    web.quotas.charge(Payer(name=web.anna.key_hash, minutes_per_day=1), "a", 15)
    assert web.ask("GET", "/me", web.anna) == (
        200,
        {
            "name": "anna",
            "minutes_per_day": 1.0,
            "minutes_left": 0.75,
            "resets_at": "1970-01-13T00:00:00Z",
            "max_bytes": LIMITS.max_bytes,
            "max_minutes": LIMITS.max_seconds / 60,
            "keep_days": KEEP_DAYS,
            "upload_minutes": 60.0,
            "max_words_characters": MAX_WORDS_CHARACTERS,
        },
    )
    web.quotas.charge(Payer(name=web.anna.key_hash, minutes_per_day=1), "b", 60)
    assert web.ask("GET", "/me", web.anna)[1]["minutes_left"] == 0
    unbounded = web.ask("GET", "/me", web.boris)[1]
    assert (unbounded["minutes_per_day"], unbounded["minutes_left"]) == (None, None)


@pytest.mark.parametrize(
    ("path", "client", "kept"),
    [("/me", True, "no-store"), ("/jobs", True, "no-store"), ("/jobs", False, "no-store"), ("/docs", False, None)],
)
def test_what_is_a_clients_alone_is_kept_in_no_cache(web: Web, path: str, client: bool, kept: str | None):
    answer = web.answer("GET", path, web.boris if client else None)
    assert (answer.headers.get("Cache-Control") == "no-store") == (kept == "no-store")


def test_a_text_so_far_says_that_it_is_not_whole(web: Web):
    made = web.ask("POST", "/jobs")[1]
    where = f"/jobs/{made['id']}/transcript?partial=true"
    assert web.code("GET", where) == (409, "not_finished")
    web.store.post(form_of(made), b"hello there")
    web.jobs.uploaded(f"incoming/{made['id']}")
    answer = web.answer("GET", where + "&format=text", web.boris)
    assert (answer.status, answer.body, answer.headers["X-Complete"], answer.headers["Retry-After"]) == (200, "", "false", "3")
    assert web.code("GET", where.replace("true", "false")) == (409, "not_finished")
    assert web.code("GET", where.replace("true", "perhaps")) == (422, "bad_option")
    web.work_off()
    answer = web.answer("GET", where + "&format=text", web.boris)
    assert (answer.body, answer.headers["X-Complete"], "Retry-After" in answer.headers) == ("hello there\n", "true", False)
    assert "X-Complete" not in web.answer("GET", f"/jobs/{made['id']}/transcript", web.boris).headers


def test_a_failed_job_says_why(web: Web):
    web.ear.rejection = Rejected(Rejection.NO_AUDIO_TRACK)
    job = web.done(web.boris, "x")
    assert web.ask("GET", f"/jobs/{job.id}")[1]["error"] == {"code": "no_audio_track", "message": "The file has no audio track."}
    assert web.code("GET", f"/jobs/{job.id}/transcript") == (409, "no_transcript")


def test_the_list_is_paged_the_newest_first(web: Web):
    jobs = [web.create(web.boris).job.id for _ in range(3)]
    status, page = web.ask("GET", "/jobs?limit=2")
    assert (status, [job["id"] for job in page["jobs"]]) == (200, jobs[:0:-1])
    status, page = web.ask("GET", f"/jobs?limit=2&after={page['next']}")
    assert (status, [job["id"] for job in page["jobs"]], page["next"]) == (200, jobs[:1], None)
    assert web.ask("GET", "/jobs", client=web.anna) == (200, {"jobs": [], "next": None})


def test_the_same_idempotency_key_answers_200_with_the_first_job(web: Web):
    first = web.ask("POST", "/jobs", body={"language": "ru"}, Idempotency_Key="k")
    again = web.ask("POST", "/jobs", body={"language": "ru"}, Idempotency_Key="k")
    assert (first[0], again[0], first[1]["id"]) == (201, 200, again[1]["id"])
    assert web.code("POST", "/jobs", body={"language": "en"}, Idempotency_Key="k") == (422, "idempotency_key_reused")
    web.jobs.delete(web.boris, first[1]["id"])
    assert web.code("POST", "/jobs", body={"language": "ru"}, Idempotency_Key="k") == (409, "job_deleted")


def test_of_a_long_prompt_the_end_is_kept_however_json_spells_it(web: Web):
    status, made = web.ask("POST", "/jobs", body={"prompt": "🎙 " * 5000})
    assert (status, made["prompt"]) == (201, ("🎙 " * 1000).strip())


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_an_empty_field_is_an_absent_one(web: Web, nothing: str | None):
    names = ("language", "task", "prompt", "temperature", "track", "callback_url", "name")
    plain = web.ask("POST", "/jobs", Idempotency_Key="k")
    again = web.ask("POST", "/jobs", body=dict.fromkeys(names, nothing), Idempotency_Key="k")
    assert (plain[0], again[0], plain[1]["id"]) == (201, 200, again[1]["id"])


@pytest.mark.parametrize(
    ("field", "value", "taken"),
    [
        ("language", "ru-RU", "ru"),
        ("language", "russian", "ru"),
        ("language", "zh_CN", "zh"),
        ("language", "iw", "he"),
        ("temperature", "0.5", 0.5),
        ("temperature", "0,5", 0.5),
        ("track", "2", 2),
    ],
)
def test_a_field_is_taken_as_clients_write_it(web: Web, field: str, value: str, taken: object):
    made = web.ask("POST", "/jobs", body={field: value})[1]
    assert getattr(web.records.find(made["id"]).job.options, field) == taken


def test_what_is_asked_for_elsewhere_is_told_where(web: Web):
    message = web.ask("POST", "/jobs", body={"response_format": "srt"})[1]["error"]["message"]
    assert message.endswith("callback_url, name, bytes; GET /jobs/{id}/transcript gives the text in any format.")


def test_a_body_that_is_too_large_is_told_what_is_read_of_a_prompt(web: Web):
    prompt = "Мы обсуждали планы на осень и приехали в город. "
    status, body = web.ask("POST", "/jobs", body={"prompt": prompt * 500})
    assert (status, body["error"]["code"]) == (413, "too_big")
    assert body["error"]["message"].startswith("The body is larger than 64 KB. Of a long prompt send the end, which is all that is read")
    assert web.ask("POST", "/jobs", body={"prompt": prompt * 200})[1]["prompt"].endswith("и приехали в город.")


WRONG: dict[str, tuple[dict[str, Any], tuple[int, str]]] = {
    "not JSON": ({"body": b"{"}, (400, "bad_request")),
    "a list": ({"body": []}, (400, "bad_request")),
    "a number": ({"body": b"7"}, (400, "bad_request")),
    "not UTF-8": ({"body": b'{"language": "\xff"}'}, (400, "bad_request")),
    "very deep": ({"body": b"[" * 30_000}, (400, "bad_request")),
    "huge": ({"body": b" " * (MAX_BODY_BYTES + 1)}, (413, "too_big")),
    "a form": ({"body": b"a=b", "Content_Type": "application/x-www-form-urlencoded"}, (415, "unsupported_media_type")),
    "an unknown field": ({"body": {"langauge": "ru"}}, (422, "bad_option")),
    "an unknown language": ({"body": {"language": "klingon"}}, (422, "bad_option")),
    "a language that is a number": ({"body": {"language": 7}}, (422, "bad_option")),
    "a task of no kind": ({"body": {"task": "sing"}}, (422, "bad_option")),
    "a prompt that is a list": ({"body": {"prompt": ["a"]}}, (422, "bad_option")),
    "a temperature that is a word": ({"body": {"temperature": "warm"}}, (422, "bad_option")),
    "a temperature that is true": ({"body": {"temperature": True}}, (422, "bad_option")),
    "a temperature that is too high": ({"body": {"temperature": 1.1}}, (422, "bad_option")),
    "a track that is a word": ({"body": {"track": "second"}}, (422, "bad_option")),
    "an unknown field of nothing": ({"body": {"langauge": None}}, (422, "bad_option")),
    "half a character": ({"body": b'{"prompt": "\\ud83c"}'}, (400, "bad_request")),
    "a track that is true": ({"body": {"track": True}}, (422, "bad_option")),
    "a track that is a half": ({"body": {"track": 1.5}}, (422, "bad_option")),
    "a track before the first": ({"body": {"track": 0}}, (422, "bad_option")),
    "a temperature that is infinite": ({"body": b'{"temperature": Infinity}'}, (400, "bad_request")),
    "a callback that is an object": ({"body": {"callback_url": {}}}, (422, "bad_option")),
    "a callback without a scheme": ({"body": {"callback_url": "example.com"}}, (422, "bad_callback")),
    "no bytes": ({"body": {"bytes": 0}}, (422, "bad_option")),
    "bytes that are a text": ({"body": {"bytes": "7"}}, (422, "bad_option")),
    "bytes that are true": ({"body": {"bytes": True}}, (422, "bad_option")),
    "bytes that are a half": ({"body": {"bytes": 1.5}}, (422, "bad_option")),
    "too many bytes": ({"body": {"bytes": LIMITS.max_bytes + 1}}, (413, "too_big")),
    "a name that is a number": ({"body": {"name": 7}}, (422, "bad_option")),
    "a name that is too long": ({"body": {"name": "n" * (MAX_NAME + 1)}}, (422, "bad_option")),
    "a name of two lines": ({"body": {"name": "a\nb"}}, (422, "bad_option")),
    "an empty idempotency key": ({"Idempotency_Key": ""}, (422, "bad_option")),
    "a long idempotency key": ({"Idempotency_Key": "k" * 256}, (422, "bad_option")),
    "an idempotency key with control characters": ({"Idempotency_Key": "k\x00"}, (422, "bad_option")),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_order_is_refused_and_leaves_nothing(web: Web, what: str):
    how, expected = WRONG[what]
    assert web.code("POST", "/jobs", **how) == expected
    assert [key for key in web.stored("") if not key.startswith("clients/")] == []


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "limit=-1", "limit=1e1", "after=x", "after=../clients/"])
def test_a_page_nobody_can_give_is_refused(web: Web, query: str):
    assert web.code("GET", f"/jobs?{query}") == (422, "bad_option")


def test_nothing_said_in_the_address_is_as_if_it_were_not_there(web: Web):
    web.create(web.boris)
    assert web.ask("GET", "/jobs?limit=&after=") == web.ask("GET", "/jobs")
    job = web.done(web.boris, "hello")
    shown = [web.ask("GET", f"/jobs/{job.id}/transcript{query}") for query in ("", "?format=", "?format=JSON")]
    assert (shown[0][0], shown[0], shown[0]) == (200, shown[1], shown[2])


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/jobs?limt=5", "limt"),
        ("GET", "/jobs?limit=5&format=srt", "format"),
        ("POST", "/jobs?language=ru", "language"),
        ("GET", "/jobs/ID?verbose=1", "verbose"),
        ("DELETE", "/jobs/ID?force=", "force"),
        ("GET", "/jobs/ID/transcript?response_format=srt", "response_format"),
        ("DELETE", "/transcripts/ID?a=b", "a"),
        ("GET", "/me?a=b", "a"),
    ],
)
def test_an_unknown_parameter_in_the_address_is_named_and_nothing_done(web: Web, method: str, path: str, name: str):
    job = web.done(web.boris, "hello")
    before = web.stored("")
    status, body = web.ask(method, path.replace("ID", job.id))
    assert (status, body["error"]["code"]) == (422, "bad_option")
    assert f"The option {name} is wrong: expected no parameter of this name in the address" in body["error"]["message"]
    assert web.stored("") == before


@pytest.mark.parametrize("path", ["/v1/models", "/v1/models/whisper-1"])
def test_under_v1_an_unknown_parameter_is_named_in_openais_shape(web: Web, path: str):
    status, body = web.ask("GET", f"{path}?limit=1")
    error = body["error"]
    assert (status, error["param"], error["code"], error["type"]) == (422, "limit", "bad_option", "invalid_request_error")


def test_a_format_nobody_writes_is_refused(web: Web):
    assert web.code("GET", f"/jobs/{'0' * 32}/transcript?format=docx") == (422, "bad_option")


@pytest.mark.parametrize("this", ["0" * 32, "0" * 31, "F" * 32, "..", "%2e%2e", "a" * 10_000, "ё", "0" * 32 + "\n"])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_id_of_nothing_is_not_found(web: Web, this: str, method: str):
    assert web.code(method, f"/jobs/{this}") == (404, "not_found")


def test_only_what_can_be_an_id_is_looked_up(web: Web):
    """What lies under any other name, however it came there, is nobody's job."""
    record = web.store.get(f"jobs/{web.create(web.boris).job.id}.json").body
    web.store.put("jobs/../secret.json", record)
    web.store.put("jobs/ABC.json", record)
    assert [web.code("GET", f"/jobs/{this}") for this in ("../secret", "ABC")] == [(404, "not_found")] * 2


def test_another_address_is_not_found(web: Web):
    assert web.code("GET", "/nowhere") == (404, "not_found")
    assert web.code("PUT", "/jobs") == (405, "method_not_allowed")


def test_nobody_known_is_not_answered(web: Web):
    answer = web.answer("GET", "/jobs", None)
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (401, "unauthorized")


def test_a_used_up_quota_says_when_to_come_back(web: Web):
    web.quotas.charge(Payer(name=web.anna.key_hash, minutes_per_day=1), "a", 60)
    answer = web.answer("POST", "/jobs", web.anna)
    assert answer.status == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 86_400


@pytest.mark.parametrize(("error", "status"), [(Unavailable("down"), 503), (RuntimeError("a bug"), 500)])
def test_what_fails_here_is_told_without_details(web: Web, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int):
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(web.jobs, "page", fail)
    answer = web.answer("GET", "/jobs", web.boris)
    assert answer.status == status
    assert str(error) not in answer.body
    assert ("Retry-After" in answer.headers) == (status == 503)


def test_a_kept_text_is_erased_by_its_name_and_once_more_is_fine(web: Web):
    name = "0c9e4f7281d5a6b7c8d9e0f16f1d3b0a"
    web.store.put(f"cache/{name}.json", b"{}")
    assert [web.answer("DELETE", f"/transcripts/{name}", web.boris).status for _ in range(2)] == [204, 204]
    assert web.stored("cache/") == []


@pytest.mark.parametrize("name", ["..%2Fclients", "x", "0" * 33, "A" * 32])
def test_what_is_no_name_of_a_kept_text_is_not_found(web: Web, name: str):
    assert web.code("DELETE", f"/transcripts/{name}") == (404, "not_found")
