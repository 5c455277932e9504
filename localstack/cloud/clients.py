"""boto3 clients of the local S3 and SQS, and the queue pair that Terraform makes in the cloud."""

import json
from functools import cache
from typing import TYPE_CHECKING

from localstack.cloud import polling

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client
    from types_boto3_sqs.client import SQSClient


@cache
def s3_client(endpoint_url: str) -> "S3Client":
    """Return the client of a local S3, made once: that costs a tenth of a second of CPU. Safe for threads."""
    return polling.s3_client(endpoint_url)


@cache
def sqs_client(endpoint_url: str) -> "SQSClient":
    """Return the client of a local SQS, made once. Safe for threads."""
    return polling.sqs_client(endpoint_url)


def queue_with_dead_letters(sqs: "SQSClient", name: str, *, visibility_timeout: int, max_deliveries: int) -> tuple[str, str]:
    """Make a queue whose messages go to a dead-letter queue after so many deliveries; return both queues' URLs.

    `visibility_timeout` (seconds) holds for both: the dead-letter consumer has as long as a worker.
    """
    visibility = str(visibility_timeout)
    dead = sqs.create_queue(QueueName=f"{name}-dead-letters", Attributes={"VisibilityTimeout": visibility})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": max_deliveries})
    return sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": visibility, "RedrivePolicy": redrive})["QueueUrl"], dead
