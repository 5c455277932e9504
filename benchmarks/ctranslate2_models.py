"""The weights of `random_models` as a folder that faster-whisper takes: CTranslate2's own file, and a tokenizer of the same words.

Run by the Python that has faster-whisper: python -m benchmarks.ctranslate2_models SIZE TOKENS FOLDER
"""

import json
import sys
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.converters import utils
from ctranslate2.specs import WhisperSpec, common_spec
from faster_whisper.tokenizer import _LANGUAGE_CODES
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

from benchmarks.random_models import BEGIN, END, SIZES, WINDOW_MARKS, Array, spellings, weights

LANGUAGES = ["en", *(code for code in _LANGUAGE_CODES if code not in {"en", "yue"})]
"""The 99 of the models with 51,865 tokens, English first; the others' order is of no account here."""

PROMPT = 1
"""faster-whisper takes a model made here for one of English alone, and sets nothing but the start before its text."""

SPECIAL = [
    "<|endoftext|>",
    "<|startoftranscript|>",
    *(f"<|{code}|>" for code in LANGUAGES),
    *(f"<|{name}|>" for name in ("translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps")),
    *(f"<|{mark * 0.02:.2f}|>" for mark in range(WINDOW_MARKS + 1)),
]


def write_folder(folder: Path, size: str, tokens: int, *, quantization: str | None = None) -> None:
    """Write the model of that size; CTranslate2 makes it of int8 when it is written or when it is loaded, with the same result."""
    dimensions = SIZES[size]
    spec = WhisperSpec(dimensions.layers, dimensions.heads, dimensions.layers, dimensions.heads)
    found = dict(weights(dimensions, tokens, prompt=PROMPT))
    _fill_encoder(spec.encoder, found)
    _fill_decoder(spec.decoder, found)
    vocabulary = _tokenizer(folder)
    spec.register_vocabulary(vocabulary)
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [32, END]
    spec.config.lang_ids = list(range(END + 2, END + 2 + len(LANGUAGES)))
    spec.config.alignment_heads = list(product(range(dimensions.layers // 2, dimensions.layers), range(dimensions.heads)))
    spec.validate()
    spec.optimize(quantization=quantization)
    spec.save(str(folder))


def _tokenizer(folder: Path) -> list[str]:
    """Write tokenizer.json and return all tokens in order."""
    letters = _letters()
    words = {"".join(letters[byte] for byte in spelling): number for number, spelling in enumerate(spellings())}
    tokenizer = Tokenizer(models.BPE(vocab=words, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in SPECIAL])
    if tokenizer.token_to_id("<|0.00|>") != BEGIN:
        raise AssertionError("the tokens have other numbers than Whisper's")
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "preprocessor_config.json").write_text(json.dumps({"feature_size": 80}))
    return [*words, *SPECIAL]


def _letters() -> dict[int, str]:
    """Return the letter that stands for each byte, as the byte-level tokenizers write them."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    return {byte: chr(byte) for byte in plain} | {byte: chr(256 + number) for number, byte in enumerate(others)}


def _fill_encoder(spec: Any, found: dict[str, Array]) -> None:
    spec.conv1.weight, spec.conv1.bias = found["encoder.conv1.weight"], found["encoder.conv1.bias"]
    spec.conv2.weight, spec.conv2.bias = found["encoder.conv2.weight"], found["encoder.conv2.bias"]
    spec.position_encodings.encodings = found["encoder.positional_embedding"]
    _norm(spec.layer_norm, found, "encoder.ln_post")
    for number, layer in enumerate(spec.layer):
        _block(layer, found, f"encoder.blocks.{number}")


def _fill_decoder(spec: Any, found: dict[str, Array]) -> None:
    spec.embeddings.weight = found["decoder.token_embedding.weight"]
    spec.projection.weight = found["decoder.token_embedding.weight"]
    spec.position_encodings.encodings = found["decoder.positional_embedding"]
    _norm(spec.layer_norm, found, "decoder.ln")
    for number, layer in enumerate(spec.layer):
        name = f"decoder.blocks.{number}"
        _block(layer, found, name)
        attention = layer.attention
        _linear(attention.linear[0], found, f"{name}.cross_attn.query")
        _together(attention.linear[1], found, [f"{name}.cross_attn.{part}" for part in ("key", "value")])
        _linear(attention.linear[2], found, f"{name}.cross_attn.out")
        _norm(attention.layer_norm, found, f"{name}.cross_attn_ln")


def _block(layer: Any, found: dict[str, Array], name: str) -> None:
    attention = layer.self_attention
    _together(attention.linear[0], found, [f"{name}.attn.{part}" for part in ("query", "key", "value")])
    _linear(attention.linear[1], found, f"{name}.attn.out")
    _norm(attention.layer_norm, found, f"{name}.attn_ln")
    _linear(layer.ffn.linear_0, found, f"{name}.mlp.0")
    _linear(layer.ffn.linear_1, found, f"{name}.mlp.2")
    _norm(layer.ffn.layer_norm, found, f"{name}.mlp_ln")


def _linear(spec: Any, found: dict[str, Array], name: str) -> None:
    spec.weight = found[f"{name}.weight"]
    bias = found.get(f"{name}.bias")  # a key has none
    spec.bias = np.zeros(len(spec.weight), np.float32) if bias is None else bias


def _together(spec: Any, found: dict[str, Array], names: list[str]) -> None:
    parts = [common_spec.LinearSpec() for _ in names]
    for part, name in zip(parts, names, strict=True):
        _linear(part, found, name)
    utils.fuse_linear(spec, parts)


def _norm(spec: Any, found: dict[str, Array], name: str) -> None:
    spec.gamma, spec.beta = found[f"{name}.weight"], found[f"{name}.bias"]


if __name__ == "__main__":
    write_folder(Path(sys.argv[3]), sys.argv[1], int(sys.argv[2]))
