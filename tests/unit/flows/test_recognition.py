"""What recognition says of its progress. The texts are tested through the flows that use it, and with the real engine."""

import numpy as np
import pytest

from pisar.domain.audio import AudioLimits
from pisar.domain.jobs import Options
from pisar.domain.speech import Span
from pisar.domain.transcripts import Segment, Transcript
from pisar.flows.recognition import Recognition


class Hearing:
    """Decoder, detector and engine of a recording of 20 s; the engine tells `shares` of the speech."""

    def __init__(self, spans, shares):
        self._spans, self._shares = spans, shares

    def decode(self, _audio, _limits):
        return np.zeros(20 * 16_000, np.float32)

    def find(self, _samples):
        return self._spans

    def transcribe(self, samples, _options, *, on_progress=None):
        for share in self._shares if on_progress else ():
            on_progress(share)
        return Transcript(language="en", duration=len(samples) / 16_000, segments=(Segment(0, 1, "word"),))


def told(spans, shares=()):
    hearing, heard = Hearing(spans, shares), []
    recognition = Recognition(hearing, hearing, hearing, AudioLimits(max_bytes=1, max_seconds=60))
    recognition.recognise(b"", Options(), on_progress=heard.append)
    return heard


def test_progress_in_the_speech_is_told_as_progress_in_the_recording():
    spans = (Span(4.25, 7.75), Span(14.25, 17.75))  # with their margins 4 to 8 s and 14 to 18 s
    shares = told(spans, (0.0, 0.25, 0.75, 1.0))
    assert shares[:3] == pytest.approx([0.2, 0.3, 0.8])
    assert (shares[-1], shares) == (1.0, sorted(shares))


def test_a_recording_without_speech_is_done_at_once():
    assert told(()) == [1.0]


def test_nobody_need_listen():
    hearing = Hearing((Span(1, 2),), (0.0, 1.0))
    transcript = Recognition(hearing, hearing, hearing, AudioLimits(max_bytes=1, max_seconds=60)).recognise(b"", Options())
    assert transcript.segments == (Segment(0.75, 1.75, "word"),)


def test_later_pieces_are_heard_in_the_language_of_the_first():
    asked = []

    class Listening(Hearing):
        def transcribe(self, samples, options, *, on_progress=None):
            asked.append(options.language)
            return super().transcribe(samples, options, on_progress=on_progress)

    hearing = Listening((Span(1, 8), Span(12, 19)), ())
    Recognition(hearing, hearing, hearing, AudioLimits(max_bytes=1, max_seconds=60), piece_seconds=9).recognise(b"", Options())
    assert asked == ["auto", "en"]
