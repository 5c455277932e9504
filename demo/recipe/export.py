"""Trained weights → a file whisper.cpp loads."""

import struct
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch

from demo.recipe.mel import mel_filters
from demo.recipe.tokens import AUDIO_CONTEXT, DECODER_LAYERS, ENCODER_LAYERS, HEADS, MELS, N_VOCAB, TEXT_CONTEXT, WIDTH, vocabulary

MAGIC = 0x67676D6C
FLOAT16 = 1
NEVER = -30.0
"""The score of a token that training never met."""


def export(weights: Path, model: Path) -> None:
    """Write the weights with vocabulary and mel filters as one ggml file."""
    state, ids = torch.load(weights)
    state = {key: value.float() for key, value in state.items() if not key.startswith("ctc")}
    _add_inert_layer(state)
    _widen_embedding(state, ids)
    with model.open("wb") as file:
        _write_header(file)
        for name, tensor in state.items():
            _write_tensor(file, name, tensor)


def _add_inert_layer(state: dict[str, torch.Tensor]) -> None:
    """Add a decoder layer that changes nothing: whisper.cpp takes two for a distilled model and forbids it timestamps."""
    last, inert = f"decoder.blocks.{DECODER_LAYERS - 1}.", f"decoder.blocks.{DECODER_LAYERS}."
    for key, value in list(state.items()):
        if key.startswith(last):
            state[key.replace(last, inert)] = torch.ones_like(value) if "_ln.weight" in key else torch.zeros_like(value)


def _widen_embedding(state: dict[str, torch.Tensor], ids: list[int]) -> None:
    """Give every token of Whisper's numbering a row; one that was never trained must never win.

    LayerNorm's output h = w·z + b has sum(h/w) = sum(b/w) whatever z is, so the row NEVER/sum(b/w) · 1/w scores NEVER always.
    """
    weight, bias = state["decoder.ln.weight"], state["decoder.ln.bias"]
    embedding = ((NEVER / (bias / weight).sum()) / weight)[None].repeat(N_VOCAB, 1)
    embedding[torch.tensor(ids)] = state["decoder.token_embedding.weight"]
    state["decoder.token_embedding.weight"] = embedding


def _write_header(file: BinaryIO) -> None:
    encoder = [AUDIO_CONTEXT, WIDTH, HEADS, ENCODER_LAYERS]
    decoder = [TEXT_CONTEXT, WIDTH, HEADS, DECODER_LAYERS + 1]
    file.write(struct.pack("12i", MAGIC, N_VOCAB, *encoder, *decoder, MELS, FLOAT16))
    filters = mel_filters()
    file.write(struct.pack("2i", *filters.shape) + filters.tobytes())
    tokens = vocabulary()
    file.write(struct.pack("i", len(tokens)) + b"".join(struct.pack("I", len(token)) + token for token in tokens))


def _write_tensor(file: BinaryIO, name: str, tensor: torch.Tensor) -> None:
    values = tensor.numpy().astype(np.float32)
    if name in ("encoder.conv1.bias", "encoder.conv2.bias"):
        values = values[:, None]
    convolution_bias = name.startswith("encoder.conv") and name.endswith("bias")
    whole = values.ndim < 2 or name.endswith("positional_embedding") or convolution_bias  # noqa: PLR2004 - vectors stay float32
    shape = b"".join(struct.pack("i", length) for length in reversed(values.shape))
    file.write(struct.pack("3i", values.ndim, len(name), 0 if whole else FLOAT16) + shape + name.encode())
    file.write((values if whole else values.astype(np.float16)).tobytes())
