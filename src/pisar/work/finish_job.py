"""Ends a job: delivers its answer, writes the final record, erases the audio; `Closing.give_up` ends it after PISAR_MAX_TRIES tries.

`pisar.domain.jobs.claim` counts the tries on the record. Once PISAR_MAX_TRIES tries came to nothing, the next one only ends the job as
failed. Once the kernel has killed MAX_KILLED of them for want of memory, the job is rejected as too heavy. In the cloud the queue counts
deliveries instead, and `pisar.work.dead_letters` ends the job. `Closing.letting_go` releases the lease when a step raises.

The record is final before the audio is erased, so that a job found unfinished can always be done again.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from pisar.answers.callbacks import Announcements
from pisar.answers.chat_delivery import Delivery
from pisar.bot.answer_messages import Answer, TextAnswer, answer
from pisar.bot.refusals import refusal
from pisar.bot.texts import say
from pisar.domain.answer_to import Drop, Order, Reply, Whole
from pisar.domain.jobs import MAX_KILLED, Job, Outcome, release
from pisar.domain.transcripts import Transcript
from pisar.errors import Crowded, Missing, OutOfMemory, PisarError, Rejected, Rejection, Undeliverable, Unreadable
from pisar.formats import refusals
from pisar.ports.storage import ObjectStore
from pisar.state import drop_results as results
from pisar.state.heard_texts import forget_heard
from pisar.state.job_records import Held, Records
from pisar.state.late_requests import is_requested
from pisar.state.recent_languages import Acquaintance
from pisar.state.transcript_cache import TranscriptCache
from pisar.state.waiting_jobs import Line
from pisar.work.parts import OverError, Parts, forget_parts

log = logging.getLogger(__name__)

ANSWERED = frozenset({Outcome.TRANSCRIBED, Outcome.NO_SPEECH, Outcome.UNDELIVERABLE})
"""The outcomes of jobs that have a transcript."""

ANSWER_SECONDS = 30.0
"""The lease that must be left when the answer is written, or a whole lease where that is shorter; nearly always far more is left."""


class Closing:
    """Ends jobs: delivers the answer, makes the record final, erases the audio. Workers and the dead-letter consumer share it.

    `lease_seconds`: how long a lease of the caller's lasts.
    """

    def __init__(
        self,
        *,
        records: Records,
        store: ObjectStore,
        cache: TranscriptCache,
        delivery: Delivery,
        announcements: Announcements,
        parts: Parts,
        lease_seconds: float,
    ) -> None:
        self._records = records
        self._cache = cache
        self._parts = parts
        self._lease_seconds = lease_seconds
        self._store = store
        self._delivery = delivery
        self._announcements = announcements
        self._answer_seconds = min(ANSWER_SECONDS, lease_seconds)
        self._acquaintance = Acquaintance(store)
        self._line = Line(store)

    def stored_transcript(self, job: Job) -> Transcript | None:
        """Return the transcript that an earlier try has stored, or None."""
        try:
            return Transcript.decode(self._store.get(job.transcript_key).body)
        except (Missing, Unreadable):
            return None

    def close_with_transcript(self, held: Held, transcript: Transcript) -> None:
        """End the job with its transcript: deliver it, or say that nobody speaks; a part hands it in instead.

        Raises Busy if another has taken the job, and Unavailable.
        """
        job = held.job
        if isinstance(job.answer_to, Whole):
            self._hand_in(held, job.answer_to)
            return
        said: Answer | None
        if transcript.segments:
            said = answer(transcript, job.answer_to, job.id) if isinstance(job.answer_to, Reply) else None
            outcome = Outcome.TRANSCRIBED
        else:
            said, outcome = self._in_words(job, "no_speech"), Outcome.NO_SPEECH
        self._close(held, said, lambda drop: results.write_transcript(self._store, drop, transcript), outcome)
        self._acquaintance.note(held.job, transcript)

    def close_with_rejection(self, held: Held, rejection: Rejected) -> None:
        """End the job as rejected: answer why the audio can't be transcribed. A part ends its whole recording so.

        Raises Busy if another has taken the job, and Unavailable.
        """
        if isinstance(held.job.answer_to, Whole):
            self._give_up_whole(held, held.job.answer_to, lambda whole: self.close_with_rejection(whole, rejection))
            return
        reply = self._told(held.job)
        said = TextAnswer((refusal(reply.language, rejection),)) if reply else None
        self._close_without_transcript(held, said, Outcome.REJECTED, rejection.code.value, refusals.sentence(rejection))

    def close_as_failed(self, held: Held) -> None:
        """End the job as failed: answer so, with the job's id for the owner. A part ends its whole recording so.

        Raises Busy if another has taken the job, and Unavailable.
        """
        if isinstance(held.job.answer_to, Whole):
            self._give_up_whole(held, held.job.answer_to, self.close_as_failed)
            return
        said = self._in_words(held.job, "failed", job=held.job.id[:8])
        message = f"It did not work after several tries; the job is {held.job.id}."
        self._close_without_transcript(held, said, Outcome.FAILED, refusals.FAILED, message)

    def give_up(self, held: Held, *, max_tries: int | None) -> bool:
        """End the job if it has used up its tries, or was killed MAX_KILLED times, and return whether this ended it.

        `max_tries`: how many tries may come to nothing; the try that calls this is counted already. None where the queue counts deliveries.
        """
        job = held.job
        if job.killed >= MAX_KILLED:
            log.warning("needs more memory than there is", extra={"killed": job.killed})
            self._line.leave(job)
            self.close_with_rejection(held, Rejected(Rejection.TOO_HEAVY))
            return True
        if max_tries is not None and job.tries > max_tries:
            log.warning("tries used up", extra={"tries": job.tries - 1})
            self._line.leave(job)
            self.close_as_failed(held)
            return True
        return False

    @contextmanager
    def letting_go(self, held: Callable[[], Held]) -> Iterator[None]:
        """Release the job's lease if the block raises anything, and raise it again. `held` returns the job as it is known by then.

        A try that ends with Crowded does not count, since the worker had no room. A try that ends for want of memory is counted as killed;
        if that ends the job (`give_up`), nothing is raised.
        """
        with self._records.letting_go(held(), forgives=Crowded):
            try:
                yield
            except (OutOfMemory, MemoryError):
                if not self._note_killed(held()):
                    raise

    def _note_killed(self, held: Held) -> bool:
        """Count a try that the kernel ended for want of memory; end the job if it was the last such try, or else release the lease.

        Returns whether the job ended. Raises Busy, Unavailable.
        """
        held = replace(held, job=replace(held.job, killed=held.job.killed + 1))
        if self.give_up(held, max_tries=None):
            return True
        self._records.write(held, release(held.job))
        return False

    def show_progress(self, job: Job) -> None:
        """Show the job's progress in its chat. A failure is ignored, since the answer comes all the same."""
        reply = job.answer_to
        if isinstance(reply, Reply) and reply.slots and 0 < job.progress < 1:
            self._delivery.show(reply, say(reply.language, "progress", percent=round(100 * job.progress)))

    def clean_up(self, job: Job) -> None:
        """Erase our copy of the audio, and the text of a cancelled job. Idempotent. A dropped file belongs to its owner and stays."""
        if not isinstance(job.answer_to, Drop):
            self._store.delete(job.audio_key)
            log.info("erased")
        if isinstance(job.answer_to, Order) or job.outcome is Outcome.CANCELLED:
            forget_heard(self._store, job.id)
        if job.outcome is Outcome.CANCELLED:
            self._store.delete(job.transcript_key)
        if job.parts is not None or (not isinstance(job.answer_to, Whole) and job.outcome not in ANSWERED):
            deleted = job.outcome is Outcome.CANCELLED
            forget_parts(job, records=self._records, store=self._store, cache=self._cache, deleted=deleted)

    def is_over(self, job: Job) -> bool:
        """Say whether the job is a part of a recording that is finished or cancelled."""
        return isinstance(job.answer_to, Whole) and self._parts.is_over(job.answer_to)

    def close_as_over(self, held: Held) -> None:
        """End a part whose recording is finished or cancelled, and erase what was made of it."""
        self.clean_up(self._records.finish(held, Outcome.CANCELLED).job)
        if held.job.content:
            self._cache.forget(held.job.content)
        log.info("cancelled")

    def _hand_in(self, held: Held, part: Whole) -> None:
        held = self._records.renew(held, lease_seconds=self._answer_seconds)
        try:
            ledger = self._parts.hand_in(part)
        except OverError:
            self.close_as_over(held)
            return
        self._finish_part(held, Outcome.TRANSCRIBED)
        try:
            whole = self._records.advance(part.job_id, ledger.share)
            if whole is not None:
                self.show_progress(whole)
        except PisarError as error:
            log.info("progress not written", extra={"why": type(error).__name__})

    def _give_up_whole(self, held: Held, part: Whole, give_up: Callable[[Held], None]) -> None:
        """End the part, and the whole recording, which can't be completed. Raises Busy while another works on the whole."""
        whole = self._records.claim(part.job_id, lease_seconds=self._lease_seconds)
        if whole is not None:
            with self._records.letting_go(whole):
                give_up(whole)
        self._finish_part(held, Outcome.FAILED)

    def _finish_part(self, held: Held, outcome: Outcome) -> None:
        held = self._records.finish(held, outcome)
        log.info("finished", extra={"outcome": outcome.value, "reason": None})
        self.clean_up(held.job)

    def _close_without_transcript(self, held: Held, said: Answer | None, outcome: Outcome, code: str, message: str) -> None:
        self._close(held, said, lambda drop: results.write_error(self._store, drop, code, message), outcome, reason=code, message=message)

    def _close(
        self,
        held: Held,
        said: Answer | None,
        write: Callable[[Drop], bool],
        outcome: Outcome,
        *,
        reason: str | None = None,
        message: str | None = None,
    ) -> None:
        # A worker that was frozen past its lease must not overwrite its successor's answer: this write fails for it.
        held = self._records.begin_answer(held, lease_seconds=self._answer_seconds)
        if said is not None:
            try:
                held = self._delivery.deliver(held, said)
                log.info("answered")
            except Undeliverable:
                log.warning("the chat can't be written to")
                held = self._records.latest(held)  # new slots have moved the record on
                outcome, reason, message = Outcome.UNDELIVERABLE, None, None
        if isinstance(held.job.answer_to, Drop):
            if not write(held.job.answer_to):
                log.info("the file was replaced or removed")
                self.clean_up(self._records.finish(held, Outcome.CANCELLED).job)
                return
            log.info("answered")
        if isinstance(held.job.answer_to, Order):
            # Announced before it is finished, since a finished job is never looked at again; the callback waits for the record.
            self._announcements.announce(held.job)
        # Finished before the audio is erased: a job found unfinished always still has what it needs to be done again.
        held = self._records.finish(held, outcome, reason, message)
        log.info("finished", extra={"outcome": outcome.value, "reason": reason})
        self.clean_up(held.job)

    def _in_words(self, job: Job, key: str, /, **values: str | float) -> Answer | None:
        """Return the text under `key` as the answer to the job's chat, None if it is not told."""
        reply = self._told(job)
        return TextAnswer((say(reply.language, key, **values),)) if reply else None

    def _told(self, job: Job) -> Reply | None:
        """Return where it is told that there is no text: None where no chat is answered, or nobody there asked for the recording."""
        reply = job.answer_to
        return reply if isinstance(reply, Reply) and (not reply.unasked or is_requested(self._store, job)) else None
