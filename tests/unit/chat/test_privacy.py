"""What a deletion takes, wherever a person's recordings went, and what a group's move carries along."""

from dataclasses import replace

import pytest

from pisar.bot import buttons
from pisar.bot.texts import TEXTS
from pisar.domain.answer_to import Order
from pisar.domain.chats import AllowList, ChatSettings
from pisar.domain.jobs import Job, Options, Outcome
from pisar.errors import Unavailable
from pisar.state.chats import Chats
from tests.support.twins import MemoryObjectStore
from tests.unit.api.test_client_jobs import Api, refused, spoken
from tests.unit.chat.test_perform_actions import ANNA, BORIS, answered, last, press, voice, written
from tests.unit.work.test_long_recordings import long_world, take, work_off
from tests.unit.world import CHAT, GROUP, OWNER, World

EN = TEXTS["en"]
SUPERGROUP = -1009


@pytest.fixture
def groups() -> World:
    """A group in which Anna and Boris send recordings, and the private chats of both."""
    world = World(allowed=AllowList(everyone=True))
    world.chat.admins.add((GROUP, ANNA))
    return world


@pytest.fixture
def api() -> Api:
    return Api()


def says(world: World, said: str, number: int, user_id: int, chat_id: int = GROUP) -> str:
    """Return the job of a recording that was asked for with its own caption."""
    caption = "/transcribe" if chat_id < 0 else ""
    return answered(world, said, number, chat_id=chat_id, user_id=user_id, caption=caption)[1]


def erase(world: World, chat_id: int, user_id: int, number: int = 90) -> int:
    """Return the message that says that all is erased."""
    world.conversation.receive(written("/delete", number, chat_id, user_id))
    slot, asked = last(world, chat_id)
    in_group = buttons.erasing_in_group("en", everything=True, user_id=user_id)
    assert asked.keyboard == (in_group if chat_id < 0 else buttons.erasing("en"))
    world.conversation.receive(press("erase:yes", slot, f"p{number}", chat_id, user_id))
    return slot


def kept(world: World) -> str:
    """Return the names and contents of all that is stored."""
    return "\n".join(f"{key} {world.store.get(key).body.decode()}" for key in world.stored(""))


def outcomes(world: World, *jobs: str) -> list[Outcome | None]:
    return [world.records.find(job).job.outcome for job in jobs]


def test_a_persons_deletion_takes_what_they_sent_in_groups_and_nothing_of_others(groups: World):
    jobs = [says(groups, "annas-words", 1, ANNA), says(groups, "boris-says", 2, BORIS), says(groups, "annas-own", 3, ANNA, ANNA)]
    slot = erase(groups, ANNA, ANNA)
    assert groups.chat.messages(ANNA)[slot].text == EN["delete_done"].format(count=2)
    assert outcomes(groups, *jobs) == [Outcome.CANCELLED, Outcome.TRANSCRIBED, Outcome.CANCELLED]
    assert "annas-" not in kept(groups)
    assert f"person{ANNA}" not in kept(groups)
    assert "boris-" in kept(groups)
    assert len(groups.stored(f"owned/chat{GROUP}/")) == len(groups.stored(f"owned/person{BORIS}/")) == 1


def test_a_recording_is_its_senders_too_where_somebody_else_asked_for_the_text(groups: World):
    sent = voice(groups, "annas-words", 1, chat_id=GROUP, user_id=ANNA)
    groups.conversation.receive(written("/transcribe", 2, GROUP, BORIS, replied=sent))
    groups.work_off()
    assert "annas-words" in kept(groups)
    erase(groups, ANNA, ANNA)
    assert "annas-words" not in kept(groups)
    assert groups.stored("owned/") == []


def test_and_it_is_also_theirs_who_asked(groups: World):
    sent = voice(groups, "annas-words", 1, chat_id=GROUP, user_id=ANNA)
    groups.conversation.receive(written("/transcribe", 2, GROUP, BORIS, replied=sent))
    groups.work_off()
    erase(groups, BORIS, BORIS)
    assert "annas-words" not in kept(groups)
    assert groups.stored("owned/") == []


