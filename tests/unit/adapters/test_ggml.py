"""The engine's CPU levels, where it was built for several (`make engine`, the image): each hears the same, and the best is taken."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.random_models import Dimensions, write_model
from pisar.adapters import ggml
from pisar.adapters.quantiser import quantise_model
from pisar.cli.quantize import KINDS

DEMO = Path(__file__).parents[3] / "demo"
MODEL = DEMO / "model" / "ggml-pisar-demo.bin"
TEXTS = dict(line.split("\t") for line in (DEMO / "voices" / "texts.tsv").read_text().splitlines())
NEEDED = {
    "haswell": {"avx2", "fma", "f16c", "bmi2"},
    "alderlake": {"avx2", "avx_vnni"},
    "skylakex": {"avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512cd"},
    "cascadelake": {"avx512bw", "avx512_vnni"},
    "icelake": {"avx512bw", "avx512_vnni", "avx512vbmi"},
    "zen4": {"avx512bw", "avx512_vnni", "avx512vbmi", "avx512_bf16"},
}
"""What each level wants of a CPU, from the least to the most."""

several_levels = pytest.mark.skipif(not ggml.levels(), reason="the engine is the wheel's, with one level: run `make engine`")

HEAR = f"""
import sys
from pathlib import Path
from pisar.adapters import ggml
ggml.binding(sys.argv[1])
from pisar.adapters.decoder import FfmpegDecoder
from pisar.adapters.quantiser import quantise_model
from pisar.adapters.whisper_cpp import WhisperCppEngine
from pisar.domain.audio import AudioLimits
from pisar.domain.jobs import Options
engine = WhisperCppEngine(Path(sys.argv[2]), threads=1)
assert ggml.level_in_use() == sys.argv[1], ggml.level_in_use()
for path in sorted(Path({str(DEMO / "voices")!r}).glob("*.ogg")):
    samples = FfmpegDecoder().decode(path.read_bytes(), AudioLimits(max_bytes=1_000_000, max_seconds=60))
    print(engine.transcribe(samples, Options()).text)
"""

SCORE = """
import sys
import numpy as np
from pathlib import Path
from pisar.adapters import ggml
whisper = ggml.binding(sys.argv[1])
from pisar.adapters.whisper_cpp import WhisperCppEngine
engine = WhisperCppEngine(Path(sys.argv[2]), threads=1)
context = engine._context
sound = np.random.default_rng(0).standard_normal(480_000, np.float32) * np.float32(0.1)
whisper.whisper_pcm_to_mel(context, sound, len(sound), 1)
whisper.whisper_encode(context, 0, 1)
for token in range(300, 400):
    whisper.whisper_decode(context, token, 1, token - 300, 1)
    print(whisper.whisper_get_logits(context))  # of the first token of the vocabulary: the binding takes one, and gives one
"""


def flags() -> set[str]:
    line = next(line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("flags"))
    return set(line.split())


def possible() -> list[str]:
    return [level for level, needed in NEEDED.items() if needed <= flags()]


def in_a_process(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run code in a process of its own: a process keeps its first level."""
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)


@several_levels
def test_the_levels_are_those_that_the_build_names():
    assert set(ggml.levels()) == set(NEEDED)


@several_levels
def test_the_best_level_of_this_cpu_is_taken_by_itself():
    done = in_a_process("from pisar.adapters import ggml; ggml.binding(); print(ggml.level_in_use())")
    assert (done.stdout.strip(), done.stderr) == (possible()[-1], "")


@several_levels
@pytest.mark.parametrize("level", NEEDED)
def test_every_level_hears_what_was_said_and_avx2_alone_is_enough(level):
    done = in_a_process(HEAR, level, str(MODEL))
    if level not in possible():
        assert "this machine's CPU has not what" in done.stderr
        return
    assert done.returncode == 0, done.stderr
    assert dict(zip(sorted(TEXTS), done.stdout.splitlines(), strict=True)) == TEXTS


@several_levels
@pytest.mark.parametrize("kind", ["f16", "q8_0", "iq4_nl", "q4_0", "q5_1"])
def test_every_level_computes_the_same_scores_with_every_type(kind, tmp_path):
    write_model(whole := tmp_path / "f16.bin", Dimensions(width=256, layers=3), 10)
    model = whole
    if kind != "f16":
        quantise_model(whole, model := tmp_path / "small.bin", KINDS[kind])
    found = {level: np.array(in_a_process(SCORE, level, str(model)).stdout.split(), np.float32) for level in possible()}
    exact = np.array(in_a_process(SCORE, "haswell", str(whole)).stdout.split(), np.float32)
    for scores in found.values():
        assert np.corrcoef(scores, found["haswell"])[0, 1] > 0.9999
        assert np.corrcoef(scores, exact)[0, 1] > 0.99


@several_levels
def test_a_level_that_is_not_there_is_refused():
    done = in_a_process("from pisar.adapters import ggml; ggml.binding('pentium')")
    assert "the engine has no CPU level 'pentium'; it has alderlake, " in done.stderr


def test_the_library_of_quantisers_is_found_whatever_built_the_engine():
    ggml.binding()
    assert ggml.library("ggml-base").ggml_quantize_chunk


def test_the_engine_tells_what_it_computes_for():
    assert ggml.describe().startswith("whisper.cpp computes for ")
