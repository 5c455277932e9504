import json
import re
import uuid
from urllib.parse import unquote, urlsplit

import pytest

from localstack.cloud.instances import Limits
from localstack.cloud.polling import Polling, sqs_client
from localstack.cloud.storage import StorageServer
from localstack.cloud.triggers import QueueTrigger
from localstack.faults import Action, Fault

FUNCTION = """
    import json
    def handler(event, context):
        print(json.dumps(event), flush=True)
        return {"statusCode": 500}
"""

# Prints what it is given; fails as often as the message's body or the object's name says, "fails-2".
STUBBORN = """
    import json, re, collections
    seen = collections.Counter()
    def handler(event, context):
        print(json.dumps(event), flush=True)
        [name] = re.findall(r"fails-[0-9]+", json.dumps(event)) or ["fails-0"]
        seen[name] += 1
        if seen[name] <= int(name.rpartition("-")[2]):
            raise RuntimeError(name)
"""

CONTAINER = """
    import os, sys
    from http.server import BaseHTTPRequestHandler, HTTPServer
    class Answer(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            print(self.path, self.headers["Content-Type"], body, flush=True)
            self.send_response(int(os.environ["STATUS"]))
            self.send_header("Content-Length", "0")
            self.end_headers()
        def log_message(self, *_):
            pass
    HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Answer).serve_forever()
"""


def _events(lines):
    return [json.loads(line) for line in lines.texts if line.startswith("{")]


def test_a_container_gets_the_documented_json_and_the_message_is_deleted(queues, watch_queue, new_container, lines):
    queue = queues.new()
    attributes = {"k": {"DataType": "String", "StringValue": "v"}}
    sent = queues.send(queue, '{"job_id": "é"}', MessageAttributes=attributes)
    watch_queue(queue, new_container(CONTAINER, {"STATUS": "204"}), "/queue")
    lines.wait_for("/queue")
    queues.wait_for_length(queue, 0)
    [line] = lines.texts
    path, content_type, body = line.split(" ", 2)
    assert (path, content_type) == ("/queue", "application/json")
    [message] = json.loads(body)["messages"]
    created_at = message["event_metadata"].pop("created_at")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", created_at)
    sent_ms = message["details"]["message"]["attributes"].pop("SentTimestamp")
    assert sent_ms.isdigit()
    name = urlsplit(queue).path.rpartition("/")[2]
    assert message == {
        "event_metadata": {
            "event_id": sent["MessageId"],
            "event_type": "yandex.cloud.events.messagequeue.QueueMessage",
            "cloud_id": "b1glocalcloud0000000",
            "folder_id": "b1glocalfolder000000",
        },
        "details": {
            "queue_id": f"yrn:yc:ymq:ru-central1:b1glocalfolder000000:{name}",
            "message": {
                "message_id": sent["MessageId"],
                "md5_of_body": sent["MD5OfMessageBody"],
                "body": '{"job_id": "é"}',
                "attributes": {},
                "message_attributes": {"k": {"data_type": "StringValue", "string_value": "v"}},
                "md5_of_message_attributes": sent["MD5OfMessageAttributes"],
            },
        },
    }


def test_a_message_a_container_fails_returns_and_at_last_moves_to_the_dead_letter_queue(queues, watch_queue, new_container, lines):
    queue, dead = queues.new_with_dead_letters(2, VisibilityTimeout="30")
    queues.send(queue, "hard")
    container = new_container(CONTAINER, {"STATUS": "500"})
    watch_queue(queue, container, polling=Polling(visibility_timeout_seconds=1))
    queues.wait_for_length(dead, 1)
    assert (queues.length(queue), len(lines.texts)) == (0, 2)
    assert [message["Body"] for message in queues.receive(dead)] == ["hard"]


def test_a_functions_status_code_does_not_matter_only_that_it_returns(queues, watch_queue, new_function, lines):
    queue = queues.new()
    watch_queue(queue, new_function(FUNCTION))
    queues.send(queue, "x")
    queues.wait_for_length(queue, 0)
    assert len(lines.texts) == 1


