"""Samples → text, by whisper.cpp in this process (the package pywhispercpp).

The binding's C functions are called directly: its `Model` throws away the code with which whisper.cpp says that it failed, keeps
every parameter for later calls, and downloads what it takes for a name. Here each call has fresh parameters, a failure is an error,
and only a file is loaded. whisper.cpp's chatter goes to the log at DEBUG and never to stderr; it contains no spoken text.
"""

import atexit
import logging
import math
import os
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from pisar.adapters.ggml import binding
from pisar.adapters.ggml_files import MAGIC
from pisar.adapters.whisper_language import LanguageFinder
from pisar.adapters.whisper_words import TICKS_PER_SECOND, Said, Token, to_segments
from pisar.domain.audio import SAMPLE_RATE_HZ
from pisar.domain.jobs import Options
from pisar.domain.languages import choose
from pisar.domain.transcripts import Transcript, without_repeats
from pisar.errors import Misconfigured, Unavailable

if TYPE_CHECKING:
    from pisar.ports.speech import Samples

MIN_SECONDS = 0.1
"""whisper.cpp refuses less, and answers an empty input with the text of the call before."""

WINDOW_TICKS = 30 * TICKS_PER_SECOND
"""Whisper hears 30 s at a time."""

TIMED_FROM_PROBABILITY = 0.05
"""From which probability a time mark is believed that the model did not choose; without one whisper.cpp shares time out among the
words by length and loudness. By its own 0.01 the demo model has four of six words in a sentence's last 0.1 s."""

SHORT_SECONDS = 2.0
"""Of less Whisper makes the end of a film where it hears a chime or a tone in which the speech detector took a moment for a voice."""

NO_SPEECH_PROBABILITY = 0.5
"""From which probability such a short piece is no speech, whatever text there is for it, and however sure of it: of ten sounds with such a
moment the least has 0.54; of 61 people's prompts the most has 0.15, of 32 single words 0.42. Chosen on these very
sounds. It is OpenAI's rule (0.6) without its exception for a sure text."""

FALLBACKS = 2
"""whisper.cpp's own are 5, each up to 220 tokens of five texts: of a window full of speech it may decode all and keep the last, which was
drawn nearly at random. docs/engine.md has what two and none cost and hear."""

_LOG = logging.getLogger(__name__)
_LOG_LEVEL_ERROR = 4  # ggml_log_level in ggml.h


