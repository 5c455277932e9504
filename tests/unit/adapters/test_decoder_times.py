"""Times in the samples are the file's: a track that begins late, gaps between packets, times that go back or lie."""

import subprocess
import time
import tracemalloc

import numpy as np
import pytest

from pisar.adapters.decoder import FfmpegDecoder
from pisar.adapters.sound_packets import Clock, Packet
from pisar.domain.audio import AudioLimits
from pisar.errors import Rejected, Rejection

RATE = 16_000
LIMITS = AudioLimits(max_bytes=20 * 1024 * 1024, max_seconds=600)
FILM = ("-f", "lavfi", "-i", "testsrc=duration=9:size=32x32:rate=5")


def tone(seconds: float, *, channels: str = "mono") -> tuple[str, ...]:
    return ("-f", "lavfi", "-i", f"sine=440:duration={seconds}:sample_rate=48000,aformat=channel_layouts={channels}")


def sounding(samples: np.ndarray) -> list[tuple[float, float]]:
    """Return from where to where something sounds, in tenths of a second."""
    loud = np.abs(samples[: len(samples) // 160 * 160]).reshape(-1, 160).max(axis=1) > 0.02
    edges = np.flatnonzero(np.diff(np.concatenate([[False], loud, [False]]).astype(int)))
    return [(round(start / 100, 1), round(end / 100, 1)) for start, end in edges.reshape(-1, 2).tolist() if end - start > 10]


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp4", "aac"), ("a.mov", "pcm_s16le"), ("a.mkv", "libopus"), ("a.mkv", "pcm_s16le")],
)
@pytest.mark.parametrize("channels", ["mono", "stereo"])
def test_a_track_that_begins_later_than_its_film_has_silence_before_it(decoder, make, name, codec, channels):
    file = make(name, *FILM, "-itsoffset", "6", *tone(2, channels=channels), "-c:a", codec)
    assert sounding(decoder.decode(file, LIMITS)) == [(6.0, 8.0)]


@pytest.mark.parametrize(("name", "codec"), [("a.mkv", "pcm_s16le"), ("a.mkv", "libopus"), ("a.mka", "flac")])
def test_a_gap_between_packets_is_silence(decoder, make, name, codec):
    late = "asetnsamples=960,asetpts=PTS+gte(T\\,2)*5/TB"
    samples = decoder.decode(make(name, *tone(3), "-af", late, "-c:a", codec), LIMITS)
    assert sounding(samples) == [(0.0, 2.0), (7.0, 8.0)]
    assert not samples[int(2.2 * RATE) : int(6.8 * RATE)].any()


def test_a_film_and_a_recording_that_begin_together_late_begin_at_once(decoder, make):
    file = make("a.mkv", *FILM, *tone(2), "-output_ts_offset", "3600", "-c:a", "pcm_s16le")
    assert sounding(decoder.decode(file, LIMITS)) == [(0.0, 2.0)]


@pytest.mark.parametrize(
    ("name", "seconds"),
    [("a.mkv", 2.0), ("a.mp4", 1.5)],  # the latter's edit list says that what is before the film is not to be played
)
def test_a_recording_that_begins_before_its_film_begins_at_once(decoder, make, name, seconds):
    file = make(name, *FILM, "-itsoffset", "-0.5", *tone(2), "-c:a", "aac")
    ((start, end),) = sounding(decoder.decode(file, LIMITS))
    assert (start, end - start) == (0.0, pytest.approx(seconds, abs=0.11))


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.wav", ()),
        ("a.ogg", ("-c:a", "libopus")),
        ("a.mp3", ()),
        ("a.m4a", ()),
        ("a.flac", ()),
        ("a.webm", ("-c:a", "libopus")),
        ("a.aac", ()),
    ],
)
def test_a_file_without_gaps_gives_the_very_samples_that_ffmpeg_does(ffmpeg, make, tmp_path, name, codec):
    voice = make(name, *tone(2.5), "-af", "tremolo=f=7:d=0.9", *codec)
    plain = [ffmpeg, "-v", "error", "-i", str(tmp_path / name), "-ac", "1", "-ar", str(RATE), "-f", "s16le", "-"]
    expected = np.frombuffer(subprocess.run(plain, capture_output=True, check=True).stdout, "<i2").astype(np.float32) / 32768
    assert np.array_equal(FfmpegDecoder(ffmpeg).decode(voice, LIMITS), expected)


