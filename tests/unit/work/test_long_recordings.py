"""A long recording: cut, its parts worked on in any order, joined once, whatever is repeated, interrupted or taken back."""

import io
import random
import time
import wave
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event

import numpy as np
import pytest

from pisar.bot.texts import TEXTS
from pisar.domain.audio import AudioLimits
from pisar.domain.jobs import JobMessage, Options, Outcome, State, part_id
from pisar.domain.speech import Span
from pisar.domain.transcripts import Segment, Transcript, Word
from pisar.errors import Rejected, Rejection, Retryable, Unavailable, Unreadable
from pisar.ports.speech import Spent
from pisar.speech.cutting import Cutting, Part
from pisar.work import attempt as attempts
from pisar.work.attempt import Attempt, Holding
from pisar.work.transcribe_job import PARTS_HELD, Lengths
from tests.support.twins import MemoryObjectStore
from tests.unit.world import CHAT, LEASE, LIMITS, Ear, World

RATE = 16_000
SCALE = 32_768
STEP = 512  # so that nobody is quiet enough to be made louder
TEXT = "one two three _ _ four five _ _ six seven eight _ _ ten eleven _ _ twelve thirteen fourteen _ _ fifteen"
WORDS = TEXT.split()
SPOKEN = " ".join(word for word in WORDS if word != "_")
PARTS = 6
LENGTHS = Lengths(whole_seconds=4, part_seconds=4)


@dataclass
class LongEar(Ear):
    """Hears a word a second, "_" for silence; each second has a loudness of its own, by which a word is known in any piece."""

    words: dict[int, str] = field(default_factory=dict)

    def decode(self, audio: bytes, limits: AudioLimits, *, track: int | None = None) -> np.ndarray:
        self.tracks_asked_for.append(track)
        if audio.startswith(b"RIFF"):
            with wave.open(io.BytesIO(audio)) as sound:
                assert (sound.getnchannels(), sound.getframerate()) == (1, RATE)
                samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(np.float32) / SCALE
        else:
            said = audio.decode().split()
            self.words |= {number: word for number, word in enumerate(said, 1) if word != "_"}
            loudness = [STEP * number if word != "_" else 0 for number, word in enumerate(said, 1)]
            samples = (np.repeat(loudness, RATE) / SCALE).astype(np.float32)
        if self.rejection:
            raise self.rejection
        if len(samples) > limits.max_seconds * RATE:
            raise Rejected(Rejection.TOO_LONG, {"limit_minutes": limits.max_seconds / 60})
        return samples

    def stream(
        self,
        audio: bytes,
        limits: AudioLimits,
        *,
        track: int | None = None,
        spent: Spent | None = None,  # noqa: ARG002 - the port has it
    ) -> Iterator[np.ndarray]:
        samples = self.decode(audio, limits, track=track)
        yield from (samples[start : start + 2 * RATE] for start in range(0, len(samples), 2 * RATE))

    def find(self, samples: np.ndarray) -> tuple[Span, ...]:
        edges = np.flatnonzero(np.diff(np.concatenate([[0], samples != 0, [0]]).astype(int)))
        return tuple(Span(start / RATE, end / RATE) for start, end in edges.reshape(-1, 2).tolist())

    def follow(self, blocks: Iterable[np.ndarray]) -> Iterator[Span]:
        yield from self.find(np.concatenate(list(blocks)))

    def transcribe(
        self,
        samples: np.ndarray,
        options: Options,
        *,
        seams: Sequence[float] = (),  # noqa: ARG002 - the port has it
        on_progress: Callable[[float], None] | None = None,
        check: Callable[[], None] | None = None,
    ) -> Transcript:
        if check:
            check()
        self.heard.append(len(samples))
        self.options.append(options)
        numbers = np.round(samples * SCALE / STEP).astype(int)
        segments = []
        for number in [int(one) for one in dict.fromkeys(numbers.tolist()) if one]:
            start, end = np.flatnonzero(numbers == number)[[0, -1]] / RATE
            segments.append(Segment(start, end, self.words[number], words=(Word(start, end, self.words[number]),)))
        if on_progress:
            on_progress(1.0)
        return Transcript(language="ru" if segments else "", duration=len(samples) / RATE, segments=tuple(segments), task=options.task)


class KilledError(BaseException):
    """The worker's process is gone."""


