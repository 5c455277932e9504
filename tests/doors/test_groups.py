"""Recorded updates of groups, strangers and what has no sound, through the webhook and the worker of a bot with an owner and a list."""

import json
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

from localstack.cloud.exchange import Response
from localstack.stack import ROOT
from localstack.telegram import Seen
from localstack.telegram.world import StoredFile
from pisar.bot.texts import TEXTS, say
from pisar.domain.bucket import LINE
from pisar.domain.chats import AllowList, ChatSettings
from pisar.domain.jobs import Outcome, job_id
from pisar.state.chats import Chats

from .conftest import VOICE, Surroundings, renamed
from .test_transcriber import TEXT, answer_of
from .test_transcriber import event_of as queue_event
from .test_webhook import event_of

RU = TEXTS["ru"]
UPDATES = ROOT / "tests" / "data" / "updates"
OWNER, ADMIN, MEMBER = 7_900_000, 7_900_001, 7_900_002
LISTED_GROUPS = range(-1_001_007_900_040, -1_001_007_900_000)
GROUPS, UNLISTED = iter(LISTED_GROUPS), count(-1_001_007_910_000, -1)
LISTED_PEOPLE = range(7_900_100, 7_900_140)
PEOPLE, STRANGERS, MESSAGES = iter(LISTED_PEOPLE), count(7_901_000), count(9001)
NO_SOUND = b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x80>\x00\x00\x00}\x00\x00\x02\x00\x10\x00data\x00\x00\x00\x00"
"""A sound file in which nothing is heard."""


@pytest.fixture(scope="session")
def private_webhook(surroundings: Surroundings) -> Iterator[Callable[[Any], Any]]:
    """A webhook of a bot that has an owner, and serves only whom its list names."""
    listed = " ".join(map(str, (*LISTED_GROUPS, *LISTED_PEOPLE)))
    named = {"TELEGRAM_ALLOWED_IDS": listed, "TELEGRAM_OWNER_IDS": str(OWNER)}
    function = surroundings.function("webhook", surroundings.settings["webhook"] | named)
    yield lambda event: surroundings.run(function.invoke(event))
    surroundings.run(function.stop())


class Bot:
    """The doors of the bot, and the chats that it has to do with."""

    def __init__(self, surroundings: Surroundings, webhook: Callable[[Any], Any], transcriber: Callable[[str, bytes], Response]) -> None:
        self.telegram, self.chats = surroundings.telegram, Chats(surroundings.store())
        self._surroundings, self._webhook, self._transcriber = surroundings, webhook, transcriber

    def receives(self, update: dict[str, Any], content: bytes = VOICE) -> None:
        """Receive an update three times, as Telegram may send it, and work off what it asks for. `content`: of its files."""
        for file_id in _values(update, "file_id"):
            described = {"file_id": file_id, "file_unique_id": "u", "file_size": len(content)}
            file = StoredFile(f"voice/{file_id}.oga", content, len(content), "voice", described)
            with self.telegram.world.change():
                self.telegram.world.files[file_id] = file
        for _ in range(3):
            assert self._webhook(event_of("gateway_1_0", json.dumps(update).encode()))["statusCode"] == 200
            if bodies := self._surroundings.taken_jobs():
                assert answer_of(self._transcriber, queue_event(*bodies))[0] == 200

    def says(self, name: str, chat_id: int, user_id: int | None = None, content: bytes = VOICE, **changed: Any) -> int:
        """Receive a recorded message in this chat from this person, with some of its fields changed; return its id."""
        update = recorded(name, chat_id)
        message = next(value for key, value in update.items() if key != "update_id")
        message.update({"message_id": next(MESSAGES), **changed})
        if user_id is not None:
            message["from"] |= {"id": user_id, "language_code": "ru"}
        self.open(chat_id)
        self.receives(update, content)
        return int(message["message_id"])

    def open(self, chat_id: int) -> None:
        self.telegram.text(chat_id, "/start", held=True)

    def group(self, auto: str = "off") -> int:
        """Return a listed group with an administrator, in which this is transcribed unasked."""
        chat_id = next(GROUPS)
        self.open(chat_id)
        self.telegram.promote(chat_id, ADMIN)
        self.chats.change(chat_id, lambda _: ChatSettings(auto=auto))  # type: ignore[arg-type]
        return chat_id

    def shown(self, chat_id: int) -> list[Seen]:
        return [one for one in self.telegram.answers(chat_id) if not one.deleted]

    def texts(self, chat_id: int) -> list[str]:
        return [one.now.text for one in self.shown(chat_id)]

    def outcome(self, chat_id: int, message_id: int) -> Outcome | None:
        return self._surroundings.records().find(job_id("telegram", chat_id, message_id)).job.outcome


@pytest.fixture
def bot(surroundings: Surroundings, private_webhook, transcriber) -> Bot:
    store = surroundings.store()
    surroundings.taken_jobs()
    for key in list(store.keys(LINE)):
        store.delete(key)
    return Bot(surroundings, private_webhook, transcriber)


