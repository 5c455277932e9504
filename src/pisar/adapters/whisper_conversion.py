"""Whisper's weights as CTranslate2 holds them → whisper.cpp's own file, a tensor at a time, so that the largest is all that is in memory.

OpenAI published the weights in float16 and both formats keep them so: nothing is rounded, and the file comes out byte for byte as
whisper.cpp's author publishes it. The tensors' names and their order are those of OpenAI's checkpoint (openai/whisper, `model.py`);
CTranslate2's names are those of its converter (`python/ctranslate2/specs/whisper_spec.py`), which lays query, key and value one under
another. What is float32 in the file is what whisper.cpp's own converter leaves so (`models/convert-pt-to-ggml.py`).
"""

from collections.abc import Callable, Iterator, Mapping
from typing import IO, TYPE_CHECKING

from pisar.adapters.ctranslate2_files import Variable, read_index, read_variable
from pisar.adapters.ggml_files import F16, F32, Header, Prelude, Tensor, write_prelude, write_tensor
from pisar.errors import Unreadable

if TYPE_CHECKING:
    import numpy as np

HEAD_WIDTH = 64
"""Every head of every Whisper has so many dimensions (openai/whisper, the table of its sizes)."""

_SPECIAL_TOKENS = {51_864: 1607, 51_865: 1608, 51_866: 1609}
"""How many of a vocabulary's tokens are marks and not text: the English one, the multilingual one, and large-v3's."""

_FFT_SAMPLES, _SAMPLE_RATE_HZ, _LINEAR_MELS, _LINEAR_HERTZ = 400, 16_000, 15, 200 / 3
_MOST_MELS, _MOST_LAYERS, _LONGEST_TOKEN = 128, 64, 1024
_LOWEST, _EMBEDDINGS = "encoder/conv1/weight", "decoder/embeddings/weight"
_HEARD, _WRITTEN = "encoder/position_encodings/encodings", "decoder/position_encodings/encodings"


def convert(
    source: IO[bytes], size: int, vocabulary: Mapping[str, int], target: IO[bytes], *, on_bytes: Callable[[int], object] | None = None
) -> None:
    """Write whisper.cpp's file of a CTranslate2 model of `size` bytes; raise Unreadable for what is no Whisper in float16.

    `vocabulary` has the tokens' spellings in GPT-2's alphabet and their numbers, as in tokenizer.json. `on_bytes` hears how many more
    bytes are written.
    """
    weights = Weights(source, size)
    header = weights.header()
    prelude = Prelude(header, mel_filters(header.mels).tobytes(), spellings(vocabulary, header.vocabulary))
    before = 0
    write_prelude(target, prelude)
    for tensor in weights.tensors(header):
        write_tensor(target, tensor)
        if on_bytes:
            on_bytes(target.tell() - before)
            before = target.tell()


