"""Transcribes the audio of a request: returns the transcript, or a queued job where that would take longer than the caller waits."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import uuid4

from pisar.domain.answer_to import Order
from pisar.domain.clients import Client
from pisar.domain.jobs import CURRENT_JOB_ID, Job, Options
from pisar.domain.transcripts import Transcript
from pisar.errors import Busy, PisarError, Rejected, Rejection
from pisar.ports.storage import ObjectStore
from pisar.speech.cached_transcripts import NOBODY, Asked, TakesLongerError, Transcripts, Watch
from pisar.speech.turns import Turns
from pisar.state.job_records import Records
from pisar.state.jobs_by_owner import OwnedJobs
from pisar.state.quotas import Payer
from pisar.state.recent_languages import Acquaintance
from pisar.state.transcript_cache import ContentIds
from pisar.state.waiting_jobs import Line
from pisar.work.queueing import Queueing

log = logging.getLogger(__name__)

MAX_SECONDS = 900.0
"""The longest recording that is decoded whole while its caller waits: 58 MB of samples."""


@dataclass(frozen=True, slots=True)
class Deferred:
    """The audio became a job; `expected_seconds`: the engine's time for it, None where another caller transcribes the same audio."""

    job: Job
    expected_seconds: float | None


class Direct:
    """What `POST /transcribe` and the OpenAI-compatible routes do. `wait_seconds`: the longest that a caller waits.

    `lease_seconds`: how long the intake's lease on a new job lasts.
    """

    def __init__(
        self,
        *,
        transcripts: Transcripts,
        content_ids: ContentIds,
        records: Records,
        store: ObjectStore,
        queueing: Queueing,
        wait_seconds: float,
        lease_seconds: float,
    ) -> None:
        self._transcripts = transcripts
        self._content_ids = content_ids
        self._records = records
        self._store = store
        self._queueing = queueing
        self.wait_seconds = wait_seconds
        self._lease_seconds = lease_seconds
        self._line = Line(store)
        self._owned = OwnedJobs(store, records)
        self._acquaintance = Acquaintance(store)
        self._turns = Turns()

    def transcribe(self, client: Client, audio: bytes, options: Options, *, watch: Watch = NOBODY) -> Transcript:
        """Return the transcript, however long the engine takes. If `watch` raises, the work stops, and a later call begins it anew.

        Raises Rejected (TOO_LONG above MAX_SECONDS), Busy when the call waits for longer than `wait_seconds` until others have had the
        engine or have transcribed the same audio, and Unavailable.
        """
        asked = self._asked(client, audio, options, uuid4().hex)
        try:
            transcript = self._transcripts.get(
                asked, patience_seconds=self.wait_seconds, max_seconds=MAX_SECONDS, turn=self._turns.new(), watch=watch
            )
        except Rejected as rejection:
            if rejection.code is Rejection.TOO_LONG and rejection.details["limit_minutes"] == MAX_SECONDS / 60:
                raise Rejected(rejection.code, rejection.details | {"instead": "POST /jobs takes longer ones"}) from None
            raise
        self._acquaintance.note_client(client.key_hash, asked.options, transcript)
        return transcript

    def transcribe_or_defer(
        self,
        client: Client,
        audio: bytes,
        options: Options,
        *,
        wait_seconds: float,
        watch: Watch = NOBODY,
        on_defer: Callable[[], None] = lambda: None,
    ) -> Transcript | Deferred:
        """Return the transcript if it is expected within `wait_seconds`, else the job that was queued.

        All waiting for others counts. Once the engine works, `watch` may end it: a transcript may take longer than expected. `on_defer` is
        called before a job is made; what it raises comes out, and no job is made.
        Raises Rejected, which is QUEUE_FULL where the waiting list has no room for the job, and Unavailable.
        """
        this = uuid4().hex  # the job's, should there be one: it is paid for once
        asked = self._asked(client, audio, options, this)
        wait = min(wait_seconds, self.wait_seconds)
        expected_seconds = None
        try:
            transcript = self._transcripts.get(
                asked,
                patience_seconds=wait,
                is_expected_within_patience=True,
                max_seconds=MAX_SECONDS,
                goes_on=True,
                turn=self._turns.new(),
                watch=watch,
            )
        except Rejected as rejection:
            if rejection.code is not Rejection.TOO_LONG:  # as a job it may be cut
                raise
        except TakesLongerError as error:
            expected_seconds = error.expected_seconds
        except Busy:
            pass
        else:
            self._acquaintance.note_client(client.key_hash, asked.options, transcript)
            return transcript
        on_defer()
        return Deferred(self._submit(this, client, audio, asked.options), expected_seconds)

    def defer(self, client: Client, audio: bytes, options: Options) -> Deferred:
        """Return a job that was queued for the audio. Raises Rejected(QUEUE_FULL) and Unavailable."""
        return Deferred(self._submit(uuid4().hex, client, audio, replace(options, expected=client.spoken)), None)

    def transcript_id(self, client: Client, audio: bytes, options: Options) -> str:
        """Return the content id under which the transcript is cached."""
        return self._content_ids.of(audio, options, client.key_hash)

    def _asked(self, client: Client, audio: bytes, options: Options, run: str) -> Asked:
        options = replace(options, expected=client.spoken)
        payer = Payer(name=client.key_hash, minutes_per_day=client.minutes_per_day)
        return Asked(audio=audio, options=options, content=self.transcript_id(client, audio, options), run=run, payer=payer)

    def _submit(self, this: str, client: Client, audio: bytes, options: Options) -> Job:
        # Nobody knows the id before it is answered, so a crash here leaves at most a job that its client finds in its list.
        CURRENT_JOB_ID.set(this)
        held = self._records.accept(this, lease_seconds=self._lease_seconds, options=options, answer_to=Order(client=client.key_hash))
        if held is None:
            raise AssertionError("a new id names no job")
        try:
            self._owned.add(held.job)
            self._queueing.join(held.job)
            self._store.put(held.job.audio_key, audio)
            self._queueing.put(held)
        except BaseException:
            self._take_back(held.job)
            raise
        return held.job

    def _take_back(self, job: Job) -> None:
        # The caller is told to try again and makes another job: this one must not stand in line for ever. If the queue got it all the
        # same, its worker finds it cancelled.
        try:
            self._records.cancel(job.id)
            self._line.leave(job)
            self._owned.remove(job)  # as it was before: it knows whose it is
            self._store.delete(job.audio_key)
        except PisarError as error:
            log.warning("a job that could not be queued is left behind", extra={"why": type(error).__name__})
