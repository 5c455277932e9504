import base64
import json
import socket
from urllib.parse import urlsplit

import httpx
import pytest

MAX_BODY_BYTES = 2_621_440
CLIENT = httpx.Client(timeout=60, limits=httpx.Limits(max_keepalive_connections=0))  # each test has a gateway of its own

ECHO_EVENT = """
    import json
    def handler(event, context):
        return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(event)}
"""

# Lets in the key "good" and prints the event it is asked with.
AUTHORIZER = """
    import json
    def handler(event, context):
        print(json.dumps(event), flush=True)
        key = event["headers"].get("X-Api-Key") or event["headers"].get("Authorization", "")
        if key == "boom":
            raise RuntimeError("no")
        if key == "odd":
            return {"allowed": True}
        return {"isAuthorized": key.endswith("good"), "context": {"client": "ann", "limits": {"minutes": 5}}}
"""

DOCUMENT = """
    openapi: 3.0.0
    info: {title: test, version: 1.0.0}
    x-yc-apigateway:
      service_account_id: "${gateway_sa_id}"
      cors: {origin: ["https://app.example"], methods: [GET, POST], allowedHeaders: [X-API-Key], maxAge: 600, credentials: true}
    paths:
      /old/{id}:
        post:
          parameters: [{name: id, in: path, required: true, schema: {type: string}}]
          x-yc-apigateway-integration: {type: cloud_functions, function_id: "${fn}", tag: "$latest", context: {op: old}}
      /new/{id}:
        x-yc-apigateway-any-method:
          operationId: anyNew
          x-yc-apigateway-integration: {type: cloud_functions, function_id: "${fn}", payload_format_version: "1.0"}
      /box/{proxy+}:
        x-yc-apigateway-any-method:
          x-yc-apigateway-integration: {type: serverless_containers, container_id: "${box}", context: {op: box}}
      /big/{bytes}:
        x-yc-apigateway-any-method:
          x-yc-apigateway-integration: {type: serverless_containers, container_id: "${box}"}
      /closed/{id}:
        get: &closed
          security: [{Key: []}]
          x-yc-apigateway-integration: {type: cloud_functions, function_id: "${fn}", payload_format_version: "1.0"}
        post: *closed
      /kept/{id}:
        get:
          security: [{KeptKey: []}]
          x-yc-apigateway-integration: {type: dummy, http_code: 200}
      /kept-by-uri/{id}:
        get:
          security: [{KeptKeyByUri: []}]
          x-yc-apigateway-integration: {type: dummy, http_code: 200}
      /closed-box:
        get:
          security: [{Bearer: []}, {Key: []}]
          x-yc-apigateway-integration: {type: serverless_containers, container_id: "${box}"}
      /health:
        get:
          x-yc-apigateway-integration:
            type: dummy
            http_code: 203
            http_headers: {Content-Type: application/json}
            content: {"*": '{"ok":true}', "text/plain": fine}
      /elsewhere/{name}:
        get:
          x-yc-apigateway-integration:
            {type: http, url: "${elsewhere}/seen/{name}", headers: {X-Ours: "1"}, query: {"*": "*"}, timeouts: {connect: 1, read: 60}}
    components:
      securitySchemes:
        Key: {type: apiKey, in: header, name: X-API-Key, x-yc-apigateway-authorizer: {type: function, function_id: "${auth}"}}
        KeptKey:
          {type: apiKey, in: header, name: X-API-Key,
           x-yc-apigateway-authorizer: {type: function, function_id: "${auth}", authorizer_result_ttl_in_seconds: 300}}
        KeptKeyByUri:
          type: apiKey
          in: header
          name: X-API-Key
          x-yc-apigateway-authorizer:
            {type: function, function_id: "${auth}", authorizer_result_ttl_in_seconds: 300, authorizer_result_caching_mode: uri}
        Bearer: {type: http, scheme: bearer, x-yc-apigateway-authorizer: {type: function, function_id: "${auth}"}}
"""


@pytest.fixture
def gateway(new_gateway, new_function, new_container):
    targets = {
        "fn-id": new_function(ECHO_EVENT),
        "auth-id": new_function(AUTHORIZER, function_id="auth"),
        "box-id": new_container(),
    }
    variables = {"gateway_sa_id": "aje", "fn": "fn-id", "auth": "auth-id", "box": "box-id", "elsewhere": "http://127.0.0.1:9"}
    return new_gateway(DOCUMENT, targets, variables)


def _headers(seen):
    return {name.lower(): value for name, value in seen.json()["headers"]}


def test_a_function_gets_shape_0_1_unless_the_document_says_otherwise(gateway):
    event = CLIENT.post(f"{gateway}/old/a%20b?x=1", json={"n": 1}, headers={"Authorization": "t", "Cookie": "c=1"}).json()
    assert (event["url"], event["path"], event["pathParams"], event["params"]) == ("/old/a b", "/old/{id}", {"id": "a b"}, {"id": "a b"})
    assert (json.loads(event["body"]), event["isBase64Encoded"], event["httpMethod"]) == ({"n": 1}, False, "POST")
    assert event["requestContext"]["apiGateway"] == {"operationContext": {"op": "old"}}
    assert event["requestContext"]["identity"]["sourceIp"] == "127.0.0.1"
    assert event["headers"]["Host"] == urlsplit(gateway).netloc
    assert event["headers"]["X-Request-Id"] == event["requestContext"]["requestId"]
    assert event["headers"].keys().isdisjoint({"Authorization", "Cookie", "Connection"})


