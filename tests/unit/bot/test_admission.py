"""Where an answer goes, in which language, and what is said of a file too big."""

from dataclasses import replace

import pytest

from pisar.bot.admission import reply_to
from pisar.bot.texts import text_language
from pisar.domain.answer_to import Reply
from pisar.domain.chats import ChatSettings
from pisar.domain.messages import Incoming, Press

MB = 2**20
MESSAGE = Incoming(chat_id=-100, chat_type="supergroup", message_id=1, thread_id=5, user_id=7, language_code="ru")
SETTINGS = ChatSettings(languages=("de",), shape="srt", silent=False)


def test_an_answer_goes_where_the_message_came_from_as_the_chat_wants_it():
    assert reply_to(MESSAGE, SETTINGS) == Reply(
        chat_id=-100, message_id=1, thread_id=5, language="ru", user_id=7, shape="srt", silent=False
    )


def test_an_answer_goes_to_the_topic_of_direct_messages_that_the_message_came_from():
    asked = replace(MESSAGE, thread_id=None, topic_id=55)
    assert reply_to(asked, ChatSettings()) == Reply(chat_id=-100, message_id=1, topic_id=55, language="ru", user_id=7)


def test_it_may_answer_another_message_than_the_one_that_asked():
    assert reply_to(MESSAGE, ChatSettings(), message_id=90) == Reply(chat_id=-100, message_id=90, thread_id=5, language="ru", user_id=7)


def test_a_press_is_answered_beside_the_message_it_is_under():
    press = Press(press_id="p", chat_id=7, chat_type="private", message_id=60, user_id=7, data="")
    assert reply_to(press, ChatSettings()) == Reply(chat_id=7, message_id=60, user_id=7)


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("ru", "ru"),
        ("RU-ru", "ru"),
        ("be", "ru"),
        ("kk", "ru"),
        ("uk", "uk"),
        ("uk-UA", "uk"),
        ("en-GB", "en"),
        ("fr", "en"),
        ("rus", "en"),
        (None, "en"),
        ("", "en"),
    ],
)
def test_a_client_gets_texts_in_its_language_or_in_one_its_people_read_and_else_in_english(code: str, language: str):
    assert text_language(code) == language
