"""The Bot API's methods by name, and the one way to carry one out.

A name counts in any case. `getUpdates` is not here: it may wait, so the server answers it itself.
"""

import time
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

from localstack.telegram import business, edits, guests, members, messages, settings
from localstack.telegram.params import Params
from localstack.telegram.refusals import too_many_requests
from localstack.telegram.world import World

METHODS: dict[str, Callable[[World, Params], Any]] = {
    "getMe": settings.get_me,
    "getFile": messages.get_file,
    "getChat": members.get_chat,
    "getChatAdministrators": members.get_chat_administrators,
    "getChatMember": members.get_chat_member,
    "sendMessage": messages.send_message,
    "sendDocument": messages.send_document,
    "sendChatAction": messages.send_chat_action,
    "editMessageText": edits.edit_message_text,
    "editMessageCaption": edits.edit_message_caption,
    "editMessageMedia": edits.edit_message_media,
    "editMessageReplyMarkup": edits.edit_message_reply_markup,
    "deleteMessage": messages.delete_message,
    "answerCallbackQuery": messages.answer_callback_query,
    "answerGuestQuery": guests.answer_guest_query,
    "getBusinessConnection": business.get_business_connection,
    "deleteBusinessMessages": business.delete_business_messages,
    "setMyCommands": settings.set_my_commands,
    "getMyCommands": settings.get_my_commands,
    "deleteMyCommands": settings.delete_my_commands,
    "setMyDescription": settings.set_my_description,
    "getMyDescription": settings.get_my_description,
    "setMyShortDescription": settings.set_my_short_description,
    "getMyShortDescription": settings.get_my_short_description,
    "setWebhook": settings.set_webhook,
    "deleteWebhook": settings.delete_webhook,
    "getWebhookInfo": settings.get_webhook_info,
}
GET_UPDATES = "getUpdates"
_CANONICAL = {name.lower(): name for name in (*METHODS, GET_UPDATES)}
_COUNTED = ("sendMessage", "sendDocument", "editMessageText", "editMessageCaption", "editMessageMedia", "editMessageReplyMarkup")


def canonical(name: str) -> str | None:
    """Return the method's name as documented, None if there is no such method."""
    return _CANONICAL.get(name.lower())


class FloodControl:
    """Limits on messages and edits, in one chat and in all, off unless asked for.

    Telegram's FAQ for bots (core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this) names one message a second in a chat,
    20 a minute in a group, and 30 a second in all. What it really enforces, and whether an edit counts as much as a message, is not
    published; here it does.
    """

    def __init__(
        self,
        messages_per_second: float | None = None,
        group_messages_per_minute: int | None = None,
        messages_per_second_in_all: int | None = None,
    ) -> None:
        self.messages_per_second = messages_per_second
        self.group_messages_per_minute = group_messages_per_minute
        self.messages_per_second_in_all = messages_per_second_in_all
        self._sent: dict[int, deque[float]] = defaultdict(deque)
        self._all: deque[float] = deque()

    def check(self, method: str, params: Params) -> None:
        """Count a request, or refuse it with the seconds until it would pass."""
        chat_id = params.values.get("chat_id")
        if method not in _COUNTED or not isinstance(chat_id, int):
            return
        now, sent = time.monotonic(), self._sent[chat_id]
        _forget(sent, now - 60)
        _forget(self._all, now - 1)
        waits = [0.0]
        if self.messages_per_second and sent:
            waits.append(sent[-1] + 1 / self.messages_per_second - now)
        if self.group_messages_per_minute and chat_id < 0 and len(sent) >= self.group_messages_per_minute:
            waits.append(sent[-self.group_messages_per_minute] + 60 - now)
        if self.messages_per_second_in_all and len(self._all) >= self.messages_per_second_in_all:
            waits.append(self._all[-self.messages_per_second_in_all] + 1 - now)
        if max(waits) > 0:
            raise too_many_requests(max(waits))
        sent.append(now)
        self._all.append(now)


def _forget(times: deque[float], before: float) -> None:
    while times and times[0] <= before:
        times.popleft()