def test_a_function_gets_shape_1_0_by_any_method(gateway):
    event = CLIENT.delete(f"{gateway}/new/7/").json()
    assert (event["version"], event["resource"], event["path"]) == ("1.0", "/new/{id}", "/new/7/")
    assert (event["operationId"], event["httpMethod"], event["pathParameters"]) == ("anyNew", "DELETE", {"id": "7"})


def test_a_container_gets_the_request_raw_with_the_context_in_a_header(gateway):
    body = bytes(range(256))
    seen = CLIENT.post(f"{gateway}/box/deep/path?x=%20", content=body, headers={"Content-Type": "audio/ogg", "X-Forwarded-For": "9.9.9.9"})
    headers = _headers(seen)
    assert (seen.json()["method"], seen.json()["path"], base64.b64decode(seen.json()["body"])) == ("POST", "/box/deep/path?x=%20", body)
    assert (headers["x-forwarded-for"], headers["host"]) == ("9.9.9.9, 127.0.0.1", urlsplit(gateway).netloc)
    assert json.loads(base64.b64decode(headers["x-yc-apigateway-operation-context"])) == {"op": "box"}


def test_a_client_cannot_set_the_headers_of_the_contexts(gateway):
    forged = {"X-Yc-Apigateway-Authorizer-Context": '{"client":"root"}', "x-yc-apigateway-operation-context": "forged"}
    headers = _headers(CLIENT.get(f"{gateway}/box/x", headers=forged))
    assert "x-yc-apigateway-authorizer-context" not in headers
    assert headers["x-yc-apigateway-operation-context"] != "forged"


def test_a_dummy_answers_by_media_type(gateway):
    plain, other = (CLIENT.get(f"{gateway}/health", headers={"Accept": accept}) for accept in ("text/plain", "image/png"))
    assert (plain.status_code, plain.text, other.text, other.headers["Content-Type"]) == (203, "fine", '{"ok":true}', "application/json")


def test_an_http_integration_calls_the_other_server(new_gateway, gateway):
    document = """
        paths:
          /elsewhere/{name}:
            get:
              x-yc-apigateway-integration:
                {type: http, url: "${elsewhere}/box/{name}", method: POST, headers: {X-Ours: "1"}, query: {"*": "*", more: "2"}}
    """
    there = new_gateway(document, {}, {"elsewhere": gateway})
    seen = CLIENT.get(f"{there}/elsewhere/a%20b?x=1", headers={"X-Theirs": "1"})
    assert (seen.json()["method"], seen.json()["path"]) == ("POST", "/box/a%20b?x=1&more=2")
    assert (_headers(seen)["x-ours"], "x-theirs" in _headers(seen)) == ("1", False)


def test_a_server_that_is_not_there_is_a_502(gateway):
    assert CLIENT.get(f"{gateway}/elsewhere/x").status_code == 502


@pytest.mark.parametrize("path", ["nowhere", "no%0Awhere"])
def test_unknown_paths_and_methods_are_errors_in_json(gateway, path):
    unknown = CLIENT.get(f"{gateway}/{path}")
    assert (unknown.status_code, unknown.json()) == (404, {"message": "Not Found"})
    assert CLIENT.put(f"{gateway}/health").status_code == 405


@pytest.mark.parametrize("size", [MAX_BODY_BYTES, MAX_BODY_BYTES + 1])
@pytest.mark.parametrize("is_chunked", [True, False])
def test_a_request_over_two_and_a_half_megabytes_is_a_413(gateway, size, is_chunked):
    body = b"x" * size
    response = CLIENT.post(f"{gateway}/big/1", content=iter([body[:1000], body[1000:]]) if is_chunked else body)
    assert response.status_code == (200 if size == MAX_BODY_BYTES else 413)


def test_a_body_too_big_is_refused_before_it_has_come_in(gateway):
    address = urlsplit(gateway)
    with socket.create_connection((address.hostname, address.port), timeout=60) as connection:
        connection.sendall(b"POST /box/x HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\nstart")
        assert connection.recv(12) == b"HTTP/1.1 413"


def test_a_response_over_two_and_a_half_megabytes_is_a_502(gateway):
    assert [CLIENT.get(f"{gateway}/big/{size}").status_code for size in (MAX_BODY_BYTES, MAX_BODY_BYTES + 1)] == [200, 502]


def test_over_the_execution_timeout_the_caller_gets_504(new_gateway, new_function):
    function = new_function("import threading\ndef handler(event, context): threading.Event().wait()")
    document = "paths: {/slow: {get: {x-yc-apigateway-integration: {type: cloud_functions, function_id: slow}}}}"
    url = new_gateway(document, {"slow": function}, execution_timeout_seconds=0.5)
    assert CLIENT.get(f"{url}/slow").status_code == 504


