"""Builds dist/<function>.zip, which the cloud runs as it is: the entry file, the package `pisar` and the function's locked requirements.

The same sources and locks give the same bytes: names are sorted, times and modes fixed, and the installed packages are those of the
lock, by their hashes. (Two zlibs may compress differently, and two patch releases of Python may compile differently; nothing else
counts.) Everything is compiled ahead, for the folder with the code may be read-only and a fraction of a core compiles for seconds.

Run: python functions/build.py [--out dist] [--python-version 3.12] [NAME…]
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parent.parent
FUNCTIONS = ROOT / "functions"
NAMES = tuple(sorted(path.parent.name for path in FUNCTIONS.glob("*/main.py")))

RUNTIME = "3.12"
"""The Python of the cloud's runtime, for which requirements/ are locked."""
PLATFORMS = ("manylinux_2_34_x86_64", "manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64")
"""What the runtime's system, Ubuntu 22.04 with glibc 2.35, loads."""
RUNTIME_FOLDER = "/function/code"
"""Where the cloud unpacks the zip: tracebacks name files there."""

MB = 1_000_000
MAX_DIRECT_BYTES = 3_500_000
"""A larger zip has to come from a bucket."""
MAX_ZIP_BYTES = 128 * MB
MAX_UNPACKED_BYTES = 680 * MB
"""Limits of the cloud's functions, read as decimal megabytes: it does not say, and these are the smaller ones."""

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The first moment a zip can tell."""

SERVICES = ("s3", "sqs")
"""What is asked of botocore, which describes some four hundred services."""

SERVES_THE_PAGE, PAGE = "jobs", "pisar/web/page/*"
"""The one function that serves the page for people, and the files of that."""
NOT_OURS = ("pisar/cli/*", "*/__pycache__/*", "pisar/adapters/model_wheels/*")  # no function hears, so none makes weights
DEAD_WEIGHT = (
    "bin/*",
    "*.dist-info/*",  # pydantic looks for plugins in them at every start and finds none; nobody else asks before something went wrong
    "*/tests/*",
    "*/test/*",
    "*.pyi",
    "*/py.typed",
    "*.pyx",
    "*.pxd",
    "*.pxi",
    "*.c",
    "*.h",
    "*.map",
    "boto3/data/*",  # for boto3.resource, which nobody calls
    "boto3/examples/*",
    "botocore/data/*/examples-1.json",
    "urllib3/contrib/emscripten/*",
    "swagger_ui_bundle/vendor/*/*-es-bundle*",
    "swagger_ui_bundle/vendor/*/*-standalone-preset.js",
    "swagger_ui_bundle/vendor/*/swagger-ui.js",
    "swagger_ui_bundle/vendor/*/*.html",
    "swagger_ui_bundle/vendor/*/*.j2",
    "swagger_ui_bundle/vendor/*/*.png",
)
"""What no call ever reads, by its path in the zip; `*` goes through folders."""

console = Console(highlight=False)


@dataclass(frozen=True, slots=True)
class Package:
    """A built zip, and what it weighs in bytes."""

    name: str
    zipped: int
    unpacked: int


def interpreter(version: str) -> str | None:
    """Return the path of an interpreter of that version ("3.12"), this one if it is, None if none is at hand."""
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    found = [shutil.which(f"python{version}"), *map(str, sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}")))]
    return next((path for path in found if path is not None and _runs(path)), None)


def _runs(path: str) -> bool:
    # A version manager's shim is on the path also for a version that is not chosen.
    return subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0


def install(lock: Path, version: str, into: Path) -> None:
    """Install what the lock names, for the cloud's machine, without dead weight; exit if pip can't."""
    options = ["--quiet", "--no-compile", "--no-deps", "--require-hashes", "--only-binary=:all:"]  # a lock is complete
    target = ["--python-version", version, "--implementation", "cp", "--abi", f"cp{version.replace('.', '')}"]
    platforms = [word for platform in PLATFORMS for word in ("--platform", platform)]
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", *options, *target, *platforms]
    done = subprocess.run([*command, "--target", str(into), "-r", str(lock)], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"pip could not install {lock.relative_to(ROOT)} for Python {version}:\n{done.stderr.strip()}")
    for path in _files(into):
        if _is_dead_weight(path.relative_to(into).as_posix()):
            path.unlink()


def _is_dead_weight(name: str) -> bool:
    described = name.removeprefix("botocore/data/") if name.startswith("botocore/data/") else ""
    foreign = "/" in described and described.split("/")[0] not in SERVICES
    return foreign or any(fnmatch(name, pattern) for pattern in DEAD_WEIGHT)


def copy_code(name: str, into: Path) -> None:
    """Copy the function's entry file and the package; all of it, since parts are found by name at run time."""
    left_out = NOT_OURS if name == SERVES_THE_PAGE else (*NOT_OURS, PAGE)
    into.mkdir()
    shutil.copyfile(FUNCTIONS / name / "main.py", into / "main.py")
    for path in _files(ROOT / "src" / "pisar"):
        inside = path.relative_to(ROOT / "src")
        if not any(fnmatch(inside.as_posix(), pattern) for pattern in left_out):
            (into / inside).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, into / inside)


