"""Files that ffmpeg made here, and files nobody should have sent."""

import os
import subprocess
import sys
import threading
import time
import tracemalloc
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import numpy as np
import pytest

from pisar.adapters.decoder import BLOCK_SECONDS, FfmpegDecoder
from pisar.domain.audio import AudioLimits
from pisar.errors import Misconfigured, Rejected, Rejection, Unavailable
from tests.support.processes import alive, descendants

LIMITS = AudioLimits(max_bytes=20 * 1024 * 1024, max_seconds=600)
TONE = ("-f", "lavfi", "-i", "sine=440:duration=3")
FILM = ("-f", "lavfi", "-i", "testsrc=duration=1:size=160x120")


def rejection(decoder: FfmpegDecoder, audio: bytes, limits: AudioLimits = LIMITS) -> tuple[Rejection, dict[str, str | int | float]]:
    with pytest.raises(Rejected) as caught:
        decoder.decode(audio, limits)
    return caught.value.code, caught.value.details


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.ogg", ("-c:a", "libopus", "-b:a", "24k")),
        ("a.mp3", ()),
        ("a.m4a", ()),  # its index stands at the end
        ("a.wav", ("-ar", "44100", "-ac", "2")),
        ("a.webm", ("-c:a", "libopus")),
        ("a.flac", ()),
        ("a.aac", ()),
        ("a.3gp", ("-c:a", "aac")),
        ("a.avi", ()),
        ("a.mp4", FILM),
    ],
)
def test_whatever_holds_the_sound_it_comes_out_as_16_khz_mono_floats(decoder, make, name, options):
    samples = decoder.decode(make(name, *TONE, *options), LIMITS)
    assert (samples.dtype, samples.ndim) == (np.float32, 1)
    assert abs(len(samples) / 16_000 - 3) < 0.1
    spectrum = np.abs(np.fft.rfft(samples[8_000:24_000]))
    assert int(spectrum.argmax()) == 440
    assert 0.05 < float(np.abs(samples).max()) <= 1.0


def test_an_index_at_the_end_is_where_m4a_has_it(make):
    file = make("a.m4a", *TONE)
    assert file.index(b"mdat") < file.index(b"moov")


def test_amr_is_decoded(decoder):
    frame = b"\x3c" + bytes(31)  # 20 ms at 12.2 kbit/s; written by hand because few builds of ffmpeg can encode AMR
    assert len(decoder.decode(b"#!AMR\n" + frame * 150, LIMITS)) == 48_000


def test_a_film_without_sound_has_no_audio_track(decoder, make):
    assert rejection(decoder, make("v.mp4", *FILM)) == (Rejection.NO_AUDIO_TRACK, {})


def test_a_recording_of_no_length_has_no_audio_track(decoder, make):
    assert rejection(decoder, make("0.wav", "-f", "lavfi", "-i", "anullsrc", "-t", "0")) == (Rejection.NO_AUDIO_TRACK, {})


def test_of_a_well_known_file_that_is_no_recording_it_is_said_what_it_is(decoder):
    expected = {"it_is": "MIDI, which holds notes and no recording"}
    assert rejection(decoder, b"MThd" + bytes(500)) == (Rejection.CANNOT_DECODE, expected)


@pytest.mark.parametrize(
    "audio",
    [b"", b"O", b"not a recording\n" * 100, b"\0" * 5000, b"OggS" + b"\xff" * 5000],
    ids=["empty", "a byte", "text", "zeros", "a lie"],
)
def test_what_is_no_recording_cannot_be_decoded(decoder, audio):
    assert rejection(decoder, audio) == (Rejection.CANNOT_DECODE, {})


