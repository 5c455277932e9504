"""Every kind of message that holds speech becomes its text; everything else nothing."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests

from localstack.telegram import Seen
from pisar.bot.texts import TEXTS

from .conftest import SPOKEN, Ffmpeg, Person, voice

RU = {"language_code": "ru"}
STRANGE_UPDATES = {
    "garbage": b"{not json",
    "nothing": b"",
    "a list": b"[]",
    "null": b"null",
    "no id": b"{}",
    "not UTF-8": b"\xff\xfe\x00",
    "a message that is text": b'{"update_id": 1, "message": "hello"}',
    "a voice that is a number": b'{"update_id": 1, "message": {"message_id": 1, "date": 1, "chat": {"id": 7}, "voice": 5}}',
    "an id that is a word": b'{"update_id": "one", "message": null}',
    "two megabytes": b'{"update_id": 1, "message": "' + b"a" * 2_000_000 + b'"}',
    "two megabytes of brackets": b"[" * 2_000_000,
    "an unknown kind": b'{"update_id": 1, "quite_new": {"voice": {"file_id": "x"}}}',
}


def assert_answered(answer: Seen, update: dict[str, Any], text: str = SPOKEN["ru-1.ogg"]) -> None:
    """The text, as a silent reply to the source without a link preview."""
    assert answer.text == text
    assert answer.reply_to == update["message"]["message_id"]
    assert answer.silent
    assert [version.link_preview_disabled for version in answer.versions] == [True] * len(answer.versions)
    assert answer.thread_id == update["message"].get("message_thread_id")


def test_a_voice_message(person: Person):
    update = person.stack.telegram.voice(person.chat, voice(), seconds=2, **RU)
    assert_answered(person.answer_to(update), update)


def test_the_answer_is_the_status_message_itself_edited_once(person: Person):
    update = person.stack.telegram.voice(person.chat, voice(), seconds=2, **RU)
    answer = person.answer_to(update)
    assert [version.text for version in answer.versions] == [TEXTS["ru"]["accepted"], SPOKEN["ru-1.ogg"]]


def test_an_english_voice_of_an_english_person(person: Person):
    update = person.stack.telegram.voice(person.chat, voice("en-1.ogg"), seconds=3, language_code="en")
    answer = person.answer_to(update)
    assert_answered(answer, update, SPOKEN["en-1.ogg"])
    assert answer.versions[0].text == TEXTS["en"]["accepted"]


def test_a_piece_of_music(person: Person, mp3: bytes):
    update = person.stack.telegram.audio(person.chat, mp3, seconds=2, **RU)
    assert_answered(person.answer_to(update), update)


def test_a_circle(person: Person, mp4: bytes):
    update = person.stack.telegram.video_note(person.chat, mp4, seconds=2, **RU)
    assert_answered(person.answer_to(update), update)


def test_a_video(person: Person, mp4: bytes):
    update = person.stack.telegram.video(person.chat, mp4, seconds=2, **RU)
    assert_answered(person.answer_to(update), update)


@pytest.mark.parametrize(("name", "mime_type"), [("note", "audio/mpeg"), ("note.oga", "application/octet-stream"), ("NOTE.OGA", None)])
def test_a_document_that_its_type_or_name_calls_audio(person: Person, mp3: bytes, name: str, mime_type: str | None):
    content = mp3 if mime_type == "audio/mpeg" else voice()
    update = person.stack.telegram.document(person.chat, name, mime_type, content, **RU)
    assert_answered(person.answer_to(update), update)


def test_a_document_without_name_and_type_whose_content_is_audio(person: Person):
    update = person.stack.telegram.document(person.chat, "", None, voice(), held=True, **RU)
    del update["message"]["document"]["file_name"]
    person.stack.telegram.deliver(update).result(30)
    assert_answered(person.answer_to(update), update)


@pytest.mark.parametrize("forwarded", ["Somebody hidden", True])
def test_a_forwarded_voice_is_answered_under_its_speakers_name(person: Person, forwarded: str | bool):
    update = person.stack.telegram.voice(person.chat, voice(), seconds=2, forwarded=forwarded, **RU)
    speaker = forwarded if isinstance(forwarded, str) else update["message"]["forward_origin"]["sender_user"]["first_name"]
    assert_answered(person.answer_to(update), update, f"{speaker}:\n{SPOKEN['ru-1.ogg']}")


def test_a_voice_in_a_forum_topic_is_answered_in_the_topic(person: Person):
    forum = -1_000_000_000_000 - person.chat
    person.stack.telegram.forum(forum)
    topic = person.stack.telegram.topic(forum)
    update = person.stack.telegram.voice(forum, voice(), seconds=2, thread=topic, caption="/transcribe", **RU)
    answer = person.answer_to(update)
    assert_answered(answer, update)
    assert answer.thread_id == topic


def test_a_voice_in_a_group_that_is_sent_to_the_bot(person: Person):
    update = person.stack.telegram.voice(-person.chat, voice(), seconds=2, caption="@pisar_bot", **RU)
    assert_answered(person.answer_to(update), update)


IGNORED: dict[str, Callable[[Person], dict[str, Any]]] = {
    "a voice in a group that nobody asks about": lambda person: person.stack.telegram.voice(-person.chat, voice(), seconds=2),
    "a command for another bot": lambda person: person.stack.telegram.text(person.chat, "/start@other_bot"),
}


@pytest.mark.parametrize("what", IGNORED)
def test_what_is_not_for_us_is_ignored(person: Person, what: str):
    before = person.records()
    update = IGNORED[what](person)
    person.chat = update["message"]["chat"]["id"]
    person.in_passing(update)
    assert person.said() == []
    assert person.calls() == []
    assert person.records() == before


OF_ANOTHER_KIND = {
    "a PDF": ("a.pdf", "application/pdf", b"%PDF-1.7"),
    "a nameless file that is no audio": ("", None, b"%PDF-1.7 and so on"),
    "a nameless empty file": ("", None, b""),
}


@pytest.mark.parametrize("what", OF_ANOTHER_KIND)
def test_a_file_of_another_kind_is_refused_in_words(person: Person, what: str):
    answer = person.answer_to(person.stack.telegram.document(person.chat, *OF_ANOTHER_KIND[what], **RU))
    assert answer.now.text == TEXTS["ru"]["unsupported"]


def test_an_edited_caption_is_not_transcribed_again(person: Person):
    update = person.stack.telegram.voice(person.chat, voice(), seconds=2, caption="one", **RU)
    answer = person.answer_to(update)
    edited = person.stack.telegram.edit(person.chat, update["message"]["message_id"], "two", held=True)
    (attempt,) = person.stack.telegram.deliver(edited).result(30)
    assert attempt.status == 200
    assert person.said() == [answer]


@pytest.mark.parametrize("kind", ["channel_post", "edited_channel_post", "business_message", "guest_message"])
def test_a_voice_that_is_no_message_to_the_bot_is_ignored(person: Person, kind: str):
    update = person.stack.telegram.voice(person.chat, voice(), seconds=2, held=True)
    update[kind] = update.pop("message")
    before = person.records()
    (attempt,) = person.stack.telegram.deliver(update).result(30)
    assert (attempt.status, person.said(), person.calls()) == (200, [], [])
    assert person.records() == before


def test_standing_and_pressed_buttons_are_ignored(person: Person):
    blocked = person.stack.telegram.block(person.chat, held=True)
    unblocked = person.stack.telegram.unblock(person.chat, held=True)
    pressed = {
        "callback_query": {
            "id": "4000000001",
            "from": blocked["my_chat_member"]["from"],
            "chat_instance": "1",
            "data": "old",
        }
    }
    statuses = [person.stack.telegram.deliver(update).result(30)[0].status for update in (blocked, unblocked, pressed)]
    assert (statuses, person.said(), person.calls()) == ([200, 200, 200], [], [])


def post(person: Person, body: bytes, secret: bytes | None) -> requests.Response:
    headers = {"Content-Type": "application/json"} | ({} if secret is None else {"X-Telegram-Bot-Api-Secret-Token": secret})
    with requests.Session() as session:
        session.trust_env = False
        return session.post(f"{person.stack.api_url}/telegram", data=body, headers=headers, timeout=60)


@pytest.mark.parametrize("what", STRANGE_UPDATES)
def test_what_is_no_update_is_taken_and_forgotten(person: Person, what: str):
    before, called = person.records(), len(person.stack.telegram.calls())
    answer = post(person, STRANGE_UPDATES[what], person.stack.webhook_secret.encode())
    assert (answer.status_code, answer.json()) == (200, {})
    assert person.records() == before
    assert len(person.stack.telegram.calls()) == called


def test_more_than_the_gateway_takes_is_refused_by_it(person: Person):
    answer = post(person, b'{"update_id": 1, "message": "' + b"a" * 2_621_440 + b'"}', person.stack.webhook_secret.encode())
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "secret", [None, b"", b"wrong", "секрет".encode(), b"\xff\xfe"], ids=["none", "empty", "wrong", "Cyrillic", "bytes"]
)
def test_without_the_secret_nothing_happens(person: Person, secret: bytes | None):
    update = person.stack.telegram.voice(person.chat, voice(), seconds=2, held=True)
    before = person.records()
    answer = post(person, json.dumps(update).encode(), secret)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")
    assert (person.records(), person.said(), person.calls()) == (before, [], [])


def test_a_video_without_sound_is_answered_in_words(person: Person, ffmpeg: Ffmpeg):
    silent = ffmpeg("-f", "lavfi", "-i", "color=black:size=64x64:rate=10", "-t", "1", "-pix_fmt", "yuv420p", "silent.mp4")
    update = person.stack.telegram.video(person.chat, silent, seconds=1, **RU)
    assert person.answer_to(update).text == TEXTS["ru"]["no_audio_track"]
