"""What is kept of a day's knocks, when two write at once and when nobody can read it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisar.domain.knocks import MAX_KNOCKS, Knock, Knocks
from pisar.errors import Unreadable
from pisar.state.knocks import KnockBook
from tests.support.twins import ManualClock, MemoryObjectStore

ANNA, BORIS = Knock(7, "Anna", "ru"), Knock(8, "Boris")


@pytest.fixture
def book() -> KnockBook:
    return KnockBook(MemoryObjectStore(), ManualClock())


def test_a_day_has_each_that_knocked_once_and_not_more_than_there_is_room_for(book: KnockBook):
    assert book.note("1", ANNA).people == book.note("1", Knock(7, "Another name")).people == (ANNA,)
    for one in range(100, 100 + 2 * MAX_KNOCKS):
        book.note("1", Knock(one))
    assert len(book.read("1").people) == MAX_KNOCKS
    assert book.read("2") == Knocks()


def test_of_two_who_would_tell_an_owner_at_once_one_does(book: KnockBook):
    assert [book.claim("1", 5) is not None, book.claim("1", 5), book.claim("1", 6) is not None] == [True, None, True]
    assert book.tell("1", 5, 60).told == {5: 60, 6: 0}
    assert book.tell("1", 5, None).told == {6: 0}
    assert book.claim("1", 5)


def test_a_knock_is_known_until_the_end_of_the_next_day():
    clock = ManualClock()
    book = KnockBook(MemoryObjectStore(), clock)
    book.note(book.today(), ANNA)
    assert book.latest(7) == ANNA
    clock.advance(86_400)
    assert (book.latest(7), book.latest(8)) == (ANNA, None)
    clock.advance(86_400)
    assert book.latest(7) is None


KNOCKS = st.builds(Knock, st.integers(-(2**52), 2**52), st.text(max_size=100), st.sampled_from(["en", "ru"]))
ALL = st.builds(Knocks, people=st.lists(KNOCKS, max_size=5).map(tuple), told=st.dictionaries(st.integers(1, 9), st.integers(0, 99)))


@given(ALL)
def test_knocks_that_were_written_are_read_back(knocks: Knocks):
    assert Knocks.decode(knocks.encode()) == knocks


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"people": [[1, "a"]], "told": []}', b'{"people": [], "told": [1]}'])
def test_what_are_no_knocks_is_unreadable_and_counts_as_absent(body: bytes):
    with pytest.raises(Unreadable):
        Knocks.decode(body)
    store = MemoryObjectStore()
    store.put("knocks/1.json", body)
    book = KnockBook(store, ManualClock())
    assert book.read("1") == Knocks()
    assert book.note("1", BORIS).people == (BORIS,)
