"""Puts together what is heard so far of a job, also of a long recording that several workers take in parts."""

from concurrent.futures import ThreadPoolExecutor

from pisar.domain.answer_to import Whole
from pisar.domain.bucket import PARTS
from pisar.domain.jobs import Job, part_id, text_key
from pisar.domain.parts import Ledger
from pisar.domain.transcripts import Segment, Transcript, without_loops
from pisar.errors import Missing, Unreadable
from pisar.ports.storage import ObjectStore
from pisar.state.heard_texts import HeardTexts
from pisar.state.job_records import Records
from pisar.work.parts import later

READERS = 16
"""How many parts are read at a time: one after another, those of three hours would take seconds."""

MOST_UNDER_WAY = 64
"""How many parts that are not done are looked at, from the first on; no more of one recording are worked on at a time."""


class TextsSoFar:
    """What is heard so far of jobs."""

    def __init__(self, store: ObjectStore, records: Records) -> None:
        self._store = store
        self._records = records
        self._heard = HeardTexts(store, records)

    def of(self, job: Job) -> Transcript:
        """Return what is heard so far of a job that is not finished: in the order of the recording, with gaps where parts are under way."""
        ledger = self._ledger(job.id)
        if ledger is None:
            found = self._heard.find(job.id)
            return found or Transcript(language="", duration=job.audio_seconds or 0.0, segments=(), task=job.options.task)
        starts = self._starts(job.id) if ledger.starts is None else ledger.starts
        done = set(ledger.done)
        under_way = [number for number in range(len(starts)) if number not in done][:MOST_UNDER_WAY]
        wanted = sorted(done.intersection(range(len(starts))).union(under_way))
        with ThreadPoolExecutor(READERS) as readers:
            texts = list(readers.map(lambda number: self._part(job.id, number, done=number in done), wanted))
        segments: tuple[Segment, ...] = ()
        for number, text in zip(wanted, texts, strict=True):
            if text is not None:
                segments = without_loops((*segments, *(later(segment, starts[number]) for segment in text.segments)))
        language = next((text.language for text in texts if text is not None and text.language), "")
        return Transcript(language=language, duration=job.audio_seconds or 0.0, segments=segments, task=job.options.task)

    def _ledger(self, whole: str) -> Ledger | None:
        try:
            return Ledger.decode(self._store.get(f"{PARTS}{whole}.json").body)
        except (Missing, Unreadable):
            return None

    def _starts(self, whole: str) -> tuple[float, ...]:
        """Return where the parts begin that are cut already, while the recording is being cut."""
        starts = list[float]()
        while True:
            try:
                part = self._records.find(part_id(whole, len(starts))).job.answer_to
            except (Missing, Unreadable):
                return tuple(starts)
            if not isinstance(part, Whole):
                return tuple(starts)
            starts.append(part.start)

    def _part(self, whole: str, number: int, *, done: bool) -> Transcript | None:
        this = part_id(whole, number)
        if not done:
            return self._heard.find(this)
        try:
            return Transcript.decode(self._store.get(text_key(this)).body)
        except (Missing, Unreadable):  # joined and erased this moment
            return None
