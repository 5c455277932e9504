"""The refusals (400, 403) that a bot like this one can meet, as the Bot API words them, for `faults.known`.

Written from the servers' source and Telegram's pages, and not from what the product makes of them. `Client.cpp` is that of
github.com/tdlib/telegram-bot-api, the other `.cpp` are in td/telegram of github.com/tdlib/td; a method name with a dot is a page
core.telegram.org/method/…, whose names reach the bot through `Client.cpp: fail_query_with_error`: as 400, but for the few that it rewrites.
"""

from dataclasses import dataclass

from localstack.telegram.refusals import Refusal, bad_request, forbidden

SEND = ("sendMessage",)
EDITS = ("editMessageText", "editMessageMedia", "editMessageReplyMarkup")
WRITES = (*SEND, *EDITS)


@dataclass(frozen=True, slots=True)
class Known:
    """A refusal, the methods that can meet it, and where that is written."""

    refusal: Refusal
    methods: tuple[str, ...]
    source: str


def _bad(methods: tuple[str, ...], source: str, *reasons: str) -> list[Known]:
    return [Known(bad_request(reason), methods, source) for reason in reasons]


def _forbidden(methods: tuple[str, ...], source: str, *reasons: str) -> list[Known]:
    return [Known(forbidden(reason), methods, source) for reason in reasons]


