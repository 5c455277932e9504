"""The parts of a long recording: each is a job of its own, tried and given up alone; they are joined when the last is done.

The worker of the whole cuts it. For each part it stores the audio and then the record, and it queues the first few parts. Part n, once
done, queues part n + `at_once`, so that a lecture never fills the queue in which voice messages wait. Each part notes itself in the ledger
by a conditional write. The write that completes the ledger queues the whole again, and its worker joins the transcripts. Every step may be
repeated after a crash: the same parts come out, and a part that is queued twice is done once.

Once the whole is finished or cancelled, its ledger is gone: a part that ends without a ledger erases itself.
"""

import io
import logging
import wave
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from pisar.domain.answer_to import Order, Whole
from pisar.domain.audio import SAMPLE_RATE_HZ
from pisar.domain.bucket import PARTS
from pisar.domain.jobs import Job, JobMessage, Options, Outcome, State, kept_audio_key, part_id, text_key
from pisar.domain.parts import Ledger
from pisar.domain.transcripts import Segment, Transcript, without_loops
from pisar.errors import Busy, Conflict, Missing
from pisar.ports.clock import Clock
from pisar.ports.queues import JobQueue
from pisar.ports.storage import ObjectStore
from pisar.state.document import Documents
from pisar.state.heard_texts import forget_heard
from pisar.state.job_records import Records
from pisar.state.transcript_cache import TranscriptCache

if TYPE_CHECKING:
    from pisar.speech.cutting import Part

log = logging.getLogger(__name__)


class OverError(Busy):
    """The whole recording is finished or cancelled, so its parts are no longer wanted."""


def under_way(store: ObjectStore) -> Iterator[str]:
    """Yield the ids of the long recordings that are not finished."""
    return (key.removeprefix(PARTS).removesuffix(".json") for key in store.keys(PARTS))


def forget_parts(whole: Job, *, records: Records, store: ObjectStore, cache: TranscriptCache, deleted: bool = False) -> None:
    """Erase the objects of the parts of a finished or cancelled recording. Idempotent. Parts under way erase themselves.

    `deleted`: the owner deleted the recording, so the parts' records must tell nothing of the audio either.
    """
    store.delete(f"{PARTS}{whole.id}.json")
    for number in count():
        try:
            part = records.find(part_id(whole.id, number)).job
        except Missing:
            return
        store.delete(part.audio_key)
        store.delete(part.transcript_key)
        if isinstance(whole.answer_to, Order):
            forget_heard(store, part.id)
        if part.content:
            cache.forget(part.content)
        # Nobody may come to finish it, and it holds somebody's words; who works on it ends it as cancelled.
        if (part.options.prompt or (deleted and part.outcome is not Outcome.CANCELLED)) and part.state is not State.WORKING:
            records.cancel(part.id)


class Parts:
    """The parts of long recordings. `at_once`: how many parts of one recording are queued or worked on at a time."""

    def __init__(self, *, records: Records, store: ObjectStore, queue: JobQueue, clock: Clock, at_once: int) -> None:
        self._records = records
        self._store = store
        self._queue = queue
        self._at_once = at_once
        self._ledgers = Documents(
            store,
            PARTS,
            decode=Ledger.decode,
            encode=Ledger.encode,
            absent=_no_ledger,
            what="the ledger of a recording's parts",
            crowd=clock,
        )

    def begin(self, whole: Job) -> None:
        """Open the ledger; an existing one stays as it is."""
        try:
            self._ledgers.create(whole.id, Ledger())
        except Conflict:
            log.info("cut again")

    def add(self, whole: Job, part: "Part", options: Options) -> None:
        """Store a part's audio and record, and queue it unless `at_once` parts are on their way. Raises Unavailable; then cut again."""
        this = part_id(whole.id, part.number)
        try:
            if self._records.find(this).job.state is State.FINISHED:
                return
        except Missing:
            # The audio first: whoever finds the record may queue it.
            self._store.put(kept_audio_key(this), _wave(part))
            belongs = Whole(job_id=whole.id, number=part.number, start=part.start, plan=part.plan)
            self._records.accept(this, lease_seconds=0, options=options, answer_to=belongs)
        earlier = part.number - self._at_once
        if earlier < 0 or earlier in self.ledger(whole.id).done:
            self._queue.put(JobMessage(this))

    def close(self, whole: Job, starts: tuple[float, ...]) -> None:
        """Close the ledger: these are all the parts. If they are done already, queue the whole again. Raises OverError, Unavailable."""
        if self._write(whole.id, lambda ledger: ledger.closed(starts)).complete:
            self._queue.put(JobMessage(whole.id))

    def ledger(self, whole: str) -> Ledger:
        """Return the recording's ledger. Raises OverError."""
        return self._ledgers.read(whole).value

    def hand_in(self, part: Whole) -> Ledger:
        """Note that the part is done, queue the next part or the whole, and return the ledger. Raises OverError, Unavailable."""
        ledger = self._write(part.job_id, lambda ledger: ledger.with_done(part.number))
        if ledger.complete:
            self._queue.put(JobMessage(part.job_id))
            log.info("all parts done", extra={"parts": len(ledger.done)})
            return ledger
        following = part_id(part.job_id, part.number + self._at_once)
        try:
            if self._records.find(following).job.state is not State.FINISHED:
                self._queue.put(JobMessage(following))
        except Missing:  # there is none, or the cutting has not come that far and will see that this one is done
            pass
        return ledger

    def join(self, whole: Job, ledger: Ledger) -> Transcript:
        """Join the parts' transcripts into that of the whole recording. The ledger must be complete."""
        segments: tuple[Segment, ...] = ()
        language = ""
        for number, start in enumerate(ledger.starts or ()):
            said = Transcript.decode(self._store.get(text_key(part_id(whole.id, number))).body)
            language = language or said.language
            segments = without_loops((*segments, *(later(segment, start) for segment in said.segments)))
        duration = whole.audio_seconds or 0.0
        return Transcript(language=language if segments else "", duration=duration, segments=segments, task=whole.options.task)

    def is_over(self, part: Whole) -> bool:
        """Say whether the part's recording is finished or cancelled."""
        try:
            return self._records.find(part.job_id).job.state is State.FINISHED
        except Missing:
            return True

    def _write(self, whole: str, change: Callable[[Ledger], Ledger]) -> Ledger:
        def decide(ledger: Ledger) -> Ledger | None:
            changed = change(ledger)
            return None if changed == ledger else changed

        written = self._ledgers.change(whole, decide)
        return written[1].value if written else self.ledger(whole)


def _no_ledger() -> Ledger:
    raise OverError("the recording that this is a part of is finished")


def later(segment: Segment, seconds: float) -> Segment:
    """Return a part's segment at its time in the whole recording; `seconds`: where the part begins."""
    words = tuple(replace(word, start=word.start + seconds, end=word.end + seconds) for word in segment.words)
    return replace(segment, start=segment.start + seconds, end=segment.end + seconds, words=words)


def _wave(part: "Part") -> bytes:
    """Return the part as a WAV file of 16-bit samples, the same that it was decoded to."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(SAMPLE_RATE_HZ)
        sound.writeframes(part.pcm.astype("<i2", copy=False).tobytes())
    return file.getvalue()
