"""Checks a deployment as it is: for each part, what was found, whether it is well, and the command that mends it.

Nothing is changed. A part that can't be checked is a finding too, and the other parts are still checked.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pisar.domain.bucket import EXPIRING
from pisar.domain.deployments import (
    ACTIVE,
    CALLED_BY,
    CONTAINER,
    DEAD_LETTERS,
    FOLDER_ROLES,
    FUNCTIONS,
    GATEWAY,
    QUEUE_WORKERS,
    QUEUES,
    SECRETS,
    TRIGGERS,
    Bucket,
    Deployable,
    DoorReply,
    Gateway,
    Load,
    Queue,
    Quota,
    Secret,
    Trigger,
    Version,
)
from pisar.errors import Misconfigured, Missing, PisarError
from pisar.owner.bot_check import BotCheck, Finding
from pisar.owner.spending import spent, used
from pisar.ports.chat import BotProfile
from pisar.ports.cloud import Deployment, Door
from pisar.ports.queues import Queues
from pisar.ports.storage import ObjectStore

CLOCK_SECONDS = 60.0
"""How wrong a clock may be: signatures are valid for minutes, and a larger error is no accident."""

BUSY_SHARE = 0.2
"""The share of a day's messages that its busiest hour is assumed to bring."""

APPLY = "terraform apply"

REFUSED_WITHOUT_KEY = frozenset({401, 403})