def test_without_the_key_the_caller_gets_401_and_nobody_is_asked(gateway, lines):
    assert CLIENT.get(f"{gateway}/closed/1").status_code == 401
    assert lines.texts == []


@pytest.mark.parametrize(("key", "status"), [("good", 200), ("bad", 403), ("boom", 500), ("odd", 500)])
def test_the_authorizer_decides(gateway, key, status):
    assert CLIENT.get(f"{gateway}/closed/1", headers={"X-API-Key": key}).status_code == status


def test_the_authorizers_context_reaches_the_function(gateway):
    event = CLIENT.get(f"{gateway}/closed/1", headers={"X-API-Key": "good"}).json()
    assert event["requestContext"]["authorizer"] == {"client": "ann", "limits": {"minutes": 5}}


def test_the_authorizers_context_reaches_the_container_and_a_bearer_token_does_not(gateway):
    headers = _headers(CLIENT.get(f"{gateway}/closed-box", headers={"Authorization": "Bearer good"}))
    assert json.loads(headers["x-yc-apigateway-authorizer-context"]) == {"client": "ann", "limits": {"minutes": 5}}
    assert "authorization" not in headers


def test_of_alternative_schemes_the_one_whose_credential_is_there_is_asked(gateway):
    url = f"{gateway}/closed-box"
    tried = [{"X-API-Key": "good"}, {"Authorization": "Bearer bad"}, {"Authorization": "Basic good"}, {}]
    assert [CLIENT.get(url, headers=headers).status_code for headers in tried] == [200, 403, 401, 401]


def test_the_authorizer_sees_the_documented_event_and_no_body(gateway, lines):
    headers = {"X-API-Key": "bad", "Authorization": "Bearer t", "Cookie": "a=1; b=2"}
    CLIENT.post(f"{gateway}/closed/7?q=1", json={"private": 1}, headers=headers)
    [event] = [json.loads(line) for line in lines.texts]
    assert event.keys() == {
        "resource", "path", "httpMethod", "headers", "queryStringParameters", "pathParameters", "requestContext", "cookies",
    }  # fmt: skip
    assert (event["resource"], event["path"], event["httpMethod"]) == ("/closed/{id}", "/closed/7", "POST")
    assert (event["headers"]["Authorization"], event["headers"]["X-Api-Key"]) == ("Bearer t", "bad")
    assert (event["queryStringParameters"], event["pathParameters"], event["cookies"]) == ({"q": "1"}, {"id": "7"}, {"a": "1", "b": "2"})


@pytest.mark.parametrize(("path", "asked"), [("closed", 4), ("kept", 2), ("kept-by-uri", 3)])
def test_answers_are_kept_by_path_or_uri_and_method_and_key_where_a_ttl_is_set(gateway, lines, path, asked):
    calls = [("1", "good"), ("1", "good"), ("2", "good"), ("1", "bad")]
    assert [CLIENT.get(f"{gateway}/{path}/{job}", headers={"X-API-Key": key}).status_code for job, key in calls] == [200, 200, 200, 403]
    assert len(lines.texts) == asked


def test_a_preflight_request_is_answered_by_the_gateway(gateway):
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}
    response = CLIENT.options(f"{gateway}/closed/1", headers=asked)
    assert (response.status_code, {name: value for name, value in response.headers.items() if name.startswith("access-control")}) == (
        200,
        {
            "access-control-allow-origin": "https://app.example",
            "access-control-allow-methods": "GET, POST",
            "access-control-allow-headers": "X-API-Key",
            "access-control-max-age": "600",
            "access-control-allow-credentials": "true",
        },
    )


def test_only_the_origins_of_the_document_may_see_responses(gateway):
    allowed = [
        CLIENT.get(f"{gateway}/health", headers={"Origin": origin}).headers.get("Access-Control-Allow-Origin")
        for origin in ("https://app.example", "https://evil.example")
    ]
    assert allowed == ["https://app.example", None]


@pytest.mark.parametrize(
    ("integration", "message"),
    [
        ("{type: cloud_functions, function_id: absent}", "no function has the id absent"),
        ("{type: serverless_containers, container_id: absent}", "no container has the id absent"),
        ("{type: object_storage, bucket: b}", "integrations of type object_storage"),
    ],
)
def test_a_document_that_names_what_is_not_there_is_refused_at_the_start(new_gateway, integration, message):
    with pytest.raises(ValueError, match=message):
        new_gateway(f"paths: {{/x: {{get: {{x-yc-apigateway-integration: {integration}}}}}}}")


def test_a_document_whose_security_nobody_checks_is_refused_at_the_start(new_gateway):
    with pytest.raises(ValueError, match="no authorizer for Key"):
        new_gateway("paths: {/x: {get: {security: [{Key: []}], x-yc-apigateway-integration: {type: dummy, http_code: 200}}}}")
