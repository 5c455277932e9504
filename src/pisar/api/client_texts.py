"""Gives API clients the texts of their jobs, whole or as far as they are heard, and takes their corrections."""

from collections.abc import Sequence
from dataclasses import dataclass

from pisar.api.client_jobs import ClientJobs
from pisar.domain.clients import Client
from pisar.domain.corrections import Corrections, Place
from pisar.domain.jobs import Job
from pisar.domain.transcripts import Transcript
from pisar.errors import Missing, Misuse, Rejected
from pisar.formats import jobs as shown
from pisar.ports.storage import ObjectStore
from pisar.state.corrections import KeptCorrections, forget_corrections
from pisar.state.job_records import Records
from pisar.work.text_so_far import TextsSoFar


@dataclass(frozen=True, slots=True)
class Text:
    """The text of a job, and whether that is all of it. `parts`: how many parts the recording was cut into, None if it was not."""

    transcript: Transcript
    complete: bool = True
    parts: int | None = None


class ClientTexts:
    """The texts of clients' jobs. `jobs`: says whose they are."""

    def __init__(self, jobs: ClientJobs, *, store: ObjectStore, records: Records) -> None:
        self._jobs = jobs
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
