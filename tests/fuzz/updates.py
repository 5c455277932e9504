"""Updates thrown at the webhook: `python -m tests.fuzz updates`."""

import json
from random import Random

from pisar.adapters.telegram import parse_update
from pisar.domain.chats import AllowList
from pisar.web import telegram
from tests.fuzz.inputs import mutated, written
from tests.fuzz.running import FoundError, Kind, noted
from tests.fuzz.worlds import look_over, new_world
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


def new() -> Api:
    """Return a bot that talks to everybody."""
    return new_world(allowed=AllowList(everyone=True))


def attempt(chance: Random, world: Api) -> str:
    """Throw one update; return its status."""
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
