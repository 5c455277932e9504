"""What is learnt of who sends recordings, and what it is used for."""

from dataclasses import replace

import pytest

from pisar.domain.answer_to import Order, Reply
from pisar.domain.jobs import Job, Options, State
from pisar.domain.transcripts import Segment, Transcript
from pisar.errors import Unavailable
from pisar.state.api_keys import Keys
from pisar.state.chats import Chats
from pisar.state.recent_languages import Acquaintance
from tests.support.twins import MemoryObjectStore

CHAT = 5
FROM_CHAT = Job(id="a" * 32, state=State.WORKING, created_at=0.0, answer_to=Reply(chat_id=CHAT, message_id=1))


def spoken(language: str, seconds: float = 20.0) -> Transcript:
    return Transcript(language=language, duration=seconds, segments=(Segment(0, 1, "слово"),))


@pytest.fixture
def store() -> MemoryObjectStore:
    return MemoryObjectStore()


def test_a_chats_language_is_noted_beside_its_settings(store):
    Chats(store).change(CHAT, lambda chat: replace(chat, shape="srt"))
    Acquaintance(store).note(FROM_CHAT, spoken("ru"))
    found = Chats(store).settings(CHAT)
    assert (found.spoken, found.shape) == (("ru",), "srt")


@pytest.mark.parametrize(
    ("options", "transcript"),
    [
        (Options(language="ru"), spoken("ru")),
        (Options(expected=("ru", "en")), spoken("en")),
        (Options(), spoken("ru", 4.0)),
        (Options(), Transcript(language="", duration=60.0, segments=())),
    ],
    ids=["told", "expected", "short", "nothing said"],
)
def test_what_teaches_nothing_writes_nothing(store, options, transcript):
    Acquaintance(store).note(replace(FROM_CHAT, options=options), transcript)
    assert list(store.keys("")) == []


def test_a_clients_language_is_noted_on_its_record_and_its_key_still_opens(store):
    made = Keys(store).create("client", now=1.0)
    job = replace(FROM_CHAT, answer_to=Order(client=made.client.key_hash))
    Acquaintance(store).note(job, spoken("de"))
    assert Keys(store).find(made.key) == replace(made.client, spoken=("de",))


def test_a_revoked_client_and_an_unknown_one_are_left_as_they_are(store):
    made = Keys(store).create("client", now=1.0)
    revoked = Keys(store).revoke("client", now=2.0)
    for client in (made.client.key_hash, "0" * 64):
        Acquaintance(store).note_client(client, Options(), spoken("de"))
    (left,) = Keys(store).list()
    assert replace(left, spoken=()) == revoked


def test_a_store_that_fails_takes_nothing_from_who_was_answered(store, monkeypatch):
    def fail(*_args: object, **_how: object):
        raise Unavailable("no")

    monkeypatch.setattr(store, "put", fail)
    Acquaintance(store).note(FROM_CHAT, spoken("ru"))
    assert list(store.keys("")) == []
