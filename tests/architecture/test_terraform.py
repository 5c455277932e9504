"""What Terraform would deploy, read from its files: held against the provider's schema, the settings, the doors and our promises.

Nothing is planned here and no provider is asked. Expressions are text; where a promise is about a number, it must be a literal or a
local with one.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import MISSING, fields
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import hcl2
import pytest
from hcl2.utils import SerializationOptions

from docs.generators import lifecycle
from pisar.domain import deployments
from pisar.domain.bucket import PREFIXES, Age
from pisar.errors import Misconfigured
from pisar.owner import prices
from pisar.wiring import outside, settings

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "terraform"
SCHEMA: dict[str, Any] = json.loads((ROOT / "tests" / "data" / "yandex-provider-schema.json").read_text())
META = {"for_each", "count", "depends_on", "lifecycle", "provider"}
OPTIONS = SerializationOptions(with_comments=False, explicit_blocks=False, strip_string_quotes=True)

FUNCTIONS = sorted(path.parent.name for path in ROOT.glob("functions/*/main.py"))
DEPLOYABLES = [*FUNCTIONS, "transcriber"]
BOTO3 = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_SQS"}
GROUPS = {group.__name__: {field.metadata["name"]: field for field in fields(group)} for group in settings.GROUPS}
KNOWN = {name for group in GROUPS.values() for name in group}
SECRETS = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "TELEGRAM_BOT_TOKEN", "TELEGRAM_WEBHOOK_SECRET"}


class Resource(NamedTuple):
    kind: str
    name: str
    body: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.kind}.{self.name}"


FILES = {path.name: hcl2.loads(path.read_text(), serialization_options=OPTIONS) for path in sorted(FOLDER.glob("*.tf"))}
RESOURCES = [
    Resource(kind, name, body)
    for file in FILES.values()
    for block in file.get("resource", [])
    for kind, named in block.items()
    for name, body in named.items()
]
LOCALS = {name: value for file in FILES.values() for block in file.get("locals", []) for name, value in block.items()}
VARIABLES = {name: body for block in FILES["variables.tf"]["variable"] for name, body in block.items()}
OUTPUTS = {name: body for file in FILES.values() for block in file.get("output", []) for name, body in block.items()}


def found(kind: str) -> dict[str, Mapping[str, Any]]:
    return {resource.name: resource.body for resource in RESOURCES if resource.kind == kind}


def seconds(value: Any) -> int:
    """Follow an expression to its number: 55, "55", "540s", local.x, tostring(local.x), "${local.x}s"."""
    text = str(value)
    if reference := re.fullmatch(r'"?(?:\$\{)?(?:tostring\()?local\.(\w+)\)?\}?s?"?', text):
        return seconds(LOCALS[reference[1]])
    (digits,) = re.fullmatch(r'"?(\d+)s?"?', text).groups()  # type: ignore[union-attr] # anything else fails here
    return int(digits)


def deep_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def upper_names(text: str) -> set[str]:
    return set(re.findall(r"\b(?:AWS|PISAR|TELEGRAM)_[A-Z0-9_]*[A-Z0-9]\b|\bPORT\b", text))


def blocks(value: Any) -> list[Mapping[str, Any]]:
    return value if isinstance(value, list) else [value]


def complaints(body: Mapping[str, Any], schema: Mapping[str, Any], where: str, *, top: bool = False) -> Iterator[str]:
    """Say what a body uses that the schema lacks, lacks what it requires, or should use no more."""
    nested = [(name, inner) for name, value in body.items() if schema.get(name, {}).get("block") for inner in blocks(value)]
    nested += [(name, content) for one in body.get("dynamic", []) for name, it in one.items() for content in blocks(it["content"])]
    given = {name for name in body if name != "dynamic" and not (top and name in META)} | {name for name, _ in nested}
    for name in sorted(given):
        if name not in schema:
            yield f"{where}.{name}: unknown"
        elif schema[name].get("read_only"):
            yield f"{where}.{name}: read-only"
        elif schema[name].get("deprecated"):
            yield f"{where}.{name}: deprecated"
    yield from (f"{where}.{name}: required" for name, one in schema.items() if one.get("required") and name not in given)
    for name, inner in nested:
        if "block" not in schema.get(name, {}):
            yield f"{where}.{name}: no block"
        else:
            yield from complaints(inner, schema[name]["block"], f"{where}.{name}")


def runner(deployable: str) -> Mapping[str, Any]:
    return found("yandex_serverless_container" if deployable == "transcriber" else "yandex_function")[deployable]


def plain_environment(deployable: str) -> set[str]:
    """Return the names of a deployable's plain environment, its common ones too."""
    body = runner(deployable)
    environment = body["image"][0]["environment"] if deployable == "transcriber" else body["environment"]
    (local,) = re.fullmatch(r"\$\{local\.(\w+)\}", environment).groups()  # type: ignore[union-attr]
    own = deep_text(LOCALS[local])
    common = upper_names(deep_text(LOCALS["common_environment"])) if "local.common_environment" in own else set()
    return set(re.findall(r"\b([A-Z][A-Z0-9_]+) =", own)) | common


