"""The local cloud on a bucket, queues and notifications that Terraform has made: the same as without, and it works."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from localstack.cloud.clients import s3_client, sqs_client
from localstack.failures import CannotStart
from localstack.stack import BUCKET, CREDENTIALS, Stack, StackConfig
from tests.e2e.processes import READY, Up
from tests.faults.conftest import SPOKEN, VOICES, Cloud, eventually
from tests.support.terraform.command import Terraform, TerraformFailed
from tests.support.terraform.plugin.aws import AwsRehearsal
from tests.support.terraform.plugin.server import served
from tests.support.terraform.resources import FOLDER, MIRROR, make_resources

SETTINGS = {"PISAR_THREADS": "1"}
WORK_QUEUES = ("pisar-jobs", "pisar-jobs-dead-letters", "pisar-callbacks", "pisar-callbacks-dead-letters")


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with Stack(StackConfig(settings=SETTINGS, make_resources=make_resources)) as stack:
        stack.warm_up()
        yield stack


def queues(endpoint_url: str) -> dict[str, dict[str, Any]]:
    """Return what matters of every queue, by name: times and where failed messages go."""
    sqs = sqs_client(endpoint_url)
    found = {}
    for url in sqs.list_queues()["QueueUrls"]:
        attributes: Mapping[Any, str] = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        told = {name: attributes[name] for name in ("VisibilityTimeout", "MessageRetentionPeriod", "ReceiveMessageWaitTimeSeconds")}
        found[url.rpartition("/")[2]] = told | {"RedrivePolicy": json.loads(attributes.get("RedrivePolicy", "{}"))}
    return found


def notifications(endpoint_url: str) -> list[tuple[list[str], str]]:
    """Return the events and the filters of a bucket's notifications, in order; the queues' names differ."""
    configurations = s3_client(endpoint_url).get_bucket_notification_configuration(Bucket=BUCKET)["QueueConfigurations"]
    return sorted((sorted(one["Events"]), json.dumps(one["Filter"]["Key"]["FilterRules"])) for one in configurations)


def test_terraform_makes_what_the_stack_makes_without_it(stack: Stack):
    with Stack(StackConfig(settings=SETTINGS)) as usual:
        assert {name: queues(stack.storage_url)[name] for name in WORK_QUEUES} == {
            name: queues(usual.storage_url)[name] for name in WORK_QUEUES
        }
        assert len(queues(stack.storage_url)) == len(queues(usual.storage_url))
        assert notifications(stack.storage_url) == notifications(usual.storage_url)
        where = [s3_client(one.storage_url).get_bucket_location(Bucket=BUCKET)["LocationConstraint"] for one in (stack, usual)]
        assert where[0] == where[1]
        assert stack.queue_url.rpartition("/")[2] == usual.queue_url.rpartition("/")[2]


def test_a_voice_message_becomes_its_text(stack: Stack):
    person = Cloud(stack, chat=60_001)
    person.send("ru-1.ogg")
    person.assert_answered_once(SPOKEN["ru-1.ogg"])


def test_a_file_dropped_into_the_bucket_becomes_its_text(stack: Stack):
    settings = {"Metadata": {"pisar-language": "en", "pisar-formats": "text"}}
    s3_client(stack.storage_url).upload_file(str(VOICES / "en-2.ogg"), BUCKET, "uploads/en-2.ogg", ExtraArgs=settings)
    eventually(lambda: list(stack.store().keys("transcripts/")) == ["transcripts/en-2.ogg.txt"], "the text")
    assert stack.store().get("transcripts/en-2.ogg.txt").body.decode() == SPOKEN["en-2.ogg"] + "\n"


@pytest.fixture
def endpoint(stack: Stack) -> str:
    return stack.storage_url


@pytest.fixture
def local(tmp_path: Path, endpoint: str) -> Iterator[Terraform]:
    """Terraform beside the stack, under names of its own."""
    with served(AwsRehearsal(CREDENTIALS)) as found:
        terraform = Terraform(FOLDER, tmp_path, {**CREDENTIALS, **found}, {"endpoint": endpoint, "name": "another"})
        terraform.init()
        yield terraform


def test_a_second_apply_has_nothing_to_do_and_a_changed_one_changes_in_place(local: Terraform, endpoint: str):
    local.apply()
    assert "No changes." in local.run("plan", "-detailed-exitcode")
    assert "3 changed, 0 destroyed" in local.apply("-var", "visibility_timeout_seconds=10", "-var", "max_deliveries=2")
    changed = queues(endpoint)
    assert changed["another-jobs"]["VisibilityTimeout"] == changed["another-jobs-dead-letters"]["VisibilityTimeout"] == "10"
    assert changed["another-callbacks"]["RedrivePolicy"]["maxReceiveCount"] == 2
    assert "8 added, 0 changed, 8 destroyed" in local.apply("-var", "name=renamed")
    local.destroy()


def test_what_somebody_else_has_changed_or_erased_is_put_right(local: Terraform, endpoint: str):
    local.apply()
    sqs, made = sqs_client(endpoint), local.outputs()
    sqs.set_queue_attributes(QueueUrl=made["work_queue_urls"]["jobs"], Attributes={"VisibilityTimeout": "1"})
    sqs.delete_queue(QueueUrl=made["dead_letter_queue_urls"]["callbacks"])
    s3_client(endpoint).put_bucket_notification_configuration(Bucket="another", NotificationConfiguration={})
    assert "1 added, 2 changed, 0 destroyed" in local.apply()
    assert queues(endpoint)["another-jobs"]["VisibilityTimeout"] == "660"
    local.destroy()


def test_what_was_made_is_erased_with_all_that_is_in_it(local: Terraform, endpoint: str):
    before = set(queues(endpoint))
    local.apply()
    s3_client(endpoint).put_object(Bucket="another", Key="audio/voice.ogg", Body=b"a voice")
    local.destroy()
    assert set(queues(endpoint)) == before
    assert [bucket["Name"] for bucket in s3_client(endpoint).list_buckets()["Buckets"]] == [BUCKET]


def test_what_the_storage_refuses_is_told_in_its_own_words(local: Terraform):
    with pytest.raises(TerraformFailed, match=r"aws_s3_bucket: the cloud refused(.|\n)*BucketAlready"):
        local.apply("-target=aws_s3_bucket.pisar", "-var", f"name={BUCKET}")


def test_what_terraform_says_reaches_who_has_started_the_cloud(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("localstack.stack.BUCKET", "Not A Bucket")
    with pytest.raises(CannotStart, match="3 to 42 lower-case letters"), Stack(StackConfig(make_resources=make_resources)):
        pass


def test_where_a_mirror_is_named_the_real_provider_is_taken_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(MIRROR, str(tmp_path))
    told = r"hashicorp/aws was not found in any of the\s+search locations"
    with pytest.raises(CannotStart, match=told), Stack(StackConfig(make_resources=make_resources)):
        pass


def test_the_command_starts_the_cloud_on_them_and_tells_so(tmp_path: Path):
    up = Up(tmp_path, module="tests.support.terraform")
    try:
        up.wait_for(READY)
        assert "were made by Terraform, from localstack/terraform." in up.output
        assert up.stop() == 0
    finally:
        up.close()
