import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, RLock

import httpx
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from localstack.cloud.storage import Serialised, atomic_receive
from localstack.cloud.storage_faults import SQS_ACTION, fault_from_json, fault_to_json
from localstack.faults import Action, Fault

DEADLINE_SECONDS = 60
LONGEST_POLL_SECONDS = 20


def _status_of(request):
    try:
        return request()["ResponseMetadata"]["HTTPStatusCode"]
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"]


def test_of_sixteen_writers_of_one_absent_key_exactly_one_wins_for_twenty_keys(s3, bucket):
    with ThreadPoolExecutor(16) as writers:
        for number in range(20):

            def put(writer, key=f"key-{number}"):
                return _status_of(lambda: s3.put_object(Bucket=bucket, Key=key, Body=str(writer).encode(), IfNoneMatch="*"))

            assert sorted(writers.map(put, range(16))) == [200] + [412] * 15


def test_of_eight_writers_that_match_one_tag_exactly_one_wins(s3, bucket):
    with ThreadPoolExecutor(8) as writers:
        for number in range(10):
            key = f"key-{number}"
            etag = s3.put_object(Bucket=bucket, Key=key, Body=b"first")["ETag"]

            def put(writer, key=key, etag=etag):
                return _status_of(lambda: s3.put_object(Bucket=bucket, Key=key, Body=str(writer).encode(), IfMatch=etag))

            assert sorted(writers.map(put, range(8))) == [200] + [412] * 7


def test_no_message_is_given_to_two_receivers_at_once(queues):
    queue = queues.new(VisibilityTimeout="600")
    for number in range(40):
        queues.send(queue, str(number))

    def receive(_):
        messages = queues.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=1, WaitTimeSeconds=1).get("Messages", [])
        return [message["Body"] for message in messages]

    with ThreadPoolExecutor(8) as receivers:
        bodies = [body for batch in receivers.map(receive, range(48)) for body in batch]
    assert sorted(bodies, key=int) == [str(number) for number in range(40)]


def test_a_long_poll_does_not_hold_up_writes_and_ends_with_the_message(queues, s3, bucket):
    queue = queues.new()
    with ThreadPoolExecutor(1) as receiver:
        began = time.monotonic()
        poll = receiver.submit(lambda: queues.sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=LONGEST_POLL_SECONDS))
        s3.put_object(Bucket=bucket, Key="key", Body=b"written during the poll")
        assert not poll.done()
        queues.send(queue, "here")
        assert [message["Body"] for message in poll.result(DEADLINE_SECONDS)["Messages"]] == ["here"]
        assert time.monotonic() - began < LONGEST_POLL_SECONDS


def test_a_message_received_too_often_moves_to_the_dead_letter_queue_with_its_id(queues):
    queue, dead = queues.new_with_dead_letters(2, VisibilityTimeout="0")
    sent = queues.send(queue, "hard")["MessageId"]
    received = [queues.receive(queue) for _ in range(3)]
    assert [[message["MessageId"] for message in batch] for batch in received] == [[sent], [sent], []]
    assert [message["MessageId"] for message in queues.receive(dead)] == [sent]


def test_requests_are_carried_out_one_at_a_time():
    inside: list[int] = []
    together: list[int] = []

    def application(environ, start_response):
        inside.append(1)
        together.append(len(inside))
        Event().wait(0.005)  # lets every other thread run
        inside.pop()
        return []

    serialised = Serialised(application, RLock())
    with ThreadPoolExecutor(8) as clients:
        list(clients.map(lambda _: serialised({SQS_ACTION: None}, None), range(16)))
    assert together == [1] * 16


def test_receivers_wait_side_by_side():
    both_are_here = Barrier(2)
    serialised = Serialised(lambda *_: [str(both_are_here.wait(DEADLINE_SECONDS) < 2).encode()], RLock())
    with ThreadPoolExecutor(2) as receivers:
        assert list(receivers.map(lambda _: serialised({SQS_ACTION: "ReceiveMessage"}, None), range(2))) == [[b"True"]] * 2