def recorded(name: str, chat_id: int) -> dict[str, Any]:
    """Return a recorded update as one of this chat; a private chat is its person's."""
    update: dict[str, Any] = json.loads((UPDATES / f"{name}.json").read_text(encoding="utf-8"))
    (body,) = (value for key, value in update.items() if key != "update_id")
    chat = body.get("chat") or body["message"]["chat"]
    return dict(renamed(update, chat["id"], chat_id))


def _values(value: Any, name: str) -> set[str]:
    if isinstance(value, dict):
        own = {value[name]} if isinstance(value.get(name), str) else set()
        return own.union(*(_values(one, name) for one in value.values()))
    return set().union(*(_values(one, name) for one in value)) if isinstance(value, list) else set()


# What nobody asked for


@pytest.mark.parametrize("auto", ["voices", "all"])
@pytest.mark.parametrize("name", ["group_big_video", "group_audiobook", "group_pdf", "group_bin"])
def test_what_can_not_be_taken_is_passed_over_in_silence(bot: Bot, name: str, auto: str):
    group = bot.group(auto)
    bot.says(name, group, MEMBER, content=b"\x00\x01\x02\x03" * 100)
    assert bot.texts(group) == []


def test_a_file_far_too_big_to_be_looked_into_is_passed_over(bot: Bot):
    group = bot.group("all")
    update = recorded("group_bin", group)
    update["message"]["document"]["file_size"] = 800 * 2**20
    bot.receives(update)
    assert bot.texts(group) == []


@pytest.mark.parametrize("name", ["group_music", "group_silent_video", "group_meme_video", "group_audio_document"])
def test_music_and_films_are_not_taken_where_only_voices_are_wanted(bot: Bot, name: str):
    group = bot.group("voices")
    bot.says(name, group, MEMBER)
    assert bot.texts(group) == []


@pytest.mark.parametrize("name", ["group_music", "group_silent_video", "group_meme_video", "group_audio_document"])
def test_where_everything_is_wanted_a_file_without_speech_leaves_no_trace_and_one_with_it_its_text(bot: Bot, name: str):
    group = bot.group("all")
    silent = bot.says(name, group, MEMBER, content=NO_SOUND)
    assert bot.outcome(group, silent) in {Outcome.NO_SPEECH, Outcome.REJECTED}
    assert bot.texts(group) == []
    bot.says(name, group, MEMBER)
    assert bot.texts(group) == [TEXT]


def test_a_channel_in_a_group_and_the_post_of_a_linked_channel_are_transcribed_as_a_members_voice_is(bot: Bot):
    group = bot.group("voices")
    for name in ("channel_speaks_in_a_group", "linked_channel_post"):
        bot.says(name, group)
    assert bot.texts(group) == [TEXT, f"Канал:\n{TEXT}"]
    bot.says("channel_post", next(UNLISTED))


def test_a_comment_asks_for_a_voice_and_is_answered_outside_any_topic(bot: Bot):
    group = bot.group()
    bot.says("transcribe_in_comments", group, MEMBER)
    (answer,) = bot.shown(group)
    assert (answer.now.text, answer.thread_id) == (TEXT, None)


def test_thanks_to_the_bot_get_a_word_and_no_more(bot: Bot):
    group = bot.group()
    bot.says("thanks_mention", group, MEMBER)
    assert bot.texts(group) == [RU["reply_to_a_voice"]]


# /auto


def test_an_anonymous_administrator_is_answered_in_the_members_language(bot: Bot):
    group = bot.group()
    bot.says("group_transcribe", group, MEMBER, reply_to_message=None, text="/id")
    bot.says("anonymous_auto_on", group)
    assert bot.texts(group) == [say("ru", "id_group", id=group), RU["auto_voices"]]
    assert bot.chats.settings(group).auto == "voices"


@pytest.fixture
def privacy_mode(bot: Bot) -> Iterator[None]:
    """Telegram gives the bot only what is meant for it in groups, as is @BotFather's default."""
    bot.telegram.configure(privacy_mode=True)
    yield
    bot.telegram.configure(privacy_mode=False)


@pytest.mark.usefixtures("privacy_mode")
def test_a_bot_in_privacy_mode_says_what_it_can_not_hear_until_that_is_mended(bot: Bot):
    group = bot.group()
    bot.says("auto_on_with_hidden_members", group, ADMIN)
    assert bot.texts(group) == [f"{RU['auto_voices']}\n\n{RU['auto_deaf']}"]
    bot.telegram.promote_bot(group, held=True)
    bot.says("auto_on_with_hidden_members", group, ADMIN)
    assert bot.texts(group)[1:] == [RU["auto_voices"]]
    bot.telegram.demote_bot(group, held=True)
    bot.telegram.configure(privacy_mode=False)
    bot.says("auto_on_with_hidden_members", group, ADMIN)
    assert bot.texts(group)[2:] == [RU["auto_voices"]]


