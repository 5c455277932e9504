"""whisper.cpp with the demo model: what it says, what it must not say, and how it fails."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from threading import Event, Timer
from time import process_time

import _pywhispercpp as whisper
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisar.adapters.decoder import FfmpegDecoder
from pisar.adapters.ggml import levels
from pisar.adapters.whisper_cpp import FALLBACKS, WhisperCppEngine, second_window, temperature_step, usable_cpus
from pisar.adapters.whisper_language import MAX_PROMPT_TOKENS
from pisar.adapters.whisper_words import Said, Token, to_segments, to_words
from pisar.domain.audio import AudioLimits
from pisar.domain.jobs import Options
from pisar.domain.transcripts import Segment, Transcript, Word, without_repeats
from pisar.errors import Misconfigured, Unavailable

DEMO = Path(__file__).parents[3] / "demo"
MODEL = DEMO / "model" / "ggml-pisar-demo.bin"
TEXTS = dict(line.split("\t") for line in (DEMO / "voices" / "texts.tsv").read_text().splitlines())


@pytest.fixture(scope="module")
def engine():
    return WhisperCppEngine(MODEL, threads=1)  # ggml's threads wait for one another spinning, and other tests run beside this one


def voice(name: str) -> np.ndarray:
    return FfmpegDecoder().decode((DEMO / "voices" / name).read_bytes(), AudioLimits(max_bytes=1_000_000, max_seconds=60))


@pytest.mark.parametrize(("name", "text"), TEXTS.items())
def test_a_voice_becomes_its_text_in_its_language(engine, name, text):
    samples = voice(name)
    transcript = engine.transcribe(samples, Options())
    assert (transcript.text, transcript.language, transcript.duration) == (text, name[:2], len(samples) / 16_000)
    assert transcript.segments[0].start == 0
    assert transcript.segments[-1].end <= transcript.duration


@pytest.mark.parametrize("name", ["ru-1.ogg", "en-2.ogg"])
def test_several_beams_hear_the_same_and_decode_more(name):
    engine = WhisperCppEngine(MODEL, threads=1, beams=5)
    assert engine.transcribe(voice(name), Options()).text == TEXTS[name]
    assert runs(engine, "batchd") > len(TEXTS[name].split()) * 2


def runs(engine: WhisperCppEngine, what: str) -> int:
    """Return how often whisper.cpp has done what it reports the time of."""
    heard: list[str] = []
    whisper.whisper_log_set(lambda _, text: heard.append(text))
    whisper.whisper_print_timings(engine._context)
    (line,) = [line for line in "".join(heard).splitlines() if f"{what} time" in line]
    return int(line.split("/")[1].split()[0])


@pytest.mark.parametrize(("name", "language"), [("ru-1.ogg", "ru"), ("en-1.ogg", "en")])
def test_the_language_is_found_out_without_encoding_twice(name: str, language: str):
    found, told = (WhisperCppEngine(MODEL, threads=1, fallbacks=0) for _ in range(2))
    assert found.transcribe(voice(name), Options()) == told.transcribe(voice(name), Options(language=language))
    assert runs(found, "encode") == runs(told, "encode") == 1
    assert found.transcribe(voice(name), Options(language=language)) == told.transcribe(voice(name), Options(language=language))
    assert found.transcribe(full_window(), Options()) == told.transcribe(full_window(), Options(language="en"))
    assert runs(found, "encode") == runs(told, "encode")


@pytest.mark.parametrize("asked", [Options(language="en,ru"), Options(expected=("en",)), Options(prompt="seven letter")])
def test_what_is_known_of_who_speaks_costs_no_encoding_either(asked: Options):
    engine = WhisperCppEngine(MODEL, threads=1)
    assert engine.transcribe(voice("ru-1.ogg"), asked).language == "ru"
    assert runs(engine, "encode") == 1


def test_strong_sound_beats_what_is_expected_and_an_allowed_language_beats_both(engine):
    assert engine.transcribe(voice("ru-1.ogg"), Options(expected=("en", "de"))).text == TEXTS["ru-1.ogg"]
    assert engine.transcribe(voice("ru-1.ogg"), Options(language="en,de", expected=("ru",))).language in {"en", "de"}


def test_what_comes_after_the_first_window_is_told_the_language_that_was_found_there():
    engine = WhisperCppEngine(MODEL, threads=1)
    minute = np.concatenate([voice("ru-1.ogg"), np.zeros(3 * 16_000, np.float32)] * 10)
    shares = []
    transcript = engine.transcribe(minute, Options(expected=("en",)), on_progress=shares.append)
    assert (transcript.language, transcript.segments[0].text, runs(engine, "encode")) == ("ru", TEXTS["ru-1.ogg"], 2)
    assert (shares, shares[0], shares[-1]) == (sorted(shares), 0.0, 1.0)


@pytest.mark.parametrize(
    ("ends", "percent", "tick"),
    [([220], 63, 3000), ([220], 4, 220), ([220, 2800], 59, 2800), ([], 63, 3000), ([3010], 64, 3000)],
)
def test_the_second_window_begins_where_the_first_ended_or_what_it_said(ends, percent, tick):
    assert second_window([Said(0, end, "a") for end in ends], percent, 47 * 16_000) == tick


def test_two_sentences_joined_where_a_pause_was_cut_out_are_two_segments_beside_the_seam(engine):
    first, second = voice("ru-1.ogg"), voice("ru-2.ogg")
    seam = len(first) / 16_000
    transcript = engine.transcribe(np.concatenate([first, second]), Options(language="ru"), seams=(seam,))
    assert transcript.text.split() == [word.text for one in transcript.segments for word in one.words]
    assert [one.start < seam for one in transcript.segments] == [True, False]
    assert not [one for one in transcript.segments if one.start < seam < one.end]


@pytest.mark.parametrize("language", ["ru", "auto"])
def test_of_a_prompt_the_engine_reads_the_last_tokens(language: str):
    """Each of the words is a token of the demo model; at another temperature whisper.cpp would leave the prompt out."""
    engine = WhisperCppEngine(MODEL, threads=1, fallbacks=0)
    sound = voice("ru-1.ogg")

    def heard(prompt: str) -> Transcript:
        return engine.transcribe(sound, Options(language=language, prompt=prompt))

    before, other, last = "вода " * 60, "белый " * 60, " ".join(["хлеб"] * MAX_PROMPT_TOKENS)
    assert heard(before + last) == heard(other + last)
    assert heard(before + last[5:]) != heard(other + last[5:])  # one word fewer lets one of those before it in
    assert heard(f"{before}{last} белый") != heard(before + last)


def test_a_language_that_is_given_is_not_detected(engine):
    assert engine.transcribe(voice("ru-1.ogg"), Options(language="en")).language == "en"


def test_a_language_given_once_is_forgotten_by_the_next_call(engine):
    engine.transcribe(voice("ru-1.ogg"), Options(language="en"))
    assert engine.transcribe(voice("ru-1.ogg"), Options()).language == "ru"


def test_a_language_whisper_does_not_know_is_detected(engine):
    assert engine.transcribe(voice("ru-1.ogg"), Options(language="xx")).language == "ru"


@pytest.mark.parametrize(("name", "text"), TEXTS.items())
def test_each_spoken_word_has_its_time_in_its_segment(engine, name, text):
    transcript = engine.transcribe(voice(name), Options())
    assert [word.text for segment in transcript.segments for word in segment.words] == text.split()
    for segment in transcript.segments:
        assert segment.start <= segment.words[0].start
        assert segment.words[-1].end <= segment.end
        assert all(word.start < word.end for word in segment.words)
        assert all(before.end <= after.start for before, after in pairwise(segment.words))


@pytest.mark.parametrize("name", TEXTS)
def test_the_middle_word_is_spoken_about_the_middle(engine, name):
    transcript = engine.transcribe(voice(name), Options())
    (segment,) = transcript.segments
    assert 0.25 < segment.words[len(segment.words) // 2].start / transcript.duration < 0.75


@pytest.mark.parametrize(("name", "text"), TEXTS.items())
def test_the_tokens_spell_the_text_and_nothing_else(engine, name, text):
    (segment,) = engine.transcribe(voice(name), Options()).segments
    assert b"".join(whisper.whisper_token_to_bytes(engine._context, token) for token in segment.tokens).decode() == f" {text}"


def test_temperature_divides_what_the_engine_thinks_of_words(engine):
    sure, surer = (engine.transcribe(voice("en-1.ogg"), Options(temperature=asked)).segments[0] for asked in (0.0, 0.5))
    assert (sure.text, sure.temperature) == (TEXTS["en-1.ogg"], 0.0)
    assert (surer.text, surer.temperature) == (TEXTS["en-1.ogg"], 0.5)
    assert -0.1 < sure.average_log_probability < 10 * surer.average_log_probability < 0


def test_a_translation_says_that_it_is_one(engine):
    assert engine.transcribe(voice("en-2.ogg"), Options(task="translate")).task == "translate"
    assert engine.transcribe(voice("en-2.ogg"), Options()).task == "transcribe"


def a_minute():
    """A sentence ten times with pauses: the demo model falls back again and again on a window full of speech, for a minute."""
    return np.concatenate([voice("en-1.ogg"), np.zeros(3 * 16_000, np.float32)] * 10)


def test_a_minute_is_transcribed_beyond_the_first_window(engine):
    transcript = engine.transcribe(a_minute(), Options(language="en"))
    # the demo model loses words in a full window; the last window holds only the end of the last sentence
    assert transcript.segments[-1].start >= 30
    assert transcript.text.endswith("seven letter good")


def test_progress_goes_from_nothing_to_the_whole_window_by_window(engine):
    shares = []
    transcript = engine.transcribe(a_minute(), Options(language="en"), on_progress=shares.append)
    assert transcript.duration > 60
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert len({share for share in shares if 0 < share < 1}) >= 2
    assert shares == sorted(shares)


@pytest.mark.parametrize("count", [0, 1599])
def test_progress_of_less_than_can_be_heard_is_the_whole(engine, count):
    shares = []
    engine.transcribe(np.zeros(count, np.float32), Options(), on_progress=shares.append)
    assert shares == [1.0]


def test_what_the_listener_of_progress_raises_stops_the_work_and_spoils_nothing(engine):
    heard = []

    def stop_in_the_second_window(share):
        heard.append(share)
        if share > 0:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        engine.transcribe(a_minute(), Options(language="en"), on_progress=stop_in_the_second_window)
    assert len(heard) == 2
    assert engine.transcribe(voice("ru-1.ogg"), Options()).text == TEXTS["ru-1.ogg"]


@pytest.mark.parametrize("count", [0, 1, 1599])
def test_less_than_a_tenth_of_a_second_is_nothing_and_not_the_text_of_the_call_before(engine, count):
    engine.transcribe(voice("ru-1.ogg"), Options())
    assert engine.transcribe(np.zeros(count, np.float32), Options()) == Transcript(language="", duration=count / 16_000, segments=())


def test_silence_has_neither_text_nor_language(engine):
    assert engine.transcribe(np.zeros(16_000, np.float32), Options()) == Transcript(language="", duration=1.0, segments=())


def test_threads_wait_for_one_another_and_get_their_own_texts(engine):
    names = list(TEXTS)
    with ThreadPoolExecutor(3) as pool:
        texts = list(pool.map(lambda name: engine.transcribe(voice(name), Options()).text, names))
    assert texts == [TEXTS[name] for name in names]


class TooNarrow(WhisperCppEngine):
    """Real whisper.cpp, asked for more than it can: the failure it reports is its own."""

    def _parameters(self, options, language):
        parameters = super()._parameters(options, language)
        parameters.audio_ctx = 100_000
        return parameters


def test_a_failure_of_whisper_is_an_error_and_not_an_empty_transcript():
    with pytest.raises(Unavailable, match=r"^whisper\.cpp failed with code -5$"):
        TooNarrow(MODEL).transcribe(voice("ru-1.ogg"), Options(language="ru"))


def full_window():
    """28 s in which a sentence is said without a pause until there is no more room: the demo model is unsure of it and loops."""
    return np.concatenate([voice("en-2.ogg")] * 20)[: 28 * 16_000]


def given_up(engine, samples):
    """Return how many decodings were given up for another at a higher temperature, and how many windows there were."""
    heard: list[str] = []
    whisper.whisper_log_set(lambda _, text: heard.append(text))
    whisper.whisper_print_timings(engine._context)
    engine.transcribe(samples, Options(language="en"))
    whisper.whisper_print_timings(engine._context)
    lines = "".join(heard).splitlines()
    failed = [int(line.split("=")[1].split("p")[0]) for line in lines if "fallbacks" in line]
    windows = [int(line.split("/")[1].split("runs")[0]) for line in lines if "encode time" in line]
    return failed[1] - failed[0], windows[-1]


@pytest.mark.parametrize("fallbacks", [1, 2])
def test_a_window_that_is_never_sure_is_decoded_again_no_oftener_than_allowed(fallbacks):
    failed, windows = given_up(WhisperCppEngine(MODEL, threads=1, fallbacks=fallbacks), full_window())
    assert 0 < failed <= fallbacks * windows


def test_without_fallbacks_a_window_is_decoded_once():
    assert given_up(WhisperCppEngine(MODEL, threads=1, fallbacks=0), full_window())[0] == 0


def test_a_window_that_is_sure_is_decoded_once():
    assert given_up(WhisperCppEngine(MODEL, threads=1), voice("ru-1.ogg")) == (0, 1)


@given(st.one_of(st.floats(0, 0.999), st.just(1.0)), st.integers(0, 5))
def test_the_temperature_is_raised_as_often_as_allowed(temperature, fallbacks):
    step = np.float32(temperature_step(temperature, fallbacks))
    raised = [number for number in range(1, 10) if np.float32(temperature) + number * step < 1 + 1e-6] if step else []
    assert len(raised) == (fallbacks if temperature < 1 else 0)


def test_a_loop_within_a_segment_is_cut_from_text_words_and_tokens_alike():
    engine = WhisperCppEngine(MODEL, threads=1, fallbacks=FALLBACKS)
    for segment in engine.transcribe(full_window(), Options(language="en")).segments:
        assert without_repeats(segment.tokens) == segment.tokens
        assert segment.text.split() == [word.text for word in segment.words]


class Heard(Exception):
    """What a listener stops the work with."""


def stopping_at(call):
    calls = []

    def check():
        calls.append(process_time())
        if len(calls) == call:
            raise Heard

    return calls, check


@pytest.mark.parametrize("call", [1, 2, 3, 4])
def test_what_check_raises_while_the_language_is_found_comes_out_and_spoils_nothing(engine, call):
    _, check = stopping_at(call)
    with pytest.raises(Heard):
        engine.transcribe(voice("en-1.ogg"), Options(), check=check)
    assert engine.transcribe(voice("ru-1.ogg"), Options()).text == TEXTS["ru-1.ogg"]


@pytest.mark.parametrize("call", [1, 2, 3, 20])
def test_what_check_raises_stops_the_work_at_once_and_spoils_nothing(engine, call):
    calls, check = stopping_at(call)
    with pytest.raises(Heard):
        engine.transcribe(full_window(), Options(language="en"), check=check)
    assert (len(calls), process_time() - calls[-1] < 1) == (call, True)
    assert engine.transcribe(voice("ru-1.ogg"), Options()).text == TEXTS["ru-1.ogg"]


@pytest.fixture(scope="module")
def tireless():
    """An engine that works on the full window for four seconds and more, all but the first half of one on tokens."""
    return WhisperCppEngine(MODEL, threads=1, fallbacks=5)


def test_an_engine_at_work_ends_within_a_second_of_being_told_from_elsewhere(tireless):
    gone = Event()
    told: list[float] = []

    def check():
        if gone.is_set():
            raise Heard

    def leave(share):
        if share == 0:  # the window begins: while it is decoded, somebody leaves
            Timer(0.5, lambda: (told.append(process_time()), gone.set())).start()

    with pytest.raises(Heard):
        tireless.transcribe(full_window(), Options(language="en"), on_progress=leave, check=check)
    assert process_time() - told[0] < 1  # its CPU seconds, of one thread: a busy machine takes longer


def test_a_signals_handler_stops_the_work_between_two_tokens(tireless):
    def hear(*_):
        raise Heard

    before = signal.signal(signal.SIGUSR1, hear)
    sent: list[float] = []
    try:
        timer = Timer(0.5, lambda: (sent.append(process_time()), signal.raise_signal(signal.SIGUSR1)))
        timer.start()
        with pytest.raises(Heard):
            tireless.transcribe(full_window(), Options(language="en"))
        assert process_time() - sent[0] < 1
    finally:
        timer.join()
        signal.signal(signal.SIGUSR1, before)
    assert tireless.transcribe(voice("ru-1.ogg"), Options()).text == TEXTS["ru-1.ogg"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "can't be read .No such file or directory."),
        (b"", "is not a whisper.cpp model: it begins with b''"),
        (b"GGUF and more", "is not a whisper.cpp model: it begins with b'GGUF', not b'lmgg'"),
        (MODEL.read_bytes()[:9_000_000], "cut short"),
        (MODEL.read_bytes()[:100_000], "cut short"),
    ],
    ids=["absent", "empty", "another format", "half", "vocabulary"],
)
def test_a_wrong_model_is_the_operators_mistake_and_says_what_was_expected(tmp_path, content, message):
    path = tmp_path / "ggml-x.bin"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Misconfigured, match=message) as caught:
        WhisperCppEngine(path)
    assert "ggml-" in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_a_folder_is_not_a_model(tmp_path):
    with pytest.raises(Misconfigured, match="is a folder"):
        WhisperCppEngine(tmp_path)


def test_an_engine_still_works_after_another_could_not_be_made(engine, tmp_path):
    (tmp_path / "x.bin").write_bytes(MODEL.read_bytes()[:100_000])
    with pytest.raises(Misconfigured):
        WhisperCppEngine(tmp_path / "x.bin")
    assert engine.transcribe(voice("en-2.ogg"), Options()).text == TEXTS["en-2.ogg"]


def test_whisper_is_silent_on_both_streams_and_the_process_ends_well():
    code = f"""
