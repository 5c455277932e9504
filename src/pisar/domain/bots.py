"""The bot as its messenger knows it: who it is, its menus of commands, and how its webhook fares."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias
from urllib.parse import urlsplit, urlunsplit

WANTED_UPDATES = ("message", "callback_query", "my_chat_member")
"""Kinds of updates the bot lives on, by Telegram's names: messages, presses of buttons, being added, removed or blocked."""


class ChatKind(StrEnum):
    """Kinds of chats that have a menu of commands."""

    PRIVATE = "private"
    GROUPS = "groups"


MenuScope: TypeAlias = ChatKind | int
"""Whose menu: that of all chats of a kind, or (the id of) one chat's own, which goes before theirs."""


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A command as people see it in the menu; `name` without the slash."""

    name: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BotIdentity:
    """Who a bot is, and what @BotFather allows it; `username` without the @."""

    id: int
    username: str
    can_join_groups: bool
    can_read_all_group_messages: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookInfo:
    """Where updates go and how that fares. `url` is empty where there is no webhook.

    The last error stays after it has passed, until the webhook is changed; `last_error_at` is in Unix seconds, None where there was none.
    `allowed_updates` None: the messenger's default, in which WANTED_UPDATES are.
    """

    url: str
    pending_count: int = 0
    last_error: str = ""
    last_error_at: float | None = None
    allowed_updates: frozenset[str] | None = None


def public_url(url: str) -> str:
    """Return the URL without what may be a secret in it: user, password, query."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
