"""What a group gets from the bot: unasked recordings without a word too many, what /auto lacks, each member's own, and its language."""

from dataclasses import replace
from typing import Any

import pytest

from pisar.bot.actions import Change
from pisar.bot.texts import TEXTS, say
from pisar.chat.saying import Saying
from pisar.chat.settings_answers import SettingsAnswers
from pisar.domain.audio import too_big
from pisar.domain.bots import OwnRights
from pisar.domain.chats import ChatSettings
from pisar.domain.jobs import Outcome
from pisar.domain.messages import Media
from pisar.errors import Rejected, Rejection, Unavailable, Undeliverable
from pisar.state.chats import Chats
from tests.support.twins import SentMessage
from tests.unit.chat.test_perform_actions import ANNA, BORIS, EN, answered, last, press, record, texts, the_job, voice, written
from tests.unit.world import GROUP, LIMITS, MAX_WAITING, OWNER, World

RU = TEXTS["ru"]


@pytest.fixture
def world() -> World:
    """A group in which everything is transcribed unasked, and which Anna administers."""
    world = World()
    world.chat.admins.add((GROUP, ANNA))
    Chats(world.store).change(GROUP, lambda _: ChatSettings(auto="all"))
    return world


def sent(world: World, said: str, message_id: int = 1, user_id: int = BORIS, **more: object) -> str:
    """Send a recording that nobody asked to have transcribed; return its job."""
    world.conversation.receive(voice(world, said, message_id, chat_id=GROUP, user_id=user_id, **more))
    return the_job(message_id, GROUP)


# What nobody asked for


def test_of_an_unasked_recording_a_group_sees_nothing_but_the_text(world: World):
    sent(world, "meet at noon")
    assert texts(world, GROUP) == []
    world.work_off()
    assert texts(world, GROUP) == ["meet at noon"]
    assert last(world, GROUP)[1].reply_to == 1


def test_an_unasked_recording_without_speech_leaves_no_trace_in_the_group(world: World):
    this = sent(world, "")
    world.work_off()
    assert (texts(world, GROUP), record(world, this).outcome) == ([], Outcome.NO_SPEECH)


@pytest.mark.parametrize("rejection", [Rejected(Rejection.NO_AUDIO_TRACK), Rejected(Rejection.TOO_LONG, {"limit_minutes": 1})])
def test_an_unasked_recording_that_the_worker_refuses_leaves_no_trace_in_the_group(world: World, rejection: Rejected):
    world.ear.rejection = rejection
    this = sent(world, "hello")
    world.work_off()
    assert (texts(world, GROUP), record(world, this).reason) == ([], rejection.code.value)
    assert (world.stored("audio/"), world.stored("line/")) == ([], [])


def test_an_unasked_recording_that_turns_out_too_big_or_finds_no_room_is_passed_over(world: World):
    world.files.add("big", b"x" * (LIMITS.max_bytes + 1))
    big = written("", 1, GROUP, BORIS, media=Media(kind="voice", file_id="big", unique_id="big"))
    world.conversation.receive(big)
    assert record(world, the_job(1, GROUP)).reason == too_big(1, 1).code.value
    for number in range(2, MAX_WAITING + 3):
        sent(world, "hello", number)
    assert record(world, the_job(MAX_WAITING + 2, GROUP)).reason == "queue_full"
    assert texts(world, GROUP) == []


def test_an_unasked_recording_costs_a_used_up_quota_nothing_and_the_group_no_word():
    world = World(minutes_per_day=0.05)  # three seconds
    Chats(world.store).change(GROUP, lambda _: ChatSettings(auto="voices"))
    for number, said in enumerate(("one two three four", "five"), 1):
        sent(world, said, number)
        world.work_off()
    assert texts(world, GROUP) == ["one two three four"]


