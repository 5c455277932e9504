"""Samples → text, by whisper.cpp in this process (the package pywhispercpp).

The binding's C functions are called directly: its `Model` throws away the code with which whisper.cpp says that it failed, keeps
every parameter for later calls, and downloads what it takes for a name. Here each call has fresh parameters, a failure is an error,
and only a file is loaded. whisper.cpp's chatter goes to the log at DEBUG and never to stderr; it contains no spoken text.
"""

import atexit
import logging
import math
import os
import re
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from pisar.adapters.ggml import binding
from pisar.adapters.ggml_files import MAGIC
from pisar.domain.audio import SAMPLE_RATE_HZ
from pisar.domain.jobs import Options
from pisar.domain.transcripts import Segment, Transcript, Word, without_repeats
from pisar.errors import Misconfigured, Unavailable

if TYPE_CHECKING:
    from pisar.ports import Samples

TICKS_PER_SECOND = 100
"""whisper.cpp counts time in steps of 10 ms."""

MIN_SECONDS = 0.1
"""whisper.cpp refuses less, and answers an empty input with the text of the call before."""

TIMED_FROM_PROBABILITY = 0.05
"""From which probability a time mark is believed that the model did not choose; without one whisper.cpp shares time out among the
words by length and loudness. By its own 0.01 the demo model has four of six words in a sentence's last 0.1 s."""

FALLBACKS = 2
"""whisper.cpp's own are 5, each up to 220 tokens of five texts: of a window full of speech it may decode all and keep the last, which was
drawn nearly at random. docs/engine.md has what two and none cost and hear."""

