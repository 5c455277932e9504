"""The Bot API method of guest mode: a bot is mentioned in a chat where it isn't, and answers there once.

core.telegram.org/api/bots/guest-mode. The answer is posted by Telegram in the bot's name; the bot can edit it by its
`inline_message_id`. How long a query may be answered is not published: here as long as a press, which is a guess, as is that a second
answer is refused.
"""

from typing import Any

from localstack.telegram import markup, texts
from localstack.telegram.params import Params
from localstack.telegram.refusals import bad_request
from localstack.telegram.world import Content, StoredFile, World

TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


def answer_guest_query(world: World, params: Params) -> dict[str, str]:
    """Post the answer, an InlineQueryResult with a text or with a file known by its id; return its inline_message_id."""
    content = _content(world, params.object("result", "inline query result"))
    query = world.guest_queries.get(params.text("guest_query_id"))
    if query is None or query["answers"] or world.now() - query["at"] > world.press_seconds:
        raise bad_request(TOO_OLD)
    extras = {"guest_bot_caller_user": query["caller"]}
    message = world.add_message(query["chat"], world.me, content, own=True, reply_to=query["message_id"], extras=extras)
    query["answers"].append(message)
    inline = f"guest-{params.text('guest_query_id')}"
    world.inline_messages[inline] = message
    return {"inline_message_id": inline}


def _content(world: World, result: dict[str, Any] | None) -> Content:
    """Return what a result says; a text's limits are those of a message (Client.cpp, get_inline_query_result)."""
    if result is None:
        raise bad_request("result isn't specified")
    for name in ("type", "id"):
        if not isinstance(result.get(name), str):
            raise bad_request(f'can\'t find field "{name}"')
    keyboard = markup.reply_markup(Params({"reply_markup": result.get("reply_markup")}), inline_only=True)
    if isinstance(said := result.get("input_message_content"), dict):
        if not said.get("message_text"):
            raise bad_request("message text is empty")
        text, entities = texts.parse(str(said["message_text"]), str(said.get("parse_mode") or ""), said.get("entities") or ())
        if texts.units(text) > texts.MAX_TEXT_UNITS:
            raise bad_request("MESSAGE_TOO_LONG")
        preview = said.get("link_preview_options")
        return Content(text=text, entities=entities, markup=keyboard, link_preview=preview)
    if result["type"] == "article":
        raise bad_request('can\'t find field "message_text"')
    caption, entities = texts.parse(str(result.get("caption") or ""), str(result.get("parse_mode") or ""), ())
    return Content(text=caption, entities=entities, file=_known_file(world, result), markup=keyboard)


def _known_file(world: World, result: dict[str, Any]) -> StoredFile:
    file = world.files.get(str(result.get(f"{result['type']}_file_id")))
    if file is None:
        raise bad_request("wrong remote file identifier specified: Wrong string length")
    return file
