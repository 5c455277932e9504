"""An image built by `make image`, and what can be done with one: read its files and its configuration, run it.

Docker and podman run it by themselves; buildah, which wants neither a daemon nor a kernel's namespaces, runs it as root in a chroot.
"""

import json
import os
import shlex
import subprocess
import sys
import tarfile
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from localstack.stack import DEMO_MODEL, ROOT

CONTAINERS = ROOT / "containers"
TOOLS_OWN = ("HOME", "XDG_RUNTIME_DIR", "CONTAINERS_STORAGE_CONF", "DOCKER_HOST", "DOCKER_CONTEXT")
BUILD_SECONDS, RUN_SECONDS = 1200, 60
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")  # this machine's own: of a proxy too, if there is one


def said(*command: str | Path) -> str:
    """Return what a command has printed; its complaints are shown as they come."""
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, timeout=BUILD_SECONDS).stdout.strip()


def build(tag: str, base: str, sha256: str) -> subprocess.Popen[str]:
    """Begin to build the image with the demo model by build.sh, which `make image` runs; its output is one pipe."""
    ours = {"TAG": tag, "BASE": base, "MODEL": str(DEMO_MODEL.relative_to(ROOT)), "MODEL_SHA256": sha256}
    environment = _way_to_packages() | os.environ | ours
    return subprocess.Popen(
        [CONTAINERS / "build.sh"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def _way_to_packages() -> dict[str, str]:
    """Return the certificates and the index that this machine's own pip goes by: the build's pip knows neither."""
    asked = subprocess.run([sys.executable, "-m", "pip", "config", "get", "global.index-url"], capture_output=True, text=True, check=False)
    found = {"PIP_INDEX_URL": asked.stdout.strip(), "CA": str(CERTIFICATES) if CERTIFICATES.exists() else ""}
    return {name: value for name, value in found.items() if value}


class Image:
    """A built image, and one container of it that is never run in place: `close` removes it and whatever still runs."""

    def __init__(self, tag: str, builder: str) -> None:
        self._tag = tag
        self._buildah = builder == "buildah"
        self._tool = ("buildah", "--storage-driver", "vfs") if self._buildah else (builder,)
        self._label = f"pisar-test={uuid.uuid4().hex}"
        self._container = said(*self._tool, *(("from", "--pull-never", tag) if self._buildah else ("create", tag)))

    @property
    def config(self) -> dict[str, Any]:
        """The image's configuration: User, Entrypoint, Env and so on."""
        if self._buildah:
            return json.loads(said(*self._tool, "inspect", "--type", "image", self._tag))["Docker"]["config"]
        return json.loads(said(*self._tool, "image", "inspect", self._tag))[0]["Config"]

    @contextmanager
    def files(self) -> Iterator[Iterable[tarfile.TarInfo]]:
        """Everything in the image, in no order, names without a leading slash."""
        if self._buildah:
            command = ("tar", "-C", said(*self._tool, "mount", self._container), "-c", ".")
        else:
            command = (*self._tool, "export", self._container)
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process, tarfile.open(fileobj=process.stdout, mode="r|") as archive:
            yield archive
        assert process.returncode == 0

    def command(self, environment: Iterable[str], scratch: Path, *instead: str) -> tuple[str, ...]:
        """Return what runs the image as it says itself, or another program `instead`, as the image's user in this machine's network.

        It gets the variables named by `environment`, with the values that they have when it is started.
        """
        config = self.config
        entrypoint = instead or (*config["Entrypoint"], *(config.get("Cmd") or ()))
        if self._buildah:
            run: tuple[str, ...] = ("run", "--isolation", "chroot")
            what = (self._container, "--", *entrypoint)
        else:
            run = ("run", "--rm", "--network", "host", "--label", self._label, "--entrypoint", entrypoint[0])
            what = (self._tag, *entrypoint[1:])
        given = " ".join(f'--env {name}="${name}"' for name in environment)
        # buildah leaves files in TMPDIR where it is killed; the rest is how the tool finds its images or its daemon.
        own = [f"TMPDIR={scratch}", *(f"{name}={os.environ[name]}" for name in TOOLS_OWN if name in os.environ)]
        return "/bin/sh", "-c", f"exec {shlex.join(('env', *own, *self._tool, *run))} {given} {shlex.join(what)}"

    def run(self, scratch: Path, *program: str, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run a program of the image to its end."""
        command = self.command(environment or {}, scratch, *program)
        return subprocess.run(
            command, env={**os.environ, **(environment or {})}, capture_output=True, text=True, timeout=RUN_SECONDS, check=False
        )

    def close(self) -> None:
        """Remove the containers, those of docker's that outlived their client too; the image stays, and makes the next build quick."""
        left = [] if self._buildah else said(*self._tool, "ps", "-aq", "--filter", f"label={self._label}").split()
        for container in (*left, self._container):
            said(*self._tool, "rm", *(() if self._buildah else ("-f",)), container)