def secret_environment(deployable: str) -> set[str]:
    (dynamic,) = [one["secrets"] for one in runner(deployable)["dynamic"] if "secrets" in one]
    expression = dynamic["for_each"]
    (own,) = re.findall(r'local\.key_secrets\["(\w+)"\]', expression)
    assert own == deployable
    return {name for local in re.findall(r"local\.(\w+)", expression) for name in upper_names(deep_text(LOCALS[local]))}


def read_by(deployable: str) -> tuple[set[str], set[str]]:
    """Return what a deployable reads and what it can't do without, as it says at its start."""
    with patch.object(outside, "check", side_effect=Misconfigured) as check, suppress(Misconfigured):
        import_module(f"pisar.wiring.{deployable}").build({})
    _, *groups = check.call_args.args
    of_its_groups = {name: field for group in groups for name, field in GROUPS[group.__name__].items()}
    more = set(check.call_args.kwargs["required"])
    return set(of_its_groups), more | {name for name, field in of_its_groups.items() if field.default is MISSING}


each_resource = pytest.mark.parametrize("resource", RESOURCES, ids=str)
each_deployable = pytest.mark.parametrize("deployable", DEPLOYABLES)


@each_resource
def test_a_resource_is_as_the_provider_wants_it(resource: Resource):
    assert list(complaints(resource.body, SCHEMA["resources"][resource.kind], str(resource), top=True)) == []


def test_the_schema_is_that_of_the_oldest_provider_allowed_and_has_no_more_than_is_used():
    (block,) = FILES["versions.tf"]["terraform"]
    ((required),) = block["required_providers"]
    assert (required["yandex"]["source"], required["yandex"]["version"].split(",")[0]) == (SCHEMA["provider"], f">= {SCHEMA['version']}")
    assert set(SCHEMA["resources"]) == {resource.kind for resource in RESOURCES}


def test_every_reference_leads_to_something_declared():
    text = "\n".join(path.read_text() for path in FOLDER.glob("*.tf"))
    code = re.sub(r"(?m)(?:^|\s)#.*$", "", text)
    assert set(re.findall(r"\bvar\.(\w+)", code)) == set(VARIABLES)
    assert set(re.findall(r"\blocal\.(\w+)", code)) == set(LOCALS)
    resources = {str(resource) for resource in RESOURCES}
    assert {f"{kind}.{name}" for kind, name in re.findall(r"\b(yandex_\w+)\.(\w+)", code)} - resources == set()


def test_every_function_is_deployed_from_its_archive_and_nothing_else_is():
    deployed = found("yandex_function")
    assert sorted(deployed) == FUNCTIONS
    for name, body in deployed.items():
        archive = f'filesha256("${{var.artifacts}}/{name}.zip")'
        stored = found("yandex_storage_object")[name]
        assert (body["runtime"], body["entrypoint"]) == ("python312", "main.handler")
        assert body["user_hash"] == body["package"][0]["sha_256"] == stored["source_hash"] == f"${{{archive}}}"
        assert (stored["key"], stored["source"]) == (f"{name}.zip", f"${{var.artifacts}}/{name}.zip")
        assert body["package"][0]["object_name"] == f"${{yandex_storage_object.{name}.key}}"


@each_deployable
def test_a_version_that_the_cloud_refused_fails_the_apply(deployable: str):
    made = "revision_id" if deployable == "transcriber" else "version"
    (lifecycle,) = runner(deployable)["lifecycle"]
    assert [one["condition"] for one in lifecycle["postcondition"]] == [f'${{self.{made} != ""}}']


