"""What OpenAI's face takes and how it refuses."""

from typing import get_type_hints

import pytest
from openai.types.audio.transcription_create_params import TranscriptionCreateParamsBase
from openai.types.audio.translation_create_params import TranslationCreateParams

from pisar.domain.jobs import Options
from pisar.domain.options import options
from pisar.errors import Misuse, Rejected, Rejection
from pisar.formats.openai import FORMATS
from pisar.web import openai as face
from pisar.web.errors import Problem, problem
from pisar.web.fields import Fields

VERBOSE = "verbose_json"


def option(call) -> str:
    with pytest.raises(Rejected) as rejection:
        call()
    assert rejection.value.code is Rejection.BAD_OPTION
    return face.param_of(rejection.value) or ""


def refused(**sent: str | tuple[str, ...]) -> tuple[str, str]:
    """Return the option that is refused, and what was expected."""
    with pytest.raises(Rejected) as rejection:
        face.asked(fields(**sent))
    details = rejection.value.details
    return str(details["option"]), str(details["expected"])


def fields(**sent: str | tuple[str, ...]) -> Fields:
    return {name.replace("__", "[]"): (texts,) if isinstance(texts, str) else texts for name, texts in sent.items()}


def test_formats_are_checked_by_name_in_any_case():
    written = ("", " ", "vtt", "VTT", " Verbose_JSON ")
    assert [face.response_format(name, FORMATS) for name in written] == ["json", "json", "vtt", "vtt", VERBOSE]
    assert option(lambda: face.response_format("docx", FORMATS)) == "response_format"
    assert refused(response_format="diarized_json")[1].endswith("not 'diarized_json'; speakers aren't told apart")


@pytest.mark.parametrize(
    "sent",
    [
        {"timestamp_granularities[]": ("word", "segment")},
        {"timestamp_granularities": ("word", "segment")},
        {"timestamp_granularities[0]": ("word",), "timestamp_granularities[1]": ("segment",)},
        {"timestamp_granularities[]": ("word",), "timestamp_granularities": ("segment", "")},
        {"timestamp_granularities": ("word,segment",)},
        {"timestamp_granularities[]": ('["word","segment"]',)},
        {"timestamp_granularities": ("Word, SEGMENT",)},
    ],
    ids=str,
)
def test_granularities_come_in_every_spelling_of_a_list(sent: Fields):
    assert face.asked({"response_format": (VERBOSE,), **sent}).granularities == ("word", "segment")


def test_words_go_with_verbose_json_alone_and_segments_with_any_format():
    assert face.asked({}).granularities == ("segment",)
    assert face.asked(fields(timestamp_granularities__="", response_format="srt")).granularities == ("segment",)
    assert face.asked(fields(timestamp_granularities__="segment", response_format="json")).granularities == ("segment",)
    assert refused(timestamp_granularities__="word") == ("timestamp_granularities[]", "response_format verbose_json with it")
    assert refused(timestamp_granularities__="letter", response_format=VERBOSE)[0] == "timestamp_granularities[]"


def test_every_option_of_openais_client_is_decided():
    params = {*get_type_hints(TranscriptionCreateParamsBase), *get_type_hints(TranslationCreateParams), "stream", "file"}
    decided = {*face.TAKEN, *face.IGNORED, *face.REFUSED, "file"}
    assert params - decided == set()
    assert decided - params == {"track", "task", "wait"}


def test_what_changes_nothing_is_taken_in_every_shape_that_clients_send():
    plain = face.asked({})
    assert face.asked(fields(model="gpt-4o-transcribe", chunking_strategy="auto")) == plain
    assert face.asked({"chunking_strategy[type]": ("server_vad",), "chunking_strategy[threshold]": ("0.5",)}) == plain
    assert face.asked(fields(chunking_strategy='{"type": "server_vad"}')) == plain


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        ("include[]", "logprobs", "include[]"),
        ("include", '["logprobs"]', "include[]"),
        ("known_speaker_names[]", "agent", "known_speaker_names[]"),
        ("known_speaker_references", "data:audio/wav;base64,AAAA", "known_speaker_references[]"),
        ("task", "translate", "task"),
        ("wait", "5", "wait"),
    ],
)
def test_what_there_is_not_is_refused_in_words(name: str, text: str, shown: str):
    with pytest.raises(Rejected) as rejection:
        face.asked({name: (text,)})
    assert rejection.value.details == {"option": shown, "expected": face.REFUSED[shown.removesuffix("[]")]}
    assert face.asked({name: ("",)}) == face.asked({})  # nothing asked for is nothing refused


@pytest.mark.parametrize("name", ["langauge", "vad_filter", "language[]", "language[0]", "", "{0}", "include[x]", "model2"])
def test_an_option_nobody_knows_is_named(name: str):
    with pytest.raises(Rejected) as rejection:
        face.asked({name: ("",)})
    assert rejection.value.details["option"] == name
    assert "file, model, chunking_strategy, language, prompt, temperature, track, languages[]" in str(rejection.value.details["expected"])


def test_languages_to_choose_from_and_keywords_reach_the_engine():
    asked = face.asked({"languages[]": ("ru-RU", "English"), "keywords": ("Марина, Бишкек", "pgBouncer"), "prompt": ("Привет.",)})
    assert asked.refine(options(prompt=asked.options["prompt"])) == Options(language="ru,en", prompt="Привет. Марина, Бишкек, pgBouncer.")
    assert face.asked({}).refine(Options(language="ru", prompt="a")) == Options(language="ru", prompt="a")
    assert refused(languages__="ru", language="ru")[0] == "languages[]"
    assert refused(languages__="klingon")[0] == "language"


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