class Weights:
    """A Whisper's weights in a CTranslate2 file."""

    def __init__(self, source: IO[bytes], size: int) -> None:
        self._source = source
        self._index = read_index(source, size)

    def header(self) -> Header:
        """Return the model's dimensions, as its weights' shapes tell them."""
        vocabulary, width = self._shape(_EMBEDDINGS, 2)
        _, mels, _ = self._shape(_LOWEST, 3)
        heard, written = self._shape(_HEARD, 2)[0], self._shape(_WRITTEN, 2)[0]
        if width % HEAD_WIDTH or not 0 < mels <= _MOST_MELS or vocabulary not in _SPECIAL_TOKENS:
            raise Unreadable(f"it is no Whisper: {vocabulary:,} tokens, width {width}, {mels} bands")
        heads = width // HEAD_WIDTH
        layers = {side: self._layers(side) for side in ("encoder", "decoder")}
        return Header(vocabulary, heard, width, heads, layers["encoder"], written, width, heads, layers["decoder"], mels, F16.ftype)

    def tensors(self, header: Header) -> Iterator[Tensor]:
        """Yield the tensors in the order of OpenAI's checkpoint, each read when it is asked for."""
        yield self._tensor("decoder.positional_embedding", _WRITTEN)
        yield self._tensor("encoder.positional_embedding", _HEARD)
        yield self._tensor("decoder.token_embedding.weight", _EMBEDDINGS)
        for layer in range(header.text_layers):
            yield from self._block("decoder", layer, header.text_width)
        yield from self._norm("decoder.ln", "decoder/layer_norm")
        for name in ("conv1", "conv2"):
            yield self._tensor(f"encoder.{name}.weight", f"encoder/{name}/weight")
            yield self._tensor(f"encoder.{name}.bias", f"encoder/{name}/bias", column=True)
        for layer in range(header.audio_layers):
            yield from self._block("encoder", layer, header.audio_width)
        yield from self._norm("encoder.ln_post", "encoder/layer_norm")

    def _block(self, side: str, layer: int, width: int) -> Iterator[Tensor]:
        at, name = f"{side}/layer_{layer}", f"{side}.blocks.{layer}"
        yield from self._feeding(name, f"{at}/ffn")
        yield from self._attention(f"{name}.attn", f"{at}/self_attention", width)
        if side == "decoder":
            yield from self._crossing(f"{name}.cross_attn", f"{at}/attention", width)

    def _attention(self, name: str, at: str, width: int) -> Iterator[Tensor]:
        yield from self._norm(f"{name}_ln", f"{at}/layer_norm")
        yield from self._linear(f"{name}.query", f"{at}/linear_0", slice(0, width))
        yield self._tensor(f"{name}.key.weight", f"{at}/linear_0/weight", slice(width, 2 * width))
        yield from self._linear(f"{name}.value", f"{at}/linear_0", slice(2 * width, 3 * width))
        yield from self._linear(f"{name}.out", f"{at}/linear_1")

    def _crossing(self, name: str, at: str, width: int) -> Iterator[Tensor]:
        yield from self._norm(f"{name}_ln", f"{at}/layer_norm")
        yield from self._linear(f"{name}.query", f"{at}/linear_0")
        yield self._tensor(f"{name}.key.weight", f"{at}/linear_1/weight", slice(0, width))
        yield from self._linear(f"{name}.value", f"{at}/linear_1", slice(width, 2 * width))
        yield from self._linear(f"{name}.out", f"{at}/linear_2")

    def _feeding(self, name: str, at: str) -> Iterator[Tensor]:
        yield from self._norm(f"{name}.mlp_ln", f"{at}/layer_norm")
        yield from self._linear(f"{name}.mlp.0", f"{at}/linear_0")
        yield from self._linear(f"{name}.mlp.2", f"{at}/linear_1")

    def _linear(self, name: str, at: str, rows: slice = slice(None)) -> Iterator[Tensor]:
        yield self._tensor(f"{name}.weight", f"{at}/weight", rows)
        yield self._tensor(f"{name}.bias", f"{at}/bias", rows)

    def _norm(self, name: str, at: str) -> Iterator[Tensor]:
        yield self._tensor(f"{name}.weight", f"{at}/gamma")
        yield self._tensor(f"{name}.bias", f"{at}/beta")

    def _tensor(self, name: str, variable: str, rows: slice = slice(None), *, column: bool = False) -> Tensor:
        """Return rows of a variable under its name in the checkpoint; vectors and positions become float32."""
        values = read_variable(self._source, self._float16(variable))[rows]
        if column:
            values = values.reshape(-1, 1)
        if values.ndim == 1 or column or name.endswith(".positional_embedding"):
            return Tensor(name, F32, values.shape, values.astype("<f4").tobytes())
        return Tensor(name, F16, values.shape, values.tobytes())

    def _float16(self, name: str) -> Variable:
        variable = self._index.get(name)
        if variable is None or variable.dtype != "float16":
            raise Unreadable(f"its variable {name} is {'missing' if variable is None else variable.dtype}, and float16 is expected")
        return variable

    def _shape(self, name: str, rank: int) -> tuple[int, ...]:
        shape = self._float16(name).shape
        if len(shape) != rank:
            raise Unreadable(f"its variable {name} has the shape {list(shape)}, and {rank} dimensions are expected")
        return shape

    def _layers(self, side: str) -> int:
        return next(count for count in range(_MOST_LAYERS + 1) if f"{side}/layer_{count}/ffn/linear_0/weight" not in self._index)


def mel_filters(mels: int) -> "np.ndarray":
    """Return Slaney's filters, float32 [mels, 201], for 16 kHz and a 400-point FFT: triangles of equal area over the mel scale.

    To the bit those of OpenAI's `mel_filters.npz`, which librosa made: float64 up to the triangles, float32 when they are scaled.
    """
    import numpy as np  # noqa: PLC0415 - see ctranslate2_files.read_variable

    step = np.log(6.4) / 27  # above 1 kHz, 27 bands up to 6.4 times as high (Slaney's Auditory Toolbox)

    def hertz(mel: "np.ndarray") -> "np.ndarray":
        return np.where(mel < _LINEAR_MELS, _LINEAR_HERTZ * mel, 1000 * np.exp(step * (mel - _LINEAR_MELS)))

    top = _LINEAR_MELS + np.log(_SAMPLE_RATE_HZ / 2 / 1000) / step
    edges = hertz(np.linspace(0.0, top, mels + 2))
    bins = np.fft.rfftfreq(_FFT_SAMPLES, 1 / _SAMPLE_RATE_HZ)
    rising = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    filters: np.ndarray = np.maximum(0, np.minimum(rising, falling)).astype(np.float32)
    filters *= (2 / (edges[2:] - edges[:-2]))[:, None]  # the product is float64, and rounded then
    return filters


def spellings(vocabulary: Mapping[str, int], size: int) -> tuple[bytes, ...]:
    """Return the bytes of each token of text, by its number; raise Unreadable where one is missing or can't be one."""
    count = size - _SPECIAL_TOKENS[size]
    letters = byte_of_letter()
    by_number = {number: spelling for spelling, number in vocabulary.items()}
    try:
        found = tuple(bytes(letters[letter] for letter in by_number[number]) for number in range(count))
    except KeyError as error:
        raise Unreadable(f"its vocabulary lacks token or letter {error.args[0]!r}") from None
    if any(len(token) > _LONGEST_TOKEN for token in found):
        raise Unreadable(f"its vocabulary has a token of more than {_LONGEST_TOKEN:,} bytes")
    return found


def byte_of_letter() -> dict[str, int]:
    """Return GPT-2's alphabet, in which a tokenizer.json spells: each byte's letter is its own where that can be seen, else 256 and up.

    The order is that of `bytes_to_unicode` in openai/gpt-2 (`encoder.py`).
    """
    seen = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    unseen = [byte for byte in range(256) if byte not in seen]
    return {chr(byte): byte for byte in seen} | {chr(256 + place): byte for place, byte in enumerate(unseen)}
