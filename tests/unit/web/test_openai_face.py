"""What OpenAI's face takes and how it refuses."""

import pytest

from pisar.errors import Misuse, Rejected, Rejection
from pisar.web import openai as face
from pisar.web.errors import Problem, problem


def option(call) -> str:
    with pytest.raises(Rejected) as rejection:
        call()
    assert rejection.value.code is Rejection.BAD_OPTION
    return face.param_of(rejection.value) or ""


def test_formats_are_checked_by_name():
    assert (face.response_format(""), face.response_format("vtt")) == ("json", "vtt")
    assert option(lambda: face.response_format("docx")) == "response_format"


def test_granularities_go_with_verbose_json_alone():
    assert face.granularities((), "json") == ("segment",)
    assert face.granularities(("word", "segment"), "verbose_json") == ("word", "segment")
    assert option(lambda: face.granularities(("word",), "json")) == "timestamp_granularities[]"
    assert option(lambda: face.granularities(("letter",), "verbose_json")) == "timestamp_granularities[]"


def test_truth_is_written_as_forms_do():
    assert [face.yes(value, "stream") for value in ("", "false", "0", "true", "True", "1")] == [False, False, False, True, True, True]
    assert option(lambda: face.yes("maybe", "stream")) == "stream"


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        (face.WRONG_KEY, "invalid_request_error"),
        (Problem(422, "bad_option", "?"), "invalid_request_error"),
        (Problem(429, "quota_used", "?"), "insufficient_quota"),
        (Problem(503, "try_again", "?"), "server_error"),
    ],
)
def test_errors_have_openais_types(found: Problem, kind: str):
    assert face.error_body(found, param="p") == {"error": {"message": found.message, "type": kind, "param": "p", "code": found.code}}


def test_a_used_up_quota_tells_clients_not_to_try_again_at_once():
    details = {"limit_minutes": "1", "resets_at": "00:00", "resets_in_seconds": 60}
    used_up = problem(Rejected(Rejection.QUOTA_USED, details))
    assert face.error_headers(used_up) == {"Retry-After": "60", "X-Should-Retry": "false"}
    assert face.error_headers(Problem(503, "try_again", "?", {"Retry-After": "5"})) == {"Retry-After": "5"}


def test_only_an_option_is_a_param():
    assert face.param_of(Rejected(Misuse.NOT_FOUND, {"what": "job"})) is None
    assert face.param_of(ValueError()) is None
