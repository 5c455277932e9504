"""Reply markup and link previews as the Bot API takes them."""

from typing import Any

from localstack.telegram.params import Params
from localstack.telegram.refusals import bad_request

MAX_CALLBACK_DATA_BYTES = 64
MAX_BUTTONS = 100
_OTHER_BUTTONS = (
    "url",
    "callback_game",
    "pay",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
)
_OTHER_MARKUPS = ("keyboard", "remove_keyboard", "force_reply")


def reply_markup(params: Params, *, inline_only: bool = False) -> dict[str, Any] | None:
    """Return the request's reply markup, None when it has none or an empty keyboard."""
    markup = params.object("reply_markup", "reply keyboard markup")
    if not markup:
        return None
    if "inline_keyboard" not in markup:
        if inline_only or not any(kind in markup for kind in _OTHER_MARKUPS):
            raise bad_request("inline keyboard expected")
        return markup
    rows = markup["inline_keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('field "inline_keyboard" must be an Array of Arrays')
    kept = [[_button(button) for button in row] for row in rows if row]
    if sum(len(row) for row in kept) > MAX_BUTTONS:
        raise bad_request("reply markup is too long")
    return {"inline_keyboard": kept} if kept else None


def _button(button: Any) -> dict[str, Any]:
    if not isinstance(button, dict):
        raise bad_request("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    if not isinstance(button.get("text"), str) or not button["text"]:
        raise bad_request("can't parse inline keyboard button: Can't find field \"text\"")
    data = button.get("callback_data")
    if not data and not any(kind in button for kind in _OTHER_BUTTONS):
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if data and len(str(data).encode()) > MAX_CALLBACK_DATA_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    return button


def link_preview(params: Params) -> dict[str, Any] | None:
    """Return the request's link preview options; the older `disable_web_page_preview` counts too."""
    options = params.object("link_preview_options", "link preview options")
    if options is None and params.flag("disable_web_page_preview"):
        return {"is_disabled": True}
    return options
