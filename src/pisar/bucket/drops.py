"""Turns a file that is dropped under `uploads/` into a queued job.

The job's id is derived from the object's key and tag. So two events of the same object make one job, and new content under the same key
makes another. A file that finds the waiting list full is not queued: where files are found by listing, it is tried again; elsewhere an
`.error.json` says so, and dropping the file once more is another try.

The options come from the object's metadata (`x-amz-meta-pisar-language`, `x-amz-meta-pisar-formats` …), else from a `pisar.json` in the
same folder, else from the settings. An unreadable option leaves an `.error.json` and no job.
"""

import logging
from collections.abc import Mapping
from contextlib import suppress
from email.errors import HeaderParseError
from email.header import decode_header, make_header

from pisar.domain.answer_to import Drop
from pisar.domain.audio import AudioLimits, too_big
from pisar.domain.bucket import UPLOADS
from pisar.domain.jobs import CURRENT_JOB_ID, Options, job_id
from pisar.domain.options import options, shown, unknown_option
from pisar.domain.passed_over import why_passed_over
from pisar.domain.strict_json import parse_json
from pisar.errors import Missing, Rejected
from pisar.formats import FILE_FORMATS, refusals
from pisar.ports.storage import ObjectStore
from pisar.state import drop_results as results
from pisar.state.job_records import Records
from pisar.state.waiting_jobs import LineFullError
from pisar.work.queueing import Queueing

log = logging.getLogger(__name__)

OPTIONS_FILE = "pisar.json"
METADATA_PREFIX = "pisar-"
OPTION_NAMES = ("language", "task", "prompt", "temperature", "track")

MAX_OPTIONS_BYTES = 64 * 1024
"""The largest `pisar.json`, as large as an API request's body."""

SHOWN_FORMATS = 3
"""How many unknown formats an error names."""


class Drops:
    """Takes in dropped files. `lease_seconds` must exceed the function's timeout.

    `comes_again`: a file that was not taken in is given again until it is.
    """

    def __init__(
        self,
        *,
        records: Records,
        store: ObjectStore,
        queueing: Queueing,
        limits: AudioLimits,
        options: Options,
        lease_seconds: float,
        comes_again: bool,
    ) -> None:
        self._records = records
        self._store = store
        self._queueing = queueing
        self._limits = limits
        self._options = options
        self._lease_seconds = lease_seconds
        self._comes_again = comes_again

    def receive(self, key: str) -> None:
        """Queue the job of a created object. Raises Retryable when the event should come again; LineFullError while the list is full."""
        if why := _not_for_us(key):
            log.info("ignored", extra={"why": why})
            return
        try:
            info = self._store.look(key)
        except Missing:
            log.info("ignored", extra={"why": "the object is gone"})
            return
        this = job_id("drop", key, info.etag)
        CURRENT_JOB_ID.set(this)
        log.info("received", extra={"bytes": info.size_bytes})
        try:
            asked, formats = self._asked(key, info.metadata)
            if info.size_bytes > self._limits.max_bytes:
                raise too_big(info.size_bytes, self._limits.max_bytes)
        except Rejected as rejection:
            results.write_error(self._store, key, rejection.code.value, refusals.sentence(rejection))
            log.info("refused", extra={"reason": rejection.code.value})
            return
        except _WrongError as wrong:
            results.write_error(self._store, key, wrong.code, wrong.message)
            log.info("refused", extra={"reason": wrong.code})
            return
        drop = Drop(key=key, formats=formats)
        held = self._records.accept(this, lease_seconds=self._lease_seconds, options=asked, answer_to=drop)
        if held is None:
            log.info("nothing left to do")
            return
        with self._records.letting_go(held):
            try:
                self._queueing.join(held.job)
            except Rejected as full:  # the record stays accepted, and whoever gives the file again takes it up
                if self._comes_again:
                    raise LineFullError("the line is full") from full
                results.write_error(self._store, key, full.code.value, refusals.sentence(full))
                log.info("refused", extra={"reason": full.code.value})
                self._records.release(held)
                return
            self._queueing.put(held)

    def _asked(self, key: str, metadata: Mapping[str, str]) -> tuple[Options, tuple[str, ...]]:
        attached = {name: value for name, value in metadata.items() if name.startswith(METADATA_PREFIX)}
        asked = {name.removeprefix(METADATA_PREFIX): _readable(value) for name, value in attached.items()}
        if not asked:
            asked = self._options_beside(key)
        if unknown := sorted(asked.keys() - {*OPTION_NAMES, "formats"}):
            raise unknown_option(unknown[0], (*OPTION_NAMES, "formats"))
        named = dict.fromkeys(asked.get("formats", "").replace(",", " ").split())
        if unknown := [shown(name) for name in named if name not in FILE_FORMATS]:
            some = ", ".join(unknown[:SHOWN_FORMATS]) + (" and more" if len(unknown) > SHOWN_FORMATS else "")
            raise _WrongError("unknown_format", f"Unknown formats: {some}. Known: {', '.join(FILE_FORMATS)}.")
        formats = tuple(named) or FILE_FORMATS
        default = self._options.language
        return options(**{name: asked.get(name, "") for name in OPTION_NAMES}, default_language=default), formats

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
