"""What becomes of a work in a thread when its caller hangs up or its time is up, with requests whose end the test decides."""

import asyncio
from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from pisar.web.works import CallerGoneError, Hold, LateError, run_apart, while_wanted

SECONDS = 20.0


class Caller:
    """A caller who waits until `hang_up`."""

    def __init__(self) -> None:
        self._gone = asyncio.Event()
        self.request = Request({"type": "http", "method": "POST", "path": "/", "headers": []}, self._receive)

    def hang_up(self) -> None:
        self._gone.set()

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}


class Work:
    """Works until it is let go or not wanted any more, which it looks at as the engine does."""

    def __init__(self, *, begins: bool = True) -> None:
        self.begins = begins
        self.begun, self.may_end = Event(), Event()
        self.ended: BaseException | str | None = None

    def __call__(self, hold: Hold) -> str:
        try:
            if self.begins:
                hold.begin()
            self.begun.set()
            while not self.may_end.wait(0.01):
                hold.check()
        except BaseException as error:
            self.ended = error
            raise
        self.ended = "text"
        return "text"


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(SECONDS):
        while not condition():  # noqa: ASYNC110 - a thread is looked at, and asyncio's events are not for threads
            await asyncio.sleep(0.005)


def test_a_work_that_ends_in_time_is_answered():
    async def run() -> str:
        work = Work()
        work.may_end.set()
        return await while_wanted(Caller().request, work, kept=True, wait_seconds=SECONDS)

    assert asyncio.run(run()) == "text"


@pytest.mark.parametrize(
    ("kept", "begins", "goes_on"), [(True, True, True), (True, False, False), (False, True, False), (False, False, False)]
)
def test_when_its_caller_hangs_up_it_goes_on_where_it_has_begun_and_is_kept(kept: bool, begins: bool, goes_on: bool):
    async def run() -> None:
        caller, work = Caller(), Work(begins=begins)
        task = asyncio.create_task(while_wanted(caller.request, work, kept=kept))
        await until(work.begun.is_set)
        caller.hang_up()
        if goes_on:
            await asyncio.sleep(0.2)
            assert (work.ended, task.done()) == (None, False)
            work.may_end.set()
            assert await task == "text"
        else:
            with pytest.raises(CallerGoneError):
                await asyncio.wait_for(task, SECONDS)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("kept", "begins", "ends_late", "goes_on"),
    [(True, True, False, True), (True, True, True, False), (False, True, False, False), (True, False, False, False)],
)
def test_when_its_time_is_up_it_goes_on_likewise_unless_it_is_to_end(kept: bool, begins: bool, ends_late: bool, goes_on: bool):
    async def run() -> None:
        work = Work(begins=begins)
        with pytest.raises(LateError):
            await while_wanted(Caller().request, work, kept=kept, wait_seconds=3, ends_late=ends_late)
        assert work.ended is None if goes_on else isinstance(work.ended, LateError)
        work.may_end.set()
        await until(lambda: work.ended)
        assert (work.ended == "text") == goes_on

    asyncio.run(run())


def test_whoever_has_hung_up_before_is_late_for_nothing():
    async def run() -> str:
        caller, work = Caller(), Work()
        task = asyncio.create_task(while_wanted(caller.request, work, kept=True, wait_seconds=3))
        await until(work.begun.is_set)
        caller.hang_up()
        await asyncio.sleep(4)
        work.may_end.set()
        return await task

    assert asyncio.run(run()) == "text"


def test_of_the_work_and_the_door_one_answers():
    hold = Hold(kept=True)
    hold.defer()
    assert not hold.take_answer()
    late = Hold(kept=True)
    assert late.take_answer()
    with pytest.raises(LateError):
        late.defer()
    gone = Hold(kept=True)
    gone.let_go()
    with pytest.raises(CallerGoneError):
        gone.defer()


def test_a_job_that_is_being_made_when_the_time_is_up_is_waited_for():
    async def run() -> str:
        started = Event()

        def work(hold: Hold) -> str:
            hold.begin()
            hold.defer()
            started.set()
            assert not Event().wait(4)
            return "job"

        return await while_wanted(Caller().request, work, kept=True, wait_seconds=3)

    assert asyncio.run(run()) == "job"


def test_what_fails_comes_out():
    async def run() -> None:
        def fail(_: Hold) -> None:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await while_wanted(Caller().request, fail, kept=True)

    asyncio.run(run())


def test_works_hold_up_nothing_else_however_many_they_are():
    """Starlette's own threads are 40."""

    async def run() -> None:
        end, many = Event(), 80
        works = [asyncio.create_task(run_apart(lambda: end.wait(SECONDS))) for _ in range(many)]
        await asyncio.sleep(0.1)
        async with asyncio.timeout(SECONDS):
            assert await run_in_threadpool(lambda: "light") == "light"
        end.set()
        assert await asyncio.gather(*works) == [True] * many

    asyncio.run(run())
