"""What ffmpeg says of a file before it decodes: which tracks of sound there are, of what rate and how many channels."""

import re
from dataclasses import dataclass, replace
from threading import Event, Thread
from typing import IO

_MOST_STREAMS = 1000
"""ffmpeg reads no more of a file (its option max_streams)."""

_LINE_BYTES = 4096
"""More than ffmpeg says in a line (libavutil's log.c writes 1024 bytes of one at most), so none is cut in two."""

_STREAM = re.compile(rb"  Stream #0:(\d+)\S*: Audio: (\S+)(.*)")
"""A track in ffmpeg's list. What a file says of itself stands further to the right (`av_dump_format`), so it can't pass for one."""

_SOUND = re.compile(rb"(?:^|,) (\d+) Hz(?:, (?:(\d+) channels|ambisonic (\d+)|([\d.]+)|(\w+)))?")
"""Its rate and channels, constants of ffmpeg's as well but for four letters before them (`avcodec_string`)."""

_LAYOUTS = {
    b"mono": 1,
    b"stereo": 2,
    b"downmix": 2,
    b"binaural": 2,
    b"quad": 4,
    b"hexagonal": 6,
    b"octagonal": 8,
    b"cube": 8,
    b"hexadecagonal": 16,
}
"""The channels of layouts that have a name (libavutil's channel_layout.c); those of 5.1 and its like are the sum of its numbers."""

_READ = re.compile(rb"Input #0, ")
_BEGINS = b"Stream mapping:"
"""ffmpeg says this when it has listed the tracks, and before it decodes anything."""


@dataclass(frozen=True, slots=True)
class Track:
    """A track of sound: its number among them, from 1, whether its container calls it the default, and whether ffmpeg knows its codec.

    `rate_hz` and `channels` are 0 where the file does not tell.
    """

    number: int
    default: bool = False
    known: bool = True
    rate_hz: int = 0
    channels: int = 0


def preferred(tracks: tuple[Track, ...]) -> tuple[int, ...]:
    """Return the numbers of the tracks in the order in which to try them: the default ones first, those of unknown codecs last."""
    return tuple(track.number for track in sorted(tracks, key=lambda one: (not one.known, not one.default, one.number)))


class Listing:
    """What ffmpeg says, read as it comes so that it never waits for its reader, and forgotten but for the tracks."""

    def __init__(self, stderr: IO[bytes]) -> None:
        self.listed = Event()
        """Set when the tracks are all known."""
        self._found: dict[int, Track] = {}
        self._readable = False
        self._stderr = stderr
        self._reader = Thread(target=self._read, name="ffmpeg", daemon=True)
        self._reader.start()

    @property
    def tracks(self) -> tuple[Track, ...] | None:
        """The tracks in the order of the file's streams; None when it is no file of sound or film."""
        if not self._readable:
            return None
        return tuple(replace(track, number=number) for number, (_, track) in enumerate(sorted(self._found.items()), 1))

    def close(self) -> None:
        """Wait for the end of it, which comes with the process's."""
        self._reader.join()
        self._stderr.close()

    def _read(self) -> None:
        while line := self._stderr.readline(_LINE_BYTES):
            if not self.listed.is_set():
                self._note(line)
        self.listed.set()

    def _note(self, line: bytes) -> None:
        if line.startswith(_BEGINS):
            self.listed.set()
        elif _READ.match(line):
            self._readable = True
        elif (found := _STREAM.match(line)) and len(self._found) < _MOST_STREAMS:
            stream, codec, rest = found.groups()
            self._found[int(stream)] = _track(codec.rstrip(b","), rest)


def _track(codec: bytes, rest: bytes) -> Track:
    """Return a track as its line tells of it, whose number among the tracks is not yet known."""
    default, known = b"(default)" in rest, codec != b"none"
    if not (sound := _SOUND.search(rest)):
        return Track(0, default, known)
    rate, counted, order, dotted, name = sound.groups()
    if dotted:
        channels = sum(int(number) for number in dotted.split(b".") if number)
    else:
        channels = int(counted) if counted else (int(order) + 1) ** 2 if order else _LAYOUTS.get(name, 0)
    return Track(0, default, known, int(rate), channels)
