"""In-memory twins of the ports that keep or send something, held to the same contract tests as the real ones.

They promise no more than the real ones do: a tag depends on the body alone, and a queue brings a message back until it is
deleted. All are safe for threads.
"""

import json
import re
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import md5
from threading import RLock
from typing import Generic, Literal, TypeVar
from uuid import uuid4

from pisar.domain.answer_to import Reply
from pisar.domain.audio import too_big
from pisar.domain.bots import BotIdentity, ChatKind, MenuEntry, MenuScope, OwnRights, WebhookInfo
from pisar.domain.bucket import media_type
from pisar.domain.callbacks import CallbackMessage
from pisar.domain.deployments import Queue
from pisar.domain.destinations import Destination, refused
from pisar.domain.jobs import JobMessage, Outcome
from pisar.domain.messages import BusinessConnection, Keyboard, Mark
from pisar.errors import Conflict, LinkRefusal, MessageGone, Missing, PisarError, Rejected, Rejection, Undeliverable
from pisar.ports.chat import UPDATES_AT_ONCE, PolledUpdate
from pisar.ports.clock import Clock
from pisar.ports.queues import Depth
from pisar.ports.storage import BegunUpload, ListedObject, ObjectInfo, StoredObject, StoredPart, UploadForm

M = TypeVar("M")


class MemoryObjectStore:
    """Objects in a dict, written when `now` says; `age` lets one be older."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._lock = RLock()
        self.now = now
        self._written: dict[str, float] = {}
        self._objects: dict[str, StoredObject] = {}
        self._metadata: dict[str, Mapping[str, str]] = {}
        self._uploads: dict[str, tuple[BegunUpload, dict[int, bytes]]] = {}

    def put(self, key: str, body: bytes, *, if_absent: bool = False, if_match: str | None = None) -> str:
        """Write and return the new tag. With a condition that does not hold, raise Conflict and write nothing."""
        with self._lock:
            found = self._objects.get(key)
            if (if_absent and found) or (if_match is not None and (found is None or found.etag != if_match)):
                raise Conflict("someone wrote first")
            stored = StoredObject(bytes(body), f'"{md5(body, usedforsecurity=False).hexdigest()}"')
            self._objects[key] = stored
            self._written[key] = self.now()
            return stored.etag

    def get(self, key: str) -> StoredObject:
        """Return the object; raise Missing."""
        with self._lock:
            if key not in self._objects:
                raise Missing("no such object")
            return self._objects[key]

    def look(self, key: str) -> ObjectInfo:
        """Return what is known of the object; raise Missing."""
        found = self.get(key)
        return ObjectInfo(len(found.body), found.etag, self._metadata.get(key, {}), media_type(key))

    def drop(self, key: str, body: bytes, metadata: Mapping[str, str]) -> None:
        """Write an object with metadata, as somebody outside does."""
        self.put(key, body)
        self._metadata[key] = dict(metadata)

    def age(self, key: str, seconds: float) -> None:
        """Let the object have been written so much earlier."""
        with self._lock:
            self._written[key] -= seconds

    def delete(self, key: str) -> None:
        """Remove the object; an absent one is fine."""
        with self._lock:
            self._objects.pop(key, None)
            self._metadata.pop(key, None)

    def keys(self, prefix: str, *, after: str = "") -> Iterator[str]:
        """Yield the keys that begin with `prefix` and come after `after`, in order of their UTF-8 bytes."""
        with self._lock:
            found = [key for key in self._objects if key.startswith(prefix) and key.encode() > after.encode()]
        yield from sorted(found, key=str.encode)

    def entries(self, prefix: str) -> Iterator[ListedObject]:
        """Yield what a listing says of the objects whose keys begin with `prefix`, in order of their keys."""
        with self._lock:
            found = [ListedObject(key, self._objects[key].etag, self._written[key]) for key in self.keys(prefix)]
        yield from found

    def form(self, key: str, *, max_bytes: int, seconds: int) -> UploadForm:
        """Return a form that `post` takes."""
        return UploadForm("memory:", {"key": key, "max_bytes": str(max_bytes), "seconds": str(seconds)})

    def post(self, form: UploadForm, body: bytes) -> None:
        """Upload as the holder of a form does; a file over its limit is refused with ValueError."""
        if not 1 <= len(body) <= int(form.fields["max_bytes"]):
            raise ValueError("EntityTooLarge or EntityTooSmall")
        self.put(form.fields["key"], body)

    def part_url(self, key: str, upload_id: str, number: int, *, size_bytes: int, seconds: int) -> str:
        """Return an address that `put_part` takes."""
        return f"memory:{json.dumps([key, upload_id, number, size_bytes, seconds])}"

    def put_part(self, url: str, body: bytes) -> None:
        """Upload as the holder of a part's address does: another size is refused with ValueError, an upload that is over with Missing."""
        key, upload_id, number, size_bytes, _ = json.loads(url.removeprefix("memory:"))
        if len(body) != size_bytes:
            raise ValueError("SignatureDoesNotMatch")
        with self._lock:
            self._upload(key, upload_id)[number] = body

    def begin_upload(self, key: str) -> str:
        """Begin an upload in parts and return its id."""
        with self._lock:
            upload_id = f"upload-{uuid4().hex}"
            self._uploads[upload_id] = BegunUpload(key, upload_id, self.now()), {}
            return upload_id

    def stored_parts(self, key: str, upload_id: str) -> tuple[StoredPart, ...]:
        """Return the parts in the order of their numbers; raise Missing."""
        with self._lock:
            parts = sorted(self._upload(key, upload_id).items())
        return tuple(StoredPart(number, len(body), f'"{md5(body, usedforsecurity=False).hexdigest()}"') for number, body in parts)

    def join_parts(self, key: str, upload_id: str, parts: Sequence[StoredPart]) -> None:
        """Make the object of the parts; raise Missing."""
        with self._lock:
            bodies = self._upload(key, upload_id)
            self.put(key, b"".join(bodies[part.number] for part in parts))
            del self._uploads[upload_id]

    def abort_upload(self, key: str, upload_id: str) -> None:  # noqa: ARG002 - the port has it
        """Forget the parts; an upload that is over is fine."""
        with self._lock:
            self._uploads.pop(upload_id, None)

    def begun_uploads(self) -> Iterator[BegunUpload]:
        """Yield the uploads that are under way."""
        with self._lock:
            found = [begun for begun, _ in self._uploads.values()]
        yield from found

    def _upload(self, key: str, upload_id: str) -> dict[int, bytes]:
        if upload_id not in self._uploads or self._uploads[upload_id][0].key != key:
            raise Missing("no such upload")
        return self._uploads[upload_id][1]


