"""CTranslate2's model file (`model.bin`), read as data: which variables it holds, and each one's numbers when they are asked for.

The layout is that of CTranslate2's writer (`python/ctranslate2/specs/model_spec.py`, `_serialize`), all little-endian: the version of
the format, the specification's name, its revision, the number of variables; each variable is a name, its rank, its shape, its type,
its size in bytes and its numbers. Aliases follow, which nothing here needs. A string is its length with the closing zero, then its
bytes with it. The file is a stranger's: every size in it is checked against the file before anything is read by it.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import IO, TYPE_CHECKING

from pisar.errors import Unreadable

if TYPE_CHECKING:
    import numpy as np

VERSION = 6
"""The format's version since CTranslate2 1.20; another one would have to be looked at first."""

_TYPES = {0: ("float32", 4), 1: ("int8", 1), 2: ("int16", 2), 3: ("int32", 4), 4: ("float16", 2)}
_MOST_VARIABLES, _MOST_DIMENSIONS, _LONGEST_NAME = 4096, 4, 256  # Whisper's largest has 1,260 variables of at most 3 dimensions


@dataclass(frozen=True, slots=True)
class Variable:
    """Where a variable's numbers lie in the file, what they are (numpy's name of the type), and their shape."""

    offset: int
    dtype: str
    shape: tuple[int, ...]


def read_index(file: IO[bytes], size: int) -> Mapping[str, Variable]:
    """Return the variables of a file of `size` bytes by their names, none of their numbers read; raise Unreadable."""
    (version,) = _numbers(file, "<I")
    if version != VERSION:
        raise Unreadable(f"it is not a CTranslate2 model of version {VERSION}: it begins with {version}")
    _string(file)
    _, count = _numbers(file, "<II")
    if count > _MOST_VARIABLES:
        raise Unreadable(f"it promises {count:,} variables, and at most {_MOST_VARIABLES:,} are expected")
    found: dict[str, Variable] = {}
    for _ in range(count):
        name = _string(file)
        if name in found:
            raise Unreadable(f"the variable {name} is there twice")
        found[name] = _variable(file, name, size)
    return found


def read_variable(file: IO[bytes], variable: Variable) -> "np.ndarray":
    """Return a variable's numbers; the file must be the one that its index came from."""
    import numpy as np  # noqa: PLC0415 - the engine brings it, and only who makes a model needs it here

    file.seek(variable.offset)
    wanted = np.dtype(variable.dtype).newbyteorder("<")
    data = file.read(prod(variable.shape) * wanted.itemsize)
    if len(data) < prod(variable.shape) * wanted.itemsize:
        raise _cut_short()
    return np.frombuffer(data, dtype=wanted).reshape(variable.shape)


def _variable(file: IO[bytes], name: str, size: int) -> Variable:
    """Return the variable that begins here, and leave the file behind its numbers."""
    (rank,) = _numbers(file, "<B")
    if rank > _MOST_DIMENSIONS:
        raise Unreadable(f"the variable {name} has {rank} dimensions")
    shape = _numbers(file, f"<{rank}I")
    number, length = _numbers(file, "<BI")
    if number not in _TYPES:
        raise Unreadable(f"the variable {name} is of an unknown type, {number}")
    dtype, item_bytes = _TYPES[number]
    if length != prod(shape) * item_bytes:
        raise Unreadable(f"the variable {name} has {length:,} bytes, which is not what its shape {list(shape)} takes")
    offset = file.tell()
    if offset + length > size:
        raise _cut_short()
    file.seek(length, 1)
    return Variable(offset, dtype, shape)


def _string(file: IO[bytes]) -> str:
    (length,) = _numbers(file, "<H")
    if length > _LONGEST_NAME:
        raise Unreadable(f"a name of {length:,} bytes stands in it, and at most {_LONGEST_NAME} are expected")
    return _exactly(file, length).rstrip(b"\0").decode("utf-8", "replace")


def _numbers(file: IO[bytes], layout: str) -> tuple[int, ...]:
    return struct.unpack(layout, _exactly(file, struct.calcsize(layout)))


def _exactly(file: IO[bytes], size: int) -> bytes:
    found = file.read(size)
    if len(found) < size:
        raise _cut_short()
    return found


def _cut_short() -> Unreadable:
    return Unreadable("it is cut short")
