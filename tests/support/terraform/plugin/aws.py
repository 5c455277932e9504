"""A rehearsal of the provider hashicorp/aws: the part of its schema that `localstack/terraform` uses, carried out by boto3.

Buckets, queues and notifications are really made, read, changed and erased, on whatever S3 and SQS the configuration names. What the
real provider adds by waiting, retrying and checking accounts is not rehearsed.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tests.support.terraform.plugin.schema import Entries
from tests.support.terraform.plugin.server import Refused, Values, is_unknown

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client
    from types_boto3_sqs.client import SQSClient

SETTINGS: Entries = {
    "region": {"type": "String"},
    "s3_use_path_style": {"type": "Bool"},
    "skip_credentials_validation": {"type": "Bool"},
    "skip_metadata_api_check": {"type": "String"},
    "skip_region_validation": {"type": "Bool"},
    "skip_requesting_account_id": {"type": "Bool"},
    "endpoints": {"set": True, "block": {"s3": {"type": "String"}, "sqs": {"type": "String"}}},
}
RESOURCES: Mapping[str, Entries] = {
    "aws_s3_bucket": {
        "id": {"type": "String"},
        "arn": {"type": "String", "read_only": True},
        "bucket": {"type": "String", "computed": True, "replaces": True},
        "force_destroy": {"type": "Bool"},
    },
    "aws_sqs_queue": {
        "id": {"type": "String"},
        "arn": {"type": "String", "read_only": True},
        "url": {"type": "String", "read_only": True},
        "name": {"type": "String", "computed": True, "replaces": True},
        "visibility_timeout_seconds": {"type": "Number", "computed": True},
        "message_retention_seconds": {"type": "Number", "computed": True},
        "receive_wait_time_seconds": {"type": "Number", "computed": True},
        "redrive_policy": {"type": "String", "computed": True},
        "policy": {"type": "String", "computed": True},
    },
    "aws_s3_bucket_notification": {
        "id": {"type": "String"},
        "bucket": {"type": "String", "required": True, "replaces": True},
        "queue": {
            "block": {
                "id": {"type": "String", "computed": True},
                "queue_arn": {"type": "String", "required": True},
                "events": {"type": "Set Of String", "required": True},
                "filter_prefix": {"type": "String"},
                "filter_suffix": {"type": "String"},
            },
        },
    },
}
GONE = {"NoSuchBucket", "404", "AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"}
QUEUE_NUMBERS = {
    "visibility_timeout_seconds": "VisibilityTimeout",
    "message_retention_seconds": "MessageRetentionPeriod",
    "receive_wait_time_seconds": "ReceiveMessageWaitTimeSeconds",
}
QUEUE_DOCUMENTS = {"redrive_policy": "RedrivePolicy", "policy": "Policy"}


class AwsRehearsal:
    """The provider. Keys of the clouds are read from `environment` (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY), as the real one does."""

    source = "registry.terraform.io/hashicorp/aws"
    settings = SETTINGS
    resources = RESOURCES

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._keys: dict[str, Any] = {name.lower(): environment.get(name) for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
        self._region = ""
        self._s3: S3Client
        self._sqs: SQSClient

    def configure(self, settings: Values) -> None:
        """Make the clients."""
        self._region = settings["region"]
        (endpoints,) = settings["endpoints"]
        session = boto3.session.Session(region_name=self._region, **self._keys)
        self._s3 = session.client("s3", endpoint_url=endpoints["s3"])
        self._sqs = session.client("sqs", endpoint_url=endpoints["sqs"])

    def create(self, kind: str, planned: Values) -> Values:
        """Make a bucket, a queue, or a bucket's notifications."""
        make: Mapping[str, Callable[[Values], str]] = {
            "aws_s3_bucket": self._create_bucket,
            "aws_sqs_queue": self._create_queue,
            "aws_s3_bucket_notification": self._put_notification,
        }
        with _refusals():
            identity = make[kind](planned)
            return self._now(kind, planned | {"id": identity})

    def read(self, kind: str, known: Values) -> Values | None:
        """Return what the endpoint has."""
        with _refusals():
            try:
                return self._now(kind, known)
            except ClientError as error:
                if error.response["Error"]["Code"] in GONE:
                    return None
                raise

    def update(self, kind: str, known: Values, planned: Values) -> Values:
        """Change a queue's attributes or a bucket's notifications; of a bucket nothing but how it is erased can change."""
        with _refusals():
            if kind == "aws_sqs_queue":
                self._sqs.set_queue_attributes(QueueUrl=known["id"], Attributes=_queue_attributes(planned, erase=known))  # type: ignore[arg-type]
            elif kind == "aws_s3_bucket_notification":
                self._put_notification(planned)
            return self._now(kind, planned)

    def delete(self, kind: str, known: Values) -> None:
        """Erase a bucket, with all that is in it if it says so, a queue, or a bucket's notifications."""
        with _refusals():
            try:
                if kind == "aws_sqs_queue":
                    self._sqs.delete_queue(QueueUrl=known["id"])
                elif kind == "aws_s3_bucket_notification":
                    self._s3.put_bucket_notification_configuration(Bucket=known["bucket"], NotificationConfiguration={})
                else:
                    self._delete_bucket(known)
            except ClientError as error:
                if error.response["Error"]["Code"] not in GONE:
                    raise

    def _now(self, kind: str, known: Values) -> Values:
        look = {"aws_s3_bucket": self._bucket, "aws_sqs_queue": self._queue, "aws_s3_bucket_notification": self._notification}
        return look[kind](known)

    def _create_bucket(self, planned: Values) -> str:
        where: Any = {"CreateBucketConfiguration": {"LocationConstraint": self._region}} if self._region != "us-east-1" else {}
        self._s3.create_bucket(Bucket=planned["bucket"], **where)
        name: str = planned["bucket"]
        return name

    def _bucket(self, known: Values) -> Values:
        self._s3.head_bucket(Bucket=known["id"])
        return known | {"bucket": known["id"], "arn": f"arn:aws:s3:::{known['id']}"}

    def _delete_bucket(self, known: Values) -> None:
        if known["force_destroy"]:
            for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=known["id"]):
                for found in page.get("Contents", []):
                    self._s3.delete_object(Bucket=known["id"], Key=found["Key"])
        self._s3.delete_bucket(Bucket=known["id"])

    def _create_queue(self, planned: Values) -> str:
        return self._sqs.create_queue(QueueName=planned["name"], Attributes=_queue_attributes(planned))["QueueUrl"]  # type: ignore[arg-type]

    def _queue(self, known: Values) -> Values:
        found: Mapping[Any, str] = self._sqs.get_queue_attributes(QueueUrl=known["id"], AttributeNames=["All"])["Attributes"]
        arn = found["QueueArn"]
        numbers = {name: int(found[theirs]) for name, theirs in QUEUE_NUMBERS.items()}
        documents = {name: _same_document(known[name], found.get(theirs)) for name, theirs in QUEUE_DOCUMENTS.items()}
        return known | numbers | documents | {"arn": arn, "name": arn.rpartition(":")[2], "url": known["id"]}

    def _put_notification(self, planned: Values) -> str:
        configurations: Any = [_queue_configuration(number, queue) for number, queue in enumerate(planned["queue"])]
        notification: Any = {"QueueConfigurations": configurations}
        self._s3.put_bucket_notification_configuration(Bucket=planned["bucket"], NotificationConfiguration=notification)
        name: str = planned["bucket"]
        return name

    def _notification(self, known: Values) -> Values:
        found = self._s3.get_bucket_notification_configuration(Bucket=known["id"]).get("QueueConfigurations", [])
        return known | {"bucket": known["id"], "queue": [_queue_block(configuration) for configuration in found]}