def test_a_message_on_which_a_function_raises_is_given_again(queues, watch_queue, new_function, lines):
    queue = queues.new(VisibilityTimeout="1")
    watch_queue(queue, new_function(STUBBORN))
    queues.send(queue, "fails-1")
    lines.wait_for('"messages"', times=2)
    queues.wait_for_length(queue, 0)
    assert len(_events(lines)) == 2


def test_a_batch_is_given_in_one_call(queues, watch_queue, new_function, lines):
    queue = queues.new()
    for number in range(12):
        queues.send(queue, str(number))
    watch_queue(queue, new_function(FUNCTION), polling=Polling(batch_size=12))
    queues.wait_for_length(queue, 0)
    [event] = _events(lines)
    assert sorted(int(message["details"]["message"]["body"]) for message in event["messages"]) == list(range(12))


def test_a_batch_that_is_not_full_goes_after_the_cutoff(queues, watch_queue, new_function, lines):
    queue = queues.new()
    queues.send(queue, "alone")
    watch_queue(queue, new_function(FUNCTION), polling=Polling(batch_size=10, batch_cutoff_seconds=0.1))
    lines.wait_for("alone")


def test_parallel_calls_go_to_instances_of_their_own(queues, watch_queue, new_container, lines, gate):
    wait = f"print('ready', flush=True); open({str(gate.path)!r}).close()"
    source = CONTAINER.replace("print(self.path", f"{wait}; print(self.path")
    container = new_container(source, {"STATUS": "200"}, limits=Limits(max_instances=2))
    queue = queues.new()
    for body in ("one", "two"):
        queues.send(queue, body)
    watch_queue(queue, container, polling=Polling(parallel=2))
    lines.wait_for("ready", times=2)
    assert len(container.pids()) == 2
    gate.open()
    lines.wait_for("messages", times=2)
    queues.wait_for_length(queue, 0)


@pytest.mark.parametrize("action", ["ReceiveMessage", "DeleteMessage"])
def test_a_queue_trigger_outlives_an_outage_of_the_queue(storage, queues, watch_queue, new_function, action):
    queue = queues.new()
    path = f"{urlsplit(queue).path} {action}$"
    storage.add_fault(Fault(action=Action.STATUS, status=503, path=path, times=3))
    storage.add_fault(Fault(action=Action.DROP, path=path, times=2))
    watch_queue(queue, new_function(FUNCTION))
    queues.send(queue, "x")
    queues.wait_for_length(queue, 0)
    assert len(storage.fired()) == 5


def test_a_queue_trigger_outlives_a_storage_server_that_dies_and_comes_back(run, new_function, start, *, lines, caplog, kept_port):
    first = start(StorageServer(port=kept_port))
    sqs = sqs_client(first.url)
    queue = sqs.create_queue(QueueName="again")["QueueUrl"]
    start(QueueTrigger(first.url, queue, new_function(FUNCTION)))
    run(first.stop())
    second = start(StorageServer(port=kept_port))
    assert second.url == first.url
    sqs.create_queue(QueueName="again")
    sqs.send_message(QueueUrl=queue, MessageBody="after the outage")
    lines.wait_for("after the outage")
    assert "the storage failed a trigger" in caplog.text


def test_a_stopped_trigger_takes_no_more_messages(run, queues, watch_queue, new_function):
    queue = queues.new()
    trigger = watch_queue(queue, new_function(FUNCTION))
    queues.send(queue, "x")
    queues.wait_for_length(queue, 0)
    run(trigger.stop())
    queues.send(queue, "too late")
    assert [message["Body"] for message in queues.receive(queue)] == ["too late"]


