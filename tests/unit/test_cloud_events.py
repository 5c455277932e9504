"""The cloud's wrappings, from recorded events."""

import json
from pathlib import Path

import pytest

from pisar import cloud_events
from pisar.cloud_events import QueueMessage, StoredObjectEvent
from pisar.errors import Unreadable
from pisar.web.http import Request, Response, header, in_json

EVENTS = Path(__file__).parent.parent / "data" / "events"
READERS = [
    cloud_events.http_request,
    cloud_events.queue_messages,
    cloud_events.stored_objects,
    cloud_events.authorizer_key,
]


def recorded(name):
    return json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))


def test_a_direct_call_is_read_with_its_body_as_bytes():
    event = recorded("function_direct")
    assert cloud_events.http_request(event) == Request(
        method="POST", path="/", headers=event["headers"], query={"a": "2"}, body=event["body"].encode()
    )


def test_format_0_1_has_the_real_path_in_url_and_the_authorizers_word_on_the_caller():
    assert cloud_events.http_request(recorded("gateway_0_1")) == Request(
        method="GET",
        path="/jobs/0123abcd",
        headers={"X-Api-Key": "pk_1", "Accept": "*/*"},
        query={"format": "srt"},
        body=b"",
    )
    assert cloud_events.authorized_client(recorded("gateway_0_1")) == "anna"


def test_format_1_0_has_the_real_path_in_path():
    request = cloud_events.http_request(recorded("gateway_1_0"))
    assert (request.method, request.path, request.query) == ("POST", "/telegram", {})
    assert cloud_events.authorized_client(recorded("gateway_1_0")) == ""
    assert json.loads(request.body) == json.loads((EVENTS / "telegram" / "voice.json").read_text(encoding="utf-8"))


def test_a_base64_body_is_decoded_and_missing_maps_are_empty():
    request = cloud_events.http_request(recorded("gateway_1_0_base64"))
    assert (request.path, request.query, request.body) == ("/jobs/0123abcd", {}, b"OggS\x00\x02\xff")


def test_a_body_that_was_already_decoded_is_json_again():
    assert json.loads(cloud_events.http_request(recorded("gateway_decoded_body")).body) == {"имя": "файл.ogg"}


@pytest.mark.parametrize("name", ["X-Telegram-Bot-Api-Secret-Token", "x-telegram-bot-api-secret-token"])
def test_a_header_is_found_whatever_its_case(name):
    assert header(cloud_events.http_request(recorded("function_direct")).headers, name) == "hush"


def test_an_absent_header_is_none():
    assert header(cloud_events.http_request(recorded("function_direct")).headers, "X-Nothing") is None


@pytest.mark.parametrize("event", [{"httpMethod": "POST", "body": "no base64!", "isBase64Encoded": True}, {"httpMethod": ""}])
def test_an_http_event_that_does_not_keep_its_word_is_unreadable(event):
    with pytest.raises(Unreadable):
        cloud_events.http_request(event)


def test_a_mapping_goes_out_as_json():
    answer = cloud_events.http_response(in_json(200, {"ответ": 1}, {"Retry-After": "5"}))
    assert json.loads(answer.pop("body")) == {"ответ": 1}
    assert answer == {
        "statusCode": 200,
        "headers": {"Content-Type": "application/json; charset=utf-8", "Retry-After": "5"},
        "isBase64Encoded": False,
    }


def test_text_goes_out_as_it_is():
    assert cloud_events.http_response(Response(404, {"Content-Type": "text/vtt"}, "нет")) == {
        "statusCode": 404,
        "headers": {"Content-Type": "text/vtt"},
        "body": "нет",
        "isBase64Encoded": False,
    }


@pytest.mark.parametrize("event", [None, {"requestContext": 5}, {"requestContext": {"authorizer": "anna"}}], ids=repr)
def test_an_event_in_which_no_authorizer_can_have_spoken_is_unreadable(event):
    with pytest.raises(Unreadable):
        cloud_events.authorized_client(event)


def test_queue_messages_are_read_in_order_and_their_bodies_left_alone():
    assert cloud_events.queue_messages(recorded("queue_trigger")) == (
        QueueMessage("cce76685-5828-4304-a83d-95643c0507a0", '{"job_id": "0123abcd"}'),
    )
    assert cloud_events.queue_messages(recorded("queue_trigger_batch")) == (
        QueueMessage("m-1", '{"job_id": "0123abcd"}'),
        QueueMessage("m-2", "не JSON"),
    )


