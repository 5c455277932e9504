"""What an update means."""

from dataclasses import replace

import pytest

from pisar.bot.updates import Ignore, Refuse, Take, decide, text_language
from pisar.domain.audio import AudioLimits
from pisar.domain.chats import AllowList
from pisar.domain.messages import Incoming, Media
from pisar.errors import Rejection

MB = 2**20
LIMITS = AudioLimits(max_bytes=20 * MB, max_seconds=1800)
EVERYONE = AllowList(everyone=True)
VOICE = Media(kind="voice", file_id="f", unique_id="u", size_bytes=9000, seconds=3, mime_type="audio/ogg")
MESSAGE = Incoming(chat_id=7, chat_type="private", message_id=1, user_id=7, language_code="ru", media=VOICE)


def decided(**changes: object) -> object:
    return decide(replace(MESSAGE, **changes), allowed=EVERYONE, limits=LIMITS)


@pytest.mark.parametrize("kind", ["voice", "audio", "video_note", "video"])
def test_every_kind_of_sound_is_taken(kind: str):
    decision = decided(media=replace(VOICE, kind=kind, mime_type=None))
    assert isinstance(decision, Take)
    assert (decision.reply.chat_id, decision.reply.message_id, decision.reply.language, decision.unsure) == (7, 1, "ru", False)


@pytest.mark.parametrize(
    ("mime_type", "name", "expected"),
    [
        ("audio/mpeg", "x", "sure"),
        ("video/mp4", None, "sure"),
        ("application/octet-stream", "talk.OGA", "sure"),
        (None, "talk.m4a", "sure"),
        ("application/ogg", "talk", "sure"),
        (None, None, "unsure"),
        ("application/octet-stream", "talk", "unsure"),
        ("application/pdf", "bill.pdf", "ignored"),
        ("text/plain", "ogg", "ignored"),
        ("application/octet-stream", "disk.img", "ignored"),
    ],
)
def test_a_document_is_taken_by_type_or_name_and_looked_into_when_they_do_not_tell(mime_type: str, name: str, expected: str):
    decision = decided(media=replace(VOICE, kind="document", mime_type=mime_type, file_name=name))
    said = "ignored" if isinstance(decision, Ignore) else "unsure" if isinstance(decision, Take) and decision.unsure else "sure"
    assert said == expected


def test_other_updates_and_messages_without_media_are_ignored():
    assert decide(None, allowed=EVERYONE, limits=LIMITS) == Ignore("not a new message")
    assert decided(media=None) == Ignore("no media")


def test_a_stranger_is_refused_with_their_id_and_always_under_the_same_job():
    nobody = AllowList()
    first = decide(MESSAGE, allowed=nobody, limits=LIMITS)
    second = decide(replace(MESSAGE, message_id=99), allowed=nobody, limits=LIMITS)
    assert isinstance(first, Refuse)
    assert isinstance(second, Refuse)
    assert (first.rejection.code, first.rejection.details) == (Rejection.NOT_ALLOWED, {"id": 7})
    assert first.job_id == second.job_id


def test_a_listed_person_may_and_a_group_counts_only_by_its_own_id():
    listed = AllowList(ids=frozenset({7, -100}))
    assert isinstance(decide(MESSAGE, allowed=listed, limits=LIMITS), Take)
    group = replace(MESSAGE, chat_type="supergroup", chat_id=-200)
    assert decide(group, allowed=listed, limits=LIMITS) == Ignore("a group that is not listed")
    assert isinstance(decide(replace(group, chat_id=-100), allowed=listed, limits=LIMITS), Take)


def test_size_and_length_are_refused_from_one_above_the_limit():
    at_limit = replace(VOICE, size_bytes=20 * MB, seconds=1800)
    assert isinstance(decided(media=at_limit), Take)
    big = decided(media=replace(at_limit, size_bytes=20 * MB + 1))
    assert isinstance(big, Refuse)
    assert (big.rejection.code, big.rejection.details) == (Rejection.TOO_BIG, {"size_mb": 20.0, "limit_mb": 20})
    long = decided(media=replace(at_limit, seconds=1801))
    assert isinstance(long, Refuse)
    assert (long.rejection.code, long.rejection.details) == (Rejection.TOO_LONG, {"limit_minutes": 30})


def test_a_topic_is_kept():
    decision = decided(thread_id=5)
    assert isinstance(decision, Take)
    assert decision.reply.thread_id == 5


@pytest.mark.parametrize(
    ("code", "language"),
    [("ru", "ru"), ("RU-ru", "ru"), ("uk", "en"), ("en-GB", "en"), ("fr", "en"), (None, "en"), ("", "en")],
)
def test_texts_are_russian_where_telegram_is_and_else_english(code: str, language: str):
    assert text_language(code) == language
