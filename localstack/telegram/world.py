"""The state of one Telegram: users, chats, messages, files, updates. Whoever reads or writes it holds its lock.

Everything here is plain data; the rules of the Bot API are in `messages`, `edits` and `settings`, what people may do in `people`.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from threading import Condition
from typing import Any

from localstack.telegram.texts import Entities
from localstack.telegram.views import Call, Delivery

SUPERGROUP_CEILING = -1_000_000_000_000
"""Ids at or below this are supergroups and channels, negative ones above it basic groups (core.telegram.org/api/bots/ids)."""

DEFAULT_UPDATES = frozenset(
    [
        "message",
        "edited_message",
        "channel_post",
        "edited_channel_post",
        "business_connection",
        "business_message",
        "edited_business_message",
        "deleted_business_messages",
        "guest_message",
        "inline_query",
        "chosen_inline_result",
        "callback_query",
        "shipping_query",
        "pre_checkout_query",
        "poll",
        "poll_answer",
        "my_chat_member",
        "chat_join_request",
    ]
)
"""What a bot gets unless it asks otherwise: all but chat_member and reactions (Client.h, DEFAULT_ALLOWED_UPDATE_TYPES).

Kinds that the stand-in has no people for are left out.
"""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file. `size` is what Telegram says of it and may exceed the bytes kept here; `media` is its Bot API object."""

    path: str
    content: bytes = field(repr=False)
    size: int
    kind: str
    media: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a message says; `text` is the caption when there is a file.

    `other` is content that is neither text nor file, by its field's name (poll, story, location); `service` is what happened.
    """

    text: str = ""
    entities: Entities = ()
    file: StoredFile | None = None
    markup: Mapping[str, Any] | None = None
    link_preview: Mapping[str, Any] | None = None
    service: Mapping[str, Any] | None = None
    other: Mapping[str, Any] | None = None

    @property
    def kind(self) -> str:
        """What it is: "text", the kind of the file, the field of other content, or "service"."""
        if self.file is not None:
            return self.file.kind
        return "service" if self.service else next(iter(self.other or ()), "text")


@dataclass(slots=True, kw_only=True)
class Message:
    """A message with all its versions: (content, monotonic time, Unix time).

    `own`: the bot sent it, whoever it is from. `sender` None: a channel's post. `sent_at` is by the world's clock.
    """

    id: int
    chat: "Chat"
    sender: Mapping[str, Any] | None
    versions: list[tuple[Content, float, float]]
    thread_id: int | None = None
    reply_to: int | None = None
    silent: bool = False
    own: bool = False
    sent_at: float = 0.0
    extras: Mapping[str, Any] = field(default_factory=dict)
    deleted_at: float | None = None

    @property
    def content(self) -> Content:
        """The latest version."""
        return self.versions[-1][0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What somebody is in a chat: the status of a ChatMember, an administrator's rights, what a restricted one may not do.

    `present` False: a restricted one who has left. `anonymous`: an administrator who writes in the group's name.
    """

    status: str = "member"
    rights: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()
    present: bool = True
    anonymous: bool = False

    @property
    def there(self) -> bool:
        """Whether they are in the chat."""
        return self.status not in ("left", "kicked") and self.present

    @property
    def leads(self) -> bool:
        """Whether they are the owner or an administrator."""
        return self.status in ("creator", "administrator")


