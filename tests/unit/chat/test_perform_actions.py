"""What people say to the bot and press, carried out over the twins, and what happens when an update is repeated or a step fails."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from pisar.bot import buttons
from pisar.bot.answer_messages import MESSAGE_UNITS, units
from pisar.bot.texts import TEXTS, say
from pisar.chat import erasure
from pisar.domain.chats import AllowList, ChatSettings
from pisar.domain.jobs import Job, Options, Outcome, State, job_id
from pisar.domain.messages import Incoming, Media, Membership, Press
from pisar.errors import MessageGone, Unavailable, Undeliverable
from pisar.state.chats import Chats
from pisar.state.jobs_by_owner import OwnedJobs
from tests.support.twins import MemoryChat, MemoryObjectStore, SentMessage
from tests.unit.world import CHAT, DAY, GROUP, KEEP_DAYS, OWNER, PATIENCE, World

EN = TEXTS["en"]
ANNA, BORIS = 11, 12


def written(text: str, message_id: int = 1, chat_id: int = CHAT, user_id: int | None = None, **more: object) -> Incoming:
    kind = "private" if chat_id > 0 else "supergroup"
    sender = chat_id if user_id is None and chat_id > 0 else user_id
    return Incoming(chat_id=chat_id, chat_type=kind, message_id=message_id, user_id=sender, text=text, **more)


def voice(world: World, said: str, message_id: int = 1, **where: object) -> Incoming:
    file_id = f"file-{message_id}-{where.get('chat_id', CHAT)}"
    world.files.add(file_id, said.encode())
    caption = str(where.pop("caption", ""))
    return written(caption, message_id, media=Media(kind="voice", file_id=file_id, unique_id=file_id), **where)


def press(data: str, message_id: int, press_id: str = "p1", chat_id: int = CHAT, user_id: int = CHAT) -> Press:
    kind = "private" if chat_id > 0 else "supergroup"
    return Press(press_id=press_id, chat_id=chat_id, chat_type=kind, message_id=message_id, user_id=user_id, data=data)


def texts(world: World, chat_id: int = CHAT) -> list[str]:
    return [message.text for message in world.chat.messages(chat_id).values()]


def last(world: World, chat_id: int = CHAT) -> tuple[int, SentMessage]:
    return list(world.chat.messages(chat_id).items())[-1]


def the_job(message_id: int = 1, chat_id: int = CHAT) -> str:
    return job_id("telegram", chat_id, message_id)


def record(world: World, this: str) -> Job:
    return world.records.find(this).job


def answered(world: World, said: str = "hello there", message_id: int = 1, **where: object) -> tuple[int, str]:
    """A voice was sent and answered; the answer's message and its job."""
    chat_id = int(str(where.get("chat_id", CHAT)))
    world.conversation.receive(voice(world, said, message_id, **where))
    world.work_off()
    return last(world, chat_id)[0], the_job(message_id, chat_id)


# Commands


def test_a_voice_becomes_text_with_buttons_under_it(world: World):
    slot, this = answered(world)
    assert world.chat.messages(CHAT) == {slot: SentMessage(text="hello there", reply_to=1, keyboard=buttons.of_answer(this, "en"))}


def test_a_command_is_answered_once_however_often_its_update_comes(world: World):
    for _ in range(3):
        world.conversation.receive(written("/id"))
    assert world.chat.messages(CHAT) == {1: SentMessage(text=EN["id"].format(id=CHAT), reply_to=1)}


def test_the_same_command_in_another_message_or_chat_is_answered_anew(world: World):
    for update in (written("/id", 1), written("/id", 2), written("/id", 1, chat_id=OWNER)):
        world.conversation.receive(update)
    assert (len(texts(world)), len(texts(world, OWNER))) == (2, 1)


@pytest.mark.parametrize(("when", "shown"), [("before", []), ("after", [EN["id"].format(id=CHAT)])])
def test_an_answer_of_which_nobody_knows_whether_it_came_is_not_sent_again(world: World, when: str, shown: list[str]):
    world.chat.fail("send", Unavailable("timeout"), when=when)
    for _ in range(2):
        world.conversation.receive(written("/id"))
    assert texts(world) == shown