def test_receivers_look_into_the_queue_one_at_a_time():
    messages = list(range(16))

    def look(backend, queue_name, count, wait_seconds):
        found = messages[:1]
        Event().wait(0.002)  # lets every other receiver run between finding a message and taking it
        del messages[:1]
        return found

    class Backend:
        def get_queue(self, _name):
            return None

    receive = atomic_receive(look, RLock())
    with ThreadPoolExecutor(8) as receivers:
        received = [
            message for batch in receivers.map(lambda _: receive(Backend(), "queue", 1, DEADLINE_SECONDS), range(16)) for message in batch
        ]
    assert sorted(received) == list(range(16))


def test_a_fault_before_a_write_leaves_nothing_written(storage, s3, bucket):
    storage.add_fault(Fault(action=Action.STATUS, status=503, method="PUT", path=f"/{bucket}/key"))
    assert _status_of(lambda: s3.put_object(Bucket=bucket, Key="key", Body=b"x")) == 503
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_a_connection_dropped_after_a_write_leaves_it_written(storage, s3, bucket):
    fault = Fault(action=Action.DROP, when="after", method="PUT", path=f"/{bucket}/key")
    storage.add_fault(fault)
    with pytest.raises(ConnectionClosedError):
        s3.put_object(Bucket=bucket, Key="key", Body=b"x")
    assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == b"x"
    assert storage.fired() == [fault]


def test_a_request_that_hangs_is_answered_by_nobody_and_let_go_when_faults_are_cleared(storage, s3, bucket):
    storage.add_fault(Fault(action=Action.HANG, seconds=DEADLINE_SECONDS, path=f"/{bucket}/key"))
    with ThreadPoolExecutor(1) as writer:
        put = writer.submit(lambda: s3.put_object(Bucket=bucket, Key="key", Body=b"x"))
        while not storage.fired():
            assert not put.done()
        began = time.monotonic()
        storage.clear_faults()
        with pytest.raises((ConnectionClosedError, ReadTimeoutError)):
            put.result(DEADLINE_SECONDS)
        assert time.monotonic() - began < DEADLINE_SECONDS / 3


def test_a_fault_picks_a_queue_request_by_its_action(storage, queues):
    queue = queues.new()
    storage.add_fault(Fault(action=Action.STATUS, status=500, path="/queue-.* SendMessage$"))
    assert _status_of(lambda: queues.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])) == 200
    assert _status_of(lambda: queues.send(queue, "x")) == 500
    assert _status_of(lambda: queues.send(queue, "x")) == 200


def test_a_fault_picks_a_queue_request_of_the_old_form_protocol(storage, queues):
    queue = queues.new()
    storage.add_fault(Fault(action=Action.STATUS, status=418, path=" GetQueueAttributes$"))
    form = {"Action": "GetQueueAttributes", "Version": "2012-11-05", "QueueUrl": queue}
    signed = {"Authorization": "AWS4-HMAC-SHA256 Credential=key/20260101/ru-central1/sqs/aws4_request, SignedHeaders=host, Signature=0"}
    assert [httpx.post(queue, data=form, headers=signed, timeout=DEADLINE_SECONDS).status_code for _ in range(2)] == [418, 200]


def test_a_fault_travels_as_json_unchanged():
    fault = Fault(
        action=Action.STATUS, when="after", skip=1, times=3, status=429, headers={"Retry-After": "2"}, body=b"\xff\x00", pids=(1, 2)
    )
    assert fault_from_json(fault_to_json(fault)) == fault


def test_an_object_of_a_bucket_without_versions_names_none_and_is_the_version_null(s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="whole")["UploadId"]
    tag = s3.upload_part(Bucket=bucket, Key="whole", UploadId=upload, PartNumber=1, Body=b"part")["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": tag}]}
    completed = s3.complete_multipart_upload(Bucket=bucket, Key="whole", UploadId=upload, MultipartUpload=parts)
    assert "VersionId" not in completed
    assert "VersionId" not in s3.put_object(Bucket=bucket, Key="whole", Body=b"anew")
    assert s3.head_object(Bucket=bucket, Key="whole", VersionId="null")["ContentLength"] == 4
