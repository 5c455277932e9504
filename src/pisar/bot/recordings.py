"""Decides which recording a message asks for, and whether it is taken or refused. Pure."""

from dataclasses import replace

from pisar.bot.actions import Facts, Say
from pisar.bot.admission import Ignore, Refuse, Take, reply_to
from pisar.bot.commands import Command, OtherBots
from pisar.bot.spoken_language import UnknownLanguage, spoken
from pisar.domain.audio import named_as_media, too_big
from pisar.domain.jobs import job_id
from pisar.domain.messages import Incoming
from pisar.domain.options import as_prompt
from pisar.errors import Rejected, Rejection


def requested(asking: Incoming, command: Command | OtherBots | None, facts: Facts) -> Take | Refuse | Ignore | Say:
    """Return what to do for a message that asks for the text of the recording that it answers, by /transcribe or a mention."""
    if asking.replied is None or asking.replied.media is None:
        return Say(reply_to(asking, facts.settings), "reply_to_a_voice")
    return take(asking, asking.replied, command, facts)


def take(
    asking: Incoming, source: Incoming, command: Command | OtherBots | None, facts: Facts, *, asked: bool = True
) -> Take | Refuse | Ignore | Say:
    """Return what to do with the audio of `source`, which `asking` wants transcribed (it may be the same message)."""
    media = source.media
    if media is None:
        return Ignore("no media")
    as_media = True if media.kind != "document" else named_as_media(media.mime_type, media.file_name)
    if as_media is False and not asked:
        return Ignore("a document that is not audio")
    reply = reply_to(asking, facts.settings, message_id=source.message_id)
    if source.user_id != asking.user_id:
        reply = replace(reply, sender_id=source.user_id)
    language = spoken(asking.text, command, facts.username)
    if isinstance(language, UnknownLanguage):
        return Say(reply_to(asking, facts.settings), "unknown_language", {"code": language.word})
    otherwise = source.message_id != asking.message_id
    if otherwise:
        reply = replace(reply, asked_in=asking.message_id)
    again = ("in", language) if language and otherwise else ()  # asked for after it was heard otherwise
    this = job_id("telegram", source.chat_id, source.message_id, *again)
    if as_media is False:
        return Refuse(this, reply, Rejected(Rejection.UNSUPPORTED))
    if media.size_bytes is not None and media.size_bytes > facts.limits.max_bytes:
        return Refuse(this, reply, too_big(media.size_bytes, facts.limits.max_bytes))
    if media.seconds is not None and media.seconds > facts.limits.max_seconds:
        return Refuse(this, reply, Rejected(Rejection.TOO_LONG, {"limit_minutes": round(facts.limits.max_seconds / 60)}))
    chosen = facts.settings.language if facts.settings.languages else ""
    return Take(
        this,
        reply,
        media,
        unsure=as_media is None,
        language=language or chosen,
        expected=facts.settings.expected(asking.language_code),
        prompt=as_prompt(facts.settings.words),
        asked=asked,
    )