import sys
assert "numpy" not in sys.modules
from pathlib import Path
from pisar.adapters.whisper_cpp import WhisperCppEngine
assert "numpy" not in sys.modules
from pisar.domain.jobs import Options
import numpy as np
engine = WhisperCppEngine(Path({str(MODEL)!r}))
engine.transcribe(np.zeros(16000, np.float32), Options())
del engine
WhisperCppEngine(Path({str(MODEL)!r}), threads=1).transcribe(
    np.zeros(16000, np.float32), Options(language="xx"), on_progress=lambda share: None
)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == (b"", b"", 0)


@pytest.mark.parametrize(
    ("said", "segments"),
    [
        ([], ()),
        ([(0, 200, "  hello ")], (Segment(0.0, 2.0, "hello"),)),
        ([(0, 100, " "), (100, 200, "a")], (Segment(1.0, 2.0, "a"),)),
        ([(0, 3000, "past the end")], (Segment(0.0, 5.0, "past the end"),)),
        ([(0, 200, "a"), (150, 300, "b")], (Segment(0.0, 2.0, "a"), Segment(2.0, 3.0, "b"))),
        ([(100, 100, "no time")], (Segment(1.0, 1.01, "no time"),)),
        ([(900, 990, "late")], (Segment(4.99, 5.0, "late"),)),
    ],
)
def test_segments_are_cleaned(said, segments):
    assert to_segments([Said(*one) for one in said], 5.0) == segments


