"""Whom the owner lets in, and how a chat wants its answers."""

import json
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisar.domain.chats import AUTOS, SHAPES, AllowList, Auto, ChatSettings, shape_of
from pisar.domain.options import AUTO, LANGUAGES
from pisar.errors import Unreadable

IDS = st.integers(-3, 3)
ANY_IDS = IDS | st.integers(-(10**15), 10**15)
LISTS = st.builds(AllowList, ids=st.frozensets(ANY_IDS), everyone=st.booleans(), denied=st.frozensets(ANY_IDS))
CODES = st.sampled_from(sorted(LANGUAGES))
SETTINGS = st.builds(
    ChatSettings,
    languages=st.lists(CODES, unique=True, max_size=5).map(tuple),
    shape=st.sampled_from(SHAPES),
    silent=st.booleans(),
    auto=st.sampled_from(AUTOS),
    interface=st.sampled_from(["", "en", "ru"]),
    guess=st.sampled_from(["", "en", "ru"]),
)


@pytest.mark.parametrize(
    ("listed", "ids", "allowed"),
    [
        (AllowList(), (1,), False),
        (AllowList(ids=frozenset({1})), (1,), True),
        (AllowList(ids=frozenset({1})), (2, 1), True),
        (AllowList(ids=frozenset({1})), (2, None), False),
        (AllowList(ids=frozenset({1})), (), False),
        (AllowList(everyone=True), (2,), True),
        (AllowList(everyone=True), (None,), True),
        (AllowList(everyone=True, denied=frozenset({2})), (2,), False),
        (AllowList(everyone=True, denied=frozenset({2})), (1, 2), False),
        (AllowList(ids=frozenset({1}), denied=frozenset({2})), (1, 2), False),
        (AllowList(ids=frozenset({1}), denied=frozenset({1})), (1,), False),
    ],
)
def test_one_that_is_listed_may_and_one_that_is_denied_may_not(listed: AllowList, ids: tuple[int | None, ...], allowed: bool):
    assert listed.allows(*ids) is allowed


@given(LISTS, ANY_IDS)
def test_who_is_let_in_may_and_who_is_kept_out_may_not_whatever_was_before(listed: AllowList, one: int):
    assert (listed.allow(one).allows(one), listed.deny(one).allows(one)) == (True, False)
    assert (listed.deny(one).allow(one), listed.allow(one).deny(one)) == (listed.allow(one), listed.deny(one))


@given(LISTS, ANY_IDS, ANY_IDS)
def test_a_command_about_one_changes_nothing_for_another(listed: AllowList, one: int, other: int):
    if one != other:
        assert (listed.allow(one).allows(other), listed.deny(one).allows(other)) == (listed.allows(other),) * 2


@given(LISTS, st.lists(st.tuples(IDS, st.booleans())), IDS)
def test_the_owners_last_word_on_somebody_wins_over_the_setting(listed: AllowList, commands: list[tuple[int, bool]], one: int):
    changes = AllowList()
    for who, let_in in commands:
        changes = changes.allow(who) if let_in else changes.deny(who)
    last = [let_in for who, let_in in commands if who == one]
    expected = last[-1] if last else listed.allows(one)
    assert listed.with_changes(changes).allows(one) is expected


@given(LISTS)
def test_no_changes_change_nobodys_standing(listed: AllowList):
    changed = listed.with_changes(AllowList())
    assert (changed.ids, changed.everyone, changed.denied) == (listed.ids, listed.everyone, listed.denied)


@given(LISTS)
def test_an_allow_list_that_was_written_is_read_back(listed: AllowList):
    assert AllowList.decode(listed.encode()) == listed


@given(SETTINGS)
def test_settings_that_were_written_are_read_back(settings: ChatSettings):
    assert ChatSettings.decode(settings.encode()) == settings


GOOD_LIST = {"version": 1, "ids": [1], "everyone": False, "denied": [2]}
GOOD_SETTINGS = {"version": 1, **asdict(ChatSettings(languages=("ru",)))}
BAD_BODIES = [b"", b"\xff", b"{", b"null", b"[]", b'"text"', b"{}", b"1"]