_LOG = logging.getLogger(__name__)
_LOG_LEVEL_ERROR = 4  # ggml_log_level in ggml.h


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of text as whisper.cpp tells it: times in ticks, the natural logarithm of its probability, its bytes in UTF-8.

    A letter may be cut between two tokens. The times are estimates: they may coincide and lie beyond the segment's.
    """

    id: int
    start_ticks: int
    end_ticks: int
    log_probability: float
    spelling: bytes


@dataclass(frozen=True, slots=True)
class Said:
    """A segment as whisper.cpp tells it: times in ticks, text, and the tokens that spell it."""

    start_ticks: int
    end_ticks: int
    text: str
    tokens: tuple[Token, ...] = ()


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
        on_progress: Callable[[float], None] | None = None,
        check: Callable[[], None] | None = None,
    ) -> Transcript:
        """Return what is said in the samples, times relative to their start; its language is "" if that is nothing.

        Segments have words, tokens and probabilities; the probability that nobody speaks is left to who has heard the silence.
        A language whisper.cpp does not know is detected, like "auto"; of several with commas between them the likeliest is taken.
        Raises Unavailable when whisper.cpp fails (out of memory).
        `on_progress` hears from whisper.cpp before each of its windows, which are up to 30 s long; `check` is called before each token and
        after each encoding, and where whisper.cpp is built for Pisar within it too. What they raise stops the work and comes out here; so
        does what a signal's handler raises meanwhile.
        """
        duration = len(samples) / SAMPLE_RATE_HZ
        if duration < MIN_SECONDS:
            if on_progress:
                on_progress(1.0)
            return Transcript(language="", duration=duration, segments=(), task=options.task)
        whisper = self._whisper
        with self._lock:
            params = self._parameters(options, samples)
            listening = _Listening(on_progress, check)
            whisper.assign_abort_callback(params, listening.must_stop)
            whisper.assign_encoder_begin_callback(params, lambda _: not listening.must_stop())
            if on_progress:
                whisper.assign_progress_callback(params, listening.tell)
                params.print_progress = True  # without it the binding calls nobody; with a callback it prints nothing
            code = whisper.whisper_full(self._context, params, samples, len(samples))
            if listening.error is not None:
                raise listening.error
            if code != 0:
                raise Unavailable(f"whisper.cpp failed with code {code}")
            language = whisper.whisper_lang_str(whisper.whisper_full_lang_id(self._context))
            said = list(self._said())
        segments = to_segments(said, duration, options.temperature)
        if on_progress:
            on_progress(1.0)
        return Transcript(language=language if segments else "", duration=duration, segments=segments, task=options.task)

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

    def _parameters(self, options: Options, samples: "Samples") -> Any:
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
        params.temperature = options.temperature
        params.temperature_inc = temperature_step(options.temperature, self._fallbacks)
        # Always: it changes neither text nor segments, and costs 4 ms for a piece of 6 s and 20 ms for one of 28 s on one core. That is
        # 1.5 % of the demo model's time for its pieces of 6 s, and less of any larger model's.
        params.token_timestamps = True
        params.thold_pt = params.thold_ptsum = TIMED_FROM_PROBABILITY
        params.suppress_nst = True  # no "[music]" and the like, as OpenAI's own decoder does by default
        if not self._multilingual:
            params.language = "en"
        else:  # "" asks for detection as "auto" does, which the binding first reports as an unknown language
            params.language = self._language(options.language, samples)
        return params

    def _language(self, asked: str, samples: "Samples") -> str:
        """Return the language to listen for: the one that is asked for, or of several the likeliest; "" where none is known."""
        codes = [code for code in asked.split(",") if code in self._languages]
        if len(codes) < 2:  # noqa: PLR2004 - several
            return codes[0] if codes else ""
        import numpy as np  # noqa: PLC0415 - whoever calls brings it

        whisper = self._whisper
        likely = np.zeros(whisper.whisper_lang_max_id() + 1, np.float32)
        # The same look at the first window that whisper.cpp takes when it is asked for "auto".
        failed = whisper.whisper_pcm_to_mel(self._context, samples, len(samples), self.threads) != 0
        if failed or whisper.whisper_lang_auto_detect(self._context, 0, self.threads, likely) < 0:
            raise Unavailable("whisper.cpp could not tell the language")
        return max(codes, key=lambda code: likely[whisper.whisper_lang_id(code)])


class _Listening:
    """Calls those who listen from within whisper.cpp; what one of them raises is kept for after it, and whisper.cpp told to end."""

    def __init__(self, on_progress: Callable[[float], None] | None, check: Callable[[], None] | None) -> None:
        self._on_progress = on_progress
        self._check = check
        self.error: BaseException | None = None

    def tell(self, percent: int) -> None:
        """Tell how far it is."""
        if self._on_progress and self.error is None:
            try:
                self._on_progress(min(1.0, percent / 100))  # the last window may end past the end
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


def to_segments(said: Iterable[Said], duration: float, temperature: float = 0.0) -> tuple[Segment, ...]:
    """Return segments from what whisper.cpp said: no empty text, in order, apart, within `duration` seconds.

    Whisper's times may run past the end (its window is 30 s) or stand still; text is never dropped for its times.
    """
    tick = 1 / TICKS_PER_SECOND
    segments: list[Segment] = []
    previous_end = 0.0
    for one in said:
        if not one.text.strip():
            continue
        start = min(max(one.start_ticks / TICKS_PER_SECOND, previous_end), max(0.0, duration - tick))
        end = min(max(one.end_ticks / TICKS_PER_SECOND, start + tick), duration)
        segments.append(
            Segment(
                start,
                end,
                one.text.strip(),
                words=to_words(one.tokens, start, end),
                tokens=tuple(token.id for token in one.tokens),
                average_log_probability=sum(token.log_probability for token in one.tokens) / max(1, len(one.tokens)),
                temperature=temperature,
            )
        )
        previous_end = end
    return tuple(segments)


def to_words(tokens: Sequence[Token], start: float, end: float) -> tuple[Word, ...]:
    """Return the words that tokens spell: in order, apart, none empty, within the segment from `start` to `end`, in seconds.

    Words are what blanks divide, whatever the borders of tokens. A language without blanks gives one for each run between them.
    A word takes at least a tick, or its even share of the segment where there are more words than ticks.
    """
    owners = [token for token in tokens for _ in token.spelling]
    runs = [
        (text, owners[run.start()], owners[run.end() - 1])
        for run in re.finditer(rb"\S+", b"".join(token.spelling for token in tokens))
        if (text := run.group().decode("utf-8", "replace").strip())
    ]
    step = min(1 / TICKS_PER_SECOND, (end - start) / max(1, len(runs)))
    starts: list[float] = []
    for left, (_, first, _) in zip(range(len(runs), 0, -1), runs, strict=True):
        earliest = starts[-1] + step if starts else start
        starts.append(max(start, min(max(first.start_ticks / TICKS_PER_SECOND, earliest), end - left * step)))
    return tuple(
        Word(begun, min(max(last.end_ticks / TICKS_PER_SECOND, begun + step), next_begun), text)
        for (begun, next_begun), (text, _, last) in zip(pairwise([*starts, end]), runs, strict=True)
    )


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
