"""Messages that no worker could read: the owner sees them, queues them again or drops them."""

import pytest

from pisar.domain.jobs import JobMessage
from pisar.errors import Missing, Unreadable
from pisar.owner.kept_dead_letters import SHOWN_CHARACTERS, KeptLetter, KeptLetters
from tests.unit.world import World


@pytest.fixture
def letters(world: World) -> KeptLetters:
    """Kept: nonsense, one for a job that there is, one for a job that there is not."""
    world.intake.receive(world.say("hello"))
    world.queue.receive()
    for name, body in {"a": "не JSON" * 50, "b": JobMessage("j1").encode(), "c": JobMessage("gone").encode()}.items():
        world.store.put(f"dead-letters/{name}", body.encode())
    return KeptLetters(world.store, world.records)


def test_each_is_listed_with_what_is_wrong_with_it(letters: KeptLetters):
    assert list(letters.list()) == [
        KeptLetter("a", ("не JSON" * 50)[:SHOWN_CHARACTERS], "it is no message of a job"),
        KeptLetter("b", JobMessage("j1").encode(), None),
        KeptLetter("c", JobMessage("gone").encode(), "its job does not exist"),
    ]


def test_one_that_can_be_read_is_queued_again_and_answered(world: World, letters: KeptLetters):
    letters.retry("b", world.queue)
    assert world.stored("dead-letters/") == ["dead-letters/a", "dead-letters/c"]
    world.work_off()
    assert world.shown() == ["hello"]


@pytest.mark.parametrize("name", ["a", "c"])
def test_one_that_would_only_come_back_is_kept(world: World, letters: KeptLetters, name: str):
    with pytest.raises(Unreadable, match=f"{name} would only come back"):
        letters.retry(name, world.queue)
    assert (len(world.stored("dead-letters/")), world.queue.receive()) == (3, None)


def test_one_is_dropped_for_good(world: World, letters: KeptLetters):
    letters.drop("a")
    assert [one.id for one in letters.list()] == ["b", "c"]


def test_one_that_is_not_there_is_missing(world: World, letters: KeptLetters):
    with pytest.raises(Missing):
        letters.drop("x")
    with pytest.raises(Missing):
        letters.retry("x", world.queue)


def test_bytes_that_are_no_text_are_shown_all_the_same(world: World):
    world.store.put("dead-letters/raw", b"\xff\xfe{")
    assert list(KeptLetters(world.store, world.records).list()) == [KeptLetter("raw", "��{", "it is no message of a job")]
