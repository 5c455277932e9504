"""The running API, held against its own description: what Schemathesis makes of the description is asked, and every answer compared.

The same requests are made each time: nothing is drawn at random, nothing kept from one run to the next, and no time is measured.
"""

import io
import json
import re
import wave
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import jsonschema
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from openapi_schema_validator import OAS30Validator
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks
from schemathesis.transport.serialization import Binary

from localstack.stack import ROOT, Stack
from pisar.domain.clients import hash_key
from pisar.state.api_keys import Keys

from .conftest import Api, eventually, voice

DOCUMENT: dict[str, Any] = json.loads((ROOT / "src" / "pisar" / "web" / "openapi.json").read_text(encoding="utf-8"))
OPERATIONS = {f"{method.upper()} {path}": one for path, item in DOCUMENT["paths"].items() for method, one in item.items()}
GUARDED = [name for name, one in OPERATIONS.items() if one["security"]]
OPENAI_FACE = "/v1/"
EXAMPLES = 10
"""Of each operation, beside those that the description itself gives and those at the limits of each field."""

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.ignored_auth,
]
CONFIGURATION = {
    "generation": {"deterministic": True, "with-security-parameters": False, "max-examples": EXAMPLES},
    "operations": [{"include-tag": ["transcription", "openai"], "generation": {"max-examples": EXAMPLES // 2}}],
    "phases": {"fuzzing": {"extra-data-sources": {"responses": False}, "error-feedback": {"enabled": False}}},
}
HOSTS = ("http://localhost:9/a", "http://127.0.0.1/a")
"""One that the local cloud lets be called, and one that it does not."""

STEADY = settings(database=None, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))


def silence() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, 16_000, 16_000, "NONE", ""))
        sound.writeframes(bytes(32_000))
    return file.getvalue()


FORMS = dict.fromkeys(("/transcribe", "/v1/audio/transcriptions", "/v1/audio/translations"), silence())
"""Silence takes the engine no time; voices are among what is drawn."""


def for_schemathesis() -> dict[str, Any]:
    """Return the description with a recording in its examples of forms, so that what is tried around them can be answered.

    The schema of a stream becomes that of one event: Schemathesis reads it as OpenAPI 3.2 does, not as 3.0.
    """
    described = deepcopy(DOCUMENT)
    for name, file in FORMS.items():
        described["paths"][name]["post"]["requestBody"]["content"]["multipart/form-data"]["example"]["file"] = Binary(file)
    data = {"type": "string", "pattern": r'^\{"type": "transcript\.text\.(delta|done)", "(delta|text)": ".*"\}$'}
    described["components"]["schemas"]["OpenAiEvents"] = {"type": "object", "required": ["data"], "properties": {"data": data}}
    return described


FILES = [voice("ru-1.ogg"), voice("en-1.ogg"), silence(), b"this is a letter\n" * 100, b"", b"OggS" + bytes(500)]
schemathesis.openapi.format("binary", st.sampled_from(FILES).map(Binary))
api_schema = schemathesis.openapi.from_dict(for_schemathesis(), config=schemathesis.Config.from_dict(CONFIGURATION))


@dataclass(frozen=True)
class Caller:
    """A client, and the jobs it may name: `ids` are of one that is done, failed, awaited, somebody else's, and of none."""

    api: Api
    url: str
    ids: tuple[str, ...]

    def headers(self, path: str) -> dict[str, str]:
        return key_headers(path, self.api.key)

    def make(self) -> dict[str, Any]:
        answer = self.api.post(f"{self.url}/jobs", headers={"X-API-Key": self.api.key}, timeout=60)
        assert answer.status_code == 201
        return answer.json()

    def end(self, audio: bytes) -> str:
        """Make a job, upload its audio and return its id once it is finished."""
        job = self.make()
        upload = job["upload"]
        assert self.api.post(upload["url"], data=upload["fields"], files={"file": audio}, timeout=60).status_code == 204
        where, key = f"{self.url}/jobs/{job['id']}", {"X-API-Key": self.api.key}
        eventually(lambda: self.api.get(where, headers=key, timeout=60).json()["finished_at"], "the end of the job")
        return job["id"]

    def made_real(self, case: Any) -> Any:
        """Put jobs there are in the place of ids that were made up, and a host that needs no network in that of any other."""
        this, body = (case.path_parameters or {}).get("id"), case.body
        if isinstance(this, str) and re.fullmatch("[0-9a-f]{32}", this):
            others = (self.make()["id"], *self.ids[-2:]) if case.method == "DELETE" else self.ids
            case.path_parameters["id"] = others[sum(map(ord, this)) % len(others)]
        if isinstance(body, dict) and str(body.get("callback_url", "")).startswith("http"):
            case.body = body | {"callback_url": HOSTS[len(body["callback_url"]) % len(HOSTS)]}
        return case


