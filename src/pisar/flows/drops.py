"""A file dropped under `uploads/` → a queued job.

The job's id is derived from the object's key and tag, so the same object announced twice is one job, and the same key with
other content another. Options come from the object's metadata (`x-amz-meta-pisar-language`, `x-amz-meta-pisar-formats` …), else
from a `pisar.json` in the same folder, else from the settings. What can't be read in them leaves an `.error.json`, no job.
"""

import logging
from collections.abc import Mapping
from contextlib import suppress
from email.errors import HeaderParseError
from email.header import decode_header, make_header

from pisar.domain.audio import AudioLimits
from pisar.domain.jobs import CURRENT_JOB_ID, Drop, JobMessage, Options, job_id
from pisar.domain.options import options
from pisar.domain.strict_json import parse_json
from pisar.errors import Missing, Rejected, Rejection, Retryable
from pisar.flows import results
from pisar.flows.line import Line
from pisar.flows.records import Records
from pisar.formats import FILE_FORMATS, refusals
from pisar.ports import JobQueue, ObjectStore

log = logging.getLogger(__name__)

OPTIONS_FILE = "pisar.json"
METADATA_PREFIX = "pisar-"
OPTION_NAMES = ("language", "task", "prompt", "temperature", "track")


class Drops:
    """The uploads function's work. `lease_seconds` must exceed the function's timeout."""

    def __init__(
        self, *, records: Records, store: ObjectStore, queue: JobQueue, limits: AudioLimits, options: Options, lease_seconds: float
    ) -> None:
        self._records = records
        self._store = store
        self._queue = queue
        self._limits = limits
        self._options = options
        self._lease_seconds = lease_seconds
        self._line = Line(store)

    def receive(self, key: str) -> None:
        """Queue the job of an object that was created. Raises Retryable when the event should come again."""
        name = key.rpartition("/")[2]
        if not key.startswith(results.UPLOADS) or name in {"", OPTIONS_FILE}:
            log.info("ignored", extra={"why": "not a file to transcribe"})
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
                size_mb, limit_mb = round(info.size_bytes / 2**20, 1), self._limits.max_bytes // 2**20
                raise Rejected(Rejection.TOO_BIG, {"size_mb": size_mb, "limit_mb": limit_mb})  # noqa: TRY301 - one way out for every refusal
        except Rejected as rejection:
            results.write_error(self._store, Drop(key=key, formats=()), rejection.code.value, refusals.sentence(rejection))
            log.info("refused", extra={"reason": rejection.code.value})
            return
        except _WrongError as wrong:
            results.write_error(self._store, Drop(key=key, formats=()), wrong.code, wrong.message)
            log.info("refused", extra={"reason": wrong.code})
            return
        held = self._records.accept(this, lease_seconds=self._lease_seconds, options=asked, drop=Drop(key=key, formats=formats))
        if held is None:
            log.info("nothing left to do")
            return
        try:
            self._line.join(held.job)
            self._queue.put(JobMessage(this))
        except Retryable:
            self._records.release(held)
            raise
        log.info("queued")
        self._records.enqueued(held)

    def _asked(self, key: str, metadata: Mapping[str, str]) -> tuple[Options, tuple[str, ...]]:
        named = {name: value for name, value in metadata.items() if name.startswith(METADATA_PREFIX)}
        asked = {name.removeprefix(METADATA_PREFIX): _readable(value) for name, value in named.items()}
        if not asked:
            asked = self._options_beside(key)
        formats = tuple(asked.get("formats", "").replace(",", " ").split()) or FILE_FORMATS
        if unknown := [name for name in formats if name not in FILE_FORMATS]:
            raise _WrongError("unknown_format", f"Unknown formats: {', '.join(unknown)}. Known: {', '.join(FILE_FORMATS)}.")
        default = self._options.language
        return options(**{name: asked.get(name, "") for name in OPTION_NAMES}, default_language=default), formats

    def _options_beside(self, key: str) -> dict[str, str]:
        path = f"{key.rpartition('/')[0]}/{OPTIONS_FILE}"
        try:
            found = parse_json(self._store.get(path).body)
        except Missing:
            return {}
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise _WrongError("bad_options", f'{path} is not a JSON object like {{"language": "ru", "formats": ["text", "srt"]}}.')
        formats = found.get("formats", [])
        listed = formats if isinstance(formats, list) else [formats]
        texts = {name: str(found.get(name, "")) for name in OPTION_NAMES}
        return texts | {"formats": " ".join(map(str, listed))}


def _readable(value: str) -> str:
    """Return the text of a metadata value. Headers carry ASCII, so other letters come as RFC 2047 has them, or as UTF-8 read as Latin-1.

    The first is how S3 gives back what no header can carry (Amazon S3 User Guide, "User-defined object metadata").
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