@pytest.mark.parametrize("said", ["", "too heavy"])
def test_who_asks_for_an_unasked_recording_while_it_is_heard_is_told_that_no_text_came_of_it(
    world: World, monkeypatch: pytest.MonkeyPatch, said: str
):
    source, decode = voice(world, said, 1, chat_id=GROUP, user_id=BORIS), world.ear.decode

    def asked_meanwhile(*call: Any, **options: Any) -> Any:
        world.conversation.receive(written("/transcribe", 2, GROUP, ANNA, replied=source))
        if said:
            raise Rejected(Rejection.TOO_HEAVY)
        return decode(*call, **options)

    monkeypatch.setattr(world.ear, "decode", asked_meanwhile)
    world.conversation.receive(source)
    world.work_off()
    assert texts(world, GROUP) == [EN["work_begun"], EN["too_heavy" if said else "no_speech"]]


def test_what_somebody_asks_for_is_still_refused_aloud(world: World):
    sent(world, "", caption="/transcribe")
    world.work_off()
    assert texts(world, GROUP) == [EN["no_speech"]]


# What the bot lacks


def switched_on(world: World, text: str = "/auto on", number: int = 50) -> list[str]:
    before = len(texts(world, GROUP))
    world.conversation.receive(written(text, number, GROUP, ANNA))
    return texts(world, GROUP)[before:]


@pytest.mark.parametrize(
    ("reads_all", "administrator", "lacks"), [(True, False, False), (False, True, False), (True, True, False), (False, False, True)]
)
def test_auto_tells_what_the_bot_can_not_hear_and_how_to_mend_it(world: World, reads_all: bool, administrator: bool, lacks: bool):
    world.chat.reads_all, world.chat.rights = reads_all, OwnRights(administrator=administrator, can_write=True)
    told = "\n\n".join([EN["auto_voices"], *([EN["auto_deaf"]] if lacks else [])])
    assert switched_on(world) == [told]
    assert switched_on(world, "/auto off", 51) == [EN["auto_off"]]


def test_who_switches_it_on_for_a_bot_that_may_not_write_is_told_in_private_and_once(world: World):
    world.chat.rights = OwnRights(administrator=False, can_write=False)
    for number in (50, 51):
        assert switched_on(world, number=number) == []
    assert world.chat.messages(ANNA) == {1: SentMessage(text=EN["auto_mute"], reply_to=0)}
    assert Chats(world.store).settings(GROUP).auto == "voices"


def test_so_is_who_switches_it_on_or_off_where_members_may_not_write(world: World):
    for text, number in (("/auto on", 50), ("/auto off", 51)):
        world.chat.fail("send", Undeliverable("not enough rights to send text messages to the chat"))
        assert switched_on(world, text, number) == []
    assert texts(world, ANNA) == [EN["auto_mute"]]


def test_rights_that_nobody_knows_are_no_reason_to_warn(world: World):
    world.chat.reads_all, world.chat.rights = False, None
    assert switched_on(world) == [EN["auto_voices"]]


def test_a_press_that_switches_it_on_warns_in_a_message_of_its_own(world: World):
    world.chat.reads_all = False
    world.conversation.receive(written("/settings", 50, GROUP, ANNA))
    slot, _ = last(world, GROUP)
    world.conversation.receive(press("auto:off", slot, "p1", GROUP, ANNA))
    assert len(texts(world, GROUP)) == 1
    for data in ("auto:voices", "auto:all"):
        world.conversation.receive(press(data, slot, "p2", GROUP, ANNA))
    assert texts(world, GROUP)[1:] == [EN["auto_deaf"]]
    assert EN["auto_all_name"] in world.chat.messages(GROUP)[slot].text


def test_where_telegram_does_not_tell_of_the_bot_switching_on_works_all_the_same(world: World, monkeypatch: pytest.MonkeyPatch):
    def fails(_chat_id: int) -> None:
        raise Unavailable("down")

    monkeypatch.setattr(world.chat, "own_rights", fails)
    assert switched_on(world) == [EN["auto_voices"]]


# Everybody's own


