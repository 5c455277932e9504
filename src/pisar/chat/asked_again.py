"""Answers a message that asks for a recording that has a job already: with a pointer to the answer, the stored text, or new work.

Whoever asks is answered. An update that comes again is told by the message that asked (`Reply.asked_in`): the job's record names it, so the
same update does nothing twice. Each other message that asks has a job of its own, whose id is derived from the recording's job and the
message, and which can be resumed after a crash like any other. So a refusal, a cancellation or a loss is final for one request alone.

The recording's first job names the newest one with an answer of its own, so that the next request finds that.
"""

import logging
from dataclasses import replace

from pisar.answers.chat_delivery import Delivery
from pisar.bot.answer_messages import TextAnswer, answer
from pisar.bot.texts import say
from pisar.chat.kept_texts import KeptTexts
from pisar.domain.answer_to import Reply
from pisar.domain.jobs import CURRENT_JOB_ID, Job, Options, Outcome, State, job_id
from pisar.domain.transcripts import Transcript
from pisar.errors import MessageGone, Missing, Undeliverable, Unreadable
from pisar.ports.clock import Clock
from pisar.ports.storage import ObjectStore
from pisar.state.job_records import Held, Records
from pisar.state.jobs_by_owner import OwnedJobs
from pisar.state.late_requests import note_request

log = logging.getLogger(__name__)

ANSWERED = frozenset({Outcome.TRANSCRIBED, Outcome.NO_SPEECH})
"""The outcomes of jobs whose answers may still be in the chat."""


class AskedAgain:
    """Answers requests for recordings that have a job. `lease_seconds`: as in `pisar.chat.intake.Intake`."""

    def __init__(
        self, *, records: Records, store: ObjectStore, delivery: Delivery, texts: KeptTexts, clock: Clock, lease_seconds: float
    ) -> None:
        self._records = records
        self._store = store
        self._delivery = delivery
        self._texts = texts
        self._clock = clock
        self._lease_seconds = lease_seconds
        self._owned = OwnedJobs(store, records)

    def receive(self, first_id: str, reply: Reply, options: Options) -> Held | None:
        """Answer a request for the recording of the job `first_id`; return a new job for it if there is work to do, None if there is none.

        Raises Retryable when the update should be delivered again, which is safe.
        """
        first = self._records.find(first_id).job
        if reply.asked_in is None or reply.asked_in == first.asked_in:
            self._nothing_left(first)
            return None
        this = job_id(first.id, "again", reply.asked_in)
        CURRENT_JOB_ID.set(this)
        held = self._records.accept(this, lease_seconds=self._lease_seconds, options=options, answer_to=reply)
        if held is None:
            self._nothing_left(self._records.find(this).job)
            return None
        log.info("asked again")
        with self._records.letting_go(held):
            try:
                answered = self._answer(held, first)
            except Undeliverable:
                log.warning("the chat can't be written to")
                # Slots have moved the record on since `held`; the lease is ours still.
                self._records.finish(self._records.find(this), Outcome.UNDELIVERABLE)
                return None
        return None if answered else held

    def _answer(self, held: Held, first: Job) -> bool:
        """Answer with what the newest job of the recording has, and return whether it has anything."""
        newest = self._newest(first, held.job.id)
        begun = bool(_reply(held.job).slots)  # an interrupted try's placeholder is there: the answer is owed in its place
        if newest.state is not State.FINISHED:
            if not begun and self._is_underway(newest):
                self._tell_of_work(held, newest)
                return True
        elif newest.outcome in ANSWERED | {Outcome.UNDELIVERABLE} and (transcript := self._texts.of(newest)) is not None:
            if begun or newest.outcome is Outcome.UNDELIVERABLE or not self._point(held, newest, "answer_is_there"):
                self._show(held, first, newest, transcript)
            return True
        self._records.follow(first.id, held.job.id)
        return False

    def _newest(self, first: Job, this: str) -> Job:
        if first.newest is None or first.newest == this:
            return first
        try:
            return self._records.find(first.newest).job
        except (Missing, Unreadable):
            return first

    def _is_underway(self, job: Job) -> bool:
        """Say whether somebody works on the job or will; an intake that died may never come back."""
        return job.state is not State.ACCEPTED or (job.lease is not None and job.lease.until > self._clock.now())

    def _tell_of_work(self, held: Held, newest: Job) -> None:
        if isinstance(newest.answer_to, Reply) and newest.answer_to.unasked:
            note_request(self._store, newest)
        if not self._point(held, newest, "still_working"):
            reply = _reply(held.job)
            asked_in = reply.message_id if reply.asked_in is None else reply.asked_in
            self._finish_pointer(self._delivery.point(held, "work_begun", asked_in, must_reply=False), newest)

    def _point(self, held: Held, newest: Job, key: str) -> bool:
        """Send the text under `key` as a reply to the newest job's message, and end this job; return False if that message is gone."""
        there = newest.answer_to
        if not isinstance(there, Reply) or not there.slots:
            return False
        try:
            pointed = self._delivery.point(held, key, there.slots[0], must_reply=True)
        except MessageGone:
            log.info("the answer is gone from the chat")
            return False
        self._finish_pointer(pointed, newest)
        return True

    def _finish_pointer(self, pointed: Held, newest: Job) -> None:
        self._owned.add(pointed.job)
        # The slot is noted by the same write: a noted pointer is never taken for the placeholder of an answer.
        self._records.finish(pointed, newest.outcome or Outcome.TRANSCRIBED)
        log.info("pointed to the answer")

    def _show(self, held: Held, first: Job, newest: Job, transcript: Transcript) -> None:
        """Send the stored text anew, with buttons of its own, which the person who asked may press."""
        self._owned.add(held.job)
        self._records.follow(first.id, held.job.id)
        self._store.put(held.job.transcript_key, transcript.encode())
        reply = _reply(held.job)
        speaks = bool(transcript.segments)
        said = answer(transcript, reply, held.job.id) if speaks else TextAnswer((say(reply.language, "no_speech"),))
        held = self._delivery.deliver(held, said)
        # What /delete erases by: a text anew is of the same recording.
        job = replace(held.job, content=newest.content, audio_seconds=newest.audio_seconds)
        self._records.finish(replace(held, job=job), Outcome.TRANSCRIBED if speaks else Outcome.NO_SPEECH)
        log.info("shown again")

    def _nothing_left(self, job: Job) -> None:
        # An earlier try of this update may have stored something again after the job was finished or cancelled, and its objects erased.
        if job.state is State.FINISHED:
            self._store.delete(job.audio_key)
        if job.outcome is Outcome.CANCELLED:
            self._store.delete(job.transcript_key)
        log.info("nothing left to do")


def _reply(job: Job) -> Reply:
    if not isinstance(job.answer_to, Reply):
        raise ValueError("a job without a reply was asked for by nobody")  # noqa: TRY004
    return job.answer_to
