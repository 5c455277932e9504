"""Several channels become one in which everybody is heard, above all where the mix of them would be silent."""

from pathlib import Path

import numpy as np
import pytest

from pisar.adapters.decoder import FfmpegDecoder
from pisar.adapters.mixing import FADE, WINDOW, Mixer
from pisar.domain.audio import AudioLimits

RATE = 16_000
LIMITS = AudioLimits(max_bytes=20 * 1024 * 1024, max_seconds=600)
VOICES = Path(__file__).parents[3] / "demo" / "voices"


def voice(name: str) -> np.ndarray:
    """Return 16-bit whole numbers, as floats."""
    return np.round(FfmpegDecoder().decode((VOICES / name).read_bytes(), LIMITS) * 32768)


RU, EN = (np.resize(voice(name), 3 * RATE) for name in ("ru-1.ogg", "en-1.ogg"))
"""Two people, three seconds each."""

NOBODY = np.zeros(3 * RATE)


def mixed(*channels: np.ndarray, step: int = 1000) -> np.ndarray:
    pcm = np.clip(np.round(np.stack(channels, axis=1)), -32768, 32767).astype("<i2").tobytes()
    mixer, frame = Mixer(len(channels)), 2 * len(channels)
    parts = [mixer.add(pcm[at : at + step * frame]) for at in range(0, len(pcm), step * frame)]
    return np.frombuffer(b"".join([*parts, mixer.end()]), "<i2").astype(float)


def late(samples: np.ndarray, count: int) -> np.ndarray:
    return np.concatenate([np.zeros(count), samples[:-count]])


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one, other)[0, 1])


def test_two_channels_that_say_the_same_are_that():
    assert np.array_equal(mixed(RU, RU), RU)


def test_two_people_on_either_side_are_mixed():
    assert np.abs(mixed(RU, EN) - (RU + EN) / 2).max() <= 0.5


def test_one_person_on_one_side_is_heard():
    assert np.abs(mixed(NOBODY, RU) - RU / 2).max() <= 0.5


@pytest.mark.parametrize(("share", "delay"), [(1.0, 0), (0.9, 0), (0.5, 0), (1.0, 1)])
def test_the_louder_channel_is_heard_where_the_other_cancels_it(share, delay):
    other = -share * (late(RU, delay) if delay else RU)
    assert np.array_equal(mixed(RU, other), RU)


def test_the_loudest_is_heard_whichever_side_it_is_on():
    assert np.array_equal(mixed(-0.6 * RU, RU), RU)


@pytest.mark.parametrize("delay", [16, 80, 320])
def test_an_echo_on_the_other_side_leaves_the_voice_as_loud_as_it_was(delay):
    echoing = mixed(RU, late(RU, delay))
    assert 0.35 < np.square(echoing).sum() / np.square(RU).sum() < 1.1


def test_two_people_stay_heard_over_a_hum_that_is_opposite_on_the_two_sides():
    hum = 8000 * np.sin(2 * np.pi * 50 * np.arange(3 * RATE) / RATE)
    assert np.abs(mixed(RU / 2 + hum, EN / 2 - hum) - (RU + EN) / 4).max() <= 1


def test_noise_of_each_channels_own_hides_no_cancelling():
    left, right = np.random.default_rng(1).normal(0, 60, (2, 3 * RATE))
    assert likeness(mixed(RU + left, right - RU), RU) > 0.99


def test_each_half_second_is_decided_on_for_itself():
    half = len(RU) // 2
    right = np.concatenate([EN[:half], -RU[half:]])
    heard = mixed(RU, right)
    assert np.abs(heard[: half - 2 * WINDOW] - ((RU + EN) / 2)[: half - 2 * WINDOW]).max() <= 0.5
    assert np.array_equal(np.abs(heard[half + FADE :]), np.abs(RU[half + FADE :]))  # of either side, which sound alike


def test_where_the_mix_gives_way_nothing_clicks():
    times = np.arange(3 * RATE) / RATE
    tone = 10_000 * np.cos(2 * np.pi * 300 * times)  # at its peak wherever it is decided
    heard = mixed(tone, -tone * times / 3)  # which cancels more and more
    assert (heard[0], np.abs(heard[-WINDOW:] - tone[-WINDOW:]).max() <= 1) == (5000, True)
    assert np.abs(np.diff(heard)).max() <= 1.05 * np.abs(np.diff(tone)).max()


