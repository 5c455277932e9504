"""Files of sound to begin with: small ones that ffmpeg makes in each container, and headers that claim any rate and number of channels."""

import struct
import subprocess
import tempfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

SOUND = ("-f", "lavfi", "-i", "sine=440:duration=0.7:sample_rate=8000")
PICTURE = ("-f", "lavfi", "-i", "testsrc=duration=0.5:size=32x32:rate=5")

SEEDS: Mapping[str, tuple[str, ...]] = {
    "opus.ogg": ("-c:a", "libopus"),
    "vorbis.ogg": ("-c:a", "libvorbis"),
    "flac.ogg": ("-c:a", "flac"),
    "a.flac": (),
    "a.mp3": ("-b:a", "16k"),
    "a.wav": (),
    "adpcm.wav": ("-c:a", "adpcm_ms"),
    "a.m4a": (),
    "alac.m4a": ("-c:a", "alac"),
    "a.mp4": PICTURE,
    "pcm.mov": ("-c:a", "pcm_s16be"),
    "a.webm": ("-c:a", "libopus"),
    "a.mka": ("-c:a", "pcm_s16le"),
    "film.mkv": (*PICTURE, "-c:a", "ac3", "-ar", "48000"),
    "a.avi": (*PICTURE, "-c:a", "mp2", "-ar", "16000"),
    "a.ts": ("-c:a", "mp2", "-ar", "16000"),
    "a.mpg": ("-c:a", "mp2", "-ar", "44100"),
    "a.flv": ("-c:a", "mp3", "-ar", "11025"),
    "a.wma": (),
    "a.aac": (),
    "a.ac3": ("-ar", "32000"),
    "a.eac3": ("-ar", "48000"),
    "a.aiff": (),
    "a.au": (),
    "a.caf": (),
    "a.w64": (),
    "a.tta": (),
    "a.wv": (),
    "a.3gp": ("-c:a", "aac"),
}
"""The files by name, and the options that each is made with."""


def seeds(ffmpeg: str) -> dict[str, bytes]:
    """Return the files by name, made now."""
    with tempfile.TemporaryDirectory() as folder:
        for name, options in SEEDS.items():
            command = [ffmpeg, "-v", "error", "-y", *SOUND, *options, "-fflags", "+bitexact", "-flags:a", "+bitexact", f"{folder}/{name}"]
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        made = {name: (Path(folder) / name).read_bytes() for name in SEEDS}
    made["a.amr"] = b"#!AMR\n" + (b"\x3c" + bytes(range(31))) * 30  # few builds can encode it
    return made


_PCM = bytes(range(1, 201)) * 500
"""What the files below hold: nonsense, but sound."""


