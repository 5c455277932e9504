"""The functions' zips as the cloud gets them: what is in them, what they weigh, and that each runs with nothing but itself.

They are built for the runtime's Python and run by it where one is at hand; elsewhere for the Python of the tests, so that what is
proven there is that a zip needs nothing beside it, but not that its compiled parts are the runtime's.
"""

import asyncio
import base64
import fcntl
import gzip
import json
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from functions import build
from localstack.cloud.clients import s3_client
from localstack.cloud.functions import Function
from localstack.cloud.storage import StorageServer
from localstack.stack import BUCKET, CREDENTIALS, ROOT
from pisar.adapters.object_storage import S3ObjectStore
from pisar.bot.texts import TEXTS
from pisar.state.api_keys import Keys
from tests.support import twins

SMALLEST, LARGEST = "authorizer", "webhook"
BUILT = ("authorizer", "callbacks", "dead_letters", "jobs", "uploads", "webhook")
each_package = pytest.mark.parametrize("name", BUILT)

VERSION = build.RUNTIME if build.interpreter(build.RUNTIME) else f"{sys.version_info.major}.{sys.version_info.minor}"
PYTHON = build.interpreter(VERSION) or sys.executable

SECRET = "hush"
NOWHERE = "http://127.0.0.1:1"
SETTINGS = CREDENTIALS | {
    "AWS_ENDPOINT_URL_S3": NOWHERE,
    "AWS_ENDPOINT_URL_SQS": NOWHERE,
    "PISAR_BUCKET": BUCKET,
    "PISAR_QUEUE_URL": f"{NOWHERE}/jobs",
    "PISAR_CALLBACK_QUEUE_URL": f"{NOWHERE}/callbacks",
    "TELEGRAM_BOT_TOKEN": "123456:AAF-made_up_for_packages",
    "TELEGRAM_API_URL": NOWHERE,
    "TELEGRAM_WEBHOOK_SECRET": SECRET,
    "TELEGRAM_ALLOWED_IDS": "*",
}
"""For every function: each reads what it needs."""

IMPORT = """
import json, sys, sysconfig
sys.path.insert(0, sys.argv[1])
import main
assert callable(main.handler)
files = {module.__file__ for module in sys.modules.values() if getattr(module, "__file__", None)}
print(json.dumps([sysconfig.get_path("stdlib"), sorted(files)]))
"""
READ_DATA = """
import sys
sys.path.insert(0, sys.argv[1])
from boto3.session import Session
Session().client("s3").get_paginator("list_objects_v2")
Session().client("sqs")
"""
KINDS = {".py", ".pyc", ".so", ".json", ".gz"}
"""Kinds of files that a package is made of. None of them is what keys, tokens and certificates are kept in."""
PAGE_KINDS = {".css", ".js", ".mjs", ".html", ".svg", ".txt", ".webmanifest"}
"""And those of the pages at / and at /docs."""
PAGES = ("swagger_ui_bundle/", "pisar/web/page/")
CERTIFICATES = {"botocore/cacert.pem", "certifi/cacert.pem"}
"""The public ones, of authorities."""


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The folder with the zips, in `first`, the smallest once more in `second`, and what they hold beside them. Built once a run."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "packages"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            for out, names in (("first", BUILT), ("second", [SMALLEST])):
                command = [sys.executable, str(ROOT / "functions" / "build.py"), "--python-version", VERSION, "--out", str(folder / out)]
                done = subprocess.run([*command, *names], capture_output=True, text=True, check=False)
                assert done.returncode == 0, done.stdout + done.stderr
            for name in BUILT:
                with ZipFile(folder / "first" / f"{name}.zip") as archive:
                    archive.extractall(folder / name)
            (folder / "ready").touch()
    return folder


