"""What Pisar refuses in words, what it hears in silence, and whole long recordings."""

import asyncio
import json
from collections.abc import Iterator

import pytest

from localstack.cloud.events import function_event
from localstack.cloud.exchange import Request
from localstack.cloud.functions import Function
from localstack.stack import ROOT
from pisar.bot.texts import TEXTS, say
from pisar.domain.jobs import Outcome

from .conftest import MAX_MINUTES, SPOKEN, Ffmpeg, Person, joined, voice

RU = {"language_code": "ru"}
MAX_WORD_ERROR_RATE = 0.15


def test_a_file_declared_too_big_is_refused_before_anything_is_asked_of_telegram(person: Person):
    update = person.stack.telegram.voice(person.chat, voice(), seconds=2, size=25 * 2**20, **RU)
    answer = person.answer_to(update)
    assert answer.text == say("ru", "too_big_for_bots", limit_mb=20)
    files = [call for call in person.stack.telegram.calls("getFile") if call.params["file_id"] == update["message"]["voice"]["file_id"]]
    assert files == []


def test_a_document_declared_too_big_is_refused_in_english(person: Person):
    update = person.stack.telegram.document(person.chat, "a.mp3", "audio/mpeg", voice(), size=21 * 2**20, language_code="de")
    assert person.answer_to(update).text == say("en", "too_big_for_bots", limit_mb=20)


def test_a_recording_declared_too_long_is_refused(person: Person):
    update = person.stack.telegram.voice(person.chat, voice(), seconds=MAX_MINUTES * 60 + 1, **RU)
    assert person.answer_to(update).text == say("ru", "too_long", limit_minutes=MAX_MINUTES)
    assert "getFile" not in person.calls()


def test_a_recording_longer_than_declared_is_refused_once_decoded(person: Person, ffmpeg: Ffmpeg):
    long = ffmpeg(
        "-f", "lavfi", "-i", "anullsrc=r=16000:cl=mono", "-t", str(MAX_MINUTES * 60 + 30), "-c:a", "libopus", "-b:a", "6k", "hour.ogg"
    )
    update = person.stack.telegram.voice(person.chat, long, seconds=5, **RU)
    assert person.answer_to(update).text == say("ru", "too_long", limit_minutes=MAX_MINUTES)


@pytest.mark.parametrize("sound", ["anullsrc=r=48000:cl=mono", "sine=frequency=1000:beep_factor=4"], ids=["silence", "beeps"])
def test_no_speech_is_said_to_be_none(person: Person, ffmpeg: Ffmpeg, sound: str):
    recording = ffmpeg("-f", "lavfi", "-i", sound, "-t", "3", "-c:a", "libopus", "no-speech.ogg")
    update = person.stack.telegram.voice(person.chat, recording, seconds=3, **RU)
    assert person.answer_to(update).text == TEXTS["ru"]["no_speech"]
    job = person.job()
    assert job is not None
    assert job.outcome is Outcome.NO_SPEECH


def test_voices_a_minute_apart_are_both_heard(person: Person, ffmpeg: Ffmpeg):
    recording = joined(ffmpeg, ["en-1.ogg", "en-2.ogg"], pause_seconds=65)
    update = person.stack.telegram.voice(person.chat, recording, seconds=130, **RU)
    assert person.answer_to(update).text == f"{SPOKEN['en-1.ogg']} {SPOKEN['en-2.ogg']}"


def test_a_recording_of_over_a_minute_comes_out_whole_and_in_order(person: Person, ffmpeg: Ffmpeg):
    names = ["ru-1.ogg", "ru-2.ogg", "ru-3.ogg"] * 7
    update = person.stack.telegram.voice(person.chat, joined(ffmpeg, names, pause_seconds=0.6), seconds=70, **RU)
    heard = person.answer_to(update).text
    (decoded,) = person.stack.logs.lines(message="decoded", job_id=person.job_id)
    assert decoded["audio_seconds"] > 60
    assert word_error_rate(" ".join(SPOKEN[name] for name in names), heard or "") <= MAX_WORD_ERROR_RATE


def word_error_rate(expected: str, heard: str) -> float:
    """Return the least number of words to insert, delete or replace, in proportion to the expected ones."""
    row = list(range(len(heard.split()) + 1))
    for line, wanted in enumerate(expected.split(), 1):
        above, row[0] = row[:], line
        for column, word in enumerate(heard.split(), 1):
            row[column] = min(above[column] + 1, row[column - 1] + 1, above[column - 1] + (wanted != word))
    return row[-1] / len(expected.split())


def test_the_word_error_rate_counts_missing_wrong_and_added_words():
    assert word_error_rate("a b c d", "a b c d") == 0
    assert word_error_rate("a b c d", "a x c d e") == 0.5
    assert word_error_rate("a b c d", "") == 1


class PrivateBot:
    """The stack's webhook function once more, for a bot that serves only person 42."""

    def __init__(self, person: Person) -> None:
        self.person = person
        environment = person.stack.functions["webhook"].environment | {"TELEGRAM_ALLOWED_IDS": "42"}
        self._function = Function(
            "private", ROOT / "functions" / "webhook", "main.handler", environment, on_line=person.stack.logs.add, memory_mb=512
        )
        self._loop = asyncio.new_event_loop()

    def take(self, update: bytes) -> int:
        headers = (("Content-Type", "application/json"), ("X-Telegram-Bot-Api-Secret-Token", self.person.stack.webhook_secret))
        event = function_event(Request("POST", "/telegram", headers, update), None, "r-1")
        return self._loop.run_until_complete(self._function.invoke(event))["statusCode"]

    def close(self) -> None:
        self._loop.run_until_complete(self._function.stop())
        self._loop.close()


@pytest.fixture
def private_bot(person: Person) -> Iterator[PrivateBot]:
    bot = PrivateBot(person)
    yield bot
    bot.close()


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_stranger_is_told_their_id_once(private_bot: PrivateBot, language: str):
    person = private_bot.person
    updates = [person.stack.telegram.voice(person.chat, voice(), seconds=2, language_code=language, held=True) for _ in range(3)]
    before = person.records()
    assert [private_bot.take(json.dumps(update).encode()) for update in updates] == [200, 200, 200]
    (answer,) = person.said()
    assert answer.text == TEXTS[language]["not_allowed"].format(id=person.chat)
    assert answer.reply_to == updates[0]["message"]["message_id"]
    assert person.stack.telegram.calls("getFile") == [
        call for call in person.stack.telegram.calls("getFile") if call.params["file_id"] != updates[0]["message"]["voice"]["file_id"]
    ]
    assert len(person.records()) == len(before) + 1


def test_a_stranger_in_a_group_is_not_answered(private_bot: PrivateBot):
    person = private_bot.person
    update = person.stack.telegram.voice(-person.chat, voice(), seconds=2, user=42, held=True)
    assert private_bot.take(json.dumps(update).encode()) == 200
    assert person.stack.telegram.answers(-person.chat) == []


def test_the_owner_of_a_private_bot_is_served(private_bot: PrivateBot):
    person = private_bot.person
    update = person.stack.telegram.voice(42, voice(), seconds=2, held=True, **RU)
    assert private_bot.take(json.dumps(update).encode()) == 200
    assert person.answer_to(update).text == SPOKEN["ru-1.ogg"]
