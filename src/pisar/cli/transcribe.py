"""`pisar transcribe`: the service's own recognition, without cloud or keys.

One bad file does not stop the others. Nothing is written before a file's text is whole, and no file is written over unasked.
"""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import click

from pisar.cli.inputs import Source, find_sources
from pisar.cli.interruption import interruptible
from pisar.cli.outputs import Outputs
from pisar.cli.screen import lines_shown, progress_bar, say, shown, table
from pisar.domain.transcripts import Transcript
from pisar.errors import Rejected, Unavailable
from pisar.formats import FILE_FORMATS, FORMATS, Format
from pisar.formats.refusals import sentence

if TYPE_CHECKING:
    from pisar.wiring.cli import Scribe, ScribeSettings


ALL = "all"


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a file: `error` is a sentence, None when all went well; `seconds` is how long the recognition took."""

    source: Source
    transcript: Transcript | None = None
    seconds: float = 0.0
    outputs: tuple[Path, ...] = ()
    error: str | None = None


@click.command(
    context_settings={"token_normalize_func": lambda word: word.replace("_", "-")},  # --output_dir, as whisper and others spell it
    epilog="Exit codes: 0 every file was transcribed, 1 some were not, 2 a wrong call or setting, 130 Ctrl-C, 141 nobody reads the output.",
)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--format",
    "--output-format",
    "formats",
    multiple=True,
    type=click.Choice((*FILE_FORMATS, "txt", ALL)),
    help="Repeat it for several; txt is text, which is taken if it is left out.",
)
@click.option("--write", is_flag=True, help="Write files beside the recordings also for a single one.")
@click.option("--output-dir", "-o", type=click.Path(file_okay=False, path_type=Path), help="Write the files below this folder instead.")
@click.option("--force", is_flag=True, help="Write over files that exist.")
@click.option("--recursive", "-r", is_flag=True, help="Look into folders within folders.")
@click.option(
    "--language", "-l", default="", metavar="LANGUAGE", help="Language of the speech: ru, Russian, auto [PISAR_LANGUAGE, or auto]."
)
@click.option("--task", default="", metavar="TASK", help="transcribe, or translate into English [transcribe].")
@click.option("--track", default="", metavar="NUMBER", help="Audio track to hear, from 1 [the default one, or the first with speech].")
@click.option("--prompt", "--initial-prompt", default="", metavar="TEXT", help="A text that could stand before, in its style and spelling.")
@click.option("--hotwords", "words", multiple=True, metavar="WORDS", help="Words to expect, such as names: 'Marina, Bishkek, pgBouncer'.")
@click.option("--word-timestamps", is_flag=True, help="JSON, which is taken then, tells when each word is spoken.")
@click.option(
    "--model", "-m", default="", metavar="NAME|PATH", help="A ggml model file, or a name to download once [PISAR_MODEL, or base]."
)
def transcribe(
    paths: tuple[str, ...],
    formats: tuple[str, ...],
    output_dir: Path | None,
    *,
    language: str,
    task: str,
    prompt: str,
    words: tuple[str, ...],
    model: str,
    track: str,
    word_timestamps: bool,
    write: bool,
    force: bool,
    recursive: bool,
) -> int:
    """Transcribe audio and video files, on this machine alone.

    PATH is a file, a folder, a quoted pattern such as 'talks/**/*.mp3', or - for a recording that comes by a pipe. The text of one goes to
    standard output. For several files, several formats, --write or --output-dir it goes to files: talk.ogg becomes talk.txt, and what came
    by a pipe stdin.txt in this folder.

    Settings of the service apply (PISAR_THREADS, PISAR_MODEL_CACHE and others); the limits are 240 minutes and 1024 MB a file unless
    PISAR_MAX_AUDIO_MINUTES and PISAR_MAX_UPLOAD_MB set others.
    """
    from pisar.wiring.cli import scribe_settings  # noqa: PLC0415 - only when there is work

    wanted = _wanted(formats, word_timestamps=word_timestamps)
    try:
        chosen = scribe_settings(os.environ, language=language, task=task, prompt=prompt, words=",".join(words), model=model, track=track)
    except Rejected as rejection:
        raise click.UsageError(sentence(rejection)) from rejection
    sources = find_sources(paths, recursive=recursive)
    if any(source.piped for source in sources) and (sys.stdin is None or sys.stdin.isatty()):
        what = "closed" if sys.stdin is None else "a terminal"
        raise click.UsageError(f"Standard input is {what}. Send a recording into it: pisar transcribe - < talk.ogg")
    to_screen = len(paths) == len(sources) == len(wanted) == 1 and Path(paths[0]) == sources[0].path and not (write or output_dir)
    outputs = Outputs(sources, () if to_screen else tuple(wanted), folder=output_dir, force=force)
    work = Work(chosen, outputs, wanted)
    done = [work.do(source, f"[{number}/{len(sources)}] " if len(sources) > 1 else "") for number, source in enumerate(sources, 1)]
    if to_screen and (transcript := done[0].transcript):
        _print(next(iter(wanted.values())).write(transcript))
    if len(done) > 1:
        _show_table(done)
    else:
        _show_line(done[0])
    return 1 if any(one.error for one in done) else 0


def _wanted(formats: tuple[str, ...], *, word_timestamps: bool) -> dict[str, Format]:
    """Return the formats that are asked for, each once, by their names. Raises UsageError."""
    names = [one for name in formats for one in (FILE_FORMATS if name == ALL else ("text",) if name == "txt" else (name,))]
    wanted = {name: FORMATS[name] for name in names or ["json" if word_timestamps else "text"]}
    if word_timestamps:
        if "json" not in wanted:
            raise click.UsageError("--word-timestamps goes with --format json.")
        wanted["json"] = FORMATS["verbose_json"]
    return wanted


class Work:
    """Files, one after another; the model is loaded for the first that gets so far."""

    def __init__(self, chosen: "ScribeSettings", outputs: Outputs, formats: Mapping[str, Format]) -> None:
        self._settings = chosen
        self._outputs = outputs
        self._formats = formats
        self._scribe: Scribe | None = None

    def do(self, source: Source, label: str) -> Done:
        """Transcribe a file and write its outputs. Raises Misconfigured only: every other error is the file's own."""
        if source.problem:
            return Done(source, error=source.problem)
        try:
            targets = self._outputs.claim(source)
            self._settings.check_size(source.size())
            audio = source.read(self._settings.max_bytes)
            if source.piped and not audio:
                return Done(source, error="It is empty: nothing came by it.")
            if len(audio) > self._settings.max_bytes:
                return Done(source, error=f"It is longer than {self._settings.max_bytes / 2**20:g} MB, which PISAR_MAX_UPLOAD_MB allows.")
            self._scribe = scribe = self._scribe or self._settings.load()
            with progress_bar(label + shown("standard input" if source.piped else source.path.name)) as on_progress:
                transcript, seconds = interruptible(lambda: _timed(scribe, audio, on_progress))
            for name, target in targets.items():
                self._outputs.write(target, self._formats[name].write(transcript))
        except Rejected as rejection:
            return Done(source, error=sentence(rejection))
        except Unavailable as error:
            return Done(source, error=f"Not possible right now: {error}.")
        except OSError as error:
            return Done(source, error=shown(f"{error.strerror}." if error.strerror else error))
        return Done(source, transcript, seconds, tuple(targets.values()))


