"""Any audio or video file → samples, by ffmpeg (pydub holds what comes out).

Its output is read packet by packet and only up to the limit, so ten hours of silence in a megabyte cost no more than the limit itself,
and hours of silence that a file's times claim cost no memory at all.

The input is an unnamed temporary file handed over as standard input, not a pipe: MP4 and M4A often carry their index at the
end, so the reader has to seek, and a file that never had a name can't be left behind, whatever kills us.
"""

import errno
import logging
import os
import tempfile
import time
import warnings
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from threading import BoundedSemaphore
from typing import IO, TYPE_CHECKING

from pisar.adapters.fence import fence_for, keep_secrets
from pisar.adapters.ffmpeg import Run, find_ffmpeg
from pisar.adapters.ffmpeg_listing import Track, preferred
from pisar.adapters.mixing import Mixer
from pisar.adapters.sound_packets import SAMPLE_BYTES, Clock, Packet
from pisar.domain.audio import FULL_SCALE, SAMPLE_RATE_HZ, AudioLimits, tidy, too_big
from pisar.domain.foreign_formats import foreign_format
from pisar.errors import Crowded, Rejected, Rejection, Unavailable
from pisar.ports.speech import Spent

if TYPE_CHECKING:
    from pisar.ports.speech import Samples

log = logging.getLogger(__name__)

DEADLINE_SECONDS = 120.0
"""After so much waiting for it ffmpeg is killed, or in proportion where more than an hour of sound is allowed. Its limit of a core's time
is reached first, but on a machine that can't serve."""

CPU_SECONDS, CPU_SECONDS_PER_MB = 25.0, 1.25
"""Of a core's time, for a file of 20 MB and less, and for each further megabyte, besides what its sound is worth (`ffmpeg.LEAST_PACE`)."""

AT_ONCE = 2
"""So many files are decoded at once by a process: together they may take twice the fence's memory, and all of two cores."""

TURN_SECONDS = 30.0
"""Who has waited for so long is told to come again. An ordinary file is decoded in a second or two."""

LEAST_RATE_HZ, MOST_RATE_HZ, MOST_CHANNELS = 4_000, 768_000, 16
"""What sound is taken. No recorder of speech samples less often than 8 kHz, and of a file that claims 1 Hz each sample would become
16,000; 768 kHz and 16 channels are the most that converters and recorders of sound offer."""

TOLERANCE_SECONDS = 1.0
"""A recording may be this much over the limit: containers round durations and encoders pad the last frame."""

BLOCK_SECONDS = 30
"""Of samples that are handed on at a time: 1.9 MB."""

MOST_TRACKS = 8
"""So many tracks are tried at most until one can be decoded; recorders of screens and of meetings write six."""

_BLOCK_BYTES = BLOCK_SECONDS * SAMPLE_RATE_HZ * SAMPLE_BYTES
_SILENCE_FRAMES = SAMPLE_RATE_HZ
_MEGABYTE = 1024 * 1024
_SMALL_BYTES = 20 * _MEGABYTE

_turns = BoundedSemaphore(AT_ONCE)


