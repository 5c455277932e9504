"""What members and administrators may do, as the Bot API tells it and as it refuses what goes beyond.

Names are the fields of ChatPermissions, ChatMemberRestricted and ChatMemberAdministrator (core.telegram.org/bots/api).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from localstack.telegram.refusals import bad_request
from localstack.telegram.world import Chat, Standing, World

PERMISSIONS = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_react_to_messages",
    "can_edit_tag",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)
ADMINISTRATOR_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_send_welcome_messages",
)
"""Those that every ChatMemberAdministrator tells of; a channel's and a group's have more."""
CHANNEL_RIGHTS = ("can_post_messages", "can_edit_messages", "can_manage_direct_messages")
GROUP_RIGHTS = ("can_pin_messages", "can_manage_topics", "can_manage_tags")

_NEEDED = {
    "text": ("can_send_messages", "text messages"),
    "audio": ("can_send_audios", "music"),
    "document": ("can_send_documents", "documents"),
    "photo": ("can_send_photos", "photos"),
    "video": ("can_send_videos", "videos"),
    "video_note": ("can_send_video_notes", "video notes"),
    "voice": ("can_send_voice_notes", "voice notes"),
    "poll": ("can_send_polls", "polls"),
    "checklist": ("can_send_polls", "checklists"),
    "animation": ("can_send_other_messages", "animations"),
    "sticker": ("can_send_other_messages", "stickers"),
    "contact": ("can_send_messages", "contacts"),
    "location": ("can_send_messages", "locations"),
}
"""The permission that content needs, and its name in the refusal (tdlib/td, MessageContent.cpp, can_send_message_content)."""


def named(rights: Iterable[str], known: Iterable[str]) -> frozenset[str]:
    """Return the rights; raise ValueError for one that Telegram doesn't have."""
    chosen, unknown = frozenset(rights), frozenset(rights) - frozenset(known)
    if unknown:
        raise ValueError(f"no such rights: {sorted(unknown)}")
    return chosen


def missing(chat: Chat, standing: Standing, kind: str) -> str | None:
    """Return the name, in the plural, of content of that kind if somebody may not send it to the chat, else None.

    Administrators are not held by a group's permissions; a member is held by them, and a restricted one by their own ones too.
    """
    permission, name = _NEEDED.get(kind, ("can_send_messages", "messages"))
    if chat.kind in ("private", "channel") or standing.leads:
        return None
    return name if permission in chat.denied | standing.denied else None


def require_sending(chat: Chat, kind: str) -> None:
    """Refuse what the bot has no right to send: by the kind of content in a group, any post in a channel where it is no editor.

    tdlib/td: MessageContent.cpp, can_send_message_content; DialogManager.cpp, can_send_message_to_dialog.
    """
    if chat.kind == "channel" and not (chat.bot.status == "creator" or "can_post_messages" in chat.bot.rights):
        raise bad_request("need administrator rights in the channel chat")
    if name := missing(chat, chat.bot, kind):
        raise bad_request(f"not enough rights to send {name} to the chat")


def member_json(world: World, chat: Chat, user_id: int, standing: Standing) -> dict[str, Any]:
    """Return a ChatMember object with the fields that the reference server gives (Client.cpp, JsonChatMember)."""
    user: Mapping[str, Any] = world.me if user_id == world.me["id"] else world.user(user_id)
    told: dict[str, Any] = {"user": dict(user), "status": standing.status}
    if standing.status == "creator":
        return told | {"is_anonymous": standing.anonymous}
    if standing.status == "administrator":
        own = CHANNEL_RIGHTS if chat.kind == "channel" else GROUP_RIGHTS
        rights = {name: name in standing.rights for name in (*ADMINISTRATOR_RIGHTS, *own)}
        return told | {"can_be_edited": False, "is_anonymous": standing.anonymous} | rights | {"can_manage_chat": True}
    if standing.status == "restricted":
        allowed = {name: name not in standing.denied | chat.denied for name in PERMISSIONS}
        return told | {"until_date": 0, "is_member": standing.present} | allowed
    return told | ({"until_date": 0} if standing.status == "kicked" else {})


def permissions_json(chat: Chat) -> dict[str, bool]:
    """Return a group's ChatPermissions."""
    return {name: name not in chat.denied for name in PERMISSIONS}
