"""The product put together as the doors do it, over the in-memory twins."""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import Self

import numpy as np

from pisar.bot.admission import Take
from pisar.domain.answer_to import Reply
from pisar.domain.audio import AudioLimits
from pisar.domain.chats import AllowList
from pisar.domain.jobs import JobMessage, Options
from pisar.domain.messages import Media
from pisar.domain.speech import Span
from pisar.domain.transcripts import Segment, Transcript, Word
from pisar.errors import Rejected
from pisar.ports.speech import Spent
from pisar.speech.recognition import PIECE_SECONDS
from pisar.wiring.chats import Chats
from pisar.wiring.clients import Clients
from pisar.wiring.work import Work
from pisar.work.transcribe_job import Lengths
from tests.support.twins import (
    ManualClock,
    MemoryCallbackQueue,
    MemoryCallbackSender,
    MemoryChat,
    MemoryChatFiles,
    MemoryJobQueue,
    MemoryLinkFiles,
    MemoryMeter,
    MemoryObjectStore,
)

CHAT = 7
OWNER = 1
GROUP = -100
MAX_AWAITED = 8
WAIT_SECONDS = 30.0
LIMITS = AudioLimits(max_bytes=2 * 2**20, max_seconds=60)
LEASE = 60.0
MAX_WAITING = 5
DAY = 86_400.0
KEEP_DAYS = 7.0
PATIENCE = 30.0


@dataclass
class Ear:
    """Decoder, detector and engine in one, over bytes that say what is heard: an audio is a text, spoken one word a second."""

    rejection: Rejected | None = None
    heard: list[int] = field(default_factory=list)
    tracks_asked_for: list[int | None] = field(default_factory=list)
    options: list[Options] = field(default_factory=list)

    @property
    def languages(self) -> list[str]:
        """What each call was asked to hear in."""
        return [asked.language for asked in self.options]

    def decode(self, audio: bytes, limits: AudioLimits, *, track: int | None = None) -> "np.ndarray":  # noqa: ARG002 - the port has it
        self.tracks_asked_for.append(track)
        if self.rejection:
            raise self.rejection
        self._words, self._second = audio.decode().split(), 0.0
        return np.zeros(16_000 * max(1, len(self._words)), np.float32)

    def stream(
        self,
        audio: bytes,
        limits: AudioLimits,
        *,
        track: int | None = None,
        spent: Spent | None = None,  # noqa: ARG002 - the port has it
    ) -> "Generator[np.ndarray]":
        yield self.decode(audio, limits, track=track)

    def tracks(self, audio: bytes) -> tuple[int, ...]:  # noqa: ARG002 - the port has it
        return (1,)

    def follow(self, blocks: "Iterable[np.ndarray]") -> Iterator[Span]:
        yield from self.find(np.concatenate(list(blocks)))

    def find(self, _samples: "np.ndarray") -> tuple[Span, ...]:
        return (Span(0, len(self._words)),) if self._words else ()

    def transcribe(
        self,
        samples: "np.ndarray",
        options: Options,
        *,
        seams: Sequence[float] = (),  # noqa: ARG002 - the port has it
        on_progress: Callable[[float], None] | None = None,
        check: Callable[[], None] | None = None,
    ) -> Transcript:
        self.heard.append(len(samples))
        if check:
            check()
        self.options.append(options)
        if on_progress:
            on_progress(0.0)
        first, self._second = round(self._second), self._second + len(samples) / 16_000
        words = self._words[first : round(self._second)]
        segments = tuple(Segment(n, n + 1, word, words=(Word(n, n + 1, word),)) for n, word in enumerate(words))
        if on_progress:
            on_progress(1.0)
        return Transcript(language="ru", duration=len(samples) / 16_000, segments=segments, task=options.task)


TWINS = {"environment", "settings", "decoder", "detector", "engine", "forms", "part_uploads", "meter", "callbacks", "sender", "links"}
"""What a world is given beside its fields."""

UNCUT = Lengths(whole_seconds=3600, part_seconds=120)


@dataclass
class World(Chats, Clients, Work):
    """The composition root over the twins, with settings of its own. What a test hands over takes the place of what would be made."""

    store: MemoryObjectStore = field(default_factory=MemoryObjectStore)
    queue: MemoryJobQueue = field(default_factory=MemoryJobQueue)
    chat: MemoryChat = field(default_factory=MemoryChat)
    files: MemoryChatFiles = field(default_factory=MemoryChatFiles)
    clock: ManualClock = field(default_factory=ManualClock)
    ear: Ear = field(default_factory=Ear)
    minutes_per_day: float | None = None
    allowed: AllowList = AllowList(ids=frozenset({CHAT, GROUP}))
    options: Options = Options()
    lease_seconds: float = LEASE
    patience_seconds: float = PATIENCE
    lengths: Lengths = UNCUT
    parts_at_once: int = 2
    piece_seconds: float = PIECE_SECONDS
    shared: bool = True
    over_broker: bool = False
    max_waiting: int = MAX_WAITING

    def __post_init__(self) -> None:
        super().__init__(
            {
                "PISAR_BROKER_URL": "sqs://",
                "TELEGRAM_BOT_TOKEN": "1:made-up",
                "TELEGRAM_WEBHOOK_SECRET": "made-up",
                "TELEGRAM_ALLOWED_IDS": "*" if self.allowed.everyone else " ".join(map(str, self.allowed.ids)),
                "TELEGRAM_OWNER_IDS": str(OWNER),
                "TELEGRAM_MINUTES_PER_DAY": str(self.minutes_per_day or ""),
                "PISAR_MAX_AUDIO_MB": str(LIMITS.max_bytes // 2**20),
                "PISAR_MAX_UPLOAD_MB": str(LIMITS.max_bytes // 2**20),
                "PISAR_MAX_AUDIO_MINUTES": str(LIMITS.max_seconds / 60),
                "PISAR_MAX_WAITING": str(self.max_waiting),
                "PISAR_MAX_AWAITED": str(MAX_AWAITED),
                "PISAR_INTAKE_LEASE_SECONDS": str(LEASE),
                "PISAR_LEASE_SECONDS": str(LEASE),
                "PISAR_KEEP_DAYS": str(KEEP_DAYS),
                "PISAR_PARTS_AT_ONCE": str(self.parts_at_once),
                "PISAR_PIECE_SECONDS": str(self.piece_seconds),
                "PISAR_WAIT_SECONDS": str(WAIT_SECONDS),
                "PISAR_MODEL": "ear",
                "PISAR_REUSE": "shared" if self.shared else "own",
            }
        )
        self.decoder = self.detector = self.engine = self.ear
        self.forms = self.part_uploads = self.store
        self.links = MemoryLinkFiles()
        self.meter = MemoryMeter()
        self.callbacks = MemoryCallbackQueue(self.clock)
        self.sender = MemoryCallbackSender()

    def over(self, **parts: object) -> Self:
        """Return the same product put together anew with these parts in place of its own."""
        other = object.__new__(type(self))
        given = {one.name for one in fields(self)} | TWINS
        vars(other).update({name: value for name, value in vars(self).items() if name in given} | parts)
        return other

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
