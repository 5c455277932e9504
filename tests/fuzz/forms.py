"""Requests thrown at the API, multipart forms and JSON bodies: `python -m tests.fuzz forms`.

Each answer must have a status that the API's description tells of that operation.
"""

import importlib.util
import json
from random import Random
from typing import Any, NamedTuple
from urllib.parse import quote

import yaml
from starlette.testclient import TestClient

from localstack.stack import ROOT
from pisar.wiring.jobs import router_of
from pisar.wiring.serving import Serving, Transcriber
from pisar.wiring.settings import Server
from tests.fuzz.inputs import TEXTS, mutated, written
from tests.fuzz.running import FoundError, Kind, noted
from tests.fuzz.worlds import look_over, new_world
from tests.unit.api.test_client_jobs import Api

FIELDS = (
    "language",
    "task",
    "prompt",
    "temperature",
    "track",
    "response_format",
    "wait",
    "stream",
    "model",
    "timestamp_granularities[]",
    "timestamp_granularities",
    "include",
    "languages[]",
    "keywords[0]",
    "chunking_strategy[type]",
    "file",
)
VALUES = (
    "ru",
    "auto",
    "translate",
    "0",
    "1",
    "0.5",
    "json",
    "srt",
    "verbose_json",
    "word",
    "segment",
    "true",
    "nan",
    "1e400",
    "9" * 400,
    *TEXTS,
)
ORDER = {
    "language": "ru",
    "task": "transcribe",
    "prompt": "Марина",
    "temperature": 0.5,
    "track": 1,
    "callback_url": "https://example.com/done",
}
AUDIO = (b"hello there", b"", b"one two three four", b"x" * 5000)
PATHS: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "terraform" / "openapi.yaml").read_text(encoding="utf-8"))["paths"]
IDS = ("0" * 32, "x", "..", "%2e%2e%2fclients%2fa", "\x00", "0" * 33, *TEXTS[:6])
MULTIPART = ("/transcribe", "/v1/audio/transcriptions", "/v1/audio/translations")
BY_ID = (("GET", "/jobs/{id}"), ("DELETE", "/jobs/{id}"), ("GET", "/jobs/{id}/transcript"), ("DELETE", "/transcripts/{id}"))


def _app() -> Any:
    spec = importlib.util.spec_from_file_location("door", ROOT / "containers" / "transcriber" / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


APP = _app()


def _client(world: Api) -> TestClient:
    """Return who talks to the whole API over a world."""
    transcriber = Transcriber(
        jobs=world.transcription,
        direct=world.direct,
        keeps=True,
        keys=world.keys,
        max_bytes=2**20,
        language="auto",
        server=Server(),
    )
    router = router_of(world)
    return TestClient(APP.application(Serving(transcriber, router)), raise_server_exceptions=True)


def _form(chance: Random) -> tuple[bytes, str]:
    """Return a multipart body and its type, each now and then broken."""
    boundary = chance.choice(["x", "a" * 70, "----WebKit"])
    parts = [
        (chance.choice([*FIELDS, chance.choice(TEXTS)[:200]]), chance.choice(VALUES).encode(errors="surrogatepass"), "")
        for _ in range(chance.choice([0, 1, 2, 3, 5, 60]))
    ]
    for _ in range(chance.choice([1, 1, 1, 1, 0, 2])):
        parts.insert(
            chance.randrange(len(parts) + 1), ("file", chance.choice(AUDIO), chance.choice(["a.ogg", "\udc80", "a" * 300, *TEXTS])[:400])
        )
    body = b""
    for name, value, file_name in parts:
        disposition = f'form-data; name="{name}"' + (f'; filename="{file_name}"' if file_name else "")
        body += f"--{boundary}\r\nContent-Disposition: {disposition}\r\n\r\n".encode(errors="surrogatepass") + value + b"\r\n"
    body += f"--{boundary}--\r\n".encode()
    if chance.random() < 0.2:
        at = chance.randrange(len(body) + 1)
        body = chance.choice([body[:at], body[:at] + chance.randbytes(9) + body[at:], body + b"junk" * 500, body.replace(b"\r\n", b"\n")])
    kinds = [f"multipart/form-data; boundary={boundary}"] * 12
    return body, chance.choice(
        [*kinds, "multipart/form-data", "application/json", "text/plain; charset=utf-7", f"multipart/form-data; boundary={'b' * 3000}"]
    )


def _request(chance: Random, world: Api) -> tuple[str, str, str, bytes, dict[str, str]]:
    """Return a method, the path as it is described and as it is asked for, a body and headers."""
    match chance.randrange(4):
        case 0 | 1:
            path = chance.choice(MULTIPART)
            body, kind = _form(chance)
            query = f"?{chance.choice(FIELDS)}={quote(chance.choice(VALUES)[:300])}" if chance.random() < 0.2 else ""
            return "POST", path, path + query, body, {"Content-Type": kind}
        case 2:
            key = {"Idempotency-Key": chance.choice(["monday", "", "x" * 300, "\t"])} if chance.random() < 0.3 else {}
            kind = chance.choice(["application/json"] * 8 + ["text/plain", ""])
            return "POST", "/jobs", "/jobs", written(chance, mutated(chance, ORDER)), {"Content-Type": kind, **key}
        case _:
            if chance.random() < 0.2:
                query = f"?limit={quote(chance.choice(VALUES)[:300])}&after={quote(chance.choice(IDS)[:300])}"
                return "GET", "/jobs", f"/jobs{query}", b"", {}
            method, path = chance.choice(BY_ID)
            known = [key[5:-5] for key in world.stored("jobs/")]
            this = chance.choice([*known, *IDS]) if chance.random() < 0.5 else chance.choice(IDS)
            query = f"?format={quote(chance.choice(VALUES)[:100])}" if chance.random() < 0.3 else ""
            return method, path, path.replace("{id}", quote(this[:500], safe="%")) + query, b"", {}


class Served(NamedTuple):
    """A product, who talks to its API, and with which key."""

    world: Api
    http: TestClient
    key: str


def new() -> Served:
    """Return a product that has a client."""
    world = new_world()
    return Served(world, _client(world), world.keys.create("carl", now=0).key)


def attempt(chance: Random, served: Served) -> str:
    """Throw one request; return its operation and status."""
    world = served.world
    world.clock.advance(1)
    method, described, path, body, headers = noted(_request(chance, world))
    if chance.random() < 0.95:
        headers |= {"X-API-Key": served.key}
    answer = served.http.request(method, path, content=body, headers=headers)
    there = {int(status) for status in PATHS[described][method.lower()]["responses"]}
    outside = {404, 405}  # a path with an id that is none of it may lead nowhere
    foreseen = there | outside if "{id}" in described else there
    if answer.status_code not in foreseen - {500, 504}:
        raise FoundError(f"{method} {path!r} was answered {answer.status_code} {answer.text[:200]}", (headers, body))
    if answer.headers.get("Content-Type", "").startswith("application/json"):
        json.loads(answer.content)
    if chance.random() < 0.1:
        _upload_some(chance, world)
    return f"{method} {described} {answer.status_code}"


def _upload_some(chance: Random, world: Api) -> None:
    """Have the audio come of some jobs that await it, and everything done that waits."""
    for key in list(world.stored("awaited/")):
        if chance.random() < 0.7:
            this = key.rpartition("/")[2]
            world.store.put(f"incoming/{this}", chance.choice(AUDIO))
            world.jobs.uploaded(f"incoming/{this}")
    world.work_off()


KIND = Kind(attempt, new, lambda served: look_over(served.world))
