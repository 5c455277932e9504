"""Files dropped into a bucket that sends no events, found by the worker of errands: real processes over Redis."""

import json
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import requests

from localstack.cloud.clients import s3_client
from localstack.stack import BUCKET, ROOT
from pisar.ports.storage import ListedObject
from pisar.state import drop_results as results
from tests.support.brokers import Redis
from tests.support.machines import Machines

from .conftest import SETTINGS, eventually

pytestmark = pytest.mark.slow

VOICE = ROOT / "demo" / "voices" / "ru-1.ogg"
SPOKEN = "два хлеб вода вчера белый шесть"
LOOKING = {"PISAR_LOOK_SECONDS": "0.5"}


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    with ExitStack() as stack:
        broker = stack.enter_context(Redis())
        machines = stack.enter_context(Machines(broker, tmp_path_factory.mktemp("drops"), settings=SETTINGS | LOOKING))
        for service in ("errands", "worker", "api"):
            machines.start(service)
        machines.ready("errands", "worker", "api")
        yield machines


def drop(machines: Machines, name: str, body: bytes, **metadata: str) -> None:
    given = {f"pisar-{key}": value for key, value in metadata.items()}
    s3_client(machines.storage_url).put_object(Bucket=BUCKET, Key=f"{results.UPLOADS}{name}", Body=body, Metadata=given)


def answers(machines: Machines, name: str) -> dict[str, ListedObject]:
    return {one.key.removeprefix(results.RESULTS): one for one in machines.store().entries(f"{results.RESULTS}{name}")}


def text(machines: Machines, name: str) -> str:
    return machines.store().get(f"{results.RESULTS}{name}.txt").body.decode()


def received(machines: Machines, size: int) -> int:
    """How often the worker of errands has taken in a file of so many bytes, whether or not anything was left to do."""
    lines = [json.loads(line) for line in machines.log("errands") if line.startswith("{")]
    return sum(line["message"] == "received" and line.get("bytes") == size for line in lines)


def looked_again(machines: Machines, name: str) -> None:
    """Wait for a file that was dropped after the others, in a look after theirs."""
    drop(machines, name, VOICE.read_bytes() + name.encode(), formats="text")
    eventually(lambda: answers(machines, name), f"the text of {name}")


def test_a_voice_becomes_text_and_subtitles_beside_one_another(machines: Machines):
    drop(machines, "talks/ru-1.ogg", VOICE.read_bytes(), language="ru")
    eventually(lambda: len(answers(machines, "talks/ru-1.ogg")) == 4, "four results")
    assert text(machines, "talks/ru-1.ogg").split() == SPOKEN.split()
    assert list(machines.store().keys("uploads/talks/")) == ["uploads/talks/ru-1.ogg"]


def test_garbage_leaves_its_error_once(machines: Machines):
    garbage = b"not a recording at all" * 20
    drop(machines, "bad/письмо.ogg", garbage)
    found = eventually(lambda: answers(machines, "bad/письмо.ogg"), "the error")
    assert json.loads(machines.store().get("transcripts/bad/письмо.ogg.error.json").body)["error"]["code"] == "cannot_decode"
    looked_again(machines, "later/1.ogg")
    looked_again(machines, "later/2.ogg")
    assert answers(machines, "bad/письмо.ogg") == found
    assert list(found) == ["bad/письмо.ogg.error.json"]
    assert received(machines, len(garbage)) == 1


def is_younger_than_its_file(machines: Machines, name: str) -> bool:
    """Say whether the answer bears a later second than its file, for the store tells no less; if not, write it once more."""
    (file,) = machines.store().entries(f"{results.UPLOADS}{name}")
    (answer,) = answers(machines, name).values()
    if answer.written_at > file.written_at:
        return True
    machines.store().put(answer.key, machines.store().get(answer.key).body)
    return False


def test_a_worker_that_starts_anew_begins_nothing_that_was_answered(machines: Machines):
    for key in list(machines.store().keys(results.UPLOADS)):  # the files of the tests before
        machines.store().delete(key)
    body = VOICE.read_bytes() + b"once"
    drop(machines, "once.ogg", body, formats="text")
    eventually(lambda: answers(machines, "once.ogg"), "the text")
    eventually(lambda: is_younger_than_its_file(machines, "once.ogg"), "an answer that bears a later second")
    # What an owner tidies up by age.
    for key in list(machines.store().keys("jobs/")):
        machines.store().delete(key)
    machines.kill("errands")
    machines.start("errands")
    machines.ready("errands")
    looked_again(machines, "later/3.ogg")
    assert received(machines, len(body)) == 1
    assert len(list(machines.store().keys("jobs/"))) == 1


def test_the_audio_of_a_clients_job_is_found_in_the_bucket(machines: Machines):
    keyed = {"X-API-Key": machines.api_key}
    job = requests.post(f"{machines.api_url}/jobs", headers=keyed, json={"language": "ru"}, timeout=60).json()
    form = job["upload"]
    sent = requests.post(form["url"], data=form["fields"], files={"file": ("a.ogg", VOICE.read_bytes())}, timeout=60)
    assert sent.status_code == 204
    at = f"{machines.api_url}/jobs/{job['id']}"
    eventually(lambda: requests.get(at, headers=keyed, timeout=60).json()["state"] == "done", "a job that is done")
    said = requests.get(f"{at}/transcript?format=text", headers=keyed, timeout=60).text
    assert said.split() == SPOKEN.split()


def test_a_worker_that_looks_ends_when_it_is_told_to(machines: Machines):
    machines.start("errands", "second")
    machines.ready("second")
    assert machines.stop("second") == 0