class _MemoryQueue(Generic[M]):
    """A queue whose messages stay until they are deleted; `bring_back` is its visibility timeout. A delay passes on `clock`."""

    def __init__(self, decode: Callable[[str], M], clock: Clock) -> None:
        self._lock = RLock()
        self._decode = decode
        self._clock = clock
        self._waiting: list[tuple[float, str]] = []
        self._in_flight: dict[int, str] = {}
        self._receipts = 0

    def receive(self) -> tuple[int, M] | None:
        """Return a message and its receipt, and hide it; None if none waits, or none whose time has come."""
        with self._lock:
            ready = next((entry for entry in self._waiting if entry[0] <= self._clock.now()), None)
            if ready is None:
                return None
            self._waiting.remove(ready)
            self._receipts += 1
            self._in_flight[self._receipts] = body = ready[1]
            return self._receipts, self._decode(body)

    def delete(self, receipt: int) -> None:
        """Forget a received message: it is done."""
        with self._lock:
            self._in_flight.pop(receipt, None)

    def bring_back(self) -> None:
        """Let every message that was received and not deleted wait again."""
        with self._lock:
            self._waiting.extend((self._clock.now(), body) for body in self._in_flight.values())
            self._in_flight.clear()

    def __len__(self) -> int:
        """Return how many messages wait or are hidden."""
        with self._lock:
            return len(self._waiting) + len(self._in_flight)

    def _add(self, body: str, *, delay_seconds: float = 0.0) -> None:
        with self._lock:
            self._waiting.append((self._clock.now() + delay_seconds, body))


class MemoryJobQueue(_MemoryQueue[JobMessage]):
    """The queue of jobs."""

    def __init__(self) -> None:
        super().__init__(JobMessage.decode, ManualClock())

    def put(self, message: JobMessage) -> None:
        """Queue the job."""
        self._add(message.encode())


class MemoryQueues:
    """Queues of SQS's kind by their names, looked at."""

    def __init__(self, queues: Mapping[str, Queue]) -> None:
        self.queues = dict(queues)

    def look(self, name: str) -> Queue:
        """Return the queue; raise Missing where there is none."""
        if name not in self.queues:
            raise Missing(name)
        return self.queues[name]


