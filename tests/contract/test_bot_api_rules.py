"""What the bot sends, held against the Bot API's rules as somebody else has written them down (the package teremok)."""

from collections.abc import Iterator

import pytest
from teremok.session import MockedSession

from pisar.adapters.telegram import AiogramChat, connection
from pisar.bot import buttons
from pisar.bot.answer_messages import DocumentAnswer, answer
from pisar.bot.names import NAME_UNITS
from pisar.bot.texts import TEXTS, say
from pisar.domain.answer_to import Reply
from pisar.domain.bots import PLACES
from pisar.domain.chats import SHAPES, ChatSettings
from pisar.domain.knocks import MAX_KNOCKS
from pisar.domain.messages import Keyboard
from pisar.domain.transcripts import Segment, Transcript
from pisar.errors import Unavailable

JOB = "0" * 32
LONGEST = {
    "limit_mb": 2000,
    "limit_minutes": 600,
    "id": -1_009_999_999_999,
    "option": "temperature",
    "expected": "a number from 0 to 1",
    "resets_in_seconds": 86_399,
    "job": JOB[:8],
    "days": 365,
    "code": "x" * 20,
    "command": "allow",
    "words": "ы" * 300,
    "track": 1000,
    "tracks": 1000,
    "languages": "русский, English, Қазақша",
    "shape": ".txt",
    "silent": "да",
    "auto": "нет",
    "count": 1000,
    "minutes": 600,
    "percent": 99,
    "used": 599.9,
    "limit": 600,
    "line": 1000,
    "ids": "\n".join(["-1009999999999"] * 200),
    "waiting": 1000,
    "seconds": 600,
    "preview": "п" * 300,
    "rate_hz": 2_147_483_647,
    "channels": 65_535,
    "least_hz": 4000,
    "most_hz": 768_000,
    "most_channels": 16,
    "hours": 240,
    "place": max((say(code, f"place_{place}") for code in TEXTS for place in PLACES), key=len),
    "beginning": "п" * 301,
    "interface": "Українська",
    "name": "🎧" * NAME_UNITS,
    "people": "\n".join([f"✓ {'🎧' * NAME_UNITS} – -1009999999999"] * MAX_KNOCKS),
    "reuse": max((say(code, key, hours=240) for code in TEXTS for key in ("reuse_shared", "reuse_own")), key=len),
}


@pytest.fixture(scope="module")
def session() -> MockedSession:
    return MockedSession()


@pytest.fixture(scope="module")
def chat(session: MockedSession) -> Iterator[AiogramChat]:
    bot = connection.Bot
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "Bot", lambda token, **_: bot(token, session=session))
        chat = AiogramChat("123456:AbCsecretsecretsecret", api_url="http://127.0.0.1:9", timeout_seconds=60)
    yield chat
    chat.close()


def keyboards(language: str) -> dict[str, Keyboard]:
    many = ChatSettings(languages=("ru", "en", "haw"), shape="vtt", silent=True, auto=True)
    return {
        "answer": buttons.of_answer(JOB, language),
        "languages": buttons.of_languages(JOB),
        "language settings": buttons.language_settings(many, language),
        "shape settings": buttons.shape_settings(many, language),
        "all settings": buttons.all_settings(many, language, group=True),
        "erasing": buttons.erasing(language),
    }


def reply_in(language: str, **how: object) -> Reply:
    return Reply(chat_id=7, message_id=1, language=language, **how)  # type: ignore[arg-type]


def test_the_rules_are_held_at_all(chat: AiogramChat):
    with pytest.raises(Unavailable, match="too long"):
        chat.send(reply_in("en"), "x" * 4097)


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("key", [key for key in TEXTS["en"] if not key.startswith(("button_", "command_", "shape_", "switch_"))])
def test_every_text_may_be_sent_and_edited(chat: AiogramChat, session: MockedSession, language: str, key: str):
    text = say(language, key, **LONGEST)
    slot = chat.send(reply_in(language), text)
    chat.edit(reply_in(language), slot, text)
    assert [request.text for request in session.requests[-2:]] == [text, text]


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("name", keyboards("en"))
def test_every_keyboard_may_be_shown(chat: AiogramChat, session: MockedSession, language: str, name: str):
    keyboard = keyboards(language)[name]
    slot = chat.send(reply_in(language), "text", keyboard)
    chat.edit(reply_in(language), slot, "text", keyboard)
    chat.show_buttons(reply_in(language), slot, keyboard)
    shown = session.requests[-1].reply_markup.inline_keyboard
    assert [[(button.text, button.callback_data) for button in row] for row in shown] == [
        [(button.label, button.data) for button in row] for row in keyboard
    ]


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("key", [key for key in TEXTS["en"] if key.startswith(("button_", "admins_"))])
def test_every_word_to_a_press_may_be_said(chat: AiogramChat, session: MockedSession, language: str, key: str):
    text = say(language, key, **LONGEST)
    chat.acknowledge("4000000000", text)
    assert session.requests[-1].text == text


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("words", [1, 600, 1_300, 5_000])
def test_answers_of_every_shape_and_length_may_be_given(chat: AiogramChat, shape: str, words: int):
    segments = tuple(Segment(number, number + 1, f"слово-{number} 🎧.") for number in range(words))
    reply = reply_in("ru", shape=shape)
    given = answer(Transcript(language="ru", duration=float(words), segments=segments), reply, JOB)
    if isinstance(given, DocumentAnswer):
        chat.edit_into_document(reply, 5, (given.name, given.content), given.caption, given.keyboard)
        return
    for text in given.messages:
        chat.edit(reply, 5, text, given.keyboard)
