"""Who comes to the bot without being let in: the owners hear of them, let them in by a button, and they are told."""

import pytest

from pisar.bot.texts import TEXTS
from pisar.chat.knocking import Knocking
from pisar.chat.saying import Saying
from pisar.domain.bucket import KNOCKS
from pisar.domain.chats import AllowList
from pisar.domain.knocks import MAX_KNOCKS, Knock
from pisar.domain.messages import Membership
from pisar.errors import PisarError, Unavailable, Undeliverable
from pisar.state.chats import Chats
from pisar.state.knocks import KnockBook
from tests.unit.chat.test_perform_actions import ANNA, BORIS, EN, last, press, texts, voice, written
from tests.unit.world import DAY, GROUP, OWNER, World

RU = TEXTS["ru"]
NAMES = {ANNA: "Anna (@anna)", BORIS: "Boris"}


def knock(world: World, one: int, message_id: int = 1, text: str = "hello", **more: object) -> None:
    world.conversation.receive(written(text, message_id, chat_id=one, person=NAMES.get(one, ""), **more))


def listed(*people: str) -> str:
    return EN["knocks"].format(people="\n".join(people))


ANNAS, BORISES = f"Anna (@anna) – {ANNA}", f"Boris – {BORIS}"


def test_the_owner_hears_in_one_message_a_day_of_everybody_who_came(world: World):
    knock(world, ANNA)
    slot, told = last(world, OWNER)
    assert (told.text, told.silent) == (listed(ANNAS), True)
    for number in range(2, 5):
        knock(world, ANNA, number)
        knock(world, BORIS, number, "/start")
    assert list(world.chat.messages(OWNER)) == [slot]
    told = world.chat.messages(OWNER)[slot]
    assert told.text == listed(ANNAS, BORISES)
    day = KnockBook(world.store, world.clock).today()
    assert [[(button.label, button.data) for button in row] for row in told.keyboard] == [
        [(EN["button_let_in"].format(name=NAMES[one]), f"let:{one}:{day}")] for one in (ANNA, BORIS)
    ]
    world.clock.advance(DAY)
    knock(world, BORIS, 9)
    assert texts(world, OWNER)[1:] == [listed(BORISES)]


def test_who_is_let_in_by_the_button_is_told_so_in_their_language_and_ticked(world: World):
    knock(world, ANNA, language_code="ru")
    knock(world, BORIS)
    slot, shown = last(world, OWNER)
    for _ in range(2):
        world.conversation.receive(press(shown.keyboard[0][0].data, slot, "p1", OWNER, OWNER))
    assert Chats(world.store).access() == AllowList(ids=frozenset({ANNA}))
    assert texts(world, ANNA)[1:] == [RU["let_in"]]
    told = world.chat.messages(OWNER)[slot]
    assert (told.text, len(told.keyboard)) == (listed(f"✓ {ANNAS}", BORISES), 1)
    world.conversation.receive(voice(world, "hello", 5, chat_id=ANNA))
    world.work_off()
    assert texts(world, ANNA)[2:] == ["hello"]


def test_who_is_let_in_by_the_command_is_told_so_too(world: World):
    knock(world, ANNA, language_code="ru")
    for number in (1, 2):
        world.conversation.receive(written(f"/allow {ANNA}", number, chat_id=OWNER))
    assert texts(world, ANNA)[1:] == [RU["let_in"]]


def test_who_is_let_in_is_told_so_when_the_first_try_fails_half_way(world: World):
    knock(world, ANNA)
    slot, shown = last(world, OWNER)
    pressed = press(shown.keyboard[0][0].data, slot, "p1", OWNER, OWNER)
    world.chat.fail("edit", Unavailable("no answer"))
    with pytest.raises(Unavailable):
        world.conversation.receive(pressed)
    assert Chats(world.store).access().ids == {ANNA}
    world.conversation.receive(pressed)
    assert texts(world, ANNA)[1:] == [EN["let_in"]]


def test_an_owner_who_can_not_be_told_keeps_no_other_from_being_told(world: World):
    knocking = Knocking(
        store=world.store,
        chat=world.chat,
        clock=world.clock,
        saying=Saying(store=world.store, chat=world.chat, delivery=world.delivery, clock=world.clock),
    )
    world.chat.fail("send", Undeliverable("bot was blocked by the user"))
    knocking.tell(Knock(ANNA, "Anna"), frozenset({OWNER, 2}), AllowList())
    assert (texts(world, OWNER), texts(world, 2)) == ([], [listed(f"Anna – {ANNA}")])


def test_nobody_but_an_owner_lets_in_by_a_button(world: World):
    knock(world, ANNA)
    data = last(world, OWNER)[1].keyboard[0][0].data
    world.conversation.receive(press(data, 1, "p1"))
    assert (Chats(world.store).access(), world.chat.acknowledged) == (AllowList(), [("p1", EN["button_not_yours"])])


def test_a_button_of_a_day_that_is_forgotten_still_lets_in(world: World):
    knock(world, ANNA)
    slot, shown = last(world, OWNER)
    for key in world.stored(KNOCKS):
        world.store.delete(key)
    for _ in range(2):
        world.conversation.receive(press(shown.keyboard[0][0].data, slot, "p1", OWNER, OWNER))
    assert texts(world, OWNER)[1:] == [EN["admitted"].format(id=ANNA)]
    assert texts(world, ANNA)[1:] == [EN["let_in"]]


