"""Models come whole, once and right, from a server (real sockets) that breaks off, ignores what it is asked, and lies."""

import hashlib
import multiprocessing
import os
import re
import socket
import sys
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain, repeat
from pathlib import Path
from threading import Thread

import pytest

from pisar.adapters import model_hub
from pisar.adapters.model_files import MODELS, ModelFile, locate_model
from pisar.errors import Misconfigured

BODY = b"lmgg" + bytes(range(256)) * 12_000  # 3 MB: many chunks
CHUNK = 64 * 1024
MODEL = ModelFile(len(BODY), hashlib.sha256(BODY).hexdigest())


@dataclass
class Publisher:
    """Serves BODY under every path. `breaks`: how many bytes each answer carries before it breaks off, in turn."""

    body: bytes = BODY
    breaks: list[int] = field(default_factory=list)
    ranges: bool = True
    status: int | None = None
    seen: list[tuple[str, str | None]] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def publisher():
    it = Publisher()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked = self.headers["Range"]
            it.seen.append((self.path, asked))
            if it.status:
                self.send_error(it.status)
                return
            start = int(re.fullmatch(r"bytes=(\d+)-", asked)[1]) if asked and it.ranges else 0
            if start >= len(it.body) and start:
                self.send_error(416)
                return
            self.send_response(206 if asked and it.ranges else 200)
            if asked and it.ranges:
                self.send_header("Content-Range", f"bytes {start}-{len(it.body) - 1}/{len(it.body)}")
            self.send_header("Content-Length", str(len(it.body) - start))
            self.end_headers()
            self.wfile.write(it.body[start:][: it.breaks.pop(0) if it.breaks else None])

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    it.url = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, daemon=True).start()
    yield it
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def _published(monkeypatch):
    monkeypatch.setitem(MODELS, "test", MODEL)


def files(cache: Path) -> set[str]:
    return {path.name for path in cache.iterdir()} - {"ggml-test.bin.lock"}


def failure(publisher: Publisher, cache: Path) -> str:
    with pytest.raises(Misconfigured) as caught:
        locate_model("test", cache=cache, base_url=publisher.url)
    return str(caught.value)


def test_a_path_that_exists_is_used_as_it_is(publisher, tmp_path):
    (tmp_path / "mine.bin").write_bytes(b"x")
    assert locate_model(str(tmp_path / "mine.bin"), cache=tmp_path / "cache", base_url=publisher.url) == tmp_path / "mine.bin"
    assert publisher.seen == []
    assert not (tmp_path / "cache").exists()


def test_a_name_is_downloaded_once(publisher, tmp_path):
    cache = tmp_path / "new" / "cache"
    found = [locate_model("test", cache=cache, base_url=publisher.url + "/") for _ in range(2)]
    assert found == [cache / "ggml-test.bin"] * 2
    assert found[0].read_bytes() == BODY
    assert files(cache) == {"ggml-test.bin"}
    assert publisher.seen == [("/ggml-test.bin", None)]


def test_an_unknown_name_lists_the_known_ones(publisher, tmp_path):
    with pytest.raises(Misconfigured, match=r"PISAR_MODEL='tinny'.*tiny, .*large-v3-turbo"):
        locate_model("tinny", cache=tmp_path, base_url=publisher.url)


def test_a_path_that_does_not_exist_is_told_from_a_name(publisher, tmp_path):
    with pytest.raises(Misconfigured, match="no file is there"):
        locate_model("models/ggml-x.bin", cache=tmp_path, base_url=publisher.url)


def test_a_download_that_breaks_off_goes_on_where_it_stopped(publisher, tmp_path):
    publisher.breaks = [15 * CHUNK, 8 * CHUNK]
    assert locate_model("test", cache=tmp_path, base_url=publisher.url).read_bytes() == BODY
    assert publisher.seen == [("/ggml-test.bin", one) for one in (None, f"bytes={15 * CHUNK}-", f"bytes={23 * CHUNK}-")]


def test_what_an_earlier_process_brought_is_not_fetched_again(publisher, tmp_path):
    (tmp_path / "ggml-test.bin.part").write_bytes(BODY[:2_000_000])
    assert locate_model("test", cache=tmp_path, base_url=publisher.url).read_bytes() == BODY
    assert publisher.seen == [("/ggml-test.bin", "bytes=2000000-")]


def test_a_server_that_ignores_ranges_sends_it_all_again(publisher, tmp_path):
    publisher.ranges, publisher.breaks = False, [1_000_000]
    assert locate_model("test", cache=tmp_path, base_url=publisher.url).read_bytes() == BODY
    assert len(publisher.seen) == 2


def test_a_part_of_another_file_is_thrown_away(publisher, tmp_path):
    publisher.body = BODY[:1_000_000]  # 416 for the part at hand, and too short besides
    (tmp_path / "ggml-test.bin.part").write_bytes(BODY[:2_000_000])
    assert "could not be downloaded" in failure(publisher, tmp_path)
    assert publisher.seen[1] == ("/ggml-test.bin", None)


def test_a_file_whose_size_has_changed_is_not_stitched_together(publisher, tmp_path):
    publisher.body = BODY + b"more"
    (tmp_path / "ggml-test.bin.part").write_bytes(b"y" * 1_000_000)
    assert locate_model("test", cache=tmp_path, base_url=publisher.url).read_bytes() == BODY
    assert publisher.seen == [("/ggml-test.bin", "bytes=1000000-"), ("/ggml-test.bin", None)]


