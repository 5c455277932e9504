"""A good voice message in whatever Telegram may put around it, today's fields and guesses of tomorrow's, whole and broken.

The field names are those of the Bot API 10.3 (core.telegram.org/bots/api); values of types that do not exist stand for those to come.
"""

from typing import Any

DATE = 1790000000
BORIS = {"id": 500200, "is_bot": False, "first_name": "Boris"}
NEWS = {"id": -1005550000000, "type": "channel", "title": "News", "username": "news"}
FAMILY = {"id": -1005550000001, "type": "supergroup", "title": "Family"}
PHOTO = {"file_id": "AgACphoto", "file_unique_id": "AgADphoto", "width": 90, "height": 90}
UNKNOWN = {"type": "a type of tomorrow", "of": [{"any": "shape"}]}

GROUPS = -1007000000000
"""Voices of groups come from below this id, each from a group of its own, and ask for their text in the caption."""


def _deep(levels: int) -> dict[str, Any]:
    block: dict[str, Any] = {"type": "paragraph", "text": "deep"}
    for _ in range(levels):
        block = {"type": "list", "items": [{"label": "•", "blocks": [block]}]}
    return block


def _answered(**fields: Any) -> dict[str, Any]:
    """Return the fields of a voice that answers a message with these fields."""
    return {"reply_to_message": {"message_id": 1, "date": DATE, "chat": {"id": 500100, "type": "private"}, "from": BORIS} | fields}


def _forwarded(**origin: Any) -> dict[str, Any]:
    return {"forward_origin": {"date": DATE} | origin}


def _quoting(**fields: Any) -> dict[str, Any]:
    return {"external_reply": {"origin": {"type": "user", "date": DATE, "sender_user": BORIS}, "message_id": 5} | fields}


def _in_group(number: int, **fields: Any) -> dict[str, Any]:
    group = {"id": GROUPS - number, "type": "supergroup", "title": "Family"} | fields.pop("chat", {})
    return {"chat": group, "caption": "/transcribe"} | fields


