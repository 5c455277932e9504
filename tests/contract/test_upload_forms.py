"""A form through which somebody without keys writes one object."""

import base64
import json

import pytest
import requests

from pisar.adapters.memory import MemoryObjectStore
from pisar.errors import Missing
from pisar.ports import UploadForm


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
    """What Object Storage enforces is in the signed policy; the emulator takes any."""
    form = s3_store.form("incoming/1", max_bytes=1000, seconds=60)
    policy = json.loads(base64.b64decode(form.fields["policy"]))
    assert {"key": "incoming/1"} in policy["conditions"]
    assert ["content-length-range", 1, 1000] in policy["conditions"]
    assert {"success_action_status": "204"} in policy["conditions"]
    assert form.fields["key"] == "incoming/1"
    assert form.fields["x-amz-signature"]
    assert policy["expiration"] > "2026"
