"""The bot's commands: who is offered which, and how a message's command is parsed. Pure.

COMMANDS is the only table: the menus are made from it, in its order, and each entry has a description in every language of
`pisar.bot.texts`. A menu only offers: the code that carries a command out checks whether the person may use it.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto

from pisar.bot.texts import say
from pisar.domain.bots import MenuEntry

MAX_NAME_CHARACTERS = 64
"""The longest command that Telegram marks in a text; menu entries have at most 32 characters (core.telegram.org/bots/api#botcommand)."""

_COMMAND = re.compile(rf"/(?P<name>[A-Za-z0-9_]{{1,{MAX_NAME_CHARACTERS}}})(?:@(?P<bot>[A-Za-z0-9_]+))?(?:\s+(?P<argument>.*))?", re.DOTALL)


class Audience(Enum):
    """Who is shown a menu."""

    PRIVATE = auto()
    GROUPS = auto()
    OWNER = auto()


@dataclass(frozen=True, slots=True)
class MenuCommand:
    """A command and the audiences whose menus have it. The owner's menu has all private commands too."""

    name: str
    audiences: tuple[Audience, ...]

    @property
    def text_key(self) -> str:
        """Return the key of the command's description in the table of texts."""
        return f"command_{self.name}"


_EVERYWHERE = (Audience.PRIVATE, Audience.GROUPS)
_PRIVATE = (Audience.PRIVATE,)
_GROUPS = (Audience.GROUPS,)
_OWNER = (Audience.OWNER,)

COMMANDS = (
    MenuCommand("transcribe", _EVERYWHERE),
    MenuCommand("auto", _GROUPS),
    MenuCommand("language", _EVERYWHERE),
    MenuCommand("words", _EVERYWHERE),
    MenuCommand("format", _EVERYWHERE),
    MenuCommand("settings", _EVERYWHERE),
    MenuCommand("status", _EVERYWHERE),
    MenuCommand("cancel", _EVERYWHERE),
    MenuCommand("help", _EVERYWHERE),
    MenuCommand("privacy", _EVERYWHERE),
    MenuCommand("delete", _EVERYWHERE),
    MenuCommand("id", _EVERYWHERE),
    MenuCommand("start", _PRIVATE),
    MenuCommand("allow", _OWNER),
    MenuCommand("deny", _OWNER),
    MenuCommand("users", _OWNER),
    MenuCommand("stats", _OWNER),
)


def menu(audience: Audience, language: str) -> tuple[MenuEntry, ...]:
    """Return the menu of an audience, described in `language` (English where there are no texts in it)."""
    shown_to = {audience, Audience.PRIVATE} if audience is Audience.OWNER else {audience}
    return tuple(MenuEntry(one.name, say(language, one.text_key)) for one in COMMANDS if shown_to & set(one.audiences))


@dataclass(frozen=True, slots=True)
class Command:
    """A command for this bot: `name` in lower case, without slash and bot; `argument` without blanks around it, "" if there is none."""

    name: str
    argument: str = ""


@dataclass(frozen=True, slots=True)
class OtherBots:
    """A command that names another bot, as is common in groups."""


def parse(text: str, username: str) -> Command | OtherBots | None:
    """Return the command that a message begins with, None if there is none. `username` is this bot's, without the @.

    Upper and lower case are the same in the command and the bot's name. Any white space ends the command. It need not be one of COMMANDS.
    """
    found = _COMMAND.fullmatch(text)
    if found is None:
        return None
    if found["bot"] is not None and found["bot"].lower() != username.lower():
        return OtherBots()
    return Command(found["name"].lower(), (found["argument"] or "").strip())