class FfmpegDecoder:
    """Plays Decoder. Safe for threads: every call runs an ffmpeg of its own, AT_ONCE in the process; who comes then waits for a turn.

    To make one keeps the process's environment and memory from others of its user (`keep_secrets`).
    """

    def __init__(self, ffmpeg: str | None = None, *, deadline_seconds: float = DEADLINE_SECONDS) -> None:
        """Use the given ffmpeg, else the one on PATH, else imageio-ffmpeg's; raise Misconfigured if there is none."""
        self._ffmpeg = find_ffmpeg(ffmpeg)
        self._fence = fence_for(self._ffmpeg)
        self._deadline_seconds = deadline_seconds
        keep_secrets()

    def decode(self, audio: bytes, limits: AudioLimits, *, track: int | None = None) -> "Samples":
        """Return float32 mono samples in [-1, 1], shape (n,), at SAMPLE_RATE_HZ; a file that breaks off gives what it has.

        Raises Rejected as the port says, Unavailable when ffmpeg could not be run or was killed (out of memory), or no turn came.
        """
        return _to_samples(b"".join(self._pcm(audio, limits, track, Spent())))

    def stream(self, audio: bytes, limits: AudioLimits, *, track: int | None = None, spent: Spent | None = None) -> "Generator[Samples]":
        """Yield the same samples in blocks of BLOCK_SECONDS, within what is left of the file's CPU time; raises as `decode`."""
        yield from map(_to_samples, self._pcm(audio, limits, track, spent or Spent()))

    def tracks(self, audio: bytes) -> tuple[int, ...]:
        """Return the numbers of the tracks, at most MOST_TRACKS, as the port says; raises Unavailable as `decode`."""
        with _turn(), _handed_over(audio) as file, self._run(file, None, self._deadline_seconds, _cpu_seconds(audio)) as run:
            return preferred(run.tracks or ())[:MOST_TRACKS]

    def _pcm(self, audio: bytes, limits: AudioLimits, track: int | None, spent: Spent) -> Iterator[bytes]:
        """Yield 16-bit samples of one channel in blocks, all of them whole but for the last."""
        if len(audio) > limits.max_bytes:
            raise too_big(len(audio), limits.max_bytes)
        if not audio:
            raise Rejected(Rejection.CANNOT_DECODE)
        # Closed here and not when it is collected: whatever ends the reading, ffmpeg must end before the answer.
        cpu_seconds = _cpu_seconds(audio)
        try:
            with _turn(), _handed_over(audio) as file, closing(self._decoded(file, track, limits, cpu_seconds, spent)) as packets:
                yield from _blocks(_mixed(packets, limits))
        except Rejected as error:
            if error.code is Rejection.CANNOT_DECODE and (what := foreign_format(audio)):
                raise Rejected(error.code, {"it_is": what}) from error
            raise

    def _run(self, file: IO[bytes], track: int | None, deadline_seconds: float, cpu_seconds: float, max_seconds: float = 0.0) -> Run:
        deadline, cpu = max(0.0, deadline_seconds), max(0.0, cpu_seconds)
        return Run(
            self._ffmpeg, self._fence, file, track, deadline_seconds=deadline, cpu_seconds=cpu, max_seconds=max_seconds, is_taken=_is_taken
        )

    def _decoded(self, file: IO[bytes], track: int | None, limits: AudioLimits, cpu_seconds: float, spent: Spent) -> Generator[Packet]:
        """Yield the packets of the track that is asked for, else of the first that can be decoded."""
        ends = time.monotonic() + self._deadline_seconds * max(1.0, limits.max_seconds / 3600)
        left: tuple[int, ...] = (track or 1,)  # nearly always the only one, so it is begun with before it is known
        refused: list[Rejected] = []
        looked = False
        while left:
            if spent.cpu_seconds >= cpu_seconds:
                raise Rejected(Rejection.CANNOT_DECODE)
            spoke = False
            run = self._run(file, left[0], ends - time.monotonic(), cpu_seconds - spent.cpu_seconds, limits.max_seconds)
            with _added(run, spent), run:
                if not looked:
                    left = _order(run.tracks, track)
                    looked = True
                    if left[0] != (track or 1):
                        continue
                try:
                    for packet in run.packets():
                        spoke = True
                        yield packet
                except Rejected as error:
                    if spoke:
                        raise
                    refused.append(error)
                else:
                    if spoke:
                        return
                    refused.append(Rejected(Rejection.NO_AUDIO_TRACK if run.succeeded else Rejection.CANNOT_DECODE))
            left = left[1:]
        raise next((error for error in refused if error.code is Rejection.CANNOT_DECODE), refused[0])


@contextmanager
def _added(run: Run, spent: Spent) -> Iterator[None]:
    """Add what the run used, however it ends."""
    try:
        yield
    finally:
        spent.cpu_seconds += run.unpaid_seconds