@given(st.lists(st.tuples(st.integers(-100, 4000), st.integers(-100, 4000), st.text(max_size=5))), st.floats(0.1, 40))
def test_segments_keep_every_text_in_order_and_lie_within_the_recording(said, duration):
    segments = to_segments([Said(*one) for one in said], duration)
    assert [segment.text for segment in segments] == [text.strip() for _, _, text in said if text.strip()]
    assert all(0 <= segment.start < segment.end <= duration for segment in segments)
    assert [segment.start for segment in segments] == sorted(segment.start for segment in segments)


def token(start_ticks: int, end_ticks: int, spelling: str | bytes, log_probability: float = -0.5, number: int = 7) -> Token:
    return Token(number, start_ticks, end_ticks, log_probability, spelling if isinstance(spelling, bytes) else spelling.encode())


def test_a_segment_has_its_tokens_and_the_mean_of_their_log_probabilities():
    said = Said(100, 200, " two words", (token(100, 150, " two", -0.25, 11), token(150, 200, " words", -0.75, 12)))
    assert to_segments([said], 5.0, 0.25) == (
        Segment(
            1.0,
            2.0,
            "two words",
            words=(Word(1.0, 1.5, "two"), Word(1.5, 2.0, "words")),
            tokens=(11, 12),
            average_log_probability=-0.5,
            temperature=0.25,
        ),
    )


