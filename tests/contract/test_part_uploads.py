"""An upload in parts, through addresses that need no keys."""

from contextlib import suppress

import pytest
import requests

from pisar.errors import Missing
from pisar.ports.storage import StoredPart
from tests.support.twins import MemoryObjectStore

KEY = "incoming/ё 1"
LEAST = 5 * 2**20
"""S3 takes no smaller part but for the last."""


def put(store, url: str, body: bytes) -> bool:
    """Send a part and say whether it was taken."""
    if isinstance(store, MemoryObjectStore):
        try:
            store.put_part(url, body)
        except (ValueError, Missing):
            return False
        return True
    return requests.put(url, data=body, timeout=60).ok


def sizes(parts: tuple[StoredPart, ...]) -> dict[int, int]:
    return {part.number: part.size_bytes for part in parts}


def test_parts_sent_in_any_order_make_the_object_in_theirs(store):
    upload = store.begin_upload(KEY)
    urls = [store.part_url(KEY, upload, number, size_bytes=size, seconds=60) for number, size in ((1, LEAST), (2, 3))]
    assert store.stored_parts(KEY, upload) == ()
    assert put(store, urls[1], b"end")
    assert sizes(store.stored_parts(KEY, upload)) == {2: 3}
    assert put(store, urls[0], b"o" * LEAST)
    with pytest.raises(Missing):
        store.get(KEY)
    assert [(one.key, one.upload_id) for one in store.begun_uploads()] == [(KEY, upload)]
    parts = store.stored_parts(KEY, upload)
    assert sizes(parts) == {1: LEAST, 2: 3}
    store.join_parts(KEY, upload, parts)
    assert store.get(KEY).body == b"o" * LEAST + b"end"
    assert list(store.begun_uploads()) == []


def test_a_part_of_another_size_is_refused_and_leaves_what_was_there(store):
    upload = store.begin_upload(KEY)
    url = store.part_url(KEY, upload, 1, size_bytes=3, seconds=60)
    assert put(store, url, b"one")
    assert [put(store, url, body) for body in (b"more", b"no", b"")] == [False] * 3
    assert sizes(store.stored_parts(KEY, upload)) == {1: 3}


def test_a_part_sent_again_takes_the_place_of_the_first(store):
    upload = store.begin_upload(KEY)
    for body in (b"one", b"two"):
        assert put(store, store.part_url(KEY, upload, 1, size_bytes=3, seconds=60), body)
    store.join_parts(KEY, upload, store.stored_parts(KEY, upload))
    assert store.get(KEY).body == b"two"


def test_an_upload_that_is_over_has_no_parts_and_takes_none(store):
    joined, aborted = store.begin_upload(KEY), store.begin_upload("incoming/2")
    assert put(store, store.part_url(KEY, joined, 1, size_bytes=3, seconds=60), b"one")
    parts = store.stored_parts(KEY, joined)
    store.join_parts(KEY, joined, parts)
    for _ in range(2):
        store.abort_upload("incoming/2", aborted)
        store.abort_upload(KEY, joined)
    for key, upload in ((KEY, joined), ("incoming/2", aborted)):
        assert not put(store, store.part_url(key, upload, 1, size_bytes=3, seconds=60), b"one")
        with pytest.raises(Missing):
            store.stored_parts(key, upload)
    with pytest.raises(Missing):
        store.join_parts("incoming/2", aborted, parts)
    with suppress(Missing):
        store.join_parts(KEY, joined, parts)
    assert store.get(KEY).body == b"one"


@pytest.mark.parametrize("change", [("partNumber=1", "partNumber=2"), ("incoming/", "jobs/"), ("Expires=60", "Expires=6000")])
def test_an_address_is_good_for_what_it_was_made_for(s3_store, change: tuple[str, str]):
    upload = s3_store.begin_upload("incoming/1")
    url = s3_store.part_url("incoming/1", upload, 1, size_bytes=3, seconds=60)
    assert change[0] in url
    assert requests.put(url.replace(*change), data=b"one", timeout=60).status_code == 403
    late = s3_store.part_url("incoming/1", upload, 1, size_bytes=3, seconds=-1)
    assert requests.put(late, data=b"one", timeout=60).status_code == 403
    assert s3_store.stored_parts("incoming/1", upload) == ()


def test_an_address_may_be_where_others_reach_the_store(s3_store):
    url = s3_store.reached_at("https://files.example.org").part_url("incoming/1", "u", 1, size_bytes=3, seconds=60)
    assert url.startswith("https://files.example.org/")
    assert "content-length" in url
