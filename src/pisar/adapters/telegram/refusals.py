"""What follows from each refusal (400 or 403) of the Bot API, by the method that was called and the words of its description.

The Bot API documents no descriptions. These come from the source of its server: `Client.cpp` is github.com/tdlib/telegram-bot-api, every
other `.cpp` is td/telegram in github.com/tdlib/td, and names in capitals come from Telegram's own servers, which core.telegram.org/method/…
lists by method. `Client.cpp: fail_query_with_error` writes the prefix, makes 403 of some names and 400 of the other names that came with
403, and lowers a first letter. So the code does not decide, the words do, and case does not count.

A description is listed whole or by its first words; one that ends with "_" or ":" goes on with anything. What is not listed may pass or may
not, and nobody knows: it is tried again, `pisar.domain.jobs.MAX_REFUSED` times in all.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

FORBIDDEN: Final = 403


class Consequence(StrEnum):
    """What the bot does after a refusal. None of these refusals has changed anything in the chat."""

    DONE = "done"
    """Nothing is left to do: the chat is as the call wanted it, or it does not matter."""
    WITHOUT_THREAD = "without thread"
    """The message is sent again as a reply alone."""
    WITHOUT_REPLY = "without reply"
    """The message is sent again without the reply."""
    WITHOUT_DOCUMENT = "without document"
    """The text is sent as messages."""
    GONE = "gone"
    """The message is not there, or not to be edited any more: another takes its place."""
    FINAL = "final"
    """Nothing can be told in this chat: this try ends quietly, and asking again is a new one."""
    FILE_UNAVAILABLE = "file unavailable"
    """The person is told that the file can't be had."""
    TOO_BIG = "too big"
    """The person is told the limit."""
    ABSENT = "absent"
    """The person asked about is no member of the chat, or the account is not connected."""
    UNSEEN = "unseen"
    """The bot may not see who the members are."""
    MISCONFIGURED = "misconfigured"
    """The owner is told what to correct."""
    TRIED_AGAIN = "tried again"
    """It may pass or may not: a few more tries."""


class Rule(NamedTuple):
    """The descriptions that have one consequence for these methods, and where they come from."""

    consequence: Consequence
    methods: frozenset[str]
    source: str
    said: tuple[str, ...]


SEND = frozenset({"sendMessage", "sendDocument"})
EDIT = frozenset({"editMessageText", "editMessageMedia", "editMessageReplyMarkup"})
WRITE = SEND | EDIT
DOCUMENT = frozenset({"sendDocument", "editMessageMedia"})
MEMBER = frozenset({"getChatMember"})
MENU = frozenset({"setMyCommands", "getMyCommands", "setMyDescription", "setMyShortDescription"})
FILE = frozenset({"getFile"})
WEBHOOK = frozenset({"setWebhook"})
PRESS = frozenset({"answerCallbackQuery"})
GUEST = frozenset({"answerGuestQuery"})
ACCOUNT = frozenset({"getBusinessConnection"})

