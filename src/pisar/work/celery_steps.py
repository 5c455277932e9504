"""The steps of a job over Celery that need no engine: `fetch` and `answer`; `Transcription.transcribe` is the step between them.

Each step may be repeated or come late. A step leaves a finished job alone. `answer` queues the job again where it finds no transcript.
Every claim of a step counts as a try; a fetch that succeeds takes its try back, and an answer that waits for Telegram or the storage does
not count.
"""

import logging

from pisar.domain.answer_to import Whole
from pisar.domain.audio import AudioLimits
from pisar.domain.jobs import CURRENT_JOB_ID, Job, JobMessage, Lane, step_done
from pisar.errors import Missing, Rejected, Rejection, Retryable, Unreadable
from pisar.ports.queues import JobQueue
from pisar.ports.speech import Decoder
from pisar.state.job_records import Records
from pisar.state.quotas import Payers, Quotas
from pisar.state.transcript_cache import ContentIds
from pisar.work.finish_job import Closing
from pisar.work.linked_audio import LinkedAudio

log = logging.getLogger(__name__)


class Steps:
    """The fetch and answer steps. `voice`: the limits within which a recording counts as a voice message.

    `max_tries`: after how many tries that came to nothing a job fails (PISAR_MAX_TRIES).
    """

    def __init__(
        self,
        *,
        records: Records,
        audio: LinkedAudio,
        decoder: Decoder,
        closing: Closing,
        queue: JobQueue,
        content_ids: ContentIds,
        quotas: Quotas,
        payers: Payers,
        voice: AudioLimits,
        lease_seconds: float,
        max_tries: int,
    ) -> None:
        self._records = records
        self._audio = audio
        self._decoder = decoder
        self._closing = closing
        self._queue = queue
        self._content_ids = content_ids
        self._quotas = quotas
        self._payers = payers
        self._voice = voice
        self._lease_seconds = lease_seconds
        self._max_tries = max_tries

    def fetch(self, message: JobMessage) -> Lane:
        """Decode the job's audio to learn its length, and return the lane for it; a file behind a link is fetched first.

        Raises Busy, Unavailable, or Unreadable (no such job).
        """
        job = self._find(message)
        if isinstance(job.answer_to, Whole):
            return Lane.LECTURE
        if job.parts is not None:  # what parts say is soon joined
            return Lane.VOICE
        # Claimed before it is touched: a recording that brings down whoever decodes it is counted, and nobody else takes it meanwhile.
        held = self._records.claim(job.id, lease_seconds=self._lease_seconds, work=False)
        if held is None:
            return Lane.VOICE
        lane = Lane.VOICE
        with self._closing.letting_go(lambda: held):
            if not self._closing.give_up(held, max_tries=self._max_tries):
                lane = self._lane(held.job)
                self._records.write(held, step_done(held.job))
                log.info("fetched", extra={"lane": lane.value})
        return lane

    def _lane(self, job: Job) -> Lane:
        """Return the job's lane. Any refusal found here is found again by the next step, which tells the person."""
        try:
            audio, payer = self._audio.read(job), self._payers.of(job)
            content = self._content_ids.of(audio, job.options, job.owner)
            self._quotas.check(payer, content, run=job.id)
        except (Missing, Rejected):
            return Lane.VOICE
        try:
            self._decoder.decode(audio, self._voice, track=job.options.track)
        except Rejected as refusal:
            if refusal.code is Rejection.TOO_LONG:
                return Lane.LECTURE
            self._quotas.charge_refused(payer, content, refusal, run=job.id)
        return Lane.VOICE

    def answer(self, message: JobMessage) -> None:
        """Deliver the transcript that is stored. Raises Busy, Unavailable, or Unreadable (no such job)."""
        job = self._find(message)
        if job.parts is not None and self._closing.stored_transcript(job) is None:
            log.info("waits for its parts")
            return
        held = self._records.claim(job.id, lease_seconds=self._lease_seconds)
        if held is None:
            self._closing.clean_up(self._records.find(job.id).job)
            return
        # An answer that waits for Telegram or the storage is no try that failed: it is made already, however long they are away.
        with self._records.letting_go(held, forgives=Retryable):
            transcript = self._closing.stored_transcript(held.job)
            if held.job.tries > self._max_tries:
                self._closing.give_up(held, max_tries=self._max_tries)
            elif transcript is None:
                log.warning("no transcript to answer with: queued again")
                self._records.release(held)
                self._queue.put(message)
            else:
                self._closing.close_with_transcript(held, transcript)

    def _find(self, message: JobMessage) -> Job:
        CURRENT_JOB_ID.set(message.job_id)
        try:
            return self._records.find(message.job_id).job
        except Missing as error:
            raise Unreadable("the queue message names a job that does not exist") from error