def test_jitter_of_times_neither_stretches_nor_clicks(decoder, make):
    even = decoder.decode(make("a.mkv", *tone(5), "-c:a", "pcm_s16le"), LIMITS)
    shaking = "asetnsamples=960,asetpts=PTS+0.04*random(0)/TB"
    assert np.array_equal(decoder.decode(make("b.mkv", *tone(5), "-af", shaking, "-c:a", "pcm_s16le"), LIMITS), even)


def test_what_goes_back_in_time_is_heard_after_what_came_before(decoder, make):
    file = bytearray(make("a.mkv", *tone(8), "-c:a", "pcm_s16le", "-cluster_time_limit", "1000", "-write_crc32", "0"))
    clusters = [at for at in range(len(file)) if file.startswith(b"\x1f\x43\xb6\x75", at)]
    times = [file.index(b"\xe7", at) for at in clusters]
    last = times[-1]
    assert (len(clusters) > 5, file[last + 1]) == (True, 0x82)
    file[last + 2 : last + 4] = b"\x00\x00"  # the last second says that it is the first
    assert len(decoder.decode(bytes(file), LIMITS)) == pytest.approx(8 * RATE, abs=RATE / 10)


def test_files_laid_one_after_another_are_heard_one_after_another(decoder, make):
    file = make("a.ts", *tone(2), "-c:a", "mp2")
    assert sounding(decoder.decode(file * 3, LIMITS)) == [(0.0, 2.0), (2.0, 4.0), (4.0, 6.0)]  # the codec fades in


def test_hours_of_silence_that_a_file_claims_are_refused_before_they_are_made(decoder, make):
    file = make("a.mkv", *FILM, "-itsoffset", "36000", *tone(1), "-c:a", "pcm_s16le")
    decoder.decode(make("a.wav", *tone(1)), LIMITS)  # what is imported for the first time does not count
    began = time.monotonic()
    tracemalloc.start()
    try:
        with pytest.raises(Rejected) as caught:
            decoder.decode(file, LIMITS)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (caught.value.code, caught.value.details) == (Rejection.TOO_LONG, {"limit_minutes": 10})
    assert (peak < 5_000_000, time.monotonic() - began < 30) == (True, True)


def test_hours_of_silence_that_are_allowed_take_no_memory_of_ffmpegs(make, script):
    file = make("a.mkv", *FILM, "-itsoffset", "10800", *tone(1), "-c:a", "pcm_s16le")
    small = FfmpegDecoder(script('ulimit -v 1000000; exec FFMPEG "$@"'))
    seconds, loud = 0.0, []
    for block in small.stream(file, AudioLimits(max_bytes=20_000_000, max_seconds=4 * 3600)):
        if block.any():
            loud.append(seconds + np.flatnonzero(block)[0] / RATE)
        seconds += len(block) / RATE
    assert loud == [pytest.approx(10_800, abs=0.1)]
    assert seconds == pytest.approx(10_801, abs=0.1)


def test_silence_is_counted_into_the_times_of_what_follows():
    clock = Clock()
    packets = [Packet(at, 2, bytes(4 * 1600)) for at in (0.0, 0.1, 0.25, 0.5, 0.5, 0.9)]  # a tenth of a second each
    assert [clock.silence_before(packet) for packet in packets] == [0, 0, 0, 3200, 0, 3200]
    assert clock.frames == 6 * 1600 + 6400
