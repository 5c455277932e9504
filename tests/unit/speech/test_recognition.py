"""Recognition step by step, over an engine that says what it is told to. The texts are tested with the real one."""

from itertools import pairwise

import numpy as np
import pytest

from pisar.adapters.decoder import FfmpegDecoder
from pisar.adapters.speech_detector import SileroSpeechDetector
from pisar.adapters.whisper_cpp import WhisperCppEngine
from pisar.domain.audio import AudioLimits
from pisar.domain.jobs import Options
from pisar.domain.speech import Span
from pisar.domain.transcripts import Segment, Transcript, Word
from pisar.errors import Rejected, Rejection
from pisar.speech.recognition import Recognition
from tests.unit.cli.conftest import DEMO, MODEL, TEXTS

LIMITS = AudioLimits(max_bytes=1_000_000, max_seconds=60)


class Hearing:
    """Decoder, detector and engine of a recording of 20 s; the engine tells `shares` of the speech and says `pieces` one by one."""

    def __init__(self, spans, shares=(), pieces=()):
        self._spans, self._shares, self._pieces = spans, shares, list(pieces)
        self.asked, self.tracks_asked_for = [], []

    def decode(self, audio, limits, *, track=None):
        self.tracks_asked_for.append(track)
        if len(audio) > limits.max_bytes:
            raise Rejected(Rejection.TOO_BIG)
        return np.zeros(20 * 16_000, np.float32)

    def tracks(self, _audio):
        return (1,)

    def find(self, _samples):
        return self._spans

    def transcribe(self, samples, options, *, seams=(), on_progress=None, check=None):  # noqa: ARG002 - the port has it
        self.asked.append((len(samples) / 16_000, options))
        if check:
            check()
        for share in self._shares if on_progress else ():
            on_progress(share)
        segments = self._pieces.pop(0) if self._pieces else (Segment(0, 1, "word"),)
        return Transcript(language="en", duration=len(samples) / 16_000, segments=segments)


def recognise(hearing, options=Options(), *, piece_seconds=28.0, **listeners):
    recognition = Recognition(hearing, hearing, hearing, LIMITS, piece_seconds=piece_seconds)
    return recognition.recognise(recognition.listen(b""), options, **listeners)


def told(spans, shares=()):
    heard = []
    recognise(Hearing(spans, shares), on_progress=heard.append)
    return heard


def test_progress_in_the_speech_is_told_as_progress_in_the_recording():
    spans = (Span(4.25, 7.75), Span(14.25, 17.75))  # with their margins 4 to 8 s and 14 to 18 s
    shares = told(spans, (0.0, 0.25, 0.75, 1.0))
    assert shares[:3] == pytest.approx([0.2, 0.3, 0.8])
    assert (shares[-1], shares) == (1.0, sorted(shares))


def test_a_recording_without_speech_is_done_at_once():
    assert told(()) == [1.0]


def test_nobody_need_listen():
    (segment,) = recognise(Hearing((Span(1, 2),), (0.0, 1.0))).segments
    assert (segment.start, segment.end, segment.text) == (0.75, 1.75, "word")


def test_in_later_pieces_the_language_of_the_first_is_expected():
    hearing = Hearing((Span(1, 8), Span(12, 19)))
    recognise(hearing, Options(temperature=0.5), piece_seconds=9)
    assert [options for _, options in hearing.asked] == [Options(temperature=0.5), Options(expected=("en",), temperature=0.5)]


def test_the_words_that_are_expected_go_with_every_piece():
    hearing = Hearing((Span(1, 8), Span(12, 19)))
    recognise(hearing, Options(prompt="Целиноград."), piece_seconds=9)
    assert [options.prompt for _, options in hearing.asked] == ["Целиноград."] * 2