@pytest.mark.parametrize(
    ("tokens", "words"),
    [
        ([], []),
        ([token(0, 50, " one")], [Word(1.0, 1.01, "one")]),  # before its segment
        ([token(100, 120, " писа"), token(120, 150, "рь"), token(160, 200, " да")], [Word(1.0, 1.5, "писарь"), Word(1.6, 2.0, "да")]),
        ([token(100, 120, b" \xd0"), token(120, 150, b"\xb9"), token(150, 150, "!")], [Word(1.0, 1.5, "й!")]),
        ([token(100, 200, " a b")], [Word(1.0, 1.01, "a"), Word(1.01, 2.0, "b")]),
        ([token(100, 120, " "), token(130, 140, "a"), token(150, 150, " ")], [Word(1.3, 1.4, "a")]),
        ([token(100, 120, " \N{NO-BREAK SPACE}"), token(130, 140, " \N{NO-BREAK SPACE}a")], [Word(1.3, 1.4, "a")]),
        ([token(100, 150, "你好"), token(150, 200, "世界")], [Word(1.0, 2.0, "你好世界")]),
        ([token(100, 180, " over"), token(150, 200, " lap")], [Word(1.0, 1.5, "over"), Word(1.5, 2.0, "lap")]),
        ([token(100, 150, " cut"), token(150, 200, b" \xd0")], [Word(1.0, 1.5, "cut"), Word(1.5, 2.0, "\N{REPLACEMENT CHARACTER}")]),
        ([token(300, 400, " late"), token(300, 400, " later")], [Word(1.98, 1.99, "late"), Word(1.99, 2.0, "later")]),
    ],
)
def test_tokens_become_the_words_between_blanks(tokens, words):
    said = to_words(tokens, 1.0, 2.0)
    assert [(word.text, round(word.start, 9), round(word.end, 9)) for word in said] == [(word.text, word.start, word.end) for word in words]


