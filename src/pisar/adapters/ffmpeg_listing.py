"""What ffmpeg says of a file before it decodes: which tracks of sound there are, of what rate and how many channels."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Event, Thread
from typing import IO

_MOST_STREAMS = 1000
"""ffmpeg reads no more of a file (its option max_streams)."""

_SPELLED = 48
"""Places in a path at which it is spelled in one of two ways."""

_LINE_BYTES = 4096
"""More than ffmpeg says in a line (libavutil's log.c writes 1024 bytes of one at most), so none is cut in two."""

_STREAM = re.compile(rb"  Stream #0:(\d+)(?:\[[^\]]*\])?(?:\(.*?\))?: Audio: (\S+)(.*)")
"""A track in ffmpeg's list (`av_dump_format`). Its language stands there as the file says it, whatever that is."""

_AUDIO = re.compile(rb"Audio: (\S+)(.*)")

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

_READ = b"Input #0, "
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


def spelled(path: str) -> str:
    """Return a path of the same file that whoever wrote it can't have guessed: a line that names it is ffmpeg's own."""
    folder, _, name = path.rpartition("/")
    return folder + "".join(secrets.choice(("/", "/.")) for _ in range(_SPELLED)) + "/" + name


class Listing:
    """What ffmpeg says, read as it comes so that it never waits for its reader, and forgotten but for the tracks.

    A file can have ffmpeg write lines of its choice among the others: a Matroska file's kind and languages are printed as they are. So
    nothing counts before ffmpeg names the file, as `path` spells it; of a track that is told of twice the first word counts; and a line
    that tells of sound which `is_taken` does not let pass, and is no whole line of a track's first telling, is a sign of a lie.
    """

    def __init__(self, stderr: IO[bytes], path: str, is_taken: Callable[["Track"], bool] = lambda _: True) -> None:
        self.listed = Event()
        """Set when the tracks are all known."""
        self.lies = False
        """Whether the file was seen to have told of other tracks than it has, so far."""
        self._end = f" from '{path}':\n".encode()
        self._is_taken = is_taken
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

    def finish(self) -> None:
        """Wait for the end of it, which comes with the process's."""
        self._reader.join()

    def close(self) -> None:
        """Wait for the end, and close the pipe."""
        self.finish()
        self._stderr.close()

    def _read(self) -> None:
        while line := self._stderr.readline(_LINE_BYTES):
            self._note(line)
        self.listed.set()

    def _note(self, line: bytes) -> None:
        if not self._readable:
            self._readable = line.startswith(_READ) and line.endswith(self._end)
        elif line.startswith(_BEGINS):
            self.listed.set()
        elif (found := _STREAM.match(line)) and not self.listed.is_set() and int(found[1]) not in self._found:
            if len(self._found) < _MOST_STREAMS:
                self._found[int(found[1])] = _track(found[2].rstrip(b","), found[3])
        elif (told := _AUDIO.search(line)) and not self._is_taken(_track(told[1].rstrip(b","), told[2])):
            self.lies = True


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
