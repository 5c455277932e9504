"""The bot as its messenger knows it: its identity, its menus of commands, and the state of its webhook."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias
from urllib.parse import urlsplit, urlunsplit

WANTED_UPDATES = ("message", "callback_query", "my_chat_member", "business_connection", "business_message", "guest_message")
"""The kinds of updates that the bot receives, by Telegram's names: messages, presses of buttons, being added, removed or blocked,
being connected to somebody's account, messages of that person's chats, and mentions where the bot isn't."""

PLACES = ("own", "rented", "yandex-cloud")
"""Where a bot may transcribe: on its owner's own computers, on a server that the owner rents, or in Yandex Cloud."""


class ChatKind(StrEnum):
    """Kinds of chats that have a menu of commands."""

    PRIVATE = "private"
    GROUPS = "groups"


MenuScope: TypeAlias = ChatKind | int
"""Who sees a menu: all chats of a kind, or the one chat of this id, whose own menu comes before its kind's."""


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A command as people see it in the menu; `name` without the slash."""

    name: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BotIdentity:
    """A bot's identity, and what @BotFather allows it; `username` without the @."""

    id: int
    username: str
    can_join_groups: bool
    can_read_all_group_messages: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRights:
    """What the bot may do in a group: whether it is an administrator, and whether it may send messages."""

    administrator: bool
    can_write: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookInfo:
    """The state of the bot's webhook. `url` is empty where there is no webhook.

    The last error stays until the webhook is changed, even if it has passed; `last_error_at` is in Unix seconds, None where there was none.
    `allowed_updates` None: the messenger's default, which includes WANTED_UPDATES.
    """

    url: str
    pending_count: int = 0
    last_error: str = ""
    last_error_at: float | None = None
    allowed_updates: frozenset[str] | None = None


def public_url(url: str) -> str:
    """Return the URL without its user, password and query, which may be secret."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
