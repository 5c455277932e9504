"""Mutated files of sound through the decoder: `python -m tests.fuzz media`.

Each ends as sound or a refusal, within 700 MB and 30 s of a core.
"""

import random
import resource
import shutil
from collections import Counter
from collections.abc import Mapping
from functools import cache

import imageio_ffmpeg

from pisar.adapters.decoder import FfmpegDecoder
from pisar.domain.audio import AudioLimits
from pisar.errors import Rejected
from tests.fuzz.running import FoundError, Kind, noted
from tests.fuzz.sounds import CLAIMS, seeds

LIMITS = AudioLimits(max_bytes=20 * 2**20, max_seconds=3 * 3600)

MOST_BYTES, MOST_SECONDS = 700 * 2**20, 30.0
"""Of memory and of a core's time, for any file under 20 MB."""

_EDGES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def mutated(dice: random.Random, files: Mapping[str, bytes]) -> tuple[str, bytes]:
    """Return a file's name and what became of it: one to eight changes, most of them near its beginning, where its headers are."""
    name = dice.choice(sorted(files))
    if dice.random() < 0.1:
        name = dice.choice(sorted(CLAIMS))
        make, most_rate, most_channels = CLAIMS[name]
        content = make(1 + int(most_rate ** dice.random()), 1 + int((most_channels - 1) ** dice.random()))
    else:
        content = files[name]
    file = bytearray(content)
    for _ in range(dice.randint(1, 8)):
        if len(file) < 16:
            break
        at = int((len(file) - 8) * dice.random() ** dice.choice((1, 4, 8)))
        match dice.randrange(7):
            case 0:
                file[at] ^= 1 << dice.randrange(8)
            case 1:
                file[at] = dice.randrange(256)
            case 2:
                size = dice.choice((1, 2, 4))
                number = dice.choice(_EDGES) & ((1 << 8 * size) - 1)
                file[at : at + size] = number.to_bytes(size, dice.choice(("big", "little")))
            case 3:
                del file[at : at + dice.randint(1, 64)]
            case 4:
                file[at:at] = file[at : at + dice.randint(1, 512)] * dice.randint(1, 20)
            case 5:
                other = files[dice.choice(sorted(files))]
                start = dice.randrange(len(other))
                file[at:at] = other[start : start + dice.randint(1, 2000)]
            case _:
                del file[max(64, at) :]
    return name, bytes(file)


def tried(decoder: FfmpegDecoder, file: bytes) -> tuple[str, float]:
    """Return how a file ended, "sound" or a refusal's code, and the seconds of a core that ffmpeg took; raise what should not be raised."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        for _ in decoder.stream(file, LIMITS):  # not held, for what is measured of a child begins with what its parent has
            pass
    except Rejected as error:
        outcome = error.code.value
    else:
        outcome = "sound"
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return outcome, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def peak_bytes() -> int:
    """Return the most memory that any process has had which this one has waited for."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024


@cache
def _decoders() -> list[FfmpegDecoder]:
    packaged = imageio_ffmpeg.get_ffmpeg_exe()
    # Most by the package's, which starts four times as fast.
    return [FfmpegDecoder(packaged)] * 4 + [FfmpegDecoder(shutil.which("ffmpeg") or packaged)]


@cache
def _seeds() -> dict[str, bytes]:
    return seeds(imageio_ffmpeg.get_ffmpeg_exe())


_most: Counter[str] = Counter()


def attempt(chance: random.Random, _: None) -> str:
    """Throw one file at one of the decoders; return how it ended."""
    name, file = mutated(chance, _seeds())
    noted((name, file))
    before = peak_bytes()
    outcome, seconds = tried(chance.choice(_decoders()), file)
    _most["MB"] = max(_most["MB"], peak_bytes() // 2**20)
    _most["s of a core"] = max(_most["s of a core"], seconds)
    if seconds > MOST_SECONDS or peak_bytes() > max(before, MOST_BYTES):
        raise FoundError(f"took {seconds:.1f} s of a core, {peak_bytes() / 2**20:.0f} MB", name)
    return outcome


KIND = Kind(attempt, lambda: None, lambda _: None, lambda: dict(_most))
