"""Files built to cost memory, time or both: what each comes to, and what ffmpeg took for it, measured."""

import itertools
import json
import logging
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore

import imageio_ffmpeg
import pytest

from pisar.adapters import decoder as decoding
from pisar.adapters.decoder import FfmpegDecoder
from pisar.adapters.sound_packets import NotSoundError, packets
from pisar.domain.audio import AudioLimits
from pisar.errors import Rejected, Rejection, Unavailable
from pisar.speech.tracks import spoken_track
from tests.fuzz.media import LIMITS, MOST_BYTES, MOST_SECONDS
from tests.fuzz.sounds import CLAIMS, TINY, covered, flac, png, wav
from tests.unit.adapters.conftest import FFMPEG
from tests.unit.cli.conftest import DEMO, MODEL

ROOT = Path(__file__).parents[3]
TONE = ("-f", "lavfi", "-i", "sine=440:duration=2")

ORDINARY_BYTES = 150 * 2**20
"""Of memory: more than ffmpeg takes for any ordinary file, which is 60 MB."""

_MEASURE = """
import json, sys
from pathlib import Path
from pisar.adapters import decoder
from tests.fuzz.media import peak_bytes, tried
least, ffmpeg, *paths = sys.argv[1:]
decoder.LEAST_RATE_HZ = int(least)
one = decoder.FfmpegDecoder(ffmpeg)
print(json.dumps([[*tried(one, Path(path).read_bytes()), peak_bytes()] for path in paths]))
"""


