"""Forms through the service's own routes: what a caller may write, and what it is told of what it may not."""

import json
from pathlib import Path
from typing import Any

import pytest
from httpx import Response

from pisar.domain.jobs import Options
from pisar.domain.options import KEPT_PROMPT_CHARACTERS
from pisar.web import forms, multipart
from tests.fuzz.forms import Served, new

DATA = Path(__file__).parents[2] / "data" / "api"
TRANSCRIBE, OPENAI, TRANSLATE = "/transcribe", "/v1/audio/transcriptions", "/v1/audio/translations"
DOORS = pytest.mark.parametrize("door", [TRANSCRIBE, OPENAI, TRANSLATE])
OURS = ["task", "wait"]
OPENAIS = ["stream", "timestamp_granularities[]", "include[]", "model", "languages[]", "keywords[]", "chunking_strategy"]
FORM = "multipart/form-data; boundary=xxBOUNDxx"


@pytest.fixture
def served() -> Served:
    return new()


def send(served: Served, door: str, fields: dict[str, Any] | None = None, **how: Any) -> Response:
    """POST a form with a recording whose words are its bytes."""
    files = {"file": ("a.ogg", b"hello there")} if "content" not in how else None
    files = how.pop("files", files)
    headers = {"X-API-Key": served.key, **how.pop("headers", {})}
    answer: Response = served.http.post(door, data=fields, files=files, headers=headers, **how)
    return answer


def asked(served: Served) -> Options:
    """Return the options with which the engine was asked last."""
    options: Options = served.world.ear.options[-1]
    return options


def problem(answer: Response) -> tuple[int, str, str]:
    error = answer.json()["error"]
    return answer.status_code, error["code"], error["message"]


@DOORS
@pytest.mark.parametrize("language", ["ru", "ru-RU", "Russian", "russian", "русский", "RU", "ru_RU.UTF-8"])
def test_a_language_is_taken_as_clients_write_it(served: Served, door: str, language: str):
    assert send(served, door, {"language": language}).status_code == 200
    assert asked(served).language == "ru"


def test_what_verbose_json_says_the_language_is_may_be_sent_back(served: Served):
    said = send(served, OPENAI, {"language": "ru", "response_format": "verbose_json"}).json()["language"]
    assert said == "russian"
    assert send(served, OPENAI, {"language": said, "prompt": "again"}).status_code == 200
    assert asked(served).language == "ru"


@DOORS
def test_a_language_nobody_knows_is_told_of_with_examples(served: Served, door: str):
    status, code, message = problem(send(served, door, {"language": "klingon"}))
    assert (status, code) == (422, "bad_option")
    assert message == (
        "The option language is wrong: expected the code or the name of a language, such as ru, ru-RU, Russian or русский, or auto, "
        "not 'klingon'."
    )


@DOORS
def test_of_a_long_prompt_the_end_reaches_the_engine(served: Served, door: str):
    prompt = (DATA / "prompt_2400_chars.txt").read_text(encoding="utf-8")
    assert send(served, door, {"prompt": prompt}).status_code == 200
    assert prompt.strip().endswith(asked(served).prompt)
    assert KEPT_PROMPT_CHARACTERS - 30 < len(asked(served).prompt) <= KEPT_PROMPT_CHARACTERS
    assert send(served, door, {"prompt": f"{prompt * 30} в самом конце"}).status_code == 200  # 130 KB
    assert asked(served).prompt.endswith("в самом конце")


@DOORS
def test_a_text_that_is_not_utf_8_is_refused_by_its_name(served: Served, door: str):
    body = b'--xxBOUNDxx\r\nContent-Disposition: form-data; name="prompt"\r\n\r\n' + "Марина".encode("cp1251") + b"\r\n"
    body += (DATA / "filename_star.multipart").read_bytes()
    status, code, message = problem(send(served, door, content=body, headers={"Content-Type": FORM}))
    assert (status, code, message) == (422, "bad_option", "The option prompt is wrong: expected text in UTF-8.")


