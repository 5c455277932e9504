"""Who may use the bot, and how each chat wants its answers."""

import json
from dataclasses import asdict, dataclass, replace
from typing import Literal, Self, get_args

from pisar.domain.options import AUTO, LANGUAGES
from pisar.domain.strict_json import parse_json
from pisar.errors import Unreadable

Shape = Literal["text", "timecodes", "txt", "srt", "vtt"]
SHAPES: tuple[Shape, ...] = get_args(Shape)
"""The forms of an answer: text, text with times, or a document."""

Auto = Literal["off", "voices", "all"]
AUTOS: tuple[Auto, ...] = get_args(Auto)
"""What a group has transcribed without being asked: nothing, voice messages and video notes, or every recording."""


def shape_of(name: str) -> Shape | None:
    """Return the shape of that name, None if there is none."""
    return next((one for one in SHAPES if one == name), None)


def auto_of(name: str) -> Auto | None:
    """Return what `/auto` is set to by that name, None if there is no such setting."""
    return next((one for one in AUTOS if one == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowList:
    """The ids of users and chats that may use the bot. `everyone` opens it to all; a `denied` id is kept out all the same."""

    ids: frozenset[int] = frozenset()
    everyone: bool = False
    denied: frozenset[int] = frozenset()

    def allows(self, *ids: int | None) -> bool:
        """Say whether any of the ids (a user, the chat) may use the bot, and none is denied."""
        if any(one in self.denied for one in ids):
            return False
        return self.everyone or any(one in self.ids for one in ids)

    def allow(self, one: int) -> Self:
        """Return the list with an id allowed."""
        return replace(self, ids=self.ids | {one}, denied=self.denied - {one})

    def deny(self, one: int) -> Self:
        """Return the list with an id denied."""
        return replace(self, ids=self.ids - {one}, denied=self.denied | {one})

    def with_changes(self, changes: "AllowList") -> Self:
        """Return this list with the changes that the owner's commands have made since; where they differ, the changes win."""
        return replace(self, ids=(self.ids | changes.ids) - changes.denied, denied=self.denied - changes.ids | changes.denied)

    def encode(self) -> bytes:
        """Return the list as UTF-8 JSON."""
        return json.dumps({"version": 1, "ids": sorted(self.ids), "everyone": self.everyone, "denied": sorted(self.denied)}).encode()

    @classmethod
    def decode(cls, body: bytes) -> Self:
        """Return the list that `encode` wrote; raise Unreadable for anything else."""
        try:
            fields = parse_json(body)
            return cls(
                ids=frozenset(map(int, fields["ids"])), everyone=bool(fields["everyone"]), denied=frozenset(map(int, fields["denied"]))
            )
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:  # OverflowError: an infinite id
            raise Unreadable("not an allow-list") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatSettings:
    """The settings of a chat.

    `languages`: those that recordings there may be in; empty for any. `silent`: answers make no sound. `auto`: what a group has
    transcribed without being asked. `words`: names and terms that the engine should expect. `spoken`: the languages of the chat's latest
    recordings, newest first, each once. `formerly`: the id of a group before it became a supergroup; its older jobs are listed under that
    id. `interface`: the language of the bot's texts, "" for each person's own. `guess`: the language of the bot's texts for a message that
    tells none, such as an anonymous administrator's: that of the first member who asked for something; "" while it is not known.
    """

    languages: tuple[str, ...] = ()
    shape: Shape = "text"
    silent: bool = True
    auto: Auto = "off"
    words: str = ""
    spoken: tuple[str, ...] = ()
    formerly: int | None = None
    interface: str = ""
    guess: str = ""

    @property
    def language(self) -> str:
        """The language option for the engine: "auto", a code, or several codes with commas between them."""
        return ",".join(self.languages) or AUTO

    @property
    def any_chosen(self) -> bool:
        """Whether anything differs from the defaults beside what was learnt of the chat."""
        return replace(self, spoken=(), guess="", formerly=None) != type(self)()

    def expected(self, language_code: str | None) -> tuple[str, ...]:
        """Return the languages to expect: those lately spoken in the chat, then the sender's own (`language_code`, Telegram's IETF tag)."""
        own = (language_code or "").lower().split("-")[0]
        return tuple(dict.fromkeys((*self.spoken, *([own] if own in LANGUAGES else []))))

    def toggle_language(self, code: str) -> Self:
        """Return the settings with a language added or removed; AUTO removes all. Raises ValueError for an unknown code."""
        if code == AUTO:
            return replace(self, languages=())
        if code not in LANGUAGES:
            raise ValueError("no such language")
        kept = tuple(one for one in self.languages if one != code)
        return replace(self, languages=kept if code in self.languages else (*kept, code))

    def encode(self) -> bytes:
        """Return the settings as UTF-8 JSON.

        Version 0.1.0 reads the truth of `auto` alone, and a worker of it would write that back while the others are new already.
        """
        return json.dumps({"version": 1, **asdict(self), "auto": False if self.auto == "off" else self.auto}).encode()

    @classmethod
    def decode(cls, body: bytes) -> Self:
        """Return the settings that `encode` wrote; raise Unreadable for anything else."""
        try:
            fields = parse_json(body)
            languages, shape = tuple(fields["languages"]), fields["shape"]
            if shape not in SHAPES or any(one not in LANGUAGES for one in languages):
                raise ValueError("unknown language or shape")  # noqa: TRY301 - one way out for every malformed record
            return cls(
                languages=languages,
                shape=shape,
                silent=bool(fields["silent"]),
                auto=_auto(fields["auto"]),
                words=str(fields.get("words", "")),
                spoken=tuple(one for one in fields.get("spoken", ()) if one in LANGUAGES),
                formerly=None if fields.get("formerly") is None else int(fields["formerly"]),
                interface=str(fields.get("interface", "")),
                guess=str(fields.get("guess", "")),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Unreadable("not a chat's settings") from error


def _auto(stored: object) -> Auto:
    """Return the setting of `/auto`: false where it is off. Older records have true, which meant every voice message."""
    if isinstance(stored, str):
        if (found := auto_of(stored)) is None:
            raise ValueError("unknown setting of /auto")
        return found
    return "voices" if stored else "off"
