"""What a stack's first calls put up with."""

import asyncio

import aiohttp
import pytest
from aiohttp import web

from localstack.failures import CannotStart
from localstack.stack import Stack, StackConfig


def expect_200_of(*statuses: int) -> int:
    """Have a stack expect a 200 where these are answered in turn, the last for ever; return how often it asked."""
    asked = 0

    async def answer(_request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return web.Response(status=statuses[min(asked, len(statuses)) - 1])

    async def ask() -> None:
        app = web.Application()
        app.router.add_get("/", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        stack = Stack(StackConfig())
        stack.logs.add("nobody", "its last words")
        try:
            async with aiohttp.ClientSession(f"http://127.0.0.1:{runner.addresses[0][1]}") as session:
                await stack.expect(session, ("nobody",), 200, "GET", "/")
        finally:
            await runner.cleanup()
            stack.close()

    asyncio.run(ask())
    return asked


def test_a_first_call_that_took_too_long_is_made_again():
    assert expect_200_of(504, 504, 200) == 3


def test_another_failure_is_told_at_once():
    with pytest.raises(CannotStart, match="the nobody does not work: GET / was answered 502, not 200"):
        expect_200_of(502, 200)
