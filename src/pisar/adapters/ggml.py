"""ggml, the library under whisper.cpp, by its C functions: the CPU level it computes with, and how it makes numbers small.

pywhispercpp binds neither. Its wheel has one CPU level inside; built by `make engine` or in the image it has a library for each
(`containers/engine/engine.cmake`), of which the best that the machine can is to be loaded before any model is: without one
whisper.cpp ends the process.
"""

import ctypes
import os
import re
import sys
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from pisar.errors import Misconfigured

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pisar.adapters.ggml_files import TensorType

SPIN_COUNT = "1000"
"""Two engines of two threads on two cores, demo model, 3.4 s of speech: 0.44 s each (2.3 s at 100,000); one engine alone: 0.19 s at
both, 0.26 s when its threads never spin."""

BEST = "best"
"""The level that ggml chooses by the features of the CPU it runs on."""

QUANTISATION_VERSION = 2
"""GGML_QNT_VERSION in ggml.h: how often the layout of quantised blocks has changed."""

_LEVELS = "libggml-cpu-*.so"
_lock = Lock()
_loaded: str | None = None


def binding(level: str = BEST) -> Any:
    """Return pywhispercpp's extension, ready to compute with a CPU level of `levels()`; the process keeps the first that it gets.

    Raises Misconfigured for a level that is not there, or that this CPU can't.
    """
    global _loaded  # noqa: PLW0603 - ggml's registry of backends is the process's too
    # libgomp reads this when it is loaded: how often its threads look before they sleep while they wait for one another.
    # Left alone they spin for milliseconds, which on shared cores makes an engine up to ten times slower.
    os.environ.setdefault("GOMP_SPINCOUNT", SPIN_COUNT)
    import _pywhispercpp as whisper  # noqa: PLC0415 - brings numpy, 0.25 s

    with _lock:
        if _loaded is None and (folder := _folder(whisper)):
            _load(folder, level)
            _loaded = level
    return whisper


def levels() -> tuple[str, ...]:
    """Return the names of the CPU levels that are there, none where the engine has just the one it was built for."""
    import _pywhispercpp as whisper  # noqa: PLC0415 - see binding

    folder = _folder(whisper)
    return tuple(sorted(path.stem.removeprefix("libggml-cpu-") for path in folder.glob(_LEVELS))) if folder else ()


def level_in_use() -> str:
    """Return the name of the level that was loaded, "" where the engine has just the one it was built for."""
    found = re.search(r"/libggml-cpu-(\w+)\.so$", _mapped(), re.MULTILINE)
    return found[1] if found and _loaded else ""


def describe() -> str:
    """Return a line that tells which level the engine computes with, and which it has; load the best if none is loaded."""
    binding()
    level = level_in_use()
    return f"whisper.cpp computes for {level}; it has {', '.join(levels())}" if level else "whisper.cpp computes for what it was built for"


def quantise(values: "NDArray[np.float32]", kind: "TensorType") -> bytes:
    """Return rows of numbers [rows, width] as blocks of the type, as whisper.cpp's own `quantize` does; the width is whole blocks."""
    import numpy as np  # noqa: PLC0415 - whoever calls brings it

    rows, width = values.shape
    contiguous = np.ascontiguousarray(values, np.float32)
    made = ctypes.create_string_buffer(rows * width // kind.block * kind.block_bytes)
    binding()
    chunk = library("ggml-base").ggml_quantize_chunk
    chunk.restype = ctypes.c_size_t
    chunk.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, *[ctypes.c_int64] * 3, ctypes.c_void_p)
    chunk(kind.number, contiguous.ctypes.data, made, 0, rows, width, None)
    return made.raw


def _folder(whisper: Any) -> Path | None:
    """Return the folder of the levels' libraries, None where the engine has just the one level it was built for."""
    folder = Path(whisper.__file__).parent
    return folder if next(folder.glob(_LEVELS), None) else None


def _load(folder: Path, level: str) -> None:
    ggml, base = library("ggml"), library("ggml-base")
    # It would say on standard error what it loads. Its listener is set back at once: the process may outlive this module.
    nobody = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)(lambda *_: None)
    base.ggml_log_set(nobody, None)
    try:
        _register(ggml, folder, level)
    finally:
        base.ggml_log_set(None, None)


def _register(ggml: ctypes.CDLL, folder: Path, level: str) -> None:
    if level == BEST:
        # All that lie there are opened once, asked for their score on this CPU, and the best is kept: 10 ms.
        ggml.ggml_backend_load_all_from_path(os.fsencode(folder))
    elif not (path := folder / _LEVELS.replace("*", level)).exists():
        raise Misconfigured(f"the engine has no CPU level {level!r}; it has {', '.join(levels())}")
    else:
        ggml.ggml_backend_load.restype = ctypes.c_void_p
        if not ggml.ggml_backend_load(os.fsencode(path)):
            raise Misconfigured(f"this machine's CPU has not what the level {level!r} needs")
    ggml.ggml_backend_dev_count.restype = ctypes.c_size_t
    if not ggml.ggml_backend_dev_count():
        raise Misconfigured(f"this machine's CPU has none of the engine's levels: {', '.join(levels())}")


def library(name: str) -> ctypes.CDLL:
    """Return a library that came into this process with the extension: beside it, or where the wheel keeps them under other names."""
    found = re.search(rf"\S*/lib{name}(-[0-9a-f]{{8}})?\.so[.\d]*$", _mapped(), re.MULTILINE)
    if not found:
        raise Misconfigured(f"the engine's library lib{name} is not there: pywhispercpp is installed in a way that is not known here")
    return ctypes.CDLL(found[0])


def _mapped() -> str:
    return Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace")


if __name__ == "__main__":
    sys.stdout.write(f"{describe()}\n")
