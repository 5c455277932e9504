"""A job: one audio to turn into one answer; its states, how it moves between them, how long it is leased, and how its tries are counted.

    (nothing) ──expect──▶ AWAITED ─┐ uploaded
                                   ▼
    (nothing) ──accept──▶ ACCEPTED ──enqueue──▶ QUEUED ──claim──▶ WORKING ──finish──▶ FINISHED
                             │  ▲                  ▲                 │ ▲
                             │  └─resume (lease    └─────release─────┘ └─claim (lease ran out)
                             │    ran out)
                             └────────finish (refused at the door)──────────────────▶ FINISHED

    any of them ──cancel (its owner no longer wants it)──▶ FINISHED, and a finished one loses what it says of its audio

Rules: FINISHED stays FINISHED. A lease names who works on the job and until when; while it runs nobody else may.
The lease of ACCEPTED belongs to the intake and does not stop a worker: a job on the queue has its audio stored.
A worker learns of a cancellation by its next conditional write, which fails.
These functions only say what the next record is. Writing it, on condition that nobody wrote first, is `pisar.state.job_records`.
"""

import json
import re
from contextvars import ContextVar
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from hashlib import sha256
from typing import Any, Self

from pisar.domain.answer_to import BUCKET_OWNER, KINDS, AnswerTo, Drop, Order, Reply, Whole
from pisar.domain.bucket import AUDIO, INCOMING, TEXTS
from pisar.domain.strict_json import parse_json
from pisar.domain.transcripts import Task
from pisar.errors import Busy, Unreadable

CURRENT_JOB_ID: ContextVar[str | None] = ContextVar("current_job_id", default=None)
"""The job being worked on; set by flows, written by `pisar.logs` on every line."""


_ID = re.compile(r"[0-9A-Za-z]{1,64}")


class State(StrEnum):
    """Where a job stands."""

    AWAITED = "awaited"
    ACCEPTED = "accepted"
    QUEUED = "queued"
    WORKING = "working"
    FINISHED = "finished"


class Outcome(StrEnum):
    """How a finished job ended."""

    TRANSCRIBED = "transcribed"
    NO_SPEECH = "no_speech"
    REJECTED = "rejected"
    FAILED = "failed"
    UNDELIVERABLE = "undeliverable"
    CANCELLED = "cancelled"


MAX_KILLED = 2
"""So often the kernel may end what works on a job for want of memory: once may have been another's doing, twice is the recording's."""


