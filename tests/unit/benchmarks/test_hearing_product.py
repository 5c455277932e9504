"""Pisar as `make hear` asks it: a file goes in, an answer with words and cues comes out, whole or through a long recording's parts."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.hearing.corpora import read_wave, write_wave
from benchmarks.hearing.product import Product
from pisar.adapters.decoder import FfmpegDecoder
from pisar.domain.audio import AudioLimits

ROOT = Path(__file__).parent.parent.parent.parent
VOICES = ("ru-1", "ru-2", "ru-3")
SAID = "два хлеб вода вчера белый шесть"


@pytest.fixture
def product(monkeypatch):
    """Return Pisar with the demo model, which wants pieces of 6 s, and parts of 3 s."""
    monkeypatch.setenv("PISAR_PIECE_SECONDS", "6")
    monkeypatch.setenv("PISAR_PART_MINUTES", "0.05")
    return Product(str(ROOT / "demo" / "model" / "ggml-pisar-demo.bin"), threads=1, beams=1)


def recording(folder, *, pause_seconds):
    """Write the demo's voices with pauses between them."""
    limits = AudioLimits(max_bytes=2**20, max_seconds=60)
    silence = np.zeros(pause_seconds * 16000, np.float32)
    voices = [FfmpegDecoder().decode((ROOT / "demo" / "voices" / f"{name}.ogg").read_bytes(), limits) for name in VOICES]
    write_wave(folder / "r.wav", np.concatenate([block for voice in voices for block in (voice, silence)]))
    return folder / "r.wav"


def test_an_answer_has_the_text_its_words_and_its_cues(product, tmp_path):
    path = recording(tmp_path, pause_seconds=2)
    answer = product.answer({"path": str(path), "language": "ru"})
    assert answer["language"] == "ru"
    assert answer["segments"][0]["text"] == SAID
    assert [word for *_, word in answer["segments"][0]["words"]] == SAID.split()
    assert [text for *_, text in answer["cues"]] == [one["text"] for one in answer["segments"]]


def test_a_recording_that_is_heard_in_parts_has_the_whole_ones_answer(product, tmp_path):
    path = recording(tmp_path, pause_seconds=2)
    asked = {"path": str(path), "language": ""}
    whole, parts = product.answer(asked), product.answer({**asked, "parts": True})
    words, uncut = ([word for one in answer["segments"] for word in one["words"]] for answer in (parts, whole))
    assert [text for *_, text in words] == [text for *_, text in uncut]
    assert [start for start, *_ in words] == pytest.approx([start for start, *_ in uncut], abs=1e-3)
    assert (parts["language"], [text for *_, text in parts["cues"]]) == (whole["language"], [text for *_, text in whole["cues"]])
    assert len(words) > len(SAID.split())


def test_a_wave_file_is_read_as_it_was_written_to_16_bits(tmp_path):
    samples = np.array([0.0, 0.5, -1.0, 1.5], np.float32)
    write_wave(tmp_path / "s.wav", samples)
    assert read_wave(tmp_path / "s.wav").tolist() == [0.0, 0.5, -1.0, 32767 / 32768]
