"""Limits of audio, and what counts as audio before it is decoded."""

import math
from dataclasses import dataclass

from pisar.errors import Rejected, Rejection

SAMPLE_RATE_HZ = 16_000
"""The sample rate that Whisper and Silero were trained on; decoded audio is mono float32 at this rate."""

FULL_SCALE = 32768
"""The value of 1.0 in the 16-bit samples that audio is decoded to."""

TELEGRAM_DOWNLOAD_LIMIT_BYTES = 20 * 1024 * 1024
"""`getFile` of the public Bot API refuses larger files (core.telegram.org/bots/api#getfile); a local Bot API server does not."""


def too_big(size_bytes: int, limit_bytes: int) -> Rejected:
    """Return the refusal of a file of that size; its details are in megabytes (2^20 bytes), the size rounded up to a tenth."""
    size_mb, limit_mb = math.ceil(10 * size_bytes / 2**20) / 10, round(limit_bytes / 2**20, 1)
    return Rejected(Rejection.TOO_BIG, {"size_mb": tidy(size_mb), "limit_mb": tidy(limit_mb)})


def tidy(number: float) -> int | float:
    """Return a number as a person writes it: 20, not 20.0; 1.5, not 1.50001."""
    number = round(number, 1)
    return int(number) if number == int(number) else number


_MEDIA_EXTENSIONS = frozenset(
    [
        "3gp",
        "aac",
        "ac3",
        "aif",
        "aiff",
        "amr",
        "ape",
        "au",
        "avi",
        "caf",
        "flac",
        "flv",
        "m4a",
        "m4b",
        "m4v",
        "mka",
        "mkv",
        "mov",
        "mp2",
        "mp3",
        "mp4",
        "mpeg",
        "mpg",
        "mpga",
        "oga",
        "ogg",
        "ogv",
        "opus",
        "ra",
        "rm",
        "tta",
        "wav",
        "weba",
        "webm",
        "wma",
        "wmv",
        "wv",
    ]
)
_MAGIC_AT_0 = (
    b"OggS",
    b"ID3",
    b"fLaC",
    b"\x1a\x45\xdf\xa3",
    b"#!AMR",
    b"FORM",
    b"caff",
    b".snd",
    b"MAC ",
    b"wvpk",
    b"FLV\x01",
    b"0&\xb2u",
    b"TTA1",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioLimits:
    """The limits of one audio: bytes of the file, and seconds of sound, which bound the decoded size (64,000 bytes a second)."""

    max_bytes: int
    max_seconds: float


def named_as_media(mime_type: str | None, file_name: str | None) -> bool | None:
    """Say whether a file's MIME type or name calls it audio or video; None when neither tells, so that its content must be checked."""
    if mime_type and mime_type.startswith(("audio/", "video/")):
        return True
    extension = (file_name or "").rpartition(".")[2].lower() if "." in (file_name or "") else ""
    if extension in _MEDIA_EXTENSIONS or mime_type == "application/ogg":
        return True
    return None if mime_type in (None, "", "application/octet-stream") else False


def sounds_like_media(head: bytes) -> bool:
    """Say whether a file that begins with `head` (16 bytes suffice) looks like an audio or video container; ffmpeg decides in the end."""
    if head.startswith(_MAGIC_AT_0):
        return True
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] in (b"WAVE", b"AVI "):
        return True
    if head[4:8] == b"ftyp":  # MP4, M4A, MOV, 3GP
        return True
    return _starts_mpeg_frame(head)


def _starts_mpeg_frame(head: bytes) -> bool:
    # Eleven set bits, then a version and a layer that exist: an MPEG audio or ADTS frame (ISO 11172-3, 2.4.1.3).
    if len(head) < 2 or head[0] != 0b1111_1111 or head[1] >> 5 != 0b111:  # noqa: PLR2004 - bit patterns of the header
        return False
    version = head[1] >> 3 & 0b11
    return version != 0b01 and head[1] != 0b1111_1111  # noqa: PLR2004 - the reserved version; padding