def test_a_member_stops_their_own_and_an_administrator_all(world: World):
    for number, user in enumerate((ANNA, BORIS, BORIS), 1):
        sent(world, "hello", number, user)
    world.conversation.receive(written("/cancel", 50, GROUP, BORIS))
    assert texts(world, GROUP) == [say("en", "cancelled_all", count=2)]
    assert [record(world, the_job(number, GROUP)).outcome for number in (1, 2, 3)] == [None, Outcome.CANCELLED, Outcome.CANCELLED]
    world.conversation.receive(written("/cancel all", 51, GROUP, BORIS))
    assert texts(world, GROUP)[1:] == [EN["nothing_to_cancel_in_group"]]
    world.conversation.receive(written("/cancel all", 52, GROUP, ANNA))
    assert record(world, the_job(1, GROUP)).outcome is Outcome.CANCELLED


@pytest.mark.parametrize("text", ["/cancel", "/cancel all", "/delete"])
def test_who_speaks_as_a_channel_of_their_own_stops_and_erases_nothing_of_others(world: World, text: str):
    sent(world, "hello", 1, ANNA)
    world.conversation.receive(replace(written(text, 50, GROUP), sender_chat_id=-1005))
    assert texts(world, GROUP) == [EN["admins_only"]]
    assert record(world, the_job(1, GROUP)).outcome is None
    world.conversation.receive(replace(written(text, 51, GROUP), sender_chat_id=GROUP, anonymous=True))
    assert texts(world, GROUP)[1:] == [EN["delete_ask_group"] if text == "/delete" else say("en", "cancelled_all", count=1)]


def test_who_asked_for_the_text_may_stop_it_as_its_speaker_may(world: World):
    Chats(world.store).forget(GROUP)
    source = voice(world, "hello", 1, chat_id=GROUP, user_id=BORIS)
    world.conversation.receive(written("/transcribe", 2, GROUP, ANNA, replied=source))
    world.conversation.receive(written("/cancel", 3, GROUP, BORIS))
    assert record(world, the_job(1, GROUP)).outcome is Outcome.CANCELLED


def test_a_member_is_told_their_own_minutes_and_what_waits_of_theirs_here(world: World):
    for number, user in enumerate((ANNA, BORIS, BORIS), 1):
        sent(world, "hello", number, user)
    world.conversation.receive(written("/status", 50, GROUP, BORIS))
    assert texts(world, GROUP) == [EN["status_no_limit"].format(waiting=2, line=3)]


def test_privacy_is_told_to_every_member_of_a_listed_group(world: World):
    world.conversation.receive(written("/privacy", 50, GROUP, BORIS))
    assert len(texts(world, GROUP)) == 1
    world.conversation.receive(written("/privacy", 50, -200, BORIS))
    assert texts(world, -200) == []


# Language


def test_an_anonymous_administrator_is_spoken_to_as_the_first_member_whose_language_was_known(world: World):
    for number, language_code in enumerate(("ru-RU", "en"), 50):
        world.conversation.receive(written("/id", number, GROUP, BORIS, language_code=language_code))
    anonymous = replace(written("/auto off", 52, GROUP), anonymous=True)
    world.conversation.receive(anonymous)
    assert texts(world, GROUP) == [RU["id_group"].format(id=GROUP), EN["id_group"].format(id=GROUP), RU["auto_off"]]


def test_the_language_of_a_group_that_is_not_listed_or_of_a_member_in_private_is_not_noted(world: World):
    world.conversation.receive(written("/id", 1, -200, OWNER, language_code="ru"))
    world.conversation.receive(written("/id", 1, 7, language_code="ru"))
    world.conversation.receive(written("talk among people", 2, GROUP, BORIS, language_code="ru"))
    assert world.stored("chats/") == [f"chats/{GROUP}.json"]
    assert Chats(world.store).settings(GROUP).guess == ""


