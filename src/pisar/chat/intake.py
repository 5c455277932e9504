"""Turns a message with audio into stored audio and a queued job, or a refusal; an update that is delivered twice makes one job.

The job's id is derived from the chat and the message (`pisar.domain.jobs.job_id`), and its record is created only if absent. So an update
that comes again finds the record: it resumes where the last try stopped, or finds nothing left to do. Another message that asks for the
same recording finds it too, and `pisar.chat.asked_again` answers it. Every step can be repeated. The audio is stored before the job is
queued, and the job is queued before its record says so.
"""

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace

from pisar.answers.chat_delivery import Delivery
from pisar.bot.admission import Decision, Ignore, Refuse, Take
from pisar.bot.answer_messages import TextAnswer
from pisar.bot.refusals import refusal
from pisar.chat.asked_again import AskedAgain
from pisar.domain.answer_to import Reply
from pisar.domain.audio import AudioLimits, sounds_like_media
from pisar.domain.jobs import CURRENT_JOB_ID, Job, Options, Outcome
from pisar.errors import Missing, Rejected, Rejection, Undeliverable
from pisar.ports.chat import ChatFiles
from pisar.ports.storage import ObjectStore
from pisar.state.engine_speed import Pace
from pisar.state.job_records import Held, Records
from pisar.state.jobs_by_owner import OwnedJobs
from pisar.state.waiting_jobs import Line
from pisar.work.queueing import Queueing

log = logging.getLogger(__name__)

WORTH_TELLING_SECONDS = 60.0
"""The shortest expected wait that the status message tells: a shorter one is over before it is read."""


class Intake:
    """Takes in audio from chats. `lease_seconds` must exceed the function's timeout."""

    def __init__(
        self,
        *,
        records: Records,
        store: ObjectStore,
        queueing: Queueing,
        files: ChatFiles,
        delivery: Delivery,
        again: AskedAgain,
        limits: AudioLimits,
        options: Options,
        pace: Pace,
        lease_seconds: float,
    ) -> None:
        self._records = records
        self._store = store
        self._queueing = queueing
        self._files = files
        self._delivery = delivery
        self._again = again
        self._limits = limits
        self._options = options
        self._lease_seconds = lease_seconds
        self._line = Line(store)
        self._owned = OwnedJobs(store, records)
        self._pace = pace

    def receive(self, decision: Decision) -> None:
        """Carry out a decision on a message. Raises Retryable when the update should be delivered again, which is safe."""
        if not isinstance(decision, Ignore):
            CURRENT_JOB_ID.set(decision.job_id)
            log.info("received")
        if isinstance(decision, Take) and decision.unsure:
            decision = self._looked_into(decision)
        if isinstance(decision, Ignore):
            log.info("ignored", extra={"why": decision.why})
            return
        options, reply = self._options, decision.reply
        if isinstance(decision, Take):
            options = replace(
                options,
                language=decision.language or options.language,
                expected=decision.expected,
                prompt=decision.prompt or options.prompt,
            )
            reply = replace(reply, file_id=decision.media.file_id or None, link=decision.media.link)
        with ThreadPoolExecutor() as threads:
            waiting = threads.submit(copy_context().run, self._line.length)
            held = self._records.accept(decision.job_id, lease_seconds=self._lease_seconds, answer_to=reply, options=options)
        if held is None:
            held = self._again.receive(decision.job_id, reply, options)
        if held is None:
            return
        log.info("recorded")
        with self._records.letting_go(held):
            try:
                if isinstance(decision, Take):
                    self._take(held, decision, waiting)
                else:
                    self._owned.add(held.job)  # a refusal too: its record names the chat, and /delete goes by this list
                    self._refuse(held, decision.reply, decision.rejection)
            except Undeliverable:
                log.warning("the chat can't be written to")
                # Slots have moved the record on since `held`; the lease is ours still.
                self._finish(self._records.find(held.job.id), Outcome.UNDELIVERABLE)

    def _take(self, held: Held, decision: Take, waiting: Future[int]) -> None:
        resumed = isinstance(held.job.answer_to, Reply) and bool(held.job.answer_to.slots)
        # A try that came further than the status may have stored the audio, and Telegram may have dropped the file since.
        stored = resumed and self._is_stored(held.job)
        refusal: Rejected | None = None
        with ThreadPoolExecutor() as threads:  # while the status is written: nobody sees which is first
            if not decision.reply.unasked:
                threads.submit(copy_context().run, self._delivery.show_working, decision.reply)
            listed = threads.submit(copy_context().run, self._owned.add, held.job)
            stands = threads.submit(copy_context().run, self._queueing.join, held.job)
            linked = decision.media.link is not None  # a worker fetches it: a slow server has no time here
            kept = None if stored or linked else threads.submit(copy_context().run, self._keep_audio, held.job, decision)
            try:
                held = held if resumed else self._reserve(held, waiting.result())
                log.info("status sent")
                stands.result()
                if kept:
                    kept.result()
            except Rejected as rejection:
                refusal = rejection
            listed.result()
        if refusal is not None:
            self._refuse(held, decision.reply, refusal)
            return
        log.info("stored")
        self._queueing.put(held)

    def _keep_audio(self, job: Job, decision: Take) -> None:
        audio = self._files.fetch(decision.media.file_id, max_bytes=self._limits.max_bytes)
        log.info("downloaded", extra={"bytes": len(audio)})
        self._store.put(job.audio_key, audio)

    def _reserve(self, held: Held, before: int) -> Held:
        if before >= self._queueing.max_waiting:
            raise Rejected(Rejection.QUEUE_FULL, {"waiting": before})
        if isinstance(held.job.answer_to, Reply) and held.job.answer_to.unasked:  # a group is shown nothing before there is a text
            return held
        expected = self._pace.expected_wait_seconds(before)
        if expected < WORTH_TELLING_SECONDS:
            return self._delivery.reserve(held, "accepted")
        return self._delivery.reserve(held, "accepted_waiting", count=before, minutes=max(1, round(expected / 60)))

    def _is_stored(self, job: Job) -> bool:
        try:
            self._store.look(job.audio_key)
        except Missing:
            return False
        return True

    def _refuse(self, held: Held, reply: Reply, rejection: Rejected) -> None:
        if not reply.unasked:
            held = self._delivery.deliver(held, TextAnswer((refusal(reply.language, rejection),)))
        self._finish(held, Outcome.REJECTED, rejection.code.value)

    def _finish(self, held: Held, outcome: Outcome, reason: str | None = None) -> None:
        held = self._records.finish(held, outcome, reason)
        log.info("finished", extra={"outcome": outcome.value, "reason": reason})
        self._line.leave(held.job)  # both written while the status was
        self._store.delete(held.job.audio_key)

    def _looked_into(self, unsure: Take) -> Decision:
        """Return the decision on a file that only its content can tell."""
        try:
            if sounds_like_media(self._files.fetch(unsure.media.file_id, max_bytes=self._limits.max_bytes)[:16]):
                return unsure
            refusal = Rejected(Rejection.UNSUPPORTED)
        except Rejected as rejection:
            refusal = rejection
        if not unsure.asked:
            return Ignore("a document that is not audio")
        return Refuse(unsure.job_id, unsure.reply, refusal)