RULES: Final = (
    Rule(
        Consequence.DONE,
        EDIT,
        "Client.cpp: fail_query_with_error, of MESSAGE_NOT_MODIFIED",
        ("message is not modified",),
    ),
    Rule(
        Consequence.DONE,
        PRESS,
        "Client.cpp: fail_query_with_error, of QUERY_ID_INVALID; the second from older servers",
        ("query is too old", "query ID is invalid"),
    ),
    Rule(
        Consequence.FINAL,
        GUEST,
        "Client.cpp: fail_query_with_error, of QUERY_ID_INVALID",
        ("query is too old",),
    ),
    Rule(
        Consequence.WITHOUT_THREAD,
        SEND,
        "Client.cpp: check_message_topic, TdOnCheckForumTopicCallback",
        ("message thread not found",),
    ),
    Rule(
        Consequence.WITHOUT_THREAD,
        SEND,
        "core.telegram.org/method/messages.sendMessage; the topics' ids were seen at the Bot API",
        ("TOPIC_CLOSED", "TOPIC_DELETED", "TOPIC_ID_INVALID", "DIRECT_MESSAGES_TOPIC_ID_INVALID"),
    ),
    Rule(
        Consequence.WITHOUT_THREAD,
        SEND,
        "MessageTopic.cpp: get_message_topic; ForumTopicManager.cpp: can_be_forum_topic_id; MessagesManager.cpp",
        (
            "chat doesn't have threads",
            "chat doesn't have topics",
            "chat is not a forum",
            "chat is not an administered channel direct messages chat",
            "invalid forum topic identifier specified",
            "invalid message thread identifier specified",
            "invalid topic identifier specified",
            "topic not found",
        ),
    ),
    Rule(
        Consequence.WITHOUT_THREAD,
        SEND,
        "MessagesManager.cpp: process_send_message_fail_error, of REPLY_TO_MONOFORUM_PEER_INVALID",
        ("wrong direct messages topic identifier specified",),
    ),
    Rule(
        Consequence.WITHOUT_REPLY,
        SEND,
        "Client.cpp: check_reply_parameters, which gives it without access to the messages, whatever allow_sending_without_reply says",
        ("message to be replied not found",),
    ),
    Rule(
        Consequence.WITHOUT_REPLY,
        SEND,
        "core.telegram.org/method/messages.sendMessage; the words from older servers",
        ("MSG_ID_INVALID", "REPLY_MESSAGE_ID_INVALID", "REPLY_TO_INVALID", "REPLY_TO_USER_INVALID", "reply message not found"),
    ),
    Rule(
        Consequence.WITHOUT_DOCUMENT,
        DOCUMENT,
        "MessageContent.cpp: can_send_message_content",
        ("not enough rights to send documents to the chat",),
    ),
    Rule(
        Consequence.WITHOUT_DOCUMENT,
        DOCUMENT,
        "core.telegram.org/method/messages.sendMedia and messages.editMessage",
        ("CHAT_SEND_DOCS_FORBIDDEN", "CHAT_SEND_MEDIA_FORBIDDEN", "DOCUMENT_INVALID", "MEDIA_EMPTY", "MEDIA_INVALID", "MEDIA_NEW_INVALID"),
    ),
    Rule(
        Consequence.GONE,
        EDIT,
        "Client.cpp: check_message, TdOnEditMessageCallback; MessagesManager.cpp: edit_message_text, edit_message_media",
        (
            "message to edit not found",
            "message not found",
            "message can't be edited",
            "message media can't be edited",
            "there is no text in the message to edit",
        ),
    ),
    Rule(
        Consequence.GONE,
        EDIT,
        "core.telegram.org/method/messages.editMessage",
        (
            "INLINE_BOT_REQUIRED",
            "MEDIA_PREV_INVALID",
            "MESSAGE_AUTHOR_REQUIRED",
            "MESSAGE_EDIT_TIME_EXPIRED",
            "MESSAGE_ID_INVALID",
            "MSG_ID_INVALID",
        ),
    ),
    Rule(
        Consequence.ABSENT,
        ACCOUNT,
        "Client.cpp: TdOnCheckBusinessConnectionCallback, which calls every refusal so",
        ("business connection not found",),
    ),
    Rule(
        Consequence.ABSENT,
        MEMBER,
        "DialogParticipantManager.cpp: do_get_dialog_participant; Client.cpp: TdOnCheckChatCallback",
        ("member not found", "user not found", "chat not found"),
    ),
    Rule(
        Consequence.ABSENT,
        MEMBER,
        "core.telegram.org/method/channels.getParticipant",
        ("PARTICIPANT_ID_INVALID", "USER_ID_INVALID", "USER_NOT_PARTICIPANT"),
    ),
    Rule(
        Consequence.UNSEEN,
        MEMBER,
        "DialogParticipantManager.cpp: get_channel_participant; core.telegram.org/method/channels.getParticipant",
        ("member list is inaccessible", "CHAT_ADMIN_REQUIRED", "CHANNEL_PRIVATE", "CHANNEL_INVALID"),
    ),
    Rule(
        Consequence.FINAL,
        WRITE | MEMBER | MENU,
        "Client.cpp: check_chat_access",
        (
            "user is deactivated",
            "private chat not found",
            "the group chat was deleted",
            "bot was kicked from the group chat",
            "bot was kicked from the supergroup chat",
            "bot was kicked from the channel chat",
            "bot is not a member of the group chat",
            "bot is not a member of the supergroup chat",
            "bot is not a member of the channel chat",
        ),
    ),
    Rule(
        Consequence.FINAL,
        WRITE,
        "Client.cpp: fail_query_with_error, of USER_IS_BLOCKED",
        ("bot was blocked by the user", "USER_IS_BLOCKED"),
    ),
    Rule(
        Consequence.FINAL,
        WRITE,
        "MessagesManager.cpp: process_send_message_fail_error, of PEER_ID_INVALID and USER_IS_BOT",
        ("bot can't initiate conversation with a user", "the bot can't send messages to the bot", "PEER_ID_INVALID", "USER_IS_BOT"),
    ),
    Rule(
        Consequence.FINAL,
        WRITE | MENU,
        "Client.cpp: TdOnCheckChatCallback",
        ("chat not found",),
    ),
    Rule(
        Consequence.FINAL,
        WRITE,
        "DialogManager.cpp: check_dialog_access, can_send_message_to_dialog; MessagesManager.cpp: do_send_message",
        (
            "can't access the chat",
            "chat is not accessible",
            "have no access to the chat",
            "have no write access to the chat",
            "need administrator rights in the channel chat",
        ),
    ),
    Rule(
        Consequence.FINAL,
        WRITE,
        "MessageContent.cpp: can_send_message_content",
        ("not enough rights to send text messages to the chat",),
    ),
    Rule(
        Consequence.FINAL,
        WRITE,
        "MessageTopic.cpp: get_send_message_topic",
        ("channel direct messages topic must be specified",),
    ),
    Rule(
        Consequence.FINAL,
        WRITE,
        "core.telegram.org/method/messages.sendMessage, messages.sendMedia and messages.editMessage",
        (
            "CHANNEL_INVALID",
            "CHANNEL_PUBLIC_GROUP_NA",
            "CHAT_ADMIN_REQUIRED",
            "CHAT_FORBIDDEN",
            "CHAT_GUEST_SEND_FORBIDDEN",
            "CHAT_ID_INVALID",
            "CHAT_RESTRICTED",
            "CHAT_SEND_PLAIN_FORBIDDEN",
            "CHAT_WRITE_FORBIDDEN",
            "INPUT_USER_DEACTIVATED",
            "PREMIUM_ACCOUNT_REQUIRED",
            "PRIVACY_PREMIUM_REQUIRED",
            "USER_BANNED_IN_CHANNEL",
            "USER_BOT_INVALID",
            "USER_BOT_TO_BOT_DISABLED",
            "USER_DELETED",
            "YOU_BLOCKED_USER",
        ),
    ),
    Rule(
        Consequence.FINAL,
        WRITE,
        "BusinessConnectionManager.cpp: check_business_connection; core.telegram.org/method/messages.sendMessage",
        (
            "business connection not found",
            "chat must be a private chat",
            "messages must not be sent to self",
            "BUSINESS_CONNECTION_INVALID",
            "BUSINESS_PEER_INVALID",
            "BUSINESS_PEER_USAGE_MISSING",
        ),
    ),
    Rule(
        Consequence.FINAL,
        WRITE,
        "older servers, before `the group chat was deleted` and `not enough rights to send …`",
        ("group chat was deactivated", "have no rights to send a message"),
    ),
    Rule(
        Consequence.TOO_BIG,
        FILE,
        "Client.cpp: do_get_file, on_update_file",
        ("file is too big",),
    ),
    Rule(
        Consequence.FILE_UNAVAILABLE,
        FILE,
        "Client.cpp: check_remote_file_id, TdOnCheckRemoteFileIdCallback, on_update_file; FileManager.cpp",
        (
            "file_id not specified",
            "invalid file_id",
            "wrong file_id or the file is temporarily unavailable",
            "wrong file identifier",
            "wrong remote file identifier specified",
            "can't download or generate the file",
            "file download has failed or was canceled",
            "file not found",
        ),
    ),
    Rule(
        Consequence.FILE_UNAVAILABLE,
        FILE,
        "core.telegram.org/method/upload.getFile; FileReferenceManager.cpp",
        ("FILE_ID_INVALID", "FILE_REFERENCE_", "LOCATION_INVALID"),
    ),
    Rule(
        Consequence.MISCONFIGURED,
        WEBHOOK,
        "Client.cpp: do_set_webhook, on_webhook_closed",
        ("bad webhook:", "invalid webhook URL specified", "secret token is too long", "secret token contains unallowed characters"),
    ),
    Rule(
        Consequence.TRIED_AGAIN,
        WRITE,
        "MessagesManager.cpp: on_send_message_fail; ChatManager.cpp: on_get_channel_error; core.telegram.org/method/messages.sendMessage",
        (
            "ALLOW_PAYMENT_REQUIRED",
            "ALLOW_PAYMENT_REQUIRED_",
            "BALANCE_TOO_LOW",
            "CHANNEL_PRIVATE",
            "EDIT_MESSAGE_TEMP_RESTRICTED",
            "message send failed",
            "message was not sent",
        ),
    ),
    Rule(
        Consequence.TRIED_AGAIN,
        WRITE | PRESS,
        "Client.cpp: get_input_message_text; ReplyMarkup.cpp; MessagesManager.cpp: a text or a keyboard that the bot should not have sent",
        (
            "BUTTON_DATA_INVALID",
            "MESSAGE_EMPTY",
            "MESSAGE_TOO_LONG",
            "REPLY_MARKUP_INVALID",
            "message caption is too long",
            "message is too long",
            "message text is empty",
            "reply markup is too long",
            "text must be non-empty",
        ),
    ),
)