def test_an_answer_waits_as_long_as_telegram_asks_for_a_little_patience(world: World):
    world.chat.fail("send", Unavailable("429", after_seconds=3))
    began = world.clock.now()
    world.conversation.receive(written("/id"))
    assert texts(world) == [EN["id"].format(id=CHAT)]
    assert 3 <= world.clock.now() - began < PATIENCE


def test_an_answer_that_telegram_puts_off_for_long_comes_with_the_next_try(world: World):
    world.chat.fail("send", Unavailable("429", after_seconds=100))
    with pytest.raises(Unavailable):
        world.conversation.receive(written("/id"))
    assert (texts(world), world.stored("said/")) == ([], [])
    world.conversation.receive(written("/id"))
    assert texts(world) == [EN["id"].format(id=CHAT)]


def test_a_chat_that_can_not_be_written_to_is_let_be(world: World):
    world.chat.fail("send", Undeliverable("blocked"))
    world.conversation.receive(written("/id"))
    assert texts(world) == []


def test_a_stranger_is_told_once_whatever_else_they_send_than_a_question_for_their_id(world: World):
    for number, text in enumerate(["hi", "/help", "/language", "hi"], 1):
        world.conversation.receive(written(text, number, chat_id=ANNA))
    world.conversation.receive(voice(world, "let me in", 9, chat_id=ANNA))
    assert texts(world, ANNA) == [EN["not_allowed"].format(id=ANNA)]
    assert len(world.queue) == 0
    for number, text in enumerate(["/id", "/start", "/id"], 10):
        world.conversation.receive(written(text, number, chat_id=ANNA))
    assert texts(world, ANNA) == [EN["not_allowed"].format(id=ANNA)] * 4


class Untouchable(MemoryObjectStore):
    def get(self, key: str):
        raise AssertionError(f"{key} was read")


class Unasked(MemoryChat):
    def username(self) -> str:
        raise AssertionError("Telegram was asked")


def test_the_chatter_of_a_group_costs_nothing():
    world = World(store=Untouchable(), chat=Unasked())
    world.conversation.receive(written("hello everybody", chat_id=GROUP, user_id=ANNA))
    world.conversation.receive(None)
    assert (world.stored(""), texts(world, GROUP)) == ([], [])


# Settings


def test_settings_are_changed_by_a_command_and_shown(world: World):
    world.conversation.receive(written("/language ru,en"))
    changed = ChatSettings(languages=("ru", "en"))
    assert Chats(world.store).settings(CHAT) == changed
    text = EN["language_shown"].format(languages="Русский, English")
    assert world.chat.messages(CHAT) == {1: SentMessage(text=text, reply_to=1, keyboard=buttons.language_settings(changed, "en"))}


def test_what_a_chat_chose_holds_for_its_recordings_and_for_no_other_chats():
    world = World(options=Options(language="de"))
    for number, text in enumerate(["/language ru,en", "/format srt"], 1):
        world.conversation.receive(written(text, number))
    world.conversation.receive(press("off:silent", 1))
    answered(world, "one", 5)
    answered(world, "two", 5, chat_id=OWNER)
    assert world.ear.languages == ["ru,en", "de"]
    _, document = last(world)
    assert (document.document_name, document.text, document.silent) == ("transcript.srt", "one", False)
    assert (last(world, OWNER)[1].text, last(world, OWNER)[1].silent) == ("two", True)


def test_a_caption_names_the_language_for_this_recording_alone(world: World):
    answered(world, "eins", 1, caption="de")
    answered(world, "one", 2)
    assert world.ear.languages == ["de", "auto"]


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_switch_is_pressed_and_shown_in_its_place_however_often_the_update_comes(world: World, times: int):
    world.conversation.receive(written("/settings"))
    slot, before = last(world)
    assert before.keyboard == buttons.all_settings(ChatSettings(), "en", group=False)
    for _ in range(times):
        world.conversation.receive(press("off:silent", slot))
    changed = ChatSettings(silent=False)
    assert Chats(world.store).settings(CHAT) == changed
    shown = EN["settings_shown"].format(languages="detected automatically", words="–", shape="text", silent="off")
    assert world.chat.messages(CHAT) == {
        slot: SentMessage(text=shown, reply_to=1, keyboard=buttons.all_settings(changed, "en", group=False))
    }
    assert world.chat.acknowledged == [("p1", "")] * times


