"""Recorded updates, as the bot reads them."""

from pathlib import Path

import pytest

from pisar.adapters.telegram import parse_update
from pisar.domain.messages import Incoming, Media
from pisar.errors import Unreadable

UPDATES = Path(__file__).parent.parent.parent / "data" / "events" / "telegram"
VOICE = Media(kind="voice", file_id="AwACAgIAAxkBAAMCvoice", unique_id="AgADvoice", size_bytes=28412, seconds=7.0, mime_type="audio/ogg")
ANNA = {"chat_id": 500100, "chat_type": "private", "user_id": 500100, "language_code": "ru"}
GROUP = {"chat_id": -1009876543210, "chat_type": "supergroup"}


def parsed(name):
    return parse_update((UPDATES / f"{name}.json").read_bytes())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("voice", Incoming(**ANNA, message_id=42, media=VOICE)),
        (
            "audio",
            Incoming(
                **ANNA,
                message_id=43,
                media=Media(
                    kind="audio",
                    file_id="CQACaudio",
                    unique_id="AgADaudio",
                    size_bytes=4412345,
                    seconds=183.0,
                    mime_type="audio/mpeg",
                    file_name="lecture.mp3",
                ),
            ),
        ),
        (
            "video",
            Incoming(
                **ANNA,
                message_id=44,
                media=Media(
                    kind="video",
                    file_id="BAACvideo",
                    unique_id="AgADvideo",
                    size_bytes=9912345,
                    seconds=61.0,
                    mime_type="video/mp4",
                    file_name="clip.mp4",
                ),
            ),
        ),
        (
            "video_note",
            Incoming(
                **ANNA,
                message_id=45,
                media=Media(kind="video_note", file_id="DQACnote", unique_id="AgADnote", size_bytes=812345, seconds=12.0),
            ),
        ),
        (
            "document",
            Incoming(
                **ANNA,
                message_id=46,
                media=Media(
                    kind="document",
                    file_id="BQACdoc",
                    unique_id="AgADdoc",
                    size_bytes=512345,
                    mime_type="application/octet-stream",
                    file_name="заметка.oga",
                ),
            ),
        ),
        ("forwarded_voice", Incoming(**ANNA, message_id=48, media=VOICE)),
        ("text", Incoming(**ANNA, message_id=49)),
    ],
)
def test_a_message_is_read(name, expected):
    assert parsed(name) == expected


def test_an_animation_has_no_sound_though_it_is_also_declared_as_a_document():
    assert parsed("animation") == Incoming(**ANNA, message_id=47)


def test_a_message_in_a_topic_names_the_topic():
    expected = ANNA | {"chat_id": -1001234567890, "chat_type": "supergroup"}
    assert parsed("topic_voice") == Incoming(**expected, message_id=1201, thread_id=77, media=VOICE)


def test_a_thread_of_replies_is_no_topic():
    assert parsed("group_reply_voice") == Incoming(**ANNA | GROUP, message_id=310, thread_id=None, media=VOICE)


def test_an_anonymous_administrator_is_nobody():
    assert parsed("anonymous_admin_voice") == Incoming(**GROUP, message_id=311, media=VOICE)


@pytest.mark.parametrize("name", ["edited_message", "channel_post", "callback_query", "my_chat_member", "unknown_kind"])
def test_updates_of_other_kinds_do_not_count(name):
    assert parsed(name) is None


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff", b"null", b"[]", b"{}", b'{"update_id": 1', b'{"update_id": 1, "message": {"message_id": 1, "text": "private words"}}'],
)
def test_other_bytes_are_unreadable_and_not_repeated(body):
    with pytest.raises(Unreadable) as caught:
        parse_update(body)
    assert "private words" not in str(caught.value)
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