FORWARDS: dict[str, dict[str, Any]] = {
    "forwarded from a person": _forwarded(type="user", sender_user=BORIS),
    "forwarded from a person without a name": _forwarded(type="user", sender_user={"id": 500200, "is_bot": False}),
    "forwarded from a hidden person": _forwarded(type="hidden_user", sender_user_name="Somebody"),
    "forwarded from a hidden person without a name": _forwarded(type="hidden_user"),
    "forwarded from an anonymous administrator": _forwarded(
        type="chat", sender_chat=NEWS | {"type": "supergroup"}, author_signature="chief"
    ),
    "forwarded from a channel": _forwarded(type="channel", chat=NEWS, message_id=5, author_signature="Boris"),
    "forwarded from a channel that names no message": _forwarded(type="channel", chat=NEWS),
    "forwarded from an origin of tomorrow": _forwarded(type="story_channel", story={"id": 1}),
    "forwarded from an origin without a type": _forwarded(sender_user=BORIS),
    "forwarded from what is no object": {"forward_origin": "hidden"},
    "forwarded as an old server tells it": {"forward_from": {"id": 5}, "forward_date": "yesterday", "forward_signature": 5},
}
REPLIES: dict[str, dict[str, Any]] = {
    "answers a text": _answered(text="say that aloud"),
    "answers a message out of reach": {"reply_to_message": {"message_id": 1, "date": 0, "chat": {"id": 500100, "type": "private"}}},
    "answers an incomplete gift": _answered(gift={"gift": {"id": "1"}}),
    "answers a unique gift of tomorrow": _answered(unique_gift={"gift": UNKNOWN, "origin": "found"}),
    "answers paid media of a new type": _answered(paid_media={"star_count": 5, "paid_media": [UNKNOWN, {"type": "live_photo"}]}),
    "answers a poll of a new type": _answered(poll={"id": "1", "question": "?", "options": UNKNOWN, "type": "ranked"}),
    "answers a checklist": _answered(checklist={"title": "to do", "tasks": [{"id": 1, "text": "call"}]}),
    "answers a broken checklist": _answered(checklist={"tasks": [{"id": "one"}]}),
    "answers a giveaway": _answered(giveaway={"chats": [NEWS], "winner_count": 1}),
    "answers a giveaway's winners": _answered(giveaway_winners={"winners": [{"id": 5}]}),
    "answers a game": _answered(game={"title": "2048"}),
    "answers a sticker of a new type": _answered(sticker={"file_id": "CAAC", "type": "holographic"}),
    "answers a story": _answered(story={"id": 5}),
    "answers a rich message as deep as they come": _answered(rich_message={"blocks": [_deep(16)]}),
    "answers a hidden person's forward": _answered(text="x", **_forwarded(type="hidden_user")),
    "answers a message without a sender": _answered(**{"from": None}),
    "answers a message of a nameless person": _answered(**{"from": {"id": 5}}),
    "answers news of tomorrow": _answered(community_dissolved=UNKNOWN),
    "answers an answer": _answered(text="b", **_answered(text="a", gift=UNKNOWN)),
    "answers a voice that can not be read": _answered(voice={"duration": "long"}),
    "answers what is no object": {"reply_to_message": [1]},
    "answers a message without a chat": {"reply_to_message": {"message_id": 1}},
    "answers a story beside the chat": {"reply_to_story": {"chat": BORIS, "id": 5}},
    "answers a broken story beside the chat": {"reply_to_story": {"chat": {"id": "x"}}},
    "answers a task of a checklist": {"reply_to_checklist_task_id": 3},
    "answers an option of a poll": {"reply_to_poll_option_id": {"new": "shape"}},
}
QUOTES: dict[str, dict[str, Any]] = {
    "quotes a text": {"quote": {"text": "aloud", "position": 9, "is_manual": True}} | _answered(text="say that aloud"),
    "quotes with entities of tomorrow": {"quote": {"text": "aloud", "position": 0, "entities": [UNKNOWN]}},
    "quotes what is no object": {"quote": ["aloud"]},
    "answers in another chat": _quoting(chat=NEWS, text="x"),
    "answers in another chat, of an unknown origin": _quoting(origin=UNKNOWN),
    "answers in another chat, without an origin": {"external_reply": {"chat": {"id": "x"}}},
    "answers paid media in another chat": _quoting(paid_media={"star_count": 1, "paid_media": [UNKNOWN]}),
    "answers a broken voice in another chat": _quoting(voice={"file_unique_id": 5}),
    "answers a giveaway in another chat": _quoting(giveaway=UNKNOWN),
}
BESIDES: dict[str, dict[str, Any]] = {
    "sent by way of a bot": {"via_bot": {"id": 9, "is_bot": True, "first_name": "Voicy", "username": "voicy_bot"}},
    "sent by way of a nameless bot": {"via_bot": {"id": 9}},
    "with an effect": {"effect_id": "5104841245755180586"},
    "with an effect of a new shape": {"effect_id": 5104841245755180586},
    "a suggested post": {"suggested_post_info": {"state": "pending", "price": {"currency": "XTR", "amount": 5}}},
    "a suggested post of a new state": {"suggested_post_info": {"state": "haggled", "price": 5}},
    "of an album": {"media_group_id": "13000000000"},
    "protected": {"has_protected_content": True, "is_from_offline": True},
    "paid for": {"paid_star_count": 5, "is_paid_post": True},
    "with a caption of entities of tomorrow": {"caption": "listen", "caption_entities": [UNKNOWN, {"type": "bold", "offset": "0"}]},
    "with buttons of tomorrow": {"reply_markup": {"inline_keyboard": [[{"text": "x", "style": UNKNOWN}]]}},
    "with a preview of a new shape": {"link_preview_options": True, "show_caption_above_media": "yes"},
    "for one reader of a group": {"receiver_user": {"id": 5}, "ephemeral_message_id": "new"},
    "called for by a guest": {"guest_bot_caller_user": {"id": 5}, "guest_bot_caller_chat": UNKNOWN},
    "with fields of tomorrow": {"mood": "glad", "spoken_language": {"code": "ru"}, "transcripts": [[1, 2], None]},
    "with content of tomorrow beside it": {"hologram": {"file_id": "HOLO", "file_unique_id": "h"}},
    "with a broken photo and document beside it": {"photo": [PHOTO, {"file_id": 5}], "document": {"file_name": 5}},
    "without a date": {"date": None},
    "with a date of a new shape": {"date": "2026-11-29T12:00:00Z", "edit_date": "later"},
}
PEOPLE: dict[str, dict[str, Any]] = {
    "from a person without a name": {"from": {"id": 500300, "is_bot": False}},
    "from a person of broken fields": {"from": {"id": 500300, "is_bot": "no", "first_name": 5, "language_code": {"code": "ru"}}},
    "from a person of fields of tomorrow": {"from": BORIS | {"id": 500300, "pronouns": ["she"], "verified_by": UNKNOWN}},
    "from another bot": {"from": {"id": 500300, "is_bot": True, "first_name": "Music", "username": "music_bot"}},
    "with a boost and a tag": {"sender_boost_count": 3, "sender_tag": "tenor", "author_signature": "B."},
    "by a business bot": {"sender_business_bot": {"id": 9}},
}
DIRECT = {"is_direct_messages": True}
PLACES: dict[str, dict[str, Any]] = {
    "in a topic of a private chat": {"message_thread_id": 5, "is_topic_message": True},
    "in a thread of a private chat": {"message_thread_id": 5},
    "in a chat without a name": _in_group(1, chat={"title": None}),
    "in a chat of fields of tomorrow": _in_group(2, chat={"community": UNKNOWN, "is_forum": "maybe"}),
    "in a thread of answers of the General topic": _in_group(3, chat={"is_forum": True}, message_thread_id=999),
    "in a topic": _in_group(4, chat={"is_forum": True}, message_thread_id=77, is_topic_message=True),
    "in a channel's direct messages": _in_group(
        5, chat={"is_direct_messages": True}, direct_messages_topic={"topic_id": 55, "user": BORIS}
    ),
    "in direct messages of a broken topic": _in_group(6, chat=DIRECT, direct_messages_topic={"user": {"id": "x"}}),
    "in the group's name": _in_group(7, sender_chat={"id": GROUPS - 7, "type": "supergroup", "title": "Family"}, author_signature="chief"),
    "in a channel's name": _in_group(8, sender_chat=NEWS),
    "in the name of a chat of a new kind": _in_group(9, sender_chat={"id": -1005550000001, "type": "community"}),
    "of a linked channel": _in_group(
        10, sender_chat=NEWS, is_automatic_forward=True, **_forwarded(type="channel", chat=NEWS, message_id=5)
    ),
    "in a group of the old kind": _in_group(11, chat={"id": -7000011, "type": "group"}),
}
VOICES: dict[str, dict[str, Any]] = {
    "whose voice has fields of tomorrow": {"voice": {"waveform": [1, 2, 3], "transcript": UNKNOWN}},
    "whose voice has no length": {"voice": {"duration": None}},
    "whose voice has no size": {"voice": {"file_size": None}},
    "whose voice is of a strange type": {"voice": {"mime_type": 5}},
    "whose voice has no lasting id": {"voice": {"file_unique_id": None}},
}

WRAPPINGS = FORWARDS | REPLIES | QUOTES | BESIDES | PEOPLE | PLACES | VOICES
"""What is put over the fields of a plain voice message in a private chat, by its name."""


def wrapped_voice(name: str) -> dict[str, Any]:
    """Return the update with the voice in this wrapping; each has a person, a chat and a file of its own."""
    number = list(WRAPPINGS).index(name)
    person = 600000 + number
    fields = dict(WRAPPINGS[name])
    voice = {"file_id": f"AwAC{number}", "file_unique_id": f"AgAD{number}", "file_size": 28412, "duration": 7, "mime_type": "audio/ogg"}
    message = {
        "message_id": 42,
        "from": {"id": person, "is_bot": False, "first_name": "Anna", "language_code": "ru"},
        "chat": {"id": person, "type": "private", "first_name": "Anna"},
        "date": DATE,
        "voice": voice | fields.pop("voice", {}),
    }
    return {"update_id": 900000 + number, "message": message | fields}