def test_the_bots_language_is_chosen_by_buttons_under_the_settings_of_the_speechs(world: World):
    world.conversation.receive(written("/language", 50, GROUP, ANNA))
    slot, _ = last(world, GROUP)
    world.conversation.receive(press("ui:?", slot, "p1", GROUP, ANNA))
    assert last(world, GROUP)[1].text == EN["interface_shown"].format(interface=EN["interface_own"])
    world.conversation.receive(press("ui:ru", slot, "p2", GROUP, ANNA))
    assert last(world, GROUP)[1].text == RU["interface_shown"].format(interface="Русский")
    world.conversation.receive(press("ui:back", slot, "p3", GROUP, ANNA))
    assert last(world, GROUP)[1].text.startswith("🌐")
    world.conversation.receive(written("/id", 51, GROUP, BORIS, language_code="en"))
    assert last(world, GROUP)[1].text == RU["id_group"].format(id=GROUP)


def test_what_was_learnt_of_a_group_stays_when_its_settings_change_and_goes_with_them(world: World):
    chats = Chats(world.store)
    saying = Saying(store=world.store, chat=world.chat, delivery=world.delivery, clock=world.clock)
    answers = SettingsAnswers(chats=chats, chat=world.chat, saying=saying)
    decided_from = chats.settings(GROUP)
    world.conversation.receive(written("/id", 50, GROUP, ANNA, language_code="ru"))
    answers.change(Change(GROUP, replace(decided_from, shape="srt")), decided_from)
    assert chats.settings(GROUP) == ChatSettings(auto="all", shape="srt", guess="ru")
    world.conversation.receive(press("erase:yes", 404, "p1", GROUP, ANNA))
    assert chats.settings(GROUP) == ChatSettings()


def test_two_who_change_a_groups_settings_at_once_undo_nothing_of_each_other(world: World):
    chats = Chats(world.store)
    saying = Saying(store=world.store, chat=world.chat, delivery=world.delivery, clock=world.clock)
    answers = SettingsAnswers(chats=chats, chat=world.chat, saying=saying)
    before = chats.settings(GROUP)
    for changed in (replace(before, auto="off"), replace(before, words="Bishkek")):
        answers.change(Change(GROUP, changed), before)
    assert chats.settings(GROUP) == ChatSettings(auto="off", words="Bishkek")


# Hints


def private(world: World, message_id: int, **message: object) -> list[str]:
    world.conversation.receive(written(str(message.pop("text", "")), message_id, **message))
    return texts(world)


def test_what_has_no_sound_and_a_forwarded_series_get_one_hint_a_day(world: World):
    for number in range(1, 21):
        private(world, number, text=f"message {number}", forwarded=True)
    assert private(world, 30, soundless="sticker") == [EN["hint"]]
    world.clock.advance(86_400)
    assert private(world, 31, soundless="photo") == [EN["hint"]] * 2


def test_a_burst_of_texts_gets_one_hint_and_a_later_one_another(world: World):
    for number in range(1, 4):
        private(world, number, text="hello")
    assert texts(world) == [EN["hint"]]
    world.clock.advance(300)
    assert private(world, 5, text="hello?") == [EN["hint"]] * 2


def test_in_a_group_nothing_of_the_sort_is_answered(world: World):
    world.conversation.receive(written("", 1, GROUP, BORIS, soundless="photo"))
    world.conversation.receive(written("look", 2, GROUP, BORIS, forwarded=True))
    assert texts(world, GROUP) == []


def test_a_group_in_which_only_voices_are_wanted_is_not_given_music(world: World):
    Chats(world.store).change(GROUP, lambda _: ChatSettings(auto="voices"))
    song = voice(world, "la la la", 1, chat_id=GROUP, user_id=BORIS)
    assert song.media
    world.conversation.receive(replace(song, media=replace(song.media, kind="audio")))
    answered(world, "hello", 2, chat_id=GROUP, user_id=BORIS)
    assert texts(world, GROUP) == ["hello"]
