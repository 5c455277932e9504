"""Smaller models: the same words from the demo's, blocks as they are defined, and what can't be made small."""

import struct
from pathlib import Path

import numpy as np
import pytest

from pisar.adapters.decoder import FfmpegDecoder
from pisar.adapters.ggml import quantise
from pisar.adapters.ggml_files import F16, F32, QUANTISED, Tensor, read_header, read_prelude, read_tensors, write_prelude, write_tensor
from pisar.adapters.quantiser import quantise_model
from pisar.adapters.whisper_cpp import WhisperCppEngine
from pisar.domain.audio import AudioLimits
from pisar.domain.jobs import Options
from pisar.errors import Misconfigured

DEMO = Path(__file__).parents[3] / "demo"
MODEL = DEMO / "model" / "ggml-pisar-demo.bin"
TEXTS = dict(line.split("\t") for line in (DEMO / "voices" / "texts.tsv").read_text().splitlines())
BLOCK = np.dtype([("scale", np.float16), ("numbers", np.int8, 32)])
"""A block of q8_0."""
KINDS = {kind.name: kind for kind in QUANTISED}


def heard(model: Path) -> dict[str, str]:
    engine = WhisperCppEngine(model, threads=1)
    limits = AudioLimits(max_bytes=1_000_000, max_seconds=60)
    return {
        name: engine.transcribe(FfmpegDecoder().decode((DEMO / "voices" / name).read_bytes(), limits), Options()).text for name in TEXTS
    }


def tensors(path: Path) -> dict[str, Tensor]:
    with path.open("rb") as file:
        read_prelude(file)
        return {tensor.name: tensor for tensor in read_tensors(file)}


def rounded(tensor: Tensor) -> Tensor:
    """Return a matrix as float16 again, after it was made of q8_0."""
    if tensor.kind != F16 or len(tensor.shape) != 2:
        return tensor
    values = np.frombuffer(tensor.data, np.float16).astype(np.float32).reshape(tensor.shape)
    blocks = np.frombuffer(quantise(values, KINDS["q8_0"]), BLOCK)
    back = blocks["scale"].astype(np.float32)[:, None] * blocks["numbers"]
    return Tensor(tensor.name, F16, tensor.shape, back.astype(np.float16).tobytes())


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    """Return the demo's model with a third of what keeps its 51,561 unknown tokens from being said.

    Those rows are as large as no real model's, so that the engine's rounding of what they are multiplied by would be heard.
    """
    path = tmp_path_factory.mktemp("model") / "demo.bin"
    with MODEL.open("rb") as file, path.open("wb") as made:
        write_prelude(made, read_prelude(file))
        for one in read_tensors(file):
            if one.name == "decoder.token_embedding.weight":
                rows = np.frombuffer(one.data, np.float16).reshape(one.shape)
                unknown = (rows == rows[50_000]).all(axis=1)
                quieter = np.where(unknown[:, None], rows / np.float16(3), rows)
                write_tensor(made, Tensor(one.name, one.kind, one.shape, quieter.tobytes()))
            else:
                write_tensor(made, one)
    return path


@pytest.mark.parametrize("kind", ["q8_0", "q5_1"])
def test_the_demo_model_made_small_hears_the_same_words(model, kind, tmp_path):
    assert heard(model) == TEXTS
    quantise_model(model, tmp_path / "small.bin", KINDS[kind])
    assert heard(tmp_path / "small.bin") == TEXTS


def test_weights_of_q8_0_by_themselves_change_no_word_of_the_demo_model(tmp_path):
    with MODEL.open("rb") as file, (tmp_path / "rounded.bin").open("wb") as made:
        write_prelude(made, read_prelude(file))
        for one in read_tensors(file):
            write_tensor(made, rounded(one))
    assert heard(tmp_path / "rounded.bin") == TEXTS


@pytest.mark.parametrize("kind", QUANTISED, ids=lambda kind: kind.name)
def test_every_type_is_read_by_whisper_and_as_small_as_its_blocks_say(kind, tmp_path):
    quantise_model(MODEL, tmp_path / "small.bin", kind)
    assert read_header(tmp_path / "small.bin").made_of == kind
    matrices = sum(len(one.data) for one in tensors(MODEL).values() if one.kind == F16 and len(one.shape) == 2)
    saved = MODEL.stat().st_size - (tmp_path / "small.bin").stat().st_size
    assert saved == matrices - matrices // 2 // kind.block * kind.block_bytes
    WhisperCppEngine(tmp_path / "small.bin", threads=1)


