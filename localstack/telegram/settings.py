"""Bot API methods about the bot itself: who it is, its commands and descriptions, its webhook."""

import re
from typing import Any
from urllib.parse import urlsplit

from localstack.telegram.params import Params
from localstack.telegram.refusals import bad_request
from localstack.telegram.world import DEFAULT_UPDATES, Webhook, World

MAX_COMMANDS = 100
MAX_COMMAND_DESCRIPTION = 256
MAX_DESCRIPTION = 512
MAX_SHORT_DESCRIPTION = 120
MAX_SECRET_CHARACTERS = 256
DEFAULT_CONNECTIONS, MAX_CONNECTIONS = 40, 100
_PLAIN_SCOPES = ("default", "all_private_chats", "all_group_chats", "all_chat_administrators")
_CHAT_SCOPES = ("chat", "chat_administrators", "chat_member")
_UPDATE_KINDS = DEFAULT_UPDATES | {"chat_member", "message_reaction", "message_reaction_count"}


def get_me(world: World, params: Params) -> dict[str, Any]:  # noqa: ARG001 - every method has this shape
    """Return the bot with what @BotFather has it do (Client.cpp, JsonUser)."""
    return world.me | {
        "can_join_groups": True,
        "can_read_all_group_messages": not world.privacy_mode,
        "supports_inline_queries": False,
        "supports_guest_queries": world.guest_mode,
        "can_connect_to_business": True,
        "has_main_web_app": False,
        "has_topics_enabled": world.private_topics,
        "allows_users_to_create_topics": world.private_topics,
        "can_manage_bots": False,
    }


def set_my_commands(world: World, params: Params) -> bool:
    """Keep the commands of one scope and language."""
    commands = params.array("commands", "BotCommand")
    if commands is None or not all(isinstance(command, dict) for command in commands):
        raise bad_request("expected an Array of BotCommand")
    if len(commands) > MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not re.fullmatch(r"/?[a-z0-9_]{1,32}", str(command.get("command"))):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description") or "")) <= MAX_COMMAND_DESCRIPTION:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    kept = [{"command": command["command"].removeprefix("/"), "description": command["description"]} for command in commands]
    world.settings["commands", *_scope(world, params), _language(params)] = kept
    return True


def get_my_commands(world: World, params: Params) -> list[dict[str, str]]:
    """Return the commands of exactly this scope and language, none if none were set."""
    found: list[dict[str, str]] = world.settings.get(("commands", *_scope(world, params), _language(params)), [])
    return found


def delete_my_commands(world: World, params: Params) -> bool:
    """Forget the commands of one scope and language."""
    world.settings.pop(("commands", *_scope(world, params), _language(params)), None)
    return True


def set_my_description(world: World, params: Params) -> bool:
    """Keep the words shown in an empty chat."""
    return _describe(world, params, "description", MAX_DESCRIPTION)


def get_my_description(world: World, params: Params) -> dict[str, str]:
    """Return the words shown in an empty chat, those for all languages if this one has none."""
    return _description(world, params, "description")


def set_my_short_description(world: World, params: Params) -> bool:
    """Keep the words of the profile page."""
    return _describe(world, params, "short_description", MAX_SHORT_DESCRIPTION)


def get_my_short_description(world: World, params: Params) -> dict[str, str]:
    """Return the words of the profile page, those for all languages if this one has none."""
    return _description(world, params, "short_description")


def set_webhook(world: World, params: Params) -> bool:
    """Send updates to a URL from now on; an empty one ends it."""
    if not params.text("url"):
        return delete_webhook(world, params)
    parts = urlsplit(params.text("url"))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise bad_request("invalid webhook URL specified")
    secret = params.text("secret_token")
    if len(secret) > MAX_SECRET_CHARACTERS:
        raise bad_request("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise bad_request("secret token contains unallowed characters")
    dropped = _drop_pending(world, params)
    choose_updates(world, params)
    connections = params.integer("max_connections", DEFAULT_CONNECTIONS, low=1, high=MAX_CONNECTIONS)
    _replace_webhook(world, Webhook(url=params.text("url"), secret=secret, max_connections=connections), anew=dropped)
    return True


def delete_webhook(world: World, params: Params) -> bool:
    """Send updates nowhere."""
    _drop_pending(world, params)
    _replace_webhook(world, None)
    return True


def get_webhook_info(world: World, params: Params) -> dict[str, Any]:  # noqa: ARG001 - every method has this shape
    """Say where updates go and how that fares."""
    hook = world.webhook
    info: dict[str, Any] = {"url": hook.url if hook else "", "has_custom_certificate": False, "pending_update_count": len(world.pending)}
    if world.webhook_error:
        info["last_error_date"], info["last_error_message"] = world.webhook_error
    if hook:
        info |= {"max_connections": hook.max_connections, "ip_address": "127.0.0.1"}
    if world.allowed_updates != DEFAULT_UPDATES:
        info["allowed_updates"] = sorted(world.allowed_updates)
    return info


def choose_updates(world: World, params: Params) -> None:
    """Obey `allowed_updates`: absent leaves things as they are, an empty list means the default, unknown names are ignored."""
    wanted = params.array("allowed_updates", "allowed_updates")
    if wanted is not None:
        world.allowed_updates = frozenset(wanted) & _UPDATE_KINDS or DEFAULT_UPDATES


def _replace_webhook(world: World, webhook: Webhook | None, *, anew: bool = False) -> None:
    """Change the webhook. The same one again disturbs nothing, unless it is set `anew`: updates on their way there are not sent twice."""
    if webhook != world.webhook or anew:
        world.webhook, world.webhook_error = webhook, None
        world.webhook_generation += 1


def _drop_pending(world: World, params: Params) -> bool:
    """Forget what waits if the request says so, and return whether it did."""
    dropped = params.flag("drop_pending_updates")
    if dropped:
        world.pending.clear()
    return dropped


def _describe(world: World, params: Params, name: str, limit: int) -> bool:
    if len(params.text(name)) > limit:
        raise bad_request(f"BOT_{name.upper()}_TOO_LONG")
    world.settings[name, _language(params)] = params.text(name)
    return True


def _description(world: World, params: Params, name: str) -> dict[str, str]:
    return {name: world.settings.get((name, _language(params))) or world.settings.get((name, "")) or ""}


def _language(params: Params) -> str:
    code = params.text("language_code")
    if code and not re.fullmatch("[a-z]{2}", code):
        raise bad_request("invalid language code specified")
    return code


def _scope(world: World, params: Params) -> tuple[str, ...]:
    scope = params.object("scope", "BotCommandScope") or {"type": "default"}
    kind = scope.get("type")
    if kind in _PLAIN_SCOPES:
        return (kind,)
    if kind not in _CHAT_SCOPES:
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    chat_id = scope.get("chat_id")
    if chat_id in (None, ""):
        raise bad_request("can't parse BotCommandScope: Empty chat_id specified")
    if chat_id not in world.chats:
        raise bad_request("chat not found")
    member = (str(scope.get("user_id")),) if kind == "chat_member" else ()
    return (kind, str(chat_id), *member)