@pytest.fixture
def measured(tmp_path, ffmpeg):
    """Return what decodes files in a process of its own, and gives of each its outcome, a core's seconds, and the peak by then in bytes."""

    def measured(*files: bytes, least_rate_hz: int = decoding.LEAST_RATE_HZ) -> list[tuple[str, float, int]]:
        paths = [tmp_path / f"measured-{number}" for number in range(len(files))]
        for path, file in zip(paths, files, strict=True):
            path.write_bytes(file)
        command = [sys.executable, "-W", "ignore", "-c", _MEASURE, str(least_rate_hz), ffmpeg, *map(str, paths)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
        return [tuple(one) for one in json.loads(done.stdout)]

    return measured


@cache
def cover() -> bytes:
    """Return a picture that takes 200 MB decoded."""
    return png(5000)


def refusal(ffmpeg: str, file: bytes) -> dict[str, str | int | float]:
    with pytest.raises(Rejected) as caught:
        FfmpegDecoder(ffmpeg).decode(file, LIMITS)
    assert caught.value.code is Rejection.UNSUPPORTED_SOUND
    return caught.value.details


@pytest.mark.parametrize("name", TINY)
def test_a_rate_of_one_hertz_is_refused_before_it_costs_anything(measured, name):
    ((outcome, seconds, peak),) = measured(bytes.fromhex(TINY[name]))
    assert (outcome, seconds < 5, peak < ORDINARY_BYTES) == ("unsupported_sound", True, True)


def test_where_a_rate_goes_unseen_the_fence_bounds_the_memory(measured):
    for outcome, seconds, peak in measured(*map(bytes.fromhex, TINY.values()), least_rate_hz=0):
        assert (outcome in {"cannot_decode", "sound"}, seconds < MOST_SECONDS, peak < MOST_BYTES) == (True, True, True)


@pytest.mark.parametrize(("rate", "channels"), [(3999, 1), (1, 2), (768_001, 1), (8000, 17), (44_100, 24), (48_000, 255)])
def test_what_is_refused_is_told_with_what_is_taken(ffmpeg, rate, channels):
    limits = {"least_hz": 4000, "most_hz": 768_000, "most_channels": 16}
    assert refusal(ffmpeg, wav(rate, channels)) == {"rate_hz": rate, "channels": channels, **limits}


@pytest.mark.parametrize(("rate", "channels"), [(4000, 1), (8000, 2), (44_100, 6), (48_000, 8), (48_000, 16), (768_000, 1)])
def test_every_rate_and_layout_of_recorders_is_taken(ffmpeg, rate, channels):
    assert len(FfmpegDecoder(ffmpeg).decode(wav(rate, channels, seconds=0.05), LIMITS)) > 0


@pytest.mark.parametrize("layout", ["22.2", "hexadecagonal", "7.1(wide)", "5.1"])
def test_a_layouts_name_tells_its_channels(ffmpeg, make, layout):
    file = make("a.wav", "-f", "lavfi", "-i", f"anullsrc=r=8000:cl={layout}", "-t", "0.5")
    if layout == "22.2":
        assert refusal(ffmpeg, file)["channels"] == 24
    else:
        assert len(FfmpegDecoder(ffmpeg).decode(file, LIMITS)) == 8000


def test_a_track_that_is_not_taken_gives_way_to_one_that_is(ffmpeg, make):
    slow, plain = ("-f", "lavfi", "-i", "sine=440:duration=2:sample_rate=1000"), TONE
    file = make("a.mkv", *slow, *plain, "-map", "0", "-map", "1", "-c:a", "pcm_s16le", "-disposition:a:0", "default")
    decoder = FfmpegDecoder(ffmpeg)
    assert len(decoder.decode(file, LIMITS)) == 32_000
    assert len(decoder.decode(file, LIMITS, track=2)) == 32_000
    with pytest.raises(Rejected) as caught:
        decoder.decode(file, LIMITS, track=1)
    assert (caught.value.code, caught.value.details["rate_hz"]) == (Rejection.UNSUPPORTED_SOUND, 1000)


def with_cover(make, tmp_path: Path, name: str) -> bytes:
    (tmp_path / "cover.png").write_bytes(cover())
    picture = ("-i", str(tmp_path / "cover.png"))
    match name.rpartition(".")[2]:
        case "mp3":
            return covered(make("plain.mp3", *TONE), [cover()] * 4)
        case "mka":
            return make(name, *TONE, "-attach", str(tmp_path / "cover.png"), "-metadata:s:t", "mimetype=image/png", "-c:a", "libopus")
        case "mov" | "avi" | "mkv":  # a film of pictures
            return make(name, *TONE, *picture, "-map", "0", "-map", "1", "-c:v", "copy", "-c:a", "pcm_s16le")
        case _:
            return make(name, *TONE, *picture, "-map", "0", "-map", "1", "-c:v", "copy", "-disposition:v", "attached_pic")


@pytest.mark.parametrize("name", ["a.mp3", "a.m4a", "a.flac", "a.mka", "film.mov", "film.avi", "film.mkv"])
def test_no_picture_is_decoded(measured, make, tmp_path, name):
    ((outcome, seconds, peak),) = measured(with_cover(make, tmp_path, name))
    assert (outcome, seconds < 5, peak < ORDINARY_BYTES) == ("sound", True, True)


@pytest.mark.parametrize("claimed", [0, 1, 2**31, 2**32 - 1])
def test_a_length_that_is_only_claimed_costs_nothing(measured, claimed):
    ((outcome, seconds, peak),) = measured(wav(16_000, 1, claims_bytes=claimed))
    assert (outcome in {"sound", "no_audio_track", "cannot_decode"}, seconds < 5, peak < ORDINARY_BYTES) == (True, True, True)


@pytest.mark.parametrize("lie", ["a3 01 00000f0000000000", "9f 81 00 a3 85 81 00 00 80 00", "9f 84 7fffffff a3 85 81 00 00 80 00"])
def test_what_a_hijacked_ffmpeg_may_write_costs_nothing(lie):
    endless = itertools.chain([bytes.fromhex(lie)], itertools.repeat(bytes(2**20), 100))
    with pytest.raises(NotSoundError):
        list(packets(endless))
    assert sum(1 for _ in endless) > 90  # what it says of sizes and channels is looked at before more is read


def kind_of(doctype: bytes, file: bytes) -> bytes:
    """Return a Matroska file that says it is of another kind, which ffmpeg prints as it is."""

    def element(number: str, content: bytes) -> bytes:
        return bytes.fromhex(number) + bytes([0x40 | len(content) >> 8, len(content) & 255]) + content

    head = b"".join(element(one, value) for one, value in (("4286", b"\1"), ("42f7", b"\1"), ("42f2", b"\4"), ("42f3", b"\x08")))
    head += element("4282", doctype) + element("4287", b"\4") + element("4285", b"\2")
    return element("1a45dfa3", head) + file[file.index(bytes.fromhex("18538067")) :]


GOOD = "Audio: opus, 48000 Hz, mono"
LIES = {
    "the end of the list": "matroska\nStream mapping:\n",
    "a list of its own": f"matroska\nInput #0, matroska, from 'file:/dev/stdin':\n  Stream #0:0: {GOOD}\nStream mapping:\n",
}
LANGUAGES = {
    "a track": f"x): {GOOD}\n    title           : x",
    "a track and the end": f"x):\n  Stream #0:0: {GOOD}\nStream mapping:\n",
    "a whole track and the end": f"x): {GOOD}\nStream mapping:\n    title           : x",
}


@pytest.mark.parametrize("rate", [1000, 44_100])
@pytest.mark.parametrize("lie", LIES)
def test_a_files_kind_can_not_pass_for_ffmpegs_word(ffmpeg, make, lie, rate):
    plain = make("a.mkv", "-f", "lavfi", "-i", f"sine=440:duration=2:sample_rate={rate}", "-c:a", "pcm_s16le")
    file, began = kind_of(LIES[lie].encode(), plain), time.monotonic()
    if rate < decoding.LEAST_RATE_HZ:
        assert refusal(ffmpeg, file)["rate_hz"] == rate
    else:
        assert len(FfmpegDecoder(ffmpeg).decode(file, LIMITS)) == 32_000
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("lie", LANGUAGES)
def test_a_tracks_language_can_not_pass_for_ffmpegs_word(ffmpeg, make, lie):
    slow = ("-f", "lavfi", "-i", "sine=440:duration=2:sample_rate=1000", "-c:a", "pcm_s16le")
    file = make("a.mkv", *slow, "-metadata:s:a:0", f"language={LANGUAGES[lie]}")
    with pytest.raises(Rejected) as caught:
        FfmpegDecoder(ffmpeg).decode(file, LIMITS)
    assert caught.value.code in {Rejection.CANNOT_DECODE, Rejection.UNSUPPORTED_SOUND, Rejection.NO_AUDIO_TRACK}


@pytest.mark.parametrize("language", ["e n", "(x", "x)y", "ё"])
def test_a_track_of_an_odd_language_is_heard(ffmpeg, make, language):
    file = make("a.mkv", *TONE, "-c:a", "pcm_s16le", "-metadata:s:a:0", f"language={language}")
    assert len(FfmpegDecoder(ffmpeg).decode(file, LIMITS)) == 32_000


RATES = (1, 100, 3999, 4000, 8000, 44_100, 655_349, 768_000, 768_001, 2**31 - 1)
CHANNELS = (1, 2, 8, 16, 17, 255)


@pytest.mark.slow
@pytest.mark.parametrize("container", CLAIMS)
def test_whatever_a_header_claims_is_bounded(measured, ffmpeg, container):
    make, most_rate, most_channels = CLAIMS[container]
    claims = [(rate, channels) for rate, channels in itertools.product(RATES, CHANNELS) if rate <= most_rate and channels <= most_channels]
    claims = claims[:: 1 if ffmpeg == imageio_ffmpeg.get_ffmpeg_exe() else 3]  # the other takes four times as long to start
    found = measured(*(make(rate, channels) for rate, channels in claims))
    taken = {claim for claim in claims if 4000 <= claim[0] <= 768_000 and claim[1] <= 16}
    others = {"cannot_decode"} if container == "tta" else set()  # its samples are nonsense that ffmpeg notices
    for claim, (outcome, seconds, peak) in zip(claims, found, strict=True):
        assert outcome in {"sound" if claim in taken else "unsupported_sound", *others}, claim
        assert (seconds < MOST_SECONDS, peak < MOST_BYTES) == (True, True), claim


@pytest.mark.slow
def test_a_full_20_mb_of_the_dearest_sound_is_bounded(measured):
    for rate, channels in ((4000, 1), (768_000, 16), (655_349, 1)):
        sound = wav(rate, channels)
        ((outcome, seconds, peak),) = measured(sound + bytes(range(256)) * ((20 * 2**20 - len(sound)) // 256))
        assert (outcome, seconds < MOST_SECONDS, peak < MOST_BYTES) == ("sound", True, True)


def test_a_file_that_takes_a_cores_time_without_end_is_given_up(script, monkeypatch):
    monkeypatch.setattr(decoding, "CPU_SECONDS", 1.0)
    began = time.monotonic()
    with pytest.raises(Rejected) as caught:
        FfmpegDecoder(script("while :; do :; done")).decode(b"x", LIMITS)
    assert (caught.value.code, time.monotonic() - began < 30) == (Rejection.CANNOT_DECODE, True)


def test_all_tracks_of_a_file_share_a_cores_time(script, make, monkeypatch):
    monkeypatch.setattr(decoding, "CPU_SECONDS", 2.0)
    sounds = [option for _ in range(6) for option in TONE]
    file = make("a.mkv", *sounds, *itertools.chain(*(("-map", str(number)) for number in range(6))), "-c:a", "pcm_s16le")
    listing = script('FFMPEG "$@" >/dev/null; i=0; while [ $i -lt 400000 ]; do i=$((i+1)); done')  # half a second or so, and no sound
    before = os.times()
    with pytest.raises(Rejected):
        FfmpegDecoder(listing).decode(file, LIMITS)
    after = os.times()
    assert after.children_user - before.children_user < 4.5


class Nobody:
    """Plays SpeechDetector where nobody speaks."""

    def find(self, _samples):
        return ()

    def follow(self, blocks):
        for _ in blocks:
            yield from ()


def test_a_search_through_all_tracks_of_a_file_has_one_budget(script, make, monkeypatch):
    monkeypatch.setattr(decoding, "CPU_SECONDS", 1.0)
    sounds = [option for _ in range(6) for option in TONE]
    file = make("a.mkv", *sounds, *itertools.chain(*(("-map", str(number)) for number in range(6))), "-c:a", "pcm_s16le")
    dear = FfmpegDecoder(script('FFMPEG "$@"; while :; do :; done'))  # all of the sound, and then a core without end
    before = os.times()
    assert spoken_track(dear, Nobody(), file, LIMITS, range(1, 7)) is None
    after = os.times()
    assert 1 < after.children_user - before.children_user < 4


def test_who_comes_to_a_busy_decoder_waits_and_is_told_so(make, monkeypatch, caplog):
    monkeypatch.setattr(decoding, "_turns", BoundedSemaphore(1))
    monkeypatch.setattr(decoding, "TURN_SECONDS", 0.2)
    caplog.set_level(logging.INFO)
    decoder, file = FfmpegDecoder(), make("a.flac", "-f", "lavfi", "-i", "sine=440:duration=70")
    limits = AudioLimits(max_bytes=20_000_000, max_seconds=100)
    held = decoder.stream(file, limits)
    next(held)
    with pytest.raises(Unavailable, match="too many files are decoded at once"):
        decoder.decode(file, limits)
    assert [record.message for record in caplog.records if record.message.startswith("waits")] == ["waits for its turn to be decoded"]
    held.close()
    assert len(decoder.decode(file, limits)) == 70 * 16_000


def test_of_many_at_once_no_more_than_the_bound_are_decoded(make, script, tmp_path, monkeypatch):
    monkeypatch.setattr(decoding, "_turns", BoundedSemaphore(2))
    counting = script(f': >{tmp_path}/in.$$; FFMPEG "$@"; set -- {tmp_path}/in.*; : >{tmp_path}/saw.$#.$$; /bin/rm {tmp_path}/in.$$')
    decoder, file = FfmpegDecoder(counting), make("a.wav", *TONE)
    with ThreadPoolExecutor(8) as pool:
        assert {len(samples) for samples in pool.map(lambda _: decoder.decode(file, LIMITS), range(12))} == {32_000}
    assert {path.name.split(".")[1] for path in tmp_path.glob("saw.*")} <= {"1", "2"}


@pytest.mark.slow
@pytest.mark.parametrize("ffmpeg", [FFMPEG, imageio_ffmpeg.get_ffmpeg_exe()], ids=["the system's", "imageio's"])
def test_the_command_line_answers_each_of_them_within_its_bounds(ffmpeg, make, tmp_path):
    cases = {
        **{f"{number}.flac": bytes.fromhex(content) for number, content in enumerate(TINY.values())},
        "wide.wav": wav(48_000, 255),
        "short.flac": flac(1, 8),
        "covers.mp3": covered(make("voice.mp3", "-i", str(DEMO / "voices" / "en-1.ogg")), [cover()] * 4),
    }
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "ffmpeg").symlink_to(ffmpeg)
    environment = os.environ | {"PISAR_MODEL": str(MODEL), "PISAR_THREADS": "1", "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    for name, content in cases.items():
        (tmp_path / name).write_bytes(content)
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "pisar.cli", "transcribe", str(tmp_path / name)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )
        with process.stdout as out, process.stderr as err:
            answer = (out.read(), err.read().decode())
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert (time.monotonic() - began < 30, usage.ru_maxrss * 1024 < MOST_BYTES) == (True, True), name
        if name == "covers.mp3":
            assert (process.returncode, answer[0].decode().startswith("meeting book")) == (0, True)
        else:
            assert (process.returncode, "Hz, channels" in answer[1], "convert it to an ordinary format" in answer[1]) == (1, True, True), (
                answer
            )
