import base64
import json

import pytest

from localstack.cloud.exchange import CallFailed, Request, Route
from localstack.cloud.functions import FunctionFailed
from localstack.cloud.instances import Limits

ECHO_EVENT = """
    import json
    def handler(event, context):
        return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(event)}
"""


def _answers(result):
    return f"""
        def handler(event, context):
            return {result!r}
    """


def test_a_function_gets_the_event_and_its_result_comes_back(run, new_function):
    function = new_function("def handler(event, context): return {'got': event}")
    assert run(function.invoke({"messages": ["é"]})) == {"got": {"messages": ["é"]}}


def test_a_coroutine_is_a_handler_too_call_after_call(run, new_function):
    function = new_function("""
        import asyncio
        async def handler(event, context):
            await asyncio.sleep(0)
            return event + 1
    """)
    assert [run(function.invoke(number)) for number in (1, 2)] == [2, 3]
    assert len(function.pids()) == 1


def test_the_context_has_what_the_cloud_documents(run, new_function):
    function = new_function(
        """
        def handler(event, context):
            left = context.get_remaining_time_in_millis()
            return [context.function_name, context.memory_limit_in_mb, context.token, context.request_id == context.aws_request_id,
                    bool(context.function_version), bool(context.log_group_name), 60_000 < left <= 120_000, context.deadline_ms > 1e12]
        """,
        limits=Limits(execution_timeout_seconds=120),
        memory_mb=512,
        token={"access_token": "t", "expires_in": 3600, "token_type": "Bearer"},
    )
    assert run(function.invoke({})) == [
        "fn", 512, {"access_token": "t", "expires_in": 3600, "token_type": "Bearer"}, True, True, True, True, True,
    ]  # fmt: skip


def test_the_entry_file_is_imported_from_its_folder_and_finds_nothing_of_ours(run, new_function, tmp_path):
    function = new_function("""
        import sys, neighbour
        from importlib.util import find_spec
        def handler(event, context):
            return [neighbour.NAME, __name__, sys.path[0] == __file__.rpartition("/")[0], find_spec("localstack"), find_spec("exchange")]
    """)
    (tmp_path / "fn" / "neighbour.py").write_text("NAME = 'next door'")
    assert run(function.invoke({})) == ["next door", "main", True, None, None]


def test_the_root_logger_is_set_up_as_in_the_cloud(run, new_function, lines):
    function = new_function("""
        import logging
        logging.basicConfig(level=logging.DEBUG)
        def handler(event, context):
            logging.getLogger("x").info("too quiet")
            logging.getLogger("x").warning("loud enough")
            return len(logging.getLogger().handlers)
    """)
    assert run(function.invoke({})) == 1
    assert lines.texts == ["WARNING:x:loud enough"]


def test_what_a_handler_raises_is_its_answer_and_its_traceback_is_in_the_logs(run, new_function, lines):
    function = new_function("def handler(event, context): raise ValueError('no such thing')")
    with pytest.raises(FunctionFailed) as caught:
        run(function.invoke({}))
    assert (caught.value.error["errorMessage"], caught.value.error["errorType"]) == ("no such thing", "ValueError")
    assert "line 1, in handler" in caught.value.error["stackTrace"][-1]
    lines.wait_for("ValueError: no such thing")
    response = run(function.call_http(Request("GET", "/")))
    assert (response.status, json.loads(response.body)["errorType"]) == (502, "ValueError")
    assert ("X-Function-Error", "true") in response.headers


def test_a_result_that_is_no_json_is_an_error_of_the_function(run, new_function):
    with pytest.raises(FunctionFailed, match="TypeError"):
        run(new_function("def handler(event, context): return object()").invoke({}))


def test_an_entry_file_that_does_not_import_is_a_502_with_its_traceback_in_the_logs(run, new_function, lines):
    function = new_function("import no_such_module")
    with pytest.raises(CallFailed, match="502"):
        run(function.invoke({}))
    lines.wait_for("No module named 'no_such_module'")


def test_a_function_that_takes_too_long_is_a_504(run, new_function):
    function = new_function(
        "import threading\ndef handler(event, context): threading.Event().wait()", limits=Limits(execution_timeout_seconds=1)
    )
    assert run(function.call_http(Request("GET", "/"))).status == 504


def test_a_trigger_does_not_look_at_the_status_code(run, new_function):
    assert run(new_function(_answers({"statusCode": 500})).deliver({})) is None


def test_a_direct_call_has_the_documented_event(run, new_function):
    headers = (
        ("content-type", "application/json"),
        ("x-API-key", "k"),
        ("Authorization", "Bearer t"),
        ("Cookie", "c=1"),
        ("X-Many", "1"),
        ("x-many", "2"),
        ("User-Agent", "curl"),
        ("X-Request-Id", "r-1"),
    )
    request = Request("POST", "/?a=1&a=2&b=", headers, '{"é": 1}'.encode(), "1.2.3.4")
    event = json.loads(run(new_function(ECHO_EVENT).call_http(request)).body)
    times = [event["requestContext"].pop(name) for name in ("requestTime", "requestTimeEpoch")]
    assert [type(value) for value in times] == [str, int]
    assert event == {
        "httpMethod": "POST",
        "url": "",
        "path": "",
        "headers": {
            "Content-Type": "application/json",
            "X-Api-Key": "k",
            "X-Many": "2",
            "User-Agent": "curl",
            "X-Request-Id": "r-1",
        },
        "multiValueHeaders": {
            "Content-Type": ["application/json"],
            "X-Api-Key": ["k"],
            "X-Many": ["1", "2"],
            "User-Agent": ["curl"],
            "X-Request-Id": ["r-1"],
        },
        "queryStringParameters": {"a": "2", "b": ""},
        "multiValueQueryStringParameters": {"a": ["1", "2"], "b": [""]},
        "pathParams": {},
        "params": {},
        "multiValueParams": {},
        "requestContext": {
            "identity": {"sourceIp": "1.2.3.4", "userAgent": "curl"},
            "httpMethod": "POST",
            "requestId": "r-1",
            "authorizer": {},
            "apiGateway": {"operationContext": {}},
        },
        "body": '{"é": 1}',
        "isBase64Encoded": False,
    }


