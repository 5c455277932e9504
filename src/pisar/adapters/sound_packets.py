"""Matroska, as ffmpeg writes it into a pipe → packets of 16-bit samples, each with the time at which the file has it sound.

Of what a pipe can carry it is the plainest that has the times in it. ffmpeg can make silence of gaps itself (`aresample=async=1`), but it
holds the whole of a gap in memory, 3.2 GB for one of three hours, and drops the sound where a file's times go back.

The elements' numbers are Matroska's (RFC 9559, section 27.1), their coding is EBML's (RFC 8794, sections 4 and 5).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pisar.domain.audio import SAMPLE_RATE_HZ

SAMPLE_BYTES = 2

GAP_SECONDS = 0.1
"""A packet that comes later than this after the last has silence before it; less is jitter and rounding (as in ffmpeg's min_hard_comp)."""

_SEGMENT, _TRACKS, _TRACK, _AUDIO, _CLUSTER, _GROUP = 0x18538067, 0x1654AE6B, 0xAE, 0xE1, 0x1F43B675, 0xA0
_MASTERS = frozenset((_SEGMENT, _TRACKS, _TRACK, _AUDIO, _CLUSTER, _GROUP))
"""Elements whose content is looked through; what is in any other is skipped."""

_CHANNELS, _TIMESTAMP, _SIMPLE_BLOCK, _BLOCK = 0x9F, 0xE7, 0xA3, 0xA1

_BLOCK_HEAD = 4
"""Bytes of a block before its samples: the track's number, two of time within the cluster, flags (RFC 9559, section 10.1)."""


_MOST_CHANNELS = 255
_MOST_BYTES = 64 * 1024 * 1024
"""Of an element. A packet is a frame of ffmpeg's decoder: 65,535 samples in 16 channels of 16 bits, from 4 to 16 kHz, are 8 MB."""


class NotSoundError(Exception):
    """These bytes are not what ffmpeg writes. For the caller of `packets` alone."""


@dataclass(frozen=True, slots=True)
class Packet:
    """Samples of 16 bits, little-endian, of all `channels` in turn; the first of them sounds at `seconds`."""

    seconds: float
    channels: int
    pcm: bytes

    @property
    def frames(self) -> int:
        """How many samples there are of each channel."""
        return len(self.pcm) // (self.channels * SAMPLE_BYTES)


def packets(chunks: Iterable[bytes]) -> Iterator[Packet]:
    """Yield the packets of a file of one track that comes in chunks; one that breaks off gives what it has. Raises NotSoundError."""
    source = _Source(chunks)
    channels, cluster = 0, 0
    try:
        while True:
            element, size = source.number(keep_marker=True), source.number()
            if element in _MASTERS:
                continue
            if size > _MOST_BYTES:
                raise NotSoundError
            content = source.take(size)
            if element == _CHANNELS:
                channels = int.from_bytes(content)
            elif element == _TIMESTAMP:
                cluster = int.from_bytes(content)
            elif element in (_SIMPLE_BLOCK, _BLOCK):
                if not 0 < channels <= _MOST_CHANNELS:
                    raise NotSoundError
                milliseconds = cluster + int.from_bytes(content[1:3], signed=True)
                yield Packet(milliseconds / 1000, channels, content[_BLOCK_HEAD:])
    except EOFError:
        return


class _Source:
    """Bytes that come in chunks, taken as many at a time as are wanted."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._held = b""
        self._at = 0

    def take(self, count: int) -> bytes:
        """Return the next bytes. Raises EOFError when there are not as many."""
        end = self._at + count
        if end > len(self._held):
            pieces, have = [self._held[self._at :]], len(self._held) - self._at
            while have < count:
                piece = next(self._chunks, b"")
                if not piece:
                    raise EOFError
                pieces.append(piece)
                have += len(piece)
            self._held, self._at, end = b"".join(pieces), 0, count
        taken = self._held[self._at : end]
        self._at = end
        return taken

    def number(self, *, keep_marker: bool = False) -> int:
        """Return a number of EBML: the leading zeros of its first byte say how many more belong to it, a marker bit ends them."""
        first = self.take(1)
        length = 9 - first[0].bit_length()
        if length > 8:  # noqa: PLR2004 - no marker bit in the first byte: longer than Matroska allows
            raise NotSoundError
        value = int.from_bytes(first + self.take(length - 1))
        return value if keep_marker else value - (1 << 7 * length)


class Clock:
    """Where a track's packets lie on its time line, which never goes back: what comes too early is heard after what came before."""

    def __init__(self) -> None:
        self.frames = 0
        """So many samples of each channel there are by now, silence included."""

    def silence_before(self, packet: Packet) -> int:
        """Return how many samples of silence the packet has before it, and count them and the packet."""
        late = round(packet.seconds * SAMPLE_RATE_HZ) - self.frames
        silence = late if late > GAP_SECONDS * SAMPLE_RATE_HZ else 0
        self.frames += silence + packet.frames
        return silence
