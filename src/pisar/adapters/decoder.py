"""Any audio or video file → samples, by ffmpeg (pydub holds what comes out).

The bytes come from strangers, so ffmpeg gets nothing but them: containers that name other files or addresses (playlists,
concat scripts) are not on the list of formats, no protocol but `file` may be opened, the environment with its secrets stays
here, one thread, one clock. Its output is read block by block and only up to the limit, so ten hours of silence in a megabyte
cost no more than the limit itself. What ffmpeg says never leaves this module.

The input is an unnamed temporary file handed over as standard input, not a pipe: MP4 and M4A often carry their index at the
end, so the reader has to seek, and a file that never had a name can't be left behind, whatever kills us.
"""

import errno
import fcntl
import math
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Timer
from typing import IO, TYPE_CHECKING, TypeVar

from pisar.domain.audio import FULL_SCALE, SAMPLE_RATE_HZ, AudioLimits
from pisar.errors import Misconfigured, Rejected, Rejection, Unavailable

if TYPE_CHECKING:
    from pisar.ports import Samples

DEADLINE_SECONDS = 120.0
"""After this ffmpeg is killed. An hour of Opus takes a core about 10 s, so this is a file built to stall or a machine that can't serve."""

TOLERANCE_SECONDS = 1.0
"""A recording may be this much over the limit: containers round durations and encoders pad the last frame."""

FORMATS = "aac,ac3,aiff,amr,ape,asf,au,avi,caf,eac3,flac,flv,matroska,mov,mp3,mpeg,mpegts,ogg,rm,tta,w64,wav,webm,wv"
"""ffmpeg's demuxers that hold their sound themselves; hls, concat, dash, sdp and the like, which point elsewhere, stay out."""

BLOCK_SECONDS = 30
"""Of samples that are handed on at a time: 1.9 MB."""

_SAMPLE_BYTES = 2
_BLOCK_BYTES = BLOCK_SECONDS * SAMPLE_RATE_HZ * _SAMPLE_BYTES
_MEGABYTE = 1024 * 1024
_PIPE_BYTES = _MEGABYTE
"""What Linux lets a pipe hold without asking root (pipe(7)): a block, decoded while the last one is listened to."""

T = TypeVar("T")


class FfmpegDecoder:
    """Plays Decoder. Safe for threads: every call runs an ffmpeg of its own."""

    def __init__(self, ffmpeg: str | None = None, *, deadline_seconds: float = DEADLINE_SECONDS) -> None:
        """Use the given ffmpeg, else the one on PATH, else imageio-ffmpeg's; raise Misconfigured if there is none."""
        self._ffmpeg = _find_ffmpeg(ffmpeg)
        self._deadline_seconds = deadline_seconds

    def decode(self, audio: bytes, limits: AudioLimits) -> "Samples":
        """Return float32 mono samples in [-1, 1], shape (n,), at SAMPLE_RATE_HZ; a file that breaks off gives what it has.

        Raises Rejected as the port says, Unavailable when ffmpeg could not be run or was killed (out of memory).
        """
        return _to_samples(b"".join(self._pcm(audio, limits)))

    def stream(self, audio: bytes, limits: AudioLimits) -> "Iterator[Samples]":
        """Yield the same samples in blocks of BLOCK_SECONDS; raises as `decode`."""
        yield from map(_to_samples, self._pcm(audio, limits))

    def _pcm(self, audio: bytes, limits: AudioLimits) -> Iterator[bytes]:
        """Yield 16-bit samples in blocks, all of them whole but for the last."""
        if len(audio) > limits.max_bytes:
            size_mb = math.ceil(10 * len(audio) / _MEGABYTE) / 10
            raise Rejected(Rejection.TOO_BIG, {"limit_mb": _tidy(limits.max_bytes / _MEGABYTE), "size_mb": _tidy(size_mb)})
        if not audio:
            raise Rejected(Rejection.CANNOT_DECODE)
        left = int((limits.max_seconds + TOLERANCE_SECONDS) * SAMPLE_RATE_HZ) * _SAMPLE_BYTES
        try:
            with tempfile.TemporaryFile() as file:
                file.write(audio)
                file.seek(0)
                for block in self._run(file):
                    left -= len(block)
                    if left < 0:
                        raise Rejected(Rejection.TOO_LONG, {"limit_minutes": _tidy(limits.max_seconds / 60)})
                    yield block
        except OSError as error:
            raise Unavailable(f"ffmpeg could not be run: {errno.errorcode.get(error.errno or 0, 'unknown error')}") from error

    def _run(self, file: IO[bytes]) -> Iterator[bytes]:
        """Yield ffmpeg's output."""
        command = [self._ffmpeg, "-nostdin", "-hide_banner", "-loglevel", "fatal"]
        command += ["-protocol_whitelist", "file", "-format_whitelist", FORMATS, "-threads", "1", "-vn", "-sn", "-dn"]
        command += ["-i", "file:/dev/stdin", "-map", "0:a:0", "-filter_threads", "1", "-threads", "1"]
        command += ["-ac", "1", "-ar", str(SAMPLE_RATE_HZ), "-f", "s16le", "pipe:1"]
        with subprocess.Popen(command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={}) as process:
            stdout, stderr = process.stdout, process.stderr
            if stdout is None or stderr is None:
                raise AssertionError("both were asked for as pipes")
            with suppress(OSError, AttributeError):  # where there is no such call, or it is refused, ffmpeg waits for its reader
                fcntl.fcntl(stdout, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
            deadline = _Deadline(process, self._deadline_seconds)
            silent = True
            try:
                while block := deadline.within(lambda: stdout.read(_BLOCK_BYTES)):
                    silent = False
                    yield block
                said = deadline.within(stderr.read)  # only fatal lines: it fits a pipe's buffer, so reading it last can't lock
                code = deadline.within(process.wait)
            finally:
                process.kill()
        if deadline.passed:
            raise Rejected(Rejection.CANNOT_DECODE)
        if code == -signal.SIGKILL:
            raise Unavailable("ffmpeg was killed from outside")
        if code < 0:
            raise Rejected(Rejection.CANNOT_DECODE)
        if silent:
            trackless = code == 0 or b"matches no streams" in said or b"not contain any stream" in said
            raise Rejected(Rejection.NO_AUDIO_TRACK if trackless else Rejection.CANNOT_DECODE)


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


def _find_ffmpeg(given: str | None) -> str:
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


def _to_samples(pcm: bytes) -> "Samples":
    import numpy as np  # noqa: PLC0415 - 0.15-0.3 s that whoever only imports this module need not pay

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # pydub looks for ffmpeg on PATH and complains; we never let it run one
        from pydub import AudioSegment  # noqa: PLC0415 - see numpy
    whole = pcm[: len(pcm) // _SAMPLE_BYTES * _SAMPLE_BYTES] if len(pcm) % _SAMPLE_BYTES else pcm
    segment = AudioSegment(data=whole, sample_width=_SAMPLE_BYTES, frame_rate=SAMPLE_RATE_HZ, channels=1)
    samples = np.frombuffer(segment.raw_data, "<i2").astype(np.float32)
    samples /= FULL_SCALE
    return samples


def _tidy(number: float) -> int | float:
    """Return the number as a person writes it: 20, not 20.0; 1.5, not 1.50001."""
    rounded = round(number, 1)
    return int(rounded) if rounded == int(rounded) else rounded
