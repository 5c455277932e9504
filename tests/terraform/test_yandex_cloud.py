"""The deployment to Yandex Cloud, planned, applied and taken down by Terraform itself on a cloud that stands in.

The promises about single resources are `terraform/tests/*.tftest.hcl`; those about all of a kind are here, where a new one is found.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.support.terraform.command import Terraform, TerraformFailed
from tests.support.terraform.plugin.schema import is_sensitive
from tests.support.terraform.plugin.server import served
from tests.terraform.yandex import ROOT, YandexStandIn

DEPLOYMENT = ROOT / "terraform"
FOLDER_ROLES = {"monitoring.editor", "ymq.admin", "ymq.reader", "ymq.writer"}  # none exist on a queue, nor on a part of Monitoring


class Deployment(NamedTuple):
    terraform: Terraform
    cloud: YandexStandIn

    def all(self, kind: str) -> dict[str, Mapping[str, Any]]:
        """Return what was made of a kind, by id."""
        return {identity: values for (made, identity), values in self.cloud.made.items() if made == kind}

    def role_givers(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        return ((kind, values) for (kind, _), values in self.cloud.made.items() if "role" in values)


def seconds(text: str) -> int:
    return int(text.removesuffix("s"))


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory, variables: dict[str, Any]) -> Iterator[Deployment]:
    cloud = YandexStandIn()
    with served(cloud) as environment:
        terraform = Terraform(DEPLOYMENT, tmp_path_factory.mktemp("deployment"), environment, variables)
        terraform.init()
        terraform.apply()
        yield Deployment(terraform, cloud)
        terraform.destroy()
    assert cloud.made == {}


def test_the_files_are_valid(deployment: Deployment):
    assert "The configuration is valid" in deployment.terraform.run("validate")


def test_the_promises_hold(deployment: Deployment):
    told = deployment.terraform.run("test")
    assert re.search(r"Success! \d+ passed, 0 failed\.", told)


def test_a_second_apply_has_nothing_to_do(deployment: Deployment):
    assert "No changes." in deployment.terraform.run("plan", "-detailed-exitcode")


def test_every_example_can_be_planned(deployment: Deployment):
    for example in sorted((DEPLOYMENT / "environments").glob("*.tfvars.example")):
        assert "yandex_function.webhook" in deployment.terraform.run("plan", f"-var-file={example}"), example.name


def test_no_account_gets_a_role_on_the_folder_but_those_that_exist_on_nothing_less(deployment: Deployment):
    assert {values["role"] for kind, values in deployment.role_givers() if "folder" in kind or "cloud" in kind} == FOLDER_ROLES


def test_no_role_is_for_everyone_nor_wider_than_its_work_takes(deployment: Deployment):
    given = [(kind, values["role"], [values.get("member"), *(values.get("members") or [])]) for kind, values in deployment.role_givers()]
    assert {member for *_, members in given for member in members if member and "system:" in member} == set()
    wide = {(kind, role) for kind, role, _ in given if re.search(r"admin|editor|owner", role)}
    on_the_folder = {("yandex_resourcemanager_folder_iam_member", role) for role in ("monitoring.editor", "ymq.admin")}
    assert wide == on_the_folder | {("yandex_storage_bucket_iam_binding", "storage.editor")}


def test_the_account_that_makes_queues_is_none_of_a_deployable(deployment: Deployment):
    (maker,) = (values["member"].removeprefix("serviceAccount:") for _, values in deployment.role_givers() if values["role"] == "ymq.admin")
    runners = deployment.all("yandex_function") | deployment.all("yandex_serverless_container")
    accounts = [runner["service_account_id"] for runner in runners.values()]
    assert maker not in accounts
    assert len(set(accounts)) == len(accounts)


def test_a_queue_gives_nothing_again_while_who_takes_from_it_is_still_at_work(deployment: Deployment):
    by_arn = {queue["arn"]: queue for queue in deployment.all("yandex_message_queue").values()}
    runners = deployment.all("yandex_function") | deployment.all("yandex_serverless_container")
    pairs = [
        (by_arn[source["queue_id"]], runners[target["id"]])
        for trigger in deployment.all("yandex_function_trigger").values()
        for source in trigger["message_queue"]
        for target in [*trigger["function"], *trigger["container"]]
    ]
    assert sorted(queue["name"] for queue, _ in pairs) == ["pisar-callbacks", "pisar-jobs", "pisar-jobs-dead-letters"]
    again_too_soon = [queue["name"] for queue, taker in pairs if queue["visibility_timeout_seconds"] <= seconds(taker["execution_timeout"])]
    assert again_too_soon == []


def test_a_queue_that_somebody_works_on_hands_what_fails_to_a_queue_of_dead_letters(deployment: Deployment):
    queues = deployment.all("yandex_message_queue").values()
    names = {queue["arn"]: queue["name"] for queue in queues}
    redrives = {queue["name"]: json.loads(queue["redrive_policy"]) for queue in queues if queue["redrive_policy"]}
    assert {name: names[policy["deadLetterTargetArn"]] for name, policy in redrives.items()} == {
        "pisar-jobs": "pisar-jobs-dead-letters",
        "pisar-callbacks": "pisar-callbacks-dead-letters",
    }
    assert {policy["maxReceiveCount"] for policy in redrives.values()} == {5}


def test_no_output_and_no_environment_has_a_secret(deployment: Deployment, variables: dict[str, Any]):
    secrets = {variables["telegram_bot_token"]}
    secrets |= {value for values in deployment.cloud.made.values() for name, value in values.items() if is_sensitive(name) and value}
    assert len(secrets) > 1
    open_to_all = json.dumps(
        [
            deployment.terraform.outputs(),
            [function["environment"] for function in deployment.all("yandex_function").values()],
            [container["image"][0]["environment"] for container in deployment.all("yandex_serverless_container").values()],
        ]
    )
    assert [secret for secret in secrets if secret in open_to_all] == []


def test_a_plan_shows_no_secret(tmp_path: Path, variables: dict[str, Any]):
    with served(YandexStandIn()) as environment:
        terraform = Terraform(DEPLOYMENT, tmp_path, environment, variables)
        terraform.init()
        shown = terraform.apply()
    assert variables["telegram_bot_token"] not in shown
    assert re.findall(r"\b(?<!_for_)(?:secret_key|text_value_\d+) += (?!\(sensitive value\)|\(known after apply\))(.*)", shown) == []


@pytest.mark.parametrize(
    ("left_empty", "said"),
    [
        (("yandex_function", "version"), "The cloud refused this version of the function"),
        (("yandex_serverless_container", "revision_id"), "The cloud refused this revision of the container"),
        (("yandex_api_gateway", "domain"), "The cloud gave the gateway no domain"),
    ],
)
def test_a_yes_that_is_a_no_fails_the_apply(tmp_path: Path, variables: dict[str, Any], left_empty: tuple[str, str], said: str):
    with served(YandexStandIn(left_empty=left_empty)) as environment:
        terraform = Terraform(DEPLOYMENT, tmp_path, environment, variables)
        terraform.init()
        with pytest.raises(TerraformFailed, match=said):
            terraform.apply()


def test_what_a_failed_apply_has_made_is_finished_by_the_next(tmp_path: Path, variables: dict[str, Any]):
    cloud = YandexStandIn(refused="yandex_serverless_container")
    with served(cloud) as environment:
        terraform = Terraform(DEPLOYMENT, tmp_path, environment, variables)
        terraform.init()
        with pytest.raises(TerraformFailed, match="quota exceeded"):
            terraform.apply()
        kept = set(cloud.made)
        cloud.refused = None
        terraform.apply()
        assert kept <= set(cloud.made)
        terraform.destroy()
    assert cloud.made == {}
