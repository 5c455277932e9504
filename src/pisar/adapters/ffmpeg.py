"""One run of ffmpeg over a stranger's file: what tracks there are, and the packets of one of them.

ffmpeg gets nothing but the file: containers that name other files or addresses (playlists, concat scripts) are not on the list of
formats, no protocol but `file` may be opened, no picture is decoded, the environment with its secrets stays here, one thread, one clock,
and a fence around it all (`pisar.adapters.fence`). What it says never leaves this module but for the tracks, which it lists before it
begins to decode.
"""

import fcntl
import math
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Event, Thread
from types import TracebackType
from typing import IO, Self, TypeVar

from pisar.adapters.codecs import CODECS
from pisar.adapters.fence import NOT_STARTED, Fence, cpu_seconds_of, cpu_seconds_so_far, start
from pisar.adapters.ffmpeg_listing import Listing, Track, spelled
from pisar.adapters.sound_packets import NotSoundError, Packet, packets
from pisar.domain.audio import SAMPLE_RATE_HZ
from pisar.errors import Misconfigured, OutOfMemory, Rejected, Rejection, Unavailable

FORMATS = "aac,ac3,aiff,amr,ape,asf,au,avi,caf,eac3,flac,flv,matroska,mov,mp3,mpeg,mpegts,ogg,rm,tta,w64,wav,webm,wv"
"""ffmpeg's demuxers that hold their sound themselves; hls, concat, dash, sdp and the like, which point elsewhere, stay out."""

_LARGEST_BYTES = 256 * 1024 * 1024
"""Of one block of ffmpeg's memory (its option max_alloc). A cover is read whole, though never decoded.

It is a bound too where the system has none."""

_CHUNK_BYTES = 1024 * 1024
"""Read at a time, and what Linux lets a pipe hold without asking root (pipe(7)): half a minute, decoded while the last is listened to."""

LEAST_PACE = 60
"""Seconds of sound for one of a core's time, the least that is let pass once the other time is used up: an hour of Opus takes 10 to 25 s
of one. A stranger gains nothing by sound that is dear to decode, for the engine has more work with each second of it."""

_LOOK_SECONDS = 1.0
"""While ffmpeg is waited for, its time is looked at so often."""

_ROUNDED_SECONDS = 0.5
"""The kernel looks at a limit of CPU time at its ticks, and counts in hundredths."""

T = TypeVar("T")


