"""A request's client is looked up once, whichever door it comes by."""

import importlib.util
from typing import TYPE_CHECKING, Any, cast

import pytest
from starlette.testclient import TestClient

from pisar.domain.bucket import CLIENTS
from pisar.envelopes import HttpRequest
from pisar.state.api_keys import Keys
from pisar.web.jobs import JobsApi
from pisar.wiring.jobs import Api
from pisar.wiring.serving import Serving, Transcriber
from tests.support.twins import MemoryObjectStore
from tests.unit.api.test_client_jobs import Api as Clients

if TYPE_CHECKING:
    from pisar.api.transcribe_now import Direct

DOOR = "containers/transcriber/app.py"


class CountingStore(MemoryObjectStore):
    """Notes which clients' records are read."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []

    def get(self, key: str) -> Any:
        if key.startswith(CLIENTS):
            self.read.append(key)
        return super().get(key)


@pytest.fixture
def store() -> CountingStore:
    return CountingStore()


@pytest.fixture
def api(store: CountingStore) -> Api:
    return Api(Keys(store), JobsApi(Clients().jobs, language="auto"))


@pytest.fixture
def key(store: CountingStore) -> str:
    return Keys(store).create("somebody", now=0).key


@pytest.mark.parametrize("path", ["/jobs", "/v1/models"])
def test_the_container_reads_a_clients_record_once(store: CountingStore, api: Api, key: str, path: str):
    spec = importlib.util.spec_from_file_location("app", DOOR)
    assert spec is not None
    assert spec.loader is not None
    app = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(app)
    transcriber = Transcriber(
        jobs=None, direct=cast("Direct", None), keys=api.keys, max_bytes=1, language="auto", behind_gateway=False, host="", port=0
    )
    answer = TestClient(app.application(Serving(transcriber, api.answer))).get(path, headers={"X-API-Key": key})
    assert (answer.status_code, len(store.read)) == (200, 1)


@pytest.mark.parametrize("path", ["/jobs", "/v1/models"])
def test_the_function_reads_a_clients_record_once(store: CountingStore, api: Api, key: str, path: str):
    client = api.keys.find(key)
    assert client is not None
    store.read.clear()
    found = {"client": client.key_hash}
    request = HttpRequest(method="GET", path=path, headers={}, query={}, body=b"", authorizer=found)
    assert (api.answer_gateway(request)["statusCode"], len(store.read)) == (200, 1)


@pytest.mark.parametrize("path", ["/openapi.json", "/docs"])
def test_a_page_for_everybody_reads_none(store: CountingStore, api: Api, path: str):
    request = HttpRequest(method="GET", path=path, headers={}, query={}, body=b"", authorizer={"client": "x" * 64})
    assert (api.answer_gateway(request)["statusCode"], store.read) == (200, [])
