"""A queued job → its answer, exactly once, whatever is repeated or interrupted.

Claim the record; make the transcript unless one is stored; prove that the claim still holds; write the answer; finish the
record; erase the audio. Each step may be repeated after a crash: the transcript is looked for before it is made, the answer
is an edit, and a job found finished has only its audio erased once more.
"""

import logging
from collections.abc import Callable

from pisar.bot.answers import Answer, TextAnswer, answer
from pisar.bot.texts import say
from pisar.domain.jobs import CURRENT_JOB_ID, Drop, Job, JobMessage, Outcome
from pisar.domain.transcripts import Transcript
from pisar.errors import Missing, Rejected, Undeliverable, Unreadable
from pisar.flows import results
from pisar.flows.delivery import Delivery
from pisar.flows.recognition import Recognition
from pisar.flows.records import Held, Records
from pisar.formats import refusals
from pisar.ports import ObjectStore

log = logging.getLogger(__name__)

ANSWER_SECONDS = 30.0
"""What a lease must still have before the answer is written; nearly always it has far more, and then it stays as it is."""


class Closing:
    """The end of every job: the answer delivered, the record final, the audio erased. Shared by workers and dead letters."""

    def __init__(self, *, records: Records, store: ObjectStore, delivery: Delivery) -> None:
        self._records = records
        self._store = store
        self._delivery = delivery

    def stored_transcript(self, job: Job) -> Transcript | None:
        """Return the transcript an earlier try has made, or None."""
        try:
            return Transcript.decode(self._store.get(job.transcript_key).body)
        except (Missing, Unreadable):
            return None

    def close_with_transcript(self, held: Held, transcript: Transcript) -> None:
        """Answer with what was said, or that nothing was."""
        outcome = Outcome.TRANSCRIBED if transcript.segments else Outcome.NO_SPEECH
        said = answer(transcript.text, _language(held)) if transcript.segments else TextAnswer((say(_language(held), "no_speech"),))
        self._close(held, said, lambda drop: results.write_transcript(self._store, drop, transcript), outcome)

    def close_with_rejection(self, held: Held, rejection: Rejected) -> None:
        """Answer with why the audio can't be transcribed."""
        said, code = say(_language(held), rejection.code.value, **rejection.details), rejection.code.value
        message = refusals.sentence(rejection)
        self._close(held, TextAnswer((said,)), lambda drop: results.write_error(self._store, drop, code, message), Outcome.REJECTED, code)

    def close_as_failed(self, held: Held) -> None:
        """Answer that it did not work, with the job's id for the owner."""
        said, code = say(_language(held), "failed", job=held.job.id[:8]), refusals.FAILED
        message = f"It did not work after several tries; the job is {held.job.id}."
        self._close(held, TextAnswer((said,)), lambda drop: results.write_error(self._store, drop, code, message), Outcome.FAILED, code)

    def clean_up(self, job: Job) -> None:
        """Erase our copy of the audio; once more is fine. A dropped file is its owner's and stays."""
        if job.drop is None:
            self._store.delete(job.audio_key)
            log.info("erased")

    def _close(self, held: Held, said: Answer, write: Callable[[Drop], None], outcome: Outcome, reason: str | None = None) -> None:
        # A worker that was frozen past its lease must not overwrite its successor's answer: this write fails for it.
        held = self._records.renew(held, lease_seconds=ANSWER_SECONDS)
        if held.job.reply is not None:
            try:
                held = self._delivery.deliver(held, said)
                log.info("answered")
            except Undeliverable:
                log.warning("the chat can't be written to")
                outcome, reason = Outcome.UNDELIVERABLE, None
        if held.job.drop is not None:
            write(held.job.drop)
            log.info("answered")
        # Finished before the audio is erased: a job found unfinished always still has what it needs to be done again.
        self._records.finish(held, outcome, reason)
        log.info("finished", extra={"outcome": outcome.value, "reason": reason})
        self.clean_up(held.job)


class Transcription:
    """The worker's work. `lease_seconds` must exceed the longest run of one delivery and stay below the queue's visibility timeout."""

    def __init__(self, *, records: Records, store: ObjectStore, recognition: Recognition, closing: Closing, lease_seconds: float) -> None:
        self._records = records
        self._store = store
        self._recognition = recognition
        self._closing = closing
        self._lease_seconds = lease_seconds

    def work(self, message: JobMessage) -> None:
        """Do the job. Raises Busy, Unavailable (deliver the message again later) or Unreadable (no such job)."""
        CURRENT_JOB_ID.set(message.job_id)
        try:
            held = self._records.claim(message.job_id, lease_seconds=self._lease_seconds)
        except Missing as error:
            raise Unreadable("the queue message names a job that does not exist") from error
        if held is None:
            log.info("already finished")
            self._closing.clean_up(self._records.find(message.job_id).job)
            return
        log.info("claimed", extra={"delivery": held.job.deliveries})
        try:
            self._do(held)
        except BaseException:  # also what nobody foresaw: the next delivery need not wait for the lease
            self._records.release(held)
            raise

    def _do(self, held: Held) -> None:
        try:
            transcript = self._closing.stored_transcript(held.job) or self._transcribe(held.job)
        except Rejected as rejection:
            self._closing.close_with_rejection(held, rejection)
        else:
            self._closing.close_with_transcript(held, transcript)

    def _transcribe(self, job: Job) -> Transcript:
        audio = self._store.get(job.audio_key).body
        log.info("fetched", extra={"bytes": len(audio)})
        transcript = self._recognition.recognise(audio, job.options)
        self._store.put(job.transcript_key, transcript.encode())
        log.info("kept")
        return transcript


def _language(held: Held) -> str:
    return held.job.reply.language if held.job.reply else "en"