UNLISTED: Final[Mapping[str, Consequence]] = {
    "deleteMessage": Consequence.DONE,  # the message is gone, or stays
    "sendChatAction": Consequence.DONE,  # it lasts for seconds
    "getChatMember": Consequence.UNSEEN,
    "getFile": Consequence.FILE_UNAVAILABLE,  # the server itself calls most of them `invalid file_id`
}
"""The consequence of every 400 that is not listed, for methods whose refusals all come to the same."""


def consequence(method: str, code: int, description: str) -> Consequence:
    """Return what follows from a refusal of `method` with `code` 400 or 403. An unlisted 403 is final wherever the bot writes."""
    said = description.removeprefix("Bad Request: ").removeprefix("Forbidden: ").casefold()
    for rule in RULES:
        if method in rule.methods and any(_begins(said, words.casefold()) for words in rule.said):
            return rule.consequence
    otherwise = UNLISTED.get(method)
    if code == FORBIDDEN and method not in FILE:
        return otherwise if otherwise is Consequence.DONE else Consequence.DONE if method in PRESS else Consequence.FINAL
    return otherwise or Consequence.TRIED_AGAIN


def _begins(said: str, words: str) -> bool:
    if not said.startswith(words):
        return False
    following = said[len(words) :][:1]
    return words[-1] in "_:" or not (following.isalnum() or following in {"_", "'"})
