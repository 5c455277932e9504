"""The stand-in itself: one bot, its Telegram, and the loop it runs in.

`start` and `stop` belong to an event loop; everything else may be called from any thread, `wait_for` and the results of
`deliver` from any thread but the loop's.
"""

import asyncio
import re
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from aiohttp import web

from localstack.faults import FaultBook
from localstack.telegram import api, describe, refusals, settings
from localstack.telegram.control import Control
from localstack.telegram.gate import Gate
from localstack.telegram.params import Params
from localstack.telegram.people import People
from localstack.telegram.refusals import Refusal
from localstack.telegram.views import Attempt, Call, Delivery, Seen
from localstack.telegram.webhook import Courier, Patience
from localstack.telegram.world import World

if TYPE_CHECKING:
    from concurrent.futures import Future

DOWNLOAD_LIMIT_BYTES = 20 * 1024 * 1024
"""core.telegram.org/bots/api#getfile"""
UPLOAD_LIMIT_BYTES = 50 * 1024 * 1024
"""core.telegram.org/bots/api#senddocument"""
LONG_POLL_MAX_SECONDS = 50
"""The reference server's LONG_POLL_MAX_TIMEOUT."""
MAX_UPDATES = 100
PRESS_SECONDS = 150.0
LINK_SECONDS = 3600.0
"""core.telegram.org/bots/api#getfile"""

T = TypeVar("T")