TOKENS = st.builds(
    token, st.integers(-100, 4000), st.integers(-100, 4000), st.sampled_from([" a", "b", " ", " й", b" \xd0", b"\xb9", "你", " c d"])
)


@given(st.lists(TOKENS, max_size=40), st.floats(0, 20), st.floats(0.01, 20))
def test_words_are_the_text_cut_at_blanks_in_order_and_within_their_segment(tokens, start, length):
    words = to_words(tokens, start, start + length)
    assert [word.text for word in words] == b"".join(one.spelling for one in tokens).decode("utf-8", "replace").split()
    assert all(start <= word.start < word.end <= start + length for word in words)
    assert all(before.end <= after.start for before, after in pairwise(words))


@pytest.mark.parametrize(
    ("files", "cpus"),
    [
        ({}, None),
        ({"cpu.max": "max 100000\n"}, None),
        ({"cpu.max": "100000 100000\n"}, 1),
        ({"cpu.max": "50000 100000\n"}, 1),
        ({"cpu.max": "190000 100000\n"}, 1),
        ({"cpu.max": "999900000 100000\n"}, None),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, None),
        ({"cpu/cpu.cfs_quota_us": "100000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 1),
    ],
)
def test_cpus_are_the_quota_or_the_affinity_whichever_is_less(tmp_path, monkeypatch, files, cpus):
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(3)))
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert usable_cpus(tmp_path) == (cpus or 3)


@pytest.mark.parametrize(("name", "several", "heard"), [("ru-1.ogg", "en,ru", "ru"), ("en-1.ogg", "de,en,fr", "en")])
def test_of_several_languages_the_one_that_is_spoken_is_taken(engine, name: str, several: str, heard: str):
    assert engine.transcribe(voice(name), Options(language=several)).language == heard


def test_a_language_outside_the_several_is_never_taken(engine):
    assert engine.transcribe(voice("ru-1.ogg"), Options(language="de,en")).language in {"de", "en"}


@pytest.mark.skipif(not levels(), reason="the wheel of the package index looks up between two graphs only; make engine")
def test_an_engine_built_for_pisar_is_stopped_within_an_encoding(engine):
    calls, check = stopping_at(3)
    with pytest.raises(Heard):
        engine.transcribe(full_window(), Options(language="en"), check=check)
    assert calls[2] - calls[0] < 0.1  # an encoding takes 0.3 s or longer on one thread
    assert engine.transcribe(voice("ru-1.ogg"), Options()).text == TEXTS["ru-1.ogg"]
