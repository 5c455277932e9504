"""Pisar's own flow for `benchmarks.hearing.child`: audio bytes → transcript, whole or through a long recording's parts."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from pisar.adapters.clock import SystemClock
from pisar.domain.answer_to import Whole
from pisar.domain.jobs import Job, Options
from pisar.domain.transcripts import Transcript
from pisar.formats.subtitles import cues
from pisar.speech.recognition import Recognition
from pisar.state.job_records import Records
from pisar.wiring import settings
from pisar.wiring.cli import ROOMY
from pisar.wiring.speech import Speech
from pisar.work.parts import Parts
from tests.support.twins import MemoryJobQueue, MemoryObjectStore

WHOLE = "recording"


class Product:
    """Recognition as the container puts it together, with the model in that file and its other settings from the environment."""

    def __init__(self, model: str, threads: int, beams: int) -> None:
        chosen = {"PISAR_MODEL": model, "PISAR_THREADS": str(threads), "PISAR_BEAMS": str(beams)}
        speech = Speech({**ROOMY, **os.environ, **chosen})
        self._lengths = speech.settings.lengths
        self._recognition = speech.recognition

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return what is said in a file."""
        options = Options(language=request["language"] or "auto", expected=tuple(request.get("expected", ())))
        audio = Path(request["path"]).read_bytes()
        heard = self._recognition
        said = in_parts(heard, audio, options, self._lengths) if request.get("parts") else heard.recognise(heard.listen(audio), options)
        return {
            "language": said.language,
            "segments": [
                {
                    "start": one.start,
                    "end": one.end,
                    "text": one.text,
                    "words": [[word.start, word.end, word.text] for word in one.words],
                }
                for one in said.segments
            ],
            "cues": [[cue.start_ms / 1000, cue.end_ms / 1000, " ".join(cue.lines)] for cue in cues(said)],
        }


def in_parts(recognition: Recognition, audio: bytes, options: Options, lengths: settings.Lengths) -> Transcript:
    """Return the transcript of a recording that is cut, heard part by part and joined, by the flows that do so for a job."""
    store, clock, queue = MemoryObjectStore(), SystemClock(), MemoryJobQueue()
    parts = Parts(records=Records(store, clock), store=store, queue=queue, clock=clock, at_once=lengths.parts_at_once)
    records = Records(store, clock)
    held = records.accept(WHOLE, lease_seconds=0, options=options)
    assert held is not None  # noqa: S101 - a new job of a new store
    whole = held.job
    parts.begin(whole)
    cutting = recognition.cut(audio, part_seconds=60 * lengths.part_minutes)
    starts = []
    for part in cutting:
        if options.language == "auto":
            options = replace(options, language=recognition.language_of(part.samples, part.plan, options, check=lambda: None) or "auto")
        parts.add(whole, part, options)
        starts.append(part.start)
    parts.close(whole, tuple(starts))
    for job in _queued(queue, records):
        if not isinstance(job.answer_to, Whole):
            continue
        said = recognition.recognise(recognition.listen(store.get(job.audio_key).body, plan=job.answer_to.plan), job.options)
        store.put(job.transcript_key, said.encode())
        parts.hand_in(job.answer_to)
    return parts.join(replace(whole, audio_seconds=cutting.seconds), parts.ledger(WHOLE))


def _queued(queue: MemoryJobQueue, records: Records) -> Iterator[Job]:
    """Yield the jobs that lie on the queue, and those that come meanwhile."""
    while (received := queue.receive()) is not None:
        yield records.find(received[1].job_id).job
