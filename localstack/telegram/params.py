"""The arguments of a Bot API request, however they came: query, form, multipart or JSON.

A client may send any value as text, so a number, a list or an object is parsed out of it unless the field holds words.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from localstack.telegram.refusals import bad_request

_WORDS = frozenset(
    [
        "text",
        "caption",
        "url",
        "secret_token",
        "description",
        "short_description",
        "callback_query_id",
        "file_id",
        "parse_mode",
        "action",
        "language_code",
        "type",
        "media_type",
        "title",
    ]
)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in the request."""

    name: str
    mime_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Params:
    """Arguments by name, and the files that came with them by field name."""

    values: Mapping[str, Any]
    files: Mapping[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return a text; "" when absent."""
        value = self.values.get(name)
        return "" if value is None else str(value)

    def integer(self, name: str, default: int = 0, *, low: int | None = None, high: int | None = None) -> int:
        """Return a number, brought into the range as the reference server does; `default` when absent or malformed."""
        value = self.values.get(name)
        number = value if isinstance(value, int) and not isinstance(value, bool) else default
        number = number if low is None else max(low, number)
        return number if high is None else min(high, number)

    def flag(self, name: str) -> bool:
        """Return a truth value."""
        value = self.values.get(name)
        return value.lower() in ("true", "yes", "1") if isinstance(value, str) else bool(value)

    def object(self, name: str, title: str) -> dict[str, Any] | None:
        """Return a JSON object, None when absent; refuse anything else. `title` names it in the refusal."""
        value = self.values.get(name)
        if value in (None, ""):
            return None
        if isinstance(value, str):
            raise bad_request(f"can't parse {title} JSON object")
        if not isinstance(value, dict):
            raise bad_request(f"object expected as {title}")
        return value

    def array(self, name: str, title: str) -> list[Any] | None:
        """Return a JSON array, None when absent; refuse anything else."""
        value = self.values.get(name)
        if value in (None, ""):
            return None
        if not isinstance(value, list):
            raise bad_request(f"can't parse {title} JSON object" if isinstance(value, str) else f"expected an Array of {title}")
        return value

    def file(self, name: str, reference: Any = None) -> Upload | None:
        """Return the file in field `name`, or the one that an `attach://` reference names."""
        reference = self.values.get(name) if reference is None else reference
        if isinstance(reference, str) and reference.startswith("attach://"):
            return self.files.get(reference.removeprefix("attach://"))
        return self.files.get(name)


def understood(name: str, value: Any) -> Any:
    """Return the value that a text stands for."""
    if not isinstance(value, str) or name in _WORDS:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


async def read(request: web.Request) -> Params:
    """Return the arguments of a request; refuse a body that does not parse."""
    values: dict[str, Any] = dict(request.query)
    files: dict[str, Upload] = {}
    if request.content_type == "application/json" and request.can_read_body:
        try:
            body = json.loads(await request.read())
        except ValueError:
            raise bad_request("can't parse request JSON object") from None
        if not isinstance(body, dict):
            raise bad_request("object expected as request")
        values |= body
    elif request.method == "POST":
        try:
            form = await request.post()
        except ValueError:
            raise bad_request("can't parse the request's form") from None
        for name, value in form.items():
            if isinstance(value, web.FileField):
                files[name] = Upload(value.filename, value.content_type, value.file.read())
                value.file.close()
            else:
                values[name] = value if isinstance(value, str) else bytes(value).decode(errors="replace")
    return Params({name: understood(name, value) for name, value in values.items()}, files)