def test_what_is_no_matrix_of_weights_stays_as_it_was(tmp_path):
    quantise_model(MODEL, tmp_path / "small.bin", KINDS["q4_0"])
    before, after = tensors(MODEL), tensors(tmp_path / "small.bin")
    assert list(before) == list(after)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {name for name, one in before.items() if one.kind == F16 and len(one.shape) == 2}


def test_blocks_of_q8_0_are_a_half_float_and_32_bytes_as_they_are_defined():
    values = np.random.default_rng(0).standard_normal((3, 64), np.float32)
    found = np.frombuffer(quantise(values, KINDS["q8_0"]), BLOCK).reshape(3, 2)
    scales = np.abs(values).reshape(3, 2, 32).max(axis=2) / 127
    assert np.array_equal(found["scale"], scales.astype(np.float16))
    back = (found["numbers"] * found["scale"].astype(np.float32)[..., None]).reshape(3, 64)
    assert np.abs(back - values).max() <= scales.max() * 0.51


def test_progress_grows_to_the_end(tmp_path):
    told: list[float] = []
    quantise_model(MODEL, tmp_path / "small.bin", KINDS["q8_0"], on_progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_a_model_of_whole_floats_can_be_made_small_too(tmp_path):
    with MODEL.open("rb") as file, (tmp_path / "whole.bin").open("wb") as whole:
        prelude = read_prelude(file)
        write_prelude(whole, type(prelude)(prelude.header.of(F32), prelude.filters, prelude.vocabulary))
        for one in read_tensors(file):
            values = np.frombuffer(one.data, np.float16 if one.kind == F16 else np.float32).astype(np.float32)
            write_tensor(whole, Tensor(one.name, F32, one.shape, values.tobytes()))
    quantise_model(tmp_path / "whole.bin", tmp_path / "a.bin", KINDS["q8_0"])
    quantise_model(MODEL, tmp_path / "b.bin", KINDS["q8_0"])
    assert (tmp_path / "a.bin").read_bytes() == (tmp_path / "b.bin").read_bytes()


def narrow(path: Path) -> None:
    """Write a model with a matrix whose rows are 33 numbers."""
    with MODEL.open("rb") as file, path.open("wb") as made:
        write_prelude(made, read_prelude(file))
        write_tensor(made, Tensor("odd.weight", F16, (2, 33), bytes(132)))


def quantised(path: Path) -> None:
    quantise_model(MODEL, path, KINDS["q5_1"])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: path.write_bytes(b""), "begins with b''"),
        (lambda path: path.write_bytes(b"RIFF1234"), "begins with b'RIFF'"),
        (lambda path: path.write_bytes(MODEL.read_bytes()[:100_000]), "cut short"),
        (lambda path: path.write_bytes(MODEL.read_bytes()[:-1]), "cut short"),
        (lambda path: path.write_bytes(MODEL.read_bytes() + struct.pack("<3i", 2, 4, 99)), "no tensor of a known type"),
        (lambda path: path.write_bytes(MODEL.read_bytes()[:48] + struct.pack("<2i", -1, 7)), "impossible size"),
        (quantised, "quantised already, q5_1"),
        (narrow, "33 numbers, no multiple of 32"),
        (lambda path: path.mkdir(), "Is a directory"),
        (lambda _: None, "No such file"),
    ],
    ids=["empty", "another format", "vocabulary", "last byte", "after the end", "damaged", "quantised", "narrow", "folder", "absent"],
)
def test_what_can_t_be_made_small_is_said_and_nothing_is_left(tmp_path, make, message):
    make(tmp_path / "model.bin")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(Misconfigured, match=message) as caught:
        quantise_model(tmp_path / "model.bin", tmp_path / "small.bin", KINDS["q8_0"])
    assert str(caught.value).startswith("model.bin: ")
    assert str(tmp_path) not in str(caught.value)
    assert sorted(tmp_path.iterdir()) == before


def test_an_older_file_stays_until_the_new_one_is_whole(tmp_path):
    (tmp_path / "small.bin").write_bytes(b"older")
    (tmp_path / "model.bin").write_bytes(MODEL.read_bytes()[:-1])
    with pytest.raises(Misconfigured):
        quantise_model(tmp_path / "model.bin", tmp_path / "small.bin", KINDS["q8_0"])
    assert (tmp_path / "small.bin").read_bytes() == b"older"