def wav(rate: int, channels: int, *, seconds: float = 0.3, claims_bytes: int | None = None) -> bytes:
    """Return a WAV file of 16 bits, not larger than some 100 kB; `claims_bytes` is what it says of the length of its samples."""
    frames = max(1, min(round(rate * seconds), 50_000 // channels))
    pcm = bytes(range(256)) * (frames * channels * 2 // 256 + 1)
    pcm = pcm[: frames * channels * 2]
    size = len(pcm) if claims_bytes is None else claims_bytes
    kind = struct.pack("<HHIIHH", 1, channels, rate & 0xFFFFFFFF, rate * channels * 2 & 0xFFFFFFFF, channels * 2 & 0xFFFF, 16)
    return b"RIFF" + struct.pack("<I", size + 36 & 0xFFFFFFFF) + b"WAVEfmt \x10\0\0\0" + kind + b"data" + struct.pack("<I", size) + pcm


def au(rate: int, channels: int) -> bytes:
    """Return an AU file of 16 bits."""
    return b".snd" + struct.pack(">IIIII", 24, 0xFFFFFFFF, 3, rate, channels) + _PCM


def aiff(rate: int, channels: int) -> bytes:
    """Return an AIFF file of 16 bits; its rate is a float of 80 bits."""
    pcm = _PCM
    exponent = rate.bit_length() - 1
    extended = struct.pack(">HQ", 16383 + exponent, rate << (63 - exponent))
    common = struct.pack(">HIH", channels, max(1, len(pcm) // (2 * channels)), 16) + extended
    chunks = b"COMM" + struct.pack(">I", len(common)) + common + b"SSND" + struct.pack(">III", len(pcm) + 8, 0, 0) + pcm
    return b"FORM" + struct.pack(">I", len(chunks) + 4) + b"AIFF" + chunks


def caf(rate: int, channels: int) -> bytes:
    """Return a CAF file of 16 bits."""
    kind = struct.pack(">d4sIIIII", rate, b"lpcm", 2, 2 * channels, 1, channels, 16)
    return b"caff\0\1\0\0desc" + struct.pack(">Q", 32) + kind + b"data" + b"\xff" * 8 + bytes(4) + _PCM


def mka(rate: int, channels: int) -> bytes:
    """Return a Matroska file of 16 bits, one block in one cluster."""

    def element(number: str, content: bytes) -> bytes:
        return bytes.fromhex(number) + (0x10000000 | len(content)).to_bytes(4) + content

    sound = element("b5", struct.pack(">d", rate)) + element("9f", channels.to_bytes(4)) + element("6264", b"\x10")
    track = element("d7", b"\1") + element("73c5", b"\1") + element("83", b"\2") + element("86", b"A_PCM/INT/LIT") + element("e1", sound)
    pcm = _PCM
    cluster = element("e7", b"\0") + element("a3", b"\x81\0\0\x80" + pcm[: len(pcm) // (2 * channels) * 2 * channels])
    head = element("1a45dfa3", element("4282", b"matroska"))
    return head + element("18538067", element("1654ae6b", element("ae", track)) + element("1f43b675", cluster))


def tta(rate: int, channels: int) -> bytes:
    """Return a TTA file of nonsense, its header and its index in order."""
    frame = _PCM
    head = b"TTA1" + struct.pack("<HHHII", 1, channels & 0xFFFF, 16, rate & 0xFFFFFFFF, max(1, rate))
    index = struct.pack("<I", len(frame) + 4) * 1
    parts = (head, index, frame)
    return b"".join(part + struct.pack("<I", zlib.crc32(part)) for part in parts)


def flac(rate: int, channels: int) -> bytes:
    """Return a FLAC file of a few frames of silence, 16384 samples each, which at 1 Hz are 13 hours. 1 to 8 channels."""
    info = struct.pack(">HH", 16384, 16384) + bytes(6) + (rate << 44 | (channels - 1) << 41 | 15 << 36 | 3 * 16384).to_bytes(8) + bytes(16)
    frames = b""
    for number in range(3):
        head = b"\xff\xf8\xe0" + bytes(((channels - 1) << 4 | 8, number))  # 16384 samples; the rate as in the stream's info
        frame = head + bytes((_crc(head, 8, 0x07),)) + b"\0\0\0" * channels  # each of its channels one constant sample
        frames += frame + _crc(frame, 16, 0x8005).to_bytes(2)
    return b"fLaC\x80\0\0\x22" + info + frames


def _crc(content: bytes, bits: int, polynomial: int) -> int:
    crc, top = 0, 1 << (bits - 1)
    for byte in content:
        crc ^= byte << (bits - 8)
        for _ in range(8):
            crc = (crc << 1 ^ (polynomial if crc & top else 0)) & ((1 << bits) - 1)
    return crc


CLAIMS: Mapping[str, tuple[Callable[[int, int], bytes], int, int]] = {
    "wav": (wav, 0xFFFFFFFF, 65535),
    "au": (au, 0x7FFFFFFF, 65535),
    "aiff": (aiff, 0x7FFFFFFF, 65535),
    "caf": (caf, 0x7FFFFFFF, 65535),
    "mka": (mka, 0x7FFFFFFF, 65535),
    "tta": (tta, 0x7FFFFFFF, 255),
    "flac": (flac, 0xFFFFF, 8),
}
"""What makes a file of any rate and number of channels, and the most that its header holds of each."""


def png(side: int) -> bytes:
    """Return a picture of so many pixels a side, of 64 bits each, all zero: a thousandth of what it takes decoded."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    packer = zlib.compressobj(9)
    row = bytes(1 + 8 * side)
    rows = b"".join([*(packer.compress(row) for _ in range(side)), packer.flush()])
    head = struct.pack(">IIBBBBB", side, side, 16, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def covered(mp3: bytes, covers: list[bytes]) -> bytes:
    """Return an MP3 file with an ID3 tag that holds these pictures before it."""
    frames = b""
    for cover in covers:
        content = b"\0image/png\0\3\0" + cover
        frames += b"APIC" + struct.pack(">IH", len(content), 0) + content
    size = bytes(len(frames) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\3\0\0" + size + frames + mp3


TINY: Mapping[str, str] = {
    "1 Hz, frames of 16384": "664c614380000022400040000000000000000000"
    "10f00000800000000000000000000000000000000000fff87008003fffd30000008e4bfff87008013fffb8000000134a",
    "1 Hz, frames of 65535": "664c614380000022ffffffff000000000000000010f00002fffd000000000000000000000000"
    "00000000fff8700800fffe3900000006d2fff8700801fffe520000009bd3fff8700802fffeef000000bcd5",
}
"""In hexadecimal, two files of 68 and 81 bytes, for which ffmpeg would take 5.5 and 2 GB."""
