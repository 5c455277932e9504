"""What is remembered of chats, when two write at once and when nobody can read it."""

from collections.abc import Callable

import pytest

from pisar.domain.chats import AllowList, ChatSettings
from pisar.errors import Busy, Unreadable
from pisar.state.chats import Chats
from pisar.state.document import MAX_TRIES
from tests.support.twins import MemoryObjectStore

CHAT, GROUP, SUPERGROUP = 7, -100, -1009


@pytest.fixture
def store() -> MemoryObjectStore:
    return MemoryObjectStore()


@pytest.fixture
def chats(store: MemoryObjectStore) -> Chats:
    return Chats(store)


def to(settings: ChatSettings) -> Callable[[ChatSettings], ChatSettings]:
    return lambda _: settings


def test_a_chat_that_never_said_has_the_defaults_and_nobody_was_let_in(chats: Chats):
    assert (chats.settings(CHAT), chats.access()) == (ChatSettings(), AllowList())


def test_what_was_changed_is_remembered_of_that_chat_alone(chats: Chats):
    changed = ChatSettings(languages=("ru",))
    chats.change(CHAT, to(changed))
    assert chats.settings(CHAT) == changed
    assert chats.settings(GROUP) == ChatSettings()


def test_of_two_who_let_somebody_in_at_once_both_are_heard(chats: Chats):
    pending = [3]

    def allow(access: AllowList) -> AllowList:
        if pending:
            chats.change_access(lambda other: other.allow(pending.pop()))
        return access.allow(5)

    chats.change_access(allow)
    assert chats.access() == AllowList(ids=frozenset({3, 5}))


def test_of_two_who_change_a_setting_at_once_the_later_decides_from_what_the_earlier_wrote(chats: Chats):
    pending = ["en"]

    def add(settings: ChatSettings) -> ChatSettings:
        if pending:
            chats.change(CHAT, lambda other: other.toggle_language(pending.pop()))
        return settings.toggle_language("ru")

    chats.change(CHAT, add)
    assert chats.settings(CHAT) == ChatSettings(languages=("en", "ru"))


def test_who_keeps_losing_gives_way(chats: Chats):
    tries = []

    def lose_settings(settings: ChatSettings) -> ChatSettings:
        tries.append(1)
        chats.change(CHAT, to(ChatSettings(languages=("ru",) * len(tries))))
        return settings

    def lose_access(access: AllowList) -> AllowList:
        tries.append(1)
        chats.change_access(lambda other: other.allow(len(tries)))
        return access

    with pytest.raises(Busy):
        chats.change(CHAT, lose_settings)
    with pytest.raises(Busy):
        chats.change_access(lose_access)
    assert len(tries) == 2 * MAX_TRIES


@pytest.mark.parametrize("body", [b"", b"garbage", b"{}"])
def test_settings_that_nobody_can_read_count_as_never_written_and_are_written_over(chats: Chats, store: MemoryObjectStore, body: bytes):
    store.put(f"chats/{CHAT}.json", body)
    assert chats.settings(CHAT) == ChatSettings()
    chats.change(CHAT, to(ChatSettings(auto="all")))
    assert chats.settings(CHAT) == ChatSettings(auto="all")


@pytest.mark.parametrize("body", [b"", b"garbage", b"{}"])
def test_an_allow_list_that_nobody_can_read_lets_nobody_in_and_is_kept(chats: Chats, store: MemoryObjectStore, body: bytes):
    store.put("access.json", body)
    assert chats.access() == AllowList()
    with pytest.raises(Unreadable):
        chats.change_access(lambda access: access.deny(5))
    assert store.get("access.json").body == body


def test_settings_move_with_their_group_however_often_that_is_told(chats: Chats, store: MemoryObjectStore):
    chats.change(GROUP, to(ChatSettings(auto="all")))
    chats.move(GROUP, SUPERGROUP)
    chats.change(SUPERGROUP, to(ChatSettings(shape="srt")))
    chats.move(GROUP, SUPERGROUP)
    assert chats.settings(SUPERGROUP) == ChatSettings(shape="srt")
    assert list(store.keys("chats/")) == [f"chats/{SUPERGROUP}.json"]


def test_a_group_that_never_said_moves_without_a_trace(chats: Chats, store: MemoryObjectStore):
    chats.move(GROUP, SUPERGROUP)
    assert list(store.keys("")) == []


def test_a_chat_is_forgotten_however_often_that_is_told(chats: Chats, store: MemoryObjectStore):
    chats.change(CHAT, to(ChatSettings(auto="all")))
    for _ in range(2):
        chats.forget(CHAT)
    assert (chats.settings(CHAT), list(store.keys(""))) == (ChatSettings(), [])
