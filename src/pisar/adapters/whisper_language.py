"""Finds out which language is spoken from the very encoding that the text is made from.

whisper.cpp's own detection encodes the first window once more, which of a short message is nearly half of all the work, and takes the
likeliest language whatever is known of who speaks. Here whisper.cpp is started with a guess. Before it chooses its first token it
calls back: the decoder is asked for the language, as whisper.cpp's detection asks it, one is chosen, and the prompt is decoded
anew with that. The guess is then only in the first time mark's probabilities, which say where speech begins in any language.

The binding hands neither several tokens to the decoder nor all of its numbers out, so the C functions under it are called.
"""

import ctypes
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pisar.adapters.ggml import library
from pisar.errors import Unavailable

Choose = Callable[[Mapping[str, float]], str]
"""Returns one of the languages, given the probability of each by its code."""

PROMPT_BELOW_TEMPERATURE = 0.5
"""whisper.cpp leaves the prompt out from this temperature on (WHISPER_HISTORY_CONDITIONING_TEMP_CUTOFF in whisper.cpp)."""

MAX_PROMPT_TOKENS = 223
"""Of a longer prompt whisper.cpp takes the last so many: half of its text context, less one mark (`max_prompt_ctx` there)."""

DISTILLED_LAYERS = 2
"""whisper.cpp takes a model with so many decoder layers for a distilled one, and tells it to leave time marks out."""


class LanguageFinder:
    """Finds the language of one call of whisper.cpp. `language` is "" until it is known, which is after the first encoding.

    `no_speech` is then the probability that nobody speaks in the first window, of which whisper.cpp itself keeps another token's.
    """

    def __init__(self, whisper: Any, context: Any, params: Any, *, guess: str, prompt: str, choose: Choose) -> None:
        """Listen to a call of `whisper_full` with these parameters; `guess`: the language it is started with, `prompt` its prompt."""
        self.language = ""
        self.no_speech = 0.0
        self._whisper = whisper
        self._context = context
        self._guess = guess
        self._choose = choose
        self._threads = params.n_threads
        self._temperatures = _temperatures(params.temperature, params.temperature_inc)
        self._tries = 0
        self._decoder = _Decoder(context)
        self._prompt = self._decoder.tokens(prompt)[-MAX_PROMPT_TOKENS:] if prompt else []
        self._multilingual = bool(whisper.whisper_is_multilingual(context))
        task = whisper.whisper_token_translate if params.translate else whisper.whisper_token_transcribe
        self._task = [task(context)] if self._multilingual else []
        if whisper.whisper_model_n_text_layer(context) == DISTILLED_LAYERS:
            self._task.append(whisper.whisper_token_not(context))
        self.error: BaseException | None = None
        whisper.assign_logits_filter_callback(params, self._before_token)

    @property
    def was_wrong(self) -> bool:
        """Say whether the language is known and is not the guess: what comes after the first window must be told it."""
        return self.language not in {"", self._guess}

    def _before_token(self, _context: Any, chosen: int, _logit: float) -> None:
        if chosen or self.error:
            return
        try:
            if not self.language:
                self.language = self._choose(self._probabilities())
                self._decode_prompt()
            elif self.was_wrong:
                self._decode_prompt()
        except BaseException as error:  # noqa: BLE001 - nothing may be raised through whisper.cpp: it comes out of the call
            self.error = error
        self._tries += 1

    def _probabilities(self) -> dict[str, float]:
        """Return how likely each language is, and note how likely silence, by the decoder's first token, as OpenAI's does."""
        import numpy as np  # noqa: PLC0415 - whoever calls brings it

        whisper = self._whisper
        logits = self._decoder.decode([whisper.whisper_token_sot(self._context)], self._threads)
        powers = np.exp(logits - logits.max())
        self.no_speech = float(powers[self._decoder.no_speech_mark] / powers.sum())
        if not self._multilingual:
            return {self._guess: 1.0}
        numbers = range(whisper.whisper_lang_max_id() + 1)
        marks = [whisper.whisper_token_lang(self._context, number) for number in numbers]
        known = [number for number, mark in zip(numbers, marks, strict=True) if mark < whisper.whisper_token_translate(self._context)]
        likely = powers[[marks[number] for number in known]]
        likely /= likely.sum()
        return {whisper.whisper_lang_str(number): float(share) for number, share in zip(known, likely, strict=True)}

    def _decode_prompt(self) -> None:
        """Put the prompt with the language that was found in place of the one with the guess; it is as long."""
        whisper = self._whisper
        temperature = self._temperatures[min(self._tries, len(self._temperatures) - 1)]
        before = (
            [whisper.whisper_token_prev(self._context), *self._prompt] if self._prompt and temperature < PROMPT_BELOW_TEMPERATURE else []
        )
        spoken = [whisper.whisper_token_lang(self._context, whisper.whisper_lang_id(self.language))] if self._multilingual else []
        self._decoder.decode([*before, whisper.whisper_token_sot(self._context), *spoken, *self._task], self._threads)


class _Decoder:
    """whisper.cpp's decoder, by the C functions of the library that the binding has loaded."""

    def __init__(self, context: Any) -> None:
        self._functions = functions = library("whisper")
        functions.whisper_get_logits.restype = ctypes.POINTER(ctypes.c_float)
        self._context = _pointer(context)
        self._size = functions.whisper_n_vocab(self._context)
        self.no_speech_mark = functions.whisper_token_nosp(self._context)

    def tokens(self, text: str) -> list[int]:
        """Return the tokens of a text."""
        spelled = text.encode()
        room = (ctypes.c_int32 * (len(spelled) + 1))()
        return list(room[: self._functions.whisper_tokenize(self._context, spelled, room, len(room))])

    def decode(self, tokens: Sequence[int], threads: int) -> Any:
        """Have the decoder read the tokens from its beginning, and return its logits for the next: float32 [vocabulary]."""
        import numpy as np  # noqa: PLC0415 - whoever calls brings it

        said = (ctypes.c_int32 * len(tokens))(*tokens)
        if self._functions.whisper_decode(self._context, said, len(tokens), 0, threads) != 0:
            raise Unavailable("whisper.cpp could not tell the language")
        return np.ctypeslib.as_array(self._functions.whisper_get_logits(self._context), (len(tokens), self._size))[-1]


def _pointer(context: Any) -> ctypes.c_void_p:
    """Return the address of whisper.cpp's context, which the binding wraps in a struct of its own and never gives out.

    An object of pybind11 has the address of what it holds after its head; what it holds here is just the context's address
    (`whisper_context_wrapper` in pywhispercpp 1.5.1). Delete this when the binding can decode several tokens and give all logits.
    """
    held = ctypes.c_void_p.from_address(id(context) + object.__basicsize__).value
    if held is None:
        raise Unavailable("whisper.cpp's context is gone")
    return ctypes.c_void_p.from_address(held)


def _temperatures(first: float, step: float) -> list[float]:
    """Return the temperatures that whisper.cpp tries, in order."""
    tried = [first]
    while step > 0 and tried[-1] + step <= 1:
        tried.append(tried[-1] + step)
    return tried