def test_an_administrator_erases_all_of_a_group_and_nobody_else_can(groups: World):
    jobs = [says(groups, "annas-words", 1, ANNA), says(groups, "boris-says", 2, BORIS)]
    groups.conversation.receive(written("/auto on", 3, GROUP, ANNA))
    groups.conversation.receive(written("/delete", 4, GROUP, BORIS))
    slot, asked = last(groups, GROUP)
    assert asked.keyboard == buttons.erasing_in_group("en", everything=False, user_id=BORIS)
    groups.conversation.receive(press("erase:yes", slot, "p1", GROUP, BORIS))
    assert groups.chat.acknowledged[-1] == ("p1", EN["admins_only"])
    assert outcomes(groups, *jobs) == [Outcome.TRANSCRIBED] * 2
    slot = erase(groups, GROUP, ANNA)
    assert groups.chat.messages(GROUP)[slot].text == EN["delete_done"].format(count=2)
    assert outcomes(groups, *jobs) == [Outcome.CANCELLED] * 2
    assert (groups.stored("owned/"), groups.stored("texts/"), groups.stored("cache/"), groups.stored("chats/")) == ([], [], [], [])


@pytest.mark.parametrize("asks", ["/delete", "/delete all"])
def test_a_member_erases_in_a_group_what_they_sent_or_asked_for_there_and_no_more(groups: World, asks: str):
    jobs = [says(groups, "annas-words", 1, ANNA), says(groups, "boris-says", 2, BORIS), says(groups, "boris-own", 3, BORIS, BORIS)]
    jobs.append(says(groups, "boris-elsewhere", 5, BORIS, SUPERGROUP))
    groups.conversation.receive(written(asks, 4, GROUP, BORIS))
    slot, _ = last(groups, GROUP)
    groups.conversation.receive(press(f"erase:own:{BORIS}", slot, "p1", GROUP, ANNA))
    assert outcomes(groups, *jobs) == [Outcome.TRANSCRIBED] * 4
    groups.conversation.receive(press(f"erase:own:{BORIS}", slot, "p2", GROUP, BORIS))
    assert outcomes(groups, *jobs) == [Outcome.TRANSCRIBED, Outcome.CANCELLED, Outcome.TRANSCRIBED, Outcome.TRANSCRIBED]
    assert groups.chat.messages(GROUP)[slot].text == EN["delete_done_own"].format(count=1)


@pytest.mark.parametrize("data", [f"erase:own:{BORIS}", f"erase:no:{BORIS}"])
def test_nobody_makes_the_bot_write_over_anothers_answer_by_a_button_that_it_does_not_have(groups: World, data: str):
    job = says(groups, "annas-words", 1, ANNA)
    slot, shown = last(groups, GROUP)
    groups.conversation.receive(replace(press(data, slot, "p1", GROUP, BORIS), offered=False))
    assert groups.chat.acknowledged[-1] == ("p1", EN["button_dead"])
    assert (groups.chat.messages(GROUP)[slot], outcomes(groups, job)) == (shown, [Outcome.TRANSCRIBED])


def test_a_member_erases_what_they_sent_before_the_group_became_a_supergroup_too(groups: World):
    jobs = [says(groups, "said before", 1, BORIS)]
    groups.conversation.receive(written("", 2, GROUP, ANNA, moved_to=SUPERGROUP))
    groups.conversation.receive(written("/delete", 4, SUPERGROUP, BORIS))
    groups.conversation.receive(press(f"erase:own:{BORIS}", last(groups, SUPERGROUP)[0], "p1", SUPERGROUP, BORIS))
    assert outcomes(groups, *jobs) == [Outcome.CANCELLED]


def test_what_a_group_left_before_it_became_a_supergroup_is_erased_with_it(groups: World):
    groups.chat.admins.add((SUPERGROUP, ANNA))
    jobs = [says(groups, "said before", 1, BORIS)]
    for _ in range(2):
        groups.conversation.receive(written("", 2, GROUP, ANNA, moved_to=SUPERGROUP))
        groups.conversation.receive(written("", 1, SUPERGROUP, ANNA, moved_from=GROUP))
    jobs.append(says(groups, "said after", 3, BORIS, SUPERGROUP))
    erase(groups, SUPERGROUP, ANNA)
    assert outcomes(groups, *jobs) == [Outcome.CANCELLED] * 2
    assert (groups.stored("owned/"), groups.stored("chats/")) == ([], [])