@each_deployable
def test_a_deployable_has_an_account_of_its_own(deployable: str):
    assert runner(deployable)["service_account_id"] == f'${{yandex_iam_service_account.deployable["{deployable}"].id}}'
    assert set(re.findall(r'"(\w+)"', LOCALS["deployables"])) == set(DEPLOYABLES)


@each_deployable
def test_a_deployable_gets_what_it_can_not_do_without_and_nothing_that_it_does_not_read(deployable: str):
    got = plain_environment(deployable) | secret_environment(deployable)
    read, required = read_by(deployable)
    assert (BOTO3 | required) - got == set()
    assert got - BOTO3 - read == set()


@each_deployable
def test_a_secret_comes_from_lockbox_and_only_a_secret_does(deployable: str):
    assert plain_environment(deployable) & SECRETS == set()
    assert secret_environment(deployable) <= SECRETS


@each_deployable
def test_a_deployable_may_read_the_secrets_it_is_given(deployable: str):
    holders = {
        "AWS_ACCESS_KEY_ID": DEPLOYABLES,
        "AWS_SECRET_ACCESS_KEY": DEPLOYABLES,
        "TELEGRAM_BOT_TOKEN": re.findall(r'"(\w+)"', LOCALS["bot_holders"]),
        "TELEGRAM_WEBHOOK_SECRET": re.findall(r'members\["(\w+)"\]', found("yandex_lockbox_secret_iam_member")["webhook_secret"]["member"]),
    }
    assert {name for name, who in holders.items() if deployable in who} == secret_environment(deployable)


def test_every_environment_name_is_a_setting():
    assert {name for value in LOCALS.values() for name in upper_names(deep_text(value))} - BOTO3 - KNOWN == set()


def test_the_environment_is_kept_below_what_the_cloud_takes():
    assert LOCALS["environment_bytes"] <= 4096 - 512
    conditions = {name: runner(name)["lifecycle"][0]["precondition"][0]["condition"] for name in DEPLOYABLES}
    measured = '${{length(join("", concat(keys(local.{0}), values(local.{0})))) <= local.environment_bytes}}'
    assert conditions == {name: measured.format(f"{name}_environment") for name in DEPLOYABLES}


def test_the_times_grow():
    queues = found("yandex_message_queue")
    container = seconds(found("yandex_serverless_container")["transcriber"]["execution_timeout"])
    lease, visibility = seconds(LOCALS["lease_seconds"]), seconds(queues["jobs"]["visibility_timeout_seconds"])
    assert (container, lease, visibility) == (540, 600, 660)
    assert container < lease < visibility
    assert "PISAR_LEASE_SECONDS = tostring(local.lease_seconds)" in LOCALS["transcriber_environment"]
    assert {seconds(body["execution_timeout"]) for body in found("yandex_function").values()} == {55}
    assert seconds(LOCALS["intake_lease_seconds"]) > 55
    assert {name for name in queues if name != "upload_dead_letters" and seconds(queues[name]["visibility_timeout_seconds"]) <= 55} == set()
    waiting = next(field for group in settings.GROUPS for field in fields(group) if field.metadata["name"] == "PISAR_WAIT_SECONDS")
    assert seconds(found("yandex_api_gateway")["pisar"]["execution_timeout"]) > waiting.default


def test_every_deployable_that_holds_the_lease_of_an_intake_is_told_it():
    reading = {name for name in DEPLOYABLES if "PISAR_INTAKE_LEASE_SECONDS" in read_by(name)[0]}
    lease = "PISAR_INTAKE_LEASE_SECONDS = tostring(local.intake_lease_seconds)"
    telling = {name for name in DEPLOYABLES if lease in LOCALS[f"{name}_environment"]}
    assert telling == reading


def test_a_message_that_fails_five_times_goes_to_a_queue_for_dead_letters():
    redrives = {name: body.get("redrive_policy", "") for name, body in found("yandex_message_queue").items()}
    targets = {name: re.findall(r"yandex_message_queue\.(\w+)\.arn", redrive) for name, redrive in redrives.items()}
    assert targets == {
        "jobs": ["job_dead_letters"],
        "job_dead_letters": [],
        "callbacks": ["callback_dead_letters"],
        "callback_dead_letters": [],
        "upload_dead_letters": [],
    }
    assert [redrive for redrive in redrives.values() if redrive and "maxReceiveCount = local.max_deliveries" not in redrive] == []
    assert LOCALS["max_deliveries"] == 5


