"""Who may use the bot."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowList:
    """Ids of users and chats that may use the bot; `everyone` opens it to all."""

    ids: frozenset[int] = frozenset()
    everyone: bool = False

    def allows(self, *ids: int | None) -> bool:
        """Say whether any of the ids (a user, the chat) may use the bot."""
        return self.everyone or any(one in self.ids for one in ids)
