"""The bot's commands: who is offered which, and what somebody's command says. Pure.

COMMANDS is the one table: the menus are made from it, in its order, and each entry has a sentence in every language of
`pisar.bot.texts`. A menu only offers: whoever carries a command out looks for himself whether this person may.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto

from pisar.bot.texts import say
from pisar.domain.bots import MenuEntry

MAX_NAME_CHARACTERS = 64
"""What Telegram marks as a command has at most so many; those of a menu have at most 32 (core.telegram.org/bots/api#botcommand)."""

_COMMAND = re.compile(rf"/(?P<name>[A-Za-z0-9_]{{1,{MAX_NAME_CHARACTERS}}})(?:@(?P<bot>[A-Za-z0-9_]+))?(?:\s+(?P<argument>.*))?", re.DOTALL)


class Audience(Enum):
    """Whose menu."""

    PRIVATE = auto()
    GROUPS = auto()
    OWNER = auto()


@dataclass(frozen=True, slots=True)
class MenuCommand:
    """A command and the audiences it is offered to. The owner is offered what everybody is in private, and more."""

    name: str
    audiences: tuple[Audience, ...]

    @property
    def text_key(self) -> str:
        """Return the key of its description in the table of texts."""
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
    MenuCommand("status", _PRIVATE),
    MenuCommand("cancel", _PRIVATE),
    MenuCommand("help", _EVERYWHERE),
    MenuCommand("privacy", _PRIVATE),
    MenuCommand("delete", _EVERYWHERE),
    MenuCommand("id", _EVERYWHERE),
    MenuCommand("start", _PRIVATE),
    MenuCommand("allow", _OWNER),
    MenuCommand("deny", _OWNER),
    MenuCommand("users", _OWNER),
    MenuCommand("stats", _OWNER),
)


def menu(audience: Audience, language: str) -> tuple[MenuEntry, ...]:
    """Return the menu of an audience, described in `language` (English where we have no such language)."""
    shown_to = {audience, Audience.PRIVATE} if audience is Audience.OWNER else {audience}
    return tuple(MenuEntry(one.name, say(language, one.text_key)) for one in COMMANDS if shown_to & set(one.audiences))


@dataclass(frozen=True, slots=True)
class Command:
    """A command for this bot: `name` in lower case, without slash and bot; `argument` without blanks around it, empty if there is none."""

    name: str
    argument: str = ""


@dataclass(frozen=True, slots=True)
class OtherBots:
    """A command that names another bot: none of our business, in a group above all."""


def parse(text: str, username: str) -> Command | OtherBots | None:
    """Return the command a message begins with, None if it begins with none. `username` is this bot's, without the @.

    Neither the command's case nor the bot's counts. Any white space ends the command. A command need not be one of COMMANDS.
    """
    found = _COMMAND.fullmatch(text)
    if found is None:
        return None
    if found["bot"] is not None and found["bot"].lower() != username.lower():
        return OtherBots()
    return Command(found["name"].lower(), (found["argument"] or "").strip())
