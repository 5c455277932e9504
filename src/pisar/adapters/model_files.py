"""A model's name or path → a file on this machine, downloaded once and checked.

One rule: under its own name a model is whole and its SHA-256 is right; everything else is a `.part`. Processes that want the same
model at once take turns (a lock on a file beside it), and the later ones find it there. A download that breaks off is taken up
where it stopped, in this call and in the next.
"""

import errno
import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pisar.errors import Misconfigured

if TYPE_CHECKING:
    import requests

DEFAULT_BASE_URL = "https://huggingface.co/ggerganov/whisper.cpp/resolve/main"
"""Where whisper.cpp's own author publishes the models."""

ATTEMPTS = 5
"""How often a download is taken up before it is given up; an attempt that brought new bytes does not count."""

TIMEOUT_SECONDS = 30.0
"""For the connection and for each silence in it, not for the whole file."""

_CHUNK_BYTES = 64 * 1024  # what is lost of a download that breaks off is less than one
_PARTIAL, _RANGE_NOT_SATISFIABLE, _OK = 206, 416, 200
_FINAL = (401, 403, 404, 410)  # asking again changes nothing


@dataclass(frozen=True, slots=True)
class ModelFile:
    """What a published model is: its size in bytes and the SHA-256 of its file."""

    size: int
    sha256: str


# Every sum is the same in at least two unrelated public catalogues of these files, besides the publisher's.
MODELS = {
    "tiny": ModelFile(77_691_713, "be07e048e1e599ad46341c8d2a135645097a538221678b7acdd1b1919c6e1b21"),
    "tiny-q5_1": ModelFile(32_152_673, "818710568da3ca15689e31a743197b520007872ff9576237bda97bd1b469c3d7"),
    "tiny-q8_0": ModelFile(43_537_433, "c2085835d3f50733e2ff6e4b41ae8a2b8d8110461e18821b09a15c40c42d1cca"),
    "tiny.en": ModelFile(77_704_715, "921e4cf8686fdd993dcd081a5da5b6c365bfde1162e72b08d75ac75289920b1f"),
    "base": ModelFile(147_951_465, "60ed5bc3dd14eea856493d334349b405782ddcaf0028d4b5df4088345fba2efe"),
    "base-q5_1": ModelFile(59_707_625, "422f1ae452ade6f30a004d7e5c6a43195e4433bc370bf23fac9cc591f01a8898"),
    "base-q8_0": ModelFile(81_768_585, "c577b9a86e7e048a0b7eada054f4dd79a56bbfa911fbdacf900ac5b567cbb7d9"),
    "base.en": ModelFile(147_964_211, "a03779c86df3323075f5e796cb2ce5029f00ec8869eee3fdfb897afe36c6d002"),
    "small": ModelFile(487_601_967, "1be3a9b2063867b937e64e2ec7483364a79917e157fa98c5d94b5c1fffea987b"),
    "small-q5_1": ModelFile(190_085_487, "ae85e4a935d7a567bd102fe55afc16bb595bdb618e11b2fc7591bc08120411bb"),
    "small-q8_0": ModelFile(264_464_607, "49c8fb02b65e6049d5fa6c04f81f53b867b5ec9540406812c643f177317f779f"),
    "small.en": ModelFile(487_614_201, "c6138d6d58ecc8322097e0f987c32f1be8bb0a18532a3f88f734d1bbf9c41e5d"),
    "medium": ModelFile(1_533_763_059, "6c14d5adee5f86394037b4e4e8b59f1673b6cee10e3cf0b11bbdbee79c156208"),
    "medium-q5_0": ModelFile(539_212_467, "19fea4b380c3a618ec4723c3eef2eb785ffba0d0538cf43f8f235e7b3b34220f"),
    "medium-q8_0": ModelFile(823_369_779, "42a1ffcbe4167d224232443396968db4d02d4e8e87e213d3ee2e03095dea6502"),
    "medium.en": ModelFile(1_533_774_781, "cc37e93478338ec7700281a7ac30a10128929eb8f427dda2e865faa8f6da4356"),
    "large-v3": ModelFile(3_095_033_483, "64d182b440b98d5203c4f9bd541544d84c605196c4f7b845dfa11fb23594d1e2"),
    "large-v3-q5_0": ModelFile(1_081_140_203, "d75795ecff3f83b5faa89d1900604ad8c780abd5739fae406de19f23ecd98ad1"),
    "large-v3-turbo": ModelFile(1_624_555_275, "1fc70f774d38eb169993ac391eea357ef47c88757ef72ee5943879b7e8e2bc69"),
    "large-v3-turbo-q5_0": ModelFile(574_041_195, "394221709cd5ad1f40c46e6031ca61bce88931e6e088c188294c6d5a55ffa7e2"),
    "large-v3-turbo-q8_0": ModelFile(874_188_075, "317eb69c11673c9de1e1f0d459b253999804ec71ac4c23c17ecf5fbe24e259a1"),
}


