"""A deployable that lacks settings does not start, and says at once all that is missing, without a secret."""

import os
import subprocess
import sys

import pytest

from localstack.cloud.exchange import CallFailed
from localstack.stack import ROOT

from .conftest import TOKEN, Surroundings

NEEDED = {
    "webhook": {"PISAR_BUCKET", "PISAR_QUEUE_URL", "TELEGRAM_BOT_TOKEN", "TELEGRAM_WEBHOOK_SECRET"},
    "authorizer": {"PISAR_BUCKET"},
    "callbacks": {"PISAR_BUCKET", "PISAR_CALLBACK_QUEUE_URL"},
    "dead_letters": {"PISAR_BUCKET", "PISAR_QUEUE_URL", "TELEGRAM_BOT_TOKEN"},
    "jobs": {"PISAR_BUCKET", "PISAR_QUEUE_URL"},
    "uploads": {"PISAR_BUCKET", "PISAR_QUEUE_URL"},
    "transcriber": {"PISAR_BUCKET", "PISAR_QUEUE_URL", "TELEGRAM_BOT_TOKEN"},
}


def start(name: str, environment: dict[str, str]) -> tuple[int, str]:
    """Start a deployable that should not; return its exit status and all it has said."""
    entry = ROOT / ("containers" if name == "transcriber" else "functions") / name / ("app.py" if name == "transcriber" else "main.py")
    given = environment | {"PATH": os.defpath, "PORT": "0"}
    done = subprocess.run([sys.executable, str(entry)], env=given, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("name", NEEDED)
def test_every_missing_setting_is_named_at_once(name: str):
    status, said = start(name, {})
    assert status == 1
    assert {line.split()[1] for line in said.splitlines() if line.startswith("- ") and "is not set" in line} == NEEDED[name]


@pytest.mark.parametrize("name", ["webhook", "dead_letters", "transcriber"])
def test_a_wrong_setting_is_named_beside_the_missing_ones_and_no_value_repeated(name: str):
    wrong = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": f"ftp://{TOKEN}", "TELEGRAM_TIMEOUT_SECONDS": TOKEN}
    status, said = start(name, wrong)
    assert status == 1
    assert "TELEGRAM_API_URL is wrong: it must begin with http:// or https://" in said
    assert "TELEGRAM_TIMEOUT_SECONDS is wrong" in said
    assert "PISAR_BUCKET is not set" in said
    assert TOKEN not in said


@pytest.mark.parametrize("name", ["webhook", "dead_letters", "transcriber"])
def test_a_token_that_is_none_is_told_and_not_repeated(surroundings: Surroundings, name: str):
    status, said = start(name, surroundings.settings[name] | {"TELEGRAM_BOT_TOKEN": "not-a-token-but-secret"})
    assert status == 1
    assert "TELEGRAM_BOT_TOKEN is not a bot's token" in said
    assert "not-a-token-but-secret" not in said


@pytest.mark.parametrize("name", ["webhook", "authorizer", "dead_letters"])
def test_the_cloud_answers_502_for_a_function_that_does_not_start(surroundings: Surroundings, name: str):
    function = surroundings.function(name, {})
    with pytest.raises(CallFailed) as failure:
        surroundings.run(function.invoke({}))
    assert failure.value.status == 502