def test_a_language_is_ticked_and_unticked(world: World):
    chats = Chats(world.store)
    world.conversation.receive(written("/language"))
    slot, _ = last(world)
    for data, expected in (("set:ru", ("ru",)), ("set:en", ("ru", "en")), ("unset:ru", ("en",)), ("set:auto", ())):
        world.conversation.receive(press(data, slot))
        assert chats.settings(CHAT).languages == expected
        assert last(world)[1].keyboard == buttons.language_settings(ChatSettings(languages=expected), "en")


def test_a_setting_changed_under_a_message_that_is_gone_is_changed_all_the_same(world: World):
    world.conversation.receive(press("shape:vtt", 404))
    assert (Chats(world.store).settings(CHAT), texts(world)) == (ChatSettings(shape="vtt"), [])


def test_a_switch_whose_showing_failed_is_not_flipped_back_by_the_next_try(world: World):
    world.conversation.receive(written("/settings"))
    slot, _ = last(world)
    world.chat.fail("edit", Unavailable("down"))
    with pytest.raises(Unavailable):
        world.conversation.receive(press("off:silent", slot))
    world.conversation.receive(press("off:silent", slot))
    assert Chats(world.store).settings(CHAT) == ChatSettings(silent=False)
    assert last(world)[1].keyboard == buttons.all_settings(ChatSettings(silent=False), "en", group=False)


def test_a_press_is_carried_out_though_it_can_not_be_acknowledged(world: World):
    world.chat.fail("acknowledge", Unavailable("down"))
    world.conversation.receive(press("shape:vtt", 404))
    assert Chats(world.store).settings(CHAT) == ChatSettings(shape="vtt")


def test_settings_nobody_can_read_count_as_never_written_and_can_be_written_again(world: World):
    world.store.put(f"chats/{CHAT}.json", b"garbage")
    world.store.put("access.json", b"garbage")
    answered(world, "hello")
    world.conversation.receive(written("/format srt", 2))
    assert Chats(world.store).settings(CHAT) == ChatSettings(shape="srt")


# Groups


def asks(world: World, **how: object) -> None:
    source = voice(world, "meet at noon", 90, chat_id=GROUP, user_id=BORIS)
    world.conversation.receive(written("/transcribe", 91, GROUP, ANNA, **{"replied": source, **how}))
    world.work_off()


def test_a_voice_in_a_group_is_transcribed_when_somebody_asks_as_an_answer_to_it(world: World):
    world.conversation.receive(voice(world, "meet at noon", 90, chat_id=GROUP, user_id=BORIS))
    assert texts(world, GROUP) == []
    for _ in range(2):
        asks(world)
    assert [(message.text, message.reply_to) for message in world.chat.messages(GROUP).values()] == [("meet at noon", 90)]


def test_an_administrator_lets_every_voice_be_transcribed(world: World):
    world.conversation.receive(written("/auto on", 1, GROUP, ANNA))
    assert texts(world, GROUP) == [EN["admins_only"]]
    world.chat.admins.add((GROUP, ANNA))
    world.conversation.receive(written("/auto on", 2, GROUP, ANNA))
    world.conversation.receive(voice(world, "hello", 3, chat_id=GROUP, user_id=BORIS))
    world.work_off()
    assert texts(world, GROUP)[1:] == [EN["auto_voices"], "hello"]


def test_a_groups_switch_is_for_its_administrators(world: World):
    world.chat.admins.add((GROUP, ANNA))
    world.conversation.receive(written("/settings", 1, GROUP, ANNA))
    slot, shown = last(world, GROUP)
    assert shown.keyboard == buttons.all_settings(ChatSettings(), "en", group=True)
    world.conversation.receive(press("auto:all", slot, "p1", GROUP, BORIS))
    assert Chats(world.store).settings(GROUP) == ChatSettings()
    world.conversation.receive(press("auto:all", slot, "p2", GROUP, ANNA))
    assert Chats(world.store).settings(GROUP) == ChatSettings(auto="all")
    assert world.chat.acknowledged == [("p1", EN["admins_only"]), ("p2", "")]