KNOWN: tuple[Known, ...] = (
    *_forbidden(
        (*WRITES, "deleteMessage", "sendChatAction", "setMyCommands"),
        "Client.cpp: check_chat_access with AccessRights::Write or Edit",
        "bot was kicked from the group chat",
        "bot is not a member of the group chat",
        "user is deactivated",
    ),
    *_forbidden(
        (*WRITES, "deleteMessage", "sendChatAction", "getChatMember", "setMyCommands"),
        "Client.cpp: check_chat_access",
        "bot was kicked from the supergroup chat",
        "bot was kicked from the channel chat",
        "bot is not a member of the supergroup chat",
        "bot is not a member of the channel chat",
    ),
    *_forbidden(("sendMessage", "deleteMessage", "getChatMember"), "Client.cpp: check_chat_access", "the group chat was deleted"),
    *_forbidden(SEND, "Client.cpp: fail_query_with_error, of USER_IS_BLOCKED", "bot was blocked by the user"),
    *_forbidden(
        SEND,
        "MessagesManager.cpp: process_send_message_fail_error",
        "bot can't initiate conversation with a user",
        "the bot can't send messages to the bot",
    ),
    *_bad(("setMyCommands", *WRITES), "Client.cpp: TdOnCheckChatCallback", "chat not found"),
    *_bad(WRITES, "Client.cpp: check_chat_access", "private chat not found"),
    *_bad(SEND, "Client.cpp: check_message_topic", "message thread not found"),
    *_bad(SEND, "Client.cpp: check_reply_parameters", "message to be replied not found"),
    *_bad(SEND, "messages.sendMessage", "REPLY_MESSAGE_ID_INVALID", "TOPIC_CLOSED", "TOPIC_DELETED"),
    *_bad(SEND, "seen at the Bot API", "TOPIC_ID_INVALID", "DIRECT_MESSAGES_TOPIC_ID_INVALID"),
    *_bad(
        SEND,
        "MessagesManager.cpp: process_send_message_fail_error, of REPLY_TO_MONOFORUM_PEER_INVALID",
        "wrong direct messages topic identifier specified",
    ),
    *_bad(
        SEND,
        "MessageTopic.cpp: get_message_topic",
        "chat is not a forum",
        "chat doesn't have threads",
        "invalid topic identifier specified",
        "topic not found",
    ),
    *_bad(SEND, "MessageTopic.cpp: get_send_message_topic", "channel direct messages topic must be specified"),
    *_bad(
        SEND,
        "DialogManager.cpp: can_send_message_to_dialog",
        "have no write access to the chat",
        "need administrator rights in the channel chat",
    ),
    *_bad(SEND, "MessageContent.cpp: can_send_message_content", "not enough rights to send text messages to the chat"),
    *_bad(
        SEND,
        "messages.sendMessage",
        "CHAT_ADMIN_REQUIRED",
        "CHAT_GUEST_SEND_FORBIDDEN",
        "CHAT_RESTRICTED",
        "CHAT_SEND_PLAIN_FORBIDDEN",
        "CHAT_WRITE_FORBIDDEN",
        "PEER_ID_INVALID",
        "USER_BANNED_IN_CHANNEL",
        "YOU_BLOCKED_USER",
    ),
    *_bad(SEND, "messages.sendMessage; MessagesManager.cpp: on_send_message_fail", "ALLOW_PAYMENT_REQUIRED_10", "CHANNEL_PRIVATE"),
    *_bad(
        WRITES,
        "BusinessConnectionManager.cpp: check_business_connection; messages.sendMessage",
        "business connection not found",
        "BUSINESS_CONNECTION_INVALID",
    ),
    *_bad(SEND, "older servers", "group chat was deactivated", "have no rights to send a message"),
    *_bad(
        EDITS,
        "Client.cpp: fail_query_with_error",
        "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply "
        "markup of the message",
    ),
    *_bad(EDITS, "Client.cpp: check_message", "message to edit not found"),
    *_bad(("editMessageText",), "MessagesManager.cpp: edit_message_text", "there is no text in the message to edit"),
    *_bad(("editMessageMedia",), "MessagesManager.cpp: edit_message_media", "message media can't be edited"),
    *_bad(EDITS, "MessagesManager.cpp: edit_message_text and its siblings", "message can't be edited", "message not found"),
    *_bad(
        EDITS,
        "messages.editMessage",
        "MESSAGE_AUTHOR_REQUIRED",
        "MESSAGE_EDIT_TIME_EXPIRED",
        "MESSAGE_ID_INVALID",
        "CHAT_ADMIN_REQUIRED",
        "CHAT_WRITE_FORBIDDEN",
        "USER_BANNED_IN_CHANNEL",
    ),
    *_bad(("editMessageMedia",), "MessageContent.cpp: can_send_message_content", "not enough rights to send documents to the chat"),
    *_bad(("editMessageMedia",), "messages.sendMedia", "CHAT_SEND_DOCS_FORBIDDEN"),
    *_bad(("deleteMessage",), "Client.cpp: check_message", "message to delete not found"),
    *_bad(
        ("deleteMessage",),
        "MessagesManager.cpp: delete_messages; Client.cpp: fail_query_with_error, of MESSAGE_DELETE_FORBIDDEN",
        "message can't be deleted",
        "message can't be deleted for everyone",
    ),
    *_bad(
        ("answerCallbackQuery",),
        "Client.cpp: fail_query_with_error, of QUERY_ID_INVALID",
        "query is too old and response timeout expired or query ID is invalid",
    ),
    *_bad(
        ("answerGuestQuery",),
        "Client.cpp: fail_query_with_error, of QUERY_ID_INVALID",
        "query is too old and response timeout expired or query ID is invalid",
    ),
    *_bad(("sendChatAction",), "DialogActionManager.cpp: send_dialog_action", "have no write access to the chat", "chat not found"),
    *_bad(
        ("sendChatAction",),
        "messages.setTyping",
        "CHAT_WRITE_FORBIDDEN",
        "USER_BANNED_IN_CHANNEL",
        "CHAT_ADMIN_REQUIRED",
    ),
    *_bad(("getChatMember",), "Client.cpp: TdOnCheckChatCallback", "chat not found"),
    *_bad(("getChatMember",), "DialogParticipantManager.cpp: get_channel_participant", "member not found", "member list is inaccessible"),
    *_bad(("getChatMember",), "channels.getParticipant", "CHAT_ADMIN_REQUIRED", "PARTICIPANT_ID_INVALID", "USER_NOT_PARTICIPANT"),
    *_bad(("getBusinessConnection",), "Client.cpp: TdOnCheckBusinessConnectionCallback", "business connection not found"),
    *_bad(("getFile",), "Client.cpp: do_get_file", "file is too big"),
    *_bad(
        ("getFile",),
        "Client.cpp: TdOnCheckRemoteFileIdCallback, on_update_file",
        "invalid file_id",
        "wrong file_id or the file is temporarily unavailable",
    ),
    *_bad(("getFile",), "upload.getFile", "FILE_REFERENCE_EXPIRED", "FILE_ID_INVALID"),
    *_bad(("getFile",), "FileManager.cpp", "wrong remote file identifier specified: can't unserialize it. Wrong last symbol"),
    *_bad(
        ("setWebhook",),
        "Client.cpp: do_set_webhook",
        "invalid webhook URL specified",
        "secret token is too long",
        "secret token contains unallowed characters",
    ),
    *_bad(("setWebhook",), "Client.cpp: on_webhook_closed", "bad webhook: Failed to resolve host: Name or service not known"),
)


def known(method: str, reason: str) -> Known:
    """Return the refusal of this method with this reason, its prefix aside. Raises KeyError for one that is not listed."""
    for one in KNOWN:
        if method in one.methods and one.refusal.description.split(": ", 1)[1] == reason:
            return one
    raise KeyError((method, reason))
