"""What requests are counted under."""

import pytest

from pisar.web.counting import FIRST, WHOLE, route


@pytest.mark.parametrize(
    ("path", "counted"),
    [
        ("/transcribe", "/transcribe"),
        ("/v1/audio/transcriptions", "/v1/audio/transcriptions"),
        ("/jobs", "/jobs"),
        ("/jobs/0123/transcript", "/jobs"),
        ("/docs/swagger-ui.css", "/docs"),
        ("/v1/models/whisper-1", "/v1"),
        ("/", "other"),
        ("", "other"),
        ("jobs", "other"),
        ("/wp-login.php", "other"),
        ("/transcribe/../jobs", "other"),
    ],
)
def test_a_path_is_counted_under_one_of_few(path: str, counted: str):
    assert route(path) == counted
    assert counted in WHOLE | {f"/{one}" for one in FIRST} | {"other"}
