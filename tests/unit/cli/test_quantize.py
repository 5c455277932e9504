"""`pisar quantize`: a smaller file that hears the same, and what it refuses."""

import resource
import subprocess
import sys

from pisar.adapters.ggml_files import read_header

from .conftest import MODEL, TEXTS


def test_a_smaller_model_is_made_and_hears_the_same(pisar, voice, tmp_path):
    small = tmp_path / "small.bin"
    ran = pisar("quantize", MODEL, small)
    assert (ran.code, ran.out) == (0, "")
    assert f"{small}: 10 MB, 58% of the 18 MB it was." in ran.err
    assert pisar("transcribe", "--model", small, voice("ru-1.ogg")).out.strip() == TEXTS["ru-1.ogg"]


def test_the_type_is_chosen(pisar, tmp_path):
    pisar("quantize", MODEL, tmp_path / "small.bin", "--type", "iq4_nl")
    assert read_header(tmp_path / "small.bin").made_of.name == "iq4_nl"


def test_a_file_is_written_over_only_when_asked(pisar, tmp_path):
    (tmp_path / "small.bin").write_bytes(b"older")
    ran = pisar("quantize", MODEL, tmp_path / "small.bin")
    assert (ran.code, (tmp_path / "small.bin").read_bytes()) == (2, b"older")
    assert "--force" in ran.err
    assert pisar("quantize", "--force", MODEL, tmp_path / "small.bin").code == 0
    assert read_header(tmp_path / "small.bin").made_of.name == "q8_0"


def test_a_model_onto_itself_is_a_smaller_one(pisar, tmp_path):
    (tmp_path / "model.bin").write_bytes(MODEL.read_bytes())
    assert pisar("quantize", "--force", tmp_path / "model.bin", tmp_path / "model.bin").code == 0
    assert pisar("quantize", "--force", tmp_path / "model.bin", tmp_path / "model.bin").code == 2


def test_what_is_no_model_is_a_wrong_call(pisar, tmp_path):
    (tmp_path / "talk.bin").write_bytes(b"OggS and more")
    ran = pisar("quantize", tmp_path / "talk.bin", tmp_path / "small.bin")
    assert (ran.code, "talk.bin: it is not a whisper.cpp model" in ran.err) == (2, True)
    assert pisar("quantize", "nosuch", tmp_path / "small.bin").code == 2


def test_a_disk_with_too_little_room_is_said_and_nothing_is_left(tmp_path):
    def little() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))

    done = subprocess.run(
        [sys.executable, "-m", "pisar.cli", "quantize", str(MODEL), str(tmp_path / "small.bin")],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=little,
    )
    assert (done.returncode, "small.bin: File too large" in done.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []
