"""Each call of the API reads the client's record once, whichever door it comes by, and never where no key is needed."""

import importlib.util
from types import ModuleType

import pytest
from starlette.testclient import TestClient

from localstack.stack import ROOT
from pisar import logs
from pisar.adapters import object_storage
from pisar.domain.bucket import CLIENTS
from pisar.ports.storage import StoredObject
from pisar.state.api_keys import Keys, NewKey
from pisar.wiring import jobs
from pisar.wiring.serving import Serving, Transcriber
from pisar.wiring.settings import Server
from tests.support.twins import MemoryObjectStore

ENVIRONMENT = {"PISAR_BUCKET": "pisar", "PISAR_QUEUE_URL": "http://127.0.0.1:1/jobs"}
NEEDS_A_KEY = [("POST", "/jobs"), ("GET", "/jobs"), ("GET", f"/jobs/{'0' * 32}"), ("GET", "/v1/models")]
FOR_ANYBODY = [("GET", "/nowhere"), ("GET", "/openapi.json"), ("GET", "/docs"), ("GET", "/docs/start.js")]


class Store(MemoryObjectStore):
    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []
        self.holder = Keys(self).create("anna", now=0)

    def get(self, key: str) -> StoredObject:
        self.read.append(key)
        return super().get(key)

    def reached_at(self, _: str) -> "Store":
        return self

    @property
    def look_ups(self) -> int:
        return sum(key.startswith(CLIENTS) for key in self.read)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    store = Store()
    monkeypatch.setattr(object_storage, "S3ObjectStore", lambda _: store)
    monkeypatch.setattr(logs, "configure", lambda *_: None)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return store


def door(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location("the_door", ROOT / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def by_the_container(store: Store, method: str, path: str, key: NewKey) -> int:
    router, _ = jobs.build(ENVIRONMENT)
    transcriber = Transcriber(None, None, True, Keys(store), 1, "auto", Server())  # type: ignore[arg-type] # no engine
    application = door("containers/transcriber/app.py").application(Serving(transcriber, router))
    return TestClient(application).request(method, path, headers={"X-API-Key": key.key}).status_code


def by_the_function(_: Store, method: str, path: str, key: NewKey) -> int:
    event = {"httpMethod": method, "url": path, "requestContext": {"authorizer": {"client": key.client.key_hash}}}
    return int(door("functions/jobs/main.py").handler(event, None)["statusCode"])


@pytest.mark.parametrize("ask", [by_the_container, by_the_function])
@pytest.mark.parametrize(("method", "path"), NEEDS_A_KEY)
def test_who_asks_is_looked_up_once(store: Store, ask, method: str, path: str):
    status = ask(store, method, path, store.holder)
    assert (status in (200, 201, 404), store.look_ups) == (True, 1)


@pytest.mark.parametrize("ask", [by_the_container, by_the_function])
@pytest.mark.parametrize(("method", "path"), FOR_ANYBODY)
def test_nobody_is_looked_up_where_anybody_may_ask(store: Store, ask, method: str, path: str):
    assert (ask(store, method, path, store.holder), store.look_ups) == (404 if path == "/nowhere" else 200, 0)
