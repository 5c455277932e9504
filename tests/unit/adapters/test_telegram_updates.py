"""Recorded updates, as the bot reads them."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pisar.adapters.telegram import parse_update
from pisar.adapters.telegram.updates import SOUNDLESS
from pisar.domain.messages import Incoming, Media, Membership, Press
from pisar.errors import Unreadable

UPDATES = Path(__file__).parent.parent.parent / "data" / "events" / "telegram"
VOICE = Media(kind="voice", file_id="AwACAgIAAxkBAAMCvoice", unique_id="AgADvoice", size_bytes=28412, seconds=7.0, mime_type="audio/ogg")
ANNA = {"chat_id": 500100, "chat_type": "private", "user_id": 500100, "language_code": "ru", "person": "Анна (@anna)"}
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
                text="en",
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
        ("forwarded_voice", Incoming(**ANNA, message_id=48, media=VOICE, forwarded=True, speaker="Boris")),
        ("text", Incoming(**ANNA, message_id=49, text="/start")),
    ],
)
def test_a_message_is_read(name, expected):
    assert parsed(name) == expected


def test_an_animation_has_no_sound_though_it_is_also_declared_as_a_document():
    assert parsed("animation") == Incoming(**ANNA, message_id=47, soundless="animation")


def test_a_message_in_a_topic_names_the_topic():
    expected = ANNA | {"chat_id": -1001234567890, "chat_type": "supergroup"}
    opened = Incoming(**expected, message_id=77, thread_id=77)
    assert parsed("topic_voice") == Incoming(**expected, message_id=1201, thread_id=77, media=VOICE, replied=opened)


def test_a_thread_of_replies_is_no_topic():
    asked = Incoming(**ANNA | GROUP, message_id=300, text="?")
    assert parsed("group_reply_voice") == Incoming(**ANNA | GROUP, message_id=310, thread_id=None, media=VOICE, replied=asked)


def test_an_anonymous_administrator_is_nobody_and_known_to_be_one():
    expected = Incoming(**GROUP, message_id=311, media=VOICE, anonymous=True, sender_chat_id=GROUP["chat_id"])
    assert parsed("anonymous_admin_voice") == expected


def changed(name, kind, **fields):
    update = json.loads((UPDATES / f"{name}.json").read_bytes())
    update[kind] |= fields
    return parse_update(json.dumps(update).encode())


def test_a_channel_that_speaks_in_a_group_is_nobody_and_no_administrator():
    channel = {"id": -1005550000000, "title": "News", "type": "channel"}
    expected = Incoming(**GROUP, message_id=311, media=VOICE, sender_chat_id=-1005550000000)
    assert changed("anonymous_admin_voice", "message", sender_chat=channel) == expected


def test_the_message_answered_comes_along_but_not_what_that_one_answered():
    voice = json.loads((UPDATES / "voice.json").read_bytes())["message"]
    innermost = json.loads((UPDATES / "audio.json").read_bytes())["message"]
    assert changed("text", "message", reply_to_message=voice | {"reply_to_message": innermost}).replied == Incoming(
        **ANNA, message_id=42, media=VOICE
    )


def test_a_message_answered_that_is_out_of_reach_is_none():
    gone = {"message_id": 42, "date": 0, "chat": {"id": 500100, "type": "private"}}
    assert changed("text", "message", reply_to_message=gone) in (
        Incoming(**ANNA, message_id=49, text="/start"),
        Incoming(**ANNA, message_id=49, text="/start", replied=Incoming(chat_id=500100, chat_type="private", message_id=42)),
    )


def test_a_group_that_moved_names_its_new_id():
    moved = changed("group_reply_voice", "message", migrate_to_chat_id=-1009)
    assert (moved.moved_to, moved.moved_from) == (-1009, None)


def test_a_supergroup_names_the_group_that_it_was():
    moved = changed("group_reply_voice", "message", migrate_from_chat_id=-17)
    assert (moved.moved_to, moved.moved_from) == (None, -17)


PRESS = Press(
    press_id="4382bfdwdsb323b2d9",
    chat_id=500100,
    chat_type="private",
    message_id=60,
    user_id=500100,
    data="lang:de",
    language_code="ru",
)


def test_a_press_is_read():
    assert parsed("callback_query") == PRESS


def under(**fields):
    message = json.loads((UPDATES / "callback_query.json").read_bytes())["callback_query"]["message"]
    return changed("callback_query", "callback_query", message=message | fields)


@pytest.mark.parametrize(("is_topic", "expected"), [(True, 77), (False, None)])
def test_a_press_names_its_topic_but_no_thread_of_replies(is_topic, expected):
    fields = {"message_thread_id": 77} | ({"is_topic_message": True} if is_topic else {})
    assert under(**fields) == replace(PRESS, thread_id=expected)


def test_a_press_names_its_topic_of_direct_messages():
    assert under(direct_messages_topic={"topic_id": 55}) == replace(PRESS, topic_id=55)


def test_a_press_under_a_message_too_old_to_be_shown_is_read_all_the_same():
    chat = {"id": 500100, "type": "private", "first_name": "Анна"}
    assert changed("callback_query", "callback_query", message={"chat": chat, "message_id": 60, "date": 0}) == PRESS


@pytest.mark.parametrize(
    "markup",
    [
        {},
        {"reply_markup": None},
        {"reply_markup": {"inline_keyboard": None}},
        {"reply_markup": {"inline_keyboard": [None, [None, {"callback_data": "lang:fr"}, {"text": "lang:de"}]]}},
    ],
)
def test_a_press_tells_that_its_message_has_no_such_button(markup):
    bare = {"chat": {"id": 500100, "type": "private"}, "message_id": 60, "date": 1790000000}
    assert changed("callback_query", "callback_query", message=bare | markup) == replace(PRESS, offered=False)


@pytest.mark.parametrize("without", ["message", "data"])
def test_a_press_without_a_message_or_data_is_none_of_ours(without):
    assert changed("callback_query", "callback_query", **{without: None}) is None


ADDED = Membership(
    chat_id=GROUP["chat_id"],
    present=True,
    chat_type="supergroup",
    title="Family",
    user_id=500100,
    language_code="ru",
    was_present=True,
    can_write=True,
    changed_at=1790000000,
)


def standing(new, old=None, **fields):
    bot = {"user": {"id": 123456, "is_bot": True, "first_name": "Pisar"}}
    return changed(
        "my_chat_member", "my_chat_member", new_chat_member=bot | new, old_chat_member=old or bot | {"status": "member"}, **fields
    )


@pytest.mark.parametrize(
    ("member", "present"),
    [
        ({"status": "kicked"}, False),
        ({"status": "left"}, False),
        ({"status": "restricted", "is_member": False}, False),
        ({"status": "restricted", "is_member": True}, True),
        ({"status": "member"}, True),
        ({"status": "administrator"}, True),
        ({"status": "a status of tomorrow"}, True),
    ],
)
def test_the_bots_standing_in_a_chat_is_read(member, present):
    assert standing(member) == replace(ADDED, present=present, can_write=present)
    assert standing({"status": "member"}, member) == replace(ADDED, was_present=present)


@pytest.mark.parametrize("old", [{"status": "left"}, {"status": 5}, {"gone": True}])
def test_a_bot_that_was_not_there_before_is_new(old):
    assert standing({"status": "member"}, old) == replace(ADDED, was_present=False)


@pytest.mark.parametrize(
    ("kind", "member", "can_write"),
    [
        ("supergroup", {"status": "restricted", "is_member": True, "can_send_messages": False}, False),
        ("supergroup", {"status": "restricted", "is_member": True, "can_send_messages": True, "can_send_documents": False}, True),
        ("supergroup", {"status": "restricted", "is_member": True}, True),
        ("channel", {"status": "administrator", "can_post_messages": False}, False),
        ("channel", {"status": "administrator", "can_post_messages": True}, True),
    ],
)
def test_whether_the_bot_may_write_is_read(kind, member, can_write):
    chat = {"id": GROUP["chat_id"], "title": "Family", "type": kind}
    assert standing(member, chat=chat) == replace(ADDED, chat_type=kind, can_write=can_write)


def test_a_person_who_blocks_the_bot_gives_a_chat_their_name():
    chat = {"id": 500100, "type": "private", "first_name": "Anna", "last_name": "K."}
    expected = replace(ADDED, chat_id=500100, present=False, chat_type="private", title="Anna K.", can_write=False)
    assert standing({"status": "kicked"}, chat=chat) == expected


@pytest.mark.parametrize("member", [5, None, {"user": 5}, {"status": 5}])
def test_a_standing_that_is_not_told_is_unreadable(member):
    with pytest.raises(Unreadable):
        changed("my_chat_member", "my_chat_member", new_chat_member=member)


@pytest.mark.parametrize(
    ("origin", "speaker"),
    [
        ({"type": "user", "sender_user": {"id": 9, "is_bot": False, "first_name": "Boris", "last_name": "B."}}, "Boris B."),
        ({"type": "user", "sender_user": {"id": 9}}, ""),
        ({"type": "hidden_user", "sender_user_name": "Somebody"}, "Somebody"),
        ({"type": "hidden_user", "date": 1422450181}, ""),
        ({"type": "chat", "sender_chat": {"id": -1009, "type": "supergroup", "title": "Family"}}, "Family"),
        ({"type": "channel", "chat": {"id": -1009, "type": "channel", "title": "News"}, "message_id": 5}, "News"),
        ({"type": "an origin of tomorrow"}, ""),
        ("not an object", ""),
    ],
)
def test_a_forwarded_voice_names_its_speaker(origin, speaker):
    assert changed("voice", "message", forward_origin=origin) == Incoming(
        **ANNA, message_id=42, media=VOICE, forwarded=True, speaker=speaker
    )


def test_another_bots_message_names_the_bot():
    bot = {"id": 9, "is_bot": True, "first_name": "Music", "username": "music_bot"}
    assert changed("voice", "message", **{"from": bot}).by_bot == "music_bot"
    assert changed("anonymous_admin_voice", "message").by_bot == ""


@pytest.mark.parametrize("kind", [kind for kind in SOUNDLESS if kind != "animation"])
def test_content_without_sound_is_named(kind):
    assert changed("text", "message", text=None, **{kind: [{"of": "any shape"}]}) == Incoming(**ANNA, message_id=49, soundless=kind)


def test_the_recording_of_a_message_in_another_chat_is_read():
    voice = json.loads((UPDATES / "voice.json").read_bytes())["message"]["voice"]
    expected = Incoming(**ANNA, message_id=49, text="/start", quoted=VOICE)
    assert changed("text", "message", external_reply={"origin": {"type": "of tomorrow"}, "voice": voice}) == expected


def test_a_topic_of_a_private_chat_and_one_of_direct_messages_are_told_apart():
    assert changed("voice", "message", message_thread_id=5, is_topic_message=True) == Incoming(
        **ANNA, message_id=42, media=VOICE, thread_id=5
    )
    topic = {"topic_id": 55, "user": {"id": 21}}
    assert changed("voice", "message", direct_messages_topic=topic) == Incoming(**ANNA, message_id=42, media=VOICE, topic_id=55)


OTHERS = {"business_message": ("business_connection_id", "business_id"), "guest_message": ("guest_query_id", "guest_query")}


@pytest.mark.parametrize("kind", OTHERS)
def test_a_message_of_a_chat_that_the_bot_is_not_in_is_known_as_one(kind):
    named, read = OTHERS[kind]
    update = json.loads((UPDATES / "voice.json").read_bytes())
    update[kind] = update.pop("message") | {named: "abc"}
    assert parse_update(json.dumps(update).encode()) == Incoming(**ANNA, message_id=42, media=VOICE, **{read: "abc"})
    del update[kind][named]
    with pytest.raises(Unreadable):
        parse_update(json.dumps(update).encode())


@pytest.mark.parametrize("name", ["edited_message", "channel_post", "unknown_kind"])
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


@pytest.mark.parametrize("digits", [20, 400, 5000])
@pytest.mark.parametrize(
    "path", [("file_size",), ("duration",), ("chat", "id"), ("from", "id"), ("message_id",), ("date",), ("update_id",)]
)
def test_an_update_with_a_number_that_telegram_can_not_have_is_unreadable(path, digits):
    update = json.loads((UPDATES / "voice.json").read_bytes())
    homes = [update, update["message"], update["message"]["voice"], update["message"]["chat"], update["message"]["from"]]
    home = next(one for one in (update["message"].get(path[0]) if len(path) > 1 else None, *homes) if one and path[-1] in one)
    home[path[-1]] = 0
    body = json.dumps(update).replace(f'"{path[-1]}": 0', f'"{path[-1]}": 1' + "0" * digits, 1)
    with pytest.raises(Unreadable):
        parse_update(body.encode())


@pytest.mark.parametrize("value", ["9" * 20, "42", True, 1.5, None, [], {}, 2**63, -(2**63)])
@pytest.mark.parametrize("path", [("chat", "id"), ("from", "id"), ("message_id",)])
def test_an_id_that_is_none_is_unreadable(path: tuple[str, ...], value: object):
    with pytest.raises(Unreadable):
        with_value(path, value)


@pytest.mark.parametrize("value", ["9" * 20, "42", True, None, [], {}, 2**63, -1])
@pytest.mark.parametrize(("name", "field"), [("file_size", "size_bytes"), ("duration", "seconds")])
def test_a_size_or_length_that_is_none_counts_as_not_declared(name: str, field: str, value: object):
    assert with_value(("voice", name), value) == Incoming(**ANNA, message_id=42, media=replace(VOICE, **{field: None}))


@pytest.mark.parametrize("path", [("voice",), ("voice", "file_id"), ("chat",), ("chat", "type"), ("from",)])
@pytest.mark.parametrize("value", [5, "", [], {}])
def test_an_update_without_what_is_needed_is_unreadable(path: tuple[str, ...], value: object):
    with pytest.raises(Unreadable):
        with_value(path, value)


def with_value(path: tuple[str, ...], value: object):
    update = json.loads((UPDATES / "voice.json").read_bytes())
    home = update["message"]
    for name in path[:-1]:
        home = home[name]
    home[path[-1]] = value
    return parse_update(json.dumps(update).encode())


@pytest.mark.parametrize("field", ["text", "caption"])
@pytest.mark.parametrize("bad", [r'"\ud800"', "[" * 5000 + "]" * 5000, "1e999", "NaN"])
def test_an_update_with_what_nothing_can_store_or_read_is_unreadable(field, bad):
    update = json.loads((UPDATES / "voice.json").read_bytes())
    update["message"][field] = 0
    with pytest.raises(Unreadable):
        parse_update(json.dumps(update).replace(f'"{field}": 0', f'"{field}": {bad}').encode())
