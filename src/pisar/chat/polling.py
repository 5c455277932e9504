"""Fetches updates by long polling, for a bot without a public address; an update is confirmed only after it was handled.

Updates of one chat are handled in order, those of different chats in parallel. An update that fails for now is tried again a few times, and
then in the next round. Only the updates before the first unhandled one are confirmed to the messenger, so a crash loses none. An update
that comes twice is recognised by the code that handles it.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from pisar.errors import Retryable, Unavailable, Unreadable
from pisar.ports.chat import UPDATES_AT_ONCE, PolledUpdate, UpdateSource
from pisar.ports.clock import Clock

log = logging.getLogger(__name__)

POLL_SECONDS = 8
"""Seconds that the messenger may keep a request open when it has no updates; each answer is a sign of life."""

CHATS_AT_ONCE = 8
WAITS_SECONDS = (1.0, 2.0, 4.0)
"""Waits before the second and later tries within one round."""

PAUSE_SECONDS = 3.0
MAX_PAUSE_SECONDS = 60.0
MAX_UNFORESEEN = 5
"""How many rounds an update may fail with an unforeseen error; then it is dropped, so that it does not block the others."""

MAX_OVERTAKEN = 20
"""How many rounds an update may fail for now while others are handled; then it is dropped.

The messenger gives no more than a hundred updates beyond an unconfirmed one. While no other update is handled either, the fault is not this
update's, and it stays.
"""

MAX_HIDING_SECONDS = 3600.0
"""How long one chat's updates may fill all that the messenger gives, so that no other chat's can be seen; then the first is dropped.

Whether the fault is everybody's can't be told from such updates alone, and Telegram forgets them all after a day.
"""


class Polling:
    """Passes updates from a source to `receive`. `beat` is called after each round in which the source answered."""

    def __init__(
        self, source: UpdateSource, receive: Callable[[PolledUpdate], None], clock: Clock, *, beat: Callable[[], None] = lambda: None
    ) -> None:
        self._source = source
        self._receive = receive
        self._clock = clock
        self._beat = beat
        self._offset = self._told = 0
        self._done: set[int] = set()
        self._failures: dict[int, int] = {}
        self._overtaken: dict[int, int] = {}
        self._hidden_since: float | None = None

    def run(self, stopping: Callable[[], bool]) -> None:
        """Poll until `stopping` returns true; then confirm what was handled. Raises Misconfigured for an unknown token."""
        pause = PAUSE_SECONDS
        with ThreadPoolExecutor(CHATS_AT_ONCE, thread_name_prefix="chat") as chats:
            while not stopping():
                try:
                    updates = self._source.fetch(self._offset, seconds=POLL_SECONDS, stopping=stopping)
                except Unavailable as error:
                    log.warning("no updates", extra={"why": str(error)})
                    self._rest(max(error.after_seconds or 0.0, pause), stopping)
                    pause = min(2 * pause, MAX_PAUSE_SECONDS)
                    continue
                pause, self._told = PAUSE_SECONDS, self._offset
                self._beat()
                self._take(updates, chats, stopping)
        self._tell()

    def _take(self, updates: Sequence[PolledUpdate], chats: ThreadPoolExecutor, stopping: Callable[[], bool]) -> None:
        waiting: dict[int, list[PolledUpdate]] = {}
        for update in updates:
            if update.update_id not in self._done:
                waiting.setdefault(update.chat_id, []).append(update)
        before = len(self._done)
        list(chats.map(lambda queue: self._take_in_order(queue, stopping), waiting.values()))
        if len(self._done) > before:
            self._let_go(waiting.values())
        self._uncover(updates, done=len(self._done) > before)
        for update in updates:  # in their order
            if update.update_id not in self._done:
                break
            self._offset = update.update_id + 1
        self._done = {one for one in self._done if one >= self._offset}
        for counts in (self._failures, self._overtaken):
            for one in [one for one in counts if one < self._offset]:
                del counts[one]
        if updates and updates[0].update_id >= self._offset:  # the first is not done, and would be given again at once
            self._rest(PAUSE_SECONDS, stopping)

    def _let_go(self, queues: Iterable[Sequence[PolledUpdate]]) -> None:
        """Count, for each chat, the first update that failed while others were handled; drop those that were overtaken too often."""
        for queue in queues:
            first = next((one.update_id for one in queue if one.update_id not in self._done), None)
            if first is None:
                continue
            self._overtaken[first] = self._overtaken.get(first, 0) + 1
            if self._overtaken[first] >= MAX_OVERTAKEN:
                self._give_up(first)

    def _uncover(self, updates: Sequence[PolledUpdate], *, done: bool) -> None:
        """Drop the first update of a chat that has hidden all others for too long."""
        hiding = not done and len(updates) >= UPDATES_AT_ONCE and len({one.chat_id for one in updates}) == 1
        if not hiding:
            self._hidden_since = None
        elif self._hidden_since is None:
            self._hidden_since = self._clock.now()
        elif self._clock.now() - self._hidden_since >= MAX_HIDING_SECONDS:
            self._give_up(updates[0].update_id)
            self._hidden_since = None

    def _give_up(self, update_id: int) -> None:
        log.error("given up", extra={"update_id": update_id})
        self._done.add(update_id)

    def _take_in_order(self, updates: Sequence[PolledUpdate], stopping: Callable[[], bool]) -> None:
        for update in updates:
            if stopping() or not self._taken(update, stopping):
                return  # what comes after it in this chat waits for it
            self._done.add(update.update_id)

    def _taken(self, update: PolledUpdate, stopping: Callable[[], bool]) -> bool:
        for wait in (*WAITS_SECONDS, 0.0):
            try:
                self._receive(update)
            except Unreadable as error:
                log.warning("not an update", extra={"why": str(error)})
            except Retryable as error:
                log.warning("try again", extra={"why": str(error), "update_id": update.update_id})
                self._rest(wait, stopping)
                if stopping():
                    return False
                continue
            except Exception:
                log.exception("unforeseen", extra={"update_id": update.update_id})
                failures = self._failures[update.update_id] = self._failures.get(update.update_id, 0) + 1
                if failures < MAX_UNFORESEEN:
                    return False
                self._give_up(update.update_id)
            return True
        return False

    def _rest(self, seconds: float, stopping: Callable[[], bool]) -> None:
        until = self._clock.now() + seconds
        while not stopping() and (left := until - self._clock.now()) > 0:
            self._clock.sleep(min(left, 1.0))

    def _tell(self) -> None:
        if self._offset == self._told:
            return
        try:
            self._source.fetch(self._offset, seconds=0)
        except Unavailable as error:
            log.info("the messenger was not told what is done", extra={"why": str(error)})
