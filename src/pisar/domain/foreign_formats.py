"""Tells by a file's first bytes what it is, where that is well known and can't be transcribed. Pure."""

from collections.abc import Mapping

_CONVERT = "which is not taken; convert it to flac, mp3 or ogg"
_ARCHIVE = "an archive; send the recording that is in it"
_PICTURE = "a picture"
_PLAYLIST = "a playlist, which names recordings and holds none"
_TRACKER = "a tracker's module, which holds notes and no recording"
_PAGE = "a page of the web; send the recording that it shows"

_BEGINNINGS: Mapping[bytes, str] = {
    b"#EXTM3U": _PLAYLIST,
    b"[playlist]": _PLAYLIST,
    b"ffconcat": _PLAYLIST,
    b"<?xml": "an XML document",
    b"<!doctype html": _PAGE,
    b"<html": _PAGE,
    b"%PDF": "a PDF document",
    b"{\\rtf": "a text document",
    b"\x89PNG": _PICTURE,
    b"\xff\xd8\xff": _PICTURE,
    b"GIF8": _PICTURE,
    b"PK\x03\x04": _ARCHIVE,
    b"Rar!": _ARCHIVE,
    b"7z\xbc\xaf": _ARCHIVE,
    b"\x1f\x8b": _ARCHIVE,
    b"MThd": "MIDI, which holds notes and no recording",
    b"Extended Module:": _TRACKER,
    b"IMPM": _TRACKER,
    b"DSD ": f"DSD, {_CONVERT}",
    b"FRM8": f"DSD, {_CONVERT}",
    b"MPCK": f"Musepack, {_CONVERT}",
    b"MP+": f"Musepack, {_CONVERT}",
    b"ajkg": f"Shorten, {_CONVERT}",
    b"OFR ": f"OptimFROG, {_CONVERT}",
    b"Creative Voice File": f"a Creative Voice File, {_CONVERT}",
    b"NIST_1A": f"NIST SPHERE, {_CONVERT}",
    b"#!SILK_V3": f"SILK, {_CONVERT}",
    b"\x02#!SILK_V3": f"SILK, {_CONVERT}",
    b"FWS": f"Flash, {_CONVERT}",
    b"CWS": f"Flash, {_CONVERT}",
}
"""What files begin with, letters in any case. ffmpeg reads some of these formats, but not here: each demuxer and decoder more is code that
a stranger can reach (`pisar.adapters.codecs`)."""

_LONGEST = max(map(len, _BEGINNINGS))


def foreign_format(file: bytes) -> str:
    """Return what a file is, in words that follow "it is"; "" if that is not known."""
    head = file[:64].removeprefix(b"\xef\xbb\xbf").lstrip()[:_LONGEST].lower()
    if head.startswith(b"riff") and file[8:12] == b"WEBP":
        return _PICTURE
    return next((what for beginning, what in _BEGINNINGS.items() if head.startswith(beginning.lower())), "")
