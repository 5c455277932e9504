"""The Bot API behind port BotProfile, through aiogram."""

from collections.abc import Sequence
from urllib.parse import quote

from pisar.adapters.telegram.connection import Connection
from pisar.adapters.telegram.lean_aiogram import types
from pisar.domain.bots import BotIdentity, ChatKind, MenuEntry, MenuScope, WebhookInfo

HIDDEN = "…"


class AiogramBotProfile:
    """The face of one bot. Safe for threads; nothing is connected before the first call, each bounded by `timeout_seconds`."""

    def __init__(self, token: str, *, api_url: str = "https://api.telegram.org", timeout_seconds: float = 20.0) -> None:
        self._token = token
        self._connection = Connection(token, api_url=api_url, timeout_seconds=timeout_seconds)
        self._bot, self._run = self._connection.bot, self._connection.run

    def me(self) -> BotIdentity:
        """Return who the bot is."""
        user = self._run(self._bot.get_me())
        return BotIdentity(
            id=user.id,
            username=user.username or "",
            can_join_groups=bool(user.can_join_groups),
            can_read_all_group_messages=bool(user.can_read_all_group_messages),
        )

    def webhook(self) -> WebhookInfo:
        """Return where updates go and how that fares; the token is not in it."""
        info = self._run(self._bot.get_webhook_info())
        return WebhookInfo(
            url=self._without_token(info.url),
            pending_count=info.pending_update_count,
            last_error=self._without_token(info.last_error_message or ""),
            last_error_at=info.last_error_date.timestamp() if info.last_error_date else None,
            allowed_updates=None if info.allowed_updates is None else frozenset(info.allowed_updates),
        )

    def set_webhook(self, url: str, secret: str, allowed_updates: Sequence[str], *, drop_pending: bool = False) -> None:
        """Send updates of these kinds to the URL, with the secret. `drop_pending` forgets those that wait. Raises Misconfigured."""
        self._run(self._bot.set_webhook(url, secret_token=secret, allowed_updates=list(allowed_updates), drop_pending_updates=drop_pending))

    def commands(self, scope: MenuScope, language: str) -> tuple[MenuEntry, ...]:
        """Return the menu of exactly this scope and language, empty if none was set."""
        found = self._run(self._bot.get_my_commands(scope=_scope(scope), language_code=language or None))
        return tuple(MenuEntry(one.command, one.description) for one in found)

    def set_commands(self, scope: MenuScope, language: str, commands: Sequence[MenuEntry]) -> None:
        """Replace the menu of this scope and language. Raises Undeliverable for a chat where nobody has written to the bot."""
        menu = [types.BotCommand(command=one.name, description=one.description) for one in commands]
        self._run(self._bot.set_my_commands(menu, scope=_scope(scope), language_code=language or None))

    def set_descriptions(self, language: str, *, description: str, short_description: str) -> None:
        """Set what an empty chat with the bot says (at most 512 characters), and its profile (at most 120)."""
        self._run(self._bot.set_my_description(description, language_code=language or None))
        self._run(self._bot.set_my_short_description(short_description, language_code=language or None))

    def close(self) -> None:
        """Close the connections and stop the thread; a later call starts them again."""
        self._connection.close()

    def _without_token(self, text: str) -> str:
        # Many programs put the token into their webhook's address, and this bot may have been theirs.
        return text.replace(self._token, HIDDEN).replace(quote(self._token), HIDDEN)


def _scope(scope: MenuScope) -> types.BotCommandScopeAllPrivateChats | types.BotCommandScopeAllGroupChats | types.BotCommandScopeChat:
    match scope:
        case ChatKind.PRIVATE:
            return types.BotCommandScopeAllPrivateChats()
        case ChatKind.GROUPS:
            return types.BotCommandScopeAllGroupChats()
        case chat_id:
            return types.BotCommandScopeChat(chat_id=chat_id)
