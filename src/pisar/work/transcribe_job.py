"""Turns a queued job into its answer, exactly once, whatever is repeated or interrupted.

The steps: claim the record, which counts a try; make the transcript unless the job has one; prove that the claim still holds; write the
answer; finish the record; erase the audio. Each may be repeated after a crash: a stored transcript is used, the answer is an edit, and of a
finished job only the audio is erased once more. If a step raises, the lease is released (`Closing.letting_go`). If the owner cancels the
job, the worker's next write fails, and it erases what it has made.

A long recording is cut instead (`pisar.work.parts`): its lease is released, and the job is queued again once the transcripts of its parts
can be joined. The answer of a part is its transcript, handed in to the whole.
"""

import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, replace

from pisar.domain.answer_to import Drop, Whole
from pisar.domain.jobs import CURRENT_JOB_ID, Job, JobMessage, Options, Outcome, cut, kept_audio_key, made, step_done
from pisar.domain.options import LANGUAGES
from pisar.domain.parts import Ledger
from pisar.domain.transcripts import Transcript
from pisar.errors import Busy, Missing, Rejected, Rejection, Unreadable
from pisar.ports.clock import Clock
from pisar.ports.storage import ObjectStore, StoredObject
from pisar.speech.cached_transcripts import Asked, Transcripts, Watch
from pisar.speech.cutting import Cutting, Part
from pisar.speech.recognition import Recognition
from pisar.state.heard_texts import HeardTexts
from pisar.state.job_records import Records
from pisar.state.quotas import Payer, Payers, Quotas
from pisar.state.transcript_cache import ContentIds, TranscriptCache
from pisar.state.waiting_jobs import Line
from pisar.work.attempt import Attempt, Holding
from pisar.work.finish_job import Closing
from pisar.work.linked_audio import LinkedAudio
from pisar.work.parts import Parts

log = logging.getLogger(__name__)

PARTS_HELD = 4
"""How many parts of a long recording may be cut and not yet stored while its language is detected; 4 MB each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """The lengths by which recordings are cut: one longer than `whole_seconds` is cut into parts of `part_seconds`."""

    whole_seconds: float
    part_seconds: float


@dataclass(frozen=True, slots=True)
class _Known:
    """The options of a long recording's parts, and whether it is known in which language it begins."""

    options: Options
    language: bool


