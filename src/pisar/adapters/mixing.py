"""Several channels → one: their mix, but the loudest of them where the mix would cancel what they say.

Some recorders and cables turn one channel over, and two channels that are each other's opposite mix to nothing. So every half second the
mix is compared with what its channels would give if they had nothing to do with each other, which is the sum of their powers: two
speakers, one on either side, are far from cancelling. Only what lies where speech does is compared, so that a hum of opposite sign on the
two sides is not taken for voices that cancel. It is looked at each half second alone, and with those before and after, where a word may
go on.

What comes out depends on the samples and where they stand alone, not on how they are handed in.
"""

from typing import TYPE_CHECKING

from pisar.domain.audio import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    import numpy as np

WINDOW = SAMPLE_RATE_HZ // 2
"""Samples between two decisions: half a second."""

FADE = SAMPLE_RATE_HZ // 100
"""Samples over which one gives way to the other: 10 ms, so that nothing clicks."""

SPEECH_HZ = (200, 4000)
"""Where nearly all of what is said lies; mains hum and rumble lie below."""

CANCELS, RECOVERS = 0.25, 0.5
"""The mix has cancelled where its power is less than a quarter of what the channels' alone would be, and until it is half of it again."""

DROWNED = 0.01
"""It has also lost what is 20 dB louder in a channel than in all of the mix: a voice recorded into the channel of the subwoofer."""

LOUDER = 2.0
"""How much more power another channel must have to be changed to."""

_SURROUND = {6: (0.7071, 0.7071, 1.0, 0.0, 0.5, 0.5), 8: (0.7071, 0.7071, 1.0, 0.0, 0.5, 0.5, 0.5, 0.5)}
"""5.1 and 7.1 as ITU-R BS.775 and ffmpeg mix them: left, right, centre, the subwoofer left out, the others. All else counts alike."""

_MIX = -1


class Mixer:
    """Mixes one recording, as it comes. Samples are 16 bits, little-endian, of all channels in turn."""

    def __init__(self, channels: int) -> None:
        import numpy as np  # noqa: PLC0415 - whoever only imports this module need not pay for it

        weights = np.array(_SURROUND.get(channels, (1.0,) * channels), np.float32)
        self._weights = weights / weights.sum()
        self._channels = channels
        self._waiting = b""
        self._window: np.ndarray | None = None  # the latest, on which nothing is decided yet
        self._powers: list[np.ndarray] = []  # of the mix and of each channel, in the latest three windows
        self._choice = _MIX
        self._begun = False

    def add(self, pcm: bytes) -> bytes:
        """Return what is decided on by now, as 16 bits of one channel."""
        self._waiting += pcm
        size = WINDOW * self._channels * 2
        whole = len(self._waiting) // size * size
        mixed = [self._next(self._waiting[at : at + size]) for at in range(0, whole, size)]
        self._waiting = self._waiting[whole:]
        return b"".join(mixed)

    def end(self) -> bytes:
        """Return the rest."""
        rest = self._waiting[: len(self._waiting) // (2 * self._channels) * 2 * self._channels]
        return self._next(rest) + self._next(b"")

    def _next(self, pcm: bytes) -> bytes:
        """Take a window and return the one before it, which this one has a say in."""
        import numpy as np  # noqa: PLC0415 - as above

        after = np.frombuffer(pcm, "<i2").reshape(-1, self._channels).astype(np.float32)
        window, self._window = self._window, after
        self._powers = [*self._powers[-2:], self._power(after)]
        if window is None or not len(window):
            return b""
        before = self._choice
        self._choice = self._decide(self._powers[-2], np.sum(self._powers, axis=0))
        mixed = self._heard(window, self._choice)
        if before != self._choice and self._begun:
            share = np.linspace(0, 1, min(FADE, len(window)), dtype=np.float32)
            mixed[: len(share)] = share * mixed[: len(share)] + (1 - share) * self._heard(window[: len(share)], before)
        self._begun = True
        return np.round(mixed).astype("<i2").tobytes()

    def _power(self, window: "np.ndarray") -> "np.ndarray":
        import numpy as np  # noqa: PLC0415 - as above

        lowest, highest = (hertz * len(window) // SAMPLE_RATE_HZ for hertz in SPEECH_HZ)
        voices = np.fft.rfft(window, axis=0)[lowest:highest] if highest > lowest else np.zeros((0, self._channels))
        both = np.concatenate([(voices @ self._weights)[:, None], voices], axis=1)
        power: np.ndarray = np.sum(np.square(np.abs(both)), axis=0)
        return power

    def _decide(self, alone: "np.ndarray", around: "np.ndarray") -> int:
        """Return the number of the channel to hear, or _MIX. `around`: the powers of the window with its neighbours."""
        if not (self._is_lost(alone) or self._is_lost(around)):
            return _MIX
        channels = around[1:]
        loudest = int(channels.argmax())
        stays = self._choice != _MIX and channels[loudest] < LOUDER * channels[self._choice]
        return self._choice if stays else loudest

    def _is_lost(self, powers: "np.ndarray") -> bool:
        import numpy as np  # noqa: PLC0415 - as above

        mix, channels = float(powers[0]), powers[1:]
        unrelated = float(np.square(self._weights, dtype=np.float64) @ channels)
        return mix < (CANCELS if self._choice == _MIX else RECOVERS) * unrelated or mix < DROWNED * float(channels.max())

    def _heard(self, window: "np.ndarray", choice: int) -> "np.ndarray":
        return window @ self._weights if choice == _MIX else window[:, choice].copy()
