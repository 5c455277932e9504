"""Fetches the page's foreign code from npm: `python -m docs.generators.page_vendor`, as requirements/page.toml lists it.

Two things in a file are changed: the import of "preact" becomes a relative one, since a browser knows no package names, and the comment
that names a source map goes.
"""

import re
import subprocess
import sys
import tarfile
import tomllib
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parents[2]
LIST = ROOT / "requirements" / "page.toml"
FOLDER = ROOT / "src" / "pisar" / "web" / "page" / "vendor"


def listed() -> dict[str, Any]:
    """Return the list: for each package its version, its archive's hash and its files."""
    return tomllib.loads(LIST.read_text(encoding="utf-8"))


def as_served(content: bytes) -> bytes:
    """Return a file of a package as the page has it."""
    relative = re.sub(rb'(from\s*)"preact"', rb'\1"./preact.mjs"', content)
    return re.sub(rb"\n//# sourceMappingURL=\S+", b"", relative)


def fetch(name: str, package: dict[str, Any]) -> dict[str, bytes]:
    """Return the package's files by the names that the page has for them; exit where a hash is another."""
    with TemporaryDirectory() as scratch:
        command = ["npm", "pack", "--silent", "--pack-destination", scratch, f"{name}@{package['version']}"]
        subprocess.run(command, check=True, cwd=scratch, stdout=subprocess.DEVNULL)
        (archive,) = Path(scratch).glob("*.tgz")
        _expect(archive.name, archive.read_bytes(), package["sha256"])
        with tarfile.open(archive) as opened:
            found = {target: opened.extractfile(f"package/{file['from']}") for target, file in package["files"].items()}
            files = {target: as_served(member.read()) for target, member in found.items() if member is not None}
    for target, content in files.items():
        _expect(target, content, package["files"][target]["sha256"])
    return files


def _expect(name: str, content: bytes, expected: str) -> None:
    if (found := sha256(content).hexdigest()) != expected:
        sys.exit(f"{name} has the SHA-256 {found}, and requirements/page.toml says {expected or 'none'}; nothing was written.")


def main() -> None:
    """Write the listed files, and remove others."""
    files = {target: content for name, package in listed().items() for target, content in fetch(name, package).items()}
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.iterdir():
        if path.name not in files:
            path.unlink()
    for target, content in files.items():
        (FOLDER / target).write_bytes(content)


if __name__ == "__main__":
    main()