def recorded(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((ROOT / "tests" / "data" / "events" / f"{name}.json").read_text(encoding="utf-8"))
    return event


def names_in(built: Path, name: str) -> list[str]:
    with ZipFile(built / "first" / f"{name}.zip") as archive:
        return archive.namelist()


def run_clean(folder: Path, code: str, settings: dict[str, str]) -> str:
    """Run the code with the folder and the standard library, and nothing else to import from; return what it prints."""
    done = subprocess.run([PYTHON, "-I", "-S", "-B", "-c", code, str(folder)], capture_output=True, text=True, check=False, env=settings)
    assert done.returncode == 0, done.stderr
    return done.stdout


@asynccontextmanager
async def running(built: Path, name: str, settings: dict[str, str]) -> AsyncIterator[Function]:
    """Give the packaged function, run as the local cloud runs functions."""
    function = Function(name, built / name, "main.handler", settings, python=PYTHON, on_line=lambda *_: None)
    try:
        yield function
    finally:
        await function.stop()


def test_every_function_is_packaged():
    assert tuple(sorted(path.parent.name for path in ROOT.glob("functions/*/main.py"))) == BUILT


def test_the_same_sources_give_the_same_bytes(built: Path):
    first, second = ((built / turn / f"{SMALLEST}.zip").read_bytes() for turn in ("first", "second"))
    assert first == second


@each_package
def test_a_package_keeps_to_the_limits_of_the_cloud(built: Path, name: str):
    archive = built / "first" / f"{name}.zip"
    assert archive.stat().st_size < build.MAX_ZIP_BYTES
    with ZipFile(archive) as opened:
        assert sum(entry.file_size for entry in opened.infolist()) < build.MAX_UNPACKED_BYTES


def test_what_passes_a_limit_is_named():
    fits = build.Package("fits", build.MAX_ZIP_BYTES, build.MAX_UNPACKED_BYTES)
    heavy = build.Package("heavy", 129 * build.MB, 681 * build.MB)
    assert build.too_large([fits, heavy]) == [
        "heavy is 129.0 MB zipped, and the cloud takes 128 MB.",
        "heavy is 681.0 MB unpacked, and the cloud takes 680 MB.",
    ]


def test_a_function_that_does_not_exist_is_refused_with_the_names_of_those_that_do():
    command = [sys.executable, str(ROOT / "functions" / "build.py"), "nobody"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "no such function: nobody; there are authorizer, " in done.stderr


@each_package
def test_the_entry_file_stands_at_the_root_as_it_is_in_the_repository(built: Path, name: str):
    with ZipFile(built / "first" / f"{name}.zip") as archive:
        assert archive.read("main.py") == (ROOT / "functions" / name / "main.py").read_bytes()


@each_package
def test_a_package_is_in_order_and_tells_nothing_of_when_and_by_whom_it_was_built(built: Path, name: str):
    with ZipFile(built / "first" / f"{name}.zip") as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries] == sorted({entry.filename for entry in entries})
    assert {(entry.date_time, entry.create_system, oct(entry.external_attr >> 16)) for entry in entries} == {(build.EPOCH, 3, "0o100644")}


@each_package
def test_nothing_useless_or_secret_is_in_a_package(built: Path, name: str):
    names = names_in(built, name)
    folders = {part for path in names for part in path.split("/")[:-1]}
    assert not {folder for folder in folders if folder in {"tests", "test", "bin", "cli"} or folder.endswith((".dist-info", ".egg-info"))}
    assert [
        path
        for path in names
        if Path(path).suffix not in (KINDS | PAGE_KINDS if path.startswith(PAGES) else KINDS) and path not in CERTIFICATES
    ] == []
    assert [path for path in names if path.rsplit("/", 1)[-1].startswith(".")] == []
    assert [path for path in names if path.startswith(("localstack/", "tests/"))] == []


@each_package
def test_no_twin_of_the_tests_is_in_a_package(built: Path, name: str):
    classes = {f"class {known}" for known, value in vars(twins).items() if getattr(value, "__module__", None) == twins.__name__}
    assert "class MemoryObjectStore" in classes
    with ZipFile(built / "first" / f"{name}.zip") as archive:
        ours = {path: archive.read(path).decode() for path in archive.namelist() if path.startswith("pisar/") and path.endswith(".py")}
    assert ours
    assert [path for path, source in ours.items() if any(re.search(rf"^{one}\b", source, re.MULTILINE) for one in classes)] == []


@each_package
def test_a_package_holds_our_texts_in_every_language(built: Path, name: str):
    assert {f"pisar/bot/texts/{language}.py" for language in TEXTS} <= set(names_in(built, name))


@each_package
def test_every_source_is_compiled_and_its_compiled_form_is_taken_without_a_look_at_the_source(built: Path, name: str):
    with ZipFile(built / "first" / f"{name}.zip") as archive:
        names = archive.namelist()
        flags = {archive.read(path)[4:8] for path in names if path.endswith(".pyc")}
    tag = VERSION.replace(".", "")
    compiled = {path for path in names if path.endswith(".pyc")}
    assert compiled == {
        (path.parent / "__pycache__" / f"{path.stem}.cpython-{tag}.pyc").as_posix() for path in map(Path, names) if path.suffix == ".py"
    }
    assert flags == {b"\x01\0\0\0"}


@each_package
def test_what_is_compiled_from_c_is_for_the_machine_and_the_python_of_the_cloud(built: Path, name: str):
    extensions = [path for path in names_in(built, name) if path.endswith(".so")]
    tag = f".cpython-{VERSION.replace('.', '')}-x86_64-linux-gnu.so"
    assert [path for path in extensions if not path.endswith((tag, ".abi3.so"))] == []


@each_package
def test_a_package_imports_nothing_but_itself_and_the_standard_library(built: Path, name: str):
    stdlib, files = json.loads(run_clean(built / name, IMPORT, SETTINGS))
    assert [file for file in files if not file.startswith((f"{built / name}/", f"{stdlib}/"))] == []


@each_package
def test_a_package_has_all_that_boto3_reads_for_storage_and_queue(built: Path, name: str):
    run_clean(built / name, READ_DATA, SETTINGS)


def test_the_packaged_authorizer_finds_a_key_in_the_storage_and_refuses_another(built: Path, monkeypatch: pytest.MonkeyPatch):
    for variable, value in CREDENTIALS.items():
        monkeypatch.setenv(variable, value)
    event = recorded("authorizer_api_key")

    async def decisions() -> list[bool]:
        storage = StorageServer()
        url = await storage.start()
        try:
            s3_client(url).create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "ru-central1"})
            key = Keys(S3ObjectStore(BUCKET, endpoint_url=url)).create("package", now=0).key
            async with running(built, SMALLEST, SETTINGS | {"AWS_ENDPOINT_URL_S3": url}) as authorizer:
                answers = [await authorizer.invoke({**event, "headers": {"X-Api-Key": shown}}) for shown in (key, f"{key}x")]
            return [answer["isAuthorized"] for answer in answers]
        finally:
            await storage.stop()

    assert asyncio.run(decisions()) == [True, False]