def test_a_group_that_became_a_supergroup_keeps_its_settings_and_its_permission(world: World):
    world.chat.admins |= {(GROUP, ANNA), (-1009, ANNA)}
    world.conversation.receive(written("/auto on", 1, GROUP, ANNA))
    for _ in range(2):
        world.conversation.receive(written("", 2, GROUP, ANNA, moved_to=-1009))
    assert (Chats(world.store).settings(-1009), Chats(world.store).settings(GROUP)) == (ChatSettings(auto="voices"), ChatSettings())
    answered(world, "hello", 3, chat_id=-1009, user_id=BORIS)
    assert texts(world, -1009) == ["hello"]


def test_a_group_that_was_not_let_in_is_not_by_moving(world: World):
    world.conversation.receive(written("", 2, -200, ANNA, moved_to=-1008))
    assert Chats(world.store).access() == AllowList()


def test_a_chat_that_put_the_bot_out_has_its_jobs_dropped_without_a_word(world: World):
    world.conversation.receive(voice(world, "hello", 1))
    world.conversation.receive(voice(world, "others", 1, chat_id=OWNER))
    world.conversation.receive(Membership(chat_id=CHAT, present=False))
    world.work_off()
    assert texts(world) == [EN["accepted"]]
    assert (texts(world, OWNER), world.ear.heard) == (["others"], [16_000])
    assert (world.stored("audio/"), world.stored("line/")) == ([], [])


# The owner


def test_the_owners_word_counts_from_the_very_next_update(world: World):
    def owner_says(text: str, number: int) -> str:
        world.conversation.receive(written(text, number, chat_id=OWNER))
        return texts(world, OWNER)[-1]

    assert owner_says(f"/allow {ANNA}", 1) == EN["admitted"].format(id=ANNA)
    answered(world, "hello", 1, chat_id=ANNA)
    assert texts(world, ANNA) == [EN["let_in"], "hello"]
    assert owner_says("/users", 2) == EN["users"].format(ids=f"{GROUP}\n{CHAT}\n{ANNA}")
    assert owner_says(f"/deny {ANNA}", 3) == EN["shut_out"].format(id=ANNA)
    world.conversation.receive(voice(world, "again", 2, chat_id=ANNA))
    assert texts(world, ANNA)[1:] == ["hello", EN["not_allowed"].format(id=ANNA)]
    assert owner_says(f"/deny {CHAT}", 4) == EN["shut_out"].format(id=CHAT)
    world.conversation.receive(voice(world, "again", 2))
    assert texts(world) == [EN["not_allowed"].format(id=CHAT)]
    assert owner_says("/users", 5) == EN["users"].format(ids=GROUP)


@pytest.mark.parametrize("command", ["allow", "deny"])
def test_a_list_that_nobody_can_read_is_kept_and_the_owner_is_told(world: World, command: str):
    world.store.put("access.json", b"{")
    world.conversation.receive(written(f"/{command} {ANNA}", 1, chat_id=OWNER))
    assert (texts(world, OWNER), world.store.get("access.json").body) == ([EN["access_unreadable"]], b"{")


def test_nobody_else_lets_anybody_in(world: World):
    world.conversation.receive(written(f"/allow {ANNA}"))
    assert (texts(world), Chats(world.store).access()) == ([EN["not_the_owner"]], AllowList())


def test_the_owner_is_told_that_everybody_may():
    world = World(allowed=AllowList(everyone=True))
    world.conversation.receive(written("/users", chat_id=OWNER))
    assert texts(world, OWNER) == [EN["users_all"].format(ids="–")]


def test_a_long_list_of_who_may_is_cut_to_one_message():
    world = World(allowed=AllowList(ids=frozenset(range(-1_000_000_000_300, -1_000_000_000_000))))
    world.conversation.receive(written("/users", chat_id=OWNER))
    (told,) = texts(world, OWNER)
    assert told.endswith("\n-1000000000101\n…")
    assert len(told) <= 4096


