"""The model that goes into an image is the one that was named, or none."""

from hashlib import sha256
from pathlib import Path

import pytest

from pisar.errors import Misconfigured
from pisar.wiring.model import bake, main

MODEL = b"lmgg and so on"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "model.bin").write_bytes(MODEL)
    return tmp_path / "model.bin"


def test_a_file_with_the_right_sum_is_put_in_its_place(model: Path, tmp_path: Path):
    bake(str(model), tmp_path / "baked", sha256(MODEL).hexdigest().upper())
    assert (tmp_path / "baked").read_bytes() == MODEL


@pytest.mark.parametrize(("sum_", "why"), [("", "MODEL_SHA256 is missing"), ("0" * 64, f"has the SHA-256 {sha256(MODEL).hexdigest()}")])
def test_a_file_nobody_vouches_for_is_refused(model: Path, tmp_path: Path, sum_: str, why: str):
    with pytest.raises(Misconfigured, match=why):
        bake(str(model), tmp_path / "baked", sum_)
    assert not (tmp_path / "baked").exists()


def test_what_is_neither_file_nor_name_ends_the_build_in_words(tmp_path: Path):
    with pytest.raises(SystemExit, match="neither a file here nor a known name"):
        main(["enormous", str(tmp_path / "baked"), "0" * 64])
