"""Turns a file that is dropped under `uploads/` into a queued job.

The job's id is derived from the object's key and tag. So two events of the same object make one job. New content under the same key, new
options, and a version that comes back after another (`pisar.state.dropped_files`) make another job, which cancels the one before and takes
away its results. A file that finds the waiting list full is not queued: where files are found by listing, it is tried again; elsewhere an
`.error.json` says so, and dropping the file once more is another try.

The options come from the object's metadata (`x-amz-meta-pisar-language`, `x-amz-meta-pisar-formats` …), else from a `pisar.json` in the
same folder, else from the settings. An unreadable option leaves an `.error.json` and no job.
"""

import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from email.errors import HeaderParseError
from email.header import decode_header, make_header

from pisar.domain.answer_to import Drop
from pisar.domain.audio import AudioLimits, too_big
from pisar.domain.bucket import UPLOADS
from pisar.domain.jobs import CURRENT_JOB_ID, Options, Outcome, State, job_id
from pisar.domain.options import options, shown, unknown_option
from pisar.domain.passed_over import why_passed_over
from pisar.domain.strict_json import parse_json
from pisar.errors import Missing, Rejected
from pisar.formats import FILE_FORMATS, refusals
from pisar.ports.storage import ObjectStore
from pisar.state import drop_results as results
from pisar.state.dropped_files import DroppedFiles, Run
from pisar.state.job_records import Records
from pisar.state.transcript_cache import TranscriptCache
from pisar.state.waiting_jobs import Line, LineFullError
from pisar.work.parts import forget_parts
from pisar.work.queueing import Queueing

log = logging.getLogger(__name__)

OPTIONS_FILE = "pisar.json"
METADATA_PREFIX = "pisar-"
OPTION_NAMES = ("language", "task", "prompt", "temperature", "track")

MAX_OPTIONS_BYTES = 64 * 1024
"""The largest `pisar.json`, as large as an API request's body."""

