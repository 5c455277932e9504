"""What is heard: prompts that people spoke, with their texts, and sounds in which nobody speaks. All of it comes from Debian's packages.

The prompts are Asterisk's: Russian (CC-BY 3.0, Maxim Topal) and English (CC-BY-SA 3.0, Allison Smith), 16 kHz in G.722. They are installed
by `setup.sh debian`, turned into WAV files once, and never committed.
"""

import gzip
import re
import shutil
import subprocess
import wave
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

from pisar.domain.audio import FULL_SCALE, SAMPLE_RATE_HZ
from pisar.errors import Misconfigured

ROOT = Path(__file__).parent.parent.parent
WORK = ROOT / "build" / "hear"
LANGUAGES = ("ru", "en")
PROMPTS = Path("/usr/share/asterisk/sounds")
TEXTS = "/usr/share/doc/asterisk-core-sounds-{0}/core-sounds-{0}.txt.gz"
G722_BYTES_PER_SECOND = 8000
AT_ONCE = 40

MIN_WORDS, MIN_WORD_LETTERS = 4, 3
SHORTEST_SECONDS, LONGEST_SECONDS = 1.5, 20.0
"""Shorter prompts have four such words only where the text is not what is said."""

_UNSAID = re.compile(r"[\d\[\](){}<>]")  # digits are spoken as words, and brackets hold what is not spoken
_WORD = re.compile(rf"[^\W\d_]{{{MIN_WORD_LETTERS},}}")

Wave = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt: its name in the package, its language, what is said, and a WAV file of it (16 kHz, mono, 16 bits)."""

    name: str
    language: str
    text: str
    path: Path


def ffmpeg() -> str:
    """Return an ffmpeg: the machine's, or the one that Pisar's requirements bring."""
    return shutil.which("ffmpeg") or imageio_ffmpeg.get_ffmpeg_exe()


def texts(listing: str) -> dict[str, str]:
    """Return what is said in each prompt, by its name, of a listing of Debian's; only those whose text is what is spoken, word for word."""
    found = {}
    for line in listing.splitlines():
        name, colon, text = line.partition(": ")
        if colon and not line.startswith(";") and not _UNSAID.search(text) and len(_WORD.findall(text)) >= MIN_WORDS:
            found[name] = text.strip()
    return found


def prompts(language: str, names: Collection[str] | None = None) -> tuple[Prompt, ...]:
    """Return the prompts of a language, or those of `names`, in the listing's order, turned into WAV files if they are not yet.

    Raises Misconfigured where Debian's package is not there.
    """
    listing = Path(TEXTS.format(language))
    if not listing.exists():
        raise Misconfigured(f"{listing} is not there: `./setup.sh spoken` installs it, unless dpkg is set up to leave documents out")
    with gzip.open(listing, "rt", encoding="utf-8") as file:
        said = texts(file.read())
    found, missing = [], []
    for name, text in said.items():
        source = PROMPTS / language / f"{name}.g722"
        if not source.is_file() or not SHORTEST_SECONDS <= source.stat().st_size / G722_BYTES_PER_SECOND <= LONGEST_SECONDS:
            continue
        if names is not None and name not in names:
            continue
        target = WORK / "prompts" / language / f"{name.replace('/', '_')}.wav"
        found.append(Prompt(name, language, text, target))
        if not target.exists():
            missing.append((("-f", "g722", "-i", str(source)), target))
    convert(missing)
    return tuple(found)


def convert(pairs: Sequence[tuple[tuple[str, ...], Path]]) -> None:
    """Turn inputs, as ffmpeg is told of them, into WAV files of 16 kHz, mono, 16 bits, many in one run: a run costs a tenth of a second."""
    for first in range(0, len(pairs), AT_ONCE):
        some = pairs[first : first + AT_ONCE]
        command = [ffmpeg(), "-loglevel", "error", "-y", *(word for how, _ in some for word in how)]
        for number, (_, target) in enumerate(some):
            target.parent.mkdir(parents=True, exist_ok=True)
            command += ["-map", str(number), "-ar", str(SAMPLE_RATE_HZ), "-ac", "1", "-c:a", "pcm_s16le", "-f", "wav"]
            command.append(str(target.with_suffix(".part")))
        subprocess.run(command, check=True)
        for _, target in some:
            target.with_suffix(".part").replace(target)


def read_wave(path: Path) -> Wave:
    """Return a WAV file of 16 bits and 16 kHz as float32 samples in [-1, 1]."""
    with wave.open(str(path), "rb") as file:
        samples: Wave = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32)
        return samples / np.float32(FULL_SCALE)


def write_wave(path: Path, samples: Wave) -> None:
    """Write float32 samples in [-1, 1] as a WAV file of 16 bits and 16 kHz; what is louder is cut off."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE_HZ)
        file.writeframes(np.clip(np.round(samples * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1).astype("<i2").tobytes())