def _queue_attributes(planned: Values, *, erase: Values | None = None) -> dict[str, str]:
    """Return the attributes of a queue that the plan gives; a document that was there before and is not planned any more is emptied."""
    given = {theirs: planned[name] for name, theirs in (QUEUE_NUMBERS | QUEUE_DOCUMENTS).items()}
    attributes = {name: str(value) for name, value in given.items() if value is not None and not is_unknown(value)}
    emptied = {theirs: "" for name, theirs in QUEUE_DOCUMENTS.items() if erase and erase[name] and planned[name] is None}
    return attributes | emptied


def _same_document(known: Any, found: str | None) -> str | None:
    """Return the document as it is known where the endpoint has only written it otherwise."""
    if not found:
        return None
    return known if isinstance(known, str) and json.loads(known) == json.loads(found) else found


def _queue_configuration(number: int, queue: Values) -> dict[str, Any]:
    filters = (("prefix", queue["filter_prefix"]), ("suffix", queue["filter_suffix"]))
    rules = [{"Name": name, "Value": value} for name, value in filters if value]
    identity = f"queue-{number}" if is_unknown(queue["id"]) else queue["id"]
    configuration: dict[str, Any] = {"Id": identity, "QueueArn": queue["queue_arn"], "Events": queue["events"]}
    return configuration | ({"Filter": {"Key": {"FilterRules": rules}}} if rules else {})


def _queue_block(configuration: Mapping[str, Any]) -> Values:
    rules = {rule["Name"].lower(): rule["Value"] for rule in configuration.get("Filter", {}).get("Key", {}).get("FilterRules", [])}
    return {
        "id": configuration["Id"],
        "queue_arn": configuration["QueueArn"],
        "events": configuration["Events"],
        "filter_prefix": rules.get("prefix"),
        "filter_suffix": rules.get("suffix"),
    }


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise Refused(str(error)) from error
