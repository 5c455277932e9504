"""Finds the link to a recording in a message's text, and says whose links are followed. Pure.

A link is followed where somebody asks for it: by /transcribe or a mention in a listed group, or by a private message that is nothing but
the link and perhaps a language. A link in talk is never followed.
"""

import re
from dataclasses import replace
from urllib.parse import urlsplit

from pisar.bot.actions import Facts
from pisar.bot.commands import Command, OtherBots
from pisar.bot.spoken_language import names_language, without_mention
from pisar.domain.messages import Incoming, Media
from pisar.errors import LinkRefusal

_LINK = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_AFTER = ".,;:!?)]}»”"
"""What ends a sentence and not a link."""

PLAYERS = frozenset(
    {
        "facebook.com",
        "instagram.com",
        "music.yandex.ru",
        "ok.ru",
        "rutube.ru",
        "soundcloud.com",
        "spotify.com",
        "t.me",
        "tiktok.com",
        "twitch.tv",
        "twitter.com",
        "vimeo.com",
        "vk.com",
        "vkvideo.ru",
        "x.com",
        "youtu.be",
        "youtube.com",
    }
)
"""Sites whose links people send and which lead to a player, never to a file."""


def followed(message: Incoming, facts: Facts) -> bool:
    """Say whether links of the message's sender are followed (PISAR_LINKS)."""
    if facts.links == "listed":
        return message.user_id in facts.owners or not facts.allowed.ids.isdisjoint({message.user_id, message.chat_id})
    return facts.links == "all"


def find_link(text: str) -> str:
    """Return the first link of a text, "" if there is none."""
    found = _LINK.search(text)
    return found.group().rstrip(_AFTER) if found else ""


def is_link_alone(text: str, username: str) -> bool:
    """Say whether a text is one link, with at most the bot's name and a language beside it."""
    link = find_link(text)
    rest = without_mention(text.replace(link, " ", 1), username).strip(f" \n([{_AFTER}")
    return bool(link) and (not rest or names_language(rest))


def with_link(asking: Incoming, command: Command | OtherBots | None) -> tuple[Incoming, Command | OtherBots | None]:
    """Return a message with the file behind its link as media, and its command; the link is taken out of their words."""
    link = find_link(asking.text)
    if isinstance(command, Command):
        command = replace(command, argument=" ".join(command.argument.replace(link, " ", 1).split()))
    media = Media(kind="link", file_id="", unique_id="", link=link)
    return replace(asking, media=media, text=" ".join(asking.text.replace(link, " ", 1).split())), command


def why_not(link: str) -> LinkRefusal | None:
    """Return why a link is not worth a try, None if it is."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return LinkRefusal.REFUSED
    if parts.scheme != "https":
        return LinkRefusal.REFUSED
    host = parts.hostname or ""
    return LinkRefusal.PAGE if any(host == one or host.endswith(f".{one}") for one in PLAYERS) else None