def test_a_strangers_name_neither_turns_the_list_round_nor_piles_up_over_it(world: World):
    world.conversation.receive(written("hello", 1, chat_id=ANNA, person="\u202eEve\n/deny 1 e" + "\u0301" * 40))
    shown = "Eve /deny 1 e\u0301\u0301"
    told = last(world, OWNER)[1]
    assert (told.text, told.keyboard[0][0].label) == (listed(f"{shown} – {ANNA}"), EN["button_let_in"].format(name=shown))


def test_a_flood_of_strangers_is_one_message_and_a_list_that_ends(world: World):
    for one in range(1000, 1000 + 2 * MAX_KNOCKS):
        knock(world, one)
    assert len(world.chat.messages(OWNER)) == 1
    told = last(world, OWNER)[1]
    assert len(told.keyboard) == MAX_KNOCKS
    assert len(told.text) < 4096
    assert texts(world, 1000 + MAX_KNOCKS + 1) == [EN["not_allowed"].format(id=1000 + MAX_KNOCKS + 1)]


def test_who_was_kept_out_knocks_unheard_and_so_do_owners_and_who_may(world: World):
    world.conversation.receive(written(f"/deny {ANNA}", 1, chat_id=OWNER))
    before = texts(world, OWNER)
    knock(world, ANNA)
    knock(world, 7)
    assert (texts(world, OWNER), world.stored(KNOCKS)) == (before, [])


def next_day(world: World) -> None:
    """Let Anna knock, so that she has been refused, and a new day begin, on which only the owner is to be told."""
    knock(world, ANNA)
    world.clock.advance(DAY)


@pytest.mark.parametrize("error", [Undeliverable("the owner never wrote to the bot"), Unavailable("timeout")])
def test_an_owner_who_may_have_been_told_or_can_not_be_is_not_tried_again_that_day(world: World, error: PisarError):
    next_day(world)
    world.chat.fail("send", error)
    for number in (2, 3):
        knock(world, ANNA, number)
    assert texts(world, OWNER) == [listed(ANNAS)]
    assert len(texts(world, ANNA)) == 1


def test_an_owner_who_was_certainly_not_told_is_told_with_the_next_message(world: World):
    next_day(world)
    world.chat.fail("send", Unavailable("429", after_seconds=100))
    knock(world, ANNA, 2)
    assert texts(world, OWNER) == [listed(ANNAS)]
    knock(world, ANNA, 3)
    assert texts(world, OWNER) == [listed(ANNAS)] * 2


def test_an_owner_is_written_to_in_the_language_they_wrote_in(world: World):
    world.conversation.receive(written("/users", 1, chat_id=OWNER, language_code="ru"))
    knock(world, ANNA)
    assert last(world, OWNER)[1].text == RU["knocks"].format(people=ANNAS)


# Groups


def added(chat_id: int = GROUP, **more: object) -> Membership:
    return Membership(chat_id=chat_id, present=True, chat_type="supergroup", title="Neighbours", **{"user_id": ANNA, **more})


def test_a_listed_group_is_greeted_once_however_often_the_update_comes_and_silently(world: World):
    for _ in range(2):
        world.conversation.receive(added(language_code="ru"))
    world.conversation.receive(added(was_present=True))
    assert texts(world, GROUP) == [RU["welcome"]]
    assert last(world, GROUP)[1].silent
    assert Chats(world.store).settings(GROUP).guess == "ru"


def test_a_group_that_puts_the_bot_out_and_takes_it_in_again_is_greeted_again(world: World):
    world.conversation.receive(added(-200, changed_at=1))
    world.conversation.receive(Membership(chat_id=-200, present=False, changed_at=2))
    Chats(world.store).change_access(lambda access: access.allow(-200))
    for _ in range(2):
        world.conversation.receive(added(-200, changed_at=3))
    assert texts(world, -200) == [EN["welcome_unlisted"].format(id=-200), EN["welcome"]]


def test_an_unlisted_group_is_told_how_it_is_let_in_and_greeted_when_it_is(world: World):
    world.conversation.receive(added(-200))
    assert texts(world, -200) == [EN["welcome_unlisted"].format(id=-200)]
    slot, told = last(world, OWNER)
    assert told.text == listed("Neighbours – -200")
    world.conversation.receive(press(told.keyboard[0][0].data, slot, "p1", OWNER, OWNER))
    assert texts(world, -200)[1:] == [EN["welcome"]]


def test_a_group_that_becomes_a_supergroup_before_it_is_let_in_is_let_in_under_its_new_id(world: World):
    world.conversation.receive(added(-200))
    for _ in range(2):
        world.conversation.receive(written("", 2, -200, ANNA, moved_to=-1009))
        world.conversation.receive(written("", 1, -1009, ANNA, moved_from=-200))
    slot, told = last(world, OWNER)
    assert (told.text, len(texts(world, OWNER))) == (listed("Neighbours – -1009"), 1)
    world.conversation.receive(press(told.keyboard[0][0].data, slot, "p1", OWNER, OWNER))
    assert Chats(world.store).access().ids == {-1009}
    assert texts(world, -1009) == [EN["welcome"]]


@pytest.mark.parametrize("chat_id", [GROUP, -200])
def test_a_greeting_that_can_not_be_sent_is_let_be(world: World, chat_id: int):
    world.chat.fail("send", Undeliverable("no rights to send text messages"), times=2)
    world.conversation.receive(added(chat_id))
    assert texts(world, chat_id) == []
