import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from localstack.faults import Action, Fault
from localstack.storage_faults import fault_from_json, fault_to_json


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


def test_no_message_is_given_to_two_receivers_at_once(sqs, new_queue):
    queue = new_queue(VisibilityTimeout="600")
    for number in range(40):
        sqs.send_message(QueueUrl=queue, MessageBody=str(number))

    def receive(_):
        messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=1, WaitTimeSeconds=1).get("Messages", [])
        return [message["Body"] for message in messages]

    with ThreadPoolExecutor(8) as receivers:
        bodies = [body for batch in receivers.map(receive, range(48)) for body in batch]
    assert sorted(bodies, key=int) == [str(number) for number in range(40)]


def test_a_long_poll_does_not_hold_up_writes_and_ends_with_the_message(sqs, new_queue, s3, bucket):
    queue = new_queue()
    with ThreadPoolExecutor(1) as receiver:
        poll = receiver.submit(lambda: sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=4))
        s3.put_object(Bucket=bucket, Key="key", Body=b"written during the poll")
        assert not poll.done()
        sqs.send_message(QueueUrl=queue, MessageBody="here")
        assert [message["Body"] for message in poll.result(3)["Messages"]] == ["here"]


def test_a_message_received_too_often_moves_to_the_dead_letter_queue_with_its_id(sqs, new_queue):
    dead = new_queue()
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    queue = new_queue(VisibilityTimeout="0", RedrivePolicy=f'{{"deadLetterTargetArn": "{arn}", "maxReceiveCount": 2}}')
    sent = sqs.send_message(QueueUrl=queue, MessageBody="hard")["MessageId"]
    received = [sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages", []) for _ in range(3)]
    assert [[message["MessageId"] for message in batch] for batch in received] == [[sent], [sent], []]
    assert [message["MessageId"] for message in sqs.receive_message(QueueUrl=dead)["Messages"]] == [sent]


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
    storage.add_fault(Fault(action=Action.HANG, seconds=60, path=f"/{bucket}/key"))
    with ThreadPoolExecutor(1) as writer:
        put = writer.submit(lambda: s3.put_object(Bucket=bucket, Key="key", Body=b"x"))
        while not storage.fired():
            assert not put.done()
        began = time.monotonic()
        storage.clear_faults()
        with pytest.raises((ConnectionClosedError, ReadTimeoutError)):
            put.result(10)
        assert time.monotonic() - began < 2


def test_a_fault_picks_a_queue_request_by_its_action(storage, sqs, new_queue):
    queue = new_queue()
    storage.add_fault(Fault(action=Action.STATUS, status=500, path="/queue-.* SendMessage$"))
    assert _status_of(lambda: sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])) == 200
    assert _status_of(lambda: sqs.send_message(QueueUrl=queue, MessageBody="x")) == 500
    assert _status_of(lambda: sqs.send_message(QueueUrl=queue, MessageBody="x")) == 200


def test_a_fault_picks_a_queue_request_of_the_old_form_protocol(storage, new_queue):
    queue = new_queue()
    storage.add_fault(Fault(action=Action.STATUS, status=418, path=" GetQueueAttributes$"))
    form = {"Action": "GetQueueAttributes", "Version": "2012-11-05", "QueueUrl": queue}
    signed = {"Authorization": "AWS4-HMAC-SHA256 Credential=key/20260101/ru-central1/sqs/aws4_request, SignedHeaders=host, Signature=0"}
    assert [httpx.post(queue, data=form, headers=signed).status_code for _ in range(2)] == [418, 200]


def test_a_fault_travels_as_json_unchanged():
    fault = Fault(action=Action.STATUS, when="after", skip=1, times=3, status=429, headers={"Retry-After": "2"}, body=b"\xff\x00")
    assert fault_from_json(fault_to_json(fault)) == fault
