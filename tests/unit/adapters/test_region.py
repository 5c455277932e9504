"""The region that boto3's own environment says counts for the store and for every queue, and the cloud's where it says nothing."""

import pytest
from boto3.session import Session

from pisar.adapters.message_queue import SqsJobQueue, SqsQueues
from pisar.adapters.object_storage import S3ObjectStore
from pisar.domain.jobs import JobMessage
from pisar.wiring.outside import Outside


class Connected(Exception):
    """Somebody has connected, to the region that it names."""


@pytest.mark.parametrize(("told", "region"), [("eu-west-1", "eu-west-1"), (None, "ru-central1")])
def test_one_region_counts_for_all(monkeypatch: pytest.MonkeyPatch, told: str | None, region: str):
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_SQS", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    if told is not None:
        monkeypatch.setenv("AWS_DEFAULT_REGION", told)
    client = Session.client

    def connect(*args: object, **how: object) -> None:
        raise Connected(client(*args, **how).meta.region_name)  # type: ignore[call-overload]

    monkeypatch.setattr(Session, "client", connect)
    store, queue = S3ObjectStore("b"), SqsJobQueue("https://queue.example/1/jobs")
    for use in (lambda: store.get("k"), lambda: queue.put(JobMessage("j1")), SqsQueues):
        with pytest.raises(Connected, match=f"^{region}$"):
            use()
    assert Outside({"PISAR_BROKER_URL": "sqs://"}).broker.plan.region == region
