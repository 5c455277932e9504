"""What is quiet gets louder before the engine hears it, and nothing else changes."""

import numpy as np
import pytest

from pisar.domain.audio import AudioLimits
from pisar.domain.speech import Plan, Span
from pisar.speech.loudness import raise_quiet
from pisar.speech.recognition import Recognition

RATE = 16_000
VOICE = (0.1 * np.sqrt(2) * np.sin(2 * np.pi * 300 * np.arange(4 * RATE) / RATE)).astype(np.float32)
"""Four seconds at -20 dBFS."""


def raised(samples: np.ndarray, *pieces: tuple[Span, ...]) -> np.ndarray:
    after = samples.copy()
    raise_quiet(after, pieces)
    return after


@pytest.mark.parametrize("decibels", [-17.5, -10, 0, 10])
def test_who_is_not_quiet_is_left_alone(decibels: float):
    loud = VOICE * np.float32(10 ** (decibels / 20))
    assert np.array_equal(raised(loud, (Span(0, 4),)), loud)


@pytest.mark.parametrize("decibels", [-19, -25, -40])
def test_who_is_quiet_is_made_as_loud_as_most(decibels: int):
    assert raised(VOICE * np.float32(10 ** (decibels / 20)), (Span(0, 4),)) == pytest.approx(VOICE, rel=1e-3, abs=1e-6)


def test_what_is_hardly_there_is_raised_by_40_db():
    assert raised(VOICE * np.float32(1e-3), (Span(0, 4),)) == pytest.approx(VOICE / 10, rel=1e-3, abs=1e-6)


def test_nothing_is_clipped():
    clicking = VOICE / 30
    clicking[100] = 0.3
    assert raised(clicking, (Span(0, 4),)) == pytest.approx(clicking * 3, rel=1e-3)


def test_each_piece_is_raised_by_its_own_loudness_and_nothing_between_them():
    samples = np.concatenate([VOICE / 20, VOICE / 50, VOICE / 20])
    after = raised(samples, (Span(0, 1), Span(2, 4)), (Span(8, 12),))
    expected = np.concatenate([VOICE[:RATE], VOICE[RATE : 2 * RATE] / 20, VOICE[2 * RATE :], VOICE / 50, VOICE])
    assert after == pytest.approx(expected, rel=1e-3, abs=1e-6)


def test_silence_stays_silence():
    assert not raised(np.zeros(RATE, np.float32), (Span(0, 1),), (Span(1, 1),), ()).any()


class Quiet:
    """Decoder and detector of a voice at -45 dBFS."""

    def decode(self, _audio, _limits, *, track=None):
        assert track is None
        return VOICE / np.float32(17.8)

    def find(self, samples):
        assert np.array_equal(samples, VOICE / np.float32(17.8)), "the detector hears it as it is"
        return (Span(1, 3),)


@pytest.mark.parametrize("plan", [None, Plan((Span(1, 3),), ((Span(0.75, 3.25),),))])
def test_the_engine_gets_it_louder_in_a_recording_and_in_a_part_of_one(plan: Plan | None):
    heard = Recognition(Quiet(), Quiet(), Quiet(), AudioLimits(max_bytes=1, max_seconds=60)).listen(b"", plan=plan)
    spoken = slice(int(0.75 * RATE), int(3.25 * RATE))
    assert heard.samples[spoken] == pytest.approx(VOICE[spoken], rel=1e-2, abs=1e-4)
    assert np.array_equal(heard.samples[: int(0.75 * RATE)], (VOICE / np.float32(17.8))[: int(0.75 * RATE)])