def compile_ahead(folder: Path, python: str) -> None:
    """Compile every source in the folder. The .pyc hold no times and are not compared with their sources at an import."""
    command = [python, "-s", "-S", "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash"]
    paths = ["-s", str(folder), "-p", RUNTIME_FOLDER, str(folder)]
    # The order of a set's members, which a .pyc holds, comes from the seed.
    done = subprocess.run(
        [*command, *paths], capture_output=True, text=True, check=False, env={**os.environ, "PYTHONHASHSEED": "0"}, cwd=folder
    )
    if done.returncode:
        sys.exit(f"{python} could not compile:\n{(done.stdout + done.stderr).strip()}")


def write_zip(target: Path, folders: Sequence[Path]) -> Package:
    """Zip what the folders hold, side by side and in the order of names."""
    files = {path.relative_to(folder).as_posix(): path for folder in folders for path in _files(folder)}
    unpacked = 0
    with ZipFile(target, "w", ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            entry = ZipInfo(name, EPOCH)
            entry.create_system = 3  # Unix, whatever system builds
            entry.external_attr = 0o100644 << 16
            entry.compress_type = ZIP_DEFLATED
            content = files[name].read_bytes()
            unpacked += len(content)
            archive.writestr(entry, content, compresslevel=9)
    return Package(target.stem, target.stat().st_size, unpacked)


def _files(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.rglob("*") if path.is_file())


def build(names: Sequence[str], out: Path, version: str = RUNTIME) -> list[Package]:
    """Build the functions' zips into the folder, telling each step; exit if one can't be."""
    python = interpreter(version)
    told = f"compiled ahead by {python}" if python else "as sources: no such interpreter is at hand to compile ahead"
    console.print(f"For Python {version}, {told}.")
    out.mkdir(parents=True, exist_ok=True)
    packages: list[Package] = []
    with TemporaryDirectory() as scratch:
        shelves: dict[bytes, Path] = {}  # functions with the same lock share what was installed
        for name in names:
            started = time.monotonic()
            lock = ROOT / "requirements" / f"{name}.txt"
            shelf = shelves.get(lock.read_bytes())
            if shelf is None:
                console.print(f"{name}: installing {lock.relative_to(ROOT)}")
                shelf = shelves[lock.read_bytes()] = Path(scratch, f"{name}-packages")
                install(lock, version, shelf)
                if python:
                    compile_ahead(shelf, python)
            code = Path(scratch, name)
            copy_code(name, code)
            if python:
                compile_ahead(code, python)
            packages.append(write_zip(out / f"{name}.zip", (shelf, code)))
            console.print(f"{name}: built in {time.monotonic() - started:.1f} s")
    return packages


def too_large(packages: Sequence[Package]) -> list[str]:
    """Return a sentence for each limit that a package passes."""
    limits = (("zipped", MAX_ZIP_BYTES), ("unpacked", MAX_UNPACKED_BYTES))
    return [
        f"{package.name} is {getattr(package, how) / MB:.1f} MB {how}, and the cloud takes {limit / MB:.0f} MB."
        for package in packages
        for how, limit in limits
        if getattr(package, how) > limit
    ]


def table(packages: Sequence[Package]) -> Table:
    """Return the packages' weights as a table."""
    shown = Table("function", "zip", f"of {MAX_ZIP_BYTES / MB:.0f} MB", "unpacked", f"of {MAX_UNPACKED_BYTES / MB:.0f} MB", "upload")
    for column in shown.columns[1:5]:
        column.justify = "right"
    for package in packages:
        shown.add_row(
            package.name,
            f"{package.zipped / MB:.2f} MB",
            f"{package.zipped / MAX_ZIP_BYTES:.1%}",
            f"{package.unpacked / MB:.2f} MB",
            f"{package.unpacked / MAX_UNPACKED_BYTES:.1%}",
            "direct" if package.zipped <= MAX_DIRECT_BYTES else "from a bucket",
        )
    return shown


def main() -> None:
    """Build what is asked for and print what it weighs; exit with 1 if something passes a limit."""
    parser = argparse.ArgumentParser(description="Build the functions' zips.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"functions to build, all of them by default: {', '.join(NAMES)}")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="the folder for the zips (default: dist)")
    parser.add_argument("--python-version", default=RUNTIME, help=f"the Python they will run on (default: {RUNTIME}, the cloud's)")
    asked = parser.parse_args()
    if unknown := sorted(set(asked.names) - set(NAMES)):
        parser.error(f"no such function: {', '.join(unknown)}; there are {', '.join(NAMES)}")
    packages = build(asked.names or NAMES, asked.out, asked.python_version)
    console.print(table(packages))
    if passed := too_large(packages):
        sys.exit("\n".join(passed))


if __name__ == "__main__":
    main()
