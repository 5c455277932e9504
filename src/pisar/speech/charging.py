"""Charges audio to the quota of who asked: it is checked before decoding, and charged once the length is known or the file is refused."""

from pisar.domain.answer_to import Order, Reply
from pisar.domain.jobs import Job, Options
from pisar.errors import Rejected, Rejection
from pisar.state.api_keys import Keys
from pisar.state.quotas import Payer, Quotas
from pisar.state.transcript_cache import content_id

REFUSED_SECONDS = 60.0
"""What a file costs of a quota that is refused once ffmpeg has looked into it, which may take half a minute of a core, as long as a minute
of speech takes with a model of middle size."""

COSTS_NOTHING = frozenset(
    {Rejection.QUOTA_USED, Rejection.NOT_ALLOWED, Rejection.FILE_UNAVAILABLE, Rejection.BAD_OPTION, Rejection.QUEUE_FULL}
)
"""Refusals of what nobody had to look into."""


class Till:
    """Counts each audio under the name of its transcript. A payer who is None pays nothing. `run`: see `pisar.state.quotas`.

    `model` names the model: another one gives other transcripts. `shared`: one is answered from what was made for another.
    """

    def __init__(self, quotas: Quotas, *, model: str, shared: bool) -> None:
        self._quotas = quotas
        self._model = model
        self._shared = shared

    def content_id(self, audio: bytes, options: Options, owner: str) -> str:
        """Return the name under which the transcript is cached, and the audio charged."""
        return content_id(audio, options, model=self._model, owner="" if self._shared else owner)

    def check(self, payer: Payer | None, content: str, *, run: str) -> None:
        """Raise Rejected(QUOTA_USED) where nothing is left of the day and this run was not charged before."""
        if payer is not None:
            self._quotas.check(payer.name, payer.minutes_per_day, name=content, run=run)

    def charge(self, payer: Payer | None, content: str, seconds: float, *, run: str = "") -> None:
        """Count a run, or an answer from what is stored. Raises Rejected(QUOTA_USED)."""
        if payer is not None:
            self._quotas.charge(payer.name, content, seconds, payer.minutes_per_day, run=run)

    def charge_begun(self, payer: Payer | None, content: str, seconds: float, *, run: str) -> None:
        """Count what was done of a recording that is given up, even beyond the day's minutes."""
        if payer is not None:
            self._quotas.charge(payer.name, content, seconds, payer.minutes_per_day, run=run, even_if_used_up=True)

    def charge_refused(self, payer: Payer | None, content: str, refusal: Rejected, *, run: str) -> None:
        """Count an audio that was refused after somebody had looked into it."""
        if refusal.code not in COSTS_NOTHING:
            self.charge_begun(payer, content, REFUSED_SECONDS, run=run)


class Payers:
    """Who pays for jobs. `minutes_per_day`: what a person in a chat may use."""

    def __init__(self, keys: Keys, *, minutes_per_day: float | None) -> None:
        self._keys = keys
        self._minutes_per_day = minutes_per_day

    def of(self, job: Job) -> Payer | None:
        """Return who pays for the job, None for parts and dropped files. Raises Rejected(NOT_ALLOWED) for a revoked key."""
        if isinstance(job.answer_to, Reply):
            return Payer(name=job.owner, minutes_per_day=self._minutes_per_day)
        if not isinstance(job.answer_to, Order):
            return None
        client = self._keys.holder(job.owner)
        if client is None:
            raise Rejected(Rejection.NOT_ALLOWED, {"id": "A revoked key"})
        return Payer(name=client.key_hash, minutes_per_day=client.minutes_per_day)
