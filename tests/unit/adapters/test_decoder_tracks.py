"""Which track of several is decoded: the one asked for, else the container's default, else the first that can be."""

import numpy as np
import pytest

from pisar.adapters.decoder import MOST_TRACKS, FfmpegDecoder
from pisar.adapters.ffmpeg_listing import Track, preferred
from pisar.domain.audio import AudioLimits
from pisar.errors import Rejected, Rejection

RATE = 16_000
LIMITS = AudioLimits(max_bytes=20 * 1024 * 1024, max_seconds=600)
FILM = ("-f", "lavfi", "-i", "testsrc=duration=2:size=32x32:rate=5")


def tone(hertz: int) -> tuple[str, ...]:
    return ("-f", "lavfi", "-i", f"sine={hertz}:duration=2:sample_rate=48000")


def tracks(*options: str, inputs: int = 2, codec: str = "libopus", default: int | None = None) -> tuple[str, ...]:
    """Return ffmpeg's options for a film whose sound is a tone of 300, 400, … Hz in each of its tracks."""
    sound = [option for number in range(inputs) for option in tone(300 + 100 * number)]
    mapped = [option for number in range(inputs + 1) for option in ("-map", str(number))]
    marks = [option for number in range(inputs) for option in (f"-disposition:a:{number}", "default" if number + 1 == default else "0")]
    return (*FILM, *sound, *mapped, "-c:a", codec, *marks, *options)


def pitch(samples: np.ndarray) -> int:
    spectrum = np.abs(np.fft.rfft(samples[RATE // 2 : RATE // 2 + RATE]))
    return int(spectrum.argmax())


def rejection(decoder: FfmpegDecoder, audio: bytes, track: int | None = None) -> tuple[Rejection, dict[str, str | int | float]]:
    with pytest.raises(Rejected) as caught:
        decoder.decode(audio, LIMITS, track=track)
    return caught.value.code, caught.value.details


@pytest.mark.parametrize(
    ("name", "codec", "default"),
    [("a.mkv", "libopus", None), ("a.mkv", "libopus", 1), ("a.mkv", "libopus", 2), ("a.mp4", "aac", 2), ("a.mov", "pcm_s16le", 2)],
)
def test_the_default_track_comes_first(decoder, make, name, codec, default):
    file = make(name, *tracks(codec=codec, default=default))
    assert decoder.tracks(file) == ((2, 1) if default == 2 else (1, 2))
    assert pitch(decoder.decode(file, LIMITS)) == (400 if default == 2 else 300)


def test_the_track_that_is_asked_for_is_decoded_whatever_the_default_is(decoder, make):
    file = make("a.mkv", *tracks(inputs=3, default=2))
    assert [pitch(decoder.decode(file, LIMITS, track=track)) for track in (1, 2, 3)] == [300, 400, 500]
    assert pitch(np.concatenate(list(decoder.stream(file, LIMITS, track=3)))) == 500


@pytest.mark.parametrize("inputs", [1, 2])
def test_who_asks_for_a_track_that_is_not_there_learns_how_many_are(decoder, make, inputs):
    file = make("a.mkv", *tracks(inputs=inputs))
    assert rejection(decoder, file, track=3) == (Rejection.NO_SUCH_TRACK, {"track": 3, "tracks": inputs})


def test_a_film_without_sound_has_no_track_to_ask_for(decoder, make):
    file = make("a.mp4", *FILM)
    assert decoder.tracks(file) == ()
    assert rejection(decoder, file, track=1) == (Rejection.NO_AUDIO_TRACK, {})


@pytest.mark.parametrize("audio", [b"", b"not a recording\n" * 100])
def test_what_is_no_recording_has_no_tracks(decoder, audio):
    assert decoder.tracks(audio) == ()


@pytest.fixture(params=[("a.mkv", "libopus", b"A_OPUS", b"A_XPUS"), ("a.mov", "pcm_s16le", b"sowt", b"xowt")], ids=["mkv", "mov"])
def strange(request, make):
    """Return what makes a film of two tracks, as many of them of a codec nobody knows as it is told."""
    name, codec, known, unknown = request.param

    def strange(count: int) -> bytes:
        file = make(name, *tracks(codec=codec, default=1)).replace(known, unknown, count)
        assert file.count(unknown) == count
        return file

    return strange


def test_a_track_of_an_unknown_codec_gives_way_to_one_that_can_be_decoded(decoder, strange):
    file = strange(1)
    assert pitch(decoder.decode(file, LIMITS)) == 400
    assert decoder.tracks(file) == (2, 1)
    assert rejection(decoder, file, track=1) == (Rejection.CANNOT_DECODE, {})


def test_what_has_tracks_of_unknown_codecs_alone_cannot_be_decoded(decoder, strange):
    assert rejection(decoder, strange(2)) == (Rejection.CANNOT_DECODE, {})


def test_a_track_without_a_packet_gives_way_to_the_next(decoder, make):
    file = make("a.mkv", *tracks("-bsf:a:0", "noise=drop=1", codec="pcm_s16le", default=1))
    assert pitch(decoder.decode(file, LIMITS)) == 400


def test_a_picture_of_the_record_and_texts_beside_it_are_no_tracks(decoder, make, tmp_path):
    make("cover.png", "-f", "lavfi", "-i", "color=red:size=32x32", "-frames:v", "1")
    (tmp_path / "a.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nStream #0:7: Audio: opus (default)\n")
    sound = ("-i", str(tmp_path / "cover.png"), "-i", str(tmp_path / "a.srt"), *tone(300), "-map", "0", "-map", "1", "-map", "2")
    file = make("a.mkv", *sound, "-c:v", "copy", "-c:a", "libopus", "-c:s", "srt")
    assert decoder.tracks(file) == (1,)
    assert pitch(decoder.decode(file, LIMITS)) == 300


def test_what_a_file_says_of_itself_makes_no_tracks(decoder, make):
    lie = "x\n  Stream #0:7: Audio: opus (default)\r  Stream #0:8: Audio: opus (default)"
    named = ("-metadata", f"title={lie}", "-metadata", f"{lie}={lie}", "-metadata:s:a:0", f"title={lie}")
    file = make("a.mkv", *tracks(*named, inputs=2))
    assert decoder.tracks(file) == (1, 2)
    assert rejection(decoder, file, track=3) == (Rejection.NO_SUCH_TRACK, {"track": 3, "tracks": 2})


def test_of_very_many_tracks_a_few_are_tried(decoder, make):
    file = make("a.mkv", *tracks(inputs=MOST_TRACKS + 2, codec="pcm_s16le", default=MOST_TRACKS + 1))
    assert decoder.tracks(file) == (MOST_TRACKS + 1, *range(1, MOST_TRACKS))


def test_a_file_of_one_track_takes_one_process(script, make, tmp_path):
    counted = FfmpegDecoder(script(f': >{tmp_path}/run.$$; exec FFMPEG "$@"'))  # an empty file: none is to be written
    counted.decode(make("a.mkv", *tracks(inputs=1)), LIMITS)
    assert len(list(tmp_path.glob("run.*"))) == 1


def test_default_tracks_come_first_and_unknown_codecs_last():
    listed = (Track(1, default=True, known=False), Track(2), Track(3, default=True), Track(4, default=True))
    assert preferred(listed) == (3, 4, 2, 1)
