"""`pisar keys` over S3."""

from collections.abc import Callable

import pytest

from pisar.adapters.object_storage import S3ObjectStore
from pisar.cli import run
from pisar.domain.clients import hash_key
from pisar.state.api_keys import Keys


@pytest.fixture
def bucket(cloud, monkeypatch) -> str:
    name = cloud.new_bucket()
    monkeypatch.setenv("PISAR_BUCKET", name)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", cloud.url)
    return name


@pytest.fixture
def pisar(capsys, bucket) -> Callable[..., tuple[int, str, str]]:
    def invoke(*arguments: str) -> tuple[int, str, str]:
        code = run(arguments)
        said = capsys.readouterr()
        return code, said.out, said.err

    return invoke


@pytest.fixture
def keys(cloud, bucket) -> Keys:
    return Keys(S3ObjectStore(bucket, endpoint_url=cloud.url))


def test_a_key_is_made_listed_and_revoked(pisar, keys):
    code, out, err = pisar("keys", "create", "Телефон", "--minutes-per-day", "30")
    key = out.removesuffix("\n")
    client_id = hash_key(key)[:8]
    secret = keys.find(key).callback_secret
    assert (code, err.splitlines()) == (
        0,
        [
            f"This is the key of 'Телефон', id {client_id}. Keep it: it can't be shown again.",
            f"Its callbacks are signed with {secret}: with it their receiver tells them from forgeries.",
        ],
    )
    assert (keys.find(key).name, keys.find(key).minutes_per_day) == ("Телефон", 30)

    code, out, err = pisar("keys", "list")
    assert (code, err) == (0, "")
    assert out.splitlines()[0].split() == ["id", "name", "minutes", "per", "day", "created", "(UTC)", "revoked", "(UTC)"]
    assert out.splitlines()[2].split()[:3] == [client_id, "Телефон", "30"]
    assert key not in out
    assert secret not in out

    code, out, err = pisar("keys", "revoke", client_id)
    assert (code, out) == (0, "")
    assert err.startswith(f"The key of 'Телефон', id {client_id}, is revoked since 20")
    assert keys.find(key) is None


def test_a_key_without_a_quota_says_so(pisar):
    pisar("keys", "create", "phone")
    assert "no limit" in pisar("keys", "list")[1]


def test_more_keys_than_a_page_are_all_listed(pisar, keys):
    made = {keys.create(f"client {number}", now=number).client.id for number in range(7)}
    assert {line.split()[0] for line in pisar("keys", "list")[1].splitlines()[2:]} == made


def test_no_keys_yet_is_said_and_no_failure(pisar):
    assert pisar("keys", "list") == (0, "", "There are no keys yet: pisar keys create NAME\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["revoke", "nobody"], "pisar: no key has the id or the name 'nobody'; `pisar keys list` shows them all\n"),
        (["create", "a\nb"], "pisar: a name is 1 to 64 printable characters, without blanks around it\n"),
        (["create", "a", "--minutes-per-day", "nan"], "pisar: minutes per day must be above 0; leave them out for no limit\n"),
    ],
)
def test_what_can_not_be_meant_is_a_sentence(pisar, arguments, said):
    assert pisar("keys", *arguments) == (2, "", said)


def test_a_bucket_that_is_not_there_is_a_sentence(pisar, monkeypatch):
    monkeypatch.setenv("PISAR_BUCKET", "nobodys-bucket")
    code, out, err = pisar("keys", "list")
    assert (code, out) == (2, "")
    assert "there is no such bucket: correct PISAR_BUCKET or create it" in err
    assert "Traceback" not in err


def test_a_missing_setting_is_named(pisar, monkeypatch):
    monkeypatch.delenv("PISAR_BUCKET")
    code, _, err = pisar("keys", "list")
    assert (code, "PISAR_BUCKET is not set" in err) == (2, True)


def test_a_storage_that_is_away_is_no_wrong_call(pisar, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    code, out, err = pisar("keys", "list")
    assert (code, out) == (1, "")
    assert err.startswith("pisar: Object Storage can't be reached")
