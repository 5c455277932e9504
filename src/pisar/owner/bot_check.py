"""Checks the bot's state at Telegram, and returns findings in plain words: what was found, whether it is well, and what to do.

The check only reads from the messenger. Pure functions decide what its answers mean.
"""

import re
from dataclasses import dataclass

from pisar.bot.commands import menu
from pisar.domain.bots import WANTED_UPDATES, BotIdentity, MenuEntry, WebhookInfo, public_url
from pisar.errors import Misconfigured, Unavailable
from pisar.owner.bot_setup import LANGUAGES, MENUS, code_name, scope_name
from pisar.ports.chat import BotProfile

MANY_PENDING = 40
"""How many pending updates count as many: more than Telegram delivers at once (max_connections where none is set)."""

SET_UP = "Run `pisar telegram setup`."

WRONG_RESPONSE = "Wrong response from the webhook: "
"""How Telegram's message about a response status begins (WebhookActor.cpp in github.com/tdlib/telegram-bot-api)."""

_STATUS = re.compile(WRONG_RESPONSE + r"(\d{3})")
_MEANINGS: tuple[tuple[str, str], ...] = (
    ("403", "Telegram has another secret than the function: run setup with its TELEGRAM_WEBHOOK_SECRET."),
    ("401", "Something before the function asks for a key: let the gateway's path /telegram in without one."),
    ("404", "The webhook's address is wrong: run setup with the gateway's, which ends in /telegram."),
    ("405", "The webhook's address is wrong: run setup with the gateway's, which ends in /telegram."),
    ("429", "Too many requests for whoever answers there: look at the quotas of gateway and function."),
    ("3..", "Telegram follows no redirects: run setup with the address that this one leads to."),
    ("5..", "The function failed, or was away or too slow: see its log. Telegram sends the updates again."),
)
"""What a status usually means; the first pattern that matches counts."""

_WORDS: tuple[tuple[str, str], ...] = (
    (r"certificate|\bssl\b", "The certificate of the address is not trusted, has run out or is for another name: renew it."),
    (
        "resolve|getaddrinfo|name or service|ipv6",
        "The address's name leads nowhere: correct its DNS entry, which must have an IPv4 address.",
    ),
    ("time[d ]*out", "Nobody answered in time: the function is too slow, or a firewall drops Telegram's requests."),
    ("connect|reset|refused|closed", "Nobody listens at the address, or it hangs up: is the gateway there?"),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding about one thing. `advice`: what to do, or what the finding means if all is well; it may be empty then."""

    fine: bool
    about: str
    found: str
    advice: str = ""


class BotCheck:
    """Checks a bot by its profile at the messenger."""

    def __init__(self, profile: BotProfile) -> None:
        self._profile = profile

    def run(self, now: float) -> list[Finding]:
        """Return all findings; `now` in Unix seconds. If the token is unknown or the messenger does not answer, that is the only one."""
        try:
            me = self._profile.me()
        except Misconfigured:
            advice = "Take the token from @BotFather into TELEGRAM_BOT_TOKEN, or correct TELEGRAM_API_URL."
            return [Finding(False, "token", "Telegram does not know it", advice)]
        except Unavailable as error:
            return [
                Finding(False, "Telegram", f"did not answer ({error})", "Look at this machine's network and TELEGRAM_API_URL; try again.")
            ]
        return [
            Finding(True, "token", f"that of @{me.username}, id {me.id}"),
            *webhook_findings(self._profile.webhook(), now),
            *group_findings(me),
            *(
                menu_finding(
                    f"commands: {scope_name(kind)}, {code_name(code)}", self._profile.commands(kind, code), menu(audience, language)
                )
                for kind, audience in MENUS.items()
                for code, language in LANGUAGES.items()
            ),
        ]


def webhook_findings(info: WebhookInfo, now: float) -> list[Finding]:
    """Return the findings about the webhook and its updates."""
    waiting = _waiting(info.pending_count)
    if not info.url:
        advice = "Run `pisar telegram setup --url https://…/telegram`; until then only polling gets updates."
        return [Finding(False, "webhook", "none is set", advice), waiting]
    return [Finding(True, "webhook", public_url(info.url)), _last_error(info, now), waiting, _kinds_of_updates(info)]


def group_findings(me: BotIdentity) -> list[Finding]:
    """Return the findings about groups; all of them are the owner's choice."""
    if not me.can_join_groups:
        return [Finding(True, "groups", "it can't be added to any", "That is set at @BotFather: /setjoingroups.")]
    if me.can_read_all_group_messages:
        privacy = Finding(True, "privacy mode", "off", "In groups every message reaches it, as /auto needs.")
    else:
        advice = "In groups only commands and replies reach it; for /auto: @BotFather, /setprivacy, and add it anew."
        privacy = Finding(True, "privacy mode", "on", advice)
    return [Finding(True, "groups", "it can be added to them"), privacy]


def menu_finding(about: str, found: tuple[MenuEntry, ...], expected: tuple[MenuEntry, ...]) -> Finding:
    """Return the finding whether a menu is as expected."""
    if found == expected:
        return Finding(True, about, f"{len(found)} are set")
    return Finding(False, about, "others than this version's are set" if found else "none are set", SET_UP)


def meaning(error: str) -> str:
    """Return what a webhook's error, in Telegram's words, usually means, and what to do."""
    if status := _STATUS.match(error):
        return next(
            (meant for pattern, meant in _MEANINGS if re.fullmatch(pattern, status[1])),
            "The function never answers so: look who listens at the address.",
        )
    return next(
        (meant for pattern, meant in _WORDS if re.search(pattern, error, re.IGNORECASE)), "Look at the webhook's address and its log."
    )


def age(seconds: float) -> str:
    """Return how long ago something was, in the largest whole unit."""
    for unit, unit_seconds in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if (count := int(seconds // unit_seconds)) > 0:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "less than a minute ago"


def _last_error(info: WebhookInfo, now: float) -> Finding:
    if info.last_error_at is None:
        return Finding(True, "last error", "none")
    found = f"{info.last_error.removeprefix(WRONG_RESPONSE)}, {age(now - info.last_error_at)}"
    if info.pending_count:
        return Finding(False, "last error", found, meaning(info.last_error))
    # Telegram sends an update again until it is taken, for a day, and keeps the error after that.
    return Finding(True, "last error", found, "No update waits, so it has passed. In doubt send the bot a message and check again.")


def _waiting(count: int) -> Finding:
    if count > MANY_PENDING:
        return Finding(False, "waiting updates", str(count), "Something is stuck: look at the last error and the webhook's log.")
    return Finding(True, "waiting updates", str(count))


def _kinds_of_updates(info: WebhookInfo) -> Finding:
    if info.allowed_updates is None:
        return Finding(True, "kinds of updates", "Telegram's default")
    missing = [one for one in WANTED_UPDATES if one not in info.allowed_updates]
    if missing:
        return Finding(False, "kinds of updates", f"{', '.join(missing)} not among them", f"The bot does not learn of these. {SET_UP}")
    return Finding(True, "kinds of updates", "all that the bot needs")
