"""whisper.cpp's model file, read and written a tensor at a time: header, mel filters, vocabulary, tensors, all little-endian.

Written after the reader in whisper.cpp (`whisper_model_load`). A file is whole when its last tensor is: there is no count and no
sum, so `read_tensors` looks that each tensor's bytes are there, and that nothing but a tensor begins after one.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import IO

from pisar.errors import Misconfigured

MAGIC = b"lmgg"
"""The first four bytes: 0x67676d6c, little-endian."""

VERSION_FACTOR = 1000
"""`ftype` is that number of types plus how often the layout of quantised blocks has changed, times this (GGML_QNT_VERSION_FACTOR)."""

_HEADER = struct.Struct("<11i")
_PAIR = struct.Struct("<2i")
_COUNT = struct.Struct("<i")
_TENSOR = struct.Struct("<3i")
_MOST_DIMENSIONS, _LONGEST_NAME, _LARGEST = 4, 256, 2**31


@dataclass(frozen=True, slots=True)
class TensorType:
    """How numbers are stored: `block` of them take `block_bytes`; `number` is ggml's for the type, `ftype` that of a file of them."""

    name: str
    number: int
    ftype: int
    block: int
    block_bytes: int


F32 = TensorType("f32", 0, 0, 1, 4)
F16 = TensorType("f16", 1, 1, 1, 2)
QUANTISED = (
    TensorType("q8_0", 8, 7, 32, 34),
    TensorType("q5_1", 7, 9, 32, 24),
    TensorType("q5_0", 6, 8, 32, 22),
    TensorType("q4_1", 3, 3, 32, 20),
    TensorType("iq4_nl", 20, 19, 32, 18),
    TensorType("q4_0", 2, 2, 32, 18),
)
"""What weights can be made small to, in blocks of 32 with a scale (ggml-common.h). whisper.cpp knows more; these suit every width."""

_BY_NUMBER = {one.number: one for one in (F32, F16, *QUANTISED)}
_BY_FTYPE = {one.ftype: one for one in (F32, F16, *QUANTISED)}


@dataclass(frozen=True, slots=True)
class Header:
    """The dimensions of a model, in the file's order; its `ftype` says what most tensors are made of."""

    vocabulary: int
    audio_context: int
    audio_width: int
    audio_heads: int
    audio_layers: int
    text_context: int
    text_width: int
    text_heads: int
    text_layers: int
    mels: int
    ftype: int

    @property
    def made_of(self) -> TensorType | None:
        """The type of most tensors, None for one that is not known here."""
        return _BY_FTYPE.get(self.ftype % VERSION_FACTOR)

    def of(self, kind: TensorType, *, version: int = 0) -> "Header":
        """Return the header of the same model made of another type."""
        return replace(self, ftype=version * VERSION_FACTOR + kind.ftype)


@dataclass(frozen=True, slots=True)
class Tensor:
    """A named array: `shape` as numpy has it (the file has it the other way round), `data` its bytes."""

    name: str
    kind: TensorType
    shape: tuple[int, ...]
    data: bytes


@dataclass(frozen=True, slots=True)
class Prelude:
    """What stands before the tensors: the header, the mel filters [mels, bins] as float32 bytes, and the vocabulary's spellings."""

    header: Header
    filters: bytes
    vocabulary: tuple[bytes, ...]


def read_prelude(file: IO[bytes]) -> Prelude:
    """Read up to the first tensor; raise Misconfigured for what is no model."""
    if (magic := file.read(len(MAGIC))) != MAGIC:
        raise Misconfigured(f"it is not a whisper.cpp model: it begins with {magic!r}, not {MAGIC!r}")
    header = Header(*_unpack(file, _HEADER))
    mels, bins = _unpack(file, _PAIR)
    filters = _exactly(file, 4 * _sensible(mels * bins))
    (count,) = _unpack(file, _COUNT)
    spellings = tuple(_exactly(file, _sensible(_unpack(file, _COUNT)[0])) for _ in range(_sensible(count)))
    return Prelude(header, filters, spellings)


def write_prelude(file: IO[bytes], prelude: Prelude) -> None:
    """Write what `read_prelude` reads."""
    header, mels = prelude.header, prelude.header.mels
    file.write(MAGIC + _HEADER.pack(*(getattr(header, name) for name in Header.__slots__)))
    file.write(_PAIR.pack(mels, len(prelude.filters) // 4 // mels) + prelude.filters)
    file.write(_COUNT.pack(len(prelude.vocabulary)))
    file.writelines(_COUNT.pack(len(spelling)) + spelling for spelling in prelude.vocabulary)


def read_tensors(file: IO[bytes]) -> Iterator[Tensor]:
    """Yield the tensors until the end of the file, each read when it is asked for; raise Misconfigured where it is cut short."""
    while start := file.read(_TENSOR.size):
        if len(start) < _TENSOR.size:
            raise _cut_short()
        dimensions, name_bytes, number = _TENSOR.unpack(start)
        kind = _BY_NUMBER.get(number)
        if kind is None or not 0 < dimensions <= _MOST_DIMENSIONS or not 0 < name_bytes <= _LONGEST_NAME:
            raise Misconfigured(f"it can't be read after {file.tell() - _TENSOR.size:,} bytes: no tensor of a known type begins there")
        shape = tuple(reversed(_unpack(file, struct.Struct(f"<{dimensions}i"))))
        name = _exactly(file, name_bytes).decode("utf-8", "replace")
        yield Tensor(name, kind, shape, _exactly(file, _sensible(prod(shape)) // kind.block * kind.block_bytes))


def write_tensor(file: IO[bytes], tensor: Tensor) -> None:
    """Write a tensor behind what is written already."""
    name, shape = tensor.name.encode(), tuple(reversed(tensor.shape))
    file.write(_TENSOR.pack(len(shape), len(name), tensor.kind.number) + struct.pack(f"<{len(shape)}i", *shape) + name + tensor.data)


def read_header(path: Path) -> Header:
    """Return the header of a model's file; raise Misconfigured, with the file's name, for what is none."""
    try:
        with path.open("rb") as file:
            return read_prelude(file).header
    except OSError as error:
        raise Misconfigured(f"{path.name} can't be read: {error.strerror}") from error
    except Misconfigured as error:
        raise Misconfigured(f"{path.name}: {error}") from error


def _cut_short() -> Misconfigured:
    return Misconfigured("it is cut short")


def _sensible(number: int) -> int:
    """Return a number of things that a file promises, if it can be one."""
    if not 0 <= number <= _LARGEST:
        raise Misconfigured("it is damaged: it tells an impossible size")
    return number


def _unpack(file: IO[bytes], what: struct.Struct) -> tuple[int, ...]:
    return what.unpack(_exactly(file, what.size))


def _exactly(file: IO[bytes], size: int) -> bytes:
    found = file.read(size)
    if len(found) < size:
        raise _cut_short()
    return found