@pytest.mark.parametrize("body", [bytes(len(BODY)), bytes(len(BODY) + 5_000_000)], ids=["other bytes", "far more bytes"])
def test_a_file_that_is_not_the_published_one_is_removed(publisher, tmp_path, body):
    publisher.body = body
    assert "SHA-256 is wrong" in failure(publisher, tmp_path)
    assert files(tmp_path) == set()


def test_after_a_wrong_file_the_next_start_downloads_anew(publisher, tmp_path):
    publisher.body = bytes(len(BODY))
    failure(publisher, tmp_path)
    publisher.body = BODY
    assert locate_model("test", cache=tmp_path, base_url=publisher.url).read_bytes() == BODY


def test_a_server_that_keeps_breaking_off_is_given_up_and_what_came_is_kept(publisher, tmp_path):
    publisher.breaks = list(chain([15 * CHUNK], repeat(0, 50)))
    assert "could not be downloaded (the connection broke off)" in failure(publisher, tmp_path)
    assert files(tmp_path) == {"ggml-test.bin.part"}
    assert (tmp_path / "ggml-test.bin.part").read_bytes() == BODY[: 15 * CHUNK]
    assert len(publisher.seen) == 1 + model_hub.ATTEMPTS


def test_a_missing_file_is_asked_for_once(publisher, tmp_path):
    publisher.status = 404
    assert "could not be downloaded (the server answered 404)" in failure(publisher, tmp_path)
    assert len(publisher.seen) == 1


def test_a_server_in_trouble_is_asked_again(publisher, tmp_path):
    publisher.status = 503
    assert "(the server answered 503)" in failure(publisher, tmp_path)
    assert len(publisher.seen) == model_hub.ATTEMPTS


def test_without_a_network_the_operator_learns_what_to_fetch_and_where_to_put_it(publisher, tmp_path):
    nowhere = "http://127.0.0.1:9"  # discard: nobody listens
    publisher.url = nowhere
    assert failure(publisher, tmp_path / "models") == (
        f"ggml-test.bin could not be downloaded (no connection). Fetch {nowhere}/ggml-test.bin by hand and set PISAR_MODEL to the path "
        "of the file, or put it into the model folder (models/) under that name. The models base and tiny.en come from the package index "
        "where the hub can't be reached"
    )


def test_a_hub_that_takes_calls_and_says_nothing_is_given_up_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(model_hub, "REACH_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # the system takes the calls, and nobody ever answers them
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(Misconfigured, match=r"could not be downloaded \(no connection\)"):
            locate_model("test", cache=tmp_path, base_url=url)
        silent.setblocking(False)
        calls = [silent.accept()[0] for _ in range(model_hub.UNREACHED_ATTEMPTS)]
        with pytest.raises(BlockingIOError):
            silent.accept()
    for call in calls:
        call.close()


def test_a_full_disk_is_named(publisher, tmp_path):
    (tmp_path / "ggml-test.bin.part").symlink_to("/dev/full")
    assert failure(publisher, tmp_path) == f"ggml-test.bin ({len(BODY):,} bytes) can't be written to the model folder: the disk is full"


def test_a_folder_that_can_not_be_made_is_named(publisher, tmp_path):
    (tmp_path / "file").write_text("")
    assert "can't be written to the model folder: Not a directory" in failure(publisher, tmp_path / "file" / "models")


def _bring(url: str, cache: str) -> bytes:
    MODELS["test"] = MODEL
    return locate_model("test", cache=Path(cache), base_url=url).read_bytes()


def test_processes_that_want_the_same_model_at_once_bring_it_once(publisher, tmp_path):
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        bodies = pool.starmap(_bring, [(publisher.url, str(tmp_path))] * 3)
    assert bodies == [BODY] * 3
    assert len(publisher.seen) == 1


def test_a_lock_left_by_a_killed_process_stops_nobody(publisher, tmp_path):
    (tmp_path / "ggml-test.bin.lock").write_text(str(os.getpid()))
    assert locate_model("test", cache=tmp_path, base_url=publisher.url).read_bytes() == BODY


def test_nothing_is_told_unless_asked_for(publisher, tmp_path, capsys):
    locate_model("test", cache=tmp_path, base_url=publisher.url)
    assert capsys.readouterr() == ("", "")


def test_a_log_gets_one_line(publisher, tmp_path, capsys):
    locate_model("test", cache=tmp_path, base_url=publisher.url, progress=True)
    assert capsys.readouterr() == ("", "ggml-test.bin: 3 MB to download\n")


def test_a_terminal_gets_a_bar(publisher, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    locate_model("test", cache=tmp_path, base_url=publisher.url, progress=True)
    told = capsys.readouterr().err
    assert "ggml-test.bin: 100%" in told
    assert "to download" not in told


def test_every_known_model_has_a_sum_of_its_own():
    assert all(re.fullmatch("[0-9a-f]{64}", model.sha256) for model in MODELS.values())
    assert len({model.sha256 for model in MODELS.values()}) == len({model.size for model in MODELS.values()}) == len(MODELS)
