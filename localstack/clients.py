"""boto3 clients of the local S3 and SQS, and the queue pair that Terraform makes in the cloud."""

import json
from typing import TYPE_CHECKING

from localstack.polling import s3_client, sqs_client

if TYPE_CHECKING:
    from types_boto3_sqs.client import SQSClient

__all__ = ["queue_with_dead_letters", "s3_client", "sqs_client"]


def queue_with_dead_letters(sqs: "SQSClient", name: str, *, visibility_timeout: int, max_deliveries: int) -> tuple[str, str]:
    """Make a queue whose messages go to a dead-letter queue after so many deliveries; return both queues' URLs.

    `visibility_timeout` (seconds) holds for both: the dead-letter consumer has as long as a worker.
    """
    visibility = str(visibility_timeout)
    dead = sqs.create_queue(QueueName=f"{name}-dead-letters", Attributes={"VisibilityTimeout": visibility})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": max_deliveries})
    return sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": visibility, "RedrivePolicy": redrive})["QueueUrl"], dead
