"""OpenAI's own client, untouched, against the local cloud: base URL and key are all that changes."""

import io
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
import srt
import webvtt
from openai import OpenAI

from localstack.stack import Stack, StackConfig
from tests.faults.conftest import SPOKEN

from .conftest import SETTINGS, Ffmpeg, voice
from .test_jobs import long_recording, new_key

TEXT = SPOKEN["en-1.ogg"]
RU = SPOKEN["ru-1.ogg"]


def client_of(stack: Stack, key: str | None = None, **how: Any) -> OpenAI:
    return OpenAI(base_url=f"{stack.api_url}/v1", api_key=key or stack.api_key, **how)


@pytest.fixture
def client(stack: Stack) -> Iterator[OpenAI]:
    with client_of(stack) as client:
        yield client


def file(name: str = "en-1.ogg") -> tuple[str, bytes]:
    return name, voice(name)


def test_json_is_the_text(client: OpenAI):
    said = client.audio.transcriptions.create(model="whisper-1", file=file())
    assert said.text == TEXT
    assert said.usage is not None
    assert (said.usage.type, said.usage.seconds > 0) == ("duration", True)


def test_a_prompt_may_be_a_long_text_as_openai_takes_it(client: OpenAI):
    prompt = "Мы обсуждали планы на осень и приехали в город. " * 50
    assert client.audio.transcriptions.create(model="whisper-1", file=file(), prompt=prompt, language="en").usage is not None


def test_plain_text(client: OpenAI):
    assert client.audio.transcriptions.create(model="whisper-1", file=file(), response_format="text") == TEXT + "\n"


def test_subtitles(client: OpenAI):
    as_srt = client.audio.transcriptions.create(model="whisper-1", file=file(), response_format="srt")
    as_vtt = client.audio.transcriptions.create(model="whisper-1", file=file(), response_format="vtt")
    assert " ".join(cue.content for cue in srt.parse(as_srt)).split() == TEXT.split()
    assert " ".join(cue.text for cue in webvtt.from_buffer(io.StringIO(as_vtt))).split() == TEXT.split()


def test_verbose_json_has_segments_with_all_that_clients_read(client: OpenAI):
    said = client.audio.transcriptions.create(
        model="whisper-1", file=file("ru-1.ogg"), response_format="verbose_json", language="ru", temperature=0.0
    )
    assert (said.text, said.language, said.words) == (RU, "russian", None)
    assert said.segments is not None
    assert " ".join(segment.text.strip() for segment in said.segments) == RU
    for segment in said.segments:
        assert 0 <= segment.start < segment.end <= said.duration
        assert segment.avg_logprob < 0
        assert segment.tokens
        assert 0 <= segment.no_speech_prob <= 1
        assert segment.compression_ratio > 0
        assert (segment.id, segment.temperature) == (0, 0.0)


def test_words_have_times(client: OpenAI):
    said = client.audio.transcriptions.create(
        model="whisper-1", file=file(), response_format="verbose_json", timestamp_granularities=["word"]
    )
    assert said.words is not None
    assert [word.word for word in said.words] == TEXT.split()
    assert all(one.start < one.end <= following.start for one, following in zip(said.words, said.words[1:], strict=False))
    both = client.audio.transcriptions.create(
        model="whisper-1", file=file(), response_format="verbose_json", timestamp_granularities=["word", "segment"]
    )
    assert both.words is not None
    assert both.segments is not None


def test_what_verbose_json_says_the_language_is_may_be_sent_back(client: OpenAI):
    said = client.audio.transcriptions.create(model="whisper-1", file=file("ru-1.ogg"), response_format="verbose_json")
    again = client.audio.transcriptions.create(
        model="gpt-transcribe", file=file("ru-1.ogg"), language=said.language, keywords=["вода", "хлеб"], chunking_strategy="auto"
    )
    chosen = client.audio.transcriptions.create(
        model="gpt-transcribe", file=file("ru-1.ogg"), languages=["de", "ru-RU"], response_format="verbose_json"
    )
    assert (said.language, again.text, chosen.language) == ("russian", RU, "russian")


