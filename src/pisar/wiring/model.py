"""Puts a model into an image when that is built: `python -m pisar.wiring.model NAME|PATH TARGET [SHA256]`.

A published model is downloaded and checked against its own SHA-256; a file must have the SHA-256 that was given.
"""

import hashlib
import shutil
import sys
import tempfile
from pathlib import Path

from pisar.adapters.model_files import MODELS, locate_model
from pisar.errors import Misconfigured


def bake(name_or_path: str, target: Path, sha256: str = "") -> None:
    """Put the model at `target`. Raises Misconfigured if it can't be had or has another SHA-256."""
    if name_or_path not in MODELS and not sha256:
        raise Misconfigured(f"MODEL_SHA256 is missing: the image's model is the file {name_or_path}, and only published models are known")
    with tempfile.TemporaryDirectory() as folder:
        path = locate_model(name_or_path, cache=Path(folder), progress=True)
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if sha256 and found != sha256.lower():
            raise Misconfigured(f"the model {name_or_path} has the SHA-256 {found}, and MODEL_SHA256 says {sha256}")
        shutil.copyfile(path, target)


def main(arguments: list[str]) -> None:
    """Put the model into the image, or say why not and end with status 1."""
    name_or_path, target, *sha256 = arguments
    try:
        bake(name_or_path, Path(target), *sha256)
    except Misconfigured as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main(sys.argv[1:])
