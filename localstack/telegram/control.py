"""The stand-in's people, for other programs: they act and look over HTTP, with the bot's token in X-Control-Token.

    POST /control/voice?chat_id=1001&language_code=ru    the body is the recording; answers the update Telegram sends for it
    GET  /control/messages?chat_id=1001                  the chat as the person sees it, deleted messages left out

`chat_id` is the id of the person and of the private chat with them; a negative one is a group. `language_code` (default en)
is the language of their Telegram. 403 without the token, 400 with what is wrong with the rest.
"""

import hmac
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from localstack.telegram.server import TelegramStandIn
    from localstack.telegram.views import Seen

TOKEN_HEADER = "X-Control-Token"  # noqa: S105 - the header's name
VOICE_SECONDS = 1
"""What the voice message says of its length: nobody has listened to it yet."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Control:
    """The endpoints, over one stand-in."""

    def __init__(self, telegram: "TelegramStandIn", token: str) -> None:
        self._telegram = telegram
        self._token = token.encode()

    def routes(self) -> list[web.RouteDef]:
        """Return what to add to the server."""
        return [
            web.post("/control/voice", self._guarded(self._voice)),
            web.get("/control/messages", self._guarded(self._messages)),
        ]

    async def _voice(self, request: web.Request) -> web.StreamResponse:
        audio = await request.read()
        if not audio:
            return _refused(400, "send the recording as the body")
        language_code = request.query.get("language_code", "en")
        return web.json_response(self._telegram.voice(_chat_id(request), audio, seconds=VOICE_SECONDS, language_code=language_code))

    async def _messages(self, request: web.Request) -> web.StreamResponse:
        seen = self._telegram.messages(_chat_id(request))
        return web.json_response([_shown(message) for message in seen if not message.deleted])

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            shown = request.headers.get(TOKEN_HEADER, "")
            if not hmac.compare_digest(shown.encode("utf-8", "surrogateescape"), self._token):
                return _refused(403, f"show the bot's token in {TOKEN_HEADER}")
            try:
                return await handler(request)
            except ValueError as error:
                return _refused(400, str(error))

        return guarded


def _chat_id(request: web.Request) -> int:
    try:
        chat_id = int(request.query.get("chat_id", ""))
    except ValueError:
        chat_id = 0
    if not chat_id:
        raise ValueError("chat_id must be a whole number other than 0")
    return chat_id


def _shown(message: "Seen") -> dict[str, Any]:
    return {
        "message_id": message.message_id,
        "from_bot": message.from_bot,
        "reply_to": message.reply_to,
        "kind": message.kind,
        "text": message.now.text,
        "edits": message.edit_count,
    }


def _refused(status: int, why: str) -> web.Response:
    return web.json_response({"error": why}, status=status)
