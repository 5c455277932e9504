"""npm packages by exact versions and hashes, for programs that only tests run.

`npm.py lock SET` resolves what requirements/SET-npm.json wants anew and writes the packages into it; `npm.py lay SET` lays them into
build/SET-npm/node_modules. The list is what npm's own lock says, without its download addresses: `npm ci` reads it as a lock, and refuses a
package whose content has another hash. No package's install scripts are run. It needs Python's standard library alone.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
KEPT = ("version", "integrity", "dependencies", "peerDependencies", "peerDependenciesMeta", "bin", "engines", "peer", "optional")


def main(verb: str, name: str) -> None:
    """Lock a set, or lay it."""
    listed, folder = ROOT / "requirements" / f"{name}-npm.json", ROOT / "build" / f"{name}-npm"
    packages: dict[str, Any] = json.loads(listed.read_text(encoding="utf-8"))
    folder.mkdir(parents=True, exist_ok=True)
    package = {"private": True, "type": "module", "dependencies": packages["wanted"]}
    (folder / "package.json").write_text(json.dumps(package), encoding="utf-8")
    lock = folder / "package-lock.json"
    if verb == "lock":
        lock.unlink(missing_ok=True)
        _npm(folder, "install", "--package-lock-only")
        found = json.loads(lock.read_text(encoding="utf-8"))["packages"]
        packages["packages"] = {path: {key: one[key] for key in KEPT if key in one} for path, one in sorted(found.items()) if path}
        listed.write_text(json.dumps(packages, indent=1) + "\n", encoding="utf-8")
    else:
        laid = {"": {"dependencies": packages["wanted"]}, **packages["packages"]}
        lock.write_text(json.dumps({"lockfileVersion": 3, "requires": True, "packages": laid}), encoding="utf-8")
        _npm(folder, "ci")


def _npm(folder: Path, *words: str) -> None:
    command = ["npm", *words, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main(*sys.argv[1:])
