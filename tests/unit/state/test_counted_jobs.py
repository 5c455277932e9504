"""What the owner's charts are told of jobs: each end once, by whatever process it comes, and each first claim."""

from dataclasses import replace

import pytest

from pisar.domain.answer_to import Whole
from pisar.domain.jobs import JobMessage, Options, Outcome
from pisar.domain.speech import Plan
from pisar.errors import Busy, Rejected, Rejection, Undeliverable
from tests.unit.world import LEASE, World


def claim(world: World, job: str = "j1"):
    held = world.records.claim(job, lease_seconds=LEASE)
    assert held is not None
    return held


def test_a_job_counts_as_long_as_it_took_and_waited(world: World):
    world.intake.receive(world.say("hello"))
    world.clock.advance(5)
    world.records.release(claim(world))
    world.clock.advance(2)
    world.work_off()
    assert world.meter.waits == [5], "one that is taken up again has waited before"
    assert world.meter.ends == [(Outcome.TRANSCRIBED, 7)]


@pytest.mark.parametrize(
    ("text", "outcome"),
    [("hello", Outcome.TRANSCRIBED), ("", Outcome.NO_SPEECH), ("refused", Outcome.REJECTED)],
)
def test_an_end_is_counted_by_its_outcome_and_once(world: World, text: str, outcome: Outcome):
    if outcome is Outcome.REJECTED:
        world.ear.rejection = Rejected(Rejection.CANNOT_DECODE)
    world.intake.receive(world.say(text))
    world.work_off()
    world.transcription.work(JobMessage("j1"))
    assert world.meter.ends == [(outcome, 0)]


def test_a_chat_that_can_not_be_written_to_and_a_job_given_up_are_counted(world: World):
    world.intake.receive(world.say("hello"))
    world.chat.fail("edit", Undeliverable("blocked"))
    world.work_off()
    world.intake.receive(world.say("there", job="j2"))
    world.dead_letters.bury("m1", JobMessage("j2").encode())
    assert world.meter.ends == [(Outcome.UNDELIVERABLE, 0), (Outcome.FAILED, 0)]


def test_what_is_refused_at_the_door_is_counted_without_a_time(world: World):
    take = world.say("hello")
    world.intake.receive(replace(take, media=replace(take.media, file_id="gone")))
    world.clock.advance(9)
    assert (world.meter.ends, world.meter.waits) == ([(Outcome.REJECTED, None)], [])


def test_a_job_is_cancelled_once_and_one_that_is_done_not_at_all(world: World):
    for job in ("waits", "works", "done"):
        world.intake.receive(world.say("hello", job=job))
    claim(world, "works")
    world.transcription.work(JobMessage("done"))
    world.meter.ends.clear()
    world.clock.advance(3)
    for job in ("waits", "works", "done", "waits", "works"):
        world.records.cancel(job)
    assert world.meter.ends == [(Outcome.CANCELLED, None), (Outcome.CANCELLED, 3)]


def test_a_write_that_lost_its_race_counts_nothing(world: World):
    world.intake.receive(world.say("hello"))
    frozen = claim(world)
    world.clock.advance(LEASE + 1)
    claim(world)
    with pytest.raises(Busy):
        world.records.finish(frozen, Outcome.TRANSCRIBED)
    assert world.meter.ends == []
    assert world.meter.waits == [0]


@pytest.mark.parametrize("end", ["finish", "cancel"])
def test_a_part_is_no_job_of_anybodys(world: World, end: str):
    whole = Whole(job_id="j1", number=0, start=0.0, plan=Plan((), ()))
    world.records.accept("part", lease_seconds=LEASE, options=Options(), answer_to=whole)
    held = claim(world, "part")
    if end == "finish":
        world.records.finish(held, Outcome.TRANSCRIBED)
    else:
        world.records.cancel("part")
    assert (world.meter.waits, world.meter.ends) == ([], [])
