"""The region that boto3's own environment says counts for the store and for every queue, and the cloud's where it says nothing."""

import pytest

from pisar.adapters.message_queue import SqsJobQueue, SqsQueues
from pisar.adapters.object_storage import S3ObjectStore
from pisar.wiring.outside import Outside


@pytest.mark.parametrize(("told", "region"), [("eu-west-1", "eu-west-1"), (None, "ru-central1")])
def test_one_region_counts_for_all(monkeypatch: pytest.MonkeyPatch, told: str | None, region: str):
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_SQS", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    if told is not None:
        monkeypatch.setenv("AWS_DEFAULT_REGION", told)
    assert S3ObjectStore("b")._connected().meta.region_name == region
    assert SqsJobQueue("https://queue.example/1/jobs")._connected().meta.region_name == region
    assert SqsQueues()._client.meta.region_name == region
    assert Outside({"PISAR_BROKER_URL": "sqs://"}).broker.plan.region == region