@pytest.mark.parametrize(("count", "shown", "more"), [(200, 200, []), (201, 200, ["…"])])
def test_very_many_who_may_fit_into_one_message(count: int, shown: int, more: list[str]):
    ids = [10**14 - count + number for number in range(count)]
    world = World(allowed=AllowList(ids=frozenset(ids)))
    world.conversation.receive(written("/users", chat_id=OWNER))
    assert texts(world, OWNER) == [EN["users"].format(ids="\n".join([*map(str, ids[:shown]), *more]))]
    assert units(texts(world, OWNER)[0]) <= MESSAGE_UNITS


def test_the_owner_is_told_the_line_and_the_speed(world: World):
    world.conversation.receive(voice(world, "hello"))
    world.conversation.receive(written("/stats", chat_id=OWNER))
    assert texts(world, OWNER) == [say("en", "stats", waiting=1, seconds=36)]


# Minutes a day


def test_a_persons_minutes_are_their_own_and_who_asks_pays():
    world = World(minutes_per_day=0.05, allowed=AllowList(everyone=True))  # three seconds
    answered(world, "one two three four", 1, chat_id=ANNA)
    answered(world, "five", 2, chat_id=ANNA)
    refusal = say("en", "quota_used", limit_minutes=0.05, resets_in_seconds=11 * 3600)
    assert texts(world, ANNA) == ["one two three four", refusal]
    asks(world)  # ANNA asks for what BORIS said
    assert texts(world, GROUP) == [refusal]
    answered(world, "six", 3, chat_id=BORIS)
    assert texts(world, BORIS) == ["six"]
    assert world.ear.heard == [64_000, 16_000]
    assert record(world, the_job(2, ANNA)).reason == "quota_used"
    assert (world.stored("audio/"), world.stored("line/")) == ([], [])


def test_who_asks_in_a_groups_name_spends_the_groups_minutes():
    world = World(minutes_per_day=0.05)
    for number, said in enumerate(["one two three four", "five"], start=1):
        asked = voice(world, said, number, chat_id=GROUP, caption="/transcribe")
        world.conversation.receive(replace(asked, user_id=None, anonymous=True))
        world.work_off()
    assert texts(world, GROUP) == ["one two three four", say("en", "quota_used", limit_minutes=0.05, resets_in_seconds=11 * 3600)]
    assert [key.split("/")[1] for key in world.stored("usage/")] == [f"person{GROUP}"]


def test_minutes_are_there_again_at_midnight():
    world = World(minutes_per_day=0.05)
    answered(world, "one two three four", 1)
    world.clock.advance(86_400)
    answered(world, "five", 2)
    assert texts(world) == ["one two three four", "five"]


UNCOUNTED = say("en", "status_no_limit", waiting=1, line=2)
USED = say("en", "status", used=0.1, limit=10, waiting=1, line=2)


@pytest.mark.parametrize(("minutes", "told"), [(None, UNCOUNTED), (10, USED)])
def test_a_person_is_told_what_they_have_used_and_what_waits(minutes: float | None, told: str):
    world = World(minutes_per_day=minutes)
    answered(world, "one two three four five", 1)
    world.conversation.receive(voice(world, "waits", 2))
    world.conversation.receive(voice(world, "another's", 2, chat_id=OWNER))
    world.conversation.receive(written("/status", 3))
    assert last(world)[1].text == told


# Stopping


def test_what_waits_is_stopped_and_its_message_says_so(world: World):
    slots = []
    for number in (1, 2):
        world.conversation.receive(voice(world, "hello", number))
        slots.append(last(world)[0])
    world.conversation.receive(voice(world, "another's", 1, chat_id=OWNER))
    for _ in range(2):
        world.conversation.receive(written("/cancel", 3))
    world.work_off()
    assert texts(world) == [EN["cancelled"], EN["cancelled"], say("en", "cancelled_all", count=2)]
    assert (texts(world, OWNER), world.ear.heard) == (["another's"], [16_000])
    assert (world.stored("audio/"), world.stored("line/"), len(world.queue)) == ([], [], 0)
    assert record(world, the_job(1)) == Job(
        id=the_job(1),
        state=State.FINISHED,
        created_at=record(world, the_job(1)).created_at,
        outcome=Outcome.CANCELLED,
        finished_at=world.clock.now(),
    )


