"""Reads Telegram's updates: only the fields that the bot decides from. Pure; an edited message is no new one.

A field that is needed and bad makes the update Unreadable. Any other bad field counts as missing, and what is not read is not looked at. So
no recording is lost for a type of tomorrow or an incomplete object beside it, for which a model of the whole Bot API refuses everything.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pisar.adapters.telegram.update_fields import amount, flag, needed_part, needed_text, needed_whole, part, text, whole
from pisar.domain.messages import BusinessConnection, Incoming, Media, Membership, Press, Update
from pisar.domain.strict_json import parse_json
from pisar.errors import Unreadable

SOUNDLESS = (
    "paid_media",  # a video in it can't be downloaded by a bot that has not paid
    "live_photo",  # a photo stands beside it, for old clients
    "photo",
    "sticker",
    "animation",  # a GIF; a document stands beside it, for old clients
    "story",
    "checklist",
    "poll",
    "venue",  # a location stands beside it
    "location",
    "contact",
    "dice",
    "game",
    "giveaway",
    "giveaway_winners",
    "invoice",
    "gift",
    "unique_gift",
)
"""The fields of a message that hold content without sound that a bot may hear."""

RECORDINGS = ("voice", "audio", "video_note", "video", "document")
"""The fields of a message that hold a file that may have sound."""


def parse_update(body: bytes) -> Update | None:
    """Return what an update tells, None for updates of every other kind; raise Unreadable for bytes that are no update.

    An anonymous administrator, or a channel that speaks in its group, is nobody: `user_id` is None.
    """
    try:
        update = parse_json(body)
    except ValueError:
        update = None
    if not isinstance(update, dict):
        raise Unreadable("not a Telegram update: no JSON object, or numbers, letters or brackets that no update has")
    needed_whole(update, "update_id")
    for kind, read in _KINDS.items():
        if update.get(kind) is not None:
            return read(needed_part(update, kind))
    return None


def _message(message: dict[str, Any]) -> Incoming:
    """Return a new message. A person waits for its answer, so a file or a sender that can't be read is not passed over."""
    heard = _incoming(message)
    if heard.media is None and any(message.get(kind) is not None for kind in RECORDINGS) and not part(message, "animation"):
        raise Unreadable("not a Telegram update: its file can't be read")
    if heard.user_id is None and message.get("from") is not None and message.get("sender_chat") is None:
        raise Unreadable("not a Telegram update: its sender can't be read")  # who may use the bot hangs on it
    return replace(heard, replied=_replied(part(message, "reply_to_message")))


def _business_message(message: dict[str, Any]) -> Incoming:
    needed_text(message, "business_connection_id")  # without it the answer would go to the bot's own chat with that person
    return _message(message)


def _guest_message(message: dict[str, Any]) -> Incoming:
    needed_text(message, "guest_query_id")  # without it the answer would go to a chat of the bot's own
    return _message(message)


def _replied(source: dict[str, Any]) -> Incoming | None:
    try:
        return _incoming(source)
    except Unreadable:
        return None


def _incoming(message: dict[str, Any]) -> Incoming:
    chat = needed_part(message, "chat")
    chat_id, sender_chat_id = needed_whole(chat, "id"), whole(part(message, "sender_chat"), "id")
    # In a message in a chat's name, `from` is a made-up user, for old clients.
    sender = part(message, "from") if message.get("sender_chat") is None else {}
    media = _media(message)
    return Incoming(
        chat_id=chat_id,
        chat_type=needed_text(chat, "type"),
        message_id=needed_whole(message, "message_id"),
        thread_id=_topic(message),
        user_id=whole(sender, "id"),
        language_code=text(sender, "language_code") or None,
        media=media,
        text=text(message, "text") or text(message, "caption"),
        anonymous=sender_chat_id == chat_id,
        moved_to=whole(message, "migrate_to_chat_id"),
        moved_from=whole(message, "migrate_from_chat_id"),
        sender_chat_id=sender_chat_id,
        by_bot=text(sender, "username") if flag(sender, "is_bot") else "",
        forwarded=message.get("forward_origin") is not None,
        speaker=_speaker(part(message, "forward_origin")),
        soundless="" if media else next((kind for kind in SOUNDLESS if message.get(kind)), ""),
        quoted=_media(part(message, "external_reply")),
        business_id=text(message, "business_connection_id") or None,
        guest_query=text(message, "guest_query_id") or None,
        topic_id=_direct_topic(message),
        person=_person(sender),
    )


def _topic(message: dict[str, Any]) -> int | None:
    # Replies in groups without topics and in the General topic carry a message_thread_id too, to which nobody can send.
    return whole(message, "message_thread_id") if flag(message, "is_topic_message") else None


