"""Telegram's updates, parsed by aiogram into what the bot decides from. Pure; only new messages count."""

from pydantic import ValidationError

from pisar.adapters.telegram.lean_aiogram import types
from pisar.domain.messages import Incoming, Media
from pisar.errors import Unreadable


def parse_update(body: bytes) -> Incoming | None:
    """Return the new message in an update, None for updates of every other kind; raise Unreadable for bytes that are no update.

    An anonymous administrator, or a channel that speaks in its group, is nobody: `user_id` is None.
    """
    try:
        update = types.Update.model_validate_json(body)
    except ValidationError as error:
        # pydantic's own message repeats the input, which is somebody's message.
        problem = error.errors(include_input=False, include_url=False, include_context=False)[0]["type"]
    else:
        return _incoming(update.message) if update.message else None
    raise Unreadable(f"not a Telegram update: {problem}")


def _incoming(message: types.Message) -> Incoming:
    person = None if message.sender_chat else message.from_user
    return Incoming(
        chat_id=message.chat.id,
        chat_type=message.chat.type,
        message_id=message.message_id,
        # Replies in groups without topics carry a message_thread_id too, to which nobody can send.
        thread_id=message.message_thread_id if message.is_topic_message else None,
        user_id=person.id if person else None,
        language_code=person.language_code if person else None,
        media=_media(message),
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