def hearing(world: World, then: Callable[[], None]) -> None:
    """Let something happen once while the engine is at work."""
    transcribe, pending = world.ear.transcribe, [then]

    def transcribe_meanwhile(*arguments: object, **more: object):
        if pending:
            pending.pop()()
        return transcribe(*arguments, **more)

    world.ear.transcribe = transcribe_meanwhile  # type: ignore[method-assign]


def test_what_is_being_worked_on_is_stopped_and_no_answer_follows(world: World):
    world.conversation.receive(voice(world, "a secret"))
    hearing(world, lambda: world.conversation.receive(written("/cancel", 2)))
    world.work_off()
    assert texts(world) == [EN["cancelled"], say("en", "cancelled_all", count=1)]
    assert record(world, the_job()).outcome is Outcome.CANCELLED
    assert [world.stored(prefix) for prefix in ("audio/", "texts/", "line/", "cache/")] == [[]] * 4
    assert len(world.queue) == 0


def test_what_is_finished_is_not_stopped_and_nothing_to_stop_is_said(world: World):
    slot, this = answered(world)
    world.conversation.receive(written("/cancel", 2))
    assert texts(world) == ["hello there", EN["nothing_to_cancel"]]
    assert record(world, this).outcome is Outcome.TRANSCRIBED
    world.conversation.receive(press(f"as:txt:{this}", slot))
    assert last(world)[1].document == b"hello there\n"


def test_a_status_message_that_can_not_be_changed_stops_no_stopping(world: World):
    for number in (1, 2):
        world.conversation.receive(voice(world, "hello", number))
    world.chat.fail("edit", MessageGone("gone"))
    world.chat.fail("edit", Unavailable("down"))
    world.conversation.receive(written("/cancel", 3))
    assert last(world)[1].text == say("en", "cancelled_all", count=2)


@dataclass
class Frail(MemoryObjectStore):
    """A store whose deletes of such keys fail, once for each that is listed."""

    failing: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def delete(self, key: str) -> None:
        for prefix in self.failing:
            if key.startswith(prefix):
                self.failing.remove(prefix)
                raise Unavailable("the store is down")
        super().delete(key)


@pytest.mark.parametrize("failing", [["line/"], ["audio/"], ["texts/"], ["owned/"], ["audio/", "texts/", "owned/"]])
def test_stopping_that_was_interrupted_is_taken_up_again(failing: list[str]):
    store = Frail()
    world = World(store=store)
    world.conversation.receive(voice(world, "a secret"))
    store.failing += failing
    for _ in failing:
        with pytest.raises(Unavailable):
            world.conversation.receive(written("/cancel", 2))
    world.conversation.receive(written("/cancel", 2))
    assert last(world)[1].text == say("en", "cancelled_all", count=1)
    assert [world.stored(prefix) for prefix in ("audio/", "texts/", "owned/", "line/")] == [[]] * 4


# Erasing

MARTHA = 500_100
SECRET = "сокровище закопано под дубом"


def told_all(world: World) -> str:
    return "\n".join(f"{key} {world.store.get(key).body.decode()}" for key in world.stored(""))


def of_martha(world: World) -> list[str]:
    told = told_all(world)
    return [trace for trace in (str(MARTHA), *SECRET.split(), "file-", "srt", "имена") if trace in told]


def a_life_with_the_bot(world: World) -> None:
    world.conversation.receive(written("/language ru", 1, chat_id=MARTHA))
    slot, this = answered(world, SECRET, 2, chat_id=MARTHA)
    for number, data in enumerate([f"as:srt:{this}", f"as:timecodes:{this}", f"in:?:{this}", f"in:de:{this}"]):
        world.conversation.receive(press(data, slot, f"p{number}", MARTHA, MARTHA))
    world.work_off()
    world.conversation.receive(voice(world, SECRET, 3, chat_id=MARTHA))  # and is not answered yet