def test_the_triggers_are_those_of_the_local_cloud():
    told = {}
    for name, body in found("yandex_function_trigger").items():
        (source,) = [source for kind in ("message_queue", "object_storage") for source in body.get(kind, [])]
        (target,) = [target for kind in ("function", "container") for target in body.get(kind, [])]
        watched = source.get("queue_id") or source["bucket_id"] + source["prefix"]
        told[name] = (watched, target["id"], target.get("path"), source["batch_size"])
    assert told == {
        "transcriber": ("${yandex_message_queue.jobs.arn}", "${yandex_serverless_container.transcriber.id}", "/queue", "1"),
        "callbacks": ("${yandex_message_queue.callbacks.arn}", "${yandex_function.callbacks.id}", None, "1"),
        "dead_letters": ("${yandex_message_queue.job_dead_letters.arn}", "${yandex_function.dead_letters.id}", None, "1"),
        "uploads": ("${yandex_storage_bucket.state.bucket}${each.key}/", "${yandex_function.uploads.id}", None, "1"),
    }
    uploads = found("yandex_function_trigger")["uploads"]
    assert uploads["for_each"] == '${toset(["uploads", "incoming"])}'
    assert (uploads["function"][0]["retry_attempts"], uploads["function"][0]["retry_interval"]) == ("5", "10")
    assert uploads["dlq"][0]["queue_id"] == "${yandex_message_queue.upload_dead_letters.arn}"


def test_one_recording_at_a_time_has_the_container_to_itself():
    body = found("yandex_serverless_container")["transcriber"]
    assert (body["concurrency"], body["core_fraction"], body["memory"]) == (1, 100, "${var.transcriber_cores * 2048}")
    assert VARIABLES["transcriber_cores"]["default"] == 2


def roles() -> dict[str, set[str]]:
    """Return the roles that are given, with the kinds of resources that give them."""
    given: dict[str, set[str]] = {}
    for kind, _, body in RESOURCES:
        if "role" in body:
            for role in re.findall(r'"([\w.-]+)"', body["for_each"]) if body["role"] == "${each.key}" else [body["role"]]:
                given.setdefault(role, set()).add(kind)
    return given


def test_nobody_gets_more_than_the_roles_their_work_takes():
    assert roles() == {
        "container-registry.images.puller": {"yandex_container_repository_iam_binding"},
        "functions.functionInvoker": {"yandex_function_iam_member"},
        "kms.keys.decrypter": {"yandex_kms_symmetric_key_iam_member"},
        "kms.keys.encrypterDecrypter": {"yandex_kms_symmetric_key_iam_member"},
        "lockbox.payloadViewer": {"yandex_lockbox_secret_iam_member"},
        "monitoring.editor": {"yandex_resourcemanager_folder_iam_member"},
        "serverless-containers.containerInvoker": {"yandex_serverless_container_iam_member"},
        "storage.editor": {"yandex_storage_bucket_iam_binding"},
        "storage.viewer": {"yandex_storage_bucket_iam_binding"},
        # Roles on one queue don't exist.
        "ymq.admin": {"yandex_resourcemanager_folder_iam_member"},
        "ymq.reader": {"yandex_resourcemanager_folder_iam_member"},
        "ymq.writer": {"yandex_resourcemanager_folder_iam_member"},
    }
    assert [str(resource) for resource in RESOURCES if re.search(r"\ball(Authenticated)?Users\b", deep_text(resource.body))] == []


def test_the_bucket_and_its_key_are_open_to_the_same_deployables():
    readers, writers = LOCALS["bucket_readers"], LOCALS["bucket_writers"]
    assert sorted(readers + writers) == sorted([*DEPLOYABLES, "owner"])
    keys, bindings = found("yandex_kms_symmetric_key_iam_member"), found("yandex_storage_bucket_iam_binding")
    for name in ("readers", "writers"):
        assert keys[f"bucket_{name}"]["for_each"] == f"${{toset(local.bucket_{name})}}"
        assert bindings[name]["members"] == f"${{[for name in local.bucket_{name} : local.members[name]]}}"


