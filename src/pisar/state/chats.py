"""Stores the settings of each chat and the owner's allow-list, one object each, changed by conditional writes."""

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
    """The stored chats. An object that can't be parsed counts as absent, so that one bad object locks nobody out.

    The next change overwrites settings that can't be parsed. It does not overwrite such an allow-list: only the owner knows what was on it.
    """

    def __init__(self, store: ObjectStore) -> None:
        self._chats = Documents(store, CHATS, decode=_settings, encode=ChatSettings.encode, absent=ChatSettings, what="a chat's settings")
        self._access = Documents(store, "", decode=AllowList.decode, encode=AllowList.encode, absent=AllowList, what="the allow-list")

    def settings(self, chat_id: int) -> ChatSettings:
        """Return the settings of a chat, the defaults if it has none."""
        return self._chats.read(str(chat_id)).value

    def change(self, chat_id: int, changed: Callable[[ChatSettings], ChatSettings]) -> None:
        """Change the chat's settings. Raises Busy when other writers keep changing them."""
        self._chats.change(str(chat_id), changed)

    def move(self, old_id: int, new_id: int, *, leaves_jobs: bool = False) -> None:
        """Copy the settings of a group that became a supergroup to its new id, unless something was chosen there already. Idempotent.

        Raises Busy when other writers keep changing them. `leaves_jobs`: jobs are listed under the old id, so the settings under the new id
        must name the old one. Telegram tells of a move twice, and what is learnt of the old id between may be stored under it anew.
        """
        old = self._chats.read(str(old_id))
        if old.etag is not None:
            self._chats.change(str(new_id), lambda now: None if now.any_chosen else replace(old.value, formerly=now.formerly))
        if leaves_jobs:
            self.change(new_id, lambda now: replace(now, formerly=old_id))
        if old.etag is not None:
            self.forget(old_id)

    def forget(self, chat_id: int) -> None:
        """Erase the chat's settings. Idempotent."""
        self._chats.erase(str(chat_id))

    def access(self) -> AllowList:
        """Return the changes that the owner's commands have made to the allow-list."""
        try:
            return self._access.read(ACCESS).value
        except Unreadable:
            log.warning("an object nobody can read", extra={"kind": AllowList.__name__})
            return AllowList()

    def change_access(self, changed: Callable[[AllowList], AllowList]) -> None:
        """Change the allow-list. Raises Busy when other writers keep changing it, and Unreadable, changing nothing, for a broken one."""
        self._access.change(ACCESS, changed)


def _settings(body: bytes) -> ChatSettings:
    """Return the settings, or the defaults where nobody can read them."""
    try:
        return ChatSettings.decode(body)
    except Unreadable:
        log.warning("an object nobody can read", extra={"kind": ChatSettings.__name__})
        return ChatSettings()
