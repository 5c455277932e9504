"""Messages, presses and memberships of a chat, in the fields that Pisar reads, whatever messenger they come from."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A file in a message. `kind`: voice, audio, video_note, video or document; `size_bytes` and `seconds` as Telegram declares them.

    A file behind a link in a message's text is of the kind "link", with its address as `link` and no ids.
    """

    kind: str
    file_id: str
    unique_id: str
    size_bytes: int | None = None
    seconds: float | None = None
    mime_type: str | None = None
    file_name: str | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A new message. `chat_type`: private, group, supergroup or channel.

    `text`: the message's text or its file's caption. `replied`: the message that this one answers, without the one that it answers in turn.
    `anonymous`: the message was sent in the group's name, by one of its administrators. `moved_to`: the group's new id, in a message under
    the old id; `moved_from`: the old id, in a message under the new one. Telegram sends both.

    `sender_chat_id`: the channel or group in whose name the message was sent. `by_bot`: the sending bot's username, "" for people and for
    chats. `forwarded`: the message was forwarded; `speaker`: the name of its first sender, "" if unknown. `soundless`: the kind of content
    without sound (photo, sticker, animation, story, poll, location, contact, paid_media, checklist …), "" if there is none. `quoted`: the
    recording of a message in another chat that this one answers. `business_id`: the connection through which a message of somebody's
    personal chat came. `guest_query`: what an answer to a message of a chat that the bot is not in must name. `topic_id`: the topic of a
    channel's direct messages, to which `thread_id` can't send. `person`: the sender's name and username as Telegram tells them.
    """

    chat_id: int
    chat_type: str
    message_id: int
    thread_id: int | None = None
    user_id: int | None = None
    language_code: str | None = None
    media: Media | None = None
    text: str = ""
    replied: "Incoming | None" = None
    anonymous: bool = False
    moved_to: int | None = None
    moved_from: int | None = None
    sender_chat_id: int | None = None
    by_bot: str = ""
    forwarded: bool = False
    speaker: str = ""
    soundless: str = ""
    quoted: Media | None = None
    business_id: str | None = None
    guest_query: str | None = None
    topic_id: int | None = None
    person: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of a text that is shown otherwise: bold, or as a quote that is folded until it is touched.

    `offset` and `length` are in UTF-16 units, as the Bot API counts entities.
    """

    kind: Literal["bold", "quote"]
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message: its label, and the data that a press of it carries, at most 64 bytes."""

    label: str
    data: str


Keyboard = tuple[tuple[Button, ...], ...]
"""Rows of buttons, from the top."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A press of a button under message `message_id` of the bot; `data` is the button's. `topic_id`: as Incoming's.

    `offered`: False if the message is known to have no button with that data, for a program may send any data for any message.
    """

    press_id: str
    chat_id: int
    chat_type: str
    message_id: int
    user_id: int
    data: str
    thread_id: int | None = None
    topic_id: int | None = None
    language_code: str | None = None
    offered: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """The bot was added to a chat or removed from it, its rights were changed, or a person unblocked or blocked it.

    `user_id`, `language_code`: who changed it. `was_present`: whether the bot was there before. `can_write`: whether it may send messages
    now. `changed_at`: the time of the change in Unix seconds, 0 if it is not told.
    """

    chat_id: int
    present: bool
    chat_type: str = ""
    title: str = ""
    user_id: int | None = None
    language_code: str | None = None
    was_present: bool = False
    can_write: bool = True
    changed_at: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessConnection:
    """The bot's connection to a person's account, whose personal chats it sees through it.

    `chat_id`: the private chat of the bot with that person, `owner_id`. `enabled`: whether the connection is still there.
    """

    business_id: str
    owner_id: int
    chat_id: int
    enabled: bool
    language_code: str | None = None


Update = Incoming | Press | Membership | BusinessConnection
"""The kinds of updates that are read."""