def _order(tracks: tuple[Track, ...] | None, wanted: int | None) -> tuple[int, ...]:
    """Return the numbers of the tracks to try, at least one.

    Raises Rejected: CANNOT_DECODE, NO_AUDIO_TRACK, NO_SUCH_TRACK, UNSUPPORTED_SOUND (the rate or the channels of each).
    """
    if tracks is None:
        raise Rejected(Rejection.CANNOT_DECODE)
    if not tracks:
        raise Rejected(Rejection.NO_AUDIO_TRACK)
    if wanted is not None and wanted > len(tracks):
        raise Rejected(Rejection.NO_SUCH_TRACK, {"track": wanted, "tracks": len(tracks)})
    asked = tracks if wanted is None else (tracks[wanted - 1],)
    if taken := tuple(track for track in asked if _is_taken(track)):
        return preferred(taken)[:MOST_TRACKS]
    details = {"least_hz": LEAST_RATE_HZ, "most_hz": MOST_RATE_HZ, "most_channels": MOST_CHANNELS}
    raise Rejected(Rejection.UNSUPPORTED_SOUND, {"rate_hz": asked[0].rate_hz, "channels": asked[0].channels, **details})


def _is_taken(track: Track) -> bool:
    """Say so too where the file tells neither rate nor channels: what it has instead the fence bounds."""
    return (not track.rate_hz or LEAST_RATE_HZ <= track.rate_hz <= MOST_RATE_HZ) and track.channels <= MOST_CHANNELS


def _cpu_seconds(audio: bytes) -> float:
    return CPU_SECONDS + CPU_SECONDS_PER_MB * max(0, len(audio) - _SMALL_BYTES) / _MEGABYTE


@contextmanager
def _turn() -> Iterator[None]:
    """Wait until fewer than AT_ONCE files are decoded here, for TURN_SECONDS at most. Raises Crowded."""
    if not _turns.acquire(blocking=False):
        log.info("waits for its turn to be decoded", extra={"at_once": AT_ONCE})
        if not _turns.acquire(timeout=TURN_SECONDS):
            raise Crowded("too many files are decoded at once")
    try:
        yield
    finally:
        _turns.release()


def _mixed(packets: Iterable[Packet], limits: AudioLimits) -> Iterator[bytes]:
    """Yield the samples of one channel, with silence where the file has none. Raises Rejected(TOO_LONG) before it makes too much."""
    most = int((limits.max_seconds + TOLERANCE_SECONDS) * SAMPLE_RATE_HZ)
    clock = Clock()
    mixer: Mixer | None = None
    for packet in packets:
        if mixer is None and packet.channels > 1:
            mixer = Mixer(packet.channels)
        silence = clock.silence_before(packet)
        if clock.frames > most:
            raise Rejected(Rejection.TOO_LONG, {"limit_minutes": tidy(limits.max_seconds / 60)})
        while silence > 0:
            some = min(silence, _SILENCE_FRAMES)
            nothing = bytes(some * packet.channels * SAMPLE_BYTES)
            yield mixer.add(nothing) if mixer else nothing
            silence -= some
        yield mixer.add(packet.pcm) if mixer else packet.pcm
    if mixer:
        yield mixer.end()


def _blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same bytes, _BLOCK_BYTES at a time."""
    held = bytearray()
    for piece in pieces:
        held += piece
        if len(held) >= _BLOCK_BYTES:
            yield bytes(held[:_BLOCK_BYTES])
            del held[:_BLOCK_BYTES]
    if held:
        yield bytes(held)


@contextmanager
def _handed_over(audio: bytes) -> Iterator[IO[bytes]]:
    """Give the audio as a file without a name. Raises Unavailable for what the system refuses meanwhile."""
    try:
        with tempfile.TemporaryFile() as file:
            file.write(audio)
            file.flush()
            os.fchmod(file.fileno(), 0o444)  # within its fence ffmpeg is somebody else; the file has no name to be found by
            yield file
    except OSError as error:
        raise Unavailable(f"ffmpeg could not be run: {errno.errorcode.get(error.errno or 0, 'unknown error')}") from error


def _to_samples(pcm: bytes) -> "Samples":
    import numpy as np  # noqa: PLC0415 - 0.15-0.3 s that whoever only imports this module need not pay

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # pydub looks for ffmpeg on PATH and complains; we never let it run one
        from pydub import AudioSegment  # noqa: PLC0415 - see numpy
    whole = pcm[: len(pcm) // SAMPLE_BYTES * SAMPLE_BYTES] if len(pcm) % SAMPLE_BYTES else pcm
    segment = AudioSegment(data=whole, sample_width=SAMPLE_BYTES, frame_rate=SAMPLE_RATE_HZ, channels=1)
    samples = np.frombuffer(segment.raw_data, "<i2").astype(np.float32)
    samples /= FULL_SCALE
    return samples
