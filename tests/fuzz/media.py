"""Mutated files of sound through the decoder: each ends as sound or a refusal, within 700 MB and 30 s of a core.

    python -m tests.fuzz.media --count 10000 --seed 7 --minutes 20

Prints the seed at the start, the counts at the end, and for what goes wrong the number that makes that file again (`--only`).
"""

import argparse
import random
import resource
import shutil
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import imageio_ffmpeg

from pisar.adapters.decoder import FfmpegDecoder
from pisar.domain.audio import AudioLimits
from pisar.errors import Rejected
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


def main() -> None:
    """Try as many files as are asked for; exit 1 if any of them did what none should."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.media", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10**6)
    parser.add_argument("--minutes", type=float, default=30.0, help="after this it ends, however many are left")
    parser.add_argument("--only", type=int, help="the number of a file to try alone")
    parser.add_argument("--keep", type=Path, help="a folder to lay the files into that did what none should")
    asked = parser.parse_args()
    print(f"media: seed {asked.seed}, {asked.count} files", flush=True)
    packaged = imageio_ffmpeg.get_ffmpeg_exe()
    # Most by the package's, which starts four times as fast.
    decoders = [FfmpegDecoder(packaged)] * 4 + [FfmpegDecoder(shutil.which("ffmpeg") or packaged)]
    files = seeds(packaged)
    ends = time.monotonic() + 60 * asked.minutes
    outcomes: Counter[str] = Counter()
    wrong, longest, peak = 0, 0.0, 0
    for number in range(asked.count) if asked.only is None else (asked.only,):
        if time.monotonic() > ends:
            print(f"media: the time is up after {number} files")
            break
        name, file = mutated(random.Random(f"{asked.seed}/{number}"), files)
        try:
            outcome, seconds = tried(decoders[number % len(decoders)], file)
        except Exception as error:  # noqa: BLE001 - it is what is looked for
            outcome, seconds = f"{type(error).__name__}: {error}", 0.0
            outcomes["unforeseen"] += 1
        else:
            outcomes[outcome] += 1
        large, longest, peak = peak_bytes() > max(peak, MOST_BYTES), max(longest, seconds), peak_bytes()
        if large or seconds > MOST_SECONDS or outcome.partition(":")[1]:
            wrong += 1
            print(f"media: --seed {asked.seed} --only {number} ({name}): {outcome}, {seconds:.1f} s, {peak / 2**20:.0f} MB", flush=True)
            if asked.keep:
                (asked.keep / f"{asked.seed}-{number}-{name}").write_bytes(file)
    counts = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common())
    print(f"media: {counts}; at most {longest:.1f} s of a core and {peak / 2**20:.0f} MB; {wrong} wrong")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