class Lane(StrEnum):
    """The queue from which self-hosted workers take a job: what takes long must not stand before what is short."""

    VOICE = "voice"
    LECTURE = "lecture"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Who works on a job, and until when (`until`: Unix seconds)."""

    owner: str
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to transcribe; `pisar.domain.options` checks what callers ask for.

    `language`: ISO 639-1 code, several of them with commas between to choose from, or "auto". `expected`: where the language is to be
    found out, the codes that whoever asks is known to speak; they count more, and others may still be found. `task` "translate" gives
    English whatever is spoken. `prompt`: words that the engine should expect, such as names. `temperature`: how freely the engine
    chooses among likely words, from 0 (never) to 1. `track`: the number of the file's audio track, from 1; None for the one that
    players take, or the first that somebody speaks on.
    """

    language: str = "auto"
    task: Task = "transcribe"
    prompt: str = ""
    temperature: float = 0.0
    expected: tuple[str, ...] = ()
    track: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """The record of a job. Times are Unix seconds; `deliveries` counts claims by workers that do its work.

    `tries` counts all claims that came to nothing, the present one included, and `killed` those of them that the kernel ended for want
    of memory.

    `answer_to`: None once it was cancelled, and for a job of nobody's. `parts`: how many jobs a long recording was cut into, once they are
    all made. `progress` is the share of the recording
    that is done, `audio_seconds` its length once somebody has decoded it, `content` the name under which its transcript is
    cached. `message` says in English why there is no transcript.
    """

    id: str
    state: State
    created_at: float
    options: Options = Options()
    answer_to: AnswerTo | None = None
    parts: int | None = None
    lease: Lease | None = None
    deliveries: int = 0
    tries: int = 0
    killed: int = 0
    progress: float = 0.0
    audio_seconds: float | None = None
    content: str | None = None
    finished_at: float | None = None
    outcome: Outcome | None = None
    reason: str | None = None
    message: str | None = None

    @property
    def audio_key(self) -> str:
        """Where the audio lies: our copy until the job is finished, or the file its owner dropped, which stays theirs."""
        match self.answer_to:
            case Drop():
                return self.answer_to.key
            case Order(uploaded=True):
                return f"{INCOMING}{self.id}"
        return kept_audio_key(self.id)

    @property
    def owner(self) -> str:
        """The name of whose the job is: a person or client, the long recording for its parts, the owner of the bucket for its files."""
        return self.answer_to.owner if self.answer_to else BUCKET_OWNER

    @property
    def transcript_key(self) -> str:
        """Where the transcript lies once it is made."""
        return text_key(self.id)

    def encode(self) -> bytes:
        """Return the record as UTF-8 JSON."""
        fields = asdict(self)
        answer_to = fields.pop("answer_to")
        kinds = {name: answer_to if isinstance(self.answer_to, kind) else None for name, kind in KINDS.items()}
        return json.dumps({"version": 1, **kinds, **fields}, ensure_ascii=False).encode()

    @classmethod
    def decode(cls, body: bytes) -> Self:
        """Return the record that `encode` wrote; raise Unreadable for anything else."""
        try:
            fields: dict[str, Any] = parse_json(body)
            if fields.pop("version") != 1:
                raise ValueError("unknown version")  # noqa: TRY301 - one way out for every malformed record
            kinds = [kind.decode(found) for name, kind in KINDS.items() if (found := fields.pop(name, None))]
            lease, outcome = fields.pop("lease", None), fields.pop("outcome", None)
            return cls(
                **fields
                | {
                    "state": State(fields["state"]),
                    "options": Options(**fields["options"] | {"expected": tuple(fields["options"].get("expected", ()))}),
                    "answer_to": kinds[0] if kinds else None,
                    "lease": lease and Lease(**lease),
                    "outcome": outcome and Outcome(outcome),
                }
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Unreadable(f"not a job record: {type(error).__name__}") from error


def kept_audio_key(job_id: str) -> str:
    """Return where our copy of a job's audio lies, unless its owner uploaded or dropped it."""
    return f"{AUDIO}{job_id}"


def text_key(job_id: str) -> str:
    """Return where a job's transcript lies."""
    return f"{TEXTS}{job_id}.json"


def part_id(whole: str, number: int) -> str:
    """Return the id of the job of a long recording's part."""
    return job_id("part", whole, number)


def job_id(*parts: str | int) -> str:
    """Return the id derived from what names the audio, e.g. ("telegram", chat, message): the same parts, the same job.

    128 bits of SHA-256 in hexadecimal: no two audios collide, and nobody guesses a neighbour's id from their own.
    """
    return sha256("/".join(str(part) for part in parts).encode()).hexdigest()[:32]


def expect(new_id: str, *, now: float, options: Options, order: Order) -> Job:
    """Return the first record of a job whose audio its client is yet to upload."""
    return Job(id=new_id, state=State.AWAITED, created_at=now, options=options, answer_to=order)


def uploaded(job: Job, *, owner: str, now: float, lease_seconds: float) -> Job | None:
    """Return the record of a job whose audio has come, held by the intake that queues it, or None if there is nothing left to do.

    Raises Busy while another intake's lease runs.
    """
    if job.state is State.AWAITED:
        return replace(job, state=State.ACCEPTED, lease=Lease(owner=owner, until=now + lease_seconds))
    return resume(job, owner=owner, now=now, lease_seconds=lease_seconds)


def accept(
    new_id: str,
    *,
    owner: str,
    now: float,
    lease_seconds: float,
    options: Options,
    answer_to: AnswerTo | None = None,
) -> Job:
    """Return the first record of a job, held by the intake that makes it."""
    lease = Lease(owner=owner, until=now + lease_seconds)
    return Job(id=new_id, state=State.ACCEPTED, created_at=now, options=options, lease=lease, answer_to=answer_to)


def resume(job: Job, *, owner: str, now: float, lease_seconds: float) -> Job | None:
    """Return the record for an intake that takes up where another stopped, or None if nothing is left to do.

    Raises Busy while the other intake's lease runs.
    """
    if job.state is not State.ACCEPTED:
        return None
    if job.lease and job.lease.until > now:
        raise Busy(f"job {job.id} is being accepted")
    return replace(job, lease=Lease(owner=owner, until=now + lease_seconds))


def enqueue(job: Job) -> Job:
    """Return the record of a job that lies on the queue."""
    return replace(job, state=State.QUEUED, lease=None)


def claim(job: Job, *, owner: str, now: float, lease_seconds: float, work: bool = True) -> Job | None:
    """Return the record for a worker that takes the job, or None if it is finished already.

    `work` is false for a step beside the work itself, which is a try and no delivery. Raises Busy while another worker's lease runs.
    """
    if job.state is State.FINISHED:
        return None
    if job.state is State.WORKING and job.lease and job.lease.until > now:
        raise Busy(f"job {job.id} is being worked on")
    lease = Lease(owner=owner, until=now + lease_seconds)
    return replace(job, state=State.WORKING, deliveries=job.deliveries + work, tries=job.tries + 1, progress=0.0, lease=lease)


def release(job: Job) -> Job:
    """Return the record of a job that its holder lets go of: a worker's goes back to the queue, an intake's stays accepted."""
    return replace(job, state=State.QUEUED if job.state is State.WORKING else job.state, lease=None)


def step_done(job: Job) -> Job:
    """Return the record of a job whose holder lets go of it after a step that it did: that try came to something, and does not count."""
    return replace(release(job), tries=max(0, job.tries - 1))


def made(job: Job) -> Job:
    """Return the record of a job whose transcript is stored and whose holder lets go of it: answering with it has tries of its own."""
    return replace(release(job), tries=0)


def killed(job: Job) -> Job | None:
    """Return the record of a job whose holder the kernel ended for want of memory; None if nobody holds it."""
    return replace(release(job), killed=job.killed + 1) if job.state is State.WORKING else None


def renew(job: Job, *, now: float, lease_seconds: float) -> Job:
    """Return the record with at least `lease_seconds` of its holder's lease left. The job must be held."""
    if job.lease is None:
        raise ValueError("nobody holds this job")
    return replace(job, lease=replace(job.lease, until=max(job.lease.until, now + lease_seconds)))


def cut(job: Job, parts: int, *, seconds: float) -> Job:
    """Return the record of a recording of so many seconds that is all cut, and waits for its parts: its holder lets go of it."""
    return replace(step_done(job), parts=parts, audio_seconds=seconds)


def advance(job: Job, progress: float) -> Job | None:
    """Return the record of a cut recording of which so much is done; None if that is nothing new, or somebody works on it."""
    return replace(job, progress=progress) if job.state is State.QUEUED and progress > job.progress else None


def with_slots(job: Job, slots: tuple[int, ...]) -> Job:
    """Return the record with the messages the answer will be written into. The job must have a reply."""
    if not isinstance(job.answer_to, Reply):
        raise ValueError("a job without a reply has no slots")  # noqa: TRY004
    return replace(job, answer_to=replace(job.answer_to, slots=slots))


def finish(job: Job, outcome: Outcome, reason: str | None = None, *, message: str | None = None, now: float) -> Job:
    """Return the last record of a job; `reason` is a code and `message` its English sentence, never spoken text.

    A part's says no more what was asked for: the whole's record does, and that is the one that is erased at its owner's word. One that is
    cancelled says nothing of the audio any more.
    """
    options = Options() if isinstance(job.answer_to, Whole) else job.options
    done = replace(job, state=State.FINISHED, outcome=outcome, reason=reason, message=message, lease=None, finished_at=now, options=options)
    if outcome is not Outcome.CANCELLED:
        return done
    return replace(done, content=None, audio_seconds=None, answer_to=job.answer_to and job.answer_to.after_cancellation())


def cancel(job: Job, *, now: float) -> Job | None:
    """Return the record of a job its owner no longer wants, whoever holds it; None if it was cancelled before.

    Nothing about the audio stays in it, neither length nor prompt nor the name it is cached under, and nothing about the chat or client:
    of an order only where its audio lies, so that a worker who finds the job cancelled erases that too.
    """
    if job.outcome is Outcome.CANCELLED:
        return None
    return finish(replace(job, options=Options(), progress=0.0), Outcome.CANCELLED, now=now)


@dataclass(frozen=True, slots=True)
class JobMessage:
    """What travels on the queue: the job's name, never its audio or text."""

    job_id: str

    def encode(self) -> str:
        """Return the message body."""
        return json.dumps({"job_id": self.job_id})

    @classmethod
    def decode(cls, body: str) -> Self:
        """Return the message that `encode` wrote; raise Unreadable for anything else."""
        try:
            found = parse_json(body)["job_id"]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Unreadable("the queue message is not {'job_id': …}") from error
        return cls.naming(found)

    @classmethod
    def naming(cls, job_id: Any) -> Self:
        """Return the message that names a job; raise Unreadable for what can be no job's id, and so no part of an object's key."""
        if not isinstance(job_id, str) or not _ID.fullmatch(job_id):
            raise Unreadable("the queue message's job_id is not an id")
        return cls(job_id)
