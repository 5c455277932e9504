"""Bot API methods about a chat and who is in it.

A bot that is no administrator is told of the members only as far as everybody sees them: not where the list is hidden.
"""

from typing import Any

from localstack.telegram import access, describe, rights
from localstack.telegram.params import Params
from localstack.telegram.refusals import bad_request
from localstack.telegram.world import Chat, Standing, World


def get_chat_member(world: World, params: Params) -> dict[str, Any]:
    """Return what somebody is in a chat; who has never been seen there has left it.

    Refused for others than the bot where the member list is hidden and the bot is no administrator: the server of Telegram says
    CHAT_ADMIN_REQUIRED (teloxide/teloxide#1349 has it seen in groups with hidden members), and in a channel the reference server
    does (tdlib/td, DialogParticipantManager.cpp, get_channel_participant). PARTICIPANT_ID_INVALID: somebody the bot has never met.
    """
    user_id = params.integer("user_id")
    chat = access.chat_to_read(world, params)
    if user_id == world.me["id"]:
        return rights.member_json(world, chat, user_id, chat.bot)
    if user_id not in world.users:
        raise bad_request("PARTICIPANT_ID_INVALID")
    if chat.kind == "private":
        if user_id != chat.id:
            raise bad_request("member not found")
        return rights.member_json(world, chat, user_id, Standing())
    _require_list(chat)
    return rights.member_json(world, chat, user_id, chat.members.get(user_id, Standing(status="left")))


def get_chat_administrators(world: World, params: Params) -> list[dict[str, Any]]:
    """Return the people who lead a group; bots are left out (core.telegram.org/bots/api#getchatadministrators)."""
    chat = access.chat_to_read(world, params)
    if chat.kind == "private":
        raise bad_request("there are no administrators in the private chat")
    return [rights.member_json(world, chat, user_id, one) for user_id, one in chat.members.items() if one.leads]


def get_chat(world: World, params: Params) -> dict[str, Any]:
    """Return a ChatFullInfo with what the stand-in knows: permissions, hidden members, protected content, the linked chat."""
    chat = access.chat_to_read(world, params)
    told = describe.chat_json(world, chat) | {"accent_color_id": 0, "max_reaction_count": 11}
    told["accepted_gift_types"] = dict.fromkeys(
        ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
    )
    if chat.kind in ("group", "supergroup"):
        told["permissions"] = rights.permissions_json(chat)
    if chat.hidden_members:
        told["has_hidden_members"] = True
    if chat.protected:
        told["has_protected_content"] = True
    if chat.linked is not None:
        told["linked_chat_id"] = chat.linked
    return told


def _require_list(chat: Chat) -> None:
    if chat.bot.leads:
        return
    if chat.kind == "channel":
        raise bad_request("member list is inaccessible")
    if chat.hidden_members:
        raise bad_request("CHAT_ADMIN_REQUIRED")