@DOORS
def test_an_empty_field_is_an_absent_one(served: Served, door: str):
    names = ["language", "prompt", "temperature", "track", "response_format"]
    names += OURS if door == TRANSCRIBE else OPENAIS
    plain, empty, blank = (send(served, door, fields) for fields in (None, dict.fromkeys(names, ""), dict.fromkeys(names, " ")))
    assert (plain.status_code, plain.content) == (200, empty.content) == (200, blank.content)
    assert empty.headers["Content-Type"] == plain.headers["Content-Type"] == "application/json"
    twice = send(served, door, {"language": ["", "ru", "ru"]})
    assert (twice.status_code, asked(served).language) == (200, "ru")


@DOORS
@pytest.mark.parametrize(("text", "temperature"), [("0,2", 0.2), ("0.2", 0.2), (".2", 0.2), (",2", 0.2)])
def test_a_temperature_may_have_a_comma(served: Served, door: str, text: str, temperature: float):
    assert send(served, door, {"temperature": text}).status_code == 200
    assert asked(served).temperature == temperature


@DOORS
@pytest.mark.parametrize("name", ["langauge", "vad_filter"])
def test_an_option_nobody_knows_is_named_wherever_it_stands(served: Served, door: str, name: str):
    for answer in (send(served, door, {name: "x"}), send(served, f"{door}?{name}=x"), send(served, door, {name: ""})):
        status, code, message = problem(answer)
        assert (status, code) == (422, "bad_option")
        assert message.startswith(f"The option {name} is wrong: expected nothing of this name: the options are ")


@DOORS
def test_options_in_the_address_are_options(served: Served, door: str):
    answer = send(served, f"{door}?language=Russian&prompt=%D0%9E%D1%88&response_format=srt", {"temperature": "0.5"})
    assert (answer.status_code, answer.text[:3]) == (200, "1\n0")
    assert (asked(served).language, asked(served).prompt, asked(served).temperature) == ("ru", "Ош", 0.5)
    assert send(served, f"{door}?language=en&language=&track=", {"language": "en"}).status_code == 200
    for query, fields in (("language=en", {"language": "ru"}), ("language=en&language=ru", None)):
        status, code, message = problem(send(served, f"{door}?{query}", fields))
        assert (status, code) == (422, "bad_option")
        assert message == "The option language is wrong: expected one value, and there are several that differ."
    assert problem(send(served, f"{door}?file=a.ogg"))[:2] == (422, "bad_option")


def test_words_are_asked_for_in_the_address_too(served: Served):
    answer = send(served, f"{OPENAI}?timestamp_granularities=word,segment&response_format=verbose_json")
    assert answer.json().keys() >= {"words", "segments"}


@pytest.mark.parametrize(
    "granularities",
    [
        {"timestamp_granularities[]": ["word", "segment"]},
        {"timestamp_granularities": ["word", "segment"]},
        {"timestamp_granularities": "word,segment"},
        {"timestamp_granularities[]": '["word","segment"]'},
    ],
    ids=str,
)
def test_words_and_segments_are_asked_for_in_every_spelling(served: Served, granularities: dict[str, Any]):
    answer = send(served, OPENAI, {"response_format": "verbose_json", **granularities})
    assert (answer.status_code, answer.json().keys() >= {"words", "segments"}) == (200, True)


@pytest.mark.parametrize("text", ["True", "1", "on", "yes"])
def test_a_stream_is_asked_for_in_every_spelling_of_yes(served: Served, text: str):
    assert send(served, OPENAI, {"stream": text}).headers["Content-Type"].startswith("text/event-stream")


def test_languages_to_choose_from_and_keywords_are_taken(served: Served):
    fields = {"languages[]": ["ru", "en-US"], "keywords[]": ["Марина", "Бишкек"], "chunking_strategy[type]": "server_vad", "model": "x"}
    assert send(served, OPENAI, fields).status_code == 200
    assert (asked(served).language, asked(served).prompt) == ("ru,en", "Марина, Бишкек.")


def body_of(name: str) -> bytes:
    return (DATA / name).read_bytes()


def head(name: str, rest: str = '; filename="a.ogg"') -> bytes:
    return f'--xxBOUNDxx\r\nContent-Disposition: form-data; name="{name}"{rest}\r\n\r\n'.encode()


VOICE, LAST = head("file") + b"hello there\r\n", b"--xxBOUNDxx--\r\n"


@DOORS
def test_forms_that_are_odd_and_right_are_taken(served: Served, door: str):
    star = head("file", "; filename*=UTF-8''%D0%B3.ogg") + b"hello there\r\n" + LAST
    bodies = (star, b"A form in many parts.\r\n" + VOICE + LAST, VOICE + LAST + b"The end.\r\n" * 500)
    assert [send(served, door, content=body, headers={"Content-Type": FORM}).status_code for body in bodies] == [200] * 3