class MemoryDepths:
    """Queues of which somebody says how full they are; while `error` is set, that is what a look raises."""

    def __init__(self, *depths: Depth) -> None:
        self.depths = depths
        self.error: PisarError | None = None

    def look(self) -> tuple[Depth, ...]:
        """Return what is in each queue."""
        if self.error:
            raise self.error
        return self.depths


class MemoryCallbackQueue(_MemoryQueue[CallbackMessage]):
    """The queue of callbacks."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(CallbackMessage.decode, clock)

    def put(self, message: CallbackMessage, *, delay_seconds: int) -> None:
        """Queue the callback, hidden for so many seconds."""
        self._add(message.encode(), delay_seconds=delay_seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentCallback:
    """One call: where it went, and what with."""

    url: str
    body: bytes
    headers: Mapping[str, str]


class MemoryCallbackSender:
    """Calls in a list, `sent`. `answer` says what comes of the next ones, 200 if nothing was said; `close_off` makes a host private."""

    def __init__(self) -> None:
        self.sent: list[SentCallback] = []
        self._answers: deque[int | PisarError] = deque()
        self._private: set[str] = set()

    def check(self, url: str) -> None:
        """Raise Rejected(BAD_CALLBACK) for a URL that can't be called, or whose host is closed off."""
        if Destination.parse(url).host in self._private:
            raise refused("its host has an address that is not public")

    def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Note the call and return the status that was foreseen for it. Raises Rejected as `check` does, or what was foreseen."""
        self.check(url)
        self.sent.append(SentCallback(url=url, body=body, headers=dict(headers)))
        answer = self._answers.popleft() if self._answers else 200
        if isinstance(answer, PisarError):
            raise answer
        return answer

    def answer(self, *answers: int | PisarError) -> None:
        """Give these answers to the next calls."""
        self._answers.extend(answers)

    def close_off(self, host: str) -> None:
        """Let the host have a private address from now on."""
        self._private.add(host)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMessage:
    """What the bot has put into a chat: a text, or a document with its caption as the text."""

    text: str
    reply_to: int | None = None
    thread_id: int | None = None
    document_name: str | None = None
    document: bytes | None = None
    keyboard: Keyboard = ()
    silent: bool = True
    marks: tuple[Mark, ...] = ()


class MemoryChat:
    """The messages of every chat: `messages(chat_id)` shows them, `forget` deletes one, `fail` spoils calls to come."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._chats: dict[int, dict[int, SentMessage]] = {}
        self._last_id = 0
        self._failures: deque[tuple[str, PisarError, Literal["before", "after"]]] = deque()
        self.acknowledged: list[tuple[str, str]] = []
        self.admins: set[tuple[int, int | None]] = set()
        self.connections: dict[str, BusinessConnection] = {}
        self.guest_answers: dict[str, list[str]] = {}
        self.hiding: set[int] = set()
        self.reads_all = True
        self.rights: OwnRights | None = OwnRights(administrator=False, can_write=True)

    def send(self, reply: Reply, text: str, keyboard: Keyboard = (), *, must_reply: bool = False) -> int:
        """Send a message as a reply to the source and return its id; with `must_reply` the source must be one of the bot's messages."""
        with self._lock:
            self._strike("send", "before")
            if reply.guest_query is not None:
                self.answer_guest(reply, text)
                return 0
            if must_reply:
                self._message(reply, reply.message_id)
            self._last_id += 1
            message = SentMessage(text=text, reply_to=reply.message_id, thread_id=reply.thread_id, keyboard=keyboard, silent=reply.silent)
            self._chats.setdefault(reply.chat_id, {})[self._last_id] = message
            self._strike("send", "after")
            return self._last_id

    def answer_guest(self, reply: Reply, text: str) -> str:
        """Answer a guest query, the first time; `guest_answers` has what each answer said, in order."""
        with self._lock:
            self._strike("answer_guest", "before")
            if reply.guest_query in self.guest_answers or reply.guest_query is None:
                raise Undeliverable("query is too old and response timeout expired or query ID is invalid")
            self.guest_answers[reply.guest_query] = [text]
            return f"inline-{reply.guest_query}"

    def edit(self, reply: Reply, slot: int, text: str, keyboard: Keyboard = (), *, marks: Sequence[Mark] = ()) -> None:
        """Make message `slot` say `text`. Raises MessageGone."""
        with self._lock:
            self._strike("edit", "before")
            if reply.inline_id is not None:
                self.guest_answers[reply.inline_id.removeprefix("inline-")].append(text)
                return
            old = self._message(reply, slot)
            if old.document is not None:  # Telegram: "there is no text in the message to edit"
                raise MessageGone("the message has no text to edit")
            self._chats[reply.chat_id][slot] = replace(old, text=text, keyboard=keyboard, marks=tuple(marks))
            self._strike("edit", "after")

    def edit_into_document(
        self, reply: Reply, slot: int, document: tuple[str, bytes], caption: str, keyboard: Keyboard = (), *, marks: Sequence[Mark] = ()
    ) -> None:
        """Turn message `slot` into a document with a caption. Raises MessageGone."""
        with self._lock:
            self._strike("edit_into_document", "before")
            old = self._message(reply, slot)
            name, content = document
            changed = replace(old, text=caption, document_name=name, document=content, keyboard=keyboard, marks=tuple(marks))
            self._chats[reply.chat_id][slot] = changed
            self._strike("edit_into_document", "after")

    def show_buttons(self, reply: Reply, slot: int, keyboard: Keyboard) -> None:
        """Put other buttons under message `slot`. Raises MessageGone."""
        with self._lock:
            self._strike("show_buttons", "before")
            self._chats[reply.chat_id][slot] = replace(self._message(reply, slot), keyboard=keyboard)

    def delete(self, reply: Reply, slot: int) -> None:
        """Take message `slot` out of the chat; one that is gone is fine."""
        with self._lock:
            self._strike("delete", "before")
            self._chats.get(reply.chat_id, {}).pop(slot, None)

    def acknowledge(self, press_id: str, text: str = "") -> None:
        """Note what a press was answered with, in `acknowledged`."""
        with self._lock:
            self._strike("acknowledge", "before")
            self.acknowledged.append((press_id, text))

    def show_working(self, reply: Reply) -> None:
        """Show nothing."""

    def is_admin(self, chat_id: int, user_id: int | None) -> bool | None:
        """Say whether `admins` has the person; None for the chats in `hiding`."""
        self._strike("is_admin", "before")
        return None if chat_id in self.hiding else (chat_id, user_id) in self.admins

    def username(self) -> str:
        """Return the name that every twin has."""
        return "pisar_bot"

    def business_connection(self, business_id: str) -> BusinessConnection | None:
        """Return what `connections` has under that id."""
        return self.connections.get(business_id)

    def reads_all_messages(self) -> bool:
        """Say what `reads_all` is."""
        return self.reads_all

    def own_rights(self, chat_id: int) -> OwnRights | None:  # noqa: ARG002 - the port has it
        """Return `rights`."""
        return self.rights

    def messages(self, chat_id: int) -> dict[int, SentMessage]:
        """Return what the bot has in the chat, by message id, in order of sending."""
        with self._lock:
            return dict(self._chats.get(chat_id, {}))

    def forget(self, chat_id: int, message_id: int) -> None:
        """Delete a message, as the people in a chat may."""
        with self._lock:
            self._chats.get(chat_id, {}).pop(message_id, None)

    def fail(self, call: str, error: PisarError, *, when: Literal["before", "after"] = "before", times: int = 1) -> None:
        """Raise `error` in the next `times` calls whose name the regular expression `call` matches.

        "before": the call has no effect. "after": it has its effect and the caller does not learn of it.
        """
        with self._lock:
            self._failures.extend([(call, error, when)] * times)

    def _message(self, reply: Reply, slot: int) -> SentMessage:
        try:
            return self._chats[reply.chat_id][slot]
        except KeyError:
            raise MessageGone("no such message in the chat") from None

    def _strike(self, call: str, when: Literal["before", "after"]) -> None:
        for failure in self._failures:
            if failure[2] == when and re.fullmatch(failure[0], call):
                self._failures.remove(failure)
                raise failure[1]


