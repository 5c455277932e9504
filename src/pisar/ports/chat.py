"""The messenger: messages, files, updates, the bot's profile."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pisar.domain.answer_to import Reply
from pisar.domain.bots import BotIdentity, MenuEntry, MenuScope, WebhookInfo
from pisar.domain.messages import Keyboard, Update


class Chat(Protocol):
    """The messenger, as the flows write to it. Texts are plain: no parse mode, no link previews; a notification if the reply says so.

    Raises Undeliverable when the chat can't be written to any more, Unavailable (with `after_seconds` on 429) otherwise.
    """

    def send(self, reply: Reply, text: str, keyboard: Keyboard = ()) -> int:
        """Send a message as a reply to the source and return its id; without the reply if the source is gone.

        Not safe to repeat: after Unavailable the message may or may not be there.
        """

    def edit(self, reply: Reply, slot: int, text: str, keyboard: Keyboard = ()) -> None:
        """Make message `slot` say `text` (at most 4,096 UTF-16 units), with these buttons or none; the same again is fine.

        Raises MessageGone.
        """

    def edit_into_document(self, reply: Reply, slot: int, document: tuple[str, bytes], caption: str, keyboard: Keyboard = ()) -> None:
        """Turn message `slot` into a document, its name and content, with a caption of at most 1,024 UTF-16 units. Raises MessageGone."""

    def show_buttons(self, reply: Reply, slot: int, keyboard: Keyboard) -> None:
        """Put other buttons under message `slot`; the same again is fine. Raises MessageGone."""

    def delete(self, reply: Reply, slot: int) -> None:
        """Take message `slot` out of the chat; one that is gone, or too old to be taken, is fine."""

    def acknowledge(self, press_id: str, text: str = "") -> None:
        """Tell who pressed a button that it was heard, with a text of at most 200 characters if there is one; too late is fine."""

    def show_working(self, reply: Reply) -> None:
        """Show in the chat that something is being done, for a few seconds."""

    def is_admin(self, chat_id: int, user_id: int | None) -> bool:
        """Say whether a person administers a group."""

    def username(self) -> str:
        """Return the bot's name, without the @."""


class ChatFiles(Protocol):
    """Files that people sent to the bot."""

    def fetch(self, file_id: str, *, max_bytes: int) -> bytes:
        """Return the file; raise Rejected(TOO_BIG) above the limit, Rejected(FILE_UNAVAILABLE) for an unknown id."""


@dataclass(frozen=True, slots=True)
class PolledUpdate:
    """An update as a messenger gives it: its number, the chat it belongs to (0: none), and what it tells.

    `update` is None for what is not for us; `unreadable` says why it could not be read, "" if it could. `raw`: the update itself, as JSON,
    for who hands it on.
    """

    update_id: int
    chat_id: int
    update: Update | None
    unreadable: str = ""
    raw: bytes = field(default=b"", compare=False, repr=False)


UPDATES_AT_ONCE = 100
"""The Bot API's limit for one answer: what waits beyond it is not told before some of these are forgotten."""


class UpdateSource(Protocol):
    """Updates that a bot asks for."""

    def fetch(self, offset: int, *, seconds: int, stopping: Callable[[], bool] = ...) -> Sequence[PolledUpdate]:
        """Return up to UPDATES_AT_ONCE updates from number `offset` on, in order; those before it are forgotten.

        Waits so long for the first; once told to stop, returns nothing at once. Raises Misconfigured for a token that nobody knows,
        Unavailable with `after_seconds` on 429.
        """


class BotProfile(Protocol):
    """The bot's face: what its messenger tells people about it, and where it sends updates. To set the same again changes nothing.

    `language`: a two-letter code, or "" for everybody whose language has nothing of its own. Raises Misconfigured for a token that
    nobody knows, Unavailable with `after_seconds` on 429.
    """

    def me(self) -> BotIdentity:
        """Return who the bot is."""

    def webhook(self) -> WebhookInfo:
        """Return where updates go and how that fares; the token is not in it."""

    def set_webhook(self, url: str, secret: str, allowed_updates: Sequence[str], *, drop_pending: bool = False) -> None:
        """Send updates of these kinds to the URL, with the secret. `drop_pending` forgets those that wait. Raises Misconfigured."""

    def commands(self, scope: MenuScope, language: str) -> tuple[MenuEntry, ...]:
        """Return the menu of exactly this scope and language, empty if none was set."""

    def set_commands(self, scope: MenuScope, language: str, commands: Sequence[MenuEntry]) -> None:
        """Replace the menu of this scope and language. Raises Undeliverable for a chat where nobody has written to the bot."""

    def set_descriptions(self, language: str, *, description: str, short_description: str) -> None:
        """Set what an empty chat with the bot says (at most 512 characters), and its profile (at most 120)."""
