"""The bucket and the queues that Pisar works on, made on a bare storage, and the shape of whatever else may make them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from localstack.cloud.clients import queue_with_dead_letters, s3_client, sqs_client


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """URLs of queues. `event_queue_urls`, by the prefix of the keys they are told of: notifications that are there already."""

    queue_url: str
    dead_letters_url: str
    callback_queue_url: str
    event_queue_urls: Mapping[str, str] = field(default_factory=dict)


class MakeResources(Protocol):
    """Makes the bucket `name` and the queues. Times in seconds. Raises CannotStart."""

    def __call__(
        self, endpoint_url: str, *, name: str, visibility_timeout: int, callback_visibility_timeout: int, max_deliveries: int
    ) -> Made:
        """Make them at the endpoint, which is that of S3 and of SQS."""


def allow_pages_to_upload(endpoint_url: str, name: str) -> None:
    """Let every web page send forms and parts of uploads to the bucket, as terraform/storage.tf does."""
    rule: Any = {"AllowedOrigins": ["*"], "AllowedMethods": ["POST", "PUT"], "AllowedHeaders": ["*"], "MaxAgeSeconds": 3600}
    s3_client(endpoint_url).put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": [rule]})


def make_resources(endpoint_url: str, *, name: str, visibility_timeout: int, callback_visibility_timeout: int, max_deliveries: int) -> Made:
    """Make the bucket and the queues by calls of S3 and SQS; the triggers ask for their notifications themselves."""
    s3_client(endpoint_url).create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "ru-central1"})  # type: ignore[typeddict-item]
    sqs = sqs_client(endpoint_url)
    jobs, dead_letters = queue_with_dead_letters(sqs, f"{name}-jobs", visibility_timeout=visibility_timeout, max_deliveries=max_deliveries)
    callbacks, _ = queue_with_dead_letters(
        sqs, f"{name}-callbacks", visibility_timeout=callback_visibility_timeout, max_deliveries=max_deliveries
    )
    return Made(queue_url=jobs, dead_letters_url=dead_letters, callback_queue_url=callbacks)
