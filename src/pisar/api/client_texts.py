"""Gives API clients the texts of their jobs, whole or as far as they are heard, and takes their corrections; shares them with others."""

from collections.abc import Sequence
from dataclasses import dataclass

from pisar.api.client_jobs import ClientJobs
from pisar.domain.clients import Client
from pisar.domain.corrections import Corrections, Place
from pisar.domain.jobs import Job
from pisar.domain.transcripts import Transcript
from pisar.errors import Missing, Misuse, Rejected
from pisar.formats import jobs as shown
from pisar.ports.clock import Clock
from pisar.ports.storage import ObjectStore
from pisar.state.corrections import KeptCorrections, forget_corrections
from pisar.state.job_records import Records
from pisar.state.shares import Shares, forget_share
from pisar.work.text_so_far import TextsSoFar


@dataclass(frozen=True, slots=True)
class Text:
    """The text of a job, and whether that is all of it. `parts`: how many parts the recording was cut into, None if it was not."""

    transcript: Transcript
    complete: bool = True
    parts: int | None = None


class ClientTexts:
    """The texts of clients' jobs. `jobs`: says whose they are; `keep_seconds`: how long texts are kept."""

    def __init__(self, jobs: ClientJobs, *, store: ObjectStore, records: Records, clock: Clock, keep_seconds: float) -> None:
        self._jobs = jobs
        self._records = records
        self._clock = clock
        self._keep_seconds = keep_seconds
        self._shares = Shares(store)
        self._store = store
        self._so_far = TextsSoFar(store, records)
        self._corrections = KeptCorrections(store)

    def transcript(self, client: Client, this: str, *, original: bool = False) -> Transcript:
        """Return the transcript of a finished job, as its client corrected it or as it was heard.

        Raises Rejected: NOT_FOUND, NOT_FINISHED, NO_TRANSCRIPT.
        """
        return self._finished(self._jobs.own(client, this), original=original)

    def correct(self, client: Client, this: str, asked: Sequence[tuple[Place, str | None]]) -> Corrections:
        """Correct places of a finished job's transcript, and return all corrections; None takes one back.

        Raises Rejected as `transcript` does, and BAD_OPTION; then nothing was corrected.
        """
        heard = self._finished(self._jobs.own(client, this), original=True)
        kept = self._corrections.change(this, lambda before: before.changed(heard, asked))
        try:
            self._jobs.own(client, this)
        except Rejected:  # it was deleted meanwhile
            forget_corrections(self._store, this)
            raise
        return kept

    def share(self, client: Client, this: str, *, seconds: float) -> tuple[str, float]:
        """Share the text of a finished job for so many seconds, at most as long as it is kept; return the token and when it expires.

        A token made before is good no longer. Raises Rejected as `transcript` does.
        """
        job = self._jobs.own(client, this)
        self._finished(job, original=True)
        expires_at = min(self._clock.now() + seconds, (job.finished_at or job.created_at) + self._keep_seconds)
        token = self._shares.make(this, expires_at=expires_at)
        try:
            self._jobs.own(client, this)
        except Rejected:  # it was deleted meanwhile
            forget_share(self._store, this)
            raise
        return token, expires_at

    def shared_until(self, client: Client, this: str) -> float:
        """Return until when the text of a job is shared, in Unix seconds. Raises Rejected(NOT_FOUND) for no job or no share."""
        self._jobs.own(client, this)
        try:
            return self._shares.expires_at(this, now=self._clock.now())
        except Missing as error:
            raise _not_shared() from error

    def unshare(self, client: Client, this: str) -> None:
        """Share the text of a job no longer. Idempotent. Raises Rejected(NOT_FOUND) for no job."""
        self._jobs.own(client, this)
        forget_share(self._store, this)

    def shared(self, token: str) -> Transcript:
        """Return the text that a token shows, as its client corrected it. Raises Rejected(NOT_FOUND), whatever is wrong with the token."""
        try:
            job = self._records.find(self._shares.job_of(token, now=self._clock.now())).job
            return self._finished(job, original=False)
        except (Missing, Rejected) as error:
            raise _not_shared() from error

    def so_far(self, client: Client, this: str, *, original: bool = False) -> Text:
        """Return the transcript of a job, or as much of it as is heard. Raises Rejected as `transcript` does.

        NOT_FINISHED means here that the job's audio has not come.
        """
        job = self._jobs.own(client, this)
        if self._jobs.state(job) not in {shown.QUEUED, shown.WORKING}:
            return Text(self._finished(job, original=original))
        heard = self._so_far.of(job)
        # Between the two reads it may have been finished, and what was heard been erased.
        latest = job if heard.segments else self._jobs.own(client, this)
        if self._jobs.state(latest) == shown.DONE:
            return Text(self._finished(latest, original=original))
        return Text(heard, complete=False, parts=job.parts)

    def _finished(self, job: Job, *, original: bool) -> Transcript:
        state = self._jobs.state(job)
        if state == shown.FAILED:
            raise Rejected(Misuse.NO_TRANSCRIPT, {"why": job.message or "It failed."})
        if state != shown.DONE:
            raise Rejected(Misuse.NOT_FINISHED, {"state": state})
        try:
            heard = Transcript.decode(self._store.get(job.transcript_key).body)
        except Missing as error:  # erased by age
            raise Rejected(Misuse.NO_TRANSCRIPT, {"why": "It has been erased."}) from error
        return heard if original else self._corrections.of(job.id).applied(heard)


def _not_shared() -> Rejected:
    return Rejected(Misuse.NOT_FOUND, {"what": "share"})
