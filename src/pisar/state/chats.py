"""What is remembered of chats: their settings, and whom the owner lets in. One object each, changed by conditional writes."""

import logging
from collections.abc import Callable
from dataclasses import replace

from pisar.domain.bucket import CHATS
from pisar.domain.chats import AllowList, ChatSettings
from pisar.errors import Unreadable
from pisar.ports.storage import ObjectStore
from pisar.state.document import Documents

log = logging.getLogger(__name__)

ACCESS = "access"


class Chats:
    """The chats. What nobody can read counts as never written, so that one bad object locks nobody out.

    Settings that nobody can read are written over by the next change. The allow-list is not: it is the owner's, and nobody else knows it.
    """

    def __init__(self, store: ObjectStore) -> None:
        self._chats = Documents(store, CHATS, decode=_settings, encode=ChatSettings.encode, absent=ChatSettings, what="a chat's settings")
        self._access = Documents(store, "", decode=AllowList.decode, encode=AllowList.encode, absent=AllowList, what="the allow-list")

    def settings(self, chat_id: int) -> ChatSettings:
        """Return how the chat wants its answers; the defaults if it never said."""
        return self._chats.read(str(chat_id)).value

    def change(self, chat_id: int, changed: Callable[[ChatSettings], ChatSettings]) -> None:
        """Change the chat's settings. Raises Busy when others keep changing them."""
        self._chats.change(str(chat_id), changed)

    def move(self, old_id: int, new_id: int, *, leaves_jobs: bool = False) -> None:
        """Keep the settings of a group that became a supergroup, under its new id; once more is fine. Raises Busy.

        `leaves_jobs`: there are some that are listed under the old id, so that it must be known under the new one.
        """
        old = self._chats.read(str(old_id))
        if old.etag is not None:
            self.change(new_id, lambda _: old.value)
        if leaves_jobs:
            self.change(new_id, lambda now: replace(now, formerly=old_id))
        if old.etag is not None:
            self.forget(old_id)

    def forget(self, chat_id: int) -> None:
        """Erase the chat's settings; once more is fine."""
        self._chats.erase(str(chat_id))

    def access(self) -> AllowList:
        """Return what the owner's commands have changed of the allow-list."""
        try:
            return self._access.read(ACCESS).value
        except Unreadable:
            log.warning("an object nobody can read", extra={"kind": AllowList.__name__})
            return AllowList()

    def change_access(self, changed: Callable[[AllowList], AllowList]) -> None:
        """Change the allow-list. Raises Busy when others keep changing it, Unreadable for one that nobody can read: it stays as it is."""
        self._access.change(ACCESS, changed)


def _settings(body: bytes) -> ChatSettings:
    """Return the settings, or the defaults where nobody can read them."""
    try:
        return ChatSettings.decode(body)
    except Unreadable:
        log.warning("an object nobody can read", extra={"kind": ChatSettings.__name__})
        return ChatSettings()
