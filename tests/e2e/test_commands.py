"""`python -m localstack`, as a newcomer runs it: what it prints, how it ends, and what it leaves behind."""

import re
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
from rich.console import Console

from localstack import demo as demonstration
from localstack.faults import Action
from localstack.stack import ROOT
from pisar.bot.texts import say
from tests.support.processes import alive, descendants

from .conftest import SPOKEN, Api, Person, eventually, voice
from .processes import READY, STOP_SECONDS, Up, demo, environment, plain

pytestmark = pytest.mark.slow

README_NAMES = {
    "PISAR_API_URL",
    "PISAR_API_KEY",
    "PISAR_PAGE_URL",
    "TELEGRAM_API_URL",
    "TELEGRAM_BOT_TOKEN",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_SQS",
    "PISAR_BUCKET",
}


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    up = Up(tmp_path)
    yield up
    up.close()


# demo


def test_the_demo_shows_every_text_and_every_hop(tmp_path: Path):
    done = demo(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    shown = plain(done.stdout)
    assert [text for text in SPOKEN.values() if text not in shown] == []
    assert [meaning for _, meaning in demonstration.HOPS if not re.search(rf"{re.escape(meaning)} +\d", shown)] == []
    assert "Every text is the expected one." in done.stdout


def test_a_voice_of_ones_own(tmp_path: Path):
    own = tmp_path / "моя запись [1].ogg"
    own.write_bytes(voice("en-2.ogg"))
    done = demo(tmp_path, "--voice", str(own))
    assert (done.returncode, done.stderr) == (0, "")
    assert SPOKEN["en-2.ogg"] in plain(done.stdout)
    assert "моя запись [1].ogg" in plain(done.stdout)
    assert "PISAR_MODEL=base make demo" in plain(done.stdout)


@pytest.mark.parametrize("name", ["nothing.ogg", "."])
def test_a_voice_that_is_no_file(tmp_path: Path, name: str):
    done = demo(tmp_path, "--voice", str(tmp_path / name))
    assert (done.returncode, done.stderr) == (2, "")
    assert plain(done.stdout) == f"There is no file {tmp_path / name}. Give the path of a recording: make demo VOICE=path.ogg"


def test_a_voice_that_is_no_audio(tmp_path: Path):
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear reader\n" * 100)
    done = demo(tmp_path, "--voice", str(letter))
    assert (done.returncode, done.stderr) == (1, "")
    assert "letter.txt was not transcribed (rejected)" in plain(done.stdout)
    assert say("en", "cannot_decode") in " ".join(plain(done.stdout).split())


BROKEN = {
    "no model": (b"not a model", {}, "the transcriber does not work", "broken.bin is not a whisper.cpp model"),
    "half a model": (b"lmgg" + bytes(100), {}, "the transcriber does not work", "broken.bin can't be loaded"),
    "a wrong setting": (None, {"PISAR_MAX_AUDIO_MB": "twenty"}, "the webhook does not work", "PISAR_MAX_AUDIO_MB is wrong"),
    "an unknown name": (None, {"PISAR_MODEL": "enormous"}, "PISAR_MODEL='enormous'", "the known models are tiny"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_pipeline_is_named(tmp_path: Path, what: str):
    model, settings, part, reason = BROKEN[what]
    if model is not None:
        (tmp_path / "broken.bin").write_bytes(model)
        settings = {"PISAR_MODEL": str(tmp_path / "broken.bin")}
    done = demo(tmp_path, **settings)
    assert (done.returncode, done.stderr) == (1, "")
    assert part in plain(done.stdout)
    assert reason in plain(done.stdout)


def test_a_wrong_text_is_named(tmp_path: Path):
    done = demo(tmp_path, PISAR_MAX_AUDIO_MINUTES="0.01")
    assert (done.returncode, done.stderr) == (1, "")
    assert f"en-1.ogg should have become «{SPOKEN['en-1.ogg']}», but it was not transcribed (rejected)" in plain(done.stdout)


def test_a_hop_that_is_not_passed_is_named(person: Person, monkeypatch: pytest.MonkeyPatch):
    wait_for = person.stack.logs.wait_for

    def wait_until_the_edit_fails(predicate: Callable[[], Any], _patience: float) -> Any:
        eventually(lambda: person.stack.telegram.faults.fired, "the failing edit")
        return wait_for(predicate, 1.0)

    monkeypatch.setattr(person.stack.logs, "wait_for", wait_until_the_edit_fails)
    person.spoil_telegram(Action.STATUS, path="/editMessageText", status=500, times=10_000)
    with pytest.raises(demonstration.WrongAnswer, match=r"en-1\.ogg did not pass the hop «status edited into the text» in 120 s"):
        demonstration.run(person.stack, demonstration.demo_voices()[:1], Console(file=StringIO()))
    person.clear()
    eventually(person.queues_empty, "the end of the job")


def test_a_demo_that_is_ended_takes_everything_with_it(tmp_path: Path):
    command = [sys.executable, "-u", "-m", "localstack", "--folder", str(tmp_path), "demo"]
    with subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        assert "The cloud runs on this machine" in process.stdout.readline()
        started = descendants(process.pid)
        process.terminate()
        assert "Stopped." in process.stdout.read()
        assert process.wait(STOP_SECONDS) == 130
    assert len(started) >= 4
    eventually(lambda: not any(alive(pid) for pid in started), "the end of every child")


# up


def test_another_program_joins_by_what_up_has_written(up: Up):
    up.wait_for(READY)
    values = up.values()
    assert values.keys() >= README_NAMES
    assert stat.S_IMODE((up.folder / "local.env").stat().st_mode) == 0o600
    shown = plain(up.output)
    assert [values[name] for name in ("PISAR_API_URL", "TELEGRAM_API_URL", "AWS_ENDPOINT_URL_S3") if values[name] not in shown] == []

    credentials = {"aws_access_key_id": "any", "aws_secret_access_key": "any", "region_name": "ru-central1"}
    s3: Any = boto3.client("s3", endpoint_url=values["AWS_ENDPOINT_URL_S3"], **credentials)
    s3.put_object(Bucket=values["PISAR_BUCKET"], Key="uploads/a.ogg", Body=b"OggS")
    assert s3.get_object(Bucket=values["PISAR_BUCKET"], Key="uploads/a.ogg")["Body"].read() == b"OggS"
    sqs: Any = boto3.client("sqs", endpoint_url=values["AWS_ENDPOINT_URL_SQS"], **credentials)
    assert values["PISAR_QUEUE_URL"] in sqs.list_queues()["QueueUrls"]
    with Api(values["PISAR_API_URL"], values["PISAR_API_KEY"]) as api:
        assert api.transcribe(voice()).json()["transcription"] == SPOKEN["ru-1.ogg"]
        assert values["PISAR_PAGE_URL"] == f"{values['PISAR_API_URL']}/#key={values['PISAR_API_KEY']}"
        assert "<title>Pisar" in api.get(values["PISAR_PAGE_URL"], timeout=60).text
        me = api.get(f"{values['TELEGRAM_API_URL']}/bot{values['TELEGRAM_BOT_TOKEN']}/getMe", timeout=60).json()
        assert me["result"]["is_bot"]
        act_as_a_person(api, values)
    assert up.stop(signal.SIGTERM) == 0
    assert values["TELEGRAM_BOT_TOKEN"] not in up.output + up.logs()
    assert values["PISAR_API_KEY"] not in up.output + up.logs()


def act_as_a_person(session: requests.Session, values: dict[str, str]) -> None:
    """Send a voice message over HTTP and see it answered."""
    control, shown = f"{values['TELEGRAM_API_URL']}/control", {"X-Control-Token": values["TELEGRAM_BOT_TOKEN"]}
    session.post(f"{control}/voice?chat_id=77&language_code=ru", data=voice(), headers=shown, timeout=60).raise_for_status()

    def texts() -> list[str]:
        return [message["text"] for message in session.get(f"{control}/messages?chat_id=77", headers=shown, timeout=60).json()]

    eventually(lambda: texts() == ["", SPOKEN["ru-1.ogg"]], "the answer")


def test_control_c_stops_it_quietly(up: Up):
    up.wait_for(READY)
    assert up.stop(signal.SIGINT) == 0
    assert "Traceback" not in up.output
    assert up.output.rstrip().endswith("Stopped.")


def test_a_taken_port_is_told_and_another_one_used(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        up = Up(tmp_path, "--port", str(port))
        try:
            up.wait_for(READY)
            url = up.values()["PISAR_API_URL"]
            assert f"Port {port} is taken: the HTTP API listens on {url} instead." in plain(up.output)
            assert not url.endswith(f":{port}")
            with Api(url, "") as api:
                assert api.get(f"{url}/healthz", timeout=60).status_code == 200
        finally:
            up.close()


def test_a_free_port_is_used(tmp_path: Path):
    with socket.socket() as reservation:  # bound, so that nobody else is given the port, but not listened on: to a server it is free
        reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reservation.bind(("127.0.0.1", 0))
        port = reservation.getsockname()[1]
        up = Up(tmp_path, "--port", str(port))
        try:
            up.wait_for(READY)
            assert up.values()["PISAR_API_URL"] == f"http://127.0.0.1:{port}"
            assert "is taken" not in up.output
        finally:
            up.close()


def test_names_of_another_stack_left_in_the_shell_change_nothing(tmp_path: Path):
    up = Up(tmp_path, PISAR_BUCKET="elsewhere", PISAR_QUEUE_URL="http://127.0.0.1:9/old", AWS_ENDPOINT_URL_S3="http://127.0.0.1:9")
    try:
        up.wait_for(READY)
        values = up.values()
        assert values["PISAR_BUCKET"] == "pisar"
        with Api(values["PISAR_API_URL"], values["PISAR_API_KEY"]) as api:
            act_as_a_person(api, values)
    finally:
        up.close()


def test_the_owner_and_the_minutes_of_the_shell_are_the_bots(tmp_path: Path):
    up = Up(tmp_path, TELEGRAM_ALLOWED_IDS="", TELEGRAM_OWNER_IDS="77", TELEGRAM_MINUTES_PER_DAY="0.01")
    try:
        up.wait_for(READY)
        values = up.values()
        with Api(values["PISAR_API_URL"], values["PISAR_API_KEY"]) as api:
            act_as_a_person(api, values)
            control, shown = f"{values['TELEGRAM_API_URL']}/control", {"X-Control-Token": values["TELEGRAM_BOT_TOKEN"]}
            api.post(f"{control}/voice?chat_id=77&language_code=en", data=voice("en-2.ogg"), headers=shown, timeout=60).raise_for_status()
            refused, _, _ = say("en", "quota_used", limit_minutes=0.01, resets_in_seconds=0).partition("Resets")
            chat = f"{control}/messages?chat_id=77"
            eventually(lambda: api.get(chat, headers=shown, timeout=60).json()[-1]["text"].startswith(refused), "the refusal")
    finally:
        up.close()


def test_up_with_a_broken_pipeline_says_so_and_ends(tmp_path: Path):
    (tmp_path / "broken.bin").write_bytes(b"not a model")
    up = Up(tmp_path, PISAR_MODEL=str(tmp_path / "broken.bin"))
    try:
        assert up.ended() == 1
        assert "broken.bin is not a whisper.cpp model" in plain(up.output)
        assert "Traceback" not in up.output
        assert not (tmp_path / "local.env").exists()
    finally:
        up.close()
