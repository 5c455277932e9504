"""What storage and queue do when the cloud fails, or is set up wrongly."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from localstack.faults import Action, Fault
from pisar.adapters.message_queue import SqsCallbackQueue, SqsJobQueue
from pisar.adapters.object_storage import S3ObjectStore
from pisar.domain.callbacks import CallbackMessage
from pisar.domain.jobs import JobMessage
from pisar.errors import Conflict, Misconfigured, Unavailable

ALWAYS = 100
FORBIDDEN = b"<Error><Code>InvalidAccessKeyId</Code><Message>no</Message></Error>"


@pytest.fixture
def sqs(cloud):
    return SqsJobQueue(cloud.new_queue(), endpoint_url=cloud.url)


@pytest.mark.parametrize("action", [Action.DROP, Action.STATUS])
def test_a_creation_whose_answer_was_lost_is_known_as_ones_own(cloud, s3_store, action):
    cloud.server.add_fault(Fault(action=action, when="after", method="PUT", path="/key", status=503))
    tag = s3_store.put("key", b"mine", if_absent=True)
    assert (s3_store.get("key").body, s3_store.get("key").etag) == (b"mine", tag)
    assert len(cloud.server.fired()) == 1


def test_a_replacement_whose_answer_was_lost_is_known_as_ones_own(cloud, s3_store):
    first = s3_store.put("key", b"first")
    cloud.server.add_fault(Fault(action=Action.DROP, when="after", method="PUT", path="/key"))
    tag = s3_store.put("key", b"second", if_match=first)
    assert (s3_store.get("key").body, s3_store.get("key").etag) == (b"second", tag)


def test_a_repeated_creation_that_lost_to_another_conflicts(cloud, s3_store):
    s3_store.put("key", b"theirs")
    cloud.server.add_fault(Fault(action=Action.DROP, when="before", method="PUT", path="/key"))
    with pytest.raises(Conflict):
        s3_store.put("key", b"mine", if_absent=True)
    assert s3_store.get("key").body == b"theirs"


def test_of_many_who_create_at_once_one_succeeds(cloud, s3_store):
    def create(number):
        try:
            s3_store.put("key", str(number).encode(), if_absent=True)
        except Conflict:
            return None
        return str(number).encode()

    with ThreadPoolExecutor(8) as pool:
        assert [body for body in pool.map(create, range(16)) if body] == [s3_store.get("key").body]


def test_a_moments_failure_goes_unnoticed(cloud, s3_store, sqs):
    cloud.server.add_fault(Fault(action=Action.STATUS, status=503, method="GET", path="/key"))
    cloud.server.add_fault(Fault(action=Action.DROP, path="SendMessage"))
    s3_store.put("key", b"body")
    assert s3_store.get("key").body == b"body"
    sqs.put(JobMessage("a"))
    assert len(cloud.server.fired()) == 2


@pytest.mark.parametrize("call", ["put", "get", "delete", "keys"])
def test_storage_that_stays_down_is_unavailable(cloud, s3_store, call):
    cloud.server.add_fault(Fault(action=Action.STATUS, status=503, times=ALWAYS, headers={"Retry-After": "1"}))
    calls = {
        "put": lambda: s3_store.put("key", b""),
        "get": lambda: s3_store.get("key"),
        "delete": lambda: s3_store.delete("key"),
        "keys": lambda: list(s3_store.keys("")),
    }
    with pytest.raises(Unavailable) as caught:
        calls[call]()
    assert caught.value.after_seconds == 1.0


def test_a_queue_that_stays_down_is_unavailable(cloud, sqs):
    cloud.server.add_fault(Fault(action=Action.DROP, times=ALWAYS))
    with pytest.raises(Unavailable):
        sqs.put(JobMessage("a"))


def test_wrong_keys_are_named(cloud, s3_store):
    cloud.server.add_fault(Fault(action=Action.STATUS, status=403, body=FORBIDDEN, headers={"Content-Type": "application/xml"}))
    with pytest.raises(Misconfigured, match="AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"):
        s3_store.put("key", b"")


def test_missing_keys_are_named(cloud, monkeypatch, tmp_path):
    bucket, queue = cloud.new_bucket(), cloud.new_queue()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(Misconfigured, match="AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"):
        S3ObjectStore(bucket, endpoint_url=cloud.url).get("key")
    with pytest.raises(Misconfigured, match="AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"):
        SqsJobQueue(queue, endpoint_url=cloud.url).put(JobMessage("a"))


def test_an_unknown_bucket_or_queue_is_named_by_its_setting(cloud):
    store = S3ObjectStore("nowhere", endpoint_url=cloud.url)
    for call in (lambda: store.get("key"), lambda: store.put("key", b"", if_absent=True), lambda: list(store.keys(""))):
        with pytest.raises(Misconfigured, match="PISAR_BUCKET"):
            call()
    with pytest.raises(Misconfigured, match="PISAR_QUEUE_URL"):
        SqsJobQueue(f"{cloud.url}/123456789012/nowhere", endpoint_url=cloud.url).put(JobMessage("a"))
    with pytest.raises(Misconfigured, match="PISAR_CALLBACK_QUEUE_URL"):
        SqsCallbackQueue(f"{cloud.url}/123456789012/nowhere", endpoint_url=cloud.url).put(CallbackMessage("a"), delay_seconds=1)


def test_an_address_that_is_no_url_is_misconfigured(cloud):
    with pytest.raises(Misconfigured, match="AWS_ENDPOINT_URL"):
        S3ObjectStore("bucket", endpoint_url="no url").get("key")


def test_addresses_come_from_boto3s_own_environment(cloud, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", cloud.url)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", cloud.url)
    bucket, queue = cloud.new_bucket(), cloud.new_queue()
    S3ObjectStore(bucket).put("key", b"body")
    SqsJobQueue(queue).put(JobMessage("a"))
    assert S3ObjectStore(bucket, endpoint_url=cloud.url).get("key").body == b"body"
    assert len(cloud.client("sqs").receive_message(QueueUrl=queue)["Messages"]) == 1
