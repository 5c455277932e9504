"""Entry point of the self-hosted bot: it asks Telegram for updates, or with TELEGRAM_WEBHOOK_URL is told them at POST /telegram."""

import logging
import os
import signal
from threading import Event, Thread

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pisar import logs
from pisar.errors import Misconfigured, PisarError, Unavailable
from pisar.web import telegram
from pisar.web.forms import BodyLimit
from pisar.wiring.bot import Bot, build
from pisar.wiring.listening import serve

log = logging.getLogger("bot")

MAX_UPDATE_BYTES = 256 * 1024
"""An update is some kilobytes. It may hold a message of 4,096 characters, the one it replies to and a quote, each letter six bytes long as
JSON's escapes write it, with a hundred entities each: 100 kB. One that is refused comes again and again, and holds up all others."""

PAUSE_SECONDS = 15.0
"""Between two tries to reach Telegram at the start."""


def application(bot: Bot) -> Starlette:
    """Return the ASGI application that Telegram calls."""

    async def update(request: Request) -> Response:
        logs.begin_call()
        found = telegram.refusal(request.headers.get(telegram.SECRET_HEADER), bot.webhook.secret.reveal())
        if found is None:  # nobody else's body is read
            found = await run_in_threadpool(telegram.received, await request.body(), bot.webhook.receive)
        return Response(found.body, found.status, found.headers)

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    routes = [Route("/telegram", update, methods=["POST"]), Route("/healthz", healthz, methods=["GET"])]
    return Starlette(routes=routes, middleware=[Middleware(BodyLimit, max_bytes=MAX_UPDATE_BYTES)])


def _set_up(bot: Bot, stop: Event) -> None:
    """Tell Telegram of the bot, however long it is away: a bot without its menus works all the same."""
    while not stop.is_set():
        try:
            bot.set_up()
        except Unavailable as error:
            log.warning("the bot is not set up yet", extra={"why": str(error)})
            stop.wait(max(PAUSE_SECONDS, error.after_seconds or 0.0))
        except PisarError as error:
            log.error("the bot is not set up", extra={"why": str(error)})  # noqa: TRY400 - no traceback: it is known
            return
        else:
            log.info("the bot is set up")
            return


def _poll(bot: Bot, stop: Event) -> None:
    while not stop.is_set():
        try:
            bot.poll(stop.is_set)
        except Unavailable as error:  # Telegram was away at the start
            log.warning("not polling yet", extra={"why": str(error)})
            stop.wait(max(PAUSE_SECONDS, error.after_seconds or 0.0))


def main() -> None:
    """Serve until SIGTERM, which lets the updates in hand be received."""
    stop = Event()
    try:
        bot = build(os.environ)
        setting_up = Thread(target=_set_up, args=(bot, stop), name="setup", daemon=True)
        setting_up.start()
        # uvicorn has handlers of its own and, once it has ended, raises what it was told with: then these are there.
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, lambda *_: stop.set())
        if bot.webhook_url is not None:
            log.info("listening", extra={"port": bot.server.port})
            serve(application(bot), bot.server)
            bot.webhook.close()
            return
        log.info("polling")
        _poll(bot, stop)
        bot.webhook.close()
    except Misconfigured as error:
        raise SystemExit(str(error)) from None
    finally:
        stop.set()


if __name__ == "__main__":
    main()
