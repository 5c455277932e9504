import pytest

from localstack.cloud.authorizers import Authorizer, NotAuthorized
from localstack.cloud.exchange import Request, Route

COUNTING = """
    calls = 0
    def handler(event, context):
        global calls
        calls += 1
        return {"isAuthorized": calls != 2, "context": {"call": calls}}
"""


def test_an_answer_is_kept_until_its_ttl_ends(run, new_function):
    now = [0.0]
    settings = {"type": "function", "function_id": "fn", "authorizer_result_ttl_in_seconds": 60}
    scheme = {"type": "apiKey", "in": "query", "name": "key", "x-yc-apigateway-authorizer": settings}
    authorizer = Authorizer("Key", scheme, {"fn": new_function(COUNTING)}, clock=lambda: now[0])
    request, route = Request("GET", "/x?key=k"), Route(resource="/x")
    assert authorizer.credential(request) == "k"

    def check():
        return run(authorizer.check(request, route, "k"))

    assert check() == {"call": 1}
    now[0] = 59.0
    assert check() == {"call": 1}
    now[0] = 60.0
    for _ in range(2):
        with pytest.raises(NotAuthorized) as caught:
            check()
        assert caught.value.status == 403
    now[0] = 120.0
    assert check() == {"call": 3}


def test_a_key_may_stand_in_a_cookie(new_function):
    scheme = {"type": "apiKey", "in": "cookie", "name": "key", "x-yc-apigateway-authorizer": {"type": "function", "function_id": "fn"}}
    authorizer = Authorizer("Key", scheme, {"fn": new_function(COUNTING)})
    assert [authorizer.credential(Request("GET", "/", headers)) for headers in ((("Cookie", "a=1; key=k"),), ())] == ["k", None]


def test_an_authorizer_that_is_no_known_function_is_refused():
    with pytest.raises(ValueError, match="Key names no authorizer function"):
        Authorizer("Key", {"type": "apiKey", "x-yc-apigateway-authorizer": {"type": "function", "function_id": "absent"}}, {})