def test_a_file_that_breaks_off_gives_what_it_has(decoder, make):
    whole = make("a.ogg", *TONE, "-c:a", "libopus", "-b:a", "24k")
    assert 0.5 < len(decoder.decode(whole[: len(whole) // 2], LIMITS)) / 16_000 < 2.5


def test_a_stream_is_the_same_samples_in_blocks(decoder, make):
    file = make("a.flac", "-f", "lavfi", "-i", "sine=frequency=440:duration=70")
    limits = AudioLimits(max_bytes=20_000_000, max_seconds=100)
    blocks = list(decoder.stream(file, limits))
    assert [len(block) for block in blocks[:-1]] == [BLOCK_SECONDS * 16_000] * 2
    assert np.array_equal(np.concatenate(blocks), decoder.decode(file, limits))


def test_a_stream_ends_at_the_limit_with_what_came_before(decoder, make):
    file = make("a.flac", "-f", "lavfi", "-i", "sine=frequency=440:duration=70")
    blocks = decoder.stream(file, AudioLimits(max_bytes=20_000_000, max_seconds=45))
    assert len(next(blocks)) == BLOCK_SECONDS * 16_000
    with pytest.raises(Rejected) as caught:
        next(blocks)
    assert caught.value.code is Rejection.TOO_LONG


def test_who_takes_its_time_over_a_stream_does_not_use_up_the_decoders(make):
    file = make("a.flac", "-f", "lavfi", "-i", "sine=frequency=440:duration=70")
    limits = AudioLimits(max_bytes=20_000_000, max_seconds=100)
    blocks = FfmpegDecoder(deadline_seconds=5).stream(file, limits)
    seen = [next(blocks)]
    threading.Event().wait(6)
    assert len(seen + list(blocks)) == 3


def test_a_stream_that_is_left_leaves_no_process_behind(make):
    file = make("a.flac", "-f", "lavfi", "-i", "sine=frequency=440:duration=600")

    others = descendants(os.getpid())  # servers that other tests run by
    blocks = FfmpegDecoder().stream(file, AudioLimits(max_bytes=100_000_000, max_seconds=1000))
    next(blocks)
    started = descendants(os.getpid()) - others
    assert started
    blocks.close()
    assert not any(alive(pid) for pid in started)


def test_an_m4a_cut_before_its_index_cannot_be_decoded(decoder, make):
    whole = make("a.m4a", *TONE)
    assert rejection(decoder, whole[: whole.index(b"moov")]) == (Rejection.CANNOT_DECODE, {})


class Asked(BaseHTTPRequestHandler):
    paths: ClassVar[list[str]] = []

    def do_GET(self):
        self.paths.append(self.path)
        self.send_error(404)

    def log_message(self, *_):
        pass


def test_a_list_that_names_other_files_or_addresses_is_not_followed(decoder, make, tmp_path):
    make("secret.wav", *TONE)
    make("secret.ts", *TONE)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Asked)
    Asked.paths.clear()
    Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/a.ts"
    hls = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{}\n#EXT-X-ENDLIST\n"
    sdp = f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio {server.server_port} RTP/AVP 0\n"
    lists = [hls.format(name) for name in (address, f"file://{tmp_path}/secret.ts", f"{tmp_path}/secret.ts", "/etc/hostname")]
    lists += [f"ffconcat version 1.0\nfile {name}\n" for name in (address, f"{tmp_path}/secret.wav", "/etc/hostname", "stdin")]
    lists += [sdp, f"#EXTM3U\n{address}\n", f'<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>{address}</BaseURL></MPD>']
    try:
        assert {rejection(decoder, one.encode())[0] for one in lists} == {Rejection.CANNOT_DECODE}
        assert Asked.paths == []
    finally:
        server.shutdown()
        server.server_close()


def test_a_file_over_the_limit_is_refused_unseen_with_both_sizes():
    limits = AudioLimits(max_bytes=2 * 1024 * 1024, max_seconds=600)
    assert rejection(FfmpegDecoder(), b"x" * (2 * 1024 * 1024 + 1), limits) == (Rejection.TOO_BIG, {"limit_mb": 2, "size_mb": 2.1})


def test_a_recording_of_just_the_limit_is_taken_and_one_beyond_it_is_refused(decoder, make):
    file = make("a.ogg", *TONE, "-c:a", "libopus")
    assert len(decoder.decode(file, AudioLimits(max_bytes=1_000_000, max_seconds=3))) / 16_000 == pytest.approx(3, abs=0.1)
    assert rejection(decoder, file, AudioLimits(max_bytes=1_000_000, max_seconds=1.5)) == (Rejection.TOO_LONG, {"limit_minutes": 0})


def test_ten_hours_of_silence_in_a_small_file_cost_no_more_than_the_limit(make):
    # Few samples in large frames: made in a second, and smaller than what more of them would take.
    file = make("long.flac", "-f", "lavfi", "-i", "anullsrc=r=4000:cl=mono:d=36000", "-c:a", "flac", "-frame_size", "16384")
    assert len(file) < 500_000
    limits = AudioLimits(max_bytes=20 * 1024 * 1024, max_seconds=90)
    decoder = FfmpegDecoder()
    tracemalloc.start()
    try:
        assert rejection(decoder, file, limits) == (Rejection.TOO_LONG, {"limit_minutes": 1.5})
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 3 * 91 * 32_000  # the limit's samples, not 1.15 GB


def test_an_ffmpeg_that_stalls_is_killed_at_the_deadline(script):
    started = time.monotonic()
    assert rejection(FfmpegDecoder(script("exec sleep 60"), deadline_seconds=0.2), b"x") == (Rejection.CANNOT_DECODE, {})
    assert time.monotonic() - started < 30


def test_what_it_had_said_before_the_deadline_is_not_taken_for_the_whole(script, make):
    stalling = FfmpegDecoder(script('FFMPEG "$@" | /usr/bin/head -c 20000; exec sleep 60'), deadline_seconds=3)
    assert rejection(stalling, make("a.wav", *TONE)) == (Rejection.CANNOT_DECODE, {})


@pytest.mark.parametrize("before", ["", "/usr/bin/printf abcdefgh;", 'FFMPEG "$@";', 'FFMPEG "$@" | /usr/bin/head -c 20000;'])
def test_an_ffmpeg_killed_from_outside_may_succeed_later(script, make, before):
    with pytest.raises(Unavailable, match="killed from outside"):
        FfmpegDecoder(script(f"{before} kill -9 $$")).decode(make("a.wav", *TONE), LIMITS)


def test_what_no_ffmpeg_writes_is_not_taken_for_sound(script, make):
    babbling = FfmpegDecoder(script("FFMPEG \"$@\" >/dev/null; /usr/bin/printf '\\000\\001abcdefgh'"))
    assert rejection(babbling, make("a.wav", *TONE)) == (Rejection.CANNOT_DECODE, {})


def test_an_ffmpeg_that_crashes_on_a_file_has_not_decoded_it(script):
    assert rejection(FfmpegDecoder(script("kill -11 $$")), b"x") == (Rejection.CANNOT_DECODE, {})


def test_an_ffmpeg_that_vanished_is_no_fault_of_the_file(script):
    path = script("exit 0")
    decoder = FfmpegDecoder(path)
    Path(path).unlink()
    with pytest.raises(Unavailable, match=r"^ffmpeg could not be run: ENOENT$"):
        decoder.decode(b"x", LIMITS)


def test_ffmpeg_sees_no_secrets_of_ours(script, make, monkeypatch):
    monkeypatch.setenv("TELEGRAM_TOKEN", "1:secret")
    samples = FfmpegDecoder(script('test -z "$TELEGRAM_TOKEN" && exec FFMPEG "$@"')).decode(make("a.wav", *TONE), LIMITS)
    assert len(samples) == 48_000


def test_without_ffmpeg_on_the_path_the_packaged_one_is_used(monkeypatch, tmp_path, make):
    file = make("a.wav", *TONE)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert len(FfmpegDecoder().decode(file, LIMITS)) == 48_000


def test_without_any_ffmpeg_the_operator_learns_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(Misconfigured, match=r"apt install ffmpeg.*imageio-ffmpeg"):
        FfmpegDecoder()


def test_an_ffmpeg_named_but_absent_is_the_operators_mistake(tmp_path):
    with pytest.raises(Misconfigured, match="can't be found"):
        FfmpegDecoder(str(tmp_path / "absent"))


def test_importing_the_decoder_brings_neither_numpy_nor_pydub():
    code = "import sys, pisar.adapters.decoder; print([name for name in ('numpy', 'pydub') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