class TelegramStandIn(People):
    """A Telegram with one bot.

    `webhook_…_seconds`: how long an answer may take, the wait before an update is sent again (doubled each time), and for
    how long it is tried. `messages_per_second` (of one chat), `group_messages_per_minute` and `messages_per_second_in_all` turn on 429;
    Telegram's own advice is 1, 20 and 30.

    What a bot's owner chooses at @BotFather: `privacy_mode` (there on, here off unless asked for): in groups the bot sees only what is
    meant for it. `private_topics`: people may write to it in topics. `guest_mode`: people may mention it where it isn't.

    `press_seconds`: for how long a press may be answered, which is a guess. `link_seconds`: for how long a file may be downloaded.
    """

    def __init__(
        self,
        token: str,
        *,
        username: str = "pisar_bot",
        download_limit_bytes: int = DOWNLOAD_LIMIT_BYTES,
        webhook_timeout_seconds: float = 60.0,
        webhook_first_retry_seconds: float = 1.0,
        webhook_give_up_seconds: float = 24 * 3600.0,
        messages_per_second: float | None = None,
        group_messages_per_minute: int | None = None,
        messages_per_second_in_all: int | None = None,
        privacy_mode: bool = False,
        private_topics: bool = False,
        guest_mode: bool = False,
        press_seconds: float = PRESS_SECONDS,
        link_seconds: float = LINK_SECONDS,
    ) -> None:
        if not re.fullmatch(r"[1-9][0-9]{0,15}:[A-Za-z0-9_-]+", token):
            raise ValueError("a bot token is <number>:<letters, digits, _ and ->")
        me = {"id": int(token.partition(":")[0]), "is_bot": True, "first_name": "Pisar", "username": username}
        super().__init__(
            World(
                me=me,
                download_limit_bytes=download_limit_bytes,
                privacy_mode=privacy_mode,
                private_topics=private_topics,
                guest_mode=guest_mode,
                press_seconds=press_seconds,
                link_seconds=link_seconds,
            )
        )
        self.faults = FaultBook()
        self.patience = Patience(
            timeout_seconds=webhook_timeout_seconds,
            first_retry_seconds=webhook_first_retry_seconds,
            give_up_seconds=webhook_give_up_seconds,
        )
        self.flood_control = api.FloodControl(messages_per_second, group_messages_per_minute, messages_per_second_in_all)
        self._gate = Gate(self.world, token, self.faults, self._execute)
        self._control = Control(self, token)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._runner: web.AppRunner | None = None
        self._courier: Courier | None = None
        self._changed = asyncio.Event()
        self._poll = 0

    def __repr__(self) -> str:
        return f"<TelegramStandIn of bot {self.world.me['id']}>"

    async def start(self, port: int = 0) -> str:
        """Listen on 127.0.0.1 (port 0: any free one), begin to deliver updates, and return the Bot API's base URL."""
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._courier = Courier(self.world, self.patience, self._execute_reply)
        app = web.Application(client_max_size=UPLOAD_LIMIT_BYTES + 1024 * 1024)
        app.add_routes(self._control.routes())
        app.router.add_route("*", "/{rest:.*}", self._gate.handle)
        # no access log: the token is in every path
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.world.on_change = self._announce
        self._wake()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Close the port and every connection; chats and pending updates stay and `start` resumes them."""
        self.world.on_change = lambda: None
        if self._courier is not None:
            await self._courier.close()
        if self._runner is not None:
            await self._runner.cleanup()
        self._loop = self._runner = self._courier = None

    def deliver(self, update: dict[str, Any], times: int = 1, *, at_once: bool = True) -> "Future[list[Attempt]]":
        """POST an update to the webhook so many times, at once or one after another, and return the attempts to come.

        Nothing is sent again whatever the answers. An update without an id gets one.
        """
        with self.world.change():
            if "update_id" not in update:
                self.world.last_update_id += 1
                update = {"update_id": self.world.last_update_id, **update}
        if self._courier is None or self._loop is None:
            raise RuntimeError("the stand-in is not running")
        return asyncio.run_coroutine_threadsafe(self._courier.push(update, times, at_once=at_once), self._loop)

    def messages(self, chat_id: int) -> list[Seen]:
        """Return a chat's messages in order as the person sees them now, deleted ones with their flag."""
        with self.world.condition:
            chat = self.world.chats.get(chat_id)
            return [describe.seen(message) for message in chat.messages.values()] if chat else []

    def business_messages(self, connection_id: str, chat_id: int) -> list[Seen]:
        """Return the messages of a business account's chat with a person, as both see it."""
        with self.world.condition:
            chat = self.world.connections[connection_id].chats.get(chat_id)
            return [describe.seen(message) for message in chat.messages.values()] if chat else []

    def guest_answers(self, guest_query_id: str) -> list[Seen]:
        """Return what the bot has answered, as a guest, to a mention."""
        with self.world.condition:
            return [describe.seen(message) for message in self.world.guest_queries[guest_query_id]["answers"]]

    def answers(self, chat_id: int) -> list[Seen]:
        """Return what the bot has said in a chat and not deleted."""
        return [message for message in self.messages(chat_id) if message.from_bot and not message.deleted]

    def calls(self, method: str | None = None, *, chat_id: int | None = None) -> list[Call]:
        """Return the bot's requests in order of arrival, all or those of one method or chat; downloads are "download"."""
        with self.world.condition:
            asked = [call for call in self.world.calls if method in (None, call.method) and chat_id in (None, call.chat_id)]
            return [replace(call) for call in asked]

    def callback_answers(self, query_id: str) -> list[dict[str, Any]]:
        """Return the answers a press got: {"text", "show_alert"}."""
        with self.world.condition:
            return list(self.world.callbacks[query_id]["answers"])

    def updates(self) -> list[dict[str, Any]]:
        """Return every update made so far, held ones included."""
        with self.world.condition:
            return deepcopy(self.world.updates)

    def pending_count(self) -> int:
        """Return how many updates the bot has not taken yet."""
        with self.world.condition:
            return len(self.world.pending)

    def delivery(self, update_id: int) -> Delivery:
        """Return what became of an update on its way to the webhook."""
        with self.world.condition:
            known = self.world.deliveries.get(update_id) or Delivery(update_id=update_id)
            return replace(known, attempts=list(known.attempts))

    def wait_for(self, predicate: Callable[[], T], timeout: float = 60.0) -> T:
        """Return the predicate's first true value; raise TimeoutError after `timeout` seconds.

        The predicate is asked again after every change in this Telegram. No lock is held meanwhile, so it may do anything.
        """
        world, deadline = self.world, time.monotonic() + timeout
        while True:
            asked_at = world.version
            if value := predicate():
                return value
            if not world.wait_past(asked_at, deadline - time.monotonic()):
                raise TimeoutError(f"not within {timeout} s")

    async def _execute(self, method: str, params: Params) -> Any:
        if method == api.GET_UPDATES:
            return await self._get_updates(params)
        with self.world.change():
            self.flood_control.check(method, params)
            return api.METHODS[method](self.world, params)

    def _execute_reply(self, name: str, params: Params) -> None:
        """Carry out the method a webhook answered with; like Telegram, tell nobody how it went but the log of calls."""
        method = api.canonical(name)
        with self.world.change():
            call = self._gate.begin(method or name, params, (time.monotonic(), time.time()), via="webhook")
            try:
                if method is None:
                    raise refusals.NO_SUCH_METHOD
                self.flood_control.check(method, params)
                result = api.METHODS[method](self.world, params)
            except Refusal as refusal:
                self._gate.end(call, refusal.code, refusal.description, None)
            else:
                call.executed = True
                self._gate.end(call, 200, None, result)

    async def _get_updates(self, params: Params) -> list[dict[str, Any]]:
        offset = params.integer("offset")
        limit = params.integer("limit", MAX_UPDATES, low=1, high=MAX_UPDATES)
        deadline = time.monotonic() + params.integer("timeout", low=0, high=LONG_POLL_MAX_SECONDS)
        self._poll += 1
        mine = self._poll
        self._wake()
        with self.world.change():
            self._refuse_while_webhook("can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
            settings.choose_updates(self.world, params)
            if offset < 0:
                self.world.pending[:] = self.world.pending[offset:]
            else:
                self.world.pending[:] = [update for update in self.world.pending if update["update_id"] >= offset]
        while True:
            with self.world.condition:
                if mine != self._poll:
                    raise refusals.conflict("terminated by other getUpdates request; make sure that only one bot instance is running")
                self._refuse_while_webhook("terminated by setWebhook request")
                updates = deepcopy(self.world.pending[:limit])
            left = deadline - time.monotonic()
            if updates or left <= 0:
                return updates
            changed = self._changed
            try:
                await asyncio.wait_for(changed.wait(), left)
            except TimeoutError:
                continue

    def _refuse_while_webhook(self, reason: str) -> None:
        if self.world.webhook is not None:
            raise refusals.conflict(reason)

    def _announce(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        """In the loop: let long polls look again, and the courier."""
        self._changed.set()
        self._changed = asyncio.Event()
        if self._courier is not None:
            self._courier.look()
