"""Updates thrown at the webhook: `python -m tests.fuzz updates`."""

import json
from collections.abc import Callable
from random import Random
from typing import Any

from pisar.adapters.telegram import parse_update
from pisar.adapters.telegram.lean_aiogram import types
from pisar.domain.chats import AllowList
from pisar.domain.strict_json import parse_json
from pisar.web import telegram
from tests.fuzz.inputs import TEXTS, anything, mutated, written
from tests.fuzz.running import FoundError, Kind, noted
from tests.fuzz.worlds import look_over, new_world
from tests.support.wrappings import PLACES, WRAPPINGS, wrapped_voice
from tests.unit.adapters.test_telegram_updates import UPDATES
from tests.unit.api.test_client_jobs import Api

SECRET = "hush"
SHOWN = (SECRET,) * 100 + (None, "", "wrong", "\ud800", "секрет")
KNOWN = [json.loads(path.read_bytes()) for path in sorted(UPDATES.glob("*.json"))]
COMMANDS = (
    "/start",
    "/help",
    "/language ru,en",
    "/words a, b",
    "/format srt",
    "/settings",
    "/delete",
    "/cancel",
    "/status",
    "/auto on",
    "/deny 7",
)


PRIVATE = sorted(WRAPPINGS.keys() - PLACES.keys())
MEANT = {
    "business_connection_id",
    "guest_query_id",
    "migrate_to_chat_id",
    "migrate_from_chat_id",
}
"""Fields that, if they are good, rightly have a voice not answered in its chat."""

NEEDED = {"message_id", "chat", "from", "voice"}
FIELDS = sorted({field.alias or name for name, field in types.Message.model_fields.items()} - NEEDED - MEANT)
"""The other fields of a message."""


def new() -> Api:
    """Return a bot that talks to everybody."""
    return new_world(allowed=AllowList(everyone=True))


def attempt(chance: Random, world: Api) -> str:
    """Throw one update; return its status, or what became of a good voice beside anything."""
    return _voice_beside_anything(chance, world) if chance.random() > 0.6 else _anything(chance, world)


def _voice_beside_anything(chance: Random, world: Api) -> str:
    update = _readable(lambda: _beside_a_voice(chance))
    message = update["message"]
    body, file_id, chat_id = json.dumps(update).encode(), message["voice"]["file_id"], message["chat"]["id"]
    noted(update)
    if getattr(getattr(parse_update(body), "media", None), "file_id", None) != file_id:
        raise FoundError("a voice was not read", update)
    world.files.add(file_id, b"hello there")
    answer = telegram.received(body, lambda found: world.conversation.receive(parse_update(found)))
    if answer.status != 200 or not world.chat.messages(chat_id):
        raise FoundError(f"a voice was lost, with {answer.status}", update)
    return "a voice answered"


def _beside_a_voice(chance: Random) -> dict[str, Any]:
    """Return an update with a good voice in a private chat of its own, and junk in every place that is not needed."""
    update = wrapped_voice(chance.choice(PRIVATE))
    message, number = update["message"], chance.randrange(10**9, 10**10)
    for name in [name for name in message if name in FIELDS]:
        message[name] = mutated(chance, message[name])
    for name in chance.choices(FIELDS, k=chance.randrange(5)):
        other = wrapped_voice(chance.choice(PRIVATE))["message"]
        message[name] = mutated(chance, other) if chance.random() < 0.3 else anything(chance, 4)
    strange = {chance.choice(TEXTS)[:60] or "new": anything(chance, 4) for _ in range(chance.randrange(3))}
    place = {"chat": {"title": anything(chance), "id": number, "type": "private"}}
    person = {"from": {"first_name": anything(chance), "language_code": anything(chance), "id": number, "is_bot": False}}
    voice = {"voice": {"duration": anything(chance), "file_size": anything(chance), "mime_type": anything(chance), "file_id": f"v{number}"}}
    return update | {"message": strange | message | place | person | voice}


def _readable(make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return something that Telegram's server could write: it has no numbers of more than 64 bits."""
    for _ in range(100):
        made = make()
        try:
            parse_json(json.dumps(made))
        except ValueError:
            continue
        return made
    raise AssertionError("nothing that Telegram could write")


def _anything(chance: Random, world: Api) -> str:
    update = chance.choice(KNOWN)
    message = update.get("message", {})
    if chance.random() < 0.3:
        update = update | {"message": message | {"text": chance.choice(COMMANDS)}}
    for kind in ("voice", "audio", "video", "video_note", "document"):
        if (media := message.get(kind)) and chance.random() < 0.7:
            world.files.add(media["file_id"], chance.choice([b"hello there", b"", b"OggS and more"]))
    body = noted(written(chance, mutated(chance, update)))
    refusal = telegram.refusal(chance.choice(SHOWN), SECRET)
    answer = refusal or telegram.received(body, lambda found: world.conversation.receive(parse_update(found)))
    if answer.status not in (200, 403):
        raise FoundError(f"answered {answer['statusCode']}", body)
    if chance.random() < 0.1:
        world.work_off()
    return str(answer.status)


KIND = Kind(attempt, new, look_over)
