"""What each condition does to a voice, measured by its levels and its spectrum."""

import numpy as np
import pytest

from benchmarks.conditions import CONDITIONS, recorded

SECOND = 16_000
SECONDS = np.arange(2 * SECOND) / SECOND
VOICE = (np.sin(2 * np.pi * 500 * SECONDS) * np.exp(-(((SECONDS % 0.5) - 0.25) ** 2) / 0.01) * 0.5).astype(np.float32)


def decibels(samples):
    return 10 * np.log10(np.mean(np.square(samples, dtype=np.float64)))


def band(samples, low, high):
    spectrum, hertz = np.abs(np.fft.rfft(samples)), np.fft.rfftfreq(len(samples), 1 / SECOND)
    return float(np.sum(spectrum[(hertz >= low) & (hertz < high)] ** 2) / np.sum(spectrum**2))


@pytest.mark.parametrize("name", CONDITIONS)
def test_each_condition_gives_the_same_16_bits_every_time_and_leaves_its_input_alone(name):
    before = VOICE.copy()
    samples = CONDITIONS[name](VOICE)
    assert (samples.dtype, samples.ndim, float(np.abs(samples).max()) <= 1) == (np.float32, 1, True)
    assert np.array_equal(samples * 32768, np.round(samples * 32768))
    assert np.array_equal(samples, CONDITIONS[name](VOICE))
    assert np.array_equal(before, VOICE)


def test_clean_comes_first_and_is_the_voice_itself():
    assert next(iter(CONDITIONS)) == "clean"
    assert np.abs(CONDITIONS["clean"](VOICE) - VOICE).max() <= 0.5 / 32768


def test_the_quiet_voice_has_45_db_less_than_full_scale():
    assert decibels(CONDITIONS["-45 dBFS"](VOICE)) == pytest.approx(-45, abs=0.05)


def test_the_clipped_voice_stays_at_full_scale_where_it_was_a_quarter_of_its_loudest():
    clipped = CONDITIONS["clipped"](VOICE)
    loud = np.abs(VOICE) > np.abs(VOICE).max() / 3.95
    assert np.abs(clipped[loud]).min() > 0.9999


def test_the_telephone_carries_its_band_alone_and_hisses():
    wide = VOICE + np.sin(2 * np.pi * 5000 * SECONDS) * 0.2 + np.sin(2 * np.pi * 100 * SECONDS) * 0.2
    line = CONDITIONS["telephone"](wide.astype(np.float32))
    assert (band(wide, 4000, 8000) > 0.1, band(line, 4000, 8000) < 1e-6) == (True, True)
    assert (band(wide, 0, 200) > 0.1, band(line, 0, 200) < 1e-3) == (True, True)
    assert 25 < decibels(VOICE) - decibels(CONDITIONS["telephone"](VOICE) - VOICE) < 45  # G.711 keeps about 38 dB


@pytest.mark.parametrize(("name", "beside"), [("hum of 50 Hz", -3), ("music under it", -12), ("noise under it", -15)])
def test_what_is_under_the_voice_is_as_loud_as_it_says(name, beside):
    assert decibels(CONDITIONS[name](VOICE) - VOICE) - decibels(VOICE) == pytest.approx(beside, abs=0.1)


@pytest.mark.parametrize(("name", "loudness"), [("a second of silence first", None), ("a second of noise first", -30)])
def test_what_comes_first_takes_a_second(name, loudness):
    samples = CONDITIONS[name](VOICE)
    assert np.array_equal(samples[SECOND:], CONDITIONS["clean"](VOICE))
    if loudness is None:
        assert not samples[:SECOND].any()
    else:
        assert decibels(samples[:SECOND]) - decibels(VOICE) == pytest.approx(loudness, abs=0.1)


def test_every_prompt_is_recorded_under_every_condition():
    made = [(condition, name, len(samples)) for condition, name, samples in recorded([("one", VOICE), ("two", VOICE)])]
    assert [(condition, name) for condition, name, _ in made] == [(condition, name) for name in ("one", "two") for condition in CONDITIONS]
    assert {length for _, _, length in made} == {2 * SECOND, 3 * SECOND}