def test_who_switches_on_a_bot_that_may_not_write_is_told_so_in_private(bot: Bot):
    group = bot.group()
    bot.open(ADMIN)
    bot.telegram.restrict_bot(group, denied=["can_send_messages"], held=True)
    bot.says("auto_on_with_hidden_members", group, ADMIN)
    assert (bot.texts(group), bot.texts(ADMIN)) == ([], [RU["auto_mute"]])


def test_where_members_are_hidden_an_administrator_is_told_how_the_bot_can_know_them(bot: Bot):
    group = bot.group()
    bot.telegram.hide_members(group)
    bot.says("auto_on_with_hidden_members", group, ADMIN)
    assert bot.texts(group) == [RU["admins_unknown"]]
    assert bot.chats.settings(group).auto == "off"
    bot.says("anonymous_auto_on", group)
    assert bot.chats.settings(group).auto == "voices"


# Coming and moving


def test_a_listed_group_is_greeted_and_a_change_of_rights_is_not_news(bot: Bot):
    group = bot.group()
    bot.receives(recorded("added_to_group", group))
    restricted = recorded("bot_restricted", group)
    restricted["my_chat_member"]["new_chat_member"]["is_member"] = True
    bot.receives(restricted)
    bot.receives(recorded("added_to_group", group))
    assert bot.texts(group) == [RU["welcome"]]


def test_an_unlisted_group_learns_how_it_is_let_in_and_the_owner_lets_it_in_by_a_button(bot: Bot):
    group = next(UNLISTED)
    bot.open(group)
    bot.open(OWNER)
    bot.receives(recorded("added_to_group", group))
    assert bot.texts(group) == [say("ru", "welcome_unlisted", id=group)]
    told = bot.shown(OWNER)[-1]
    (data,) = (data for row in told.buttons for _, data in row if data and data.startswith(f"let:{group}:"))
    bot.receives(bot.telegram.press(OWNER, told.message_id, data, user=OWNER, held=True))
    assert bot.texts(group)[1:] == [RU["welcome"]]
    bot.says("transcribe_in_comments", group, MEMBER)
    assert bot.texts(group)[2:] == [TEXT]


@pytest.mark.parametrize("order", [("to", "from"), ("from", "to"), ("to",), ("from",)])
def test_a_group_that_was_kept_out_is_so_as_a_supergroup(bot: Bot, order: tuple[str, ...]):
    old, new = next(GROUPS), next(UNLISTED)
    bot.chats.change_access(lambda access: access.deny(old))
    bot.chats.change(old, lambda _: ChatSettings(interface="uk"))
    moved = recorded("group_moves", old)
    moved["message"]["migrate_to_chat_id"] = new
    arrived = recorded("group_moves", new)
    arrived["message"]["chat"]["type"] = "supergroup"
    arrived["message"]["migrate_from_chat_id"] = old
    del arrived["message"]["migrate_to_chat_id"]
    for half in order:
        bot.receives(moved if half == "to" else arrived)
    bot.says("transcribe_in_comments", new, MEMBER)
    assert bot.texts(new) == []
    assert not bot.chats.access().allows(new)
    assert bot.chats.settings(new).interface == "uk"


# What has no sound


@pytest.mark.parametrize("name", ["photo", "sticker", "animation", "forwarded_story", "paid_media", "live_photo", "checklist"])
def test_what_has_no_sound_gets_a_short_hint(bot: Bot, name: str):
    person = next(PEOPLE)
    bot.says(name, person)
    assert bot.texts(person) == [RU["hint"]]


def test_a_forwarded_series_and_a_sticker_get_one_hint_together(bot: Bot):
    person = next(PEOPLE)
    for _ in range(20):
        bot.says("forwarded_text", person)
    bot.says("sticker", person)
    assert bot.texts(person) == [RU["hint"]]


def test_a_press_on_a_message_that_telegram_no_longer_shows_is_answered(bot: Bot):
    person = next(PEOPLE)
    bot.receives(recorded("press_on_inaccessible_message", person))
    assert bot.texts(person) == []


# Strangers


def test_a_stranger_is_told_their_id_each_time_and_let_in_by_the_owner(bot: Bot):
    bot.open(OWNER)
    stranger = next(STRANGERS)
    for text in ("/id", "/start"):
        bot.says("forwarded_text", stranger, text=text, forward_origin=None)
    assert bot.texts(stranger) == [say("ru", "not_allowed", id=stranger)] * 2
    told = bot.shown(OWNER)[-1]
    assert str(stranger) in told.now.text
    (data,) = (data for row in told.buttons for _, data in row if data and data.startswith(f"let:{stranger}:"))
    bot.receives(bot.telegram.press(OWNER, told.message_id, data, user=OWNER, held=True))
    assert bot.texts(stranger)[2:] == [RU["let_in"]]
    bot.says("private_voice", stranger)
    assert bot.texts(stranger)[3:] == [TEXT]
    assert bot.chats.access() != AllowList()