@pytest.mark.parametrize("half", ["moved_to", "moved_from", "both"])
def test_a_group_that_was_denied_stays_so_as_a_supergroup(groups: World, half: str):
    groups.conversation.receive(written(f"/deny {GROUP}", 1, OWNER))
    if half != "moved_from":
        groups.conversation.receive(written("", 2, GROUP, ANNA, moved_to=SUPERGROUP))
    if half != "moved_to":
        groups.conversation.receive(written("", 1, SUPERGROUP, ANNA, moved_from=GROUP))
    groups.conversation.receive(voice(groups, "hello", 3, chat_id=SUPERGROUP, user_id=ANNA, caption="/transcribe"))
    assert groups.chat.messages(SUPERGROUP) == {}
    assert Chats(groups.store).access() == AllowList(denied=frozenset({GROUP, SUPERGROUP}))
    groups.conversation.receive(written(f"/allow {SUPERGROUP}", 2, OWNER))
    says(groups, "hello", 4, ANNA, SUPERGROUP)


def test_the_settings_of_a_group_stay_when_both_halves_of_its_move_come_in_either_order(world: World):
    Chats(world.store).change(GROUP, lambda _: ChatSettings(auto="all"))
    world.conversation.receive(written("", 1, SUPERGROUP, ANNA, moved_from=GROUP))
    world.conversation.receive(written("", 2, GROUP, ANNA, moved_to=SUPERGROUP))
    assert Chats(world.store).settings(SUPERGROUP) == ChatSettings(auto="all")


def test_what_is_learnt_of_the_old_id_between_the_halves_of_a_move_takes_no_settings_away(world: World):
    chosen = ChatSettings(auto="all", words="Bishkek", guess="ru")
    Chats(world.store).change(GROUP, lambda _: replace(chosen, guess=""))
    world.conversation.receive(written("", 2, GROUP, ANNA, moved_to=SUPERGROUP, language_code="ru"))
    assert world.stored("chats/") == [f"chats/{SUPERGROUP}.json"]
    Chats(world.store).change(GROUP, lambda now: replace(now, spoken=("ru",)))  # a recording of before is finished
    world.conversation.receive(written("", 1, SUPERGROUP, ANNA, moved_from=GROUP, language_code="ru"))
    assert Chats(world.store).settings(SUPERGROUP) == chosen


def bare(job: Job) -> Job:
    """Return all that the record of a deleted job may say."""
    times = {"created_at": job.created_at, "finished_at": job.finished_at, "deliveries": job.deliveries, "tries": job.tries}
    return Job(id=job.id, state=job.state, outcome=Outcome.CANCELLED, answer_to=Order(client="", uploaded=True), **times)


def test_the_record_of_a_deleted_job_shows_neither_client_nor_content(api: Api):
    job = api.done(api.boris, "hello there", idempotency_key="k", callback_url="https://example.com/done")
    assert api.records.find(job.id).job.content is not None
    api.jobs.delete(api.boris, job.id)
    left = api.records.find(job.id).job
    assert left == bare(left)
    assert not [line for line in kept(api).splitlines() if api.boris.key_hash in line and not line.startswith("clients/")]
    assert refused(lambda: api.create(api.boris, idempotency_key="k")) == "job_deleted"
    assert refused(lambda: api.jobs.status(api.boris, job.id)) == "not_found"


@pytest.mark.parametrize("fails_at", range(1, 9))
def test_a_deletion_that_was_interrupted_anywhere_is_gone_on_with_by_the_next_call(fails_at: int):
    api = Api(store=(store := Failing()))
    job = api.done(api.boris, "hello there")
    store.failures = fails_at
    try:
        api.jobs.delete(api.boris, job.id)
    except Unavailable:
        api.jobs.delete(api.boris, job.id)
    store.failures = 0
    assert api.traces(job) == []
    assert api.stored("cache/") == []
    assert refused(lambda: api.jobs.delete(api.boris, job.id)) == "not_found"