@dataclass(slots=True, kw_only=True)
class Chat:
    """A chat, how the bot stands in it, and the people known there.

    `topics` are the threads of a forum or of a private chat; `blocked`: by the person of a private chat, `deactivated`: their account
    is gone, or the group is. `denied`: what members may not do (the group's permissions, turned round). `hidden_members`: only
    administrators see who is there. `direct_messages`: the chat of a channel's direct messages. `linked`: a channel's discussion group.
    """

    id: int
    kind: str
    title: str
    forum: bool = False
    topics: set[int] = field(default_factory=set)
    bot: Standing = field(default_factory=Standing)
    members: dict[int, Standing] = field(default_factory=dict)
    denied: frozenset[str] = frozenset()
    hidden_members: bool = False
    protected: bool = False
    direct_messages: bool = False
    linked: int | None = None
    blocked: bool = False
    deactivated: bool = False
    migrated_to: int | None = None
    last_message_id: int = 0
    messages: dict[int, Message] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Connection:
    """A business account that lets the bot see and answer its private chats. `chats` are those chats, by the other person's id."""

    id: str
    owner: int
    rights: frozenset[str]
    enabled: bool = True
    date: int = 0
    chats: dict[int, Chat] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Where updates go."""

    url: str
    secret: str = field(repr=False)
    max_connections: int


@dataclass(slots=True)
class World:
    """All of it. `pending` are the updates the bot has not taken yet, in order; `foreign` the chats where it was only mentioned."""

    me: dict[str, Any]
    download_limit_bytes: int
    privacy_mode: bool
    private_topics: bool
    guest_mode: bool
    press_seconds: float
    link_seconds: float
    ahead_seconds: float = 0.0
    chats: dict[int, Chat] = field(default_factory=dict)
    users: dict[int, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, StoredFile] = field(default_factory=dict)
    lost_paths: set[str] = field(default_factory=set)
    links: dict[str, float] = field(default_factory=dict)
    callbacks: dict[str, dict[str, Any]] = field(default_factory=dict)
    connections: dict[str, Connection] = field(default_factory=dict)
    foreign: dict[int, Chat] = field(default_factory=dict)
    guest_queries: dict[str, dict[str, Any]] = field(default_factory=dict)
    inline_messages: dict[str, Message] = field(default_factory=dict)
    settings: dict[tuple[str, ...], Any] = field(default_factory=dict)
    updates: list[dict[str, Any]] = field(default_factory=list)
    pending: list[dict[str, Any]] = field(default_factory=list)
    allowed_updates: frozenset[str] = DEFAULT_UPDATES
    webhook: Webhook | None = None
    webhook_error: tuple[int, str] | None = None
    webhook_generation: int = 0
    calls: list[Call] = field(default_factory=list)
    deliveries: dict[int, Delivery] = field(default_factory=dict)
    condition: Condition = field(default_factory=Condition, repr=False)
    on_change: Callable[[], None] = field(default=lambda: None, repr=False)
    version: int = 0
    last_update_id: int = 100_000_000
    last_message_id: int = 0

    @contextmanager
    def change(self) -> Iterator[None]:
        """Hold the lock; on the way out wake everyone who waits for something to happen."""
        with self.condition:
            try:
                yield
            finally:
                self.version += 1
                self.condition.notify_all()
                self.on_change()

    def wait_past(self, version: int, seconds: float) -> bool:
        """Wait until something has changed since that version; False if nothing did in time."""
        with self.condition:
            return self.condition.wait_for(lambda: self.version != version, seconds)

    def now(self) -> float:
        """Return the time in seconds by which lifetimes are measured; it goes on faster where somebody lets time pass."""
        return time.monotonic() + self.ahead_seconds

    def chat(self, chat_id: int, *, title: str | None = None, forum: bool = False, kind: str | None = None) -> Chat:
        """Return the chat, made on first use: the sign and size of its id say what kind it is, `kind` that it is a channel."""
        if chat_id not in self.chats:
            kind = kind or ("private" if chat_id > 0 else "supergroup" if chat_id <= SUPERGROUP_CEILING else "group")
            self.chats[chat_id] = Chat(id=chat_id, kind=kind, title=title or f"Chat {-chat_id}", forum=forum and kind == "supergroup")
        return self.chats[chat_id]

    def user(self, user_id: int, language_code: str | None = None) -> dict[str, Any]:
        """Return the person, made on first use; a language given later replaces the one known."""
        fresh = {"id": user_id, "is_bot": False, "first_name": f"Person {user_id}", "username": f"person_{user_id}"}
        user = self.users.setdefault(user_id, fresh)
        if language_code is not None:
            user["language_code"] = language_code
        return user

    def add_message(self, chat: Chat, sender: Mapping[str, Any] | None, content: Content, **fields: Any) -> Message:
        """Append a message. Supergroups and channels count their own ids; private chats and basic groups share the account's."""
        if chat.kind in ("supergroup", "channel"):
            chat.last_message_id += 1
            message_id = chat.last_message_id
        else:
            self.last_message_id += 1
            message_id = self.last_message_id
        version = (content, time.monotonic(), time.time())
        message = Message(id=message_id, chat=chat, sender=sender, versions=[version], sent_at=self.now(), **fields)
        chat.messages[message_id] = message
        return message

    def find(self, chat: Chat, message_id: int | None) -> Message | None:
        """Return a message that is still there."""
        message = chat.messages.get(message_id) if message_id else None
        return None if message is None or message.deleted_at is not None else message

    def store_file(self, kind: str, content: bytes, *, size: int | None, extension: str, media: Mapping[str, Any]) -> StoredFile:
        """Keep a file under a new id. `size` defaults to the bytes given."""
        number = len(self.files) + 1
        file_id = f"AwACAgIAAxk{number:06d}-{kind}_{self.me['id']}"
        size = len(content) if size is None else size
        described = {"file_id": file_id, "file_unique_id": f"AgAD{number:06d}", "file_size": size, **media}
        stored = StoredFile(f"{kind}/file_{number}{extension}", content, size, kind, described)
        self.files[file_id] = stored
        return stored

    def post(self, kind: str, body: Mapping[str, Any], *, held: bool = False) -> dict[str, Any]:
        """Make an update, queue it unless `held` or not among those the bot wants, and return it."""
        self.last_update_id += 1
        update = {"update_id": self.last_update_id, kind: body}
        self.updates.append(update)
        if not held and kind in self.allowed_updates:
            self.pending.append(update)
        return deepcopy(update)