class MemoryChatFiles:
    """Files by their id."""

    def __init__(self, files: dict[str, bytes] | None = None) -> None:
        self._files = dict(files or {})

    def add(self, file_id: str, content: bytes) -> None:
        """Hold a file."""
        self._files[file_id] = content

    def fetch(self, file_id: str, *, max_bytes: int) -> bytes:
        """Return the file; raise Rejected(TOO_BIG) above the limit, Rejected(FILE_UNAVAILABLE) for an unknown id."""
        content = self._files.get(file_id)
        if content is None:
            raise Rejected(Rejection.FILE_UNAVAILABLE)
        if len(content) > max_bytes:
            raise too_big(len(content), max_bytes)
        return content


class MemoryLinkFiles:
    """Files by their link, and the links that were fetched. `refusals`: links that are refused, and why."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.refusals: dict[str, PisarError] = {}
        self.fetched: list[str] = []

    def fetch(self, link: str, *, max_bytes: int) -> bytes:
        """Return the file; raise what `refusals` has for it, Rejected above the limit or for an unknown link."""
        self.fetched.append(link)
        if link in self.refusals:
            raise self.refusals[link]
        if link not in self.files:
            raise Rejected(LinkRefusal.UNREACHABLE)
        if len(self.files[link]) > max_bytes:
            raise Rejected(LinkRefusal.TOO_BIG, {"limit_mb": max_bytes // 2**20})
        return self.files[link]


class MemoryUpdateSource:
    """Updates that wait until later ones are asked for. It never waits for the first; `failures` are raised one a call."""

    def __init__(self, waiting: Iterable[PolledUpdate] = ()) -> None:
        self.waiting = list(waiting)
        self.failures: deque[PisarError] = deque()
        self.offsets: list[int] = []

    def fetch(self, offset: int, *, seconds: int, stopping: Callable[[], bool] = lambda: False) -> list[PolledUpdate]:
        """Return the updates from `offset` on and forget those before it."""
        del seconds
        if self.failures:
            raise self.failures.popleft()
        if stopping():
            return []
        self.offsets.append(offset)
        self.waiting = [one for one in self.waiting if one.update_id >= offset]
        return self.waiting[:UPDATES_AT_ONCE]


class MemoryBotProfile:
    """A bot's face. `identity` and `info` are what the messenger says of it, `people` those who have written to it."""

    def __init__(self, *people: int) -> None:
        self.people = set(people)
        self.identity = BotIdentity(id=123456, username="pisar_bot", can_join_groups=True, can_read_all_group_messages=False)
        self.info = WebhookInfo(url="")
        self.secret = ""
        self.descriptions: dict[str, tuple[str, str]] = {}
        self.failures: deque[PisarError] = deque()
        self._menus: dict[tuple[MenuScope, str], tuple[MenuEntry, ...]] = {}

    def me(self) -> BotIdentity:
        """Return who the bot is."""
        self._strike()
        return self.identity

    def webhook(self) -> WebhookInfo:
        """Return where updates go and how that fares."""
        self._strike()
        return self.info

    def set_webhook(self, url: str, secret: str, allowed_updates: Sequence[str], *, drop_pending: bool = False) -> None:
        """Send updates of these kinds to the URL, with the secret. `drop_pending` forgets those that wait."""
        self._strike()
        pending = 0 if drop_pending else self.info.pending_count
        self.info = WebhookInfo(url=url, pending_count=pending, allowed_updates=frozenset(allowed_updates))
        self.secret = secret

    def commands(self, scope: MenuScope, language: str) -> tuple[MenuEntry, ...]:
        """Return the menu of exactly this scope and language, empty if none was set."""
        self._strike()
        return self._menus.get((scope, language), ())

    def set_commands(self, scope: MenuScope, language: str, commands: Sequence[MenuEntry]) -> None:
        """Replace the menu of this scope and language. Raises Undeliverable for a chat where nobody has written to the bot."""
        self._strike()
        if not isinstance(scope, ChatKind) and scope not in self.people:
            raise Undeliverable("chat not found")
        self._menus[scope, language] = tuple(commands)

    def set_descriptions(self, language: str, *, description: str, short_description: str) -> None:
        """Set what an empty chat with the bot says, and its profile."""
        self._strike()
        self.descriptions[language] = description, short_description

    def _strike(self) -> None:
        if self.failures:  # of the calls to come, in order
            raise self.failures.popleft()


class MemoryMeter:
    """What the owner's charts were told: engine seconds and audio seconds of each recording, waits, and ends with their seconds."""

    def __init__(self) -> None:
        self.recordings: list[tuple[float, float]] = []
        self.waits: list[float] = []
        self.ends: list[tuple[Outcome, float | None]] = []

    def recognised(self, *, engine_seconds: float, audio_seconds: float) -> None:
        """Tell of a recording."""
        self.recordings.append((engine_seconds, audio_seconds))

    def begun(self, *, waited_seconds: float) -> None:
        """Tell of a job that was claimed for the first time."""
        self.waits.append(waited_seconds)

    def ended(self, outcome: Outcome, *, seconds: float | None) -> None:
        """Tell of a job that ended."""
        self.ends.append((outcome, seconds))


class ManualClock:
    """A clock that only moves when told to, or when somebody sleeps on it."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self._lock = RLock()
        self._now = now

    def now(self) -> float:
        """Return Unix seconds."""
        with self._lock:
            return self._now

    def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Let the time pass."""
        with self._lock:
            self._now += seconds