Part = tuple[str, Callable[[], Iterator[Finding]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreigners:
    """The systems that the doctor asks. `door`: makes a Door of a gateway's address; `profile` is None without a bot's token."""

    deployment: Deployment
    queues: Queues
    store: ObjectStore
    door: Callable[[str], Door]
    profile: BotProfile | None


class Doctor:
    """Checks the deployment whose state is in `bucket`. `url`: the API's address, unless it is the gateway's own domain."""

    def __init__(self, asked: Foreigners, *, bucket: str, load: Load, now: Callable[[], float], url: str = "") -> None:
        self._asked = asked
        self._bucket = bucket
        self._load = load
        self._now = now
        self._url = url
        self._deployables: dict[str, Deployable] = {}
        self._accounts: dict[str, str] = {}
        self._door: Gateway | None = None

    def parts(self) -> list[Part]:
        """Return the parts in the order in which to check them: later ones use what earlier ones found."""
        return [
            ("accounts", self._roles),
            ("functions", self._functions),
            ("container", self._container),
            ("triggers", self._triggers),
            ("queues", self._queues),
            ("secrets", self._secrets),
            ("bucket", self._rules),
            ("gateway", self._gateway),
            ("bot", self._bot),
            ("quotas", self._quotas),
            ("cost", self._cost),
        ]

    def run(self, part: Part) -> list[Finding]:
        """Return the findings about a part; what could not be learned is one of them."""
        about, look = part
        found: list[Finding] = []
        try:
            found.extend(look())
        except Missing as error:
            found.append(Finding(False, about, f"{error}", APPLY))
        except Misconfigured as error:
            found.append(Finding(False, about, "can't be looked at", f"{error}"))
        except PisarError as error:
            found.append(Finding(False, about, f"can't be looked at: {error}", "Try again: pisar doctor"))
        return found

    def _roles(self) -> Iterator[Finding]:
        self._accounts = self._asked.deployment.accounts()
        yield from role_findings(self._accounts, self._asked.deployment.folder_roles())

    def _functions(self) -> Iterator[Finding]:
        found = self._asked.deployment.functions()
        self._deployables |= found
        for name in FUNCTIONS:
            yield from deployable_findings(name, found.get(name), self._accounts)

    def _container(self) -> Iterator[Finding]:
        found = self._asked.deployment.containers()
        self._deployables |= found
        yield from deployable_findings(CONTAINER, found.get(CONTAINER), self._accounts)

    def _triggers(self) -> Iterator[Finding]:
        found = self._asked.deployment.triggers()
        for name, called in TRIGGERS.items():
            yield trigger_finding(name, found.get(name), self._deployables.get(called))

    def _queues(self) -> Iterator[Finding]:
        for name in (*QUEUES, *DEAD_LETTERS):
            try:
                queue = self._asked.queues.look(name)
            except Missing:
                yield Finding(False, f"queue {name}", "there is none", APPLY)
                continue
            worker = self._deployables.get(QUEUE_WORKERS.get(name, ""))
            yield from queue_findings(name, queue, worker.version if worker else None)
            if name in DEAD_LETTERS:
                yield dead_letter_finding(name, queue.waiting)

    def _secrets(self) -> Iterator[Finding]:
        found = self._asked.deployment.secrets()
        for name in SECRETS:
            yield secret_finding(name, found.get(name))

    def _rules(self) -> Iterator[Finding]:
        yield from bucket_findings(self._asked.deployment.bucket(self._bucket))

    def _gateway(self) -> Iterator[Finding]:
        gateway = self._door = self._asked.deployment.gateways().get(GATEWAY)
        if gateway is None or gateway.status != ACTIVE:
            yield Finding(False, "gateway", gateway.status if gateway else "there is none", APPLY)
        if not (url := self._url or (f"https://{gateway.domains[0]}" if gateway else "")):
            return
        door = self._asked.door(url)
        page = door.ask("GET", "/openapi.json")
        yield answering("gateway", page, "GET /openapi.json", frozenset({200}), "Look at its log: yc serverless api-gateway list")
        yield clock_finding(page, self._now())
        refused = "It must not be let in. Is the gateway's document the one of this version? terraform apply"
        yield answering("authorizer", door.ask("GET", "/jobs"), "GET /jobs without a key", REFUSED_WITHOUT_KEY, refused)
        yield answering("webhook's door", door.ask("POST", "/telegram"), "POST /telegram without the secret", frozenset({403}), refused)

    def _bot(self) -> Iterator[Finding]:
        if self._asked.profile is None:
            secret = self._asked.deployment.secrets().get("pisar-bot-token")
            fetch = f'export TELEGRAM_BOT_TOKEN="$(yc lockbox payload get --id {secret.id if secret else "…"} --key bot_token)"'
            yield Finding(False, "bot", "not looked at: TELEGRAM_BOT_TOKEN is not set", fetch)
            return
        yield from BotCheck(self._asked.profile).run(self._now())
        yield from webhook_findings(self._asked.profile.webhook().url, self._door, self._url)

    def _quotas(self) -> Iterator[Finding]:
        deployable = self._deployables.get(CONTAINER)
        if deployable is None or deployable.version is None:
            return
        quotas = {which: self._asked.deployment.quota(which) for which in Quota}
        yield quota_finding(self._load, deployable.version, quotas)

    def _cost(self) -> Iterator[Finding]:
        deployable = self._deployables.get(CONTAINER)
        yield spent(used(self._asked.store, self._now()), deployable.version if deployable else None, self._load, self._now())


def role_findings(accounts: Mapping[str, str], roles: set[tuple[str, str]]) -> Iterator[Finding]:
    """Return the findings about accounts that are missing, or have fewer or more roles on the folder than they should."""
    for name, wanted in FOLDER_ROLES.items():
        if name not in accounts:
            yield Finding(False, f"account {name}", "there is none", APPLY)
            continue
        held = {role for role, member in roles if member == accounts[name]}
        missing, beyond = sorted(set(wanted) - held), sorted(held - set(wanted))
        yield Finding(
            not missing, f"account {name}", f"lacks {', '.join(missing)}" if missing else ", ".join(wanted), APPLY if missing else ""
        )
        for role in beyond:
            mend = f"yc resource-manager folder remove-access-binding $YC_FOLDER_ID --role {role} --subject serviceAccount:{accounts[name]}"
            yield Finding(False, f"account {name}", f"holds {role} on the whole folder, which is more than it needs", mend)


def deployable_findings(name: str, deployable: Deployable | None, accounts: Mapping[str, str]) -> Iterator[Finding]:
    """Return the findings whether a function or the container runs, and whether its callers may call it."""
    if deployable is None:
        yield Finding(False, name, "there is none", APPLY)
        return
    if deployable.status != ACTIVE:
        yield Finding(False, name, deployable.status, f"terraform apply -replace=… of {name}")
    if deployable.version is None:
        yield Finding(False, name, "nothing was ever made to run: the cloud refused it", f"{APPLY}, and read its warnings")
    elif deployable.version.status != ACTIVE:
        yield Finding(False, name, f"the newest version is {deployable.version.status}", f"{APPLY}, and read its warnings")
    else:
        yield Finding(True, name, f"active, up to {deployable.version.timeout_seconds:g} s a call")
    for account in CALLED_BY[name]:
        if account in accounts and accounts[account] not in deployable.callers:
            yield Finding(False, name, f"{account} may not call it", APPLY)


def trigger_finding(name: str, trigger: Trigger | None, called: Deployable | None) -> Finding:
    """Return the finding whether a trigger is active and calls the right function or container."""
    about = f"trigger {name}"
    if trigger is None:
        return Finding(False, about, "there is none", APPLY)
    if trigger.status != ACTIVE:
        return Finding(False, about, trigger.status, f"yc serverless trigger resume {trigger.id}")
    if called is not None and trigger.calls != called.id:
        return Finding(False, about, f"calls {trigger.calls or 'nothing we know'}, not {called.id}", APPLY)
    return Finding(True, about, "active")


def queue_findings(name: str, queue: Queue, worker: Version | None) -> Iterator[Finding]:
    """Return the findings whether a queue gives its worker enough time, and where its undeliverable messages go."""
    about = f"queue {name}"
    fine = True
    if worker is not None and queue.visibility_seconds <= worker.timeout_seconds:
        fine = False
        found = f"a message shows again after {queue.visibility_seconds} s, while its worker may take {worker.timeout_seconds:g} s"
        yield Finding(False, about, found, APPLY)
    if (wanted := QUEUES.get(name)) and queue.dead_letters != wanted:
        fine = False
        yield Finding(False, about, f"its dead letters go to {queue.dead_letters or 'nowhere'}, not to {wanted}", APPLY)
    if fine:
        redrive = f", {queue.max_deliveries} deliveries" if queue.dead_letters else ""
        yield Finding(True, about, f"{queue.waiting} waiting, shows again after {queue.visibility_seconds} s{redrive}")


def dead_letter_finding(name: str, waiting: int) -> Finding:
    """Return the finding whether dead letters wait. Those of jobs are taken within minutes; the others only the owner reads."""
    about = f"queue {name}, dead letters"
    if not waiting:
        return Finding(True, about, "none")
    if name == DEAD_LETTERS[0]:
        return Finding(False, about, f"{waiting} waiting", "Is trigger pisar-dead-letters on? Look at the log of pisar-dead-letters.")
    mend = 'aws sqs receive-message --queue-url "$(aws sqs get-queue-url --queue-name {} --query QueueUrl --output text)"'
    return Finding(False, about, f"{waiting} waiting", mend.format(name))


def secret_finding(name: str, secret: Secret | None) -> Finding:
    """Return the finding whether a secret has a version to read."""
    about = f"secret {name}"
    if secret is None:
        return Finding(False, about, "there is none", APPLY)
    if secret.status != ACTIVE:
        return Finding(False, about, secret.status, f"yc lockbox secret activate {secret.id}")
    if secret.version_status != ACTIVE:
        return Finding(False, about, f"its version is {secret.version_status or 'missing'}", APPLY)
    return Finding(True, about, "active")


def bucket_findings(bucket: Bucket) -> Iterator[Finding]:
    """Return the findings whether the bucket is private, encrypted, and erases by age."""
    if bucket.public:
        yield Finding(False, "bucket", "strangers may look into it", APPLY)
    if not bucket.encrypted:
        yield Finding(False, "bucket", "what it holds is not encrypted by a key of yours", APPLY)
    if missing := [prefix for prefix in EXPIRING if prefix not in bucket.expiring]:
        yield Finding(False, "bucket", f"nothing tidies up {', '.join(missing)}", APPLY)
    if not bucket.public and bucket.encrypted and not missing:
        yield Finding(True, "bucket", "private, encrypted, tidied up")


def answering(about: str, reply: DoorReply, asked: str, expected: frozenset[int], otherwise: str) -> Finding:
    """Return the finding whether an HTTP endpoint answered as expected."""
    if reply.status in expected:
        return Finding(True, about, f"{asked}: {reply.status}")
    wanted = " or ".join(str(status) for status in sorted(expected))
    return Finding(False, about, f"{asked}: {reply.status}, not {wanted}", otherwise)


def clock_finding(reply: DoorReply, now: float) -> Finding:
    """Return the finding whether this machine's clock agrees with the cloud's; signatures and tokens depend on it."""
    if reply.at is None:
        return Finding(True, "clock", "the gateway does not tell the time")
    if abs(off := now - reply.at) > CLOCK_SECONDS:
        return Finding(
            False, "clock", f"this machine's is {abs(off):.0f} s {'fast' if off > 0 else 'slow'}", "sudo timedatectl set-ntp true"
        )
    return Finding(True, "clock", "right")


def webhook_findings(url: str, gateway: Gateway | None, override: str) -> Iterator[Finding]:
    """Return the finding whether Telegram sends the updates to this gateway; BotCheck says whether there is a webhook at all."""
    bases = [override.rstrip("/")] if override else [f"https://{domain}" for domain in gateway.domains] if gateway else []
    if url and bases and url not in [f"{base}/telegram" for base in bases]:
        yield Finding(False, "webhook", "Telegram sends the updates elsewhere", f"pisar telegram setup --url {bases[0]}/telegram")


def needed_workers(load: Load) -> int:
    """Return how many transcribers must run at once in the busiest hour, by Little's law: rate times duration."""
    return max(1, math.ceil(load.messages_per_day * BUSY_SHARE / 3600 * load.work_seconds_per_message))


def quota_finding(load: Load, worker: Version, quotas: Mapping[Quota, float]) -> Finding:
    """Return the finding whether one zone can run the transcribers that the load needs; all calls may land in one zone."""
    needed = needed_workers(load)
    fitting = {
        Quota.CORES: quotas[Quota.CORES] // worker.cores,
        Quota.MEMORY: quotas[Quota.MEMORY] // worker.memory,
        Quota.INSTANCES: quotas[Quota.INSTANCES],
        Quota.REQUESTS: quotas[Quota.REQUESTS],
    }
    tightest = min(fitting, key=lambda which: fitting[which])
    found = f"{needed} transcriber{'s' if needed > 1 else ''} at once in the busiest hour; {fitting[tightest]:.0f} fit in a zone"
    if fitting[tightest] < needed:
        return Finding(False, "quotas", found, f"Ask for more of {tightest.value} in the console: Quotas")
    return Finding(True, "quotas", found)