def _timed(scribe: "Scribe", audio: bytes, on_progress: Callable[[float], None] | None) -> tuple[Transcript, float]:
    started = perf_counter()
    return scribe.recognise(audio, on_progress), perf_counter() - started


def _print(text: str) -> None:
    # UTF-8 whatever the locale: the text may be of any language. A program gets it as it is, a terminal what it may be told.
    if sys.stdout.isatty():
        text = lines_shown(text)
    sys.stdout.buffer.write((text if text.endswith("\n") or not text else text + "\n").encode())
    sys.stdout.flush()


def _show_line(done: Done) -> None:
    """Say of a single file on standard error what its text does not."""
    if done.error:
        say(f"pisar: {shown(done.source.name)}: {done.error}")
    elif done.transcript and not done.transcript.segments:
        say(f"pisar: {shown(done.source.name)}: No speech was heard.")


def _show_table(done: list[Done]) -> None:
    table(("file", "seconds", "language", "speed", "result"), [_row(one) for one in done], right=("seconds", "speed"))


def _row(done: Done) -> tuple[str, ...]:
    name = shown(done.source.name)
    if done.transcript is None:
        return name, "", "", "", f"failed: {done.error}"
    written = ", ".join(shown(one.name) for one in done.outputs)
    speed = f"{done.transcript.duration / done.seconds:.1f} ×"
    result = written if done.transcript.segments else f"{written} (no speech was heard)"
    return name, f"{done.transcript.duration:.1f}", done.transcript.language, speed, result
