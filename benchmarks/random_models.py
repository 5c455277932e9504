"""Models of Whisper's real dimensions with random weights: their speed is true, their text is not.

Each hears the same in every window: `tokens` words and the end of the window, whatever is spoken, however its weights are rounded.
So two engines do the same work, and their times can be compared. What makes it so: each place in a text has a random direction, far
stronger than all that the layers add; the word for a place has a share of that place's direction.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from pisar.adapters.ggml_files import F16, F32, Header, Prelude, Tensor, read_prelude, write_prelude, write_tensor

Array: TypeAlias = NDArray[np.float32]

DEMO_MODEL = Path(__file__).parent.parent / "demo" / "model" / "ggml-pisar-demo.bin"
"""Where the mel filters come from: they are every Whisper model's of 80 bands."""

END, START, BEGIN = 50257, 50258, 50364
"""Whisper's multilingual tokens: end of text, start of transcript, and the first mark of time."""

WINDOW_MARKS = 1500
"""A window of 30 s in Whisper's steps of 0.02 s: the last mark of time that there is."""

PROMPT_TOKENS = 3
"""Start, language and task stand before the text."""

FIRST_WORD, WORD_STEP = 1000, 7
"""Words that stand far from the vocabulary's letters and signs, of which some are never chosen."""

WEIGHT, PLACE, SHARE = 0.02, 2.0, 0.06
"""How large weights are, a place's direction, and a word's share of it: its score is about SHARE times the width, above 20."""


@dataclass(frozen=True, slots=True)
class Dimensions:
    """What distinguishes Whisper's sizes: how wide and how many layers, the same for encoder and decoder; a head is 64 wide."""

    width: int
    layers: int

    @property
    def heads(self) -> int:
        """Attention heads."""
        return self.width // 64

    @property
    def header(self) -> Header:
        """The dimensions as whisper.cpp's file tells them, made of float16."""
        same = self.width, self.heads, self.layers
        return Header(51865, 1500, *same, 448, *same, 80, F16.ftype)


SIZES = {"tiny": Dimensions(384, 4), "base": Dimensions(512, 6), "small": Dimensions(768, 12)}


def said(tokens: int) -> list[int]:
    """Return what the model says in each window: the mark of its start, so many words, the mark of its end, the end."""
    return [BEGIN, *(FIRST_WORD + WORD_STEP * word for word in range(tokens)), BEGIN + WINDOW_MARKS, END]


def weights(dimensions: Dimensions, tokens: int, *, prompt: int = PROMPT_TOKENS, seed: int = 1) -> Iterator[tuple[str, Array]]:  # noqa: C901 - a list, part by part
    """Yield the names, which are those of OpenAI's own code, and the arrays, the same for the same seed.

    `prompt`: how many tokens the engine sets before the text.
    """
    random = np.random.default_rng(seed)
    width = dimensions.width

    def drawn(*shape: int) -> Array:
        return random.standard_normal(shape, np.float32) * np.float32(WEIGHT)

    def norm(name: str) -> Iterator[tuple[str, Array]]:
        yield f"{name}.weight", np.ones(width, np.float32)
        yield f"{name}.bias", np.zeros(width, np.float32)

    def linear(name: str, rows: int, columns: int, *, bias: bool = True) -> Iterator[tuple[str, Array]]:
        yield f"{name}.weight", drawn(rows, columns)
        if bias:
            yield f"{name}.bias", drawn(rows)

    def block(name: str, *, cross: bool) -> Iterator[tuple[str, Array]]:
        for attention in ("attn", "cross_attn") if cross else ("attn",):
            for part in ("query", "key", "value", "out"):
                yield from linear(f"{name}.{attention}.{part}", width, width, bias=part != "key")
            yield from norm(f"{name}.{attention}_ln")
        yield from linear(f"{name}.mlp.0", 4 * width, width)
        yield from linear(f"{name}.mlp.2", width, 4 * width)
        yield from norm(f"{name}.mlp_ln")

    header = dimensions.header
    yield "encoder.positional_embedding", drawn(header.audio_context, width)
    yield "encoder.conv1.weight", drawn(width, header.mels, 3)
    yield "encoder.conv1.bias", drawn(width)
    yield "encoder.conv2.weight", drawn(width, width, 3)
    yield "encoder.conv2.bias", drawn(width)
    for layer in range(dimensions.layers):
        yield from block(f"encoder.blocks.{layer}", cross=False)
    yield from norm("encoder.ln_post")
    places = random.standard_normal((header.text_context, width), np.float32)
    embedding = drawn(header.vocabulary, width)
    for place, token in enumerate(said(tokens), prompt - 1):
        embedding[token] += np.float32(SHARE) * places[place]
    yield "decoder.positional_embedding", places * np.float32(PLACE)
    yield "decoder.token_embedding.weight", embedding
    for layer in range(dimensions.layers):
        yield from block(f"decoder.blocks.{layer}", cross=True)
    yield from norm("decoder.ln")


def spellings() -> tuple[bytes, ...]:
    """Return a vocabulary: every byte, then words as varied as real ones, since engines try again what repeats itself."""
    return tuple(bytes([number]) if number < 256 else b" " + _word(number) for number in range(END))  # noqa: PLR2004 - bytes


def _word(number: int) -> bytes:
    """Return seven letters, another seven for each number."""
    left = number * 1_000_003 % 26**6 + 26**6
    return bytes(97 + left // 26**place % 26 for place in range(7))


def write_model(path: Path, dimensions: Dimensions, tokens: int) -> None:
    """Write a model of float16 for whisper.cpp."""
    with DEMO_MODEL.open("rb") as demo:
        filters = read_prelude(demo).filters
    with path.open("wb") as file:
        write_prelude(file, Prelude(dimensions.header, filters, spellings()))
        for name, values in weights(dimensions, tokens):
            write_tensor(file, _tensor(name, values))


def _tensor(name: str, values: Array) -> Tensor:
    """Return an array as whisper.cpp wants it: vectors, positions and the convolutions' biases, which are columns, stay float32."""
    if name.startswith("encoder.conv") and name.endswith("bias"):
        values = values[:, None]
    elif values.ndim > 1 and not name.endswith("positional_embedding"):
        return Tensor(name, F16, values.shape, values.astype(np.float16).tobytes())
    return Tensor(name, F32, values.shape, values.tobytes())