class FragileStore(MemoryObjectStore):
    """Its caller is killed at the given call: before it is done, or after."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0
        self.kill_at: tuple[int, bool] | None = None

    def put(self, key: str, body: bytes, **condition: object) -> str:
        return self._done(lambda: super(FragileStore, self).put(key, body, **condition))  # type: ignore[arg-type]

    def delete(self, key: str) -> None:
        self._done(lambda: super(FragileStore, self).delete(key))

    def _done(self, call: Callable[[], object]) -> str:
        self.calls += 1
        at, after = self.kill_at or (0, False)
        if self.calls == at and not after:
            raise KilledError
        result = call()
        if self.calls == at:
            raise KilledError
        return result  # type: ignore[return-value]


def long_world(*, lengths: Lengths = LENGTHS, **how: object) -> World:
    return World(ear=LongEar(), lengths=lengths, piece_seconds=4, store=FragileStore(), **how)  # type: ignore[arg-type]


@pytest.fixture
def long() -> World:
    return long_world()


def take(world: World, words: Iterable[str] = WORDS) -> None:
    world.intake.receive(world.say(" ".join(words)))


def work_off(world: World, dice: random.Random | None = None) -> None:
    """Do what is queued, in any order, killed or not, until nothing is left."""
    for _ in range(500):
        received = world.queue.receive()
        if received is None:
            if not len(world.queue):
                return
            world.queue.bring_back()
            world.clock.advance(LEASE)
            continue
        receipt, message = received
        if dice is not None and dice.random() < 0.3:
            continue  # it comes back later
        try:
            world.transcription.work(message)
        except (KilledError, Retryable):
            continue
        world.queue.delete(receipt)
    raise AssertionError("it goes on for ever")


def leftovers(world: World) -> list[str]:
    return [key for prefix in ("audio/", "parts/", "line/") for key in world.stored(prefix)]


def assert_answered_once(world: World) -> None:
    assert world.shown() == [SPOKEN]
    job = world.records.find("j1").job
    assert (job.state, job.outcome, job.parts, job.audio_seconds) == (State.FINISHED, Outcome.TRANSCRIBED, PARTS, len(WORDS))
    assert leftovers(world) == []
    assert world.stored("texts/") == ["texts/j1.json"]


def test_a_long_recording_becomes_one_text(long: World):
    take(long)
    work_off(long)
    assert_answered_once(long)


def test_the_track_is_that_of_the_whole_recording_and_its_parts_have_but_one():
    world = long_world(options=Options(track=2))
    take(world)
    work_off(world)
    assert_answered_once(world)
    assert world.ear.tracks_asked_for == [2, 2, *[None] * PARTS]


def test_cut_and_uncut_say_the_same_at_the_same_times(long: World):
    uncut = long_world(lengths=Lengths(whole_seconds=3600, part_seconds=4))
    for world in (long, uncut):
        take(world)
        work_off(world)
    cut, whole = (Transcript.decode(world.store.get("texts/j1.json").body) for world in (long, uncut))
    assert len(uncut.ear.heard) == PARTS
    assert [segment.text for segment in cut.segments] == [segment.text for segment in whole.segments]
    assert (cut.language, cut.duration, cut.task) == (whole.language, whole.duration, whole.task)
    for one, other in zip(cut.segments, whole.segments, strict=True):
        assert (one.start, one.end) == pytest.approx((other.start, other.end))
        assert [(word.start, word.end) for word in one.words] == [pytest.approx((word.start, word.end)) for word in other.words]
        assert one.no_speech_probability == pytest.approx(other.no_speech_probability)


@pytest.mark.parametrize("seed", range(20))
def test_parts_come_back_in_any_order(seed: int):
    world = long_world(parts_at_once=3)
    take(world)
    work_off(world, random.Random(seed))  # noqa: S311 - an order
    assert_answered_once(world)


def test_a_worker_killed_before_or_after_any_write_loses_and_doubles_nothing():
    world = long_world()
    take(world)
    before = world.store.calls
    work_off(world)
    writes = world.store.calls - before
    assert writes > 8 * PARTS
    for number in range(1, writes + 1):
        for after in (False, True):
            world = long_world()
            take(world)
            world.store.kill_at = (world.store.calls + number, after)
            work_off(world)
            assert world.store.calls >= world.store.kill_at[0], "nobody was killed"
            assert_answered_once(world)


def test_a_queue_that_does_not_answer_when_parts_are_put_is_tried_again(long: World, monkeypatch: pytest.MonkeyPatch):
    take(long)
    put, failures = long.queue.put, iter([True, False] * 100)

    def sometimes(message: JobMessage) -> None:
        if next(failures):
            raise Unavailable("no queue")
        put(message)

    monkeypatch.setattr(long.queue, "put", sometimes)
    work_off(long)
    assert_answered_once(long)


def test_no_more_parts_stand_in_the_queue_than_are_allowed(long: World):
    take(long)
    most = 0
    while received := long.queue.receive():
        receipt, message = received
        long.transcription.work(message)
        long.queue.delete(receipt)
        most = max(most, len(long.queue))
    assert most == 2
    assert_answered_once(long)


def test_in_all_parts_the_language_of_the_first_word_is_expected(long: World):
    take(long, ["_", "_", *WORDS])
    work_off(long)
    assert [asked.expected for asked in long.ear.options] == [(), *[("ru",)] * PARTS]


def test_parts_are_cut_while_the_language_is_found(long: World, monkeypatch: pytest.MonkeyPatch):
    take(long)
    cut, transcribe, enough = Cutting.__iter__, long.ear.transcribe, Event()

    def counted(cutting: Cutting) -> Iterator[Part]:
        for number, part in enumerate(cut(cutting), 1):
            if number > PARTS_HELD:
                enough.set()
            yield part

    def hear(*args: object, **how: object) -> Transcript:
        assert enough.wait(30)
        return transcribe(*args, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(Cutting, "__iter__", counted)
    monkeypatch.setattr(long.ear, "transcribe", hear)
    work_off(long)
    assert_answered_once(long)


def test_threads_that_work_on_one_attempt_may_all_tell_how_far_it_is(long: World, monkeypatch: pytest.MonkeyPatch):
    take(long)
    held = long.records.claim("j1", lease_seconds=LEASE)
    assert held is not None
    attempt = Attempt(long.records, long.closing, long.clock, held, Holding(lease_seconds=LEASE))
    put, written = long.store.put, []

    def slow(key: str, *args: object, **how: object) -> str:
        time.sleep(0.002)  # so that another could come between what was read and what is written
        written.append(key)
        return put(key, *args, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(long.store, "put", slow)
    monkeypatch.setattr(attempts, "PROGRESS_SECONDS", 0.0)
    with ThreadPoolExecutor(4) as threads:
        for told in [threads.submit(attempt.tell, share / 40) for share in range(40)]:
            told.result()
    assert written.count("jobs/j1.json") == 40
    assert long.records.find("j1") == attempt.held


def test_it_counts_as_one_job_however_many_parts(long: World):
    take(long)
    long.clock.advance(7)
    work_off(long)
    assert long.meter.waits == [7]
    assert [outcome for outcome, _ in long.meter.ends] == [Outcome.TRANSCRIBED]
    assert len(long.meter.recordings) == PARTS


def test_who_asks_for_the_same_again_costs_the_engine_nothing(long: World):
    take(long)
    work_off(long)
    heard = len(long.ear.heard)
    long.intake.receive(long.say(" ".join(WORDS), job="j2"))
    work_off(long)
    assert long.shown() == [SPOKEN, SPOKEN]
    assert len(long.ear.heard) == heard


def test_its_progress_is_told(long: World):
    take(long)
    seen = []
    while received := long.queue.receive():
        receipt, message = received
        long.transcription.work(message)
        long.queue.delete(receipt)
        long.clock.advance(3)
        seen += [text for text in long.shown() if "%" in text and text not in seen]
    assert seen == [TEXTS["en"]["progress"].format(percent=round(100 * done / PARTS)) for done in range(1, PARTS)]


def test_a_cancelled_recording_leaves_nothing_of_its_parts(long: World):
    take(long)
    for _ in range(3):  # cut, and two parts of it
        receipt, message = long.queue.receive() or pytest.fail("nothing to do")
        long.transcription.work(message)
        long.queue.delete(receipt)
    assert long.stored("texts/") != []
    assert long.erasure.stop(CHAT, telling=True) == 1
    heard = len(long.ear.heard)
    work_off(long)
    assert len(long.ear.heard) == heard
    assert long.stored("texts/") == []
    assert long.stored("cache/") == []
    assert leftovers(long) == []
    assert long.shown() == [TEXTS["en"]["cancelled"]]


def test_every_part_is_heard_with_the_words_that_are_expected_and_keeps_none_of_them():
    long = long_world(options=Options(prompt="Целиноград."))
    take(long)
    work_off(long)
    assert len(long.ear.options) > PARTS
    assert {asked.prompt for asked in long.ear.options} == {"Целиноград."}
    assert long.records.find("j1").job.options.prompt == "Целиноград."
    assert [long.records.find(part_id("j1", number)).job.options for number in range(PARTS)] == [Options()] * PARTS


def test_the_parts_of_a_cancelled_recording_keep_none_of_the_words_though_nobody_comes_to_them():
    long = long_world(options=Options(prompt="Целиноград."))
    take(long)
    for _ in range(2):  # cut, and one part of it
        receipt, message = long.queue.receive() or pytest.fail("nothing to do")
        long.transcription.work(message)
        long.queue.delete(receipt)
    long.erasure.stop(CHAT, telling=False)
    assert [key for key in long.stored("") if "Целиноград" in long.store.get(key).body.decode(errors="replace")] == []
    work_off(long)
    assert [key for key in long.stored("") if "Целиноград" in long.store.get(key).body.decode(errors="replace")] == []


def test_a_part_that_is_heard_while_its_recording_is_cancelled_keeps_none_of_the_words(monkeypatch: pytest.MonkeyPatch):
    long = long_world(options=Options(prompt="Целиноград."))
    take(long)
    receipt, message = long.queue.receive() or pytest.fail("nothing to do")
    long.transcription.work(message)
    long.queue.delete(receipt)
    transcribe = long.ear.transcribe

    def cancelled_meanwhile(*heard: object, **how: object) -> Transcript:
        long.erasure.stop(CHAT, telling=False)
        return transcribe(*heard, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(long.ear, "transcribe", cancelled_meanwhile)
    work_off(long)
    assert [key for key in long.stored("") if "Целиноград" in long.store.get(key).body.decode(errors="replace")] == []


def test_a_recording_cancelled_while_it_is_cut_leaves_nothing(long: World, monkeypatch: pytest.MonkeyPatch):
    take(long)
    put = long.queue.put

    def cancelling(message: JobMessage) -> None:
        put(message)
        long.erasure.stop(CHAT, telling=False)

    monkeypatch.setattr(long.queue, "put", cancelling)
    work_off(long)
    assert leftovers(long) == long.stored("texts/") == long.stored("cache/") == []
    assert long.records.find("j1").job.outcome is Outcome.CANCELLED


def test_a_part_that_never_works_ends_the_recording_once(long: World):
    take(long)
    receipt, message = long.queue.receive() or pytest.fail("nothing to do")
    long.transcription.work(message)
    long.queue.delete(receipt)
    long.dead_letters.bury("m1", JobMessage(part_id("j1", 1)).encode())
    failed = TEXTS["en"]["failed"].format(job="j1"[:8])
    assert long.shown() == [failed]
    work_off(long)
    assert long.shown() == [failed]
    assert long.records.find("j1").job.outcome is Outcome.FAILED
    assert long.stored("texts/") == []


def test_a_dead_message_of_a_part_that_is_done_brings_the_answer(long: World):
    take(long)
    while len(long.stored("texts/")) < PARTS:
        receipt, message = long.queue.receive() or pytest.fail("nothing to do")
        if message.job_id == part_id("j1", PARTS - 1):
            break
        long.transcription.work(message)
        long.queue.delete(receipt)
    last = long.records.find(part_id("j1", PARTS - 1)).job
    # The last part's worker dies each time between its transcript and its end.
    long.store.put(last.transcript_key, Transcript(language="ru", duration=1, segments=(Segment(0.25, 1.25, "fifteen"),)).encode())
    long.dead_letters.bury("m1", JobMessage(last.id).encode())
    work_off(long)
    assert_answered_once(long)


def test_too_long_even_for_parts_is_refused_and_its_parts_give_up(long: World):
    take(long, ["one", "_", "_"] * int(LIMITS.max_seconds))
    work_off(long)
    job = long.records.find("j1").job
    assert (job.outcome, job.reason) == (Outcome.REJECTED, "too_long")
    assert leftovers(long) == []


def test_a_used_up_quota_refuses_a_long_recording():
    world = long_world(minutes_per_day=0.2)
    take(world, ["one", "_", "two"] * 10)  # 30 s: the day is used up, though this one is still taken
    work_off(world)
    assert world.records.find("j1").job.outcome is Outcome.TRANSCRIBED
    world.intake.receive(world.say(" ".join(WORDS), job="j2"))
    work_off(world)
    job = world.records.find("j2").job
    assert (job.outcome, job.reason) == (Outcome.REJECTED, "quota_used")
    assert world.stored("parts/") == []


def test_a_long_recording_of_silence_is_told_apart(long: World):
    take(long, ["_"] * 30)
    work_off(long)
    assert long.shown() == [TEXTS["en"]["no_speech"]]
    assert long.records.find("j1").job.parts == 0
    assert leftovers(long) == []


def test_a_part_nobody_knows_is_unreadable(long: World):
    with pytest.raises(Unreadable):
        long.transcription.work(JobMessage(part_id("j1", 0)))