class WhisperCppEngine:
    """Plays Engine. One call at a time: threads wait for one another, since a whisper.cpp context must not be used by two."""

    def __init__(self, model_path: Path, threads: int | None = None, *, beams: int = 1, fallbacks: int = FALLBACKS) -> None:
        """Load the model, so that a wrong file stops the program at start; raise Misconfigured.

        30–45 ms for the demo model, once its file is in the page cache. `threads`: None for `usable_cpus()`.
        `beams`: how many texts are followed at a time, 1 to 8; more than one hears a little better and decodes that much longer.
        `fallbacks`: how often a window that it is unsure of is decoded again, each time at a higher temperature, five texts
        at a time.
        """
        _check_file(model_path)
        self._whisper = whisper = binding()
        self.threads = threads or usable_cpus()
        self._beams = beams
        self._fallbacks = fallbacks
        self._lock = Lock()
        complaints = _listen_to(whisper)
        context_params = whisper.whisper_context_default_params()
        self._context = whisper.whisper_init_from_file_with_params(str(model_path), context_params)
        if complaints:  # the only sign: the binding wraps whisper.cpp's NULL, and touching that ends the process
            raise Misconfigured(
                f"{model_path.name} can't be loaded: it is cut short or not a whisper.cpp model (ggml-….bin) this version reads"
            )
        weakref.finalize(self, whisper.whisper_free, self._context).atexit = False  # the binding never frees; a process that ends need not
        self._languages = frozenset(whisper.whisper_lang_str(index) for index in range(whisper.whisper_lang_max_id() + 1))
        self._multilingual = bool(whisper.whisper_is_multilingual(self._context))
        self._first_unspoken = whisper.whisper_token_eot(self._context)  # the tokens from here on are marks, not text

    def transcribe(
        self,
        samples: "Samples",
        options: Options,
        *,
        seams: Sequence[float] = (),
        on_progress: Callable[[float], None] | None = None,
        check: Callable[[], None] | None = None,
    ) -> Transcript:
        """Return what is said in the samples, times relative to their start; its language is "" if that is nothing.

        Segments have words, tokens and probabilities; the probability that nobody speaks is left to who has heard the silence.
        `seams`: the seconds at which samples were joined; no segment and no word lies over one.
        A language whisper.cpp does not know is found out, like "auto", with those that are expected favoured; of several with commas
        between them one is taken. Raises Unavailable when whisper.cpp fails (out of memory).
        `on_progress` hears from whisper.cpp before each of its windows, which are up to 30 s long; `check` is called before each token and
        after each encoding, and where whisper.cpp is built for Pisar within it too. What they raise stops the work and comes out here; so
        does what a signal's handler raises meanwhile.
        """
        duration = len(samples) / SAMPLE_RATE_HZ
        if duration < MIN_SECONDS:
            if on_progress:
                on_progress(1.0)
            return Transcript(language="", duration=duration, segments=(), task=options.task)
        with self._lock:
            language, said = self._hear(samples, options, _Listening(on_progress, check))
        segments = to_segments(said, duration, options.temperature, seams)
        if on_progress:
            on_progress(1.0)
        return Transcript(language=language if segments else "", duration=duration, segments=segments, task=options.task)

    def _hear(self, samples: "Samples", options: Options, listening: "_Listening") -> tuple[str, list[Said]]:
        """Return the language and what is said."""
        allowed = [code for code in options.language.split(",") if code in self._languages] if self._multilingual else ["en"]
        guess = next((code for code in (*options.expected, *allowed) if code in (allowed or self._languages)), "en")
        params = self._parameters(options, guess)
        finder = None
        short = len(samples) < SHORT_SECONDS * SAMPLE_RATE_HZ
        if short or len(allowed) != 1:
            chosen = partial(choose, allowed=allowed, expected=options.expected)
            finder = LanguageFinder(self._whisper, self._context, params, guess=guess, prompt=options.prompt, choose=chosen)
        windows = 0

        def begins(_: object) -> bool:
            nonlocal windows
            windows += 1
            # What comes after the first window must be told the language: whisper.cpp has the guess in its prompts.
            return not listening.must_stop() and not (windows > 1 and finder and finder.was_wrong)

        self._run(params, samples, listening, begins, finder)
        said = list(self._said())
        if short and finder and finder.no_speech > NO_SPEECH_PROBABILITY:
            _LOG.info("no speech", extra={"probability": round(finder.no_speech, 3)})
            return guess, []
        if finder is None or not (windows > 1 and finder.was_wrong):
            return (finder.language if finder and finder.language else guess), said
        told = replace(options, language=finder.language)
        heard = second_window(said, listening.percent, len(samples))
        rest = samples[heard * SAMPLE_RATE_HZ // TICKS_PER_SECOND :]
        if len(rest) / SAMPLE_RATE_HZ < MIN_SECONDS:
            return finder.language, said
        _, later = self._hear(rest, told, listening.from_share(1 - len(rest) / len(samples)))
        return finder.language, [*said, *(one.later(heard) for one in later)]

    def _run(
        self, params: Any, samples: "Samples", listening: "_Listening", begins: Callable[[object], bool], finder: LanguageFinder | None
    ) -> None:
        whisper = self._whisper
        whisper.assign_abort_callback(params, lambda: listening.must_stop() or (finder is not None and finder.error is not None))
        whisper.assign_encoder_begin_callback(params, begins)
        whisper.assign_progress_callback(params, listening.tell)
        params.print_progress = True  # without it the binding calls nobody; with a callback it prints nothing
        code = whisper.whisper_full(self._context, params, samples, len(samples))
        error = listening.error or (finder.error if finder else None)
        if error is not None:
            raise error
        if code != 0:
            raise Unavailable(f"whisper.cpp failed with code {code}")

    def _said(self) -> Iterator[Said]:
        """Yield the segments of the last call."""
        whisper, context = self._whisper, self._context
        for index in range(whisper.whisper_full_n_segments(context)):
            times = whisper.whisper_full_get_segment_t0(context, index), whisper.whisper_full_get_segment_t1(context, index)
            found = [
                whisper.whisper_full_get_token_data(context, index, position)
                for position in range(whisper.whisper_full_n_tokens(context, index))
            ]
            # not whisper_full_get_token_text, which fails for a token with a part of a letter
            tokens = tuple(
                Token(one.id, one.t0, one.t1, one.plog, whisper.whisper_token_to_bytes(context, one.id))
                for one in found
                if one.id < self._first_unspoken
            )
            kept = without_repeats(tokens, key=lambda token: token.id)
            if len(kept) == len(tokens):
                yield Said(*times, whisper.whisper_full_get_segment_text(context, index).decode("utf-8", "replace"), tokens)
            else:
                _LOG.info("a loop was cut", extra={"tokens": len(tokens) - len(kept)})
                yield Said(*times, b"".join(token.spelling for token in kept).decode("utf-8", "replace"), kept)

    def _parameters(self, options: Options, language: str) -> Any:
        """Return whisper.cpp's defaults with ours, fresh for each call."""
        whisper = self._whisper
        strategies = whisper.whisper_sampling_strategy
        greedy = self._beams == 1
        params = whisper.whisper_full_default_params(
            strategies.WHISPER_SAMPLING_GREEDY if greedy else strategies.WHISPER_SAMPLING_BEAM_SEARCH
        )
        if not greedy:
            params.beam_search = {"beam_size": self._beams, "patience": -1.0}
        params.n_threads = self.threads
        params.print_progress = False
        params.translate = options.task == "translate"
        params.initial_prompt = options.prompt
        params.carry_initial_prompt = True  # into each window
        params.temperature = options.temperature
        params.temperature_inc = temperature_step(options.temperature, self._fallbacks)
        # Always: it changes neither text nor segments, and costs 4 ms for a piece of 6 s and 20 ms for one of 28 s on one core. That is
        # 1.5 % of the demo model's time for its pieces of 6 s, and less of any larger model's.
        params.token_timestamps = True
        params.thold_pt = params.thold_ptsum = TIMED_FROM_PROBABILITY
        params.suppress_nst = True  # no "[music]" and the like, as OpenAI's own decoder does by default
        params.language = language
        return params


class _Listening:
    """Calls those who listen from within whisper.cpp; what one of them raises is kept for after it, and whisper.cpp told to end."""

    def __init__(self, on_progress: Callable[[float], None] | None, check: Callable[[], None] | None) -> None:
        self._on_progress = on_progress
        self._check = check
        self._from = 0.0
        self.percent = 0
        self.error: BaseException | None = None

    def from_share(self, share: float) -> "_Listening":
        """Return the same listeners for the rest of the work, of which so much is done."""
        rest = _Listening(self._on_progress, self._check)
        rest._from = share
        return rest

    def tell(self, percent: int) -> None:
        """Tell how far it is."""
        self.percent = percent
        if self._on_progress and self.error is None:
            try:
                # the last window may end past the end
                self._on_progress(self._from + (1 - self._from) * min(1.0, percent / 100))
            except BaseException as error:  # noqa: BLE001 - whatever it is comes out of the call
                self.error = error

    def must_stop(self) -> bool:
        """Say whether whisper.cpp must end."""
        if self._check and self.error is None:
            try:
                self._check()
            except BaseException as error:  # noqa: BLE001 - see above
                self.error = error
        return self.error is not None


def second_window(said: Sequence[Said], percent: int, count: int) -> int:
    """Return the tick at which whisper.cpp's second window begins, of so many samples, when it has told that it is so far.

    That is where its last segment ends, or after a last segment that nothing follows the end of the first window.
    """
    ticks = count * TICKS_PER_SECOND // SAMPLE_RATE_HZ
    return WINDOW_TICKS if not said or percent == 100 * WINDOW_TICKS // ticks else min(WINDOW_TICKS, said[-1].end_ticks)


def temperature_step(temperature: float, fallbacks: int) -> float:
    """Return by how much whisper.cpp raises the temperature, which it does while that stays at 1.0 or less: so many times, evenly."""
    return 1.01 * (1 - temperature) / (fallbacks + 1) if fallbacks and temperature < 1 else 0.0  # 1.01: not once more, at 1.0


def _listen_to(whisper: Any) -> list[str]:
    """Send whisper.cpp's chatter to the log and return a list that gets its first error.

    The listener is the whole process's, so the newest engine's list gets it. The binding must let go of it before Python ends:
    otherwise the process aborts at exit.
    """
    complaints: list[str] = []

    def hear(level: int, text: str) -> None:
        _LOG.debug("%s", text.rstrip())
        # cut within its vocabulary a model is taken for an empty one, "for testing", and only warned of
        if (level >= _LOG_LEVEL_ERROR or "no tensors" in text) and not complaints:
            complaints.append(text)

    whisper.whisper_log_set(hear)
    atexit.unregister(whisper.whisper_log_set)
    atexit.register(whisper.whisper_log_set, None)
    return complaints


def usable_cpus(cgroup: Path = Path("/sys/fs/cgroup")) -> int:
    """Return how many CPUs this process may keep busy: its affinity or the container's quota, whichever is less, and at least 1.

    A quota counts whole CPUs only: a thread that is throttled holds up the others at every layer.
    """
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, math.floor(min(affinity, _quota(cgroup))))


def _quota(cgroup: Path) -> float:
    """Return the CPUs a cgroup grants (v2: cpu.max; v1: cpu/cpu.cfs_*), infinity for no limit."""
    try:
        quota, period = (cgroup / "cpu.max").read_text().split()
    except (OSError, ValueError):
        try:
            quota, period = ((cgroup / "cpu" / f"cpu.cfs_{name}_us").read_text().strip() for name in ("quota", "period"))
        except OSError:
            return math.inf
    return int(quota) / int(period) if quota.isdigit() and int(period) else math.inf


def _check_file(path: Path) -> None:
    expected = "a whisper.cpp model is a file ggml-….bin"
    try:
        with path.open("rb") as file:
            magic = file.read(len(MAGIC))
    except IsADirectoryError as error:
        raise Misconfigured(f"{path.name} is a folder; {expected}") from error
    except OSError as error:
        raise Misconfigured(f"{path.name} can't be read ({error.strerror}); {expected}") from error
    if magic != MAGIC:
        raise Misconfigured(f"{path.name} is not a whisper.cpp model: it begins with {magic!r}, not {MAGIC!r}; {expected}")
