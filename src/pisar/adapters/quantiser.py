"""A model's file → a smaller one of the same model, its weights in blocks of 32 small numbers with one scale.

What becomes small is what whisper.cpp's own `quantize` makes small: every matrix but the positions. Convolutions and vectors stay.
"""

import errno
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from pisar.adapters.ggml import QUANTISATION_VERSION, quantise
from pisar.adapters.ggml_files import F16, F32, Tensor, TensorType, read_prelude, read_tensors, write_prelude, write_tensor
from pisar.errors import Misconfigured

WHOLE = ("encoder.conv1.bias", "encoder.conv2.bias", "encoder.positional_embedding", "decoder.positional_embedding")
"""Matrices that stay as they are; whisper.cpp takes them for float32."""

ROWS_AT_ONCE = 4096
"""Of the widest model these are 21 MB as float32."""


def quantise_model(source: Path, target: Path, kind: TensorType, *, on_progress: Callable[[float], None] | None = None) -> None:
    """Write the model of `source` to `target`, made of another type; a file that stands there is replaced when the new one is whole.

    The memory of two tensors is needed, 0.4 GB for the largest model. Raises Misconfigured, which says what is wrong: no model, one
    that is made small already, one whose rows are no whole blocks, a full disk.
    """
    try:
        with source.open("rb") as read, NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as written:
            made = Path(written.name)
            try:
                _copy(read, written, kind, on_progress)
                written.flush()
                os.fsync(written.fileno())
                made.chmod(source.stat().st_mode & 0o777)
                made.replace(target)
            except BaseException:
                made.unlink(missing_ok=True)
                raise
    except Misconfigured as error:
        raise Misconfigured(f"{source.name}: {error}") from error
    except OSError as error:
        where = source.name if not source.is_file() else target.name
        what = "the disk is full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else error.strerror or type(error).__name__
        raise Misconfigured(f"{where}: {what}") from error


def _copy(read: IO[bytes], written: IO[bytes], kind: TensorType, on_progress: Callable[[float], None] | None) -> None:
    total = os.fstat(read.fileno()).st_size
    prelude = read_prelude(read)
    found = prelude.header.made_of
    if found not in (F32, F16):
        raise Misconfigured(f"it is quantised already{f', {found.name}' if found else ''}; take the model that it was made from")
    write_prelude(written, replace(prelude, header=prelude.header.of(kind, version=QUANTISATION_VERSION)))
    for tensor in read_tensors(read):
        write_tensor(written, _smaller(tensor, kind))
        if on_progress:
            on_progress(read.tell() / total)


def _smaller(tensor: Tensor, kind: TensorType) -> Tensor:
    """Return the tensor as it stands in the smaller model."""
    import numpy as np  # noqa: PLC0415 - the engine brings it, 0.1 s

    values = np.frombuffer(tensor.data, np.float16 if tensor.kind is F16 else np.float32)
    if len(tensor.shape) == 1 or tensor.name in WHOLE:
        return tensor
    if len(tensor.shape) > 2:  # noqa: PLR2004 - convolutions, which whisper.cpp takes for float16
        return Tensor(tensor.name, F16, tensor.shape, values.astype(np.float16).tobytes())
    width = tensor.shape[-1]
    if width % kind.block:
        raise Misconfigured(f"it can't be made of {kind.name}: the rows of {tensor.name} are {width} numbers, no multiple of {kind.block}")
    rows = values.reshape(tensor.shape)
    parts = [quantise(rows[first : first + ROWS_AT_ONCE].astype(np.float32), kind) for first in range(0, len(rows), ROWS_AT_ONCE)]
    return Tensor(tensor.name, kind, tensor.shape, b"".join(parts))
