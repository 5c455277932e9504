"""Which track of a recording is heard, over a decoder of tracks that are lists of sound and silence, and over real files."""

import itertools
import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from pisar.adapters.decoder import FfmpegDecoder
from pisar.adapters.speech_detector import SileroSpeechDetector
from pisar.adapters.whisper_cpp import WhisperCppEngine
from pisar.domain.audio import AudioLimits
from pisar.domain.jobs import Options
from pisar.domain.speech import Span
from pisar.errors import Rejected, Rejection
from pisar.speech.recognition import Recognition
from pisar.speech.tracks import LOOK_SECONDS, spoken_track
from tests.unit.cli.conftest import DEMO, MODEL, TEXTS

RATE = 16_000
LIMITS = AudioLimits(max_bytes=20 * 1024 * 1024, max_seconds=4 * 3600)
BLOCK = 30


class Film:
    """Decoder and detector of a recording: of each track how many seconds there are, and from when on somebody speaks, if ever."""

    def __init__(self, *tracks: tuple[float, float | None] | Rejection, first: int = 1) -> None:
        self._tracks = tracks
        self._order = (first, *(number for number in range(1, len(tracks) + 1) if number != first))
        self.decoded: list[tuple[int | None, int]] = []
        self.budgets = []

    def decode(self, audio, limits, *, track=None):
        return np.concatenate(list(self.stream(audio, limits, track=track)))

    def stream(self, _audio, limits, *, track=None, spent=None):
        self.budgets.append(spent)
        self.decoded.append((track, 0))
        at = len(self.decoded) - 1
        found = self._tracks[(track or self._order[0]) - 1]
        if isinstance(found, Rejection):
            raise Rejected(found)
        seconds, spoken = found
        for start in range(0, int(seconds), BLOCK):
            if start >= limits.max_seconds:
                raise Rejected(Rejection.TOO_LONG)
            self.decoded[at] = (track, start + BLOCK)
            times = np.arange(start, min(start + BLOCK, int(seconds)), 1 / 4)  # four samples a second are enough
            yield np.repeat((spoken is not None) & (times >= (spoken or 0)), RATE // 4).astype(np.float32)

    def tracks(self, _audio):
        return self._order

    def find(self, samples):
        return tuple(self.follow([samples]))

    def follow(self, blocks):
        for block in blocks:
            if block.any():
                yield Span(0, 1)


def chosen(film: Film, *tracks: int, limits: AudioLimits = LIMITS, **how: float) -> int | None:
    return spoken_track(film, film, b"", limits, tracks, **how)


def listen(film: Film, **asked: float):
    return Recognition(film, film, film, LIMITS).listen(b"", **asked)


def test_the_first_track_in_which_somebody_speaks_is_taken_and_no_other_looked_at():
    film = Film((90, None), (90, 40), (90, 0))
    assert chosen(film, 1, 2, 3) == 2
    assert film.decoded == [(1, 90), (2, 60)]


def test_it_is_none_where_nobody_speaks():
    assert chosen(Film((90, None), (90, None)), 1, 2) is None
    assert chosen(Film(), *()) is None


def test_a_track_that_cannot_be_decoded_has_nobody_in_it():
    assert chosen(Film(Rejection.CANNOT_DECODE, Rejection.NO_AUDIO_TRACK, (30, 0)), 1, 2, 3) == 3


def test_a_track_that_is_too_long_is_told():
    with pytest.raises(Rejected) as caught:
        chosen(Film((90, None)), 1, limits=AudioLimits(max_bytes=1, max_seconds=60))
    assert caught.value.code is Rejection.TOO_LONG


def test_the_beginnings_of_all_tracks_are_looked_at_before_the_rest_of_any():
    early, late = LOOK_SECONDS - 30, LOOK_SECONDS + 60
    assert chosen(Film((7200, late), (7200, early)), 1, 2) == 2
    assert chosen(Film((7200, None), (300, None), (7200, late)), 1, 2, 3) == 3


def test_a_search_that_takes_too_long_is_given_up(monkeypatch):
    clock = itertools.count()
    monkeypatch.setattr("pisar.speech.tracks.perf_counter", lambda: next(clock))
    film = Film((7200, None), (7200, 7000))
    assert chosen(film, 1, 2, patience_seconds=3) is None
    assert film.decoded == [(1, 2 * BLOCK)]


def test_tracks_that_give_nothing_use_up_the_patience_too(monkeypatch):
    class Dear(Film):
        def stream(self, audio, limits, *, track=None, spent=None):
            now[0] += 20
            return super().stream(audio, limits, track=track, spent=spent)

    now = [0.0]
    monkeypatch.setattr("pisar.speech.tracks.perf_counter", lambda: now[0])
    film = Dear(*[Rejection.CANNOT_DECODE] * 8)
    assert chosen(film, *range(1, 9), patience_seconds=60) is None
    assert len(film.decoded) == 3


def test_all_tracks_share_one_budget_of_the_decoder():
    film = Film(Rejection.CANNOT_DECODE, (7200, None), (7200, 7000))
    assert chosen(film, 1, 2, 3) == 3
    assert len(film.budgets) == 5
    assert {id(one) for one in film.budgets} == {id(film.budgets[0])} != {id(None)}


def test_a_recording_in_whose_default_track_somebody_speaks_is_decoded_once():
    film = Film((30, None), (60, 0), first=2)
    assert listen(film).duration == 60
    assert film.decoded == [(None, 60)]


def test_a_silent_default_track_gives_way_to_one_in_which_somebody_speaks():
    film = Film((30, None), (60, None), (90, 5), first=2)
    assert (listen(film).duration, listen(film).found) == (90, (Span(0, 1),))


def test_a_recording_in_which_nobody_speaks_is_its_default_track():
    heard = listen(Film((30, None), (60, None), first=2))
    assert (heard.duration, heard.found, heard.pieces) == (60, (), ())


def test_the_track_that_is_asked_for_is_taken_though_nobody_speaks_in_it():
    film = Film((30, 0), (60, None))
    assert (listen(film, track=2).duration, film.decoded) == (60, [(2, 60)])


def cut(film: Film, track: int | None = None) -> float:
    cutting = Recognition(film, film, film, LIMITS).cut(b"", part_seconds=120, track=track)
    list(cutting)
    return cutting.seconds


def test_the_track_of_a_long_recording_is_chosen_before_it_is_cut():
    assert cut(Film((900, None), (600, 100))) == 600
    assert cut(Film((900, None), (600, 100)), track=1) == 900
    assert cut(Film((900, 100), (600, 0))) == 900
    assert cut(Film((900, None), (600, None))) == 900


def test_a_long_recording_of_one_track_is_decoded_once():
    film = Film((900, 100))
    cut(film)
    assert film.decoded == [(None, 900)]


@pytest.fixture(scope="module")
def recognition():
    return Recognition(FfmpegDecoder(), SileroSpeechDetector(), WhisperCppEngine(MODEL, threads=1), LIMITS)


@pytest.fixture
def make(tmp_path):
    def make(*options: str) -> bytes:
        ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
        subprocess.run([ffmpeg, "-v", "error", *options, str(tmp_path / "a.mkv")], check=True)
        return Path(tmp_path / "a.mkv").read_bytes()

    return make


RU, EN = ("-i", str(DEMO / "voices" / "ru-1.ogg")), ("-i", str(DEMO / "voices" / "en-1.ogg"))
SILENCE = ("-f", "lavfi", "-i", "anullsrc=r=48000:cl=mono:d=2")
BOTH = ("-map", "0", "-map", "1", "-c:a", "libopus")


@pytest.mark.parametrize(
    ("options", "track", "text"),
    [
        ((*SILENCE, *RU, *BOTH), None, TEXTS["ru-1.ogg"]),
        ((*RU, *SILENCE, *BOTH), None, TEXTS["ru-1.ogg"]),
        ((*RU, *EN, *BOTH, "-disposition:a:0", "0", "-disposition:a:1", "default"), None, TEXTS["en-1.ogg"]),
        ((*RU, *EN, *BOTH, "-disposition:a:0", "0", "-disposition:a:1", "default"), 1, TEXTS["ru-1.ogg"]),
        ((*SILENCE, *RU, *BOTH), 1, ""),
        ((*RU, "-af", "pan=stereo|c0=c0|c1=-1*c0", "-c:a", "flac"), None, TEXTS["ru-1.ogg"]),
    ],
)
def test_what_is_said_in_a_real_file_is_heard(recognition, make, options, track, text):
    heard = recognition.listen(make(*options), track=track)
    assert recognition.recognise(heard, Options(language="ru" if text == TEXTS["ru-1.ogg"] else "en")).text == text


def test_what_begins_late_in_its_film_is_told_with_the_films_times(recognition, make):
    film = ("-f", "lavfi", "-i", "testsrc=duration=9:size=32x32:rate=5", "-itsoffset", "6", *RU)
    heard = recognition.listen(make(*film, "-c:a", "libopus"))
    (segment,) = recognition.recognise(heard, Options(language="ru")).segments
    assert (segment.text, segment.start, segment.end) == (TEXTS["ru-1.ogg"], pytest.approx(6.0, abs=0.3), pytest.approx(7.75, abs=0.3))
