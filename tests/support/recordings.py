"""Long recordings of real speech, made of the demonstration's voices: as long as asked for, the same each time."""

import random
import subprocess
from dataclasses import dataclass
from pathlib import Path

from localstack.demo import demo_voices
from pisar.adapters.decoder import FfmpegDecoder
from pisar.domain.audio import SAMPLE_RATE_HZ, AudioLimits

SEED = 20_261_126
PAUSES_SECONDS = (0.4, 0.7, 1.2, 2.5)
BIT_RATE = "16k"
"""Of Opus, as Telegram's own voice messages have it or a little more: two hours are 15 MB."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A sound file, how long it is, and what is said in it."""

    audio: bytes
    seconds: float
    text: str


def lecture(
    seconds: float, folder: Path, *, language: str = "ru", codec: tuple[str, ...] = ("-c:a", "libopus", "-b:a", BIT_RATE)
) -> Recording:
    """Return a lecture of so many seconds, or a few more: sentences in one language in random order, with pauses of several lengths."""
    import imageio_ffmpeg  # noqa: PLC0415 - only who makes one
    import numpy as np  # noqa: PLC0415 - see above

    dice, decoder = random.Random(SEED), FfmpegDecoder()  # noqa: S311 - the same lecture each time
    limits = AudioLimits(max_bytes=2**20, max_seconds=60)
    known = [voice for voice in demo_voices() if voice.expected and voice.language == language]
    sounds = [(decoder.decode(voice.path.read_bytes(), limits), voice.expected) for voice in known]
    parts: list[np.ndarray] = []
    said: list[str] = []
    total = 0
    while total < seconds * SAMPLE_RATE_HZ:
        pause = np.zeros(int(dice.choice(PAUSES_SECONDS) * SAMPLE_RATE_HZ), np.float32)
        # Never the same twice running, which would pass for the engine's looping.
        sound, text = dice.choice([one for one in sounds if not said or one[1] != said[-1]])
        parts += [sound, pause]
        said.append(text or "")
        total += len(sound) + len(pause)
    path = folder / "lecture.ogg"
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-y",
        "-loglevel",
        "error",
        "-f",
        "f32le",
        "-ar",
        str(SAMPLE_RATE_HZ),
        "-ac",
        "1",
        "-i",
        "pipe:0",
        *codec,
        str(path),
    ]
    subprocess.run(command, input=np.concatenate(parts).tobytes(), check=True)
    return Recording(path.read_bytes(), total / SAMPLE_RATE_HZ, " ".join(said))
