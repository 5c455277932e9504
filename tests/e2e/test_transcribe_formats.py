"""POST /transcribe through the gateway, in every format and with every option."""

import io

import pytest
import srt
import webvtt

from tests.faults.conftest import SPOKEN, VOICES

from .conftest import Api

TEXT = SPOKEN["en-1.ogg"]


def ask(api: Api, **fields: str):
    return api.transcribe((VOICES / "en-1.ogg").read_bytes(), data=fields)


def test_plain_text(api: Api):
    answer = ask(api, response_format="text")
    assert (answer.status_code, answer.headers["Content-Type"], answer.text) == (200, "text/plain; charset=utf-8", TEXT + "\n")


def test_subrip_and_webvtt_carry_the_same_words(api: Api):
    as_srt, as_vtt = ask(api, response_format="srt"), ask(api, response_format="vtt")
    assert as_srt.headers["Content-Type"] == "application/x-subrip; charset=utf-8"
    assert as_vtt.headers["Content-Type"] == "text/vtt; charset=utf-8"
    assert " ".join(cue.content for cue in srt.parse(as_srt.text)).split() == TEXT.split()
    assert " ".join(cue.text for cue in webvtt.from_buffer(io.StringIO(as_vtt.text))).split() == TEXT.split()


@pytest.mark.parametrize("language", ["EN", "en-US", "English", "английский"])
def test_a_fixed_language_is_taken_as_given(api: Api, language: str):
    answer = ask(api, language=language, prompt="meeting, letter")
    assert (answer.status_code, answer.json()["language"], answer.json()["transcription"]) == (200, "en", TEXT)


def test_a_prompt_may_be_a_long_text(api: Api):
    assert ask(api, prompt="Мы обсуждали планы на осень и приехали в город. " * 500).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"response_format": "docx"},
        {"language": "klingon"},
        {"task": "sing"},
        {"temperature": "hot"},
        {"wait": "-1"},
        {"wait": "nan"},
        {"langauge": "ru"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_an_option_nobody_can_follow_is_named(api: Api, wrong: dict[str, str]):
    answer = ask(api, **wrong)
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "bad_option"
    assert next(iter(wrong)) in answer.json()["error"]["message"]
