"""How a client uploads the audio of its job: through a form in one request, or in parts that go on after a broken connection.

An upload in parts is begun in the store when the job is made, and its id is kept on the job's record. What the store has of it is asked of
the store, so nothing of an upload's progress is kept twice. Joining the parts makes the object, which the bucket reports as it reports one
that came through a form.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pisar.domain.answer_to import Order
from pisar.domain.audio import too_big
from pisar.domain.jobs import Job, State
from pisar.domain.upload_parts import part_bytes, part_sizes
from pisar.errors import Missing, Misuse, Rejected
from pisar.ports.clock import Clock
from pisar.ports.storage import ObjectStore, PartUploads, StoredPart, UploadForm, UploadForms

NAMED_PARTS = 20
"""How many missing parts an error names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts of an upload. `part_bytes`: the size of each but the last. `done`: the numbers of those that the store has, from 1.

    `missing`: size and address of each of the others, by its number.
    """

    part_bytes: int
    done: tuple[int, ...]
    missing: Mapping[int, tuple[int, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """How a job's audio is uploaded: a form or parts, and until when it is awaited, in Unix seconds."""

    expires_at: float
    by: UploadForm | Parts


class Uploads:
    """The uploads of clients' jobs. `upload_seconds`: how long an upload is awaited."""

    def __init__(
        self, *, store: ObjectStore, forms: UploadForms, parts: PartUploads, clock: Clock, max_bytes: int, upload_seconds: int
    ) -> None:
        self._store = store
        self._forms = forms
        self._parts = parts
        self._clock = clock
        self._max_bytes = max_bytes
        self._upload_seconds = upload_seconds

    def begin(self, key: str, size_bytes: int) -> str:
        """Begin an upload in parts for a file of that size and return its id. Raises Rejected(TOO_BIG)."""
        if size_bytes > self._max_bytes:
            raise too_big(size_bytes, self._max_bytes)
        return self._parts.begin_upload(key)

    def offer(self, job: Job) -> Offer:
        """Return how the audio of a job is uploaded that awaits it. Raises Rejected(NO_UPLOAD) where the audio has come."""
        order, expires_at = _order(job), job.created_at + self._upload_seconds
        seconds = max(1, int(expires_at - self._clock.now()))
        if not order.upload_id:
            return Offer(expires_at=expires_at, by=self._forms.form(job.audio_key, max_bytes=self._max_bytes, seconds=seconds))
        try:
            stored = self._stored(job)
        except Missing as error:
            raise _no_upload(self._has_come(job)) from error
        missing = {
            number: (size, self._forms.part_url(job.audio_key, order.upload_id, number, size_bytes=size, seconds=seconds))
            for number, size in part_sizes(order.size_bytes).items()
            if number not in stored
        }
        return Offer(expires_at=expires_at, by=Parts(part_bytes=part_bytes(order.size_bytes), done=tuple(stored), missing=missing))

    def complete(self, job: Job) -> None:
        """Join the parts of a job's upload. Idempotent. Raises Rejected: UPLOAD_INCOMPLETE, NO_UPLOAD."""
        order = _order(job)
        if not order.upload_id:
            raise Rejected(Misuse.NO_UPLOAD, {"why": "its recording comes through a form, which completes it."})
        if job.state is not State.AWAITED:
            return
        try:
            stored = self._stored(job)
            missing = [number for number in part_sizes(order.size_bytes) if number not in stored]
            if missing:
                raise Rejected(Misuse.UPLOAD_INCOMPLETE, {"missing": _numbers(missing)})
            self._parts.join_parts(job.audio_key, order.upload_id, tuple(stored.values()))
        except Missing as error:
            if not self._has_come(job):
                raise _no_upload(has_come=False) from error

    def abort_awaited(self, job: Job) -> None:
        """Erase the parts of a job's upload if it is still awaited. Idempotent."""
        if job.state is State.AWAITED:
            self.abort(job.audio_key, _order(job).upload_id)

    def abort(self, key: str, upload_id: str) -> None:
        """Erase the parts of an upload, "" for none. Idempotent."""
        if upload_id:
            self._parts.abort_upload(key, upload_id)

    def _stored(self, job: Job) -> Mapping[int, StoredPart]:
        """Return the parts that the store has, by number; one of another size than was agreed does not count. Raises Missing."""
        order = _order(job)
        sizes = part_sizes(order.size_bytes)
        found = self._parts.stored_parts(job.audio_key, order.upload_id)
        return {part.number: part for part in found if sizes.get(part.number) == part.size_bytes}

    def _has_come(self, job: Job) -> bool:
        try:
            self._store.look(job.audio_key)
        except Missing:
            return False
        return True


def _order(job: Job) -> Order:
    if not isinstance(job.answer_to, Order):
        raise TypeError("only a client's job is uploaded")
    return job.answer_to


def _no_upload(has_come: bool) -> Rejected:  # noqa: FBT001 - the one question
    why = "its recording has come already." if has_come else "its upload was given up; make a new job."
    return Rejected(Misuse.NO_UPLOAD, {"why": why})


def _numbers(numbers: list[int]) -> str:
    named = ", ".join(map(str, numbers[:NAMED_PARTS]))
    return named if len(numbers) <= NAMED_PARTS else f"{named} and {len(numbers) - NAMED_PARTS} more"