def test_the_channel_that_is_heard_is_kept_while_the_others_are_about_as_loud():
    wobble = 1 + 0.1 * np.sign(np.sin(2 * np.pi * np.arange(3 * RATE) / RATE))
    heard = mixed(RU / 2, -wobble * RU / 2)
    assert min(np.abs(heard - RU / 2).max(), np.abs(heard + wobble * RU / 2).max()) <= 1


def test_surround_is_mixed_with_the_centre_in_front_and_without_the_subwoofer():
    weights = np.array([0.7071, 0.7071, 1, 0, 0.5, 0.5]) / 3.4142
    rumble = 9000 * np.sin(2 * np.pi * 40 * np.arange(3 * RATE) / RATE)
    heard = mixed(NOBODY, EN / 4, RU, rumble, NOBODY, NOBODY)
    assert np.abs(heard - (weights[2] * RU + weights[1] * EN / 4)).max() <= 1.5


@pytest.mark.parametrize("sides", [(0, 1), (4, 5), (2, 4)])
def test_surround_that_cancels_gives_its_loudest_channel(sides):
    channels = [NOBODY] * 6
    channels[sides[0]], channels[sides[1]] = RU / 2, -RU / (1 if sides == (2, 4) else 2)  # the centre counts twice as much as the back
    assert abs(likeness(mixed(*channels), RU)) > 0.9999
    assert np.square(mixed(*channels)).sum() >= 0.99 * np.square(RU / 2).sum()


def test_a_voice_in_the_channel_of_the_subwoofer_is_heard():
    assert np.array_equal(mixed(NOBODY, NOBODY, NOBODY, RU, NOBODY, NOBODY), RU)


def test_it_does_not_matter_how_the_samples_are_handed_in():
    right = np.concatenate([EN[:20_000], -RU[20_000:]])
    whole = mixed(RU, right, step=len(RU))
    assert [np.array_equal(mixed(RU, right, step=step), whole) for step in (1, 333, 8000, 8001, 30_000)] == [True] * 5


@pytest.mark.parametrize("length", [0, 1, 100, WINDOW - 1, WINDOW, WINDOW + 1])
def test_nothing_is_lost_however_short_it_is(length):
    assert np.array_equal(mixed(RU[:length], RU[:length]), RU[:length])
    assert len(mixed(RU[:length], -RU[:length])) == length


@pytest.mark.parametrize(
    ("name", "codec", "pan"),
    [
        ("a.wav", (), "stereo|c0=c0|c1=-1*c0"),
        ("a.flac", (), "stereo|c0=c0|c1=-0.9*c0"),
        ("a.m4a", (), "stereo|c0=c0|c1=-1*c0"),
        ("a.mkv", ("-c:a", "libopus", "-b:a", "96k"), "stereo|c0=c0|c1=-1*c0"),
        ("a.wav", (), "5.1|FL=c0|FR=-1*c0"),
        ("a.flac", (), "5.1|BL=c0|BR=-1*c0"),
        ("a.mka", ("-c:a", "ac3"), "5.1|FL=c0|FR=-1*c0"),
    ],
)
def test_a_file_whose_channels_cancel_is_heard(decoder, make, name, codec, pan):
    heard = decoder.decode(make(name, "-i", str(VOICES / "ru-1.ogg"), "-af", f"pan={pan}", *codec), LIMITS)
    spoken = voice("ru-1.ogg") / 32768
    lags = np.fft.irfft(np.fft.rfft(heard, 65536) * np.conj(np.fft.rfft(spoken, 65536)))  # codecs have a delay
    assert np.abs(lags).max() > 0.9 * np.sqrt(np.square(heard).sum() * np.square(spoken).sum())
    assert 0.4 < np.square(heard).sum() / np.square(spoken).sum() < 1.2


def test_a_long_recording_in_blocks_is_the_one_decoded_whole(make):
    pan = "stereo|c0=c0|c1=-1*c0"
    file = make("a.flac", "-stream_loop", "40", "-i", str(VOICES / "ru-1.ogg"), "-t", "70", "-af", f"aresample=16000,pan={pan}")
    blocks = list(FfmpegDecoder().stream(file, LIMITS))
    assert [len(block) for block in blocks] == [30 * RATE, 30 * RATE, 10 * RATE]
    assert np.array_equal(np.concatenate(blocks), FfmpegDecoder().decode(file, LIMITS))
    assert float(np.abs(blocks[2]).max()) > 0.3
