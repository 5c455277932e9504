"""A deployment on Yandex Cloud: what Terraform makes, and what the cloud reports of it. Names and roles are those of terraform/*.tf.

The words for a status are the cloud's own, in lower case. A member is a service account's id.
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
"""The accounts that must hold the invoker's role on each function and on the container."""

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
"""The roles that each account must hold on the folder; any other role is too much."""

TRIGGERS: Mapping[str, str] = {
    "pisar-callbacks": "pisar-callbacks",
    "pisar-dead-letters": "pisar-dead-letters",
    "pisar-incoming": "pisar-uploads",
    "pisar-transcriber": "pisar-transcriber",
    "pisar-uploads": "pisar-uploads",
}
"""The function or container that each trigger calls."""

QUEUES: Mapping[str, str] = {
    "pisar-callbacks": "pisar-callbacks-dead-letters",
    "pisar-jobs": "pisar-jobs-dead-letters",
}
"""The dead-letter queue of each work queue."""

QUEUE_WORKERS: Mapping[str, str] = {
    "pisar-callbacks": "pisar-callbacks",
    "pisar-jobs": "pisar-transcriber",
    "pisar-jobs-dead-letters": "pisar-dead-letters",
}
"""The function or container that takes a queue's messages; it must finish before the message is visible again."""

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
    """The running version of a function, or revision of a container. `memory` is in bytes."""

    status: str
    timeout_seconds: float
    memory: int
    cores: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployable:
    """A function or a container; `version` is None if none was ever deployed. `callers`: the members that may call it."""

    id: str
    status: str
    version: Version | None
    callers: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """A trigger, and in `calls` the id of the function or container that it calls."""

    id: str
    status: str
    calls: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """The API gateway. `domains`: its own domain and those attached to it."""

    id: str
    status: str
    domains: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A Lockbox secret. `version_status`: the status of the version in use, None without one."""

    id: str
    status: str
    version_status: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """The rules of a bucket. `expiring`: the prefixes whose objects an enabled rule erases."""

    public: bool
    encrypted: bool
    expiring: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """The state of a queue: how many messages wait, how many are in flight, and for how long a received one stays invisible.

    `dead_letters`: the name of the queue that gets messages delivered `max_deliveries` times, None without one.
    """

    visibility_seconds: int
    waiting: int
    held: int = 0
    dead_letters: str | None = None
    max_deliveries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The load that the owner expects: messages a day, seconds of work for one, and engine seconds for a second of audio."""

    messages_per_day: int
    work_seconds_per_message: float
    real_time_factor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorReply:
    """The answer of an HTTP endpoint: its status, and the time by its clock in Unix seconds, None if it sent none."""

    status: int
    at: float | None