def test_storage_events_tell_bucket_key_and_what_happened():
    assert cloud_events.stored_objects(recorded("storage_trigger")) == (StoredObjectEvent("pisar", "uploads/встреча.ogg", "ObjectCreate"),)
    assert cloud_events.stored_objects(recorded("storage_trigger_delete")) == (
        StoredObjectEvent("pisar", "uploads/a b.ogg", "ObjectDelete"),
    )


def test_the_two_triggers_events_are_not_taken_for_each_other():
    with pytest.raises(Unreadable):
        cloud_events.queue_messages(recorded("storage_trigger"))
    with pytest.raises(Unreadable):
        cloud_events.stored_objects(recorded("queue_trigger"))


def test_a_key_is_found_in_its_own_header_or_in_authorization():
    assert cloud_events.authorizer_key(recorded("authorizer_api_key")) == "pk_1"
    assert cloud_events.authorizer_key(recorded("authorizer_bearer")) == "pk_2"


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer ", "Basic pk_2"])
def test_no_key_is_none(value):
    assert cloud_events.authorizer_key({"headers": {"Authorization": value}}) is None
    assert cloud_events.authorizer_key({"headers": {}}) is None


def test_an_authorizers_answer_says_who_the_caller_is():
    assert cloud_events.authorizer_response(allowed=True, context={"client": "anna"}) == {
        "isAuthorized": True,
        "context": {"client": "anna"},
    }
    assert cloud_events.authorizer_response(allowed=False) == {"isAuthorized": False, "context": {}}


def test_a_container_reads_what_the_authorizer_said_from_a_header():
    assert cloud_events.authorizer_context('{"client": "ab"}') == {"client": "ab"}
    assert cloud_events.authorizer_context(None) == {}


@pytest.mark.parametrize("header", ["", "anna", "[]", '"anna"', "null", "{"])
def test_a_header_that_is_no_json_object_is_unreadable(header):
    with pytest.raises(Unreadable):
        cloud_events.authorizer_context(header)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("event", [None, [], "text", 5, {"headers": 5, "httpMethod": "GET"}, {"messages": "x", "headers": "x"}], ids=repr)
def test_anything_else_is_unreadable(reader, event):
    with pytest.raises(Unreadable):
        reader(event)


@pytest.mark.parametrize(
    "messages", [[], [5], [{}], [{"event_metadata": {}, "details": {}}], [{"event_metadata": {}, "details": {"message": 5}}]]
)
def test_a_triggers_event_without_what_it_promises_is_unreadable(messages):
    with pytest.raises(Unreadable):
        cloud_events.queue_messages({"messages": messages})
    with pytest.raises(Unreadable):
        cloud_events.stored_objects({"messages": messages})


DEEP = [[]]
for _ in range(100_000):
    DEEP = [DEEP]
HALF = "\ud800"
ODD = {"half of a surrogate pair": HALF, "arrays without end": DEEP}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
@pytest.mark.parametrize(
    "event_of",
    [
        lambda odd: {"body": odd},
        lambda odd: {"path": odd, "resource": "/jobs/{id}"},
        lambda odd: {"headers": {"X-Api-Key": odd}},
        lambda odd: {"queryStringParameters": {"after": odd}},
    ],
    ids=["body", "path", "header", "query"],
)
def test_a_request_that_no_text_can_carry_is_unreadable(odd, event_of):
    with pytest.raises(Unreadable):
        cloud_events.http_request({"httpMethod": "GET", **event_of(odd)})


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_a_trigger_that_names_what_no_text_can_carry_is_unreadable(odd):
    kind = {"event_type": "yandex.cloud.events.storage.ObjectCreate"}
    for name in ("bucket_id", "object_id"):
        with pytest.raises(Unreadable):
            cloud_events.stored_objects(
                {"messages": [{"event_metadata": kind, "details": {"bucket_id": "a", "object_id": "b", name: odd}}]}
            )
    with pytest.raises(Unreadable):
        cloud_events.queue_messages({"messages": [{"event_metadata": {"event_type": odd}, "details": {"message": {}}}]})
    with pytest.raises(Unreadable):
        cloud_events.authorizer_key({"headers": {"X-Api-Key": odd}})


def test_a_deep_header_of_the_authorizer_is_unreadable():
    with pytest.raises(Unreadable):
        cloud_events.authorizer_context("[" * 50_000)
