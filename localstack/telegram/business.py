"""Bot API methods for business accounts that people have connected the bot to."""

from typing import Any

from localstack.telegram import describe, messages
from localstack.telegram.params import Params
from localstack.telegram.refusals import bad_request
from localstack.telegram.world import Connection, World


def get_business_connection(world: World, params: Params) -> dict[str, Any]:
    """Return a connection."""
    return describe.connection_json(world, _connection(world, params))


def delete_business_messages(world: World, params: Params) -> bool:
    """Delete messages of one chat: those that the bot sent, or all, by what the account allows.

    core.telegram.org/bots/api#deletebusinessmessages. BOT_ACCESS_FORBIDDEN is the server's word for a right that is missing; that it is
    said here is a guess.
    """
    connection = _connection(world, params)
    wanted = params.array("message_ids", "message identifiers")
    if not wanted:
        raise bad_request("message identifiers are not specified")
    found = [one for chat in connection.chats.values() for number in wanted if (one := world.find(chat, number))]
    allowed = connection.rights if connection.enabled else frozenset()
    if not ("can_delete_all_messages" in allowed or ("can_delete_sent_messages" in allowed and all(one.own for one in found))):
        raise bad_request("BOT_ACCESS_FORBIDDEN")
    for message in found:
        messages.remove(message)
    return True


def _connection(world: World, params: Params) -> Connection:
    connection = world.connections.get(params.text("business_connection_id"))
    if connection is None:
        raise bad_request("business connection not found")
    return connection
