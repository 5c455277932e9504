"""Builds the parts that receive audio through the API and through the bucket."""

from collections.abc import Callable
from functools import cached_property

from pisar.api.allowances import Allowances
from pisar.api.client_jobs import ClientJobs
from pisar.api.client_texts import ClientTexts
from pisar.api.transcribe_now import Direct
from pisar.api.uploads import Uploads
from pisar.bucket.drops import Drops
from pisar.domain.bucket import INCOMING
from pisar.wiring import settings
from pisar.wiring.answers import Answers
from pisar.wiring.speech import Speech
from pisar.wiring.state import HOUR_SECONDS

GROUPS = (
    settings.Queue,
    settings.Callbacks,
    settings.Limits,
    settings.Recognising,
    settings.Answering,
    settings.Intake,
    settings.Keeping,
)
"""The groups of settings that every part here but `direct` reads."""


class Clients(Answers, Speech):
    """The parts that receive audio from programs. None needs Telegram, and only `direct` needs the engine."""

    @cached_property
    def jobs(self) -> ClientJobs:
        """The jobs API."""
        answering, intake, limits = self.settings.answering, self.settings.intake, self.settings.limits
        return ClientJobs(
            records=self.records,
            store=self.store,
            uploads=self.uploads,
            queueing=self.queueing,
            clock=self.clock,
            callbacks=self.sender if self.callbacks is not None else None,
            announcements=self.announcements,
            max_bytes=self.upload_limits.max_bytes,
            max_awaited=limits.max_awaited,
            upload_seconds=self.upload_seconds,
            lease_seconds=intake.lease_seconds,
            reuse_seconds=HOUR_SECONDS * answering.reuse_hours,
        )

    @property
    def upload_seconds(self) -> int:
        """How many seconds the upload of a job is awaited."""
        return round(60 * self.settings.answering.upload_minutes)

    @cached_property
    def uploads(self) -> Uploads:
        """The uploads of clients' jobs."""
        return Uploads(
            store=self.store,
            forms=self.forms,
            parts=self.part_uploads,
            clock=self.clock,
            max_bytes=self.upload_limits.max_bytes,
            upload_seconds=self.upload_seconds,
        )

    @cached_property
    def texts(self) -> ClientTexts:
        """The texts of clients' jobs."""
        return ClientTexts(self.jobs, store=self.store, records=self.records, clock=self.clock, keep_seconds=self.keep_seconds)

    @cached_property
    def allowances(self) -> Allowances:
        """What each client may do."""
        return Allowances(
            self.quotas,
            uploads=self.upload_limits,
            keep_days=self.settings.keeping.days,
            upload_minutes=self.settings.answering.upload_minutes,
        )

    @cached_property
    def direct(self) -> Direct:
        """Transcribes while the client waits."""
        return Direct(
            transcripts=self.transcripts,
            content_ids=self.content_ids,
            records=self.records,
            store=self.store,
            queueing=self.queueing,
            wait_seconds=self.settings.answering.wait_seconds,
            lease_seconds=self.settings.intake.lease_seconds,
        )

    @cached_property
    def drops(self) -> Drops:
        """Takes in dropped files. Over a broker a worker lists a file again until it is taken in; a trigger gives up after a few tries."""
        return Drops(
            records=self.records,
            store=self.store,
            cache=self.cache,
            queueing=self.queueing,
            limits=self.upload_limits,
            options=self.options,
            lease_seconds=self.settings.intake.lease_seconds,
            comes_again=self.over_broker,
        )

    @cached_property
    def receive(self) -> Callable[[str], None]:
        """Takes in an object by its key: a dropped file, or the audio of a client's job."""
        jobs, drops = self.jobs, self.drops
        return lambda key: jobs.uploaded(key) if key.startswith(INCOMING) else drops.receive(key)