class Run:
    """An ffmpeg at work on a file; a context manager that leaves no process behind.

    `deadline_seconds`: all that it is waited for. `cpu_seconds`: what it may use of a core, besides one for each LEAST_PACE seconds of
    sound that it gives, of which there may be `max_seconds`; `used_seconds` is what it did use, afterwards.

    `is_taken` says whether sound of such a rate and so many channels may be decoded: a file that hides that its own may not is refused.
    `track` is the number of the one to decode, from 1; None only lists them. `tracks` are there once it is entered: none when the file
    holds no sound, None when it can't be read at all. To enter raises as `packets` does.
    """

    def __init__(
        self,
        ffmpeg: str,
        fence: Fence,
        file: IO[bytes],
        track: int | None,
        *,
        deadline_seconds: float,
        cpu_seconds: float,
        max_seconds: float = 0.0,
        is_taken: Callable[[Track], bool] = lambda _: True,
    ) -> None:
        self.tracks: tuple[Track, ...] | None = None
        self.used_seconds = 0.0
        self._cpu_seconds = cpu_seconds
        self._given_seconds = 0.0
        self._most_cpu_seconds = max(1, math.ceil(cpu_seconds + max_seconds / LEAST_PACE))
        command = [ffmpeg, "-max_alloc", str(_LARGEST_BYTES), "-nostdin", "-nostats", "-hide_banner", "-loglevel", "info"]
        command += ["-protocol_whitelist", "file", "-format_whitelist", FORMATS, "-codec_whitelist", CODECS]
        command += ["-threads", "1", "-vn", "-sn", "-dn"]
        path = f"file:{spelled('/dev/stdin')}"
        command += ["-i", path]
        if track is not None:
            command += ["-map", f"0:a:{track - 1}", "-filter_threads", "1", "-threads", "1"]
            command += ["-c:a", "pcm_s16le", "-ar", str(SAMPLE_RATE_HZ), "-f", "matroska", "pipe:1"]
        file.seek(0)
        self._process = start(fence, command, cpu_seconds=self._most_cpu_seconds, stdin=file.fileno())
        if self._process.stdout is None or self._process.stderr is None:
            raise AssertionError("both were asked for as pipes")
        self._stdout = self._process.stdout
        with suppress(OSError, AttributeError):  # where there is no such call, or it is refused, ffmpeg waits for its reader
            fcntl.fcntl(self._stdout, fcntl.F_SETPIPE_SZ, _CHUNK_BYTES)
        self._deadline = _Deadline(self._process, deadline_seconds, self._is_over)
        self._said = Listing(self._process.stderr, path, is_taken)

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
            for packet in packets(iter(lambda: self._deadline.within(lambda: self._stdout.read(_CHUNK_BYTES)), b"")):
                self._given_seconds += packet.frames / SAMPLE_RATE_HZ
                if self._said.lies:
                    raise Rejected(Rejection.CANNOT_DECODE)
                yield packet
        except NotSoundError:
            raise Rejected(Rejection.CANNOT_DECODE) from None
        self._check()

    def _check(self) -> None:
        """Wait for the end, and raise for one that was forced on it."""
        self._deadline.within(self._wait)
        if self._deadline.passed:
            raise Rejected(Rejection.CANNOT_DECODE)
        if why := NOT_STARTED.get(self._process.returncode):
            raise Unavailable(f"ffmpeg could not be run: {why}")
        if self._process.returncode == -signal.SIGKILL and self.used_seconds < self._most_cpu_seconds - _ROUNDED_SECONDS:
            raise OutOfMemory("ffmpeg was killed from outside")
        self._said.finish()
        if self._process.returncode < 0 or self._said.lies:
            raise Rejected(Rejection.CANNOT_DECODE)

    @property
    def succeeded(self) -> bool:
        """Whether ffmpeg ended without a complaint."""
        return self._process.returncode == 0

    @property
    def unpaid_seconds(self) -> float:
        """What it used of a core beyond what its sound is worth, afterwards."""
        return max(0.0, self.used_seconds - self._given_seconds / LEAST_PACE)

    def _is_over(self) -> bool:
        return cpu_seconds_so_far(self._process) > self._cpu_seconds + self._given_seconds / LEAST_PACE

    def _wait(self) -> None:
        if self._process.returncode is None:
            self.used_seconds = cpu_seconds_of(self._process)
            self._process.wait()

    def _end(self) -> None:
        self._process.kill()
        self._wait()
        self._stdout.close()
        self._said.close()


class _Deadline:
    """Kills the process when it has been waited for too long altogether, or is over its time, and remembers that it did."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float, is_over: Callable[[], bool]) -> None:
        self.passed = False
        self._process = process
        self._left = seconds
        self._is_over = is_over

    def within(self, wait: Callable[[], T]) -> T:
        """Return what the process is waited for. The time between two waits is the caller's own and does not count."""
        began = time.monotonic()
        came = Event()
        Thread(target=self._watch, args=(came, began + self._left), name="deadline", daemon=True).start()
        try:
            return wait()
        finally:
            came.set()
            self._left -= time.monotonic() - began

    def _watch(self, came: Event, ends: float) -> None:
        while not came.wait(min(_LOOK_SECONDS, max(0.0, ends - time.monotonic()))):
            if time.monotonic() >= ends or self._is_over():
                self.passed = True
                self._process.kill()
                return


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
