"""One run of ffmpeg over a stranger's file: what tracks there are, and the packets of one of them.

ffmpeg gets nothing but the file: containers that name other files or addresses (playlists, concat scripts) are not on the list of
formats, no protocol but `file` may be opened, the environment with its secrets stays here, one thread, one clock. What it says never
leaves this module but for the tracks, which it lists before it begins to decode.
"""

import fcntl
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Thread, Timer
from types import TracebackType
from typing import IO, Self, TypeVar

from pisar.adapters.sound_packets import NotSoundError, Packet, packets
from pisar.domain.audio import SAMPLE_RATE_HZ
from pisar.errors import Misconfigured, OutOfMemory, Rejected, Rejection

FORMATS = "aac,ac3,aiff,amr,ape,asf,au,avi,caf,eac3,flac,flv,matroska,mov,mp3,mpeg,mpegts,ogg,rm,tta,w64,wav,webm,wv"
"""ffmpeg's demuxers that hold their sound themselves; hls, concat, dash, sdp and the like, which point elsewhere, stay out."""

_CHUNK_BYTES = 1024 * 1024
"""Read at a time, and what Linux lets a pipe hold without asking root (pipe(7)): half a minute, decoded while the last is listened to."""

_LINE_BYTES = 4096
"""More than ffmpeg says in a line (libavutil's log.c writes 1024 bytes of one at most), so none is cut in two."""

_STREAM = re.compile(rb"  Stream #0:(\d+)\S*: Audio: (\S+)(.*)")
"""A track in ffmpeg's list. What a file says of itself stands further to the right (`av_dump_format`), so it can't pass for one."""

_READ = re.compile(rb"Input #0, ")
_BEGINS = b"Stream mapping:"
"""ffmpeg says this when it has listed the tracks, and before it decodes anything."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Track:
    """A track of sound: its number among them, from 1, whether its container calls it the default, and whether ffmpeg knows its codec."""

    number: int
    default: bool = False
    known: bool = True


def preferred(tracks: tuple[Track, ...]) -> tuple[int, ...]:
    """Return the numbers of the tracks in the order in which to try them: the default ones first, those of unknown codecs last."""
    return tuple(track.number for track in sorted(tracks, key=lambda one: (not one.known, not one.default, one.number)))


class Run:
    """An ffmpeg at work on a file; a context manager that leaves no process behind. `deadline_seconds`: all that it is waited for.

    `track` is the number of the one to decode, from 1; None only lists them. `tracks` are there once it is entered: none when the file
    holds no sound, None when it can't be read at all. To enter raises as `packets` does.
    """

    def __init__(self, ffmpeg: str, file: IO[bytes], track: int | None, *, deadline_seconds: float) -> None:
        self.tracks: tuple[Track, ...] | None = None
        command = [ffmpeg, "-nostdin", "-nostats", "-hide_banner", "-loglevel", "info"]
        command += ["-protocol_whitelist", "file", "-format_whitelist", FORMATS, "-threads", "1", "-vn", "-sn", "-dn"]
        command += ["-i", "file:/dev/stdin"]
        if track is not None:
            command += ["-map", f"0:a:{track - 1}", "-filter_threads", "1", "-threads", "1"]
            command += ["-c:a", "pcm_s16le", "-ar", str(SAMPLE_RATE_HZ), "-f", "matroska", "pipe:1"]
        file.seek(0)
        self._process = subprocess.Popen(command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={})
        if self._process.stdout is None or self._process.stderr is None:
            raise AssertionError("both were asked for as pipes")
        self._stdout = self._process.stdout
        with suppress(OSError, AttributeError):  # where there is no such call, or it is refused, ffmpeg waits for its reader
            fcntl.fcntl(self._stdout, fcntl.F_SETPIPE_SZ, _CHUNK_BYTES)
        self._deadline = _Deadline(self._process, deadline_seconds)
        self._said = _Said(self._process.stderr)

    def __enter__(self) -> Self:
        try:
            self._deadline.within(self._said.listed.wait)
            self.tracks = self._said.tracks
            if self.tracks is None:
                self._check()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        self._end()

    def packets(self) -> Iterator[Packet]:
        """Yield the track's packets, none if it can't be decoded. Raises Rejected(CANNOT_DECODE), OutOfMemory (killed from outside)."""
        try:
            yield from packets(iter(lambda: self._deadline.within(lambda: self._stdout.read(_CHUNK_BYTES)), b""))
        except NotSoundError:
            raise Rejected(Rejection.CANNOT_DECODE) from None
        self._check()

    def _check(self) -> None:
        """Wait for the end, and raise for one that was forced on it."""
        self._deadline.within(self._process.wait)
        if self._deadline.passed:
            raise Rejected(Rejection.CANNOT_DECODE)
        if self._process.returncode == -signal.SIGKILL:
            raise OutOfMemory("ffmpeg was killed from outside")
        if self._process.returncode < 0:
            raise Rejected(Rejection.CANNOT_DECODE)

    @property
    def succeeded(self) -> bool:
        """Whether ffmpeg ended without a complaint."""
        return self._process.returncode == 0

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()
        self._stdout.close()
        self._said.close()


class _Said:
    """What ffmpeg says, read as it comes so that it never waits for its reader, and forgotten but for the tracks."""

    def __init__(self, stderr: IO[bytes]) -> None:
        self.listed = Event()
        """Set when the tracks are all known."""
        self._found: dict[int, tuple[bytes, bool]] = {}
        self._readable = False
        self._stderr = stderr
        self._reader = Thread(target=self._read, name="ffmpeg", daemon=True)
        self._reader.start()

    @property
    def tracks(self) -> tuple[Track, ...] | None:
        """The tracks in the order of the file's streams; None when it is no file of sound or film."""
        if not self._readable:
            return None
        streams = sorted(self._found.items())
        return tuple(Track(number, default, codec != b"none") for number, (_, (codec, default)) in enumerate(streams, 1))

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
        elif found := _STREAM.match(line):
            number, codec, rest = found.groups()
            self._found[int(number)] = (codec.rstrip(b","), b"(default)" in rest)


class _Deadline:
    """Kills the process when it has been waited for too long altogether, and remembers that it did."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        self.passed = False
        self._process = process
        self._left = seconds

    def within(self, wait: Callable[[], T]) -> T:
        """Return what the process is waited for. The time between two waits is the caller's own and does not count."""
        timer = Timer(max(0.0, self._left), self._strike)
        timer.daemon = True
        began = time.monotonic()
        timer.start()
        try:
            return wait()
        finally:
            timer.cancel()
            self._left -= time.monotonic() - began

    def _strike(self) -> None:
        self.passed = True
        self._process.kill()


def find_ffmpeg(given: str | None) -> str:
    """Return the given ffmpeg, else the one on PATH, else imageio-ffmpeg's; raise Misconfigured if there is none."""
    if found := shutil.which(given or "ffmpeg"):
        return found
    if given:
        raise Misconfigured("the ffmpeg that was named can't be found or run; name an executable or leave it out to use the one on PATH")
    try:
        import imageio_ffmpeg  # noqa: PLC0415 - only where there is no ffmpeg

        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError) as error:
        raise Misconfigured(
            "no ffmpeg: install it (Debian: apt install ffmpeg, macOS: brew install ffmpeg) or the package imageio-ffmpeg"
        ) from error
