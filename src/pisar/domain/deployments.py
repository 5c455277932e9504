"""A deployment on Yandex Cloud: what Terraform makes, and what the cloud says of it. Names and roles are those of terraform/*.tf.

Status words are the cloud's own, in lower case. A member is a service account's id.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

ACTIVE = "active"

CONTAINER = "pisar-transcriber"
FUNCTIONS = ("pisar-authorizer", "pisar-callbacks", "pisar-dead-letters", "pisar-jobs", "pisar-uploads", "pisar-webhook")
GATEWAY = "pisar"

CALLED_BY: Mapping[str, tuple[str, ...]] = {
    "pisar-authorizer": ("pisar-gateway",),
    "pisar-callbacks": ("pisar-triggers",),
    "pisar-dead-letters": ("pisar-triggers",),
    "pisar-jobs": ("pisar-gateway",),
    "pisar-transcriber": ("pisar-gateway", "pisar-triggers"),
    "pisar-uploads": ("pisar-triggers",),
    "pisar-webhook": ("pisar-gateway",),
}
"""Which accounts must hold the invoker's role on a function or the container."""

FOLDER_ROLES: Mapping[str, tuple[str, ...]] = {
    "pisar-callbacks": ("ymq.writer",),
    "pisar-dead-letters": ("ymq.writer",),
    "pisar-jobs": ("ymq.writer",),
    "pisar-owner": ("ymq.writer",),
    "pisar-queue-maker": ("ymq.admin",),
    "pisar-transcriber": ("monitoring.editor", "ymq.writer"),
    "pisar-triggers": ("ymq.reader", "ymq.writer"),
    "pisar-uploads": ("ymq.writer",),
    "pisar-webhook": ("ymq.writer",),
}
"""What each account holds on the whole folder; anything more is too much."""

TRIGGERS: Mapping[str, str] = {
    "pisar-callbacks": "pisar-callbacks",
    "pisar-dead-letters": "pisar-dead-letters",
    "pisar-incoming": "pisar-uploads",
    "pisar-transcriber": "pisar-transcriber",
    "pisar-uploads": "pisar-uploads",
}
"""Whom each trigger calls."""

QUEUES: Mapping[str, str] = {
    "pisar-callbacks": "pisar-callbacks-dead-letters",
    "pisar-jobs": "pisar-jobs-dead-letters",
}
"""Where what nobody could do goes, for each queue of work."""

QUEUE_WORKERS: Mapping[str, str] = {
    "pisar-callbacks": "pisar-callbacks",
    "pisar-jobs": "pisar-transcriber",
    "pisar-jobs-dead-letters": "pisar-dead-letters",
}
"""Who takes a queue's messages, and must be done with one before it shows again."""

DEAD_LETTERS = ("pisar-jobs-dead-letters", "pisar-callbacks-dead-letters", "pisar-uploads-dead-letters")

SECRETS = ("pisar-bot-token", "pisar-webhook-secret")


class Quota(StrEnum):
    """Quotas that bound how many transcribers run at once, in each zone."""

    CORES = "serverless.containersCpu.count"
    MEMORY = "serverless.containersMemory.size"
    INSTANCES = "serverless.containersInstances.count"
    REQUESTS = "serverless.containersRequest.count"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What runs: the version of a function or the revision of a container. Memory is in bytes."""

    status: str
    timeout_seconds: float
    memory: int
    cores: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployable:
    """A function or a container; `version` is None where none was ever made to run. `callers` are the members that may call it."""

    id: str
    status: str
    version: Version | None
    callers: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """A trigger and the id of what it calls."""

    id: str
    status: str
    calls: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """The API gateway; `domains` are its own and those attached."""

    id: str
    status: str
    domains: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A Lockbox secret; `version_status` is that of the version in use, None without one."""

    id: str
    status: str
    version_status: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """The rules of a bucket. `expiring` are the prefixes of enabled rules that erase."""

    public: bool
    encrypted: bool
    expiring: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A queue as it is: how many messages wait, how many somebody holds, and for how long one is hidden then.

    `dead_letters` is the name of the queue that takes what was delivered `max_deliveries` times, None without one.
    """

    visibility_seconds: int
    waiting: int
    held: int = 0
    dead_letters: str | None = None
    max_deliveries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What the owner expects of a day, how long a transcriber is busy with one message, and engine seconds for a second of audio."""

    messages_per_day: int
    work_seconds_per_message: float
    real_time_factor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorReply:
    """What an HTTP door answered: the status, and the time by its clock in Unix seconds, None if it did not say."""

    status: int
    at: float | None