class Failing(MemoryObjectStore):
    """Fails at one of its deletions."""

    failures = 0

    def delete(self, key: str) -> None:
        if self.failures:
            self.failures -= 1
            if not self.failures:
                raise Unavailable("down")
        super().delete(key)


def test_a_deleted_long_recordings_parts_show_no_content_either():
    world = long_world()
    take(world)
    work_off(world)
    parts = [key for key in world.stored("jobs/") if '"whole": {' in world.store.get(key).body.decode()]
    assert parts
    contents = [world.records.find(key[5:-5]).job.content for key in parts]
    assert None not in contents
    erase(world, CHAT, CHAT)
    assert [world.records.find(key[5:-5]).job.content for key in parts] == [None] * len(parts)
    assert not [content for content in contents if str(content) in kept(world)]


def test_own_reuse_answers_each_client_and_person_from_their_own_alone():
    world = World(shared=False, allowed=AllowList(everyone=True))
    for number, one in enumerate((ANNA, BORIS, ANNA), 1):
        says(world, "the same words", number, one, one)
    assert len(world.ear.heard) == 2


def test_a_name_of_ones_own_is_nobody_elses():
    world = World(shared=False)
    names: list[str] = [world.content_ids.of(b"OggS", Options(), owner) for owner in ("a", "b", "a")]
    assert (names[0] == names[2], names[0] == names[1]) == (True, False)
    assert len({World().content_ids.of(b"OggS", Options(), owner) for owner in ("a", "b")}) == 1


def test_what_is_being_asked_for_directly_is_one_clients_own_too():
    api = Api(shared=False)
    for client in (api.anna, api.boris, api.boris):
        api.direct.transcribe(client, spoken(3).encode(), replace(Options(), language="en"))
    assert len(api.ear.heard) == 2


def test_the_text_of_a_direct_request_is_erased_by_the_name_that_its_answer_tells(api: Api):
    options = Options(language="en")
    api.direct.transcribe(api.boris, b"hello there", options)
    assert "hello" in kept(api)
    api.jobs.forget(api.direct.transcript_id(api.boris, b"hello there", options))
    assert "hello" not in kept(api)
    api.direct.transcribe(api.boris, b"hello there", options)
    assert len(api.ear.heard) == 2


def test_who_is_known_only_through_a_listed_group_can_erase_what_they_sent_there():
    world = World(allowed=AllowList(ids=frozenset({GROUP})))
    says(world, "annas-words", 1, ANNA)
    slot = erase(world, ANNA, ANNA)
    assert world.chat.messages(ANNA)[slot].text == EN["delete_done"].format(count=1)
    assert "annas-words" not in kept(world)


def test_who_was_put_out_can_still_erase_what_they_left_and_nothing_else(groups: World):
    says(groups, "annas-words", 1, ANNA, ANNA)
    groups.conversation.receive(written(f"/deny {ANNA}", 9, OWNER))
    groups.conversation.receive(written("/status", 10, ANNA, ANNA))
    assert last(groups, ANNA)[1].text == EN["not_allowed"].format(id=ANNA)
    erase(groups, ANNA, ANNA)
    assert "annas-words" not in kept(groups)


def test_the_administrators_of_a_group_that_was_put_out_can_still_erase_what_it_left(groups: World):
    says(groups, "boris-says", 1, BORIS)
    groups.conversation.receive(written(f"/deny {GROUP}", 9, OWNER))
    before = last(groups, GROUP)
    groups.conversation.receive(written("/delete", 10, GROUP, BORIS))
    assert last(groups, GROUP) == before
    erase(groups, GROUP, ANNA)
    assert "boris-says" not in kept(groups)


@pytest.mark.parametrize("given", ["1" * 17, "1" * 20, "-" + "1" * 20])
def test_an_id_that_nobody_can_have_is_not_taken_and_changes_nothing(groups: World, given: str):
    groups.conversation.receive(written(f"/deny {ANNA}", 9, OWNER))
    groups.conversation.receive(written(f"/allow {given}", 11, OWNER))
    assert last(groups, OWNER)[1].text == EN["id_expected"].format(command="allow")
    assert Chats(groups.store).access().denied == {ANNA}