def test_what_was_heard_tells_how_much_the_engine_will_get_before_it_works():
    found = (Span(1, 8), Span(12, 19))
    hearing = Hearing(found)
    recognition = Recognition(hearing, hearing, hearing, LIMITS, piece_seconds=9)
    heard = recognition.listen(b"")
    assert (heard.duration, heard.found, heard.speech_seconds, hearing.asked) == (20.0, found, 15.0, [])
    assert heard.pieces == ((Span(0.75, 8.25),), (Span(11.75, 19.25),))
    recognition.recognise(heard, Options())
    assert [seconds for seconds, _ in hearing.asked] == [7.5, 7.5]


def test_what_can_not_be_decoded_is_refused_while_listening():
    hearing = Hearing(())
    with pytest.raises(Rejected):
        Recognition(hearing, hearing, hearing, LIMITS).listen(bytes(LIMITS.max_bytes + 1))


def test_a_recording_in_which_nobody_speaks_never_reaches_the_engine():
    hearing, heard = Hearing(()), []
    assert recognise(hearing, on_segments=heard.append) == Transcript(language="", duration=20.0, segments=())
    assert (hearing.asked, heard) == ([], [])


def test_the_transcript_says_whether_it_is_a_translation():
    assert recognise(Hearing((Span(1, 2),)), Options(task="translate")).task == "translate"
    assert recognise(Hearing((Span(1, 2),))).task == "transcribe"


def test_words_are_put_where_they_were_spoken_as_their_segment_is():
    said = Segment(1.0, 6.0, "one two", words=(Word(1.0, 3.5, "one"), Word(4.5, 6.0, "two")), tokens=(1, 2), average_log_probability=-0.5)
    spans = (Span(4.25, 7.75), Span(14.25, 17.75))  # 4 to 8 s, then 14 to 18 s
    (segment,) = recognise(Hearing(spans, pieces=[(said,)])).segments
    assert (segment.start, segment.end) == (5.0, 16.0)
    assert segment.words == (Word(5.0, 7.5, "one"), Word(14.5, 16.0, "two"))
    assert (segment.tokens, segment.average_log_probability) == ((1, 2), -0.5)


@pytest.mark.parametrize(
    ("start", "end", "silent_share"),
    [
        (0.25, 3.75, 0.0),  # 4.25 to 7.75 s: as the detector heard it
        (0.0, 0.5, 0.5),  # half of it is margin
        (0.0, 0.25, 1.0),  # all of it is
        (3.0, 5.0, 1 - 1.5 / 8),  # 7 to 15 s, with 0.75 s of speech at either end
    ],
)
def test_nobody_speaks_in_the_share_of_a_segment_in_which_the_detector_heard_nobody(start, end, silent_share):
    spans = (Span(4.25, 7.75), Span(14.25, 17.75))
    (segment,) = recognise(Hearing(spans, pieces=[(Segment(start, end, "a"),)])).segments
    assert segment.no_speech_probability == pytest.approx(silent_share)


def test_segments_are_told_piece_by_piece_and_make_up_the_transcript():
    pieces = [(Segment(0, 1, "a"), Segment(1, 2, "b")), (), (Segment(0, 1, "c"),)]
    spans, events = (Span(1, 5), Span(8, 11), Span(14, 17)), []
    hearing = Hearing(spans, (1.0,), pieces)
    transcript = recognise(
        hearing,
        piece_seconds=5,
        on_segments=lambda segments: events.append((len(hearing.asked), segments)),
    )
    assert [(heard, [one.text for one in segments]) for heard, segments in events] == [(1, ["a", "b"]), (3, ["c"])]
    assert transcript.segments == tuple(one for _, segments in events for one in segments)
    assert [one.start for one in transcript.segments] == [0.75, 1.75, 13.75]
    assert transcript == recognise(Hearing(spans, pieces=pieces), piece_seconds=5)