SHOWN_FORMATS = 3
"""How many unknown formats an error names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """A dropped file as it lies in the bucket, the options that it asks for or why they can't be read, and its job's id."""

    size_bytes: int
    etag: str
    asked: "dict[str, str] | _WrongError"
    job_id: str


class Drops:
    """Takes in dropped files. `lease_seconds` must exceed the function's timeout.

    `comes_again`: a file that was not taken in is given again until it is.
    """

    def __init__(
        self,
        *,
        records: Records,
        store: ObjectStore,
        cache: TranscriptCache,
        queueing: Queueing,
        limits: AudioLimits,
        options: Options,
        lease_seconds: float,
        comes_again: bool,
    ) -> None:
        self._records = records
        self._store = store
        self._cache = cache
        self._queueing = queueing
        self._limits = limits
        self._options = options
        self._lease_seconds = lease_seconds
        self._comes_again = comes_again
        self._files = DroppedFiles(store)
        self._line = Line(store)

    def receive(self, key: str) -> None:
        """Queue the job of a created object. Raises Retryable when the event should come again; LineFullError while the list is full."""
        if why := _not_for_us(key):
            log.info("ignored", extra={"why": why})
            return
        try:
            file = self._taken_in(key)
        except Missing:
            log.info("ignored", extra={"why": "the object is gone"})
            return
        CURRENT_JOB_ID.set(file.job_id)
        log.info("received", extra={"bytes": file.size_bytes})
        drop = Drop(key=key, formats=(), etag=file.etag)
        try:
            asked, formats = self._checked(file)
        except Rejected as rejection:
            self._refuse(drop, rejection)
            return
        except _WrongError as wrong:
            results.write_error(self._store, drop, wrong.code, wrong.message)
            log.info("refused", extra={"reason": wrong.code})
            return
        drop = replace(drop, formats=formats)
        held = self._records.accept(file.job_id, lease_seconds=self._lease_seconds, options=asked, answer_to=drop)
        if held is None:
            log.info("nothing left to do")
            return
        with self._records.letting_go(held):
            results.clear(self._store, key)  # what lies there is of another version, since this one's job is only about to begin
            try:
                self._queueing.join(held.job)
            except Rejected as full:  # the record stays accepted, and whoever gives the file again takes it up
                if self._comes_again:
                    raise LineFullError("the line is full") from full
                self._refuse(drop, full)
                self._records.release(held)
                return
            self._queueing.put(held)

    def _refuse(self, drop: Drop, rejection: Rejected) -> None:
        results.write_error(self._store, drop, rejection.code.value, refusals.sentence(rejection))
        log.info("refused", extra={"reason": rejection.code.value})

    def _taken_in(self, key: str) -> "_File":
        """Return the file as it lies there, with its job's id: another one each time that its content or options change.

        The job of what lay there before is cancelled. Raises Missing and Busy.
        """
        file: _File | None = None
        last = Run()

        def decide(before: Run) -> Run | None:
            nonlocal file, last
            last, info = before, self._store.look(key)
            asked = self._asked(key, info.metadata)
            digest = job_id(info.etag, json.dumps(asked if isinstance(asked, dict) else str(asked), sort_keys=True))
            run = before
            if digest != before.digest or self._left_nothing(before.job_id):
                run = Run(digest, before.number + 1, _id(key, info.etag, before.number + 1))
            file = _File(size_bytes=info.size_bytes, etag=info.etag, asked=asked, job_id=run.job_id)
            return None if run is before else run

        self._files.change(key, decide)
        assert file is not None  # noqa: S101 - for mypy: `decide` was called
        if last.job_id and last.job_id != file.job_id:
            self._stop(last.job_id)
        return file

    def _left_nothing(self, this: str) -> bool:
        """Say whether the job was given up because its file was removed or replaced, which is there again."""
        try:
            return self._records.find(this).job.outcome is Outcome.CANCELLED
        except Missing:
            return False

    def _stop(self, this: str) -> None:
        """Cancel a job unless it is finished: whoever works on it finds that out by its next write."""
        with suppress(Missing):
            if self._records.find(this).job.state is not State.FINISHED:
                job = self._records.cancel(this)
                self._line.leave(job)
                forget_parts(job, records=self._records, store=self._store, cache=self._cache, deleted=True)
                log.info("the job of an earlier version was cancelled")

    def _asked(self, key: str, metadata: Mapping[str, str]) -> "dict[str, str] | _WrongError":
        attached = {name: value for name, value in metadata.items() if name.startswith(METADATA_PREFIX)}
        if attached:
            return {name.removeprefix(METADATA_PREFIX): _readable(value) for name, value in attached.items()}
        try:
            return self._options_beside(key)
        except _WrongError as wrong:
            return wrong

    def _checked(self, file: "_File") -> tuple[Options, tuple[str, ...]]:
        """Return the options and formats that are asked for. Raises Rejected, _WrongError."""
        asked = file.asked
        if isinstance(asked, _WrongError):
            raise asked
        if unknown := sorted(asked.keys() - {*OPTION_NAMES, "formats"}):
            raise unknown_option(unknown[0], (*OPTION_NAMES, "formats"))
        named = dict.fromkeys(asked.get("formats", "").replace(",", " ").split())
        if strange := [shown(name) for name in named if name not in FILE_FORMATS]:
            some = ", ".join(strange[:SHOWN_FORMATS]) + (" and more" if len(strange) > SHOWN_FORMATS else "")
            raise _WrongError("unknown_format", f"Unknown formats: {some}. Known: {', '.join(FILE_FORMATS)}.")
        wanted = options(**{name: asked.get(name, "") for name in OPTION_NAMES}, default_language=self._options.language)
        if file.size_bytes > self._limits.max_bytes:
            raise too_big(file.size_bytes, self._limits.max_bytes)
        return wanted, tuple(named) or FILE_FORMATS

    def _options_beside(self, key: str) -> dict[str, str]:
        path = f"{key.rpartition('/')[0]}/{OPTIONS_FILE}"
        try:
            body = self._store.get(path).body if self._store.look(path).size_bytes <= MAX_OPTIONS_BYTES else None
        except Missing:
            return {}
        if body is None or len(body) > MAX_OPTIONS_BYTES:  # the latter if it grew meanwhile
            raise _WrongError("bad_options", f"{path} is larger than {MAX_OPTIONS_BYTES // 1024} KB.")
        try:
            found = parse_json(body)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise _WrongError("bad_options", f'{path} is not a JSON object like {{"language": "ru", "formats": ["text", "srt"]}}.')
        given = {name: value for name, value in found.items() if value is not None}
        return {name: " ".join(map(str, value if isinstance(value, list) else [value])) for name, value in given.items()}


def _not_for_us(key: str) -> str:
    """Return why an object makes no job, "" if it makes one."""
    if not key.startswith(UPLOADS) or key.rpartition("/")[2] == OPTIONS_FILE:
        return "not a file to transcribe"
    if why := why_passed_over(key.removeprefix(UPLOADS)):
        return why
    return "" if results.have_room(key) else "its name is so long that its results could have none"


def _id(key: str, etag: str, run: int) -> str:
    """Return the id of the job of a file's run; that of the first is what it was before runs were counted."""
    return job_id("drop", key, etag, *((run,) if run > 1 else ()))


def _readable(value: str) -> str:
    """Return the text of a metadata value, decoded from RFC 2047, or from UTF-8 that was read as Latin-1.

    Headers carry ASCII alone; S3 encodes other values by RFC 2047 (Amazon S3 User Guide, "User-defined object metadata").
    """
    with suppress(ValueError, LookupError, HeaderParseError):  # it only looks like RFC 2047
        value = str(make_header(decode_header(value)))
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value


class _WrongError(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
