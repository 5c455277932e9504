"""Creates, shows and deletes the jobs of API clients; none of it wakes the container.

A client sees only its own jobs: another client's job is answered like one that does not exist. A job that is made with an Idempotency-Key
has an id derived from the client and that key, so a repeated call finds the job and makes no second one.
"""

import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from uuid import uuid4

from pisar.answers.callbacks import Announcements
from pisar.api.uploads import Offer, Uploads
from pisar.domain.answer_to import Order
from pisar.domain.audio import too_big
from pisar.domain.bucket import INCOMING
from pisar.domain.clients import Client
from pisar.domain.jobs import CURRENT_JOB_ID, Job, JobMessage, Options, Outcome, State, job_id
from pisar.errors import Conflict, Missing, Misuse, Rejected, Rejection, Unreadable
from pisar.formats import jobs as shown
from pisar.formats import refusals
from pisar.ports.callbacks import CallbackSender
from pisar.ports.clock import Clock
from pisar.ports.storage import ObjectStore
from pisar.state.awaited_uploads import AwaitedUploads, no_longer_awaited
from pisar.state.engine_speed import Pace
from pisar.state.job_records import Held, Records
from pisar.state.jobs_by_owner import OwnedJobs
from pisar.state.quotas import Payer, Quotas
from pisar.state.transcript_cache import TranscriptCache
from pisar.state.waiting_jobs import Line
from pisar.work.erase_job import erase
from pisar.work.queueing import Queueing

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """A job, how its audio is uploaded (None once the audio has come), and whether this call made it."""

    job: Job
    offer: Offer | None
    new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A job as its client sees it (`pisar.formats.jobs`): its state, its place in the queue, and the expected seconds."""

    job: Job
    state: str
    position: int | None = None
    expected_seconds: float | None = None


class ClientJobs:
    """The jobs API. `upload_seconds`: how long an upload is awaited; `callbacks` is None where callback URLs can't be checked.

    `lease_seconds` must exceed the timeout of the function that queues uploads.
    """

    def __init__(
        self,
        *,
        records: Records,
        store: ObjectStore,
        uploads: Uploads,
        queueing: Queueing,
        clock: Clock,
        callbacks: CallbackSender | None,
        announcements: Announcements,
        max_bytes: int,
        max_awaited: int,
        upload_seconds: int,
        lease_seconds: float,
        reuse_seconds: float,
    ) -> None:
        self._records = records
        self._store = store
        self._uploads = uploads
        self._queueing = queueing
        self._clock = clock
        self._callbacks = callbacks
        self._announcements = announcements
        self._max_bytes = max_bytes
        self._upload_seconds = upload_seconds
        self._lease_seconds = lease_seconds
        self._owned = OwnedJobs(store, records)
        self._line = Line(store)
        self._awaited = AwaitedUploads(store, clock, at_most=max_awaited, upload_seconds=upload_seconds)
        self._quotas = Quotas(store, clock)
        self._pace = Pace(store, clock)
        self._cache = TranscriptCache(store, clock, reuse_seconds=reuse_seconds)

    def create(
        self,
        client: Client,
        options: Options,
        *,
        request: str,
        idempotency_key: str | None = None,
        callback_url: str | None = None,
        name: str = "",
        size_bytes: int = 0,
    ) -> Created:
        """Create a job whose audio is uploaded, or return the job of the same Idempotency-Key.

        `request`: a digest of the call. `name`: what the client calls the recording. `size_bytes`: the size of the file, which is uploaded
        in parts then; 0 for a form. Raises Rejected: the quota is used up, the waiting list is full, the file is too big, too many of the
        client's jobs await their upload, the callback's URL is refused, or the Idempotency-Key belongs to another request or a deleted job.
        """
        this = job_id("api", client.key_hash, idempotency_key) if idempotency_key else uuid4().hex
        CURRENT_JOB_ID.set(this)
        if idempotency_key and (found := self._made_before(this, client, request)):
            return self._again(found)
        self._quotas.check(Payer(name=client.key_hash, minutes_per_day=client.minutes_per_day))
        if (waiting := self._line.length()) >= self._queueing.max_waiting:
            raise Rejected(Rejection.QUEUE_FULL, {"waiting": waiting})
        if callback_url is not None:
            self._check_callback(client, callback_url)
        self._awaited.add(client.key_hash, this)
        order = Order(client=client.key_hash, request=request, callback_url=callback_url, uploaded=True, name=name)
        key = f"{INCOMING}{this}"
        try:
            if size_bytes:
                order = replace(order, upload_id=self._uploads.begin(key, size_bytes), size_bytes=size_bytes)
            held = self._records.expect(this, options=replace(options, expected=client.spoken), order=order)
        except Conflict:  # the same call came twice at once
            self._uploads.abort(key, order.upload_id)
            found = self._made_before(this, client, request)
            if found is None:
                raise
            return self._again(found)
        except BaseException:
            no_longer_awaited(self._store, client.key_hash, this)
            raise
        self._owned.add(held.job)
        log.info("created")
        return self._created(held.job, new=True)

    def uploaded(self, key: str) -> None:
        """Queue the job whose audio was uploaded under `key`. Raises Retryable when the event should be delivered again."""
        try:
            this = JobMessage.naming(key.removeprefix(INCOMING)).job_id
        except Unreadable:  # no form is for such a key
            log.info("ignored", extra={"why": "no job's name"})
            return
        CURRENT_JOB_ID.set(this)
        try:
            size_bytes = self._store.look(key).size_bytes
            held = self._records.uploaded(this, lease_seconds=self._lease_seconds)
        except Missing:
            log.info("ignored", extra={"why": "no such upload or job"})
            return
        if held is None:
            self._forget_late_upload(this, key)
            return
        log.info("received", extra={"bytes": size_bytes})
        with self._records.letting_go(held):
            if isinstance(held.job.answer_to, Order):
                no_longer_awaited(self._store, held.job.answer_to.client, this)
            if not 0 < size_bytes <= self._max_bytes:
                self._refuse(held, self._wrong_size(size_bytes))
                return
            try:
                self._queueing.join(held.job)
            except Rejected as full:  # there was room when the job was made
                self._refuse(held, full)
                return
            self._queueing.put(held)

    def upload(self, client: Client, this: str) -> Offer:
        """Return how the audio of a job is uploaded, or what of it is still missing. Raises Rejected: NOT_FOUND, NO_UPLOAD."""
        job = self._own(client, this)
        state = self.state(job)
        if state != shown.AWAITING_UPLOAD:
            over = state == shown.EXPIRED
            raise Rejected(Misuse.NO_UPLOAD, {"why": "its time ran out; make a new job." if over else "its recording has come already."})
        return self._uploads.offer(job)

    def complete_upload(self, client: Client, this: str) -> Status:
        """End a job's upload in parts, and return the job's state. Idempotent. Raises Rejected: NOT_FOUND, UPLOAD_INCOMPLETE, NO_UPLOAD."""
        CURRENT_JOB_ID.set(this)
        job = self._own(client, this)
        self._uploads.complete(job)
        log.info("upload completed")
        return self._status(job)

    def status(self, client: Client, this: str) -> Status:
        """Return the state of a job of this client. Raises Rejected(NOT_FOUND)."""
        return self._status(self._own(client, this))

    def page(self, client: Client, *, limit: int, after: str = "") -> tuple[list[Job], str | None]:
        """Return up to `limit` of the client's jobs, newest first, and the mark to give as `after` for the next page, None at the end."""
        return self._owned.page(client.key_hash, limit=limit, after=after)

    def state(self, job: Job) -> str:
        """Return the job's state in the API's words."""
        return shown.state_of(job, now=self._clock.now(), upload_seconds=self._upload_seconds)

    def delete(self, client: Client, this: str) -> None:
        """Cancel the job, whatever its state, and erase its audio and text. Raises Rejected(NOT_FOUND)."""
        CURRENT_JOB_ID.set(this)
        job = self._own(client, this, half_deleted=True)
        self._uploads.abort_awaited(job)  # before the record forgets its name
        erase(job, client.key_hash, records=self._records, store=self._store, cache=self._cache)
        log.info("deleted")

    def forget(self, content: str) -> None:
        """Erase a cached transcript by its content id, which only those who sent the same audio know."""
        self._cache.forget(content)
        log.info("transcript forgotten")

    def _status(self, job: Job) -> Status:
        state = self.state(job)
        position = self._line.place(job) if state == shown.QUEUED else None
        expected = None
        if state == shown.QUEUED:
            expected = self._pace.expected_wait_seconds(position or 0)
        elif state == shown.WORKING and job.audio_seconds is not None:
            expected = (1 - job.progress) * self._pace.expected_seconds(job.audio_seconds)
        return Status(job=job, state=state, position=position, expected_seconds=expected)

    def own(self, client: Client, this: str) -> Job:
        """Return the client's job. Raises Rejected(NOT_FOUND)."""
        return self._own(client, this)

    def _own(self, client: Client, this: str, *, half_deleted: bool = False) -> Job:
        """Return the client's job; with `half_deleted` also a job whose deletion was interrupted. Raises Rejected(NOT_FOUND)."""
        try:
            job = self._records.find(this).job
        except Missing:
            job = None
        if job is not None and isinstance(job.answer_to, Order):
            if job.outcome is not Outcome.CANCELLED and job.answer_to.client == client.key_hash:
                return job
            if half_deleted and job.outcome is Outcome.CANCELLED and self._owned.lists(job, client.key_hash):
                return job
        raise Rejected(Misuse.NOT_FOUND, {"what": "job"})

    def _made_before(self, this: str, client: Client, request: str) -> Job | None:
        try:
            job = self._records.find(this).job
        except Missing:
            return None
        if job.outcome is Outcome.CANCELLED:
            raise Rejected(Misuse.JOB_DELETED)
        if not isinstance(job.answer_to, Order) or job.answer_to.client != client.key_hash:
            raise AssertionError("ids derived from a client's hash are that client's")
        if job.answer_to.request != request:
            raise Rejected(Misuse.KEY_REUSED)
        return job

    def _again(self, job: Job) -> Created:
        self._owned.add(job)  # the first call may have died before it did
        return self._created(job, new=False)

    def _created(self, job: Job, *, new: bool) -> Created:
        offer = None
        if self.state(job) == shown.AWAITING_UPLOAD:
            with suppress(Rejected):  # all of it has come, and nobody has been told of that yet
                offer = self._uploads.offer(job)
        return Created(job=job, offer=offer, new=new)

    def _check_callback(self, client: Client, url: str) -> None:
        if self._callbacks is None:
            raise Rejected(Misuse.NO_CALLBACKS)
        if not client.callback_secret:
            raise Rejected(Misuse.BAD_CALLBACK, {"why": "this API key is from before callbacks and has no secret to sign them with"})
        self._callbacks.check(url)

    def _wrong_size(self, size_bytes: int) -> Rejected:
        # The form's own condition refuses such a file; a store that does not hold to it must not cost a container.
        if not size_bytes:
            return Rejected(Rejection.CANNOT_DECODE)
        return too_big(size_bytes, self._max_bytes)

    def _refuse(self, held: Held, rejection: Rejected) -> None:
        self._announcements.announce(held.job)
        self._records.finish(held, Outcome.REJECTED, rejection.code.value, refusals.sentence(rejection))
        self._store.delete(held.job.audio_key)
        log.info("refused", extra={"reason": rejection.code.value})

    def _forget_late_upload(self, this: str, key: str) -> None:
        # The form is still good after the job is done: what comes through it then is nobody's.
        if self._records.find(this).job.state is State.FINISHED:
            self._store.delete(key)
        log.info("nothing left to do")
