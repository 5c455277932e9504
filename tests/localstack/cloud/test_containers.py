import base64
import json

import pytest

from localstack.cloud.exchange import Request, Route


def test_a_request_passes_as_it_is_but_for_the_headers_the_cloud_takes_away(run, new_container):
    headers = (
        ("Host", "gateway.example"),
        ("Content-Type", "multipart/form-data; boundary=x"),
        ("Authorization", "Bearer t"),
        ("Cookie", "c=1"),
        ("X-Request-Id", "r-1"),
    )
    request = Request("PUT", "/a%2Fb/%C3%A9?x=1&y=%20", headers, b"--x\r\n\x00\xff")
    seen = json.loads(run(new_container().call_http(request)).body)
    assert (seen["method"], seen["path"], base64.b64decode(seen["body"])) == ("PUT", "/a%2Fb/%C3%A9?x=1&y=%20", b"--x\r\n\x00\xff")
    assert sorted(map(tuple, seen["headers"])) == [
        ("Content-Length", "7"),
        ("Content-Type", "multipart/form-data; boundary=x"),
        ("Host", "gateway.example"),
        ("X-Request-Id", "r-1"),
    ]


def test_contexts_travel_in_headers(run, new_container):
    route = Route(resource="/", operation_context={"op": "é"}, authorizer_context={"client": "ann"})
    seen = dict(json.loads(run(new_container().call_http(Request("GET", "/"), route)).body)["headers"])
    assert json.loads(base64.b64decode(seen["X-Yc-ApiGateway-Operation-Context"])) == {"op": "é"}
    assert json.loads(seen["X-Yc-Apigateway-Authorizer-Context"]) == {"client": "ann"}


def test_a_response_loses_the_headers_the_cloud_takes_away(run, new_container):
    response = run(new_container().call_http(Request("GET", "/status/404")))
    names = sorted(name for name, _ in response.headers)
    assert (response.status, names) == (404, ["Content-Length", "Content-Type", "X-Kept", "X-Yf-Remapped-Date", "X-Yf-Remapped-Server"])


CHUNKED = """
    import os
    from http.server import BaseHTTPRequestHandler, HTTPServer
    class Chunked(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        def do_GET(self):
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"1\\r\\nx\\r\\n0\\r\\n\\r\\n")
    HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Chunked).serve_forever()
"""


@pytest.mark.parametrize("options", [{"source": CHUNKED}, {}], ids=["chunked", "via"])
def test_a_response_that_is_chunked_or_sets_via_is_a_502(run, new_container, options):
    assert run(new_container(**options).call_http(Request("GET", "/via"))).status == 502


def test_a_request_over_three_and_a_half_megabytes_with_its_headers_is_a_413(run, new_container):
    container = new_container()
    fits, too_big = b"x" * 3_669_000, b"x" * 3_669_990
    headers = (("X-Request-Id", "r" * 100),)
    assert [run(container.call_http(Request("POST", "/status/200", headers, body))).status for body in (fits, too_big)] == [413, 413]
    assert run(container.call_http(Request("POST", "/big/1", headers, fits))).status == 200


def test_a_response_over_three_and_a_half_megabytes_is_a_413(run, new_container):
    container = new_container()
    assert [run(container.call_http(Request("GET", f"/big/{size}"))).status for size in (3_669_000, 3_670_016)] == [200, 413]


def test_a_triggers_event_is_posted_as_json(run, new_container, lines):
    run(new_container().deliver({"messages": []}, "/queue"))
    assert lines.texts == ["POST /queue"]
