"""The stand-in's people, for other programs: they act and look over HTTP, with the bot's token in X-Control-Token.

    POST /control/text?chat_id=1001                                    the body is what they write
    POST /control/voice?chat_id=1001                                   the body is the recording
    POST /control/file?chat_id=1001&kind=video&name=a.mp4&seconds=9    the body is the file
    POST /control/press?chat_id=1001&label=.txt                        they press the newest button with this label
    GET  /control/messages?chat_id=1001                                the chat as they see it, deleted messages left out

Each POST answers the update that Telegram sends for it. `chat_id` is the id of the person and of the private chat with them; a negative
one is a group. `kind` is voice, audio, video, video_note, animation, document, photo or sticker (default document); `seconds` is what
the message says of its length (default 1), `name` and `mime_type` what it says of a file. A press waits up to a minute for such a button to
appear; `data` instead of `label` names it by what it carries, and `message_id` the message that it must be under.

Any POST takes `user` (who does it, in a group), `language_code` (of their Telegram, default en); any but a press also `reply_to` (a
message's id), `thread` (a topic's) and `caption`. 403 without the token, 400 with what is wrong with the rest.
"""

import asyncio
import hmac
import mimetypes
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from localstack.telegram.people.acting import Circumstances

if TYPE_CHECKING:
    from localstack.telegram.server import TelegramStandIn
    from localstack.telegram.views import Seen

TOKEN_HEADER = "X-Control-Token"  # noqa: S105 - the header's name
DEFAULT_SECONDS = 1
"""What a recording's message says of its length: nobody has listened to it yet."""

PRESS_PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.1

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Control:
    """The endpoints, over one stand-in."""

    def __init__(self, telegram: "TelegramStandIn", token: str) -> None:
        self._telegram = telegram
        self._token = token.encode()

    def routes(self) -> list[web.RouteDef]:
        """Return what to add to the server."""
        return [
            web.post("/control/text", self._guarded(self._text)),
            web.post("/control/voice", self._guarded(self._voice)),
            web.post("/control/file", self._guarded(self._file)),
            web.post("/control/press", self._guarded(self._press)),
            web.get("/control/messages", self._guarded(self._messages)),
        ]

    async def _text(self, request: web.Request) -> web.StreamResponse:
        text = (await request.read()).decode().strip()
        if not text:
            raise ValueError("send the text as the body")
        return web.json_response(self._telegram.text(_number(request, "chat_id"), text, **_circumstances(request)))

    async def _voice(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self._send(request, "voice", await request.read()))

    async def _file(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self._send(request, request.query.get("kind", "document"), await request.read()))

    async def _press(self, request: web.Request) -> web.StreamResponse:
        chat_id, deadline = _number(request, "chat_id"), time.monotonic() + PRESS_PATIENCE_SECONDS
        user = _number(request, "user") if "user" in request.query else None
        if not request.query.get("label") and not request.query.get("data"):
            raise ValueError("name the button by its label or its data")
        while (found := self._button(chat_id, request)) is None:
            if time.monotonic() > deadline:
                raise LookupError("there is no such button")
            await asyncio.sleep(LOOK_SECONDS)
        message_id, data = found
        language_code = request.query.get("language_code", "en")
        return web.json_response(self._telegram.press(chat_id, message_id, data, user=user, language_code=language_code))

    def _button(self, chat_id: int, request: web.Request) -> tuple[int, str] | None:
        """Return the message and the data of the newest button that the request means."""
        only = _number(request, "message_id") if "message_id" in request.query else None
        wanted = (request.query.get("label"), request.query.get("data"))
        for message in reversed(self._telegram.answers(chat_id)):
            for label, data in (button for row in message.buttons for button in row):
                if data is not None and only in (None, message.message_id) and (label == wanted[0] or data == wanted[1]):
                    return message.message_id, data
        return None

    async def _messages(self, request: web.Request) -> web.StreamResponse:
        seen = self._telegram.messages(_number(request, "chat_id"))
        return web.json_response([_shown(message) for message in seen if not message.deleted])

    def _send(self, request: web.Request, kind: str, content: bytes) -> dict[str, Any]:
        if not content:
            raise ValueError("send the recording as the body" if kind == "voice" else "send the file as the body")
        telegram, chat_id, how = self._telegram, _number(request, "chat_id"), _circumstances(request)
        seconds = _number(request, "seconds") if "seconds" in request.query else DEFAULT_SECONDS
        if kind in ("audio", "video", "document"):
            usual = {"audio": "audio.mp3", "video": "video.mp4"}.get(kind, "file")
            name = request.query.get("name", usual)
            mime_type = request.query.get("mime_type") or mimetypes.guess_type(name)[0]
            if kind == "document":
                return telegram.document(chat_id, name, mime_type, content, **how)
            send = telegram.audio if kind == "audio" else telegram.video
            return send(chat_id, content, seconds=seconds, name=name, mime_type=mime_type or f"{kind}/mp4", **how)
        if kind == "voice":
            return telegram.voice(chat_id, content, seconds=seconds, **how)
        if kind == "video_note":
            return telegram.video_note(chat_id, content, seconds=seconds, **how)
        if kind == "animation":
            return telegram.animation(chat_id, content, seconds=seconds, **how)
        if kind == "photo":
            return telegram.photo(chat_id, content, **how)
        if kind == "sticker":
            return telegram.sticker(chat_id, content, **how)
        raise ValueError("kind must be voice, audio, video, video_note, animation, document, photo or sticker")

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            shown = request.headers.get(TOKEN_HEADER, "")
            if not hmac.compare_digest(shown.encode("utf-8", "surrogateescape"), self._token):
                return _refused(403, f"show the bot's token in {TOKEN_HEADER}")
            try:
                return await handler(request)
            except (ValueError, LookupError, PermissionError) as error:
                return _refused(400, str(error.args[0]) if error.args else "refused")

        return guarded


def _circumstances(request: web.Request) -> Circumstances:
    how = Circumstances(language_code=request.query.get("language_code", "en"))
    if "user" in request.query:
        how["user"] = _number(request, "user")
    if "reply_to" in request.query:
        how["reply_to"] = _number(request, "reply_to")
    if "thread" in request.query:
        how["thread"] = _number(request, "thread")
    if "caption" in request.query:
        how["caption"] = request.query["caption"]
    return how


def _number(request: web.Request, name: str) -> int:
    try:
        number = int(request.query.get(name, ""))
    except ValueError:
        number = 0
    if not number:
        raise ValueError(f"{name} must be a whole number other than 0")
    return number


def _shown(message: "Seen") -> dict[str, Any]:
    return {
        "message_id": message.message_id,
        "from_bot": message.from_bot,
        "reply_to": message.reply_to,
        "kind": message.kind,
        "text": message.now.text,
        "name": message.document_name,
        "buttons": [{"text": label, "data": data} for row in message.buttons for label, data in row],
        "edits": message.edit_count,
    }


def _refused(status: int, why: str) -> web.Response:
    return web.json_response({"error": why}, status=status)