CAUSES: dict[str, tuple[bytes, str | None, int, str, str]] = {
    "a file without a name": (body_of("no_filename.multipart"), FORM, 400, "no_file", multipart.NO_FILE_NAME),
    "a file as a text": (head("file", "") + b"hello\r\n" + LAST, FORM, 400, "no_file", multipart.NOT_A_FILE),
    "no file": (head("language", "") + b"ru\r\n" + LAST, FORM, 400, "no_file", forms.NO_FILE),
    "a file under another name": (head("audio") + b"hello\r\n" + LAST, FORM, 400, "no_file", "The file came as the field `audio`: send it"),
    "an empty file": (head("file") + b"\r\n" + LAST, FORM, 400, "no_file", forms.NO_BYTES),
    "two files": (VOICE + VOICE + LAST, FORM, 400, "bad_request", multipart.FILE_TWICE),
    "an option as a file": (VOICE + head("prompt") + b"a\r\n" + LAST, FORM, 400, "bad_request", "The field `prompt` came as a file"),
    "no closing line": (VOICE, FORM, 400, "bad_request", multipart.CUT_OFF),
    "another boundary": (
        VOICE + LAST,
        "multipart/form-data; boundary=C",
        400,
        "bad_request",
        "No line of the body is --C, the boundary in",
    ),
    "no boundary": (VOICE + LAST, "multipart/form-data", 400, "bad_request", multipart.NO_BOUNDARY),
    "no body": (b"", FORM, 400, "bad_request", multipart.EMPTY),
    "no content type": (VOICE + LAST, None, 415, "unsupported_media_type", "The request has no Content-Type: send the audio as"),
    "JSON": (b"{}", "application/json", 415, "unsupported_media_type", "JSON carries no audio here: send the audio as"),
    "urlencoded": (
        b"a=b",
        "application/x-www-form-urlencoded",
        415,
        "unsupported_media_type",
        "A urlencoded body carries no audio, and curl",
    ),
    "the audio alone": (b"OggS", "audio/ogg", 415, "unsupported_media_type", "The body is audio/ogg alone: send the audio as"),
    "bytes alone": (b"OggS", "application/octet-stream", 415, "unsupported_media_type", "The body is application/octet-stream alone"),
    "mixed parts": (VOICE + LAST, "multipart/mixed; boundary=xxBOUNDxx", 415, "unsupported_media_type", "The body is multipart/mixed, and"),
    "a text": (b"hello", "text/plain", 415, "unsupported_media_type", "The body is text/plain: send the audio as"),
}


@DOORS
@pytest.mark.parametrize("what", CAUSES)
def test_the_cause_is_told_of(served: Served, door: str, what: str):
    body, media_type, status, code, sentence = CAUSES[what]
    found = problem(send(served, door, content=body, headers={"Content-Type": media_type} if media_type else {}))
    assert found[:2] == (status, code)
    assert found[2].startswith(sentence)
    assert served.world.ear.options == []


def test_every_cause_has_a_sentence_of_its_own():
    assert len({sentence for *_, sentence in CAUSES.values()}) == len(CAUSES)


@DOORS
def test_a_format_that_others_have_is_refused_with_those_there_are(served: Served, door: str):
    _, _, message = problem(send(served, door, {"response_format": "diarized_json"}))
    assert "verbose_json" in message
    assert message.endswith("not 'diarized_json'; speakers aren't told apart.")
    assert problem(send(served, door, {"response_format": "tsv"}))[2].endswith("not 'tsv'.")


def test_what_is_asked_for_elsewhere_is_told_where(served: Served):
    message = problem(send(served, TRANSCRIBE, {"timestamp_granularities[]": "word"}))[2]
    assert message.endswith("response_format, wait; response_format verbose_json has words with their times.")


def test_a_text_that_is_too_large_is_told_what_is_read_of_a_prompt(served: Served):
    answer = served.http.post("/jobs", content=json.dumps({"prompt": "a" * 70_000}), headers={"X-API-Key": served.key})
    assert problem(answer)[:2] == (413, "too_big")
    assert "Of a long prompt send the end" in problem(answer)[2]
