"""The thread that runs coroutines for others, and what it leaves behind."""

import asyncio

import pytest

from pisar.adapters.loop_thread import LoopThread


def test_what_still_runs_is_ended_with_its_loop():
    ended = []

    async def run_on() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            await asyncio.sleep(0)
            ended.append("tidied up")

    async def begin() -> "asyncio.Task[None]":
        task = asyncio.create_task(run_on())
        await asyncio.sleep(0)
        return task

    loop = LoopThread("test")
    task = loop.run(begin(), timeout_seconds=10)
    loop.close()
    assert (task.cancelled(), ended) == (True, ["tidied up"])


def test_it_begins_anew_after_its_end():
    async def answer() -> int:
        return 42

    loop = LoopThread("test")
    for _ in range(2):
        assert loop.run(answer(), timeout_seconds=10) == 42
        loop.close()
        loop.close()


def test_work_that_takes_too_long_is_cancelled():
    loop = LoopThread("test")
    with pytest.raises(TimeoutError):
        loop.run(asyncio.sleep(3600), timeout_seconds=0.01)
    loop.close()
