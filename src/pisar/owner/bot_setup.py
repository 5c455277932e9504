"""Sets the bot's profile at Telegram: webhook, menus of commands, descriptions. Idempotent.

The webhook comes first, because only it can be wrong. The English texts are set for everybody whose language has no texts here.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from pisar.bot.commands import Audience, menu
from pisar.bot.texts import CLIENTS, ENGLISH, say
from pisar.domain.bots import WANTED_UPDATES, ChatKind, MenuScope, public_url
from pisar.errors import Unavailable, Undeliverable
from pisar.ports.chat import BotProfile
from pisar.ports.clock import Clock

log = logging.getLogger(__name__)

LANGUAGES = {"": ENGLISH} | {code: language for code, language in sorted(CLIENTS.items()) if language != ENGLISH}
"""The language of the texts for each language code of a client; "" stands for everybody else.

Telegram shows a menu to clients of its own language code alone, so a language that others get too is set under each of their codes.
"""

MENUS: dict[ChatKind, Audience] = {ChatKind.PRIVATE: Audience.PRIVATE, ChatKind.GROUPS: Audience.GROUPS}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to set: for whom, and to what. `problem`: why it was not set, and what to do; "" if it was."""

    what: str
    whose: str
    now: str
    problem: str = ""


class BotSetup:
    """Sets the profile of a bot. `secret`: what its webhook requires; `owners`: the ids of people with the owner's menu.

    `patience_seconds` bounds, for each request, how long to wait when the messenger limits the rate.
    """

    def __init__(self, profile: BotProfile, clock: Clock, *, secret: str, owners: Iterable[int], patience_seconds: float) -> None:
        self._profile = profile
        self._clock = clock
        self._secret = secret
        self._owners = sorted(owners)
        self._patience_seconds = patience_seconds

    def run(self, url: str | None, *, drop_pending: bool = False) -> list[Step]:
        """Set everything, the webhook only with a URL, and return what was set.

        Raises Misconfigured for a refused token, URL or secret.
        """
        me = self._patiently(self._profile.me)
        webhook = []
        if url is not None:
            self._patiently(lambda: self._profile.set_webhook(url, self._secret, WANTED_UPDATES, drop_pending=drop_pending))
            webhook = [Step("webhook", "", f"{public_url(url)}, with the secret, for {', '.join(WANTED_UPDATES)}")]
        return [
            Step("bot", "", f"@{me.username}, id {me.id}"),
            *webhook,
            *([Step("waiting updates", "", "forgotten")] if drop_pending else []),
            *(self._menu(kind, audience, code) for kind, audience in MENUS.items() for code in LANGUAGES),
            *(self._menu(owner, Audience.OWNER, code) for owner in self._owners for code in LANGUAGES),
            *(self._descriptions(code) for code in LANGUAGES),
        ]

    def _menu(self, scope: MenuScope, audience: Audience, code: str) -> Step:
        entries = menu(audience, LANGUAGES[code])
        whose = f"{scope_name(scope)}, {code_name(code)}"
        try:
            self._patiently(lambda: self._profile.set_commands(scope, code, entries))
        except Undeliverable:
            return Step("commands", whose, "not set", "this person must write to the bot first; then repeat the setup")
        return Step("commands", whose, " ".join(one.name for one in entries))

    def _descriptions(self, code: str) -> Step:
        language = LANGUAGES[code]
        description, short_description = say(language, "bot_description"), say(language, "bot_short_description")
        self._patiently(lambda: self._profile.set_descriptions(code, description=description, short_description=short_description))
        return Step("descriptions", code_name(code), short_description)

    def _patiently(self, call: Callable[[], T]) -> T:
        """Call until it succeeds or patience ends: every call may be repeated, and Telegram limits their rate."""
        deadline = self._clock.now() + self._patience_seconds
        while True:
            try:
                return call()
            except Unavailable as error:
                if error.after_seconds is None or self._clock.now() + error.after_seconds > deadline:
                    raise
                log.info("Telegram asks for patience", extra={"seconds": error.after_seconds})
                self._clock.sleep(error.after_seconds)


def scope_name(scope: MenuScope) -> str:
    """Return a name for the people who see a menu."""
    return {ChatKind.PRIVATE: "private chats", ChatKind.GROUPS: "groups"}[scope] if isinstance(scope, ChatKind) else f"owner {scope}"


def code_name(code: str) -> str:
    """Return a name for the people whose clients have that language code."""
    return code or "default"
