"""What strangers, broken programs and tests of patience send to the HTTP API: each is told what is wrong, and nothing of it stays."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from localstack.cloud.gateway import MAX_BODY_BYTES
from localstack.stack import Stack
from pisar.state.api_keys import Keys
from tests.fuzz.sounds import flac, wav
from tests.support.processes import descendants

from .conftest import SPOKEN, Api, Ffmpeg, eventually, voice

WAITING = ("audio/", "line/")
KEPT = ("jobs/", "incoming/", "owned/", *WAITING)
TRANSCRIBE, OPENAI, TRANSLATE = "/transcribe", "/v1/audio/transcriptions", "/v1/audio/translations"
DOORS = (TRANSCRIBE, OPENAI, TRANSLATE)
FORM = "multipart/form-data; boundary=B"
NOBODYS = "0" * 32
QUICKLY_SECONDS = 10
MANY = 5000
LITTLE_MEMORY_KB = 128 * 1024
"""Ten hours are 2.2 GB as the samples that the engine takes, and the 15 minutes that are allowed 29 MB as ffmpeg gives them."""


def part(name: str, content: bytes | str, file: str | None = None, *, headers: str = "", disposition: str | None = None) -> bytes:
    """Return a part of a form, which may be as wrong as it likes."""
    named = f'form-data; name="{name}"' + ("" if file is None else f'; filename="{file}"')
    head = f"--B\r\nContent-Disposition: {named if disposition is None else disposition}\r\n{headers}\r\n"
    return head.encode() + (content.encode() if isinstance(content, str) else content) + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--B--\r\n"


def options(**fields: str) -> bytes:
    return form(VOICE, *(part(name, value) for name, value in fields.items()))


VOICE = part("file", voice(), "voice.ogg")


@dataclass(frozen=True)
class Asking:
    """A client, and what it may ask with."""

    api: Api
    url: str

    def send(self, path: str, body: bytes, media_type: str | None = FORM, **headers: str | bytes) -> requests.Response:
        """POST a body as it is."""
        named = {name.replace("_", "-"): value for name, value in headers.items()} | ({"Content-Type": media_type} if media_type else {})
        return self.api.post(self.url + path, data=body, headers={"X-API-Key": self.api.key} | named, timeout=60)

    def get(self, path: str, method: str = "GET") -> requests.Response:
        """Ask for an address exactly as it is spelled."""
        request = requests.Request(method, self.url, headers={"X-API-Key": self.api.key}).prepare()
        request.url = self.url + path
        return self.api.send(request, timeout=60)


@pytest.fixture
def ask(stack: Stack, api: Api) -> Asking:
    return Asking(api, stack.api_url)


def kept(stack: Stack) -> list[str]:
    """Return what is kept, in one look: every test here takes two."""
    return sorted(key for key in stack.store().keys("") if key.startswith(KEPT))


def held_open(pid: int) -> list[str]:
    """Return the files without a name that a process holds open, as temporary ones are."""
    found = []
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = str(link.readlink())
        except OSError:  # closed meanwhile
            continue
        if target.endswith(" (deleted)") and not target.startswith("/memfd:"):
            found.append(target)
    return found


@pytest.fixture(autouse=True)
def _nothing_stays(stack: Stack) -> Iterator[None]:
    """No job is made, no audio kept, no file held open and no program left running."""

    def at_rest() -> tuple[list[str]] | None:
        found = kept(stack)
        return None if any(key.startswith(WAITING) for key in found) else (found,)

    (before,) = eventually(at_rest, "the end of what other tests have begun")
    yield
    assert kept(stack) == before
    for pid in stack.transcriber.pids():
        assert held_open(pid) == []
        assert descendants(pid) == set()


def assert_refused(answer: requests.Response, status: int, code: str) -> None:
    """The answer is an error of ours, in the shape of the door that was asked."""
    said = answer.json()
    shape = {"message", "type", "param", "code"} if answer.request.path_url.startswith("/v1/") else {"message", "code"}
    assert (answer.status_code, said["error"]["code"], said.keys(), said["error"].keys()) == (status, code, {"error"}, shape)
    assert said["error"]["message"]


# Forms

NOT_A_FORM: Mapping[str, tuple[bytes, str | None, int, str]] = {
    "without a media type": (form(VOICE), None, 415, "unsupported_media_type"),
    "of another media type": (form(VOICE), "application/json", 415, "unsupported_media_type"),
    "of a related media type": (form(VOICE), "multipart/mixed; boundary=B", 415, "unsupported_media_type"),
    "urlencoded": (b"file=voice.ogg", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
    "the bare audio": (voice(), "audio/ogg", 415, "unsupported_media_type"),
    "without a boundary": (form(VOICE), "multipart/form-data", 400, "bad_request"),
    "with an empty boundary": (form(VOICE), "multipart/form-data; boundary=", 400, "bad_request"),
    "with another boundary": (form(VOICE), "multipart/form-data; boundary=C", 400, "bad_request"),
    "with half a quote around the boundary": (form(VOICE), 'multipart/form-data; boundary="B', 400, "bad_request"),
    "with a boundary that is too long": (form(VOICE), f"multipart/form-data; boundary={'B' * 300}", 400, "bad_request"),
    "with a boundary that is not ASCII": (form(VOICE), "multipart/form-data; boundary=\xff", 400, "bad_request"),
    "empty": (b"", FORM, 400, "bad_request"),
    "without a part": (form(), FORM, 400, "no_file"),
    "cut off in the file": (VOICE[:500], FORM, 400, "bad_request"),
    "cut off before its end": (form(VOICE)[:-8], FORM, 400, "bad_request"),
    "of noise": (bytes(range(256)) * 40, FORM, 400, "bad_request"),
    "without a file": (form(part("language", "ru")), FORM, 400, "no_file"),
    "with the file under another name": (form(part("audio", voice(), "voice.ogg")), FORM, 400, "no_file"),
    "with the file under no name": (form(part("", voice(), "voice.ogg")), FORM, 400, "no_file"),
    "with the file as a text": (form(part("file", voice())), FORM, 400, "no_file"),
    "with the file and a text of its name": (form(VOICE, part("file", "x")), FORM, 400, "no_file"),
    "with two files": (form(VOICE, VOICE), FORM, 400, "bad_request"),
    "with an option as a file": (form(VOICE, part("language", "ru", "language.txt")), FORM, 400, "bad_request"),
    "with a part without headers": (b"--B\r\n\r\nx\r\n" + form(VOICE), FORM, 400, "bad_request"),
    "with a part without a name": (form(VOICE, part("", "x", disposition="form-data")), FORM, 400, "bad_request"),
    "with thousands of headers": (
        form(part("file", voice(), "a.ogg", headers="".join(f"X-{n}: y\r\n" for n in range(MANY)))),
        FORM,
        400,
        "bad_request",
    ),
    "with a header of 100 KB": (form(part("file", voice(), "a.ogg", headers=f"X-A: {'y' * 100_000}\r\n")), FORM, 400, "bad_request"),
    "with thousands of fields": (form(VOICE, *(part(f"field{n}", "x") for n in range(MANY))), FORM, 400, "bad_request"),
    "with a file's name of 10,000 characters": (form(part("file", voice(), "a" * 10_000)), FORM, 400, "bad_request"),
    "with a field's name of 10,000 characters": (form(VOICE, part("a" * 10_000, "x")), FORM, 400, "bad_request"),
    "with an empty file": (form(part("file", b"", "voice.ogg")), FORM, 400, "no_file"),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("what", NOT_A_FORM)
def test_a_body_is_refused_that_is(ask: Asking, what: str, door: str):
    body, media_type, status, code = NOT_A_FORM[what]
    assert_refused(ask.send(door, body, media_type), status, code)


NOT_AUDIO = {
    "1 byte": b"O",
    "a text": b"this is a letter\n" * 100,
    "a broken Ogg": b"OggS" + bytes(500),
    "zeros": bytes(100_000),
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(500),
    "a playlist": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
    "a concat script": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "a page": b"<!DOCTYPE html><title>x</title>",
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("what", NOT_AUDIO)
def test_a_file_is_refused_that_holds(ask: Asking, what: str, door: str):
    answer = ask.send(door, form(part("file", NOT_AUDIO[what], "voice.ogg")))
    assert_refused(answer, 400, "cannot_decode")
    told = {"a picture": "a picture.", "a playlist": "a playlist,", "a concat script": "a playlist,", "a page": "a page of the web;"}
    expected = f": it is {told[what]}" if what in told else "."
    assert answer.json()["error"]["message"].startswith(f"The file can't be read as audio or video{expected}")


@pytest.mark.parametrize("door", DOORS)
def test_a_video_without_sound_is_refused(ask: Asking, ffmpeg: Ffmpeg, door: str):
    mute = ffmpeg("-f", "lavfi", "-i", "color=black:size=64x64:rate=5", "-t", "1", "-pix_fmt", "yuv420p", "mute.mp4")
    assert_refused(ask.send(door, form(part("file", mute, "mute.mp4"))), 400, "no_audio_track")


@pytest.mark.parametrize("door", DOORS)
def test_sound_of_a_rate_or_of_channels_that_nobody_records_is_refused(ask: Asking, door: str):
    began = time.monotonic()
    for sound, told in ((flac(1, 1), "1 Hz, channels: 1;"), (wav(48_000, 17), "48000 Hz, channels: 17;")):
        answer = ask.send(door, form(part("file", sound, "a.wav")))
        assert_refused(answer, 400, "unsupported_sound")
        assert told in answer.json()["error"]["message"]
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("door", DOORS)
def test_a_track_is_chosen_by_its_number_and_refused_if_it_is_not_there(ask: Asking, ffmpeg: Ffmpeg, door: str):
    two = ffmpeg("-f", "lavfi", "-i", "anullsrc=d=1", "-f", "lavfi", "-i", "anullsrc=d=1", "-map", "0", "-map", "1", "two.mka")
    film = part("file", two, "two.mka")
    assert ask.send(door, form(film, part("track", "2"))).status_code == 200
    answer = ask.send(door, form(film, part("track", "3")))
    assert_refused(answer, 422, "no_such_track")
    assert answer.json()["error"]["message"] == "There is no audio track 3: the file has 2, counted from 1."


def memory_kb(pid: int, name: str) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith(f"{name}:")).split()[1])


@pytest.mark.parametrize("door", DOORS)
def test_ten_hours_of_silence_are_refused_quickly_and_in_little_memory(ask: Asking, stack: Stack, ffmpeg: Ffmpeg, door: str):
    long = ffmpeg("-f", "lavfi", "-i", "anullsrc=r=4000:cl=mono", "-t", "36000", "-c:a", "flac", "-frame_size", "16384", "long.flac")
    assert 1000 < len(long) < 1_000_000
    ask.send(door, form())  # an instance runs
    (pid,) = stack.transcriber.pids()
    Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak begins anew
    before = memory_kb(pid, "VmRSS")
    answer = ask.send(door, form(part("file", long, "long.flac")))
    assert answer.elapsed.total_seconds() < QUICKLY_SECONDS
    if door == TRANSCRIBE:  # it became a job, which would be cut
        assert answer.status_code == 202, answer.text
        job, keyed = f"{stack.api_url}/jobs/{answer.json()['id']}", {"X-API-Key": stack.api_key}
        ended = eventually(lambda: (now := requests.get(job, headers=keyed, timeout=30).json())["state"] == "failed" and now, "a refusal")
        assert ended["error"]["code"] == "too_long"
        for kept in [key for prefix in ("jobs/", "owned/") for key in stack.store().keys(prefix) if ended["id"] in key]:
            stack.store().delete(kept)  # the other tests of this file leave no job behind
    else:
        assert_refused(answer, 413, "too_long")
    assert memory_kb(pid, "VmHWM") - before < LITTLE_MEMORY_KB


@pytest.mark.parametrize("door", DOORS)
def test_a_request_at_the_gateways_limit_is_looked_at_and_one_byte_more_is_not(ask: Asking, door: str):
    room = MAX_BODY_BYTES - len(form(part("file", b"", "a.ogg")))
    assert_refused(ask.send(door, form(part("file", bytes(room), "a.ogg"))), 400, "cannot_decode")
    answer = ask.send(door, form(part("file", bytes(room + 1), "a.ogg")))
    assert (answer.status_code, answer.json()) == (413, {"message": "the request is over the limit of 2.5 MB"})


BAD_OPTIONS = [
    ("language", "klingon"),
    ("language", "r"),
    ("language", "ru,en"),
    ("language", "../etc/passwd"),
    ("language", "r\0u"),
    ("language", "ру"),
    ("language", "undefined"),
    ("language", "7"),
    ("temperature", "warm"),
    ("temperature", "-0.1"),
    ("temperature", "1.01"),
    ("temperature", "1e999"),
    ("temperature", "nan"),
    ("temperature", "-inf"),
    ("temperature", "true"),
    ("temperature", "0,0,5"),
    ("temperature", "1,5"),
    ("track", "0"),
    ("track", "two"),
    ("track", "1.5"),
    ("response_format", "docx"),
    ("response_format", "diarized_json"),
    ("response_format", "json,text"),
    ("response_format", "__class__"),
]
OUR_OPTIONS = [
    ("task", "sing"),
    ("task", "1"),
    ("wait", "soon"),
    ("wait", "-1"),
    ("wait", "nan"),
    ("wait", "-inf"),
    ("langauge", "ru"),
    ("model", "whisper-1"),
    ("callback_url", "http://localhost/"),
    ("{0}", "x"),
    ("%s", "x"),
]
OPENAI_OPTIONS = [
    ("timestamp_granularities[]", "letter"),
    ("timestamp_granularities[]", "word"),  # without verbose_json
    ("include[]", "logprobs"),
    ("known_speaker_names[]", "agent"),
    ("langauge", "ru"),
    ("task", "translate"),
    ("wait", "5"),
    ("stream", "maybe"),
    ("stream", "2"),
]


@pytest.mark.parametrize(
    ("door", "name", "value"),
    [
        *((door, *pair) for door in DOORS for pair in BAD_OPTIONS),
        *((TRANSCRIBE, *pair) for pair in OUR_OPTIONS),
        *((door, *pair) for door in (OPENAI, TRANSLATE) for pair in OPENAI_OPTIONS),
    ],
)
def test_a_wrong_option_is_refused_by_its_name(ask: Asking, door: str, name: str, value: str):
    answer = ask.send(door, options(**{name: value}))
    assert_refused(answer, 422, "bad_option")
    error = answer.json()["error"]
    assert name in error["message"]
    assert error.get("param", name) == name


@pytest.mark.parametrize(
    ("door", "name"),
    [
        *((door, name) for door in DOORS for name in ("language", "prompt", "temperature", "track", "response_format")),
        *((TRANSCRIBE, name) for name in ("task", "wait")),
        *((door, "stream") for door in (OPENAI, TRANSLATE)),
    ],
)
def test_an_option_that_comes_twice_is_refused(ask: Asking, door: str, name: str):
    twice = form(VOICE, part(name, "0"), part(name, "1"))
    assert_refused(ask.send(door, twice), 422, "bad_option")


FILE_NAMES = [
    "../../etc/passwd",
    "/etc/passwd",
    "..\\..\\windows\\win.ini",
    "voice\0.ogg",
    "\u202egpj.ogg",
    "a" * 3900 + ".ogg",
    "",
    " ",
    "$(reboot).ogg",
    "voice.ogg; rm -rf .",
    "-i.ogg",
    "con.ogg",
    "\U0001f3a4",
]


@pytest.mark.parametrize("door", [TRANSCRIBE, OPENAI])
@pytest.mark.parametrize("name", FILE_NAMES, ids=[ascii(name)[:30] for name in FILE_NAMES])
def test_what_a_file_is_called_changes_nothing(ask: Asking, name: str, door: str):
    answer = ask.send(door, form(part("file", voice(), name)))
    said = answer.json()
    assert (answer.status_code, said.get("transcription", said.get("text"))) == (200, SPOKEN["ru-1.ogg"])


DATA = Path(__file__).parents[1] / "data" / "api"
RECORDED = "multipart/form-data; boundary=xxBOUNDxx"


@pytest.mark.parametrize("door", DOORS)
def test_a_form_as_some_clients_write_it_is_taken(ask: Asking, door: str):
    """A preamble before it, and a file whose name is only there encoded, as RFC 5987 has it."""
    body = b"This is a message with multiple parts in MIME format.\r\n" + (DATA / "filename_star.multipart").read_bytes()
    answer = ask.send(door, body, RECORDED)
    said = answer.json()
    assert answer.status_code == 200, answer.text
    assert said.get("transcription", said.get("text"))


@pytest.mark.parametrize("door", DOORS)
def test_a_file_without_a_name_is_told_so(ask: Asking, door: str):
    answer = ask.send(door, (DATA / "no_filename.multipart").read_bytes(), RECORDED)
    assert_refused(answer, 400, "no_file")
    assert "has no filename" in answer.json()["error"]["message"]


@pytest.mark.parametrize("door", DOORS)
def test_a_prompt_of_any_length_is_taken_and_so_are_options_in_the_address(ask: Asking, door: str):
    prompt = (DATA / "prompt_2400_chars.txt").read_text(encoding="utf-8")
    body = form(part("file", voice("en-1.ogg"), "a.ogg"), part("prompt", prompt * 30))
    answer = ask.send(f"{door}?language=English&response_format=verbose_json", body)
    assert (answer.status_code, answer.json()["language"] in {"en", "english"}) == (200, True)
    assert_refused(ask.send(f"{door}?langauge=ru", form(VOICE)), 422, "bad_option")


@pytest.mark.parametrize("door", DOORS)
def test_a_form_that_is_cut_off_is_not_taken_for_a_whole_one(ask: Asking, door: str):
    whole = form(VOICE, part("language", "ru"))
    for cut in (len(whole) - 4, whole.index(b"ru\r\n") + 1):
        answer = ask.send(door, whole[:cut])
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")


CHARSETS = {
    "undefined": ("x", "a"),
    "hex": ("x", "a"),
    "no-such-charset": ("x", "a"),
    "unicode_escape": ("prompt", "\\ud800"),
    "raw_unicode_escape": ("\\ud800", "a"),
    "utf-7": ("prompt", "+2AA-"),
    "utf-16": ("prompt", "a"),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("charset", CHARSETS)
def test_a_charset_of_the_callers_choice_breaks_nothing(ask: Asking, charset: str, door: str):
    """One of them is no charset, some make half a character of a field's name or text."""
    name, value = CHARSETS[charset]
    answer = ask.send(door, form(VOICE, part(name, value)), f"{FORM}; charset={charset}")
    assert answer.status_code in {200, 400, 422}


