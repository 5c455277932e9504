"""Personal chats of a connected account, and chats that the bot isn't in: from Telegram's update to what is seen there and what isn't."""

import json
from typing import Any

import pytest

from localstack.telegram import TelegramStandIn
from pisar.adapters.telegram import AiogramChat, parse_update
from pisar.bot.texts import TEXTS
from pisar.domain.chats import AllowList
from tests.unit.world import World

OWNER, CUSTOMER, ABROAD = 500100, 72, -1_000_000_000_019
SAID = "hello there"
RU = TEXTS["ru"]


@pytest.fixture
def world(telegram: TelegramStandIn, aiogram_chat: AiogramChat) -> World:
    telegram.world.guest_mode = True
    telegram.text(OWNER, "/start", language_code="ru")
    return World(allowed=AllowList(ids=frozenset({OWNER})), chat=aiogram_chat, files=aiogram_chat)  # type: ignore[arg-type]


def handle(world: World, update: dict[str, Any]) -> None:
    world.conversation.receive(parse_update(json.dumps(update).encode()))
    world.work_off()


def test_a_voice_in_a_personal_chat_comes_as_text_to_the_accounts_owner_alone(telegram: TelegramStandIn, world: World):
    handle(world, telegram.connect(OWNER, granted=()))
    handle(world, telegram.business_voice(OWNER, CUSTOMER, SAID.encode(), seconds=2))
    connected, text = [answer.now.text for answer in telegram.answers(OWNER)]
    assert connected in {TEXTS[language]["connected"] for language in TEXTS}
    assert text.endswith(SAID)
    assert [message.from_bot for message in telegram.business_messages(f"business-{OWNER}", CUSTOMER)] == [False]
    handle(world, telegram.disconnect(OWNER))
    assert len(telegram.answers(OWNER)) == 2


def test_a_mention_where_the_bot_is_not_is_answered_there(telegram: TelegramStandIn, world: World):
    voice = telegram.voice(OWNER, SAID.encode(), seconds=2)
    update = telegram.mention(ABROAD, "@pisar_bot", about=voice, user=OWNER, language_code="ru")
    for _ in range(2):
        handle(world, update)
    (answer,) = telegram.guest_answers(update["guest_message"]["guest_query_id"])
    assert [version.text for version in answer.versions] == [RU["accepted"], SAID]
    assert telegram.answers(OWNER) == []


def test_a_stranger_who_mentions_it_is_told_that_it_is_private(telegram: TelegramStandIn, world: World):
    update = telegram.mention(ABROAD, "@pisar_bot", user=CUSTOMER, language_code="ru")
    handle(world, update)
    (answer,) = telegram.guest_answers(update["guest_message"]["guest_query_id"])
    assert answer.now.text == RU["not_allowed"].format(id=CUSTOMER)
