"""What a file is that is no recording, or none of a kind that is taken."""

import pytest

from pisar.domain.foreign_formats import foreign_format
from pisar.errors import Rejected, Rejection
from pisar.formats.refusals import sentence


@pytest.mark.parametrize(
    ("beginning", "what"),
    [
        (b"#EXTM3U\n", "a playlist"),
        (b"\xef\xbb\xbf#extm3u\n", "a playlist"),
        (b"MThd\0\0\0\6", "MIDI"),
        (b"%PDF-1.7", "a PDF document"),
        (b"\n<!DOCTYPE HTML>", "a page of the web"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "a picture"),
        (b"PK\3\4", "an archive"),
        (b"DSD \x1c", "DSD, which is not taken; convert it"),
        (b"\x02#!SILK_V3", "SILK, which is not taken; convert it"),
    ],
)
def test_a_well_known_format_is_named(beginning: bytes, what: str):
    assert foreign_format(beginning + bytes(500)).startswith(what)


@pytest.mark.parametrize("beginning", [b"", b"\0", b"OggS", b"RIFF\0\0\0\0WAVEfmt ", b"ID3", b"fLaC", b"MAC ", b"hello", b"   "])
def test_of_what_is_taken_or_not_known_nothing_is_said(beginning: bytes):
    assert foreign_format(beginning) == ""


def test_the_sentence_says_what_the_file_is():
    refused = Rejected(Rejection.CANNOT_DECODE, {"it_is": foreign_format(b"MThd")})
    assert sentence(refused) == "The file can't be read as audio or video: it is MIDI, which holds notes and no recording."
    assert sentence(Rejected(Rejection.CANNOT_DECODE)) == "The file can't be read as audio or video."