def test_a_function_gets_the_documented_json_of_objects_that_match_prefix_and_suffix(drops, new_function, lines):
    drops.watch(new_function(FUNCTION), prefix="uploads/", suffix=".ogg")
    for key in ("uploads/no.txt", "other/no.ogg", "uploads/голос 1+2.ogg", "uploads/last.ogg"):
        drops.put(key)
    drops.delete("uploads/last.ogg")
    lines.wait_for("last.ogg")
    first, last = (event["messages"] for event in _events(lines))
    assert [message["details"]["object_id"] for message in last] == ["uploads/last.ogg"]
    [message] = first
    metadata = message["event_metadata"]
    assert (str(uuid.UUID(metadata.pop("event_id"))), re.fullmatch(r"\S{10}T\S{8}\.\d{6}Z", metadata.pop("created_at"))) != ("", None)
    assert len(metadata["tracing_context"].pop("trace_id")) == 32
    assert message == {
        "event_metadata": {
            "event_type": "yandex.cloud.events.storage.ObjectCreate",
            "tracing_context": {"span_id": "", "parent_span_id": ""},
            "cloud_id": "b1glocalcloud0000000",
            "folder_id": "b1glocalfolder000000",
        },
        "details": {"bucket_id": drops.name, "object_id": "uploads/голос 1+2.ogg"},
    }


def test_the_storage_tells_a_trigger_only_of_keys_that_it_wants(run, queues, drops, new_function):
    trigger = drops.watch(new_function(FUNCTION), prefix="uploads/", suffix=".ogg")
    run(trigger.stop())  # so that its queue keeps what comes
    for key in ("uploads/no.txt", "jobs/a.json", "other/no.ogg", "uploads/yes.ogg"):
        drops.put(key)
    kept = queues.sqs.receive_message(QueueUrl=drops.events_queue(), MaxNumberOfMessages=10, WaitTimeSeconds=1)["Messages"]
    records = [record for message in kept for record in json.loads(message["Body"]).get("Records", [])]
    assert [unquote(record["s3"]["object"]["key"]) for record in records] == ["uploads/yes.ogg"]


def test_two_triggers_of_one_bucket_get_each_its_own_events(drops, new_function, lines):
    drops.watch(new_function(FUNCTION, function_id="made"))
    drops.watch(new_function(FUNCTION, function_id="gone"), events=["ObjectDelete"])
    drops.put("key")
    lines.wait_for("ObjectCreate")
    drops.delete("key")
    lines.wait_for("ObjectDelete")
    assert len(lines.texts) == 2


def test_a_failed_call_of_a_bucket_trigger_is_repeated(queues, drops, new_function, lines):
    dead = queues.new()
    drops.watch(new_function(STUBBORN), retry_attempts=2, retry_interval_seconds=0.01, dead_letter_queue_url=dead)
    for key in ("fails-2", "fails-0"):
        drops.put(key)
    lines.wait_for('"object_id": "fails-0"')
    events = _events(lines)
    assert [event["messages"][0]["details"]["object_id"] for event in events] == ["fails-2", "fails-2", "fails-2", "fails-0"]
    assert (events[0] == events[1] == events[2], queues.length(dead)) == (True, 0)


def test_after_its_retries_the_event_goes_to_the_dead_letter_queue_even_when_that_is_down_for_a_while(
    storage, queues, drops, new_function, lines
):
    dead = queues.new()
    storage.add_fault(Fault(action=Action.DROP, path=f"{urlsplit(dead).path} SendMessage", times=2))
    function = new_function(STUBBORN)
    drops.watch(function, retry_attempts=1, retry_interval_seconds=0.01, dead_letter_queue_url=dead)
    drops.put("fails-9")
    queues.wait_for_length(dead, 1)
    [message] = queues.receive(dead)
    assert [json.loads(message["Body"])] * 2 == _events(lines)


def test_without_a_dead_letter_queue_the_event_is_lost(drops, new_function, lines):
    drops.watch(new_function(STUBBORN))
    for key in ("fails-9", "fails-0"):
        drops.put(key)
    lines.wait_for('"object_id": "fails-0"')
    assert len(_events(lines)) == 2


def test_a_message_nobody_can_read_does_not_end_a_bucket_trigger(queues, drops, new_function, lines):
    before = set(queues.sqs.list_queues(QueueNamePrefix="trigger-").get("QueueUrls", []))
    drops.watch(new_function(FUNCTION))
    [own] = set(queues.sqs.list_queues(QueueNamePrefix="trigger-")["QueueUrls"]) - before
    queues.send(own, "no json")
    drops.put("key")
    lines.wait_for('"object_id": "key"')
