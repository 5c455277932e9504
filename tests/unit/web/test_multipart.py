"""Forms as clients write them, well and badly, read in pieces of any size."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pisar.web import multipart
from pisar.web.multipart import BadFormError, Parsed, parse

DATA = Path(__file__).parents[2] / "data" / "api"
BOUNDARY = b"xxBOUNDxx"
VOICE = b'--B\r\nContent-Disposition: form-data; name="file"; filename="a.ogg"\r\n\r\nOggS\r\n--\r\n\r\n'
LANGUAGE = b'--B\r\nContent-Disposition: form-data; name="language"\r\n\r\nru\r\n'
END = b"--B--\r\n"
PIECES = pytest.mark.parametrize("piece", [1, 7, 65_536])


def parsed(body: bytes, boundary: bytes = b"B", piece: int = 65_536) -> Parsed:
    left = [body[at : at + piece] for at in range(0, len(body), piece)]

    async def stream() -> AsyncIterator[bytes]:
        while left:
            yield left.pop(0)

    try:
        return asyncio.run(parse(stream(), boundary))
    finally:
        assert left == []  # whatever is wrong, the client has sent all of it before it is answered


def refused(body: bytes, boundary: bytes = b"B", piece: int = 65_536) -> str:
    with pytest.raises(BadFormError) as caught:
        parsed(body, boundary, piece)
    return str(caught.value)


@PIECES
def test_a_form_is_its_file_and_its_fields_in_order(piece: int):
    more = LANGUAGE.replace(b"ru", b"en")
    assert parsed(LANGUAGE + VOICE + more + END, piece=piece) == Parsed(b"OggS\r\n--\r\n", (), (("language", b"ru"), ("language", b"en")))


@PIECES
@pytest.mark.parametrize("preamble", [b"\r\n", b"This is a form.\r\n", b"a - b\n--\r\n--A\r\n", b"x--B\r\n" * 999])
@pytest.mark.parametrize("epilogue", [b"", b"\r\n", b"The end.\r\n" * 999])
def test_what_stands_before_and_after_a_form_is_passed_over(preamble: bytes, epilogue: bytes, piece: int):
    assert parsed(preamble + VOICE + END + epilogue, piece=piece).audio == b"OggS\r\n--\r\n"


@PIECES
def test_a_file_is_known_by_its_encoded_name_too(piece: int):
    sound = parsed((DATA / "filename_star.multipart").read_bytes(), BOUNDARY, piece).audio
    assert sound is not None
    assert sound.startswith(b"OggS")


@PIECES
def test_a_file_without_a_name_is_told_that_it_lacks_one(piece: int):
    assert refused((DATA / "no_filename.multipart").read_bytes(), BOUNDARY, piece) == multipart.NO_FILE_NAME
    assert "filename" in multipart.NO_FILE_NAME


def test_a_name_within_a_text_is_no_file_name():
    odd = b'--B\r\nContent-Disposition: form-data; name="a; filename*=x"\r\n\r\nru\r\n'
    assert parsed(odd + END).fields == (("a; filename*=x", b"ru"),)


BAD = {
    "the recording as a text": (VOICE.replace(b'; filename="a.ogg"', b"") + END, multipart.NOT_A_FILE),
    "two recordings": (VOICE + VOICE + END, multipart.FILE_TWICE),
    "the recording and a text of its name": (VOICE + LANGUAGE.replace(b"language", b"file") + END, multipart.NOT_A_FILE),
    "a part without a name": (VOICE + b"--B\r\nContent-Disposition: form-data\r\n\r\nx\r\n" + END, multipart.NO_NAME),
    "a part without a head": (b"--B\r\n\r\nx\r\n" + VOICE + END, multipart.NO_NAME),
    "no closing line": (VOICE + LANGUAGE, multipart.CUT_OFF),
    "half a closing line": (VOICE + END[:-3], multipart.CUT_OFF),
    "nothing": (b"", multipart.EMPTY),
    "lines that end in LF": ((VOICE + END).replace(b"\r\n", b"\n"), multipart.BROKEN),
    "a large head": (VOICE.replace(b"a.ogg", b"a" * 10_000) + END, multipart.LARGE_HEAD),
    "many headers": (VOICE.replace(b"\r\n\r\n", b"\r\n" + b"X-A: b\r\n" * 20 + b"\r\n", 1) + END, multipart.LARGE_HEAD),
    "many fields": (LANGUAGE * 51 + VOICE + END, multipart.MANY_FIELDS),
    "no part with this boundary": (VOICE.replace(b"--B", b"--C") + END.replace(b"B", b"C"), "No line of the body is --B, the boundary"),
}


@PIECES
@pytest.mark.parametrize("what", BAD)
def test_the_cause_is_told_of(what: str, piece: int):
    body, sentence = BAD[what]
    assert refused(body, piece=piece).startswith(sentence)


def test_every_cause_has_a_sentence_of_its_own():
    sentences = [getattr(multipart, name) for name in dir(multipart) if name.isupper() and isinstance(getattr(multipart, name), str)]
    assert len(set(sentences)) == len(sentences)
    assert refused(VOICE + END, b"") == multipart.NO_BOUNDARY
    assert refused(VOICE + END, b"B" * 257) == multipart.LONG_BOUNDARY


def test_other_files_are_named_and_not_kept():
    assert parsed(VOICE.replace(b"file", b"audio", 1) + END) == Parsed(None, ("audio",), ())
    assert parsed(VOICE + LANGUAGE.replace(b'"language"', b'"language"; filename="l.txt"') + END).other_files == ("language",)


def test_a_large_text_is_taken():
    assert parsed(VOICE + LANGUAGE.replace(b"ru", "ы".encode() * 100_000) + END).fields == (("language", "ы".encode() * 100_000),)
