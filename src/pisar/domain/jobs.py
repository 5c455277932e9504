"""The job, one audio to turn into one answer: its states and moves, its lease, its derived id, and the count of its tries.

`claim` counts a try on the record, and `killed` one that the kernel ended for want of memory. After PISAR_MAX_TRIES tries that came to
nothing, or MAX_KILLED of these kills, `pisar.work.finish_job.Closing.give_up` ends the job; in the cloud the queue counts deliveries
instead. `job_id` derives the id from what asked for the job, so an update that Telegram delivers twice makes one job.

    (nothing) ──expect──▶ AWAITED ─┐ uploaded
                                   ▼
    (nothing) ──accept──▶ ACCEPTED ──enqueue──▶ QUEUED ──claim──▶ WORKING ──finish──▶ FINISHED
                             │  ▲                  ▲                 │ ▲
                             │  └─resume (lease    └─────release─────┘ └─claim (lease ran out)
                             │    ran out)
                             └────────finish (refused at the door)──────────────────▶ FINISHED

    any of them ──cancel (its owner no longer wants it)──▶ FINISHED, and a finished one loses what it says of its audio

Rules: FINISHED stays FINISHED. A lease names the worker or intake that works on the job, and until when; while it runs, no other may.
The lease of an ACCEPTED job belongs to the intake and does not stop a worker: a job on the queue has its audio stored.
A worker learns of a cancellation by its next conditional write, which fails.
These functions only decide what the next record is. `pisar.state.job_records` writes it, if nobody has written meanwhile.
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
from pisar.domain.known_fields import known_fields
from pisar.domain.strict_json import parse_json
from pisar.domain.transcripts import Task
from pisar.errors import Busy, Unreadable

CURRENT_JOB_ID: ContextVar[str | None] = ContextVar("current_job_id", default=None)
"""The id of the job that is being worked on in this context; `pisar.logs` writes it on every log line."""


_ID = re.compile(r"[0-9A-Za-z]{1,64}")


class State(StrEnum):
    """The state of a job."""

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
"""How often the kernel may kill a job's process for want of memory: once may be another's fault, twice is the recording's."""

MAX_REFUSED = 3
"""How often a messenger may refuse a job's answer, or an update's, for a reason that may pass; the chat's next messages wait meanwhile."""


PATIENT_SECONDS = 120.0
"""How long a person is taken to wait with the chat before their eyes; after that they are told of the answer by a new message."""