def test_the_words_of_a_chat_reach_the_engine_and_are_gone_when_all_is_erased():
    world = World(allowed=AllowList(everyone=True), options=Options(prompt="a prompt for all"))
    world.conversation.receive(written("/words Целиноград,\nМарина", 1, chat_id=MARTHA))
    assert texts(world, MARTHA) == [EN["words_shown"].format(words="Целиноград, Марина")]
    slot, this = answered(world, SECRET, 2, chat_id=MARTHA)
    for number, data in enumerate([f"in:?:{this}", f"in:de:{this}"]):
        world.conversation.receive(press(data, slot, f"p{number}", MARTHA, MARTHA))
    world.work_off()
    answered(world, SECRET, 9)  # of another chat
    words, others = Options(prompt="Целиноград, Марина."), Options(prompt="a prompt for all")
    assert world.ear.options == [words, replace(words, language="de"), others]
    assert "Целиноград" in told_all(world)
    world.conversation.receive(press("erase:yes", ask_to_erase(world), "e1", MARTHA, MARTHA))
    assert "Целиноград" not in told_all(world)


def ask_to_erase(world: World) -> int:
    world.conversation.receive(written("/delete", 50, chat_id=MARTHA))
    slot, asked = last(world, MARTHA)
    assert (asked.text, asked.keyboard) == (EN["delete_ask"], buttons.erasing("en"))
    return slot


@pytest.fixture
def marthas() -> World:
    world = World(allowed=AllowList(everyone=True), options=Options(prompt="имена"))
    a_life_with_the_bot(world)
    return world


def test_nothing_of_a_chat_is_left_but_that_there_were_jobs(marthas: World):
    assert of_martha(marthas) == [str(MARTHA), *SECRET.split(), "file-", "srt", "имена"]
    slot = ask_to_erase(marthas)
    assert str(MARTHA) in told_all(marthas)
    marthas.conversation.receive(press("erase:yes", slot, "e1", MARTHA, MARTHA))
    assert of_martha(marthas) == []
    assert marthas.chat.messages(MARTHA)[slot] == SentMessage(text=EN["delete_done"].format(count=5), reply_to=50)
    assert [marthas.stored(prefix) for prefix in ("audio/", "texts/", "owned/", "line/", "cache/", "chats/")] == [[]] * 6
    left = [marthas.records.find(key.removeprefix("jobs/").removesuffix(".json")).job for key in marthas.stored("jobs/")]
    assert len(left) == 5
    assert [(job.outcome, job.answer_to, job.options, job.audio_seconds) for job in left] == [
        (Outcome.CANCELLED, None, Options(), None)
    ] * 5


def test_what_was_on_the_queue_when_all_was_erased_leaves_nothing_either(marthas: World):
    before = list(marthas.ear.heard)
    marthas.conversation.receive(press("erase:yes", ask_to_erase(marthas), "e1", MARTHA, MARTHA))
    marthas.work_off()
    assert (of_martha(marthas), marthas.ear.heard, len(marthas.queue)) == ([], before, 0)


def test_what_is_being_worked_on_when_all_is_erased_leaves_nothing_either():
    world = World(allowed=AllowList(everyone=True))
    world.conversation.receive(voice(world, SECRET, 2, chat_id=MARTHA))
    slot = ask_to_erase(world)
    hearing(world, lambda: world.conversation.receive(press("erase:yes", slot, "e1", MARTHA, MARTHA)))
    world.work_off()
    assert (of_martha(world), len(world.queue)) == ([], 0)
    assert SECRET not in texts(world, MARTHA)


def test_a_refused_recording_leaves_nothing_either():
    world = World(allowed=AllowList(everyone=True))
    world.conversation.receive(voice(world, "x" * 3 * 2**20, 1, chat_id=MARTHA))
    too_big = voice(world, "x", 2, chat_id=MARTHA)
    world.conversation.receive(replace(too_big, media=replace(too_big.media, size_bytes=10**9)))
    world.conversation.receive(press("erase:yes", ask_to_erase(world), "e1", MARTHA, MARTHA))
    assert of_martha(world) == []


