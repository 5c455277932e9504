"""The transcriber's image, built once, and the local cloud with that image as its transcriber."""

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from localstack.cloud.containers import Container
from localstack.stack import DEMO_MODEL, Stack, StackConfig
from tests.faults.conftest import eventually
from tests.support.processes import alive, descendants

from .images import CONTAINERS, Image, build, said

TAG = "localhost/pisar-transcriber-test"


class ImageStack(Stack):
    """The local cloud, whose transcriber is not the working tree's but an image's."""

    def __init__(self, image: Image, scratch: Path) -> None:
        # One thread: ggml's wait for one another spinning, and the cores are shared. Loopback: the network is this machine's.
        super().__init__(StackConfig(settings={"PISAR_THREADS": "1", "PISAR_HOST": "127.0.0.1"}))
        self._image, self._scratch = image, scratch

    def _make_functions(self) -> None:
        super()._make_functions()
        pool = self.transcriber._pool
        environment = {name: value for name, value in pool._environment.items() if name != "PISAR_MODEL"}  # the image has its own
        command = self._image.command((*environment, "PORT"), self._scratch)
        self.transcriber = Container("transcriber", command, environment, limits=pool.limits, on_line=self.logs.add)


@pytest.fixture(scope="session")
def base() -> str:
    return said(CONTAINERS / "base.sh")


@pytest.fixture(scope="session")
def image(base: str) -> Iterator[Image]:
    begun = time.monotonic()
    process = build(TAG, base, hashlib.sha256(DEMO_MODEL.read_bytes()).hexdigest())
    assert process.stdout is not None
    for line in process.stdout:
        print(f"  {time.monotonic() - begun:4.0f} s  {line.rstrip()[:140]}", flush=True)  # noqa: T201 - minutes of silence would look like a hang
    assert process.wait() == 0, "the image was not built"
    image = Image(TAG, said(CONTAINERS / "builder.sh"))
    yield image
    image.close()


@pytest.fixture(scope="session")
def stack(image: Image, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with ImageStack(image, tmp_path_factory.mktemp("run")) as stack:
        stack.warm_up()
        yield stack
        started = {pid for leader in stack.transcriber.pids() for pid in (leader, *descendants(leader))}
    eventually(lambda: not any(alive(pid) for pid in started), "the end of the image's processes", 10)
