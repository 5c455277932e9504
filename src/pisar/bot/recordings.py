"""Decides which recording a message asks for, and whether it is taken or refused. Pure.

What nobody asked for is never refused: a recording that can't be taken is then ignored.
"""

from dataclasses import replace

from pisar.bot import links
from pisar.bot.actions import Facts, Say, TakeShown
from pisar.bot.admission import Ignore, Refuse, Take, reply_to
from pisar.bot.commands import Command, OtherBots
from pisar.bot.names import file_title, shown_name
from pisar.bot.spoken_language import UnknownLanguage, mentions, names_language, spoken
from pisar.domain.answer_to import Reply
from pisar.domain.audio import AudioLimits, named_as_media, too_big
from pisar.domain.chats import Auto
from pisar.domain.jobs import job_id
from pisar.domain.messages import Incoming, Media
from pisar.domain.options import as_prompt
from pisar.errors import Rejected, Rejection

VOICES = frozenset({"voice", "video_note"})
"""The kinds of recordings that people make to be heard by this chat, other than music and films that they pass on."""


def requested(asking: Incoming, command: Command | OtherBots | None, facts: Facts) -> Take | TakeShown | Refuse | Ignore | Say:
    """Return what to do for a message that asks for the text of the recording that it answers, by /transcribe or a mention.

    The recording may be in another chat, which the message quotes, or behind a link in the message or in the one that it answers. A message
    of the bot's own stands for the recording that it is about. Beside an answered recording, a link among other words is talk.
    """
    words = command.argument if isinstance(command, Command) else asking.text
    meant = links.is_link_alone(words, facts.username) or not _answers_recording(asking, facts)
    if meant and links.followed(asking, facts) and links.find_link(asking.text):
        linked, command = links.with_link(asking, command)
        return take(linked, linked, command, facts)
    replied = asking.replied
    if replied is not None and _is_ours(replied, facts):
        return _shown(asking, replied, command, facts)
    if replied is not None and replied.media is not None:
        return take(asking, replied, command, facts)
    if asking.quoted is not None:
        return take(asking, replace(asking, media=asking.quoted), command, facts)
    if replied is not None and links.followed(asking, facts) and links.find_link(replied.text):
        return take(asking, links.with_link(replied, None)[0], command, facts)
    return Say(reply_to(asking, facts.settings), "reply_to_a_voice")


def asks_without_command(asking: Incoming, facts: Facts) -> bool:
    """Say whether a text in a private chat asks for a recording: it is a link, or answers one with the bot's name or a language's."""
    if links.followed(asking, facts) and links.is_link_alone(asking.text, facts.username):
        return True
    return _answers_recording(asking, facts) and (mentions(asking.text, facts.username) or names_language(asking.text))


def _answers_recording(asking: Incoming, facts: Facts) -> bool:
    replied = asking.replied
    return asking.quoted is not None or (replied is not None and (replied.media is not None or _is_ours(replied, facts)))


def take(
    asking: Incoming, source: Incoming, command: Command | OtherBots | None, facts: Facts, *, asked: bool = True
) -> Take | Refuse | Ignore | Say:
    """Return what to do with the audio of `source`, which `asking` wants transcribed (it may be the same message)."""
    media = source.media
    if media is None:
        return Ignore("no media")
    as_media = True if media.kind != "document" else named_as_media(media.mime_type, media.file_name)
    if not asked and (as_media is False or not _fits(media, facts.limits)):
        return Ignore("nothing that could be taken, and nobody asked")
    reply = replace(reply_to(asking, facts.settings, message_id=source.message_id), unasked=not asked)
    if source.user_id != asking.user_id:
        reply = replace(reply, sender_id=source.user_id)
    language = spoken(asking.text, command, facts.username) if asking.text else ""
    if isinstance(language, UnknownLanguage):
        return Say(reply_to(asking, facts.settings), "unknown_spoken", {"code": language.word})
    otherwise = source.message_id != asking.message_id
    if otherwise:
        reply = replace(reply, asked_in=asking.message_id)
    again = ("in", language) if language and otherwise else ()  # asked for after it was heard otherwise
    this = job_id("telegram", source.chat_id, source.message_id, *again)
    if as_media is False:
        return Refuse(this, reply, Rejected(Rejection.UNSUPPORTED))
    if media.link is not None and (why := links.why_not(media.link)):
        return Refuse(this, reply, Rejected(why))
    if media.size_bytes is not None and media.size_bytes > facts.limits.max_bytes:
        return Refuse(this, reply, too_big(media.size_bytes, facts.limits.max_bytes))
    if media.seconds is not None and media.seconds > facts.limits.max_seconds:
        return Refuse(this, reply, Rejected(Rejection.TOO_LONG, {"limit_minutes": round(facts.limits.max_seconds / 60)}))
    speaker = shown_name(source.speaker) if source.forwarded else ""
    return Take(
        this,
        replace(reply, speaker=speaker, title=file_title(media.file_name) if media.file_name else ""),
        media,
        unsure=as_media is None,
        language=language or _chosen(facts),
        expected=facts.settings.expected(asking.language_code),
        prompt=as_prompt(facts.settings.words),
        asked=asked,
    )


def of_shown(action: TakeShown, shown: Reply) -> Take | None:
    """Return how to take the recording of a job with the reply `shown`; None if it is not known any more."""
    media = recording_of(shown)
    if media is None:
        return None
    again = ("in", action.language) if action.language else ()
    sender = shown.user_id if shown.sender_id is None else shown.sender_id
    where = (shown.source,) if shown.source else (shown.chat_id, shown.message_id)
    return Take(
        job_id("telegram", *where, *again),
        replace(
            action.reply,
            message_id=shown.message_id,
            source=shown.source,
            asked_in=action.reply.message_id,
            speaker=shown.speaker,
            title=shown.title,
            sender_id=None if sender == action.reply.user_id else sender,
        ),
        media,
        unsure=False,
        language=action.language or action.chosen,
        expected=action.expected,
        prompt=action.prompt,
    )


def recording_of(reply: Reply) -> Media | None:
    """Return the recording of a job with that reply, by its link or its id at Telegram; None if neither is known."""
    if reply.link is not None:
        return Media(kind="link", file_id="", unique_id="", link=reply.link)
    return None if reply.file_id is None else Media(kind="voice", file_id=reply.file_id, unique_id="")


def _shown(asking: Incoming, ours: Incoming, command: Command | OtherBots | None, facts: Facts) -> TakeShown | Say:
    reply = reply_to(asking, facts.settings)
    language = spoken(asking.text, command, facts.username)
    if isinstance(language, UnknownLanguage):
        return Say(reply, "unknown_spoken", {"code": language.word})
    expected = facts.settings.expected(asking.language_code)
    return TakeShown(reply, ours.message_id, language, _chosen(facts), expected, as_prompt(facts.settings.words))


def _is_ours(message: Incoming, facts: Facts) -> bool:
    return bool(facts.username) and message.by_bot.casefold() == facts.username.casefold()


def _chosen(facts: Facts) -> str:
    """Return the chat's choice of languages, "" if it has made none."""
    return facts.settings.language if facts.settings.languages else ""


def taken_unasked(auto: Auto, media: Media) -> bool:
    """Say whether a recording in a group is transcribed though nobody asked for it."""
    return auto == "all" or (auto == "voices" and media.kind in VOICES)


def _fits(media: Media, limits: AudioLimits) -> bool:
    """Say whether a recording is within the limits, as far as its declared size and length tell."""
    return (media.size_bytes or 0) <= limits.max_bytes and (media.seconds or 0) <= limits.max_seconds
