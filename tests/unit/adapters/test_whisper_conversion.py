"""CTranslate2's Whisper becomes whisper.cpp's, number by number, and what is no Whisper becomes an error."""

import struct
from io import BytesIO

import numpy as np
import pytest

from localstack.stack import DEMO_MODEL
from pisar.adapters.ggml_files import F16, F32, Header, read_prelude, read_tensors
from pisar.adapters.whisper_conversion import byte_of_letter, convert, mel_filters
from pisar.errors import Unreadable
from tests.unit.adapters.tiny_weights import TEXT_TOKENS, TOKENS, WIDTH, ctranslate2, variables, vocabulary

FOUND = variables()
BLOCK = ("mlp_ln", "mlp.0", "mlp.2", "attn_ln", "attn.query", "attn.key", "attn.value", "attn.out")
CROSSING = ("cross_attn_ln", "cross_attn.query", "cross_attn.key", "cross_attn.value", "cross_attn.out")


def converted(data: bytes, words: dict[str, int] | None = None) -> BytesIO:
    made = BytesIO()
    convert(BytesIO(data), len(data), vocabulary() if words is None else words, made)
    made.seek(0)
    return made


@pytest.fixture(scope="module")
def model() -> bytes:
    return converted(ctranslate2(FOUND)).getvalue()


@pytest.fixture(scope="module")
def tensors(model: bytes) -> dict[str, np.ndarray]:
    file = BytesIO(model)
    read_prelude(file)
    kinds = {F16: "<f2", F32: "<f4"}
    return {tensor.name: np.frombuffer(tensor.data, kinds[tensor.kind]).reshape(tensor.shape) for tensor in read_tensors(file)}


def test_the_header_tells_the_dimensions(model):
    found = read_prelude(BytesIO(model))
    assert found.header == Header(TOKENS, 12, WIDTH, 1, 1, 8, WIDTH, 1, 2, 80, F16.ftype)
    assert found.filters == mel_filters(80).tobytes()


def test_the_vocabulary_is_spelled_in_bytes_and_ends_before_the_marks(model):
    words = read_prelude(BytesIO(model)).vocabulary
    assert len(words) == TEXT_TOKENS
    assert sorted(words[:256]) == [bytes([byte]) for byte in range(256)]
    assert words[-1] == b"x50256"


def test_the_tensors_come_in_the_order_of_the_checkpoint(tensors):
    def names(block, parts):
        kinds = [(part, kind) for part in parts for kind in ("weight", "bias") if (part.rpartition(".")[2], kind) != ("key", "bias")]
        return [f"{block}.{part}.{kind}" for part, kind in kinds]

    assert list(tensors) == [
        "decoder.positional_embedding",
        "encoder.positional_embedding",
        "decoder.token_embedding.weight",
        *names("decoder.blocks.0", BLOCK + CROSSING),
        *names("decoder.blocks.1", BLOCK + CROSSING),
        *names("decoder", ["ln"]),
        *names("encoder", ["conv1", "conv2"]),
        *names("encoder.blocks.0", BLOCK),
        *names("encoder", ["ln_post"]),
    ]


@pytest.mark.parametrize(
    ("tensor", "variable", "rows"),
    [
        ("decoder.token_embedding.weight", "decoder/embeddings/weight", slice(None)),
        ("encoder.blocks.0.attn.query.weight", "encoder/layer_0/self_attention/linear_0/weight", slice(0, 64)),
        ("encoder.blocks.0.attn.key.weight", "encoder/layer_0/self_attention/linear_0/weight", slice(64, 128)),
        ("encoder.blocks.0.attn.value.weight", "encoder/layer_0/self_attention/linear_0/weight", slice(128, 192)),
        ("decoder.blocks.1.cross_attn.query.weight", "decoder/layer_1/attention/linear_0/weight", slice(None)),
        ("decoder.blocks.1.cross_attn.key.weight", "decoder/layer_1/attention/linear_1/weight", slice(0, 64)),
        ("decoder.blocks.1.cross_attn.value.weight", "decoder/layer_1/attention/linear_1/weight", slice(64, 128)),
        ("decoder.blocks.1.cross_attn.value.bias", "decoder/layer_1/attention/linear_1/bias", slice(64, 128)),
        ("decoder.blocks.0.mlp.2.weight", "decoder/layer_0/ffn/linear_1/weight", slice(None)),
        ("encoder.conv1.weight", "encoder/conv1/weight", slice(None)),
        ("encoder.ln_post.bias", "encoder/layer_norm/beta", slice(None)),
    ],
)
def test_numbers_are_those_of_the_variable(tensors, tensor, variable, rows):
    assert np.array_equal(tensors[tensor], FOUND[variable][rows])


