"""One JSON object a line on standard output, as Cloud Logging reads it, with the job's id on every line.

Neither spoken text nor a secret is ever passed to a log call. Tracebacks of unforeseen errors go into one field of one line.
Field names and level names are those of the cloud's structured logs: `message`, `level` (TRACE … FATAL).
"""

import logging
import sys
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from pisar.domain.jobs import CURRENT_JOB_ID

_CLOUD_LEVELS = {"WARNING": "WARN", "CRITICAL": "FATAL"}


_ESCAPED = {
    code: f"\\u{code:04x}"
    for start, end in (
        (0x7F, 0xA0),  # DEL and the controls of C1: 0x9b begins an escape sequence as ESC [ does
        (0x061C, 0x061D),
        (0x200E, 0x2010),  # marks and overrides of the direction in which a line is read
        (0x2028, 0x202F),  # and ends of lines that JSON's writers leave as they are
        (0x2066, 0x206A),
        (0xD800, 0xE000),  # halves of letters, which UTF-8 can't write
    )
    for code in range(start, end)
}
"""What JSON's writer leaves as it is, and neither a terminal nor a reader of lines should be told; it escapes what is below a space."""


class CloudFormatter(JsonFormatter):
    """Formats a record as the cloud's structured log entry, plus `time` (Unix seconds), `logger` and `job_id`."""

    def __init__(self, source: str) -> None:
        super().__init__("%(message)s", json_ensure_ascii=False)
        self._source = source

    def format(self, record: logging.LogRecord) -> str:
        """Return the line. Only within strings is there anything to escape, such as half of a surrogate pair, which UTF-8 can't carry."""
        return super().format(record).translate(_ESCAPED).encode(errors="backslashreplace").decode()

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        """Add what every line carries."""
        super().add_fields(log_data, record, message_dict)
        log_data["level"] = _CLOUD_LEVELS.get(record.levelname, record.levelname)
        log_data["time"] = round(record.created, 3)
        log_data["logger"] = record.name
        log_data["source"] = self._source
        log_data["job_id"] = CURRENT_JOB_ID.get()


def configure(source: str, level: str) -> None:
    """Send every log line of this process to standard output in the cloud's form; `source` names the deployable.

    The first call names the process: a deployable that is made of others puts itself together before them. The root logger of a cloud
    function comes with a handler of its own, which is replaced: basicConfig would do nothing.
    """
    if any(isinstance(one.formatter, CloudFormatter) for one in logging.getLogger().handlers):
        return
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(CloudFormatter(source))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for chatty in ("botocore", "boto3", "urllib3", "aiogram", "asyncio", "pywhispercpp", "uvicorn", "celery", "kombu", "amqp"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def begin_call(job_id: str | None = None) -> None:
    """Forget the job of the call before, for an instance serves many; the lines that follow are about this one, if it is known."""
    CURRENT_JOB_ID.set(job_id)
