"""The conditions under which people record: clean speech → the same very quiet, clipped, by telephone, with a hum, music or noise.

Each condition is a pure function of samples, float32 mono in [-1, 1] of shape (n,) at SAMPLE_RATE_HZ, and gives the same samples every
time, rounded to 16 bits as a file would hold them. Levels are RMS over the whole recording, in dBFS or in dB beside the speech.
"""

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from pisar.domain.audio import FULL_SCALE, SAMPLE_RATE_HZ

Samples = np.ndarray
Condition = Callable[[Samples], Samples]

QUIET_DBFS = -45.0
CLIPPED_DB = 12.0
"""How far the loudest sample would lie above full scale: a phone shouted into."""

HUM_DB, MUSIC_DB, NOISE_DB, HISS_DB = -3.0, -12.0, -15.0, -30.0
"""Loudness beside the speech: of a mains hum, of music and of noise under it, and of noise before it."""

TELEPHONE_HZ = (300.0, 3400.0)
"""The band of a telephone line (ITU-T G.712)."""

A_LAW = 87.6
"""The compression of European telephony (ITU-T G.711)."""

CHORDS = ((220.0, 261.6, 329.6), (174.6, 220.0, 261.6), (130.8, 196.0, 329.6), (196.0, 246.9, 293.7))
"""A minor, F, C, G: half a second each, as a piano with four overtones would play them."""


def clean(speech: Samples) -> Samples:
    """Return the speech as it is."""
    return _rounded(speech)


def quiet(speech: Samples) -> Samples:
    """Return it at -45 dBFS: a dictaphone across the table."""
    return _rounded(speech * (_linear(QUIET_DBFS) / _rms(speech)))


def clipped(speech: Samples) -> Samples:
    """Return it as loud as an overdriven microphone gives it, all above full scale cut off."""
    return _rounded(speech * (_linear(CLIPPED_DB) / np.abs(speech).max()))


def telephone(speech: Samples) -> Samples:
    """Return it through a telephone line: 300-3400 Hz in the eight logarithmic bits of G.711's A-law, at 8,000 Hz."""
    spectrum = np.fft.rfft(speech)
    hertz = np.fft.rfftfreq(len(speech), 1 / SAMPLE_RATE_HZ)
    spectrum[(hertz < TELEPHONE_HZ[0]) | (hertz > TELEPHONE_HZ[1])] = 0
    line = np.fft.irfft(spectrum, len(speech))[::2]  # nothing above 4,000 Hz is left, so every other sample says it all
    scale = 1 + np.log(A_LAW)
    loudness = np.clip(np.abs(line), 0, 1)
    bent = np.where(loudness < 1 / A_LAW, A_LAW * loudness, 1 + np.log(np.maximum(A_LAW * loudness, 1))) / scale
    bent = (np.floor(bent * 128) + 0.5) / 128
    straight = np.where(bent < 1 / scale, bent * scale / A_LAW, np.exp(bent * scale - 1) / A_LAW)
    straight = np.where(loudness < 1 / (A_LAW * 128), 0, straight * np.sign(line))
    spectrum = np.fft.rfft(straight)
    return _rounded(np.fft.irfft(np.pad(spectrum, (0, len(speech) // 2 + 1 - len(spectrum))), len(speech)) * (len(speech) / len(straight)))


def hum(speech: Samples) -> Samples:
    """Return it with a hum of 50 Hz and two overtones, from a bad cable."""
    seconds = _seconds(len(speech))
    mains = sum(share * np.sin(2 * np.pi * hertz * seconds) for hertz, share in ((50, 1.0), (100, 0.3), (150, 0.2)))
    return _rounded(_under(speech, np.asarray(mains), HUM_DB))


def music(speech: Samples) -> Samples:
    """Return it with music at 12 dB under it."""
    seconds = _seconds(len(speech))
    beat = np.floor(seconds * 2).astype(int) % len(CHORDS)
    decay = np.exp(-3 * (seconds * 2 % 1))
    notes = np.asarray(CHORDS)[beat].T
    played = sum(np.sin(2 * np.pi * overtone * note * seconds) / overtone for note in notes for overtone in (1, 2, 3, 4))
    return _rounded(_under(speech, decay * played, MUSIC_DB))


def noise(speech: Samples) -> Samples:
    """Return it with pink noise at 15 dB under it: a street behind a window."""
    return _rounded(_under(speech, _pink(len(speech)), NOISE_DB))


def silence_first(speech: Samples) -> Samples:
    """Return it after a second of digital silence."""
    return _rounded(np.concatenate([np.zeros(SAMPLE_RATE_HZ), speech]))


def noise_first(speech: Samples) -> Samples:
    """Return it after a second of hiss at 30 dB under it."""
    hiss = _pink(SAMPLE_RATE_HZ)
    return _rounded(np.concatenate([hiss * (_linear(HISS_DB) * _rms(speech) / _rms(hiss)), speech]))


CONDITIONS: dict[str, Condition] = {
    "clean": clean,
    "-45 dBFS": quiet,
    "clipped": clipped,
    "telephone": telephone,
    "hum of 50 Hz": hum,
    "music under it": music,
    "noise under it": noise,
    "a second of silence first": silence_first,
    "a second of noise first": noise_first,
}
"""By the name a table gives it. Clean comes first: the others stand beside it."""


def recorded(prompts: Iterable[tuple[str, Samples]]) -> Iterator[tuple[str, str, Samples]]:
    """Yield (condition, name, samples) of each named prompt under each condition, prompt by prompt."""
    for name, speech in prompts:
        for condition, record in CONDITIONS.items():
            yield condition, name, record(speech)


def _under(speech: Samples, other: Samples, decibels: float) -> Samples:
    """Return the sum; it is made less loud where it would be clipped, so that no condition is two."""
    both = speech + other * (_linear(decibels) * _rms(speech) / _rms(other))
    return both / max(1.0, float(np.abs(both).max()))


def _pink(length: int) -> Samples:
    """Return noise with as much power in each octave, always the same."""
    hertz = np.fft.rfftfreq(length, 1 / SAMPLE_RATE_HZ)
    white = np.fft.rfft(np.random.default_rng(50).standard_normal(length))
    return np.fft.irfft(white / np.sqrt(np.maximum(hertz, 20.0)), length)


def _seconds(length: int) -> Samples:
    return np.arange(length) / SAMPLE_RATE_HZ


def _rms(samples: Samples) -> float:
    return max(float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))), 1 / FULL_SCALE)


def _linear(decibels: float) -> float:
    return float(10 ** (decibels / 20))


def _rounded(samples: Samples) -> Samples:
    """Return them as 16 bits hold them."""
    whole = np.clip(np.round(samples * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1)
    return (whole / FULL_SCALE).astype(np.float32)