def test_only_who_is_told_of_a_queue_may_write_to_one():
    writers = set(re.findall(r'"(\w+)"', LOCALS["queue_writers"]))
    assert writers == {name for name in DEPLOYABLES if any(one.endswith("QUEUE_URL") for one in plain_environment(name))} | {"owner"}


def test_the_gateway_may_call_what_its_document_names_and_the_document_gets_all_it_names():
    document = (FOLDER / "openapi.yaml").read_text()
    spec = found("yandex_api_gateway")["pisar"]["spec"]
    assert spec.startswith('${templatefile("${path.module}/openapi.yaml", {')
    supplied = dict(re.findall(r"(\w+) = (yandex_\w+\.\w+)\.id", spec))
    assert set(re.findall(r"\$\{(\w+)\}", document)) == {*supplied, "cors_origin"}
    assert re.search(r"cors_origin = length\(var.cors_origins\) == 0 \? .false.", spec)
    called = {name.split(".")[1] for name in supplied.values() if "iam" not in name}
    members = found("yandex_function_iam_member")
    gateway = "serviceAccount:${yandex_iam_service_account.gateway.id}"
    assert {name for name, body in members.items() if body["member"] == gateway} == called - {"transcriber"}
    callers = found("yandex_serverless_container_iam_member")["transcriber"]["for_each"]
    assert callers == {name: f"${{yandex_iam_service_account.{name}.id}}" for name in ("gateway", "triggers")}


def test_no_output_is_a_secret():
    shown = deep_text(OUTPUTS)
    while behind := set(re.findall(r"\blocal\.(\w+)", shown)):
        for name in behind:
            shown = re.sub(rf"\blocal\.{name}\b", deep_text(LOCALS[name]).replace("\\", r"\\"), shown)
    hidden = {name for name, body in VARIABLES.items() if "sensitive" in body}
    assert set(re.findall(r"\bvar\.(\w+)", shown)) & hidden == set()
    used = re.findall(r"\b(yandex_(?:lockbox|iam)_\w+)\.\w+(?:\[[^\]]*\])?\.(\w+)", shown)
    assert set(used) == {("yandex_lockbox_secret", "id")}


def test_the_bot_token_is_sensitive_and_no_secret_is_in_the_state():
    assert VARIABLES["telegram_bot_token"]["sensitive"] in {True, "true"}
    assert "default" not in VARIABLES["telegram_bot_token"]
    users = [str(resource) for resource in RESOURCES if "var.telegram_bot_token" in deep_text(resource.body)]
    assert users == ["yandex_lockbox_secret_version_hashed.bot_token"]
    keys = found("yandex_iam_service_account_static_access_key")
    assert {name for name, body in keys.items() if "output_to_lockbox" not in body} == {"queue_maker"}  # the provider's own, for the queues
    password = found("yandex_lockbox_secret")["webhook_secret"]["password_payload_specification"][0]
    assert password["include_punctuation"] in {False, "false"}


def test_every_variable_is_typed_described_and_checked():
    lacking = {(name, part) for name, body in VARIABLES.items() for part in ("type", "description", "validation") if part not in body}
    assert lacking == {("artifacts", "validation")}  # a folder: filesha256 looks into it
    assert [name for name, body in VARIABLES.items() if "default" not in body] == ["folder_id", "telegram_bot_token", "transcriber_tag"]


def test_every_example_sets_variables_that_exist_and_no_secret():
    examples = sorted((FOLDER / "environments").glob("*.tfvars.example"))
    assert len(examples) >= 1
    for example in examples:
        names = set(hcl2.loads(example.read_text(), serialization_options=OPTIONS))
        assert names - set(VARIABLES) == set()
        assert {"folder_id", "transcriber_tag"} <= names
        assert "telegram_bot_token" not in names