@pytest.mark.parametrize("door", [*DOORS, "/jobs"])
@pytest.mark.parametrize("headers", [{"X_A": "y" * 100_000}, {f"X_{n}": "y" for n in range(MANY)}], ids=["large", "many"])
def test_a_request_with_a_bomb_of_headers_goes_no_further_than_the_gateway(ask: Asking, headers: dict[str, str], door: str):
    assert ask.send(door, form(VOICE), **headers).status_code == 400


# Jobs

JSON = "application/json"
BAD_ORDERS: Mapping[str, tuple[bytes, str | None, int, str]] = {
    "half an object": (b"{", JSON, 400, "bad_request"),
    "an array": (b"[]", JSON, 400, "bad_request"),
    "a text": (b'"ru"', JSON, 400, "bad_request"),
    "a number": (b"7", JSON, 400, "bad_request"),
    "null": (b"null", JSON, 400, "bad_request"),
    "blanks": (b"  ", JSON, 400, "bad_request"),
    "two objects": (b"{}{}", JSON, 400, "bad_request"),
    "a comment": (b"{} // all", JSON, 400, "bad_request"),
    "single quotes": (b"{'language': 'ru'}", JSON, 400, "bad_request"),
    "what is no UTF-8": (b'{"prompt": "\xff"}', JSON, 400, "bad_request"),
    "deep arrays": (b"[" * 30_000 + b"]" * 30_000, JSON, 400, "bad_request"),
    "deep arrays in an option": (b'{"prompt": ' + b"[" * 30_000 + b"]" * 30_000 + b"}", JSON, 400, "bad_request"),
    "a number of 5,000 digits": (b'{"temperature": ' + b"9" * 5000 + b"}", JSON, 400, "bad_request"),
    "over 64 KB": (b"{" + b" " * 65_536 + b"}", JSON, 413, "too_big"),
    "all that the gateway takes": (b" " * MAX_BODY_BYTES, JSON, 413, "too_big"),
    "a form": (form(VOICE), FORM, 415, "unsupported_media_type"),
    "a urlencoded form": (b"language=ru", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
    "JSON that is called text": (b"{}", "text/plain", 415, "unsupported_media_type"),
    "JSON that is called nothing": (b"{}", None, 415, "unsupported_media_type"),
}
NO_JSON = {
    "a field whose name is half a character",
    "a language that is half a character",
    "a prompt with half a character",
    "a temperature that is no number",
    "a temperature that is endless",
    "a temperature of 4,000 digits",
}
"""Of the bad fields those that Python writes and JSON does not have, or that no letter and no number can be made of."""

BAD_FIELDS: Mapping[str, dict[str, Any]] = {
    "an unknown field": {"langauge": "ru"},
    "a field with no name": {"": "ru"},
    "a field whose name is a format": {"{0.__class__}": "ru"},
    "a field whose name is half a character": {"\ud800": "ru"},
    "a field whose name is very long": {"x" * 60_000: "ru"},
    "a field of OpenAI's": {"response_format": "json"},
    "a file": {"file": "voice.ogg"},
    "a language nobody speaks": {"language": "klingon"},
    "a language that is a number": {"language": 7},
    "a language that is true": {"language": True},
    "a language that is a list": {"language": ["ru"]},
    "a language that is an object": {"language": {"code": "ru"}},
    "a language that is half a character": {"language": "\ud800"},
    "a task nobody does": {"task": "sing"},
    "a task that is a number": {"task": 1},
    "a prompt that is a list": {"prompt": ["a"]},
    "a prompt that is a number": {"prompt": 7},
    "a prompt with half a character": {"prompt": "\ud800"},
    "a temperature that is a word": {"temperature": "warm"},
    "a temperature that is true": {"temperature": True},
    "a temperature below 0": {"temperature": -0.1},
    "a temperature above 1": {"temperature": 1.1},
    "a temperature that is no number": {"temperature": float("nan")},
    "a temperature that is endless": {"temperature": float("inf")},
    "a temperature of 4,000 digits": {"temperature": 10**4000},
    "a temperature that is a list": {"temperature": [0]},
    "a track that is a word": {"track": "second"},
    "a track before the first": {"track": 0},
    "a track that is a list": {"track": [1]},
    "a callback that is a number": {"callback_url": 7},
    "a callback that is a list": {"callback_url": ["http://localhost/"]},
}
BAD_CALLBACKS = [
    "localhost",
    "ftp://localhost/",
    "file:///etc/passwd",
    "http://",
    "http://127.0.0.1/",
    "http://169.254.169.254/latest/",
    "http://[::1]/",
    "http://[::ffff:10.0.0.1]/",
    "http://0x7f000001/",
    "http://user:password@localhost/",
    "http://localhost:0/",
    "http://localhost:99999/",
    "http://localhost/#a",
    "http://localhost/\r\nX-A: b",
    "http://localhost/ы",
    "http://localhost/\ud800",
    f"http://localhost/{'a' * 2000}",
]


@pytest.mark.parametrize("what", BAD_ORDERS)
def test_no_job_is_made_of(ask: Asking, what: str):
    body, media_type, status, code = BAD_ORDERS[what]
    assert_refused(ask.send("/jobs", body, media_type), status, code)


def test_no_job_is_made_of_more_than_the_gateway_takes(ask: Asking):
    answer = ask.send("/jobs", b" " * (MAX_BODY_BYTES + 1), JSON)
    assert (answer.status_code, answer.json()) == (413, {"message": "the request is over the limit of 2.5 MB"})


@pytest.mark.parametrize("what", BAD_FIELDS)
def test_no_job_is_made_with(ask: Asking, what: str):
    expected = (400, "bad_request") if what in NO_JSON else (422, "bad_option")
    assert_refused(ask.send("/jobs", json.dumps(BAD_FIELDS[what]).encode(), JSON), *expected)


@pytest.mark.parametrize("url", BAD_CALLBACKS, ids=[ascii(url)[:40] for url in BAD_CALLBACKS])
def test_no_job_is_made_that_would_call(ask: Asking, url: str):
    expected = (400, "bad_request") if "\ud800" in url else (422, "bad_callback")
    assert_refused(ask.send("/jobs", json.dumps({"callback_url": url}).encode(), JSON), *expected)


@pytest.mark.parametrize("key", ["", "k" * 256, "ключ".encode(), b"k\xff", b"caf\xe9"])
def test_no_job_is_made_under_a_name_that_is_empty_long_or_not_ascii(ask: Asking, key: str | bytes):
    assert_refused(ask.send("/jobs", b"{}", JSON, Idempotency_Key=key), 422, "bad_option")


BAD_PAGES = [
    *(f"limit={value}" for value in ("0", "101", "-1", "1.0", "1e1", "x", "%00", "%D9%A1", "9" * 5000, "1&limit=0")),
    *(f"after={value}" for value in ("x", "../clients/", "%00", "0" * 13, f"{'0' * 13}-{'F' * 32}", f"{'0' * 13}-{NOBODYS}%0A")),
    f"after={'%D9%A0' * 13}-{NOBODYS}",
    "limt=5",
    "limit=5&format=srt",
]


@pytest.mark.parametrize("query", BAD_PAGES, ids=[query[:40] for query in BAD_PAGES])
def test_a_page_is_refused_for(ask: Asking, query: str):
    assert_refused(ask.get(f"/jobs?{query}"), 422, "bad_option")


IDS = [
    NOBODYS,
    "..",
    "%2e%2e",
    "%2e%2e%2fclients",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "%00",
    "%0A",
    "%FF",
    "%",
    "*",
    "0" * 31,
    "0" * 33,
    "F" * 32,
    f"{NOBODYS}%0A",
    f"%20{NOBODYS}",
    f"{NOBODYS};x",
    f"{NOBODYS}.json",
    "%D9%A0" * 32,
    "a" * 5000,
    "null",
    "{id}",
    "%7Bid%7D",
]
EVERY_ID = pytest.mark.parametrize("this", IDS, ids=[this[:30] for this in IDS])


@EVERY_ID
@pytest.mark.parametrize(("method", "rest"), [("GET", ""), ("DELETE", ""), ("GET", "/transcript")])
def test_nothing_is_found_by_an_id_of_no_job(ask: Asking, method: str, rest: str, this: str):
    assert_refused(ask.get(f"/jobs/{this}{rest}", method), 404, "not_found")


@pytest.fixture(scope="module")
def others_job(stack: Stack) -> str:
    """The id of a job that is somebody else's."""
    key = Keys(stack.store()).create("somebody else", now=0).key
    with Api(stack.api_url, key) as api:
        answer = api.post(f"{stack.api_url}/jobs", headers={"X-API-Key": key}, timeout=60)
    assert answer.status_code == 201
    return answer.json()["id"]


@pytest.mark.parametrize("spelled", [str, str.upper])
@pytest.mark.parametrize(("method", "rest"), [("GET", ""), ("DELETE", ""), ("GET", "/transcript")])
def test_somebody_elses_job_is_told_of_as_one_that_never_was(
    others_job: str, ask: Asking, method: str, rest: str, spelled: Callable[[str], str]
):
    answer, nobodys = ask.get(f"/jobs/{spelled(others_job)}{rest}", method), ask.get(f"/jobs/{NOBODYS}{rest}", method)
    assert_refused(answer, 404, "not_found")
    assert answer.json() == nobodys.json()


@pytest.mark.parametrize("shape", ["docx", "diarized_json", "json%00", "../json", "json&format=docx"])
def test_a_transcript_is_refused_in_a_format_that_nobody_writes(ask: Asking, shape: str):
    assert_refused(ask.get(f"/jobs/{NOBODYS}/transcript?format={shape}"), 422, "bad_option")


MODELS = ["tts-1", "WHISPER-1", "whisper-1%00", "%2e%2e", "whisper-1%2f..", "{0}", "%FF", "a" * 5000]


@pytest.mark.parametrize("name", MODELS, ids=[name[:20] for name in MODELS])
def test_a_model_there_is_not_is_not_found(ask: Asking, name: str):
    assert_refused(ask.get(f"/v1/models/{name}"), 404, "model_not_found")


@pytest.mark.parametrize(
    "asset", ["..", "%2e%2e%2fdocs.py", "..%2fdocs.py", "%2fetc%2fpasswd", "index.html", "START.JS", "start.js%00", "%FF"]
)
def test_no_other_file_is_served_with_the_page(ask: Asking, asset: str):
    assert_refused(ask.get(f"/docs/{asset}"), 404, "not_found")