def test_a_loop_over_several_pieces_is_cut_short_in_what_is_told_as_well():
    loop = tuple(Segment(n, n + 1, "again") for n in range(2))
    told = []
    hearing = Hearing((Span(1, 5), Span(8, 12), Span(14, 18)), pieces=[loop, loop, (*loop, Segment(2, 3, "else"))])
    transcript = recognise(hearing, piece_seconds=5, on_segments=told.append)
    assert [[one.text for one in segments] for segments in told] == [["again", "again"], ["again"], ["else"]]
    assert transcript.segments == tuple(one for segments in told for one in segments)


@pytest.mark.parametrize("listener", ["on_segments", "on_progress"])
def test_what_a_listener_raises_stops_the_work_and_comes_out(listener):
    def stop(_):
        raise InterruptedError

    hearing = Hearing((Span(1, 5), Span(8, 11)), (0.5,))
    with pytest.raises(InterruptedError):
        recognise(hearing, piece_seconds=5, **{listener: stop})
    assert len(hearing.asked) == 1


def test_each_spoken_word_lies_within_its_segment_of_a_real_recording():
    recognition = Recognition(FfmpegDecoder(), SileroSpeechDetector(), WhisperCppEngine(MODEL, threads=1), LIMITS, piece_seconds=6)
    for name, text in TEXTS.items():
        told = []
        heard = recognition.listen((DEMO / "voices" / name).read_bytes())
        transcript = recognition.recognise(heard, Options(), on_segments=told.extend)
        assert transcript.segments == tuple(told)
        assert [word.text for segment in transcript.segments for word in segment.words] == text.split()
        for segment in transcript.segments:
            assert segment.start <= segment.words[0].start
            assert segment.words[-1].end <= segment.end
            assert all(before.end <= after.start for before, after in pairwise(segment.words))
            assert 0 <= segment.no_speech_probability < 0.25


def composed(*sounds):
    """Return samples of the demo's voices, by name, and of silences, in seconds, with where each voice begins and ends."""
    blocks, edges, at = [], [], 0.0
    for sound in sounds:
        voice = isinstance(sound, str)
        samples = (
            FfmpegDecoder().decode((DEMO / "voices" / sound).read_bytes(), LIMITS) if voice else np.zeros(int(sound * 16_000), np.float32)
        )
        blocks.append(samples)
        edges += [(at, at + len(samples) / 16_000)] if voice else []
        at += len(samples) / 16_000
    return np.concatenate(blocks), edges


class Given:
    """A decoder of samples that are there already."""

    def __init__(self, samples):
        self._samples = samples

    def decode(self, *_args, **_how):
        return self._samples


def heard_whole(samples, options, *, piece_seconds):
    engine = WhisperCppEngine(MODEL, threads=1)
    recognition = Recognition(Given(samples), SileroSpeechDetector(), engine, LIMITS, piece_seconds=piece_seconds)
    return recognition.recognise(recognition.listen(b""), options)


def test_a_pause_that_is_cut_out_is_in_no_segment_and_no_word():
    samples, edges = composed("ru-1.ogg", 3.0, "ru-2.ogg", 12.0, "ru-3.ogg")
    transcript = heard_whole(samples, Options(language="ru"), piece_seconds=12)
    words = [word for one in transcript.segments for word in one.words]
    assert len(words) > 10
    for (_, end), (start, _) in pairwise(edges):
        assert not [one for one in (*transcript.segments, *words) if one.start < end + 0.5 and one.end > start - 0.5]


def test_a_recording_may_go_on_in_another_language_after_a_pause():
    samples, _ = composed("ru-1.ogg", 2.0, "ru-2.ogg", 2.0, "en-1.ogg", 2.0, "ru-3.ogg")
    transcript = heard_whole(samples, Options(), piece_seconds=6)
    assert transcript.text == " ".join(TEXTS[name] for name in ("ru-1.ogg", "ru-2.ogg", "en-1.ogg", "ru-3.ogg"))
    assert transcript.language == "ru"


def test_what_the_check_raises_stops_the_work_and_comes_out():
    def check():
        raise InterruptedError

    with pytest.raises(InterruptedError):
        recognise(Hearing((Span(1, 2),)), check=check)