def test_the_bucket_is_encrypted_private_and_forgets_what_the_architecture_says_is_left_over():
    bucket = found("yandex_storage_bucket")["state"]
    assert bucket["server_side_encryption_configuration"][0]["rule"][0]["apply_server_side_encryption_by_default"] == [
        {"kms_master_key_id": "${yandex_kms_symmetric_key.bucket.id}", "sse_algorithm": "aws:kms"}
    ]
    for body in found("yandex_storage_bucket").values():
        assert {str(flag).lower() for flag in body["anonymous_access_flags"][0].values()} == {"false"}
    assert (FOLDER / "prefixes.json").read_text() == lifecycle.document()
    assert "prefixes.json" in LOCALS["expire_after_days"]
    days = {name.strip('"'): value for name, value in LOCALS["days"].items()}
    assert set(days) == set(Age)
    assert (days["texts"], days["records"]) == ("${var.keep_days}", "${local.record_days}")
    retention = seconds(found("yandex_message_queue")["jobs"]["message_retention_seconds"])
    assert retention < days["left over"] * 86400 <= 2 * 86400
    state = (ROOT / "docs" / "architecture.md").read_text().split("\n## State")[1].split("\n## ")[0]
    told = {prefix for row in state.splitlines() if row.startswith("|") for prefix in re.findall(r"`(\w[\w-]*/)", row.split("|")[1])}
    assert told == set(PREFIXES)
    assert LOCALS["record_days"] == "${max(var.keep_days, 14) + 1}"
    assert seconds(LOCALS["letter_retention_seconds"]) <= 14 * 86400


def test_what_the_doctor_looks_for_is_what_terraform_makes():
    def names(kind: str) -> set[str]:
        return {body["name"] for body in found(kind).values()}

    def account(key: str) -> str:
        return f"pisar-{key.replace('_', '-')}"

    def keys(local: str) -> set[str]:
        return set(re.findall(r'"([a-z_]+)"', str(LOCALS[local])))

    assert names("yandex_function") == set(deployments.FUNCTIONS)
    assert names("yandex_serverless_container") == {deployments.CONTAINER}
    assert names("yandex_api_gateway") == {deployments.GATEWAY}
    assert names("yandex_lockbox_secret") - {'pisar-${replace(each.key, "_", "-")}-keys'} == set(deployments.SECRETS)

    triggers = {body["name"]: body for body in found("yandex_function_trigger").values()}
    assert triggers.keys() == (deployments.TRIGGERS.keys() - {"pisar-uploads", "pisar-incoming"}) | {"pisar-${each.key}"}

    queues = found("yandex_message_queue")
    redrive = {
        body["name"]: queues[re.search(r"yandex_message_queue\.(\w+)\.arn", body["redrive_policy"])[1]]["name"]  # type: ignore[index]
        for body in queues.values()
        if "redrive_policy" in body
    }
    assert redrive == deployments.QUEUES
    assert {body["name"] for body in queues.values()} == {*deployments.QUEUES, *deployments.DEAD_LETTERS}

    held = {account(key): {"ymq.writer"} for key in keys("queue_writers")}
    held["pisar-triggers"] = set(re.findall(r"ymq\.\w+", str(found("yandex_resourcemanager_folder_iam_member")["triggers"]["for_each"])))
    held["pisar-transcriber"] |= {found("yandex_resourcemanager_folder_iam_member")["meter"]["role"]}
    held["pisar-queue-maker"] = {found("yandex_resourcemanager_folder_iam_member")["queue_maker"]["role"]}
    assert held == {name: set(roles) for name, roles in deployments.FOLDER_ROLES.items()}
    assert found("yandex_resourcemanager_folder_iam_member").keys() == {"queue_writers", "triggers", "queue_maker", "meter"}

    callers = {
        f"pisar-{name.replace('_', '-')}": {f"pisar-{one}" for one in re.findall(r"yandex_iam_service_account\.(\w+)\.id", deep_text(body))}
        for kind in ("yandex_function_iam_member", "yandex_serverless_container_iam_member")
        for name, body in found(kind).items()
    }
    assert callers == {name: set(accounts) for name, accounts in deployments.CALLED_BY.items()}


def test_the_dashboard_reckons_with_the_prices_we_know_and_shows_what_the_transcriber_tells():
    core_hour = prices.CONTAINER_RUB_PER_VCPU_HOUR + 2 * prices.CONTAINER_RUB_PER_GB_HOUR
    assert float(LOCALS["rub_per_core_hour"]) == pytest.approx(core_hour)
    assert found("yandex_serverless_container")["transcriber"]["memory"] == "${var.transcriber_cores * 2048}"
    charts = set(re.findall(r"pisar\.\w+", deep_text(LOCALS["chart_rows"])))
    told = set(re.findall(r'"(pisar\.\w+)"', (ROOT / "src/pisar/adapters/monitoring.py").read_text()))
    assert "pisar.rub_per_audio_hour" in charts <= told
