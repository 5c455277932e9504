"""A form through which somebody without keys writes one object."""

import base64
import json

import pytest
import requests

from pisar.errors import Missing
from pisar.ports.storage import UploadForm
from tests.support.twins import MemoryObjectStore


def post(store, form: UploadForm, body: bytes) -> None:
    if isinstance(store, MemoryObjectStore):
        store.post(form, body)
        return
    answer = requests.post(form.url, data=dict(form.fields), files={"file": ("any name.ogg", body)}, timeout=60)
    assert answer.status_code == 204, answer.text


@pytest.mark.parametrize("key", ["incoming/0123", "incoming/ё c.ogg"])
def test_what_is_posted_lies_under_the_forms_key(store, key: str):
    form = store.form(key, max_bytes=100, seconds=60)
    with pytest.raises(Missing):
        store.get(key)
    post(store, form, b"OggS")
    assert store.get(key).body == b"OggS"
    assert (store.look(key).size_bytes, list(store.keys("incoming/"))) == (4, [key])


def test_it_may_be_posted_again(store):
    form = store.form("incoming/1", max_bytes=100, seconds=60)
    post(store, form, b"first")
    post(store, form, b"second")
    assert store.get("incoming/1").body == b"second"


def test_the_presigned_form_holds_key_size_and_time(s3_store):
    """What Object Storage enforces is in the signed policy."""
    form = s3_store.form("incoming/1", max_bytes=1000, seconds=60)
    policy = json.loads(base64.b64decode(form.fields["policy"]))
    assert {"key": "incoming/1"} in policy["conditions"]
    assert ["content-length-range", 1, 1000] in policy["conditions"]
    assert {"success_action_status": "204"} in policy["conditions"]
    assert form.fields["key"] == "incoming/1"
    assert form.fields["x-amz-signature"]
    assert policy["expiration"] > "2026"


@pytest.mark.parametrize(
    ("other", "body", "seconds", "status"),
    [({}, b"0" * 101, 60, 400), ({}, b"", 60, 400), ({"key": "jobs/1.json"}, b"OggS", 60, 403), ({}, b"OggS", -1, 403)],
    ids=["too large", "empty", "another object", "too late"],
)
def test_what_the_form_does_not_allow_is_refused_by_the_local_storage_too(s3_store, other, body: bytes, seconds: int, status: int):
    form = s3_store.form("incoming/1", max_bytes=100, seconds=seconds)
    answer = requests.post(form.url, data={**form.fields, **other}, files={"file": ("any name.ogg", body)}, timeout=60)
    assert answer.status_code == status
    assert list(s3_store.keys("")) == []


def test_a_form_may_be_for_the_address_at_which_others_reach_the_store(s3_store):
    form = s3_store.reached_at("https://files.example.org").form("incoming/1", max_bytes=100, seconds=60)
    assert form.url.startswith("https://files.example.org/")
    assert form.url.rpartition("/")[2] == s3_store.form("incoming/1", max_bytes=100, seconds=60).url.rpartition("/")[2]
