"""Flows over the in-memory twins."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from pisar.adapters.memory import ManualClock, MemoryChat, MemoryChatFiles, MemoryJobQueue, MemoryObjectStore
from pisar.bot.updates import Take
from pisar.domain.audio import AudioLimits
from pisar.domain.jobs import JobMessage, Options, Reply
from pisar.domain.messages import Media
from pisar.domain.speech import Span
from pisar.domain.transcripts import Segment, Transcript
from pisar.errors import Rejected
from pisar.flows.dead_letters import DeadLetters
from pisar.flows.delivery import Delivery
from pisar.flows.intake import Intake
from pisar.flows.recognition import Recognition
from pisar.flows.records import Records
from pisar.flows.transcription import Closing, Transcription

CHAT = 7
LIMITS = AudioLimits(max_bytes=2 * 2**20, max_seconds=60)
LEASE = 60.0


@dataclass
class Ear:
    """Decoder, detector and engine in one, over bytes that say what is heard: an audio is a text, spoken one word a second."""

    rejection: Rejected | None = None
    heard: list[int] = field(default_factory=list)

    def decode(self, audio: bytes, _limits: AudioLimits) -> "np.ndarray":
        if self.rejection:
            raise self.rejection
        self._words, self._second = audio.decode().split(), 0.0
        return np.zeros(16_000 * max(1, len(self._words)), np.float32)

    def find(self, _samples: "np.ndarray") -> tuple[Span, ...]:
        return (Span(0, len(self._words)),) if self._words else ()

    def transcribe(self, samples: "np.ndarray", _options: Options, **_: object) -> Transcript:
        self.heard.append(len(samples))
        first, self._second = round(self._second), self._second + len(samples) / 16_000
        words = self._words[first : round(self._second)]
        segments = tuple(Segment(n, n + 1, word) for n, word in enumerate(words))
        return Transcript(language="ru", duration=len(samples) / 16_000, segments=segments)


@dataclass
class World:
    store: MemoryObjectStore = field(default_factory=MemoryObjectStore)
    queue: MemoryJobQueue = field(default_factory=MemoryJobQueue)
    chat: MemoryChat = field(default_factory=MemoryChat)
    files: MemoryChatFiles = field(default_factory=MemoryChatFiles)
    clock: ManualClock = field(default_factory=ManualClock)
    ear: Ear = field(default_factory=Ear)

    def __post_init__(self) -> None:
        self.records = Records(self.store, self.clock)
        delivery = Delivery(self.chat, self.records, self.clock, patience_seconds=30)
        closing = Closing(records=self.records, store=self.store, delivery=delivery)
        self.intake = Intake(
            records=self.records,
            store=self.store,
            queue=self.queue,
            files=self.files,
            delivery=delivery,
            limits=LIMITS,
            options=Options(),
            lease_seconds=LEASE,
        )
        recognition = Recognition(self.ear, self.ear, self.ear, LIMITS)
        self.transcription = Transcription(
            records=self.records, store=self.store, recognition=recognition, closing=closing, lease_seconds=LEASE
        )
        self.dead_letters = DeadLetters(records=self.records, store=self.store, closing=closing, lease_seconds=LEASE)

    def say(self, text: str, job: str = "j1", *, unsure: bool = False) -> Take:
        self.files.add(f"file-{job}", text.encode())
        media = Media(kind="voice", file_id=f"file-{job}", unique_id=job)
        return Take(job, Reply(chat_id=CHAT, message_id=5, language="en"), media, unsure)

    def shown(self) -> list[str]:
        return [message.text for message in self.chat.messages(CHAT).values()]

    def work_off(self, work: Callable[[JobMessage], None] | None = None) -> None:
        while received := self.queue.receive():
            receipt, message = received
            (work or self.transcription.work)(message)
            self.queue.delete(receipt)

    def stored(self, prefix: str) -> list[str]:
        return list(self.store.keys(prefix))


@pytest.fixture
def world() -> World:
    return World()