class Lane(StrEnum):
    """The queue from which self-hosted workers take a job, so that short jobs do not wait behind long ones."""

    VOICE = "voice"
    LECTURE = "lecture"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The lease on a job: its owner, which is one try of a worker or an intake, and its end (`until`: Unix seconds)."""

    owner: str
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to transcribe; `pisar.domain.options` checks what callers ask for.

    `language`: ISO 639-1 code, several of them with commas between to choose from, or "auto". `expected`: the codes of the languages that
    the caller is known to speak; where the language is detected they weigh more, and others may still be chosen. `task` "translate" gives
    English, whatever is spoken. `prompt`: words that the engine should expect, such as names. `temperature`: how freely the engine chooses
    among likely words, from 0 (never) to 1. `track`: the number of the file's audio track, from 1; None for the default track, or the first
    in which somebody speaks.
    """

    language: str = "auto"
    task: Task = "transcribe"
    prompt: str = ""
    temperature: float = 0.0
    expected: tuple[str, ...] = ()
    track: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """The record of a job. Times are Unix seconds; `deliveries` counts the claims by workers that do the job's work.

    `tries` counts the claims that came to nothing, including the present one; `killed` counts those of them that the kernel ended for want
    of memory. `refused` counts how often the messenger refused the job's next message for a reason that may pass. `answer_to`: None for a
    cancelled job and for a job without an owner. `parts`: the number of jobs that a long recording was cut into, once all are made.
    `progress`: the share of the recording that is done, from 0 to 1. `audio_seconds`: the recording's length, once it was decoded.
    `content`: the content id under which its transcript is cached. `message`: an English sentence that says why there is no transcript, and
    `reason` its code. `was_asked_in`: what a cancelled job's reply said of the message that asked (`Reply.asked_in`). `newest`:
    the id of the newest job of the same recording that has an answer of its own, once it was asked for again.
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
    refused: int = 0
    progress: float = 0.0
    audio_seconds: float | None = None
    content: str | None = None
    finished_at: float | None = None
    outcome: Outcome | None = None
    reason: str | None = None
    message: str | None = None
    was_asked_in: int | None = None
    newest: str | None = None

    @property
    def asked_in(self) -> int | None:
        """The id of the chat's message that asked for the job, None if that is the recording's own."""
        return self.answer_to.asked_in if isinstance(self.answer_to, Reply) else self.was_asked_in

    @property
    def audio_key(self) -> str:
        """The audio's key: our copy's, which is erased when the job is finished, or a dropped file's, which stays its owner's."""
        match self.answer_to:
            case Drop():
                return self.answer_to.key
            case Order(uploaded=True):
                return f"{INCOMING}{self.id}"
        return kept_audio_key(self.id)

    @property
    def owner(self) -> str:
        """The owner's name: a person, chat or client, the whole recording for a part, the bucket's owner for a dropped file."""
        return self.answer_to.owner if self.answer_to else BUCKET_OWNER

    @property
    def transcript_key(self) -> str:
        """The transcript's key, once it is made."""
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
            lease, outcome, options = fields.pop("lease", None), fields.pop("outcome", None), fields["options"]
            return cls(
                **known_fields(cls, fields)
                | {
                    "state": State(fields["state"]),
                    "options": Options(**known_fields(Options, options) | {"expected": tuple(options.get("expected", ()))}),
                    "answer_to": kinds[0] if kinds else None,
                    "lease": lease and Lease(**known_fields(Lease, lease)),
                    "outcome": outcome and Outcome(outcome),
                }
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Unreadable(f"not a job record: {type(error).__name__}") from error


def kept_audio_key(job_id: str) -> str:
    """Return the key of our copy of a job's audio, for audio that its owner neither uploaded nor dropped."""
    return f"{AUDIO}{job_id}"


def text_key(job_id: str) -> str:
    """Return the key of a job's transcript."""
    return f"{TEXTS}{job_id}.json"


def part_id(whole: str, number: int) -> str:
    """Return the id of the job of a part of a long recording."""
    return job_id("part", whole, number)


def job_id(*parts: str | int) -> str:
    """Return the job id derived from what names the audio, e.g. ("telegram", chat, message): the same parts give the same job.

    128 bits of SHA-256 in hexadecimal: no two audios collide, and nobody can guess a neighbour's id from their own. Since the record is
    created only if absent, a Telegram update that is delivered twice makes one job.
    """
    return sha256("/".join(str(part) for part in parts).encode()).hexdigest()[:32]


def expect(new_id: str, *, now: float, options: Options, order: Order) -> Job:
    """Return the first record of a job whose audio its client is yet to upload."""
    return Job(id=new_id, state=State.AWAITED, created_at=now, options=options, answer_to=order)


def uploaded(job: Job, *, owner: str, now: float, lease_seconds: float) -> Job | None:
    """Return the record of a job whose audio was uploaded, with the intake's lease, or None if nothing is left to do.

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
    """Return the first record of a job, with the lease of the intake that makes it."""
    lease = Lease(owner=owner, until=now + lease_seconds)
    return Job(id=new_id, state=State.ACCEPTED, created_at=now, options=options, lease=lease, answer_to=answer_to)


def resume(job: Job, *, owner: str, now: float, lease_seconds: float) -> Job | None:
    """Return the record with a lease for an intake that resumes another's work, or None if nothing is left to do.

    Raises Busy while the other intake's lease runs.
    """
    if job.state is not State.ACCEPTED:
        return None
    if job.lease and job.lease.until > now:
        raise Busy(f"job {job.id} is being accepted")
    return replace(job, lease=Lease(owner=owner, until=now + lease_seconds))


def enqueue(job: Job) -> Job:
    """Return the record of a job that was put on the queue."""
    return replace(job, state=State.QUEUED, lease=None)


def claim(job: Job, *, owner: str, now: float, lease_seconds: float, work: bool = True) -> Job | None:
    """Return the record with a lease for a worker and one more try counted, or None if the job is finished already.

    `work` is false for a step beside the work itself, such as a fetch: it counts as a try but not as a delivery. Raises Busy while another
    worker's lease runs. What ends a job after too many tries is `pisar.work.finish_job.Closing.give_up`.
    """
    if job.state is State.FINISHED:
        return None
    if job.state is State.WORKING and job.lease and job.lease.until > now:
        raise Busy(f"job {job.id} is being worked on")
    lease = Lease(owner=owner, until=now + lease_seconds)
    return replace(job, state=State.WORKING, deliveries=job.deliveries + work, tries=job.tries + 1, progress=0.0, lease=lease)


def release(job: Job) -> Job:
    """Return the record with the lease released: a worker's job is QUEUED again, an intake's stays ACCEPTED. The try still counts."""
    return replace(job, state=State.QUEUED if job.state is State.WORKING else job.state, lease=None)


def step_done(job: Job) -> Job:
    """Return the record with the lease released after a step that succeeded: its try does not count."""
    return replace(release(job), tries=max(0, job.tries - 1))


def made(job: Job) -> Job:
    """Return the record with the lease released after the transcript was stored: the tries begin anew for the answer."""
    return replace(release(job), tries=0)


def killed(job: Job) -> Job | None:
    """Return the record with the lease released and one more kill counted, since the kernel ended the holder; None if nobody holds it."""
    return replace(release(job), killed=job.killed + 1) if job.state is State.WORKING else None


def refused(job: Job) -> Job | None:
    """Return the record with one more refusal of its next message counted, None if it was the last that is borne."""
    return replace(job, refused=job.refused + 1) if job.refused + 1 < MAX_REFUSED else None


def renew(job: Job, *, now: float, lease_seconds: float) -> Job:
    """Return the record with at least `lease_seconds` of its holder's lease left. Raises ValueError if nobody holds the job."""
    if job.lease is None:
        raise ValueError("nobody holds this job")
    return replace(job, lease=replace(job.lease, until=max(job.lease.until, now + lease_seconds)))


def begin_answer(job: Job, *, now: float, lease_seconds: float) -> Job:
    """Return the record with at least `lease_seconds` of its lease left, and the decision whether its answer comes as a new message.

    Telegram tells nobody of an edit. So the answer comes as a new message in place of the placeholder where the chat wants to hear it, and
    where the person has waited longer than `PATIENT_SECONDS`. The first try decides it for those that follow: one that changed its mind
    could leave two answers. Raises ValueError if nobody holds the job.
    """
    job = renew(job, now=now, lease_seconds=lease_seconds)
    reply = job.answer_to
    if not isinstance(reply, Reply) or reply.anew is not None:
        return job
    return replace(job, answer_to=replace(reply, anew=not reply.silent or now - job.created_at > PATIENT_SECONDS))


def cut(job: Job, parts: int, *, seconds: float) -> Job:
    """Return the record of a recording of so many seconds that was cut into `parts` and waits for them, its lease released."""
    return replace(step_done(job), parts=parts, audio_seconds=seconds)


def advance(job: Job, progress: float) -> Job | None:
    """Return the record of a cut recording with this share done; None if the share is no larger or the job is not queued."""
    return replace(job, progress=progress) if job.state is State.QUEUED and progress > job.progress else None


def with_slots(job: Job, slots: tuple[int, ...]) -> Job:
    """Return the record with the placeholder messages for the answer. Raises ValueError if the job has no reply."""
    if not isinstance(job.answer_to, Reply):
        raise ValueError("a job without a reply has no slots")  # noqa: TRY004
    return replace(job, answer_to=replace(job.answer_to, slots=slots), refused=0)


def with_guest_answer(job: Job, inline_id: str) -> Job:
    """Return the record with the one message that answers in a chat where the bot is a guest. Raises ValueError if the job has no reply."""
    if not isinstance(job.answer_to, Reply):
        raise ValueError("a job without a reply has no answer")  # noqa: TRY004
    return replace(job, answer_to=replace(job.answer_to, slots=(0,), inline_id=inline_id), refused=0)


def follow(job: Job, newest: str) -> Job:
    """Return the record of a recording's first job with the id of the newest one."""
    return replace(job, newest=newest)


def move_answer(job: Job, slot: int) -> Job:
    """Return the record with a new message for the answer in place of its placeholder. Raises ValueError if the job has no placeholder."""
    if not isinstance(job.answer_to, Reply) or not job.answer_to.slots:
        raise ValueError("there is no placeholder to replace")
    return replace(job, answer_to=replace(job.answer_to, slots=(slot,), stale=job.answer_to.slots[0]))


def answer_in_place(job: Job) -> Job:
    """Return the record with the decision to write the answer into its placeholder. Raises ValueError if the job has no reply."""
    if not isinstance(job.answer_to, Reply):
        raise ValueError("a job without a reply has no placeholder")  # noqa: TRY004
    return replace(job, answer_to=replace(job.answer_to, anew=False))


def finish(job: Job, outcome: Outcome, reason: str | None = None, *, message: str | None = None, now: float) -> Job:
    """Return the final record of a job; `reason` is a code and `message` its English sentence, never spoken text.

    A part's final record no longer has its options: the whole's record has them, and that one is erased at its owner's word. A cancelled
    job's final record says nothing of the audio.
    """
    options = Options() if isinstance(job.answer_to, Whole) else job.options
    done = replace(job, state=State.FINISHED, outcome=outcome, reason=reason, message=message, lease=None, finished_at=now, options=options)
    if outcome is not Outcome.CANCELLED:
        return done
    left = job.answer_to and job.answer_to.after_cancellation()
    return replace(done, content=None, audio_seconds=None, answer_to=left, was_asked_in=job.asked_in)


def cancel(job: Job, *, now: float) -> Job | None:
    """Return the record of a job that its owner cancels, whoever holds it; None if it was cancelled before.

    The record keeps nothing about the audio (length, prompt, content id), and nothing about the chat or client. Of an order it keeps only
    where the audio lies, so that a worker that finds the job cancelled can erase that too.
    """
    if job.outcome is Outcome.CANCELLED:
        return None
    return finish(replace(job, options=Options(), progress=0.0), Outcome.CANCELLED, now=now)


@dataclass(frozen=True, slots=True)
class JobMessage:
    """A message of the job queue: the job's id, never its audio or text."""

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
        """Return the message that names a job; raise Unreadable for a value that is no job id and so must not stand in an object's key."""
        if not isinstance(job_id, str) or not _ID.fullmatch(job_id):
            raise Unreadable("the queue message's job_id is not an id")
        return cls(job_id)
