"""A whole local cloud with short times, and what must be true of every message in the end."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import pytest

from localstack.faults import Action, Fault
from localstack.stack import ROOT, Stack, StackConfig
from localstack.telegram import Seen
from pisar.bot.texts import TEXTS
from pisar.domain.jobs import Job, Outcome, State, job_id
from pisar.errors import Missing
from pisar.state.chats import Chats
from pisar.state.job_records import Records
from tests.support.queued import waiting_in_sqs

VOICES = ROOT / "demo" / "voices"
SPOKEN = dict(line.split("\t") for line in (VOICES / "texts.tsv").read_text().splitlines())
STATUSES = {texts[key] for texts in TEXTS.values() for key in ("accepted", "more")}
NOTICE = tuple(texts["being_written"].format(beginning="") for texts in TEXTS.values())
"""The ends of messages that only tell that an answer comes."""
DEADLINE_SECONDS = 180.0
CHATS = count(1001)

T = TypeVar("T")


def eventually(check: Callable[[], T], what: str, timeout: float = DEADLINE_SECONDS) -> T:
    """Return the first true value of a check of a foreign state that announces nothing; fail after the deadline."""
    began = time.monotonic()
    while not (value := check()):
        waited = time.monotonic() - began
        if waited > timeout:
            pytest.fail(f"{what} did not come about in {timeout} s")
        time.sleep(min(0.05 + waited / 10, 0.5))  # looking costs what it looks at some of its time: less often, the longer it takes
    return value


@dataclass
class Cloud:
    """A stack, and one voice message at a time."""

    stack: Stack
    chat: int = field(default_factory=lambda: next(CHATS))
    update: dict[str, Any] = field(default_factory=dict)

    def spoil_storage(self, action: Action, **how: Any) -> None:
        self.stack.storage.add_fault(Fault(action=action, **how))

    def spoil_telegram(self, action: Action, **how: Any) -> None:
        self.stack.telegram.faults.add(Fault(action=action, **how))

    def pids(self, deployable: str) -> tuple[int, ...]:
        """Return the processes of a deployable, started if none lives: the last fault may have killed them."""
        pool = self.stack.transcriber if deployable == "transcriber" else self.stack.functions[deployable]
        if not pool.pids():
            self.stack.warm_up()
        return tuple(pool.pids())

    def send(self, name: str = "ru-1.ogg", **how: Any) -> None:
        self.update = self.stack.telegram.voice(self.chat, (VOICES / name).read_bytes(), seconds=2, language_code="ru", **how)

    def want_sound(self) -> None:
        """Let the chat's answers make a sound: they come as new messages then."""
        Chats(self.stack.store()).change(self.chat, lambda settings: replace(settings, silent=False))

    def send_document(self, name: str, mime_type: str, content: bytes) -> None:
        self.update = self.stack.telegram.document(self.chat, name, mime_type, content, language_code="ru")

    @property
    def job_id(self) -> str:
        return job_id("telegram", self.chat, self.update["message"]["message_id"])

    def job(self) -> Job | None:
        try:
            return Records(self.stack.store(), None).find(self.job_id).job  # type: ignore[arg-type]
        except Missing:
            return None

    def answers(self) -> list[Seen]:
        """What the bot has said but for status messages and notices."""
        said = self.stack.telegram.answers(self.chat)
        return [message for message in said if message.now.text not in STATUSES and not message.now.text.endswith(NOTICE)]

    def placeholders(self) -> int:
        return len(self.stack.telegram.answers(self.chat)) - len(self.answers())

    def settle(self) -> Job:
        """Wait until nothing is left to happen to the message, and return its record."""
        eventually(lambda: (job := self.job()) and job.state is State.FINISHED, "a final record")
        eventually(lambda: not self.stack.telegram.pending_count(), "every update taken")
        eventually(self.queues_empty, "empty queues")
        eventually(lambda: not list(self.stack.store().keys(f"audio/{self.job_id}")), "erased audio")
        found = self.job()
        assert found is not None
        return found

    def queues_empty(self) -> bool:
        return not waiting_in_sqs(self.stack.storage_url, self.stack.queue_url, self.stack.dead_letters_url)

    def assert_answered_once(
        self, expected: str = SPOKEN["ru-1.ogg"], *, outcome: Outcome = Outcome.TRANSCRIBED, placeholders: int = 0
    ) -> None:
        """The end of every fault test: one answer, nothing waiting, the record final, the audio gone."""
        job = self.settle()
        assert [answer.now.text for answer in self.answers()] == [expected]
        assert job.outcome is outcome
        assert self.placeholders() <= placeholders

    def clear(self) -> None:
        self.stack.storage.clear_faults()
        self.stack.telegram.faults.clear()


# Leases are short, for a killed worker's has to run out while its test waits. Timeouts are not, unlike in the cloud, where a lease lasts
# longer than any call: a call may take long on a busy machine, and here nobody else takes up its job before it has ended.
TIMES = StackConfig(
    function_timeout=40.0,
    intake_lease=4.0,
    container_timeout=60.0,
    lease=4.0,
    visibility_timeout=5,
    max_deliveries=20,  # only the tests of the dead-letter queue use them up
    poll_seconds=1,  # a fault planted on receiving is to happen while its test runs
    webhook_first_retry=0.2,
    # One thread an engine: several stacks share this machine's cores, and ggml's threads wait for one another spinning.
    settings={
        "PISAR_THREADS": "1",
        "PISAR_REUSE_HOURS": "0",  # every test of one voice is to have the engine hear it
        "TELEGRAM_TIMEOUT_SECONDS": "10",
        "TELEGRAM_PATIENCE_SECONDS": "2",
        "PISAR_INTAKE_PATIENCE_SECONDS": "1",
    },
)


def running(config: StackConfig) -> Iterator[Stack]:
    with Stack(config) as stack:
        stack.warm_up()
        yield stack


@pytest.fixture(scope="session")
def one_worker() -> Iterator[Stack]:
    yield from running(TIMES)


@pytest.fixture
def cloud(one_worker: Stack) -> Iterator[Cloud]:
    cloud = Cloud(one_worker)
    yield cloud
    cloud.clear()


@pytest.fixture
def voice_file() -> Path:
    return VOICES / "ru-1.ogg"