class Transcription:
    """What a worker does with a queued job."""

    def __init__(
        self,
        *,
        records: Records,
        store: ObjectStore,
        audio: LinkedAudio,
        clock: Clock,
        recognition: Recognition,
        transcripts: Transcripts,
        cache: TranscriptCache,
        content_ids: ContentIds,
        quotas: Quotas,
        payers: Payers,
        closing: Closing,
        parts: Parts,
        lengths: Lengths,
        holding: Holding,
    ) -> None:
        self._records = records
        self._store = store
        self._audio = audio
        self._clock = clock
        self._recognition = recognition
        self._transcripts = transcripts
        self._cache = cache
        self._content_ids = content_ids
        self._quotas = quotas
        self._payers = payers
        self._closing = closing
        self._parts = parts
        self._lengths = lengths
        self._holding = holding
        self._line = Line(store)
        self._heard = HeardTexts(store, records)

    def work(self, message: JobMessage) -> None:
        """Transcribe the job and deliver its answer. Raises Busy, Unavailable (deliver the message again) or Unreadable (no such job)."""
        self._hold(message, self._do)

    def transcribe(self, message: JobMessage) -> None:
        """Make the job's transcript and store it; another step delivers the answer. Raises as `work` does."""
        self._hold(message, self._make)

    def _hold(self, message: JobMessage, do: Callable[[Attempt, Future[StoredObject]], None]) -> None:
        CURRENT_JOB_ID.set(message.job_id)
        try:
            with ThreadPoolExecutor() as threads:
                # The audio is nearly always there, and wanted.
                audio = threads.submit(copy_context().run, self._store.get, kept_audio_key(message.job_id))
                held = self._records.claim(message.job_id, lease_seconds=self._holding.lease_seconds)
        except Missing as error:
            raise Unreadable("the queue message names a job that does not exist") from error
        if held is None:
            log.info("already finished")
            job = self._records.find(message.job_id).job
            self._line.leave(job)  # it was cancelled between its intake's two steps
            self._closing.clean_up(job)
            return
        log.info("claimed", extra={"delivery": held.job.deliveries})
        attempt = Attempt(self._records, self._closing, self._clock, held, self._holding, heard=self._heard)
        with self._closing.letting_go(lambda: attempt.held):
            try:
                with ThreadPoolExecutor() as threads:
                    left = threads.submit(copy_context().run, self._line.leave, held.job)
                    if self._closing.is_over(held.job):
                        self._closing.close_as_over(held)
                    else:
                        do(attempt, audio)
                    left.result()
            except Busy:
                if not self._was_cancelled(attempt):
                    raise

    def _do(self, attempt: Attempt, kept: Future[StoredObject]) -> None:
        transcript = self._obtain(attempt, kept)
        if transcript is not None:
            self._closing.close_with_transcript(attempt.held, transcript)

    def _make(self, attempt: Attempt, kept: Future[StoredObject]) -> None:
        if self._obtain(attempt, kept) is not None:
            self._records.write(attempt.held, made(attempt.held.job))

    def _obtain(self, attempt: Attempt, kept: Future[StoredObject]) -> Transcript | None:
        """Return the transcript; None if the job was ended without one, or released to wait for its parts."""
        job = attempt.held.job
        if job.parts is not None:
            if (joined := self._closing.stored_transcript(job)) is not None:
                return joined
            if self._closing.give_up(attempt.held, max_tries=self._holding.max_tries):
                return None
            ledger = self._parts.ledger(job.id)
            if ledger.complete:
                return self._join(attempt, ledger)
            if ledger.starts is not None:  # some part is not done, and the last of them queues this job again
                self._records.write(attempt.held, step_done(job))
                return None
        try:
            stored = self._closing.stored_transcript(job) if job.deliveries > 1 else None
            # The audio is looked at in any case but a dropped file's: the try that stored the text may have died before its record
            # knew the name under which it is cached, which is what a deletion goes by.
            audio = b"" if isinstance(job.answer_to, Drop) and stored else self._fetch(attempt, kept)
            if stored is None and self._closing.give_up(attempt.held, max_tries=self._holding.max_tries):
                return None
            transcript = stored or self._transcribe(attempt, audio)
            if transcript is None:
                self._cut(attempt, audio)
        except Rejected as rejection:
            self._closing.close_with_rejection(attempt.held, rejection)
            return None
        return transcript

    def _fetch(self, attempt: Attempt, kept: Future[StoredObject]) -> bytes:
        job = attempt.held.job
        try:
            stored = kept.result() if job.audio_key == kept_audio_key(job.id) else self._store.get(job.audio_key)
            if isinstance(job.answer_to, Drop) and job.answer_to.etag not in ("", stored.etag):
                raise Rejected(Rejection.FILE_UNAVAILABLE)  # another version, which has a job of its own; nobody is told
            audio = stored.body
        except Missing:
            try:
                audio = self._audio.read(job)
            except Missing as error:
                raise Rejected(Rejection.FILE_UNAVAILABLE) from error
        log.info("fetched", extra={"bytes": len(audio)})
        attempt.note(content=self._content_ids.of(audio, job.options, job.owner))
        return audio

    def _transcribe(self, attempt: Attempt, audio: bytes) -> Transcript | None:
        """Return the transcript, None for a recording that must be cut."""
        job = attempt.held.job
        part = job.answer_to if isinstance(job.answer_to, Whole) else None
        asked = Asked(
            audio=audio,
            options=job.options,
            content=job.content or job.id,
            run=job.id,
            payer=self._payers.of(job),
            plan=part.plan if part else None,
        )
        watch = Watch(
            on_duration=lambda seconds: attempt.note(audio_seconds=seconds),
            on_progress=attempt.tell,
            on_segments=attempt.hear,
            on_transcript=lambda transcript: self._keep(job, transcript),
            check=attempt.check,
        )
        longest = None if part else self._lengths.whole_seconds
        patience_seconds = self._holding.lease_seconds / 2
        try:
            return self._transcripts.get(
                asked, patience_seconds=patience_seconds, max_seconds=longest, goes_on=longest is not None, watch=watch
            )
        except Rejected as rejection:
            if rejection.code is Rejection.TOO_LONG and longest is not None:
                return None
            raise

    def _cut(self, attempt: Attempt, audio: bytes) -> None:
        """Cut the recording into parts, and release the job. Raises Rejected, which is charged as for any file that was decoded.

        Other workers transcribe the first parts before the last is cut, so what was cut is charged even if the quota is used up or the job
        is cancelled meanwhile.
        """
        job = attempt.held.job
        payer, content = self._payers.of(job), job.content or job.id
        cutting = self._recognition.cut(audio, part_seconds=self._lengths.part_seconds, track=job.options.track)
        try:
            self._make_parts(attempt, cutting, payer)
        except Rejected as refusal:
            if refusal.code is Rejection.QUOTA_USED:
                self._quotas.charge(payer, content, cutting.seconds, run=job.id, even_if_used_up=True)
            else:
                self._quotas.charge_refused(payer, content, refusal, run=job.id)
            raise
        except Busy:
            if self._records.find(job.id).job.outcome is Outcome.CANCELLED:
                self._quotas.charge(payer, content, cutting.seconds, run=job.id, even_if_used_up=True)
            raise

    def _make_parts(self, attempt: Attempt, cutting: Cutting, payer: Payer | None) -> None:
        job, starts = attempt.held.job, []
        self._parts.begin(job)
        with ThreadPoolExecutor(PARTS_HELD) as threads:  # the language is found, and parts are laid down, while the next ones are cut
            last: Future[_Known] | None = None
            under_way: deque[Future[_Known]] = deque()
            for part in cutting:
                attempt.tell(0.0)
                if len(under_way) == PARTS_HELD:
                    under_way.popleft().result()
                last = threads.submit(copy_context().run, self._lay_down, attempt, part, last)
                under_way.append(last)
                starts.append(part.start)
            for one in under_way:
                one.result()
        self._quotas.charge(payer, job.content or job.id, cutting.seconds, run=job.id)
        # Let go of before its parts can be complete: whoever completes them queues it, and it must be free then.
        self._records.write(attempt.held, cut(attempt.held.job, len(starts), seconds=cutting.seconds))
        log.info("cut", extra={"parts": len(starts), "audio_seconds": round(cutting.seconds, 2)})
        self._parts.close(job, tuple(starts))

    def _lay_down(self, attempt: Attempt, part: Part, before: Future[_Known] | None) -> _Known:
        """Store a part after the one before it; return the parts' options, with the recording's language once it is detected."""
        job = attempt.held.job
        # a part is a file of one track
        known = before.result() if before else _Known(replace(job.options, track=None), job.options.language in LANGUAGES)
        if not known.language and (found := self._recognition.language_of(part.samples, part.plan, known.options, check=attempt.check)):
            # Expected in every part, whoever hears which: as it would be if the recording were not cut.
            known = _Known(replace(known.options, expected=(found,)), language=True)
        self._parts.add(job, part, known.options)
        return known

    def _join(self, attempt: Attempt, ledger: Ledger) -> Transcript:
        job = attempt.held.job
        transcript = self._parts.join(job, ledger)
        self._keep(job, transcript)
        if job.content:
            self._cache.keep(job.content, transcript)
        return transcript

    def _keep(self, job: Job, transcript: Transcript) -> None:
        self._store.put(job.transcript_key, transcript.encode())
        log.info("kept")

    def _was_cancelled(self, attempt: Attempt) -> bool:
        """Say whether the owner cancelled the job meanwhile; if so, erase what was made of it."""
        if self._closing.is_over(attempt.held.job):
            self._closing.close_as_over(attempt.held)
            return True
        job = self._records.find(attempt.held.job.id).job
        if job.outcome is not Outcome.CANCELLED:
            return False
        log.info("cancelled")
        self._closing.clean_up(job)
        if attempt.held.job.content:
            self._cache.forget(attempt.held.job.content)
        return True
