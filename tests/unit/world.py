"""Everything between the doors and the adapters, put together over the in-memory twins."""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from pisar.answers.callbacks import Announcements
from pisar.answers.chat_delivery import Delivery
from pisar.bot.actions import Facts
from pisar.bot.updates import Take
from pisar.chat.answers_again import AnswersAgain
from pisar.chat.conversation import Conversation
from pisar.chat.erasure import Erasure
from pisar.chat.intake import Intake
from pisar.chat.paced_chat import PacedChat
from pisar.domain.answer_to import Reply
from pisar.domain.audio import AudioLimits
from pisar.domain.chats import AllowList
from pisar.domain.jobs import JobMessage, Options
from pisar.domain.messages import Media
from pisar.domain.speech import Span
from pisar.domain.transcripts import Segment, Transcript, Word
from pisar.errors import Rejected
from pisar.speech.cached_transcripts import Transcripts
from pisar.speech.charging import Payers, Till
from pisar.speech.recognition import PIECE_SECONDS, Recognition
from pisar.state.api_keys import Keys
from pisar.state.engine_speed import Pace
from pisar.state.job_records import Records
from pisar.state.quotas import Quotas
from pisar.state.transcript_cache import TranscriptCache
from pisar.work.attempt import Holding
from pisar.work.dead_letters import DeadLetters
from pisar.work.ending import Closing
from pisar.work.parts import Parts
from pisar.work.queueing import Queueing
from pisar.work.transcribe_job import Lengths, Transcription
from tests.support.twins import (
    ManualClock,
    MemoryCallbackQueue,
    MemoryChat,
    MemoryChatFiles,
    MemoryJobQueue,
    MemoryMeter,
    MemoryObjectStore,
)

CHAT = 7
OWNER = 1
GROUP = -100
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

    def stream(self, audio: bytes, limits: AudioLimits, *, track: int | None = None) -> "Generator[np.ndarray]":
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


UNCUT = Lengths(whole_seconds=3600, part_seconds=120)


@dataclass
class World:
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
    lengths: Lengths = UNCUT
    parts_at_once: int = 2
    piece_seconds: float = PIECE_SECONDS
    shared: bool = True

    def __post_init__(self) -> None:
        self.meter = MemoryMeter()
        self.callbacks = MemoryCallbackQueue(self.clock)
        self.records = Records(self.store, self.clock, self.meter)
        chat = PacedChat(self.chat, self.store, self.clock)
        delivery = Delivery(chat, self.records, self.clock, patience_seconds=PATIENCE)
        announcements = Announcements(self.callbacks)
        self.cache = TranscriptCache(self.store, self.clock, reuse_seconds=DAY)
        parts = Parts(records=self.records, store=self.store, queue=self.queue, clock=self.clock, at_once=self.parts_at_once)
        closing = Closing(
            records=self.records,
            store=self.store,
            cache=self.cache,
            delivery=delivery,
            announcements=announcements,
            parts=parts,
            lease_seconds=self.lease_seconds,
        )
        self.intake = Intake(
            records=self.records,
            store=self.store,
            queueing=Queueing(records=self.records, store=self.store, queue=self.queue, max_waiting=MAX_WAITING),
            files=self.files,
            delivery=delivery,
            limits=LIMITS,
            options=self.options,
            pace=Pace(self.store, self.clock),
            lease_seconds=LEASE,
        )
        self.keys = Keys(self.store)
        self.quotas = Quotas(self.store, self.clock)
        self.pace = Pace(self.store, self.clock)
        self.till = Till(self.quotas, model="ear", shared=self.shared)
        self.payers = Payers(self.keys, minutes_per_day=self.minutes_per_day)
        self.transcripts = Transcripts(
            recognition=Recognition(self.ear, self.ear, self.ear, LIMITS, piece_seconds=self.piece_seconds),
            cache=self.cache,
            till=self.till,
            pace=self.pace,
            lease_seconds=LEASE,
            meter=self.meter,
        )
        self.transcription = Transcription(
            records=self.records,
            store=self.store,
            clock=self.clock,
            transcripts=self.transcripts,
            cache=self.cache,
            till=self.till,
            payers=self.payers,
            closing=closing,
            parts=parts,
            lengths=self.lengths,
            holding=Holding(lease_seconds=LEASE),
        )
        again = AnswersAgain(
            intake=self.intake,
            records=self.records,
            store=self.store,
            chat=chat,
            delivery=delivery,
            clock=self.clock,
            keep_seconds=KEEP_DAYS * DAY,
            lease_seconds=LEASE,
        )
        self.conversation = Conversation(
            intake=self.intake,
            again=again,
            erasure=Erasure(records=self.records, store=self.store, chat=chat, clock=self.clock, keep_seconds=KEEP_DAYS * DAY),
            records=self.records,
            store=self.store,
            chat=chat,
            delivery=delivery,
            clock=self.clock,
            facts=Facts(allowed=self.allowed, owners=frozenset({OWNER}), limits=LIMITS, keep_days=KEEP_DAYS),
            minutes_per_day=self.minutes_per_day,
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