def test_erasing_touches_nothing_of_another_chat(marthas: World):
    slot, this = answered(marthas, "another's words", 1, chat_id=BORIS)
    marthas.conversation.receive(written("/format srt", 2, chat_id=BORIS))
    marthas.conversation.receive(press("erase:yes", ask_to_erase(marthas), "e1", MARTHA, MARTHA))
    assert Chats(marthas.store).settings(BORIS) == ChatSettings(shape="srt")
    marthas.conversation.receive(press(f"as:txt:{this}", slot, "b1", BORIS, BORIS))
    assert last(marthas, BORIS)[1].document == b"another's words\n"


def test_to_keep_erases_nothing_and_takes_the_question_away(marthas: World):
    slot = ask_to_erase(marthas)
    before = told_all(marthas)
    marthas.conversation.receive(press("erase:no", slot, "e1", MARTHA, MARTHA))
    assert told_all(marthas) == before
    assert marthas.chat.messages(MARTHA)[slot] == SentMessage(text=EN["delete_kept"], reply_to=50)


@pytest.mark.parametrize("failing", ["line/", "audio/", "texts/", "cache/", "owned/", "chats/"])
def test_erasing_that_was_interrupted_is_taken_up_again(failing: str):
    store = Frail()
    world = World(store=store, allowed=AllowList(everyone=True))
    a_life_with_the_bot(world)
    slot = ask_to_erase(world)
    store.failing.append(failing)
    with pytest.raises(Unavailable):
        world.conversation.receive(press("erase:yes", slot, "e1", MARTHA, MARTHA))
    world.conversation.receive(press("erase:yes", slot, "e1", MARTHA, MARTHA))
    assert of_martha(world) == []


def test_erasing_goes_through_every_page_of_a_chats_jobs(marthas: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(erasure, "PAGE", 2)
    marthas.conversation.receive(press("erase:yes", ask_to_erase(marthas), "e1", MARTHA, MARTHA))
    assert of_martha(marthas) == []


def test_the_buttons_of_what_was_erased_say_so(marthas: World):
    marthas.conversation.receive(press("erase:yes", ask_to_erase(marthas), "e1", MARTHA, MARTHA))
    marthas.conversation.receive(press(f"as:txt:{the_job(2, MARTHA)}", 1, "e2", MARTHA, MARTHA))
    assert marthas.chat.acknowledged[-1] == ("e2", EN["button_erased"])


def test_a_text_that_is_too_old_is_erased_with_the_next_recording_of_its_chat(world: World):
    answered(world, "hello there", message_id=1)
    world.clock.advance(KEEP_DAYS * DAY - 1)
    answered(world, "in time", message_id=2)
    assert record(world, the_job(1)).outcome is Outcome.TRANSCRIBED
    world.clock.advance(2)
    world.conversation.receive(voice(world, "later", message_id=3))
    old = record(world, the_job(1))
    assert (old.outcome, old.answer_to) == (Outcome.CANCELLED, None)
    assert [key for key in world.stored("") if the_job(1) in key] == [f"jobs/{the_job(1)}.json"]
    assert record(world, the_job(2)).outcome is Outcome.TRANSCRIBED


def test_a_recording_that_waits_longer_than_texts_are_kept_is_answered_all_the_same(world: World):
    world.conversation.receive(voice(world, "hello there", message_id=1))
    world.clock.advance(KEEP_DAYS * DAY + 1)
    world.conversation.receive(voice(world, "later", message_id=2))
    world.work_off()
    assert sorted(texts(world)) == ["hello there", "later"]
    world.conversation.receive(voice(world, "a moment after", message_id=3))
    assert record(world, the_job(1)).outcome is Outcome.TRANSCRIBED


def test_what_can_not_be_erased_for_its_age_now_keeps_nobody_from_being_answered(world: World, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object, **__: object) -> None:
        raise Unavailable("down")

    monkeypatch.setattr(OwnedJobs, "older", fail)
    answered(world, "hello there", message_id=1)
    assert texts(world) == ["hello there"]