def test_what_there_is_not_is_refused_in_words(client: OpenAI):
    with pytest.raises(openai.UnprocessableEntityError, match="logprobs aren't given") as refused:
        client.audio.transcriptions.create(model="gpt-4o-transcribe", file=file(), include=["logprobs"])
    assert refused.value.param == "include[]"
    with pytest.raises(openai.UnprocessableEntityError, match="speakers aren't told apart"):
        client.audio.transcriptions.create(model="gpt-4o-transcribe-diarize", file=file(), known_speaker_names=["agent"])


def test_a_stream_ends_with_the_text_its_deltas_make(client: OpenAI):
    with client.audio.transcriptions.create(model="whisper-1", file=file(), stream=True) as stream:
        events = list(stream)
    deltas = [event.delta for event in events if event.type == "transcript.text.delta"]
    assert events[-1].type == "transcript.text.done"
    assert "".join(deltas) == events[-1].text == TEXT


def test_translation_answers(client: OpenAI):
    said = client.audio.translations.create(model="whisper-1", file=file("ru-1.ogg"), response_format="verbose_json")
    assert (said.language, said.duration > 1) == ("english", True)
    assert said.text


def test_models_are_listed_and_found_by_name(client: OpenAI):
    assert [model.id for model in client.models.list()] == ["whisper-1"]
    assert client.models.retrieve("whisper-1").owned_by == "pisar"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-7")


@pytest.mark.parametrize("key", ["wrong", "pisar_" + "x" * 43])
def test_a_wrong_key_is_refused_by_the_gateway(stack: Stack, key: str):
    with client_of(stack, key) as client:
        with pytest.raises(openai.PermissionDeniedError):
            client.audio.transcriptions.create(model="whisper-1", file=file())
        with pytest.raises(openai.PermissionDeniedError):
            client.models.list()


def test_what_is_no_audio_is_a_bad_request(client: OpenAI):
    with pytest.raises(openai.BadRequestError) as refused:
        client.audio.transcriptions.create(model="whisper-1", file=("a.ogg", b"text"))
    assert (refused.value.code, refused.value.type) == ("cannot_decode", "invalid_request_error")


def test_a_wrong_option_names_its_param(client: OpenAI):
    with pytest.raises(openai.UnprocessableEntityError) as refused:
        client.audio.transcriptions.create(model="whisper-1", file=file(), language="klingon")
    assert (refused.value.code, refused.value.param) == ("bad_option", "language")


def test_a_used_up_quota_is_a_rate_limit_error_that_is_not_repeated(stack: Stack):
    asked: list[object] = []
    counting = openai.DefaultHttpxClient(event_hooks={"request": [asked.append]})
    with client_of(stack, new_key(stack, "openai", minutes_per_day=0.001).key, http_client=counting) as client:
        assert client.audio.transcriptions.create(model="whisper-1", file=file()).text == TEXT
        began = len(stack.logs.lines(message="listened"))
        with pytest.raises(openai.RateLimitError) as refused:
            client.audio.transcriptions.create(model="whisper-1", file=("b.ogg", voice("en-1.ogg") + b"\0"))
        assert (refused.value.code, refused.value.type) == ("quota_used", "insufficient_quota")
        assert len(asked) == 2
        assert len(stack.logs.lines(message="listened")) == began  # who has nothing left has nothing decoded


def test_with_default_retries_against_a_slow_engine_the_audio_is_transcribed_once(ffmpeg: Ffmpeg):
    """The gateway gives up before the engine is done, the client tries again, and finds what the first call has left.

    It gives up on the first call after a second, and is patient from then on, whatever the machine is doing besides.
    """
    audio = long_recording(ffmpeg, 10)  # two and a half minutes of speech: seconds of work on any machine
    with Stack(StackConfig(settings=SETTINGS)) as stack:
        stack.warm_up()
        statuses: list[int] = []
        patience, stack.gateway.execution_timeout_seconds = stack.gateway.execution_timeout_seconds, 1.0

        def note(answer: httpx.Response) -> None:
            statuses.append(answer.status_code)
            stack.gateway.execution_timeout_seconds = patience

        with client_of(stack, http_client=openai.DefaultHttpxClient(event_hooks={"response": [note]})) as client:
            said = client.audio.transcriptions.create(model="whisper-1", file=("a.ogg", audio))
        assert said.text.split()[: len(TEXT.split())] == TEXT.split()
        assert statuses == [504, 200]
        assert len(stack.logs.lines(message="recognised")) == 1
        assert len(stack.logs.lines(message="answered from what is stored")) == 1