def test_the_packaged_jobs_function_alone_has_the_page_and_serves_all_that_it_names(built: Path):
    files = {name: [path for path in names_in(built, name) if path.startswith("pisar/web/page/")] for name in BUILT}
    assert [name for name, inside in files.items() if inside] == ["jobs"]
    event = {**recorded("gateway_1_0"), "httpMethod": "GET", "body": "", "isBase64Encoded": False, "headers": {"Accept-Encoding": "gzip"}}

    async def answers() -> list[dict[str, Any]]:
        async with running(built, "jobs", SETTINGS) as jobs:
            index = await jobs.invoke({**event, "path": "/", "resource": "/"})
            text = gzip.decompress(base64.b64decode(index["body"])).decode()
            named = re.findall(r'(?:src|href)="([^"]+)"', text)
            files = [await jobs.invoke({**event, "path": f"/{name}", "resource": "/page/{version}/{file+}"}) for name in named]
            return [index, *files]

    found = asyncio.run(answers())
    assert len(found) > 3
    assert {(answer["statusCode"], answer["headers"]["Content-Encoding"]) for answer in found} == {(200, "gzip")}
    assert f"connect-src 'self' {NOWHERE};" in found[0]["headers"]["Content-Security-Policy"]


def test_the_packaged_webhook_reads_an_update_and_lets_no_one_in_without_the_secret(built: Path):
    event = {**recorded("gateway_1_0"), "httpMethod": "POST", "body": '{"update_id": 0}', "isBase64Encoded": False}

    async def statuses() -> list[int]:
        async with running(built, LARGEST, SETTINGS) as webhook:
            shown = [{"X-Telegram-Bot-Api-Secret-Token": secret} for secret in (SECRET, "wrong")]
            return [(await webhook.invoke({**event, "headers": headers}))["statusCode"] for headers in shown]

    assert asyncio.run(statuses()) == [200, 403]