def locate_model(name_or_path: str, *, cache: Path, base_url: str = DEFAULT_BASE_URL, progress: bool = False) -> Path:
    """Return the file of a model: an existing path as it is, a name of MODELS from `cache` or downloaded into it.

    `progress` draws a bar on stderr. Raises Misconfigured, which says what to do, when there is no such model or it can't be had.
    """
    path = Path(name_or_path).expanduser()
    if path.is_file():
        return path
    model = MODELS.get(name_or_path)
    if model is None:
        kind = "no file is there and" if path.name != name_or_path else "it is neither a file here nor a known name and"
        raise Misconfigured(f"PISAR_MODEL={name_or_path!r}: {kind} the known models are {', '.join(MODELS)}")
    target = cache / f"ggml-{name_or_path}.bin"
    if target.exists():
        return target
    download = Download(f"{base_url.rstrip('/')}/{target.name}", target, model, progress=progress)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with _alone(target):
            if not target.exists():  # another process may have brought it while we waited
                download.run()
    except OSError as error:
        what = "the disk is full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else error.strerror or type(error).__name__
        raise Misconfigured(f"{target.name} ({model.size:,} bytes) can't be written to the model folder: {what}") from error
    return target


class Download:
    """One model on its way into `<target>.part` and, once whole and right, to `target`."""

    def __init__(self, url: str, target: Path, model: ModelFile, *, progress: bool) -> None:
        self._url = url
        self._target = target
        self._part = target.with_name(target.name + ".part")
        self._model = model
        self._progress = progress

    def run(self) -> None:
        """Bring the file, check it and give it its name; raise Misconfigured."""
        import requests  # noqa: PLC0415 - 0.1 s, and only the first start downloads

        left, reason = ATTEMPTS, "it broke off"
        while left and self._size() < self._model.size:
            before = self._size()
            try:
                self._fetch(before)
            except requests.RequestException as error:
                reason = _reason(error)
                if error.response is not None and error.response.status_code in _FINAL:
                    break
            left = left if self._size() > before else left - 1
        if self._size() < self._model.size:
            raise Misconfigured(
                f"{self._target.name} could not be downloaded ({reason}). Fetch {self._url} by hand and set PISAR_MODEL to the path "
                f"of the file, or put it into the model folder ({self._target.parent.name}/) under that name"
            )
        if self._sha256() != self._model.sha256:
            self._part.unlink()
            raise Misconfigured(
                f"{self._target.name} from {self._url} is not the published file: its SHA-256 is wrong. It has been removed"
            )
        self._part.replace(self._target)

    def _fetch(self, have: int) -> None:
        """Append what is missing; start again where the server does not answer with just that."""
        import requests  # noqa: PLC0415 - see run
        from tqdm import tqdm  # noqa: PLC0415 - see run

        # "identity": with a compressed answer the ranges would count compressed bytes
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
        with requests.get(self._url, headers=headers, stream=True, timeout=TIMEOUT_SECONDS) as response:
            if response.status_code == _RANGE_NOT_SATISFIABLE or not _continues(response, have, self._model.size):
                self._part.unlink(missing_ok=True)  # the next attempt asks for the whole
                if response.status_code in (_PARTIAL, _RANGE_NOT_SATISFIABLE):
                    return
                have = 0
            response.raise_for_status()
            with (
                self._part.open("ab") as file,
                tqdm(
                    total=self._model.size, initial=have, unit="B", unit_scale=True, desc=self._target.name, disable=not self._progress
                ) as bar,
            ):
                for chunk in response.iter_content(_CHUNK_BYTES):
                    room = self._model.size - have
                    file.write(chunk[:room])  # a server that sends more than the file is lying; the sum will show it
                    have += min(room, len(chunk))
                    bar.update(min(room, len(chunk)))
                    if not room:
                        break

    def _size(self) -> int:
        return self._part.stat().st_size if self._part.exists() else 0

    def _sha256(self) -> str:
        with self._part.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def _continues(response: "requests.Response", have: int, size: int) -> bool:
    """Say whether the answer's first byte is number `have` of a file of `size` bytes."""
    if response.status_code == _PARTIAL:
        return response.headers.get("Content-Range", "").startswith(f"bytes {have}-") and response.headers["Content-Range"].endswith(
            (f"/{size}", "/*")
        )
    return have == 0 or response.status_code != _OK


def _reason(error: "requests.RequestException") -> str:
    """Say what went wrong, without the addresses inside the library's own text."""
    if error.response is not None:
        return f"the server answered {error.response.status_code}"
    return {
        "ConnectionError": "no connection",
        "ConnectTimeout": "no connection",
        "SSLError": "the server's certificate is not trusted",
    }.get(type(error).__name__, "the connection broke off")


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Wait until no other process brings this file. The lock goes with the process, so a killed one blocks nobody."""
    with target.with_name(target.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
