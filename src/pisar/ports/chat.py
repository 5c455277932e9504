"""The messenger: messages, files, updates, the bot's profile."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pisar.domain.answer_to import Reply
from pisar.domain.bots import BotIdentity, MenuEntry, MenuScope, OwnRights, WebhookInfo
from pisar.domain.messages import BusinessConnection, Keyboard, Mark, Update


class Chat(Protocol):
    """Writes to the messenger. Texts are plain, without parse mode or link previews; they notify if the reply says so.

    Raises Undeliverable when nothing can be told in the chat, and Unavailable otherwise: with `after_seconds` on 429, and Refused where the
    messenger said no for a reason that may pass.
    """

    def send(self, reply: Reply, text: str, keyboard: Keyboard = (), *, must_reply: bool = False) -> int:
        """Send a message as a reply to the source and return its id; without the topic or the reply where these are gone.

        With `must_reply` nothing is sent if the source is gone, and MessageGone is raised. Not safe to repeat: after Unavailable the
        message may or may not be there, unless it is Refused or has `after_seconds`.
        """

    def answer_guest(self, reply: Reply, text: str) -> str:
        """Send the one message with which a guest answers, and return its id (`Reply.inline_id`). Not safe to repeat, as `send`."""

    def edit(self, reply: Reply, slot: int, text: str, keyboard: Keyboard = (), *, marks: Sequence[Mark] = ()) -> None:
        """Replace the text of message `slot` (at most 4,096 UTF-16 units), its marks and its buttons. Idempotent. Raises MessageGone."""

    def edit_into_document(
        self, reply: Reply, slot: int, document: tuple[str, bytes], caption: str, keyboard: Keyboard = (), *, marks: Sequence[Mark] = ()
    ) -> None:
        """Turn message `slot` into a document (name and content) with a caption of at most 1,024 UTF-16 units; `marks` are the caption's.

        Raises MessageGone, and NoDocuments where the chat takes text alone.
        """

    def show_buttons(self, reply: Reply, slot: int, keyboard: Keyboard) -> None:
        """Replace the buttons under message `slot`. Idempotent. Raises MessageGone."""

    def delete(self, reply: Reply, slot: int) -> None:
        """Delete message `slot` from the chat; a message that is gone, or too old to be deleted, is no error."""

    def acknowledge(self, press_id: str, text: str = "") -> None:
        """Acknowledge a press of a button, with a text of at most 200 characters if there is one; being too late is no error."""

    def show_working(self, reply: Reply) -> None:
        """Show in the chat for a few seconds that the bot is at work."""

    def is_admin(self, chat_id: int, user_id: int | None) -> bool | None:
        """Say whether a person is an administrator of a group; None if the bot may not see it."""

    def username(self) -> str:
        """Return the bot's name, without the @."""

    def business_connection(self, business_id: str) -> BusinessConnection | None:
        """Return the connection to a person's account with that id; None if there is none."""

    def reads_all_messages(self) -> bool:
        """Say whether the bot's privacy mode is off, so that it is given every message of its groups."""

    def own_rights(self, chat_id: int) -> OwnRights | None:
        """Return what the bot may do in a group; None if the messenger does not tell."""


class ChatFiles(Protocol):
    """The files that people sent to the bot."""

    def fetch(self, file_id: str, *, max_bytes: int) -> bytes:
        """Return the file; raise Rejected(TOO_BIG) above the limit, Rejected(FILE_UNAVAILABLE) for an unknown id."""


@dataclass(frozen=True, slots=True)
class PolledUpdate:
    """An update from a messenger: its number, its chat (0: none), and its content.

    `update` is None for a kind that Pisar does not read. `unreadable` says why the update could not be parsed, "" if it could. `raw`: the
    update itself, as JSON, for passing it on.
    """

    update_id: int
    chat_id: int
    update: Update | None
    unreadable: str = ""
    raw: bytes = field(default=b"", compare=False, repr=False)


UPDATES_AT_ONCE = 100
"""The Bot API's limit of updates in one answer: more are not given until some of these are confirmed."""


class UpdateSource(Protocol):
    """Gives a bot its updates by long polling."""

    def fetch(self, offset: int, *, seconds: int, stopping: Callable[[], bool] = ...) -> Sequence[PolledUpdate]:
        """Return up to UPDATES_AT_ONCE updates from number `offset` on, in order; the updates before `offset` are confirmed by this.

        Waits up to `seconds` for the first one; once `stopping` returns true, returns nothing at once. Raises Misconfigured for an unknown
        token, and Unavailable with `after_seconds` on 429.
        """


class BotProfile(Protocol):
    """The bot's profile: what its messenger tells people about it, and where it sends updates. Setters are idempotent.

    `language`: a two-letter code, or "" for everybody whose language has no text of its own. Raises Misconfigured for an unknown token, and
    Unavailable with `after_seconds` on 429.
    """

    def me(self) -> BotIdentity:
        """Return the bot's identity."""

    def webhook(self) -> WebhookInfo:
        """Return the state of the webhook; the token is not in it."""

    def set_webhook(self, url: str, secret: str, allowed_updates: Sequence[str], *, drop_pending: bool = False) -> None:
        """Have updates of these kinds sent to the URL, with the secret. `drop_pending` drops those that wait. Raises Misconfigured."""

    def commands(self, scope: MenuScope, language: str) -> tuple[MenuEntry, ...]:
        """Return the menu that is set for exactly this scope and language, empty if none is."""

    def set_commands(self, scope: MenuScope, language: str, commands: Sequence[MenuEntry]) -> None:
        """Set the menu of this scope and language. Raises Undeliverable for a chat where nobody has written to the bot."""

    def set_descriptions(self, language: str, *, description: str, short_description: str) -> None:
        """Set the description that an empty chat shows (at most 512 characters), and the profile's (at most 120)."""