def without(fields: dict, name: str) -> dict:
    return {key: value for key, value in fields.items() if key != name}


@pytest.mark.parametrize(
    "body",
    [
        *BAD_BODIES,
        *(json.dumps(without(GOOD_LIST, name)).encode() for name in ("ids", "everyone", "denied")),
        *(json.dumps(GOOD_LIST | {name: bad}).encode() for name in ("ids", "denied") for bad in (None, 1, ["x"], [None], [[1]])),
        json.dumps(GOOD_LIST | {"ids": [float("inf")]}).encode(),
        json.dumps(GOOD_LIST | {"ids": [float("nan")]}).encode(),
    ],
)
def test_what_is_no_allow_list_is_unreadable(body: bytes):
    with pytest.raises(Unreadable):
        AllowList.decode(body)


@pytest.mark.parametrize(
    "body",
    [
        *BAD_BODIES,
        *(json.dumps(without(GOOD_SETTINGS, name)).encode() for name in ("languages", "shape", "silent", "auto")),
        *(json.dumps(GOOD_SETTINGS | {"languages": bad}).encode() for bad in (None, 1, "ru", ["xx"], [["ru"]], [None], ["auto"])),
        json.dumps(GOOD_SETTINGS | {"auto": "music"}).encode(),
        *(json.dumps(GOOD_SETTINGS | {"shape": bad}).encode() for bad in (None, 1, "pdf", ["text"], {})),
    ],
)
def test_what_are_no_settings_is_unreadable(body: bytes):
    with pytest.raises(Unreadable):
        ChatSettings.decode(body)


@pytest.mark.parametrize(("stored", "auto"), [(True, "voices"), (False, "off"), ("all", "all")])
def test_settings_of_an_older_version_had_every_voice_transcribed_or_nothing(stored: object, auto: Auto):
    older = without(without(GOOD_SETTINGS, "interface"), "guess") | {"auto": stored}
    assert ChatSettings.decode(json.dumps(older).encode()) == ChatSettings(languages=("ru",), auto=auto)


@pytest.mark.parametrize("auto", AUTOS)
def test_version_0_1_0_reads_whether_anything_is_transcribed_unasked(auto: Auto):
    written = json.loads(ChatSettings(auto=auto).encode())
    assert bool(written["auto"]) == (auto != "off")


def test_the_good_records_that_the_bad_ones_are_made_from_are_good():
    assert AllowList.decode(json.dumps(GOOD_LIST).encode()) == AllowList(ids=frozenset({1}), denied=frozenset({2}))
    assert ChatSettings.decode(json.dumps(GOOD_SETTINGS).encode()) == ChatSettings(languages=("ru",))


@given(SETTINGS, CODES)
def test_a_language_toggled_twice_is_as_before_but_for_its_place(settings: ChatSettings, code: str):
    once = settings.toggle_language(code)
    assert (code in once.languages) is (code not in settings.languages)
    assert set(once.toggle_language(code).languages) == set(settings.languages)
    assert replace(once, languages=settings.languages) == settings


@given(SETTINGS)
def test_automatic_takes_out_every_language(settings: ChatSettings):
    assert settings.toggle_language(AUTO) == replace(settings, languages=())


@pytest.mark.parametrize("code", ["", "xx", "RU", "ru,en", "english"])
def test_no_other_language_is_taken(code: str):
    with pytest.raises(ValueError, match="no such language"):
        ChatSettings().toggle_language(code)


def test_the_engine_is_asked_for_what_was_chosen_in_its_order():
    asked = [ChatSettings(languages=chosen).language for chosen in ((), ("ru",), ("ru", "en"))]
    assert asked == ["auto", "ru", "ru,en"]


def test_by_default_a_chat_is_silent_and_a_group_is_asked_first():
    assert ChatSettings() == ChatSettings(languages=(), shape="text", silent=True, auto="off", interface="")


def test_a_shape_is_known_by_its_name_alone():
    assert [shape_of(name) for name in ("text", "timecodes", "txt", "srt", "vtt")] == list(SHAPES)
    assert [shape_of(name) for name in ("", "TXT", "pdf", ".txt")] == [None] * 4
