"""The engine's sums before and after the model, which are its own where it is built by make engine, held against numpy's."""

import ctypes
import math
from pathlib import Path

import _pywhispercpp as whisper
import numpy as np
import pytest

from pisar.adapters.decoder import FfmpegDecoder
from pisar.adapters.ggml_files import read_prelude
from pisar.adapters.whisper_cpp import WhisperCppEngine
from pisar.domain.audio import AudioLimits
from pisar.domain.jobs import Options

DEMO = Path(__file__).parents[3] / "demo"
MODEL = DEMO / "model" / "ggml-pisar-demo.bin"
FRAME, STEP, PADDING = 400, 160, 480_000
VOICES = sorted(path.name for path in (DEMO / "voices").glob("*.ogg"))


@pytest.fixture(scope="module")
def engine() -> WhisperCppEngine:
    return WhisperCppEngine(MODEL, threads=1)


def voice(name: str) -> np.ndarray:
    return FfmpegDecoder().decode((DEMO / "voices" / name).read_bytes(), AudioLimits(max_bytes=1_000_000, max_seconds=60))


def spectrogram(samples: np.ndarray) -> np.ndarray:
    """Return the logarithm of the spectrogram by the model's filters [mels, frames], as OpenAI's whisper/audio.py defines it."""
    with MODEL.open("rb") as file:
        prelude = read_prelude(file)
    filters = np.frombuffer(prelude.filters, "<f4").reshape(-1, FRAME // 2 + 1).astype(float)
    padded = np.concatenate([samples[FRAME // 2 : 0 : -1], samples, np.zeros(PADDING + FRAME // 2)])
    frames = np.lib.stride_tricks.sliding_window_view(padded, FRAME)[::STEP][: (len(padded) - FRAME) // STEP]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME) / FRAME)
    power = np.abs(np.fft.rfft(frames * window)) ** 2
    logarithms = np.log10(np.maximum(filters @ power.T, 1e-10))
    return (np.maximum(logarithms, logarithms.max() - 8) + 4) / 4


def told(engine: WhisperCppEngine) -> list[tuple[int, float]]:
    """Return the tokens of the last call with the logarithms of their probabilities."""
    context = engine._context
    found = [
        whisper.whisper_full_get_token_data(context, index, position)
        for index in range(whisper.whisper_full_n_segments(context))
        for position in range(whisper.whisper_full_n_tokens(context, index))
    ]
    return [(one.id, one.plog) for one in found]


@pytest.mark.parametrize("name", VOICES)
def test_it_hears_the_spectrogram_that_openai_defines(engine: WhisperCppEngine, name: str):
    samples = voice(name)
    options = Options(language=name[:2])
    engine.transcribe(samples, options)
    heard = told(engine)
    made = spectrogram(samples).astype(np.float32)
    assert whisper.whisper_set_mel(engine._context, made.ravel(), made.shape[1], made.shape[0]) == 0
    parameters = engine._parameters(options, options.language)
    parameters.duration_ms = round(len(samples) / 16)
    parameters.token_timestamps = False  # they are made of the samples, of which it gets none
    assert whisper.whisper_full(engine._context, parameters, np.zeros(0, np.float32), 0) == 0
    expected = told(engine)
    assert [token for token, _ in heard] == [token for token, _ in expected]
    assert [score for _, score in heard] == pytest.approx([score for _, score in expected], abs=2e-3)


class Library:
    """whisper.cpp's own functions, of which the binding gives no scores."""

    def __init__(self) -> None:
        mapped = Path("/proc/self/maps").read_text().split()
        self._functions = ctypes.CDLL(next(path for path in mapped if "libwhisper" in path))
        self._functions.whisper_init_from_file.restype = ctypes.c_void_p
        self._functions.whisper_get_logits.restype = ctypes.POINTER(ctypes.c_float)
        self._context = ctypes.c_void_p(self._functions.whisper_init_from_file(str(MODEL).encode()))
        self.size: int = self._functions.whisper_n_vocab(self._context)

    def close(self) -> None:
        self._functions.whisper_free(self._context)

    def hear(self, samples: np.ndarray) -> None:
        numbers = np.ascontiguousarray(samples, np.float32)
        pointer = numbers.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
        assert self._functions.whisper_pcm_to_mel(self._context, pointer, len(numbers), 1) == 0
        assert self._functions.whisper_encode(self._context, 0, 1) == 0

    def scores(self, tokens: list[int], before: int) -> np.ndarray:
        """Return the scores of what follows these tokens, which come after so many others."""
        said = (ctypes.c_int32 * len(tokens))(*tokens)
        assert self._functions.whisper_decode(self._context, said, len(tokens), before, 1) == 0
        rows = np.ctypeslib.as_array(self._functions.whisper_get_logits(self._context), (len(tokens), self.size))
        return rows[-1].astype(float)


@pytest.mark.parametrize("name", VOICES)
def test_a_tokens_probability_is_its_share_of_all_that_may_follow(name: str):
    engine, library = Spoken(MODEL, threads=1), Library()
    samples = voice(name)
    engine.transcribe(samples, Options(language=name[:2]))
    context = engine._context
    end, first_mark = whisper.whisper_token_eot(context), whisper.whisper_token_beg(context)
    language = whisper.whisper_token_lang(context, whisper.whisper_lang_id(name[:2]))
    library.hear(samples)
    said = [whisper.whisper_token_sot(context), language, whisper.whisper_token_transcribe(context)]
    scores, before = library.scores(said, 0), len(said)
    heard = told(engine)
    assert heard[0][0] == first_mark
    for number, (token, told_logarithm) in enumerate(heard):
        if token < end:  # after a mark of time comes a word, after a word either, and nothing else ever
            may_follow = scores[: end + 1] if number == 1 else np.concatenate([scores[: end + 1], scores[first_mark:]])
            expected = scores[token] - np.logaddexp.reduce(may_follow)
            assert told_logarithm == pytest.approx(expected, abs=1e-3)
        scores, before = library.scores([token], before), before + 1
    library.close()


class Spoken(WhisperCppEngine):
    """Keeps nothing from being said that is a text's."""

    def _parameters(self, options: Options, language: str) -> object:
        parameters = super()._parameters(options, language)
        parameters.suppress_nst = False
        return parameters


@pytest.mark.parametrize("name", VOICES)
def test_probabilities_and_their_logarithms_are_of_one_kind(engine: WhisperCppEngine, name: str):
    engine.transcribe(voice(name), Options(language=name[:2]))
    context = engine._context
    for position in range(whisper.whisper_full_n_tokens(context, 0)):
        one = whisper.whisper_full_get_token_data(context, 0, position)
        assert one.p == pytest.approx(math.exp(one.plog), rel=1e-6)