def _direct_topic(message: dict[str, Any]) -> int | None:
    return whole(part(message, "direct_messages_topic"), "topic_id")


def _speaker(origin: dict[str, Any]) -> str:
    """Return the name of a forwarded message's first sender, whatever the origin's type is; "" if it names nobody."""
    chat = part(origin, "sender_chat") or part(origin, "chat")
    return _name(part(origin, "sender_user")) or text(origin, "sender_user_name") or _name(chat)


def _person(sender: dict[str, Any]) -> str:
    """Return the name of a person, with their username if they have one."""
    username = text(sender, "username")
    return " ".join(filter(None, (_name(sender), f"(@{username})" if username else "")))


def _name(chat: dict[str, Any]) -> str:
    """Return the name of a chat or a person."""
    return text(chat, "title") or " ".join(filter(None, (text(chat, "first_name"), text(chat, "last_name"))))


def _media(message: dict[str, Any]) -> Media | None:
    """Return the first file that can be read. A GIF is also declared as a document, for old clients; it has no sound."""
    for kind in RECORDINGS:
        file = part(message, kind)
        if (file_id := text(file, "file_id")) and not (kind == "document" and part(message, "animation")):
            size, seconds = whole(file, "file_size"), amount(file, "duration")
            return Media(
                kind=kind,
                file_id=file_id,
                unique_id=text(file, "file_unique_id") or file_id,
                size_bytes=size if size is not None and size >= 0 else None,
                seconds=seconds,
                mime_type=text(file, "mime_type") or None,
                file_name=text(file, "file_name") or None,
            )
    return None


def _press(press: dict[str, Any]) -> Press | None:
    message = part(press, "message")
    if not message or not text(press, "data"):
        return None
    chat, person = needed_part(message, "chat"), needed_part(press, "from")
    return Press(
        press_id=needed_text(press, "id"),
        chat_id=needed_whole(chat, "id"),
        chat_type=needed_text(chat, "type"),
        message_id=needed_whole(message, "message_id"),
        user_id=needed_whole(person, "id"),
        data=text(press, "data"),
        thread_id=_topic(message),
        topic_id=_direct_topic(message),
        language_code=text(person, "language_code") or None,
        offered=_offers(message, text(press, "data")),
    )


def _offers(message: dict[str, Any], data: str) -> bool:
    """Say whether a message may have a button with that data.

    A press can come from a message that contains no button with its data (core.telegram.org/bots/api#callbackquery). Of an inaccessible
    message, whose date is 0, nothing is known.
    """
    rows = part(message, "reply_markup").get("inline_keyboard")
    buttons = [one for row in rows if isinstance(row, list) for one in row] if isinstance(rows, list) else []
    return whole(message, "date") == 0 or any(isinstance(one, dict) and text(one, "callback_data") == data for one in buttons)


def _membership(changed: dict[str, Any]) -> Membership:
    chat, person = needed_part(changed, "chat"), part(changed, "from")
    now, kind = needed_part(changed, "new_chat_member"), needed_text(chat, "type")
    needed_text(now, "status")
    present = _is_present(now)
    needed = "can_post_messages" if kind == "channel" else "can_send_messages"
    return Membership(
        chat_id=needed_whole(chat, "id"),
        present=present,
        chat_type=kind,
        title=_name(chat),
        user_id=whole(person, "id"),
        language_code=text(person, "language_code") or None,
        was_present=_is_present(part(changed, "old_chat_member")),
        # Only a restricted member carries can_send_messages, only a channel's administrator can_post_messages. Left out means allowed.
        can_write=present and now.get(needed) is not False,
        changed_at=whole(changed, "date") or 0,
    )


def _is_present(member: dict[str, Any]) -> bool:
    status = text(member, "status")
    return status not in {"", "left", "kicked"} and not (status == "restricted" and member.get("is_member") is False)


def _connection(connection: dict[str, Any]) -> BusinessConnection:
    person = needed_part(connection, "user")
    return BusinessConnection(
        business_id=needed_text(connection, "id"),
        owner_id=needed_whole(person, "id"),
        chat_id=needed_whole(connection, "user_chat_id"),
        enabled=flag(connection, "is_enabled"),
        language_code=text(person, "language_code") or None,
    )


_KINDS: dict[str, Callable[[dict[str, Any]], Update | None]] = {
    "message": _message,
    "business_connection": _connection,
    "business_message": _business_message,
    "guest_message": _guest_message,
    "callback_query": _press,
    "my_chat_member": _membership,
}
