"""What an onlooker is shown: messages as the person sees them, the bot's calls, the webhook's deliveries. All are copies.

`at` and `…_at` are time.monotonic() of this process, `…_unix` is time.time().
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenVersion:
    """A message's content between two edits. `text` is the caption when there is a file; `buttons` are (label, data) by rows.

    `entities`: what is marked in the text, as the Bot API describes it.
    """

    kind: str
    text: str
    document_name: str | None
    document: bytes | None = field(repr=False)
    buttons: tuple[tuple[tuple[str, str | None], ...], ...]
    link_preview_disabled: bool
    entities: tuple[dict[str, Any], ...]
    at: float
    at_unix: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A message in a chat. `versions` are its contents in order, the last is what one sees now."""

    chat_id: int
    message_id: int
    thread_id: int | None
    from_bot: bool
    user_id: int
    reply_to: int | None
    silent: bool
    deleted: bool
    deleted_at: float | None
    versions: tuple[SeenVersion, ...]

    @property
    def now(self) -> SeenVersion:
        """The content one sees now."""
        return self.versions[-1]

    @property
    def kind(self) -> str:
        """What it is: "text", "document", "voice", …, or "service"."""
        return self.now.kind

    @property
    def text(self) -> str | None:
        """The text; None when the message is a file."""
        return self.now.text if self.now.kind == "text" else None

    @property
    def caption(self) -> str | None:
        """The words under a file; None when the message is a text or the file has none."""
        return None if self.now.kind == "text" else self.now.text or None

    @property
    def document_name(self) -> str | None:
        """The file's name."""
        return self.now.document_name

    @property
    def document(self) -> bytes | None:
        """The file's bytes."""
        return self.now.document

    @property
    def buttons(self) -> tuple[tuple[tuple[str, str | None], ...], ...]:
        """Rows of (label, callback data)."""
        return self.now.buttons

    @property
    def edit_count(self) -> int:
        """How often the message was changed."""
        return len(self.versions) - 1

    @property
    def sent_at(self) -> float:
        """When the message appeared, monotonic seconds."""
        return self.versions[0].at


@dataclass(slots=True, kw_only=True)
class Call:
    """A request of the bot. `method` is the Bot API's name, or "download" with `file_path` among the params.

    `files` are sizes in bytes by field. `started_at` is when the request's head had arrived, `answered_at` when the last
    byte of the answer had left; None while it is being carried out. `status` None: closed without an answer. `executed`
    says whether it had its effect. `via` is "http" or "webhook" (a method in the webhook's answer).
    """

    method: str
    params: Mapping[str, Any]
    files: Mapping[str, int] = field(default_factory=dict)
    via: str = "http"
    started_at: float
    started_unix: float
    answered_at: float | None = None
    answered_unix: float | None = None
    status: int | None = None
    description: str | None = None
    result: Any = None
    executed: bool = False
    fault: str | None = None

    @property
    def chat_id(self) -> int | None:
        """The chat it is about, if any."""
        value = self.params.get("chat_id")
        return value if isinstance(value, int) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One POST of an update to the webhook: `status` None when there was no answer, `error` then says why.

    `retry_after` is the seconds the webhook asked for.
    """

    started_at: float
    started_unix: float
    seconds: float
    status: int | None
    error: str | None = None
    retry_after: float | None = None


@dataclass(slots=True, kw_only=True)
class Delivery:
    """What became of an update on its way to the webhook. `state`: waiting, delivered, or dropped after giving up."""

    update_id: int
    attempts: list[Attempt] = field(default_factory=list)
    state: str = "waiting"
