"""A queued job → its answer, exactly once, whatever is repeated or interrupted.

Claim the record; make the transcript unless one is stored; prove that the claim still holds; write the answer; finish the
record; erase the audio. Each step may be repeated after a crash: the transcript is looked for before it is made, the answer
is an edit, and a job found finished has only its audio erased once more.
"""

import logging

from pisar.bot.answers import Answer, TextAnswer, answer
from pisar.bot.texts import say
from pisar.domain.jobs import CURRENT_JOB_ID, Job, JobMessage, Outcome
from pisar.domain.transcripts import Transcript
from pisar.errors import Missing, Rejected, Undeliverable, Unreadable
from pisar.flows.delivery import Delivery
from pisar.flows.recognition import Recognition
from pisar.flows.records import Held, Records
from pisar.ports import ObjectStore

log = logging.getLogger(__name__)


class Closing:
    """The end of every job: the answer delivered, the record final, the audio erased. Shared by workers and dead letters."""

    def __init__(self, *, records: Records, store: ObjectStore, delivery: Delivery, lease_seconds: float) -> None:
        self._records = records
        self._store = store
        self._delivery = delivery
        self._lease_seconds = lease_seconds

    def stored_transcript(self, job: Job) -> Transcript | None:
        """Return the transcript an earlier try has made, or None."""
        try:
            return Transcript.decode(self._store.get(job.transcript_key).body)
        except (Missing, Unreadable):
            return None

    def close_with_transcript(self, held: Held, transcript: Transcript) -> None:
        """Answer with what was said, or that nothing was."""
        if transcript.segments:
            self._close(held, answer(transcript.text, _language(held)), Outcome.TRANSCRIBED)
        else:
            self._close(held, TextAnswer((say(_language(held), "no_speech"),)), Outcome.NO_SPEECH)

    def close_with_rejection(self, held: Held, rejection: Rejected) -> None:
        """Answer with why the audio can't be transcribed."""
        text = say(_language(held), rejection.code.value, **rejection.details)
        self._close(held, TextAnswer((text,)), Outcome.REJECTED, rejection.code.value)

    def close_as_failed(self, held: Held) -> None:
        """Answer that it did not work, with the job's id for the owner."""
        self._close(held, TextAnswer((say(_language(held), "failed", job=held.job.id[:8]),)), Outcome.FAILED, "deliveries_used_up")

    def erase_audio(self, job: Job) -> None:
        """Erase the audio; once more is fine."""
        self._store.delete(job.audio_key)
        log.info("erased")

    def _close(self, held: Held, shown: Answer, outcome: Outcome, reason: str | None = None) -> None:
        if held.job.reply is not None:
            # A worker that was frozen past its lease must not overwrite its successor's answer: this write fails for it.
            held = self._records.renew(held, lease_seconds=self._lease_seconds)
            try:
                held = self._delivery.deliver(held, shown)
                log.info("answered")
            except Undeliverable:
                log.warning("the chat can't be written to")
                outcome, reason = Outcome.UNDELIVERABLE, None
        # Finished before the audio is erased: a job found unfinished always still has what it needs to be done again.
        self._records.finish(held, outcome, reason)
        log.info("finished", extra={"outcome": outcome.value, "reason": reason})
        self.erase_audio(held.job)


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
            self._closing.erase_audio(self._records.find(message.job_id).job)
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