def test_matrices_stay_float16_and_vectors_and_positions_become_float32(tensors):
    wide = {name for name, values in tensors.items() if values.dtype == np.float32}
    assert {name for name, values in tensors.items() if values.ndim == 1} < wide
    assert wide - {name for name, values in tensors.items() if values.ndim == 1} == {
        "decoder.positional_embedding",
        "encoder.positional_embedding",
        "encoder.conv1.bias",
        "encoder.conv2.bias",
    }
    assert tensors["encoder.conv1.bias"].shape == (WIDTH, 1)


def test_the_filters_are_those_that_the_demo_models_recipe_computes_its_own_way():
    filters = mel_filters(80)
    with DEMO_MODEL.open("rb") as file:
        demo = np.frombuffer(read_prelude(file).filters, "<f4").reshape(80, 201)
    assert (filters.shape, filters.dtype) == ((80, 201), np.float32)
    assert np.abs(filters - demo).max() < 1e-8


def test_the_alphabet_has_a_letter_for_every_byte():
    letters = byte_of_letter()
    assert sorted(letters.values()) == list(range(256))
    assert [letters[letter] for letter in "aĠĊя"[:3]] == [ord("a"), ord(" "), ord("\n")]


def without(name: str) -> bytes:
    return ctranslate2({other: values for other, values in FOUND.items() if other != name})


def with_values(name: str, values: np.ndarray) -> bytes:
    return ctranslate2(FOUND | {name: values})


WHOLE = ctranslate2(FOUND)
COUNT_AT = 4 + 2 + len("WhisperSpec") + 1 + 4
WRONG = {
    "another version": (ctranslate2(FOUND, version=5), "not a CTranslate2 model of version 6: it begins with 5"),
    "empty": (b"", "cut short"),
    "half": (WHOLE[: len(WHOLE) // 2], "cut short"),
    "far too many variables": (WHOLE[:COUNT_AT] + struct.pack("<I", 2**32 - 1) + WHOLE[COUNT_AT + 4 :], "promises 4,294,967,295 variables"),
    "a name without an end": (WHOLE[: COUNT_AT + 4] + b"\xff\xff" + WHOLE[COUNT_AT + 6 :], "a name of 65,535 bytes"),
    "eight bits": (with_values("encoder/conv1/bias", np.zeros(WIDTH, np.int8)), "encoder/conv1/bias is int8, and float16 is expected"),
    "no encoder": (without("encoder/conv1/weight"), "encoder/conv1/weight is missing"),
    "half a layer": (without("encoder/layer_0/ffn/linear_1/bias"), "encoder/layer_0/ffn/linear_1/bias is missing"),
    "another width": (with_values("decoder/embeddings/weight", np.zeros((TOKENS, 63), np.float16)), "no Whisper: 51,865 tokens, width 63"),
    "other tokens": (with_values("decoder/embeddings/weight", np.zeros((99, WIDTH), np.float16)), "no Whisper: 99 tokens"),
    "flat filters": (with_values("encoder/conv1/weight", np.zeros((WIDTH, 80), np.float16)), "3 dimensions are expected"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_no_whisper_is_told(what):
    data, told = WRONG[what]
    with pytest.raises(Unreadable, match=told):
        converted(data)


def test_a_variable_that_is_longer_than_its_shape_is_told():
    at = WHOLE.index(b"decoder/embeddings/weight\0") + len(b"decoder/embeddings/weight\0") + 1 + 4 + 4 + 1
    with pytest.raises(Unreadable, match=r"has 8 bytes, which is not what its shape \[51865, 64\] takes"):
        converted(WHOLE[:at] + struct.pack("<I", 8) + WHOLE[at + 4 :])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({}, "lacks token or letter 0"),
        (vocabulary() | {"я€": 7}, "lacks token or letter"),
        (vocabulary() | {"x" * 2000: 7}, "more than 1,024"),
    ],
    ids=["no tokens", "letters of another alphabet", "an endless one"],
)
def test_a_vocabulary_that_is_not_whispers_is_told(words, told):
    with pytest.raises(Unreadable, match=told):
        converted(WHOLE, words)