ROUTE = {
    "resource": "/jobs/{id}",
    "operation_id": "getJob",
    "path_parameters": {"id": "é 1"},
    "parameters": {"id": ["é 1"], "format": ["srt", "vtt"]},
    "operation_context": {"op": "read"},
    "authorizer_context": {"client": "ann"},
}


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        (
            "0.1",
            {
                "url": "/jobs/é 1",
                "path": "/jobs/{id}",
                "pathParams": {"id": "é 1"},
                "params": {"id": "é 1", "format": "vtt"},
                "multiValueParams": {"id": ["é 1"], "format": ["srt", "vtt"]},
            },
        ),
        (
            "1.0",
            {
                "version": "1.0",
                "resource": "/jobs/{id}",
                "path": "/jobs/é 1",
                "pathParameters": {"id": "é 1"},
                "parameters": {"id": "é 1", "format": "vtt"},
                "multiValueParameters": {"id": ["é 1"], "format": ["srt", "vtt"]},
                "operationId": "getJob",
            },
        ),
    ],
)
def test_the_two_event_shapes_differ_in_names(run, new_function, version, expected):
    request = Request("GET", "/jobs/%C3%A9%201?format=srt&format=vtt")
    response = run(new_function(ECHO_EVENT).call_http(request, Route(**ROUTE, payload_format_version=version)))
    event = json.loads(response.body)
    context = event.pop("requestContext")
    assert (context["authorizer"], context["apiGateway"]) == ({"client": "ann"}, {"operationContext": {"op": "read"}})
    common = {"httpMethod", "headers", "multiValueHeaders", "queryStringParameters", "multiValueQueryStringParameters", "body"}
    assert {name: value for name, value in event.items() if name not in {*common, "isBase64Encoded"}} == expected


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        ("application/json", b"{}", ("{}", False)),
        ("application/json; charset=utf-8", b"{}", ("{}", False)),
        ("application/json", b"\xff", (base64.b64encode(b"\xff").decode(), True)),
        ("text/plain", b"hello", (base64.b64encode(b"hello").decode(), True)),
        ("multipart/form-data; boundary=x", b"--x", (base64.b64encode(b"--x").decode(), True)),
        ("text/plain", b"", ("", False)),
    ],
)
def test_only_json_bodies_are_text(run, new_function, content_type, body, expected):
    request = Request("POST", "/", (("Content-Type", content_type),), body)
    event = json.loads(run(new_function(ECHO_EVENT).call_http(request)).body)
    assert (event["body"], event["isBase64Encoded"]) == expected


def test_a_response_is_what_the_result_describes(run, new_function):
    result = {
        "statusCode": 201,
        "headers": {"X-One": "1", "Server": "mine", "Date": "today", "Connection": "close", "Set-Cookie": "a=1"},
        "multiValueHeaders": {"X-Two": ["a", "b"]},
        "body": base64.b64encode(b"\x00\xff").decode(),
        "isBase64Encoded": True,
    }
    response = run(new_function(_answers(result)).call_http(Request("GET", "/")))
    assert (response.status, response.body) == (201, b"\x00\xff")
    assert response.headers == (
        ("X-One", "1"),
        ("X-Yf-Remapped-Server", "mine"),
        ("X-Yf-Remapped-Date", "today"),
        ("Set-Cookie", "a=1"),
        ("X-Two", "a"),
        ("X-Two", "b"),
    )


@pytest.mark.parametrize(
    "result",
    [
        None,
        "text",
        {"body": "no status"},
        {"statusCode": "200"},
        {"statusCode": 200, "body": {"not": "text"}},
        {"statusCode": 200, "headers": {"X-Number": 1}},
        {"statusCode": 200, "headers": ["X"]},
        {"statusCode": 200, "multiValueHeaders": {"X": "not a list"}},
        {"statusCode": 200, "body": "not base64!", "isBase64Encoded": True},
        {"statusCode": 200, "headers": {"Transfer-Encoding": "chunked"}},
        {"statusCode": 200, "headers": {"Via": "me"}},
        {"statusCode": 200, "headers": {"Proxy-Authenticate": "Basic"}},
    ],
)
def test_a_result_of_a_wrong_shape_is_a_proxy_integration_error(run, new_function, result):
    response = run(new_function(_answers(result)).call_http(Request("GET", "/")))
    assert (response.status, json.loads(response.body)["errorType"]) == (502, "ProxyIntegrationError")


def test_an_event_over_three_and_a_half_megabytes_is_a_413_counted_after_base64(run, new_function):
    function = new_function("def handler(event, context): return {'statusCode': 200}")
    fits, too_big = b"x" * 2_750_000, b"x" * 2_760_000
    assert [run(function.call_http(Request("POST", "/", (), body))).status for body in (fits, too_big)] == [200, 413]


def test_a_result_over_three_and_a_half_megabytes_is_a_413(run, new_function):
    function = new_function("def handler(event, context): return {'statusCode': 200, 'body': 'x' * 3_670_016}")
    assert run(function.call_http(Request("GET", "/"))).status == 413
