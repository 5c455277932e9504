"""What every ObjectStore does."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from pisar.errors import Conflict, Missing
from tests.contract.conftest import PAGE_KEYS


def test_what_is_put_can_be_got(store):
    tag = store.put("jobs/1.json", b"\x00\xff one")
    assert (store.get("jobs/1.json").body, store.get("jobs/1.json").etag) == (b"\x00\xff one", tag)


def test_an_empty_body_is_a_body(store):
    store.put("empty", b"")
    assert store.get("empty").body == b""


def test_an_unconditional_put_replaces(store):
    store.put("key", b"one")
    tag = store.put("key", b"two")
    assert (store.get("key").body, store.get("key").etag) == (b"two", tag)


def test_the_tag_changes_with_the_body(store):
    assert store.put("key", b"one") != store.put("key", b"two")


def test_an_absent_object_is_missing(store):
    with pytest.raises(Missing):
        store.get("absent")


def test_if_absent_creates_once(store):
    store.put("key", b"first", if_absent=True)
    with pytest.raises(Conflict):
        store.put("key", b"second", if_absent=True)
    assert store.get("key").body == b"first"


def test_if_absent_creates_again_after_a_delete(store):
    store.put("key", b"first", if_absent=True)
    store.delete("key")
    store.put("key", b"second", if_absent=True)
    assert store.get("key").body == b"second"


def test_if_match_writes_over_the_version_it_names_and_no_other(store):
    first = store.put("key", b"first")
    second = store.put("key", b"second", if_match=first)
    with pytest.raises(Conflict):
        store.put("key", b"third", if_match=first)
    assert (store.get("key").body, store.get("key").etag) == (b"second", second)


def test_if_match_on_an_absent_object_conflicts(store):
    tag = store.put("key", b"first")
    store.delete("key")
    with pytest.raises(Conflict):
        store.put("key", b"second", if_match=tag)
    with pytest.raises(Missing):
        store.get("key")


def test_the_same_body_over_a_foreign_one_still_conflicts(store):
    store.put("key", b"same", if_absent=True)
    with pytest.raises(Conflict):
        store.put("key", b"same", if_absent=True)


def test_deleting_twice_is_fine(store):
    store.put("key", b"body")
    store.delete("key")
    store.delete("key")
    with pytest.raises(Missing):
        store.get("key")


def test_keys_are_those_with_the_prefix_in_order(store):
    for key in ("b/2", "a/1", "b/10", "b", "bb/1", "b/ё c.ogg"):
        store.put(key, b"")
    assert list(store.keys("b/")) == ["b/10", "b/2", "b/ё c.ogg"]
    assert list(store.keys("")) == ["a/1", "b", "b/10", "b/2", "b/ё c.ogg", "bb/1"]
    assert list(store.keys("c")) == []


def test_keys_may_begin_after_one_that_need_not_be_there(store):
    for key in ("b/2", "b/1", "b/10", "c"):
        store.put(key, b"")
    assert list(store.keys("b/", after="b/10")) == ["b/2"]
    assert list(store.keys("b/", after="b/11")) == ["b/2"]
    assert list(store.keys("b/", after="b/2")) == []


def test_keys_go_on_past_a_page(store):
    expected = [f"k/{number:02}" for number in range(2 * PAGE_KEYS + 1)]
    for key in expected:
        store.put(key, b"")
    assert list(store.keys("k/")) == expected


def test_threads_share_a_store(store):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: store.put(f"t/{number}", str(number).encode()), range(24)))
        bodies = list(pool.map(lambda number: store.get(f"t/{number}").body, range(24)))
    assert bodies == [str(number).encode() for number in range(24)]


def test_looking_tells_size_and_tag_without_reading(store):
    etag = store.put("looked/at", b"12345")
    found = store.look("looked/at")
    assert (found.size_bytes, found.etag, dict(found.metadata)) == (5, etag, {})


def test_looking_for_an_absent_object_finds_it_missing(store):
    with pytest.raises(Missing):
        store.look("never/was")


def test_entries_are_the_objects_with_the_prefix_in_order_with_tag_and_time(store):
    before = time.time()
    tags = {key: store.put(key, key.encode()) for key in ("e/2", "e/1", "e/ё c.ogg", "f")}
    found = list(store.entries("e/"))
    assert [(one.key, one.etag) for one in found] == [(key, tags[key]) for key in ("e/1", "e/2", "e/ё c.ogg")]
    assert all(before - 2 < one.written_at < time.time() + 2 for one in found)
    assert list(store.entries("g")) == []


def test_an_entry_changes_with_what_is_written_over_it(store):
    store.put("over", b"one")
    (first,) = store.entries("over")
    store.put("over", b"two")
    (second,) = store.entries("over")
    assert (second.etag != first.etag, second.written_at >= first.written_at) == (True, True)


def test_entries_go_on_past_a_page(store):
    expected = [f"k/{number:02}" for number in range(2 * PAGE_KEYS + 1)]
    for key in expected:
        store.put(key, b"")
    assert [one.key for one in store.entries("k/")] == expected


@pytest.mark.parametrize(
    ("key", "media_type"),
    [
        ("transcripts/talk.ogg.txt", "text/plain; charset=utf-8"),
        ("transcripts/talk.ogg.srt", "application/x-subrip; charset=utf-8"),
        ("transcripts/talk.ogg.vtt", "text/vtt; charset=utf-8"),
        ("transcripts/talk.ogg.json", "application/json"),
        ("transcripts/talk.ogg.error.json", "application/json"),
        ("jobs/1.json", "application/json"),
        ("dead-letters/1", "text/plain; charset=utf-8"),
        ("audio/1", "application/octet-stream"),
        ("uploads.txt/1", "application/octet-stream"),
    ],
)
def test_what_is_stored_says_what_it_is(store, key, media_type):
    store.put(key, b"{}")
    assert store.look(key).media_type == media_type
