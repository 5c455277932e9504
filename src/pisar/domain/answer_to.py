"""To whom a job answers: a chat, who dropped a file, a client of the API, or the long recording that the job is a part of.

Each kind says whose the job is, and what its record may still say once it was cancelled.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from pisar.domain.speech import Plan, Span

BUCKET_OWNER = "bucket"
"""The name of who drops files."""


def chat_owner(chat_id: int) -> str:
    """Return the name under which a chat's jobs are listed."""
    return f"chat{chat_id}"


def person_owner(user_id: int) -> str:
    """Return a person's name: under it are counted their minutes, and listed what they sent or asked for in groups."""
    return f"person{user_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Where in Telegram the answer goes.

    `slots` are the ids of messages the bot has already sent for this job, in order: the answer is written by editing
    them, so that writing it twice changes nothing. `language` is that of the texts ("ru", "en"), not of the speech. `user_id`: who
    asked, whose minutes it costs. `sender_id`: who sent the recording, where that is somebody else. `shape`: how the answer is given
    (`pisar.domain.chats`). `file_id`: the recording, as Telegram keeps it, for hearing it again.
    """

    chat_id: int
    message_id: int
    thread_id: int | None = None
    language: str = "en"
    slots: tuple[int, ...] = ()
    user_id: int | None = None
    shape: str = "text"
    silent: bool = True
    file_id: str | None = None
    sender_id: int | None = None

    @property
    def owner(self) -> str:
        """Return the name of who pays: who writes in a group's name spends the group's minutes."""
        return person_owner(self.user_id or self.chat_id)

    @property
    def listed_for(self) -> tuple[str, ...]:
        """Return as whose the job is listed: the chat's, and in a group its sender's and that of who asked for the text."""
        people = {one for one in (self.user_id, self.sender_id) if one is not None and one != self.chat_id}
        return (chat_owner(self.chat_id), *(person_owner(one) for one in sorted(people)))

    def after_cancellation(self) -> "None":
        """Return what the record of a cancelled job still says: nothing about the chat."""
        return None

    @classmethod
    def decode(cls, fields: dict[str, Any]) -> Self:
        """Return what `asdict` made; raise KeyError, TypeError or ValueError for anything else."""
        return cls(**fields | {"slots": tuple(fields["slots"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """A file somebody dropped into the bucket: its key, and the formats its results are laid beside one another in."""

    key: str
    formats: tuple[str, ...]

    @property
    def owner(self) -> str:
        """Return the name of who drops files."""
        return BUCKET_OWNER

    @property
    def listed_for(self) -> tuple[str, ...]:
        """Return nobody: dropped files are listed in the bucket."""
        return ()

    def after_cancellation(self) -> "Drop":
        """Return what the record of a cancelled job still says."""
        return self

    @classmethod
    def decode(cls, fields: dict[str, Any]) -> Self:
        """Return what `asdict` made; raise KeyError, TypeError or ValueError for anything else."""
        return cls(key=fields["key"], formats=tuple(fields["formats"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a client of the API asked for beside the audio.

    `client`: the hash of the key it came with, which owns the job. `request`: a digest of the request, so that a repeated
    Idempotency-Key can be told from a reused one. `callback_url`: who is told when the job is finished. `uploaded`: the client
    lays the audio into the bucket itself, through a form.
    """

    client: str
    request: str = ""
    callback_url: str | None = None
    uploaded: bool = False

    @property
    def owner(self) -> str:
        """Return the name of the client."""
        return self.client

    @property
    def listed_for(self) -> tuple[str, ...]:
        """Return as whose the job is listed; nobody's once it was cancelled."""
        return (self.client,) if self.client else ()

    def after_cancellation(self) -> "Order":
        """Return what the record of a cancelled job still says: where its audio lies, for the worker who comes to erase that too."""
        return Order(client="", uploaded=self.uploaded)

    @classmethod
    def decode(cls, fields: dict[str, Any]) -> Self:
        """Return what `asdict` made; raise KeyError, TypeError or ValueError for anything else."""
        return cls(**fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """The job of a long recording that this job is part `number` of, from 0: its transcript goes there.

    `start`: the second of the recording at which the part begins. `plan`: what of the part the engine will hear.
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
        """Return nobody: a part is found by its whole."""
        return ()

    def after_cancellation(self) -> "Whole":
        """Return what the record of a cancelled job still says: not how the audio was cut."""
        return replace(self, start=0.0, plan=Plan(found=(), pieces=()))

    @classmethod
    def decode(cls, fields: dict[str, Any]) -> Self:
        """Return what `asdict` made; raise KeyError, TypeError or ValueError for anything else."""
        return cls(**fields | {"plan": _plan(fields["plan"])})


def _plan(fields: dict[str, Any]) -> Plan:
    pieces = tuple(tuple(Span(**span) for span in piece) for piece in fields["pieces"])
    return Plan(tuple(Span(**span) for span in fields["found"]), pieces)


AnswerTo = Reply | Drop | Order | Whole
KINDS: Mapping[str, type[AnswerTo]] = {"reply": Reply, "drop": Drop, "order": Order, "whole": Whole}
"""By the names of the record's fields, one of which is set."""
