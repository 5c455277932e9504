"""Telegram's updates, parsed by aiogram into what the bot decides from. Pure; an edited message is no new one."""

from dataclasses import fields, is_dataclass

from pydantic import ValidationError

from pisar.adapters.telegram.lean_aiogram import types
from pisar.domain.messages import Incoming, Media, Membership, Press, Update
from pisar.domain.strict_json import parse_json
from pisar.errors import Unreadable


def parse_update(body: bytes) -> Update | None:
    """Return what an update tells, None for updates of every other kind; raise Unreadable for bytes that are no update.

    An anonymous administrator, or a channel that speaks in its group, is nobody: `user_id` is None.
    """
    try:
        parse_json(body)  # pydantic takes numbers of any length
        found = _read(types.Update.model_validate_json(body))
    except ValidationError as error:
        # pydantic's own message repeats the input, which is somebody's message.
        problem = error.errors(include_input=False, include_url=False, include_context=False)[0]["type"]
    except (ValueError, OverflowError):
        problem = "no JSON, or numbers, letters or brackets that no update has"
    else:
        if _is_bounded(found):
            return found
        problem = "numbers that no update has"
    raise Unreadable(f"not a Telegram update: {problem}")


MAX_NUMBER = 2**63
"""What an id, a size or a time may have at most, as a number or, which pydantic takes too, as a string of digits."""


def _is_bounded(told: object) -> bool:
    """Say whether all numbers are such as a record can hold."""
    if is_dataclass(told):
        return all(_is_bounded(getattr(told, one.name)) for one in fields(told))
    return not isinstance(told, int | float) or abs(told) < MAX_NUMBER


def _read(update: types.Update) -> Update | None:
    if update.message:
        return _incoming(update.message)
    if (press := update.callback_query) and press.message and press.data:
        message = press.message
        topic = isinstance(message, types.Message) and message.is_topic_message
        return Press(
            press_id=press.id,
            chat_id=message.chat.id,
            chat_type=message.chat.type,
            message_id=message.message_id,
            user_id=press.from_user.id,
            data=press.data,
            thread_id=message.message_thread_id if isinstance(message, types.Message) and topic else None,
            language_code=press.from_user.language_code,
        )
    if changed := update.my_chat_member:
        return Membership(chat_id=changed.chat.id, present=changed.new_chat_member.status not in {"left", "kicked"})
    return None


def _incoming(message: types.Message, *, replied: bool = True) -> Incoming:
    person = None if message.sender_chat else message.from_user
    source = message.reply_to_message
    return Incoming(
        chat_id=message.chat.id,
        chat_type=message.chat.type,
        message_id=message.message_id,
        # Replies in groups without topics carry a message_thread_id too, to which nobody can send.
        thread_id=message.message_thread_id if message.is_topic_message else None,
        user_id=person.id if person else None,
        language_code=person.language_code if person else None,
        media=_media(message),
        text=message.text or message.caption or "",
        replied=_incoming(source, replied=False) if replied and isinstance(source, types.Message) else None,
        anonymous=message.sender_chat is not None and message.sender_chat.id == message.chat.id,
        moved_to=message.migrate_to_chat_id,
        moved_from=message.migrate_from_chat_id,
    )


def _media(message: types.Message) -> Media | None:
    if message.animation:  # a GIF is also declared as a document, for old clients; it has no sound
        return None
    kinds = {
        "voice": message.voice,
        "audio": message.audio,
        "video_note": message.video_note,
        "video": message.video,
        "document": message.document,
    }
    for kind, file in kinds.items():
        if file is not None:
            return Media(
                kind=kind,
                file_id=file.file_id,
                unique_id=file.file_unique_id,
                size_bytes=file.file_size,
                seconds=None if isinstance(file, types.Document) else float(file.duration),
                mime_type=None if isinstance(file, types.VideoNote) else file.mime_type,
                file_name=None if isinstance(file, types.VideoNote | types.Voice) else file.file_name,
            )
    return None
