"""What is remembered of chats: their settings, and whom the owner lets in. One object each, changed by conditional writes."""

import logging
from collections.abc import Callable
from dataclasses import replace

from pisar.domain.chats import AllowList, ChatSettings
from pisar.errors import Busy, Conflict, Missing, Unreadable
from pisar.ports.storage import ObjectStore

log = logging.getLogger(__name__)

ACCESS = "access.json"
PREFIX = "chats/"
MAX_TRIES = 5
"""Lost races in a row before giving way."""


class Chats:
    """The chats. What nobody can read counts as never written, so that one bad object locks nobody out."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def settings(self, chat_id: int) -> ChatSettings:
        """Return how the chat wants its answers; the defaults if it never said."""
        return self._settings(chat_id)[0]

    def change(self, chat_id: int, changed: Callable[[ChatSettings], ChatSettings]) -> ChatSettings:
        """Change the chat's settings and return them. Raises Busy when others keep changing them."""
        for _ in range(MAX_TRIES):
            before, etag = self._settings(chat_id)
            after = changed(before)
            try:
                self._store.put(_key(chat_id), after.encode(), if_absent=etag is None, if_match=etag)
            except Conflict:
                continue
            return after
        raise Busy("the chat's settings keep changing")

    def move(self, old_id: int, new_id: int, *, leaves_jobs: bool = False) -> None:
        """Keep the settings of a group that became a supergroup, under its new id; once more is fine. Raises Busy.

        `leaves_jobs`: there are some that are listed under the old id, so that it must be known under the new one.
        """
        settings, etag = self._settings(old_id)
        if etag is not None:
            self._store.put(_key(new_id), settings.encode())
        if leaves_jobs:
            self.change(new_id, lambda now: replace(now, formerly=old_id))
        if etag is not None:
            self._store.delete(_key(old_id))

    def forget(self, chat_id: int) -> None:
        """Erase the chat's settings; once more is fine."""
        self._store.delete(_key(chat_id))

    def access(self) -> AllowList:
        """Return what the owner's commands have changed of the allow-list."""
        return self._access()[0]

    def change_access(self, changed: Callable[[AllowList], AllowList]) -> AllowList:
        """Change the allow-list and return the changes there are now. Raises Busy when others keep changing it."""
        for _ in range(MAX_TRIES):
            before, etag = self._access()
            after = changed(before)
            try:
                self._store.put(ACCESS, after.encode(), if_absent=etag is None, if_match=etag)
            except Conflict:
                continue
            return after
        raise Busy("the allow-list keeps changing")

    def _settings(self, chat_id: int) -> tuple[ChatSettings, str | None]:
        try:
            found = self._store.get(_key(chat_id))
        except Missing:
            return ChatSettings(), None
        try:
            return ChatSettings.decode(found.body), found.etag
        except Unreadable:
            log.warning("settings nobody can read")
            return ChatSettings(), found.etag

    def _access(self) -> tuple[AllowList, str | None]:
        try:
            found = self._store.get(ACCESS)
        except Missing:
            return AllowList(), None
        try:
            return AllowList.decode(found.body), found.etag
        except Unreadable:
            log.warning("an allow-list nobody can read")
            return AllowList(), found.etag


def _key(chat_id: int) -> str:
    return f"{PREFIX}{chat_id}.json"