def key_headers(path: str, key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if path.startswith(OPENAI_FACE) else {"X-API-Key": key}


@pytest.fixture(scope="session")
def caller(stack: Stack) -> Iterator[Caller]:
    mine, others = (Keys(stack.store()).create(name, now=0).key for name in ("contract", "somebody else"))
    with Api(stack.api_url, mine) as api, Api(stack.api_url, others) as other:
        first = Caller(api, stack.api_url, ())
        theirs = Caller(other, stack.api_url, ()).make()["id"]
        yield Caller(api, stack.api_url, (first.end(voice()), first.end(b"a letter"), first.make()["id"], theirs, hash_key("none")[:32]))


@api_schema.parametrize()
@STEADY
def test_every_answer_is_as_described(case: Any, caller: Caller):
    caller.made_real(case).call_and_validate(base_url=caller.url, headers=caller.headers(case.path), checks=CHECKS, timeout=60)


def test_a_job_is_what_is_described_at_every_step_that_a_link_leads_to(stack: Stack):
    """The client is one of its own: of the other's jobs so many may await their upload already that it is given no further one."""
    steps: list[str] = []
    key = Keys(stack.store()).create("step by step", now=0).key

    class Links(api_schema.as_state_machine()):  # type: ignore[misc]
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"base_url": stack.api_url, "headers": key_headers(case.path, key), "timeout": 60}

        def validate_response(self, response: Any, case: Any, **_: Any) -> None:
            steps.append(case.operation.label)
            case.validate_response(response, checks=CHECKS[:-1])

    Links.run(settings=settings(STEADY, max_examples=10, stateful_step_count=6))
    assert {"POST /jobs", "GET /jobs/{id}", "GET /jobs/{id}/transcript", "DELETE /jobs/{id}"} <= set(steps)


def ask(api: Api, url: str, name: str, headers: dict[str, str]) -> requests.Response:
    """Call an operation with nothing but its parameters' examples."""
    method, path = name.split()
    for parameter in [DOCUMENT["components"]["parameters"]["JobId"], *OPERATIONS[name].get("parameters", [])]:
        if parameter.get("in") == "path":
            path = path.replace(f"{{{parameter['name']}}}", parameter["example"])
    return api.request(method, url + path, headers=headers, timeout=30)


def assert_described(name: str, answer: requests.Response) -> None:
    """The answer's status is one that the operation has, and its body fits the schema of that status."""
    response = OPERATIONS[name]["responses"][str(answer.status_code)]
    if "$ref" in response:
        response = DOCUMENT["components"]["responses"][response["$ref"].rpartition("/")[2]]
    schema = response["content"][answer.headers["Content-Type"].partition(";")[0]]["schema"]
    OAS30Validator(schema | {"components": DOCUMENT["components"]}, format_checker=jsonschema.FormatChecker()).validate(answer.json())


@pytest.mark.parametrize("name", GUARDED)
def test_without_a_key_nothing_is_answered(caller: Caller, name: str):
    answer = ask(caller.api, caller.url, name, {})
    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})
    assert_described(name, answer)


WRONG: dict[str, Callable[[str], str]] = {
    "made up": lambda _: "pisar_" + "x" * 43,
    "cut short": lambda key: key[:-1],
    "a hash": hash_key,
    "two": lambda key: f"{key},{key}",
    "none": lambda _: "",
}


@pytest.mark.parametrize("how", WRONG)
@pytest.mark.parametrize("name", GUARDED)
def test_with_a_wrong_key_nothing_is_answered(caller: Caller, name: str, how: str):
    path = name.split()[1]
    answer = ask(caller.api, caller.url, name, key_headers(path, WRONG[how](caller.api.key)))
    keyless = how == "none" and path.startswith(OPENAI_FACE)  # "Bearer" and no more
    assert answer.status_code == (401 if keyless else 403)
    assert_described(name, answer)


def test_openais_face_takes_a_key_in_either_header(caller: Caller):
    url = f"{caller.url}/v1/models"
    for headers in ({"Authorization": f"Bearer {caller.api.key}"}, {"X-API-Key": caller.api.key}):
        assert caller.api.get(url, headers=headers, timeout=60).json()["data"][0]["id"] == "whisper-1"
    for headers in ({"Authorization": "Bearer wrong"}, {"X-API-Key": "wrong"}):
        assert caller.api.get(url, headers=headers, timeout=60).status_code == 403


def test_a_key_in_the_other_header_opens_ours_too(caller: Caller):
    answer = caller.api.get(f"{caller.url}/jobs", headers={"Authorization": f"Bearer {caller.api.key}"}, timeout=60)
    assert answer.status_code == 200


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_is_served(caller: Caller, name: str):
    answer = ask(caller.api, caller.url, name, caller.headers(name.split()[1]))
    assert answer.status_code not in {405, *range(500, 600)}
    assert answer.text != '{"message": "Not Found"}'
    assert str(answer.status_code) in OPERATIONS[name]["responses"]


def test_no_other_operation_is_served(caller: Caller):
    methods = ("GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE")
    others = [f"{method} {path}" for path in DOCUMENT["paths"] for method in methods if f"{method} {path}" not in OPERATIONS]
    others = [name for name in others if name.replace("HEAD", "GET") not in OPERATIONS]  # HEAD is answered as GET is
    got = {}
    for name in others:
        method, path = name.split()
        got[name] = caller.api.request(method, caller.url + path, headers=caller.headers(path), timeout=60).status_code
    assert got == {name: 204 if name.startswith("OPTIONS") else 405 for name in others}
