"""What counts as audio by its name, and by its first bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisar.domain.audio import named_as_media, sounds_like_media, too_big
from pisar.errors import Rejection

MB = 2**20


@pytest.mark.parametrize(
    ("mime_type", "file_name", "verdict"),
    [
        ("audio/ogg", None, True),
        ("video/mp4", "x", True),
        ("application/ogg", None, True),
        (None, "voice.OGA", True),
        ("application/octet-stream", "a.b.m4a", True),
        ("text/plain", "song.mp3", True),  # the name says more than a careless type
        ("text/plain", "notes.txt", False),
        ("application/pdf", None, False),
        (None, "notes.txt", None),
        (None, ".mp3x", None),
        (None, None, None),
        ("", "", None),
        ("application/octet-stream", None, None),
        (None, "voice", None),
        ("image/png", "ogg", False),  # a name without a dot has no extension
    ],
)
def test_a_type_or_a_name_tells_media_or_leaves_it_to_the_content(mime_type, file_name, verdict):
    assert named_as_media(mime_type, file_name) is verdict


@pytest.mark.parametrize(
    "head",
    [
        b"OggS\0\x02",
        b"ID3\x04",
        b"fLaC\0",
        b"\x1aE\xdf\xa3",
        b"#!AMR\n",
        b"RIFF\x24\0\0\0WAVEfmt ",
        b"RIFF\x24\0\0\0AVI LIST",
        b"\0\0\0\x20ftypM4A ",
        b"\xff\xfb\x90\x64",  # MPEG-1 layer III
        b"\xff\xf1\x50\x80",  # ADTS
    ],
)
def test_media_is_known_by_how_it_begins(head):
    assert sounds_like_media(head)


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\xff",
        b"hello, world, hello",
        b"%PDF-1.7",
        b"\x89PNG\r\n\x1a\n",
        b"PK\x03\x04",
        b"RIFF\0\0\0\0WEBPVP8 ",
        b"\xff\xff\xff\xff",
        b"\xff\xd8\xff\xe0",
    ],
)
def test_everything_else_is_not(head):
    assert not sounds_like_media(head)


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_type_and_name_get_a_verdict(mime_type, file_name):
    assert named_as_media(mime_type, file_name) in (True, False, None)


@given(st.binary(max_size=16), st.binary(max_size=40))
def test_sixteen_bytes_suffice(head, rest):
    padded = head.ljust(16, b"\0")
    assert sounds_like_media(padded) == sounds_like_media(padded + rest)


@given(st.text("abcdefghijklmnopqrstuvwxyz ,.\n", min_size=1))
def test_plain_text_is_not_media(text):
    assert not sounds_like_media(text.encode())


@pytest.mark.parametrize(("size_bytes", "limit_mb", "told"), [(20 * MB + 1, 20, (20.1, 20)), (3 * MB, 2, (3, 2)), (2 * MB, 1.5, (2, 1.5))])
def test_a_file_too_big_is_told_in_megabytes_and_never_as_one_that_fits(size_bytes: int, limit_mb: float, told: tuple[float, float]):
    refused = too_big(size_bytes, int(limit_mb * MB))
    assert (refused.code, refused.details) == (Rejection.TOO_BIG, {"size_mb": told[0], "limit_mb": told[1]})
