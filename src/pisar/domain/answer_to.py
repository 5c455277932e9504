"""Where a job's answer goes: a chat, a dropped file's results, an API client, or the long recording that the job is a part of.

Each kind says who owns the job, and what its record may still say once the job was cancelled.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from pisar.domain.known_fields import known_fields
from pisar.domain.speech import Plan, Span

BUCKET_OWNER = "bucket"
"""The owner's name of jobs made of dropped files."""


def chat_owner(chat_id: int) -> str:
    """Return the owner's name under which a chat's jobs are listed."""
    return f"chat{chat_id}"


def person_owner(user_id: int) -> str:
    """Return a person's name as owner: their minutes are counted under it, and the jobs listed that they sent or asked for in groups."""
    return f"person{user_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Where in Telegram the answer goes. `message_id`: the message that is answered, 0 for none.

    `topic_id`: the topic of a channel's direct messages that the message lies in; `thread_id` is any other chat's.
    `slots`: the ids of the placeholder messages that the bot has sent for this job, in order. The answer is written by editing them, so
    that writing it twice changes nothing. `language`: that of the bot's texts ("ru", "en"), not of the speech. `user_id`: the person who
    asked for the text, whose minutes it costs. `sender_id`: the person who sent the recording, if somebody else. `shape`: the form of the
    answer (`pisar.domain.chats`). `file_id`: the recording's id at Telegram, by which it can be fetched again; `link`: its address, if it
    was asked for by a link. `asked_in`: the id of the message that asked for the text, None if that is the recording's own. `anew`: whether
    the answer comes as a new message in place of the placeholder, None until that is decided. `stale`: the placeholder in whose place a new
    message came, until it is deleted. `unasked`: nobody asked for the text, so a chat is told nothing but the text. `source`: what names
    the recording if it is in another chat, "" if it is in this one. `speaker`: the name of who speaks, if the recording was forwarded or is
    in another chat, "" if nobody knows. `title`: the recording's file name without its ending, "" if it has none.
    `guest_query`: what the one answer in a chat that the bot is not in must name; `inline_id`: that answer, once it is sent.
    """

    chat_id: int
    message_id: int
    thread_id: int | None = None
    topic_id: int | None = None
    language: str = "en"
    slots: tuple[int, ...] = ()
    user_id: int | None = None
    shape: str = "text"
    silent: bool = True
    file_id: str | None = None
    link: str | None = None
    sender_id: int | None = None
    asked_in: int | None = None
    anew: bool | None = None
    stale: int | None = None
    unasked: bool = False
    source: str = ""
    speaker: str = ""
    title: str = ""
    guest_query: str | None = None
    inline_id: str | None = None

    @property
    def owner(self) -> str:
        """Return the payer's name: the person who asked, or the chat for a message that is sent in a group's name."""
        return person_owner(self.user_id or self.chat_id)

    @property
    def listed_for(self) -> tuple[str, ...]:
        """Return the owners that the job is listed under: the chat, and in a group the sender and the person who asked for the text."""
        people = {one for one in (self.user_id, self.sender_id) if one is not None and one != self.chat_id}
        return (chat_owner(self.chat_id), *(person_owner(one) for one in sorted(people)))

    def unanswered(self) -> Self:
        """Return the value for one more answer, with nothing of what became of this one."""
        return replace(self, slots=(), anew=None, stale=None)

    def after_cancellation(self) -> "None":
        """Return what a cancelled job's record keeps of this: nothing about the chat."""
        return None

    @classmethod
    def decode(cls, fields: dict[str, Any]) -> Self:
        """Return the value whose `asdict` these fields are; raise KeyError, TypeError or ValueError for anything else."""
        return cls(**known_fields(cls, fields) | {"slots": tuple(fields["slots"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """A file that somebody dropped into the bucket: its key, its version's tag, and the formats of its results."""

    key: str
    formats: tuple[str, ...]
    etag: str = ""

    @property
    def owner(self) -> str:
        """Return the owner's name of all dropped files."""
        return BUCKET_OWNER

    @property
    def listed_for(self) -> tuple[str, ...]:
        """Return no owner: dropped files are found in the bucket itself."""
        return ()

    def after_cancellation(self) -> "Drop":
        """Return what a cancelled job's record keeps of this: all of it."""
        return self

    @classmethod
    def decode(cls, fields: dict[str, Any]) -> Self:
        """Return the value whose `asdict` these fields are; raise KeyError, TypeError or ValueError for anything else."""
        return cls(**known_fields(cls, fields) | {"formats": tuple(fields["formats"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What an API client asked for beside the audio.

    `client`: the hash of the client's key, which owns the job. `request`: a digest of the request, so that a repeated Idempotency-Key can
    be told from a reused one. `callback_url`: the address that is called when the job is finished. `uploaded`: the client uploads the audio
    into the bucket itself. `name`: what the client calls the recording, "" if it said nothing. `upload_id`: the store's name of the upload
    in parts, "" for one through a form; the file has `size_bytes` then.
    """

    client: str
    request: str = ""
    callback_url: str | None = None
    uploaded: bool = False
    name: str = ""
    upload_id: str = ""
    size_bytes: int = 0

    @property
    def owner(self) -> str:
        """Return the client's name as owner: the hash of its key."""
        return self.client

    @property
    def listed_for(self) -> tuple[str, ...]:
        """Return the owners that the job is listed under: the client, or none once the job was cancelled."""
        return (self.client,) if self.client else ()

    def after_cancellation(self) -> "Order":
        """Return what a cancelled job's record keeps of this: where its audio lies, so that a worker can erase that too."""
        return Order(client="", uploaded=self.uploaded)

    @classmethod
    def decode(cls, fields: dict[str, Any]) -> Self:
        """Return the value whose `asdict` these fields are; raise KeyError, TypeError or ValueError for anything else."""
        return cls(**known_fields(cls, fields))


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """The long recording that this job is part `number` of, counted from 0; the part's transcript goes there.

    `job_id`: the whole recording's job. `start`: the second of the recording at which the part begins. `plan`: what the engine will hear of
    the part.
    """

    job_id: str
    number: int
    start: float
    plan: Plan

    @property
    def owner(self) -> str:
        """Return the id of the long recording."""
        return self.job_id

    @property
    def listed_for(self) -> tuple[str, ...]:
        """Return no owner: a part is found by its whole."""
        return ()

    def after_cancellation(self) -> "Whole":
        """Return what a cancelled job's record keeps of this: its place in the whole, but not how the audio was cut."""
        return replace(self, start=0.0, plan=Plan(found=(), pieces=()))

    @classmethod
    def decode(cls, fields: dict[str, Any]) -> Self:
        """Return the value whose `asdict` these fields are; raise KeyError, TypeError or ValueError for anything else."""
        return cls(**known_fields(cls, fields) | {"plan": _plan(fields["plan"])})


def _plan(fields: dict[str, Any]) -> Plan:
    pieces = tuple(tuple(Span(**span) for span in piece) for piece in fields["pieces"])
    return Plan(tuple(Span(**span) for span in fields["found"]), pieces)


AnswerTo = Reply | Drop | Order | Whole
KINDS: Mapping[str, type[AnswerTo]] = {"reply": Reply, "drop": Drop, "order": Order, "whole": Whole}
"""The kinds by the name of their field in the record; at most one of these fields is set."""
