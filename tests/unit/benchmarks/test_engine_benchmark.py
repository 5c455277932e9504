"""What the engine's figures rest on: models that say the same number of words, ratios within rounds, and results side by side."""

import json

import numpy as np

from benchmarks import engine, results
from benchmarks.random_models import Dimensions, spellings, write_model
from pisar.adapters.ggml_files import QUANTISED
from pisar.adapters.quantiser import quantise_model
from pisar.adapters.whisper_cpp import WhisperCppEngine
from pisar.domain.jobs import Options


def test_a_random_model_says_its_words_whatever_it_hears_and_however_it_is_rounded(tmp_path):
    write_model(tmp_path / "f16.bin", Dimensions(width=256, layers=3), 25)
    quantise_model(tmp_path / "f16.bin", tmp_path / "small.bin", next(kind for kind in QUANTISED if kind.name == "q4_0"))
    expected = b"".join(spellings()[1000 + 7 * word] for word in range(25)).decode().strip()
    noise = np.random.default_rng(0).standard_normal(480_000, np.float32) * np.float32(0.1)
    for model, sound in (("f16", noise), ("small", noise), ("small", np.zeros(480_000, np.float32))):
        assert WhisperCppEngine(tmp_path / f"{model}.bin", threads=1).transcribe(sound, Options(language="en")).text == expected


def test_ratios_are_medians_of_the_rounds_own():
    def one(*seconds: float) -> dict:
        return {"seconds": list(seconds), "words": 200, "peak_mb": 100.0}

    slow = {
        (engine.STOCK, "f16"): one(8, 9),
        (engine.OURS, "q8_0"): one(4, 4),
        (engine.OURS, "q4_0"): one(2, 3),
        (engine.PEER, "int8"): one(3),
    }
    busy = {case: one(*(10 * second for second in found["seconds"])) for case, found in slow.items()}
    found = engine.figures([slow, busy, slow])
    assert (found["fastest"], found["engine_vs_stock"], found["engine_vs_faster_whisper"]) == ("make engine, q4_0", 4.0, 1.5)
    assert (found["q8_0_vs_stock"], found["q8_0_vs_faster_whisper"]) == (2.0, 0.75)
    assert found["table"]["stock whisper.cpp, f16"]["seconds_per_window"] == 4.0


def test_results_stand_side_by_side(tmp_path):
    results.record("one", {"figure": 1}, file=tmp_path / "r.json")
    results.record("two", {"figure": 2}, file=tmp_path / "r.json")
    results.record("one", {"figure": 3}, file=tmp_path / "r.json")
    known = json.loads((tmp_path / "r.json").read_text())
    assert {name: row["figure"] for name, row in known.items()} == {"one": 3, "two": 2}
    assert set(known["one"]) == {"date", "machine", "figure"}


def test_the_table_in_the_document_is_the_one_that_was_measured():
    document = (engine.ROOT / "docs" / "engine.md").read_text(encoding="utf-8")
    measured = json.loads(results.FILE.read_text(encoding="utf-8"))["engine, base"]
    assert [line for line in engine.lines(measured["table"]) if line not in document] == []
