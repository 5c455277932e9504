"""What is in the image, what is not, and what its megabytes are for."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from tarfile import TarInfo

import pytest

from localstack.stack import ROOT

from .images import Image
from .sizes import LARGEST_UNEXPLAINED_MB, LIMIT_MB, ROWS, lines, table

TOOLS = re.compile(r"(.+-)?(gcc|g\+\+|cc|c\+\+|cpp|ld|as|make|cmake|ninja|strip|git|pip|easy_install|uv|curl|wget)[\d.-]*")
FOLDERS = {"tests", ".git", "pip", "setuptools", "ensurepip", "demo", "localstack", "recipe", "terraform", "context"}
FILES = re.compile(
    r"\.env(\..+)?|.+\.(env|key|tfstate|tfvars|ogg|pkl|pt)|id_(rsa|ed25519)|\.netrc|\.pypirc|pip\.conf|credentials|\.gitignore|Dockerfile"
)


@pytest.fixture(scope="module")
def files(image: Image) -> dict[str, TarInfo]:
    with image.files() as files:
        return {file.name.removeprefix("./"): file for file in files}


def test_every_megabyte_has_its_reason_and_its_limit(files: dict[str, TarInfo]):
    found = table(files.values())
    print("", *lines(found), sep="\n")  # noqa: T201 - the table is what one runs this for
    assert {row.what: found[row.what] for row in ROWS if found[row.what] > row.limit_mb} == {}
    assert sum(found.values()) <= LIMIT_MB
    assert {name: file.size for name, file in files.items() if file.size > LARGEST_UNEXPLAINED_MB * 1e6 and "/ffmpeg" not in name} == {}


def test_nothing_is_in_it_that_only_a_build_or_a_test_needs(files: dict[str, TarInfo]):
    assert list(_unwanted(files)) == []


def test_what_is_ours_in_it_is_the_doors_and_the_package(files: dict[str, TarInfo]):
    ours = {name.removeprefix("opt/pisar/app/") for name in files if name.startswith("opt/pisar/app/") and name.endswith(".py")}
    written = {str(path.relative_to(ROOT / "src")) for path in (ROOT / "src" / "pisar").rglob("*.py")}
    doors = {path.name for path in (ROOT / "containers" / "transcriber").glob("*.py")}
    assert ours == doors | written


def test_its_user_owns_nothing_and_may_write_only_where_everybody_may(files: dict[str, TarInfo]):
    sticky = 0o1000
    assert [name for name, file in files.items() if file.uid != 0 and not file.name.startswith("./var")] == []
    assert [
        name for name, file in files.items() if not file.issym() and file.mode & 0o002 and not file.mode & sticky and not file.isdev()
    ] == []


def test_it_says_by_itself_what_is_run_and_by_whom(image: Image):
    config = image.config
    assert config["User"] == "pisar"
    assert (config["Entrypoint"], config["Cmd"]) == (["/opt/pisar/bin/python"], ["/opt/pisar/app/app.py"])
    assert config["WorkingDir"] == "/opt/pisar/app"
    assert list(config["ExposedPorts"]) == ["8080/tcp"]
    names = {line.partition("=")[0] for line in config["Env"]}
    assert names == {"PATH", "PISAR_HOST", "PISAR_MODEL", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}


def _unwanted(files: dict[str, TarInfo]) -> Iterator[str]:
    for name, file in files.items():
        path = PurePosixPath(name)
        is_tool = path.parent.name in {"bin", "sbin"} and TOOLS.fullmatch(path.name)
        if is_tool or (file.isdir() and path.name in FOLDERS) or (not file.isdir() and FILES.fullmatch(path.name)):
            yield name
        if path.parent == PurePosixPath("run/secrets") or path.suffix in {".a", ".o"}:
            yield name
