"""AiogramChat against a server that records requests and answers them as it was told."""

import email.parser
import json
import logging
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import pytest

from pisar.adapters.telegram import AiogramChat
from pisar.adapters.telegram.lean_aiogram import types
from pisar.domain.answer_to import Reply
from pisar.domain.bots import OwnRights
from pisar.domain.messages import BusinessConnection, Button, Mark
from pisar.errors import MessageGone, Misconfigured, PisarError, Refused, Rejected, Rejection, Unavailable, Undeliverable
from tests.support.wrappings import WRAPPINGS, wrapped_voice

TOKEN = "123456:AbCsecretsecretsecret"
REPLY = Reply(chat_id=-100, message_id=42, thread_id=7)
KEYBOARD = ((Button("а", "set:ru"), Button("b", "set:en")), (Button("c", "erase:no"),))
MARKUP = {
    "inline_keyboard": [
        [{"text": "а", "callback_data": "set:ru"}, {"text": "b", "callback_data": "set:en"}],
        [{"text": "c", "callback_data": "erase:no"}],
    ]
}
PERSON = {"id": 7, "is_bot": False, "first_name": "Anna"}
MESSAGE = {"message_id": 5, "date": 1790000000, "chat": {"id": -100, "type": "supergroup"}, "text": "…"}


WRITES = {
    "sendMessage": lambda chat: chat.send(REPLY, "a"),
    "editMessageText": lambda chat: chat.edit(REPLY, 5, "a"),
    "editMessageMedia": lambda chat: chat.edit_into_document(REPLY, 5, ("a.txt", b"a"), "a"),
    "editMessageReplyMarkup": lambda chat: chat.show_buttons(REPLY, 5, KEYBOARD),
}


def refusal(status, description, **parameters):
    return status, {"ok": False, "error_code": status, "description": description} | ({"parameters": parameters} if parameters else {})


def migrated():
    return refusal(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=-900)


def good(result):
    return 200, {"ok": True, "result": result}


class CannedBotApi(ThreadingHTTPServer):
    """Answers each method, or file path, with what `answers` lists for it, in order, the last one for ever.

    An answer is a status and a JSON value or bytes; None drops the connection, "hang" keeps it open until the test ends, "late" gives the
    next answer after a second.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = {}
        self.requests = []
        self.over = threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request, client_address):
        """Stay silent when a client hangs up, as it does on purpose here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        chunked = self.headers["Transfer-Encoding"] == "chunked"
        body = b"".join(self.chunks()) if chunked else self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.reply(self.path.removeprefix(f"/bot{TOKEN}/"), self.fields(body))

    def do_GET(self):
        self.reply(self.path.removeprefix(f"/file/bot{TOKEN}/"), {})

    def chunks(self):
        while size := int(self.rfile.readline(), 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def fields(self, body):
        kind = self.headers["Content-Type"]
        if not kind.startswith("multipart/"):
            return dict(parse_qsl(body.decode(), keep_blank_values=True))
        parts = email.parser.BytesParser().parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body).get_payload()
        return dict(self.field(part) for part in parts)

    def field(self, part):
        # Clients write names in raw UTF-8, which the parser of letters keeps as surrogates.
        disposition = dict(part.raw_items())["Content-Disposition"].encode("ascii", "surrogateescape").decode()
        names = dict(re.findall(r'(\w+)="([^"]*)"', disposition))
        content = part.get_payload(decode=True)
        return names["name"], (names["filename"], content) if "filename" in names else content.decode()

    def reply(self, name, fields):
        self.server.requests.append((name, fields))
        answers = self.server.answers[name]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if answer == "late":
            self.server.over.wait(1)
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if answer == "hang":
            self.server.over.wait()
        if answer in (None, "hang"):
            self.close_connection = True
            return
        status, content = answer
        content = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.fixture
def api():
    server = CannedBotApi()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def chat(api):
    chat = AiogramChat(TOKEN, api_url=api.url, timeout_seconds=60)
    yield chat
    chat.close()


def test_a_message_is_a_silent_plain_reply_in_its_topic(api, chat):
    api.answers["sendMessage"] = [good(MESSAGE)]
    assert chat.send(REPLY, "<b>слово</b> https://example.org") == 5
    [(name, fields)] = api.requests
    assert json.loads(fields.pop("reply_parameters")) == {"message_id": 42, "allow_sending_without_reply": True}
    assert json.loads(fields.pop("link_preview_options")) == {"is_disabled": True}
    assert (name, fields) == (
        "sendMessage",
        {"chat_id": "-100", "text": "<b>слово</b> https://example.org", "message_thread_id": "7", "disable_notification": "true"},
    )


@pytest.mark.parametrize(("method", "write"), WRITES.items())
def test_what_was_written_is_written_whatever_lies_in_the_message_that_comes_back(api, chat, method, write):
    def refused(result):
        try:
            types.Message.model_validate(result)
        except ValueError:
            return True
        return False

    comes_back = [MESSAGE | {"reply_to_message": wrapped_voice(name)["message"]} for name in WRAPPINGS] + [{"message_id": 5}]
    assert sum(map(refused, comes_back)) > 30
    for result in comes_back:
        api.answers[method] = [good(result)]
        assert write(chat) in (5, None)
    assert len(api.requests) == len(comes_back)


def test_a_sent_message_without_an_id_may_have_been_sent(api, chat):
    api.answers["sendMessage"] = [good({"text": "a"})]
    with pytest.raises(Unavailable) as caught:
        chat.send(REPLY, "a")
    assert caught.value.after_seconds is None


def test_a_message_goes_into_its_topic_of_direct_messages(api, chat):
    api.answers["sendMessage"] = [good(MESSAGE)]
    chat.send(replace(REPLY, thread_id=None, topic_id=55), "a")
    [(_, fields)] = api.requests
    assert (fields["direct_messages_topic_id"], "message_thread_id" in fields) == ("55", False)


def test_an_edit_is_plain_too(api, chat):
    api.answers["editMessageText"] = [good(MESSAGE)]
    chat.edit(REPLY, 5, "текст")
    [(name, fields)] = api.requests
    assert json.loads(fields.pop("link_preview_options")) == {"is_disabled": True}
    assert (name, fields) == ("editMessageText", {"chat_id": "-100", "message_id": "5", "text": "текст"})


def test_a_document_goes_out_with_its_name_and_caption(api, chat):
    api.answers["editMessageMedia"] = [good(MESSAGE)]
    chat.edit_into_document(REPLY, 5, ("запись.txt", "текст".encode()), "начало…", KEYBOARD)
    [(name, fields)] = api.requests
    media = json.loads(fields.pop("media"))
    file_name, content = fields.pop(media.pop("media").removeprefix("attach://"))
    assert json.loads(fields.pop("reply_markup")) == MARKUP
    assert media == {"type": "document", "caption": "начало…"}
    assert (name, fields, file_name, content.decode()) == (
        "editMessageMedia",
        {"chat_id": "-100", "message_id": "5"},
        "запись.txt",
        "текст",
    )


def test_marks_go_out_as_entities_and_the_text_stays_plain(api, chat):
    api.answers["editMessageText"] = api.answers["editMessageMedia"] = [good(MESSAGE)]
    entities = [{"type": "bold", "offset": 0, "length": 5}, {"type": "expandable_blockquote", "offset": 6, "length": 4}]
    marks = (Mark("bold", 0, 5), Mark("quote", 6, 4))
    chat.edit(REPLY, 5, "Анна:\n<b>a", marks=marks)
    chat.edit_into_document(REPLY, 5, ("a.txt", b"a"), "Анна:\n<b>a", marks=marks)
    (_, text), (_, document) = api.requests
    assert (json.loads(text["entities"]), "parse_mode" in text) == (entities, False)
    assert json.loads(document["media"])["caption_entities"] == entities


EDITS = [
    ("editMessageText", lambda chat: chat.edit(REPLY, 5, "a")),
    ("editMessageMedia", lambda chat: chat.edit_into_document(REPLY, 5, ("a.txt", b"a"), "a")),
    ("editMessageReplyMarkup", lambda chat: chat.show_buttons(REPLY, 5, KEYBOARD)),
]


@pytest.mark.parametrize(
    ("method", "write"),
    [
        ("sendMessage", lambda chat, keyboard: chat.send(REPLY, "a", keyboard)),
        ("editMessageText", lambda chat, keyboard: chat.edit(REPLY, 5, "a", keyboard)),
        ("editMessageReplyMarkup", lambda chat, keyboard: chat.show_buttons(REPLY, 5, keyboard)),
    ],
)
def test_buttons_go_out_in_their_rows_and_none_are_no_keyboard(api, chat, method, write):
    api.answers[method] = [good(MESSAGE)]
    write(chat, KEYBOARD)
    write(chat, ())
    (_, with_buttons), (_, without) = api.requests
    assert (json.loads(with_buttons["reply_markup"]), "reply_markup" in without) == (MARKUP, False)


def test_an_answer_that_may_sound_notifies(api, chat):
    api.answers["sendMessage"] = [good(MESSAGE)]
    chat.send(replace(REPLY, silent=False), "a")
    assert api.requests[0][1]["disable_notification"] == "false"


@pytest.mark.parametrize("text", ["", "Готово"])
def test_a_press_is_answered_with_a_text_or_without(api, chat, text):
    api.answers["answerCallbackQuery"] = [good(True)]
    chat.acknowledge("77", text)
    assert api.requests == [("answerCallbackQuery", {"callback_query_id": "77"} | ({"text": text} if text else {}))]


@pytest.mark.parametrize("detail", ["query is too old and response timeout expired or query ID is invalid", "QUERY ID is invalid"])
def test_a_press_that_is_too_old_to_answer_is_let_be(api, chat, detail):
    api.answers["answerCallbackQuery"] = [refusal(400, f"Bad Request: {detail}")]
    chat.acknowledge("77")
    assert len(api.requests) == 1


def test_a_press_that_can_not_be_answered_otherwise_is_an_error(api, chat):
    api.answers["answerCallbackQuery"] = [refusal(400, "Bad Request: MESSAGE_TOO_LONG")]
    with pytest.raises(Unavailable):
        chat.acknowledge("77")


RIGHTS = {name: False for name, one in types.ChatMemberAdministrator.model_fields.items() if one.annotation is bool}
RESTRICTED = {name: False for name, one in types.ChatMemberRestricted.model_fields.items() if one.annotation is bool}
RESTRICTED |= {"status": "restricted", "is_member": True, "until_date": 0}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (good({"status": "creator", "is_anonymous": False, "user": PERSON}), True),
        (good({"status": "administrator", "user": PERSON} | RIGHTS), True),
        (good({"status": "member", "user": PERSON}), False),
        (good({"status": "left", "user": PERSON}), False),
        (good({"status": "kicked", "until_date": 0, "user": PERSON}), False),
        (good({"user": PERSON} | RESTRICTED), False),
        (refusal(400, "Bad Request: PARTICIPANT_ID_INVALID"), False),
        (refusal(400, "Bad Request: member not found"), False),
        (refusal(400, "Bad Request: member list is inaccessible"), None),
        (refusal(400, "Bad Request: CHAT_ADMIN_REQUIRED"), None),
        (refusal(400, "Bad Request: SOMETHING_OF_TOMORROW"), None),
    ],
)
def test_an_administrator_is_who_telegram_calls_one(api, chat, answer, expected):
    api.answers["getChatMember"] = [answer]
    assert chat.is_admin(-100, 7) is expected
    assert api.requests == [("getChatMember", {"chat_id": "-100", "user_id": "7"})]


@pytest.mark.parametrize(("status", "expected"), [("administrator", True), ("member", False)])
def test_an_administrator_whose_rights_are_those_of_another_version_is_one_all_the_same(api, chat, status, expected):
    user = {"id": 7, "is_bot": False, "first_name": "Anna"}
    api.answers["getChatMember"] = [good({"status": status, "user": user if expected else None})]
    assert chat.is_admin(-100, 7) is expected


def test_an_answer_about_a_member_that_nobody_can_read_is_an_error(api, chat):
    api.answers["getChatMember"] = [good("member")]
    with pytest.raises(Unavailable):
        chat.is_admin(-100, 7)


@pytest.mark.parametrize(("status", "expected"), [("administrator", True), ("creator", True), ("restricted", False), ("brand_new", False)])
def test_a_server_that_tells_less_of_an_administrator_than_the_library_expects_is_understood(api, chat, status, expected):
    api.answers["getChatMember"] = [good({"status": status, "user": PERSON})]
    assert chat.is_admin(-100, 7) is expected


def test_a_message_is_taken_out_of_the_chat(api, chat):
    api.answers["deleteMessage"] = [good(True)]
    chat.delete(REPLY, 5)
    assert api.requests == [("deleteMessage", {"chat_id": "-100", "message_id": "5"})]


@pytest.mark.parametrize("detail", ["message to delete not found", "message can't be deleted"])
def test_a_message_that_is_gone_or_too_old_to_be_taken_out_is_let_be(api, chat, detail):
    api.answers["deleteMessage"] = [refusal(400, f"Bad Request: {detail}")]
    chat.delete(REPLY, 5)
    assert len(api.requests) == 1


def test_nobody_is_no_administrator_and_telegram_is_not_asked(api, chat):
    assert (chat.is_admin(-100, None), api.requests) == (False, [])


def test_whether_somebody_administers_a_group_is_not_guessed_while_telegram_fails(api, chat):
    api.answers["getChatMember"] = [refusal(500, "Internal Server Error")]
    with pytest.raises(Unavailable):
        chat.is_admin(-100, 7)


BOT = {"id": 123456, "is_bot": True, "first_name": "Pisar", "username": "pisar_bot"}


@pytest.mark.parametrize(
    ("answer", "rights"),
    [
        (good({"status": "administrator", "user": BOT}), OwnRights(administrator=True, can_write=True)),
        (good({"status": "member", "user": BOT}), OwnRights(administrator=False, can_write=True)),
        (good({"status": "restricted", "user": BOT, "can_send_messages": True}), OwnRights(administrator=False, can_write=True)),
        (good({"status": "restricted", "user": BOT, "can_send_messages": False}), OwnRights(administrator=False, can_write=False)),
        (good({"status": "left", "user": BOT}), OwnRights(administrator=False, can_write=False)),
        (good({"status": "brand_new", "user": BOT}), None),
        (refusal(400, "Bad Request: CHAT_ADMIN_REQUIRED"), None),
    ],
)
def test_the_bot_knows_what_it_may_do_in_a_group_or_that_it_does_not(api, chat, answer, rights):
    api.answers |= {"getMe": [good(BOT)], "getChatMember": [answer]}
    assert chat.own_rights(-100) == rights
    assert api.requests == [("getMe", {}), ("getChatMember", {"chat_id": "-100", "user_id": "123456"})]


def test_whether_the_bot_is_given_all_messages_is_asked_anew_since_its_owner_may_change_it(api, chat):
    api.answers["getMe"] = [good(BOT | {"can_read_all_group_messages": reads}) for reads in (True, False, True)]
    assert chat.username() == "pisar_bot"
    assert [chat.reads_all_messages(), chat.reads_all_messages()] == [False, True]


def test_the_bots_name_is_asked_for_once(api, chat):
    api.answers["getMe"] = [good({"id": 123456, "is_bot": True, "first_name": "Pisar", "username": "pisar_bot"})]
    assert [chat.username(), chat.username()] == ["pisar_bot"] * 2
    assert api.requests == [("getMe", {})]


def test_something_is_shown_to_be_done_in_the_topic(api, chat):
    api.answers["sendChatAction"] = [good(True)]
    chat.show_working(REPLY)
    assert api.requests == [("sendChatAction", {"chat_id": "-100", "action": "typing", "message_thread_id": "7"})]


@pytest.mark.parametrize(("method", "edit"), EDITS)
def test_an_edit_that_changes_nothing_is_done(api, chat, method, edit):
    unchanged = "Bad Request: message is not modified: specified new message content and reply markup are exactly the same"
    api.answers[method] = [refusal(400, unchanged)]
    edit(chat)
    assert len(api.requests) == 1


@pytest.mark.parametrize(("method", "edit"), EDITS)
def test_editing_a_deleted_message_finds_it_gone(api, chat, method, edit):
    api.answers[method] = [refusal(400, "Bad Request: message to edit not found")]
    with pytest.raises(MessageGone):
        edit(chat)


def test_a_group_that_became_a_supergroup_gets_the_message_without_the_reply(api, chat):
    api.answers["sendMessage"] = [migrated(), good(MESSAGE)]
    assert chat.send(REPLY, "a") == 5
    fields = api.requests[1][1]
    assert {name: fields[name] for name in fields if name != "link_preview_options"} == {
        "chat_id": "-900",
        "text": "a",
        "disable_notification": "true",
    }


@pytest.mark.parametrize(("method", "edit"), EDITS)
def test_a_message_sent_after_the_change_to_a_supergroup_can_be_edited(api, chat, method, edit):
    api.answers[method] = [migrated(), good(MESSAGE)]
    edit(chat)
    assert [fields["chat_id"] for _, fields in api.requests] == ["-100", "-900"]


def test_a_chat_that_migrates_without_end_is_left_for_later(api, chat):
    api.answers["sendMessage"] = [migrated()]
    with pytest.raises(Unavailable):
        chat.send(REPLY, "a")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (refusal(400, "Bad Request: chat not found"), Undeliverable),
        (refusal(403, "Forbidden: bot was blocked by the user"), Undeliverable),
        (refusal(401, "Unauthorized"), Misconfigured),
        (refusal(404, "Not Found"), Misconfigured),
        (refusal(500, "Internal Server Error: restart"), Unavailable),
        ((502, b"<html>Bad Gateway</html>"), Unavailable),
        ((502, "<html>Ошибка</html>".encode("cp1251")), Unavailable),
        (refusal(418, "I'm a teapot"), Refused),
        ((200, b"{}"), Unavailable),
        (None, Unavailable),
    ],
)
def test_a_failed_send_is_ours_to_classify(api, chat, answer, expected):
    api.answers["sendMessage"] = [answer]
    with pytest.raises(PisarError) as caught:
        chat.send(REPLY, "a")
    assert type(caught.value) is expected


def test_too_many_requests_says_for_how_long(api, chat):
    api.answers["sendMessage"] = [refusal(429, "Too Many Requests: retry after 3", retry_after=3)]
    with pytest.raises(Unavailable) as caught:
        chat.send(REPLY, "a")
    assert caught.value.after_seconds == 3.0


def test_a_server_that_does_not_answer_is_unavailable(api):
    api.answers["sendMessage"] = ["hang"]
    chat = AiogramChat(TOKEN, api_url=api.url, timeout_seconds=0.1)
    with pytest.raises(Unavailable):
        chat.send(REPLY, "a")
    chat.close()


def test_a_server_that_is_not_there_is_unavailable(api):
    chat = AiogramChat(TOKEN, api_url="http://127.0.0.1:1", timeout_seconds=60)
    with pytest.raises(Unavailable):
        chat.send(REPLY, "a")
    chat.close()


def file(path="voice/file_0.oga", **fields):
    return good({"file_id": "f", "file_unique_id": "u", "file_path": path} | fields)


def test_a_file_is_fetched_by_its_id(api, chat):
    api.answers |= {"getFile": [file(file_size=4)], "voice/file_0.oga": [(200, b"OggS")]}
    assert chat.fetch("f", max_bytes=4) == b"OggS"
    assert api.requests == [("getFile", {"file_id": "f"}), ("voice/file_0.oga", {})]


def test_a_file_of_a_local_bot_api_server_is_fetched_over_http(api, chat):
    api.answers |= {"getFile": [file("/srv/bot/voice/file_0.oga")], "srv/bot/voice/file_0.oga": [(200, b"OggS")]}
    assert chat.fetch("f", max_bytes=4) == b"OggS"


@pytest.mark.parametrize(("max_mb", "in_time"), [(20, False), (2000, True)])
def test_a_larger_file_has_as_much_more_time(api, max_mb, in_time):
    """Telegram's own server has the file at hand; one's own answers getFile only once it has fetched all of it."""
    api.answers["getFile"] = ["late", file()]
    api.answers["voice/file_0.oga"] = [(200, b"OggS")]
    with (
        closing(AiogramChat(TOKEN, api_url=api.url, timeout_seconds=0.2)) as chat,
        nullcontext() if in_time else pytest.raises(Unavailable),
    ):
        assert chat.fetch("f", max_bytes=max_mb * 2**20) == b"OggS"


def test_a_file_of_which_the_server_tells_its_path_alone_is_fetched(api, chat):
    api.answers |= {"getFile": [good({"file_path": "voice/file_0.oga", "file_size": "4"})], "voice/file_0.oga": [(200, b"OggS")]}
    assert chat.fetch("f", max_bytes=4) == b"OggS"


def test_a_file_declared_too_big_is_not_downloaded(api, chat):
    api.answers["getFile"] = [file(file_size=3 * 2**20)]
    with pytest.raises(Rejected) as caught:
        chat.fetch("f", max_bytes=2**20)
    assert (caught.value.code, caught.value.details) == (Rejection.TOO_BIG, {"size_mb": 3.0, "limit_mb": 1})
    assert len(api.requests) == 1


@pytest.mark.parametrize("declared", [{}, {"file_size": 1}])
def test_a_file_that_turns_out_too_big_is_rejected(api, chat, declared):
    api.answers |= {"getFile": [file(**declared)], "voice/file_0.oga": [(200, bytes(2**20 + 1))]}
    with pytest.raises(Rejected) as caught:
        chat.fetch("f", max_bytes=2**20)
    assert (caught.value.code, caught.value.details["limit_mb"]) == (Rejection.TOO_BIG, 1)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (refusal(400, "Bad Request: file is too big"), Rejection.TOO_BIG),
        (refusal(400, "Bad Request: invalid file_id"), Rejection.FILE_UNAVAILABLE),
        (file(path=None), Rejection.FILE_UNAVAILABLE),
    ],
)
def test_a_file_telegram_does_not_give_is_rejected(api, chat, answer, code):
    api.answers["getFile"] = [answer]
    with pytest.raises(Rejected) as caught:
        chat.fetch("f", max_bytes=4)
    assert caught.value.code == code


@pytest.mark.parametrize("answer", [(404, b""), (500, b""), None])
def test_a_failed_download_may_succeed_later(api, chat, answer):
    api.answers |= {"getFile": [file()], "voice/file_0.oga": [answer]}
    with pytest.raises(Unavailable):
        chat.fetch("f", max_bytes=4)


@pytest.mark.parametrize("answer", [(404, b""), (502, b"<html>"), None, refusal(400, "Bad Request: odd"), refusal(401, "Unauthorized")])
@pytest.mark.parametrize("spoiled", ["getFile", "voice/file_0.oga", "sendMessage"])
def test_no_logged_failure_carries_the_token(api, chat, caplog, answer, spoiled):
    api.answers |= {"getFile": [file()], spoiled: [answer]}
    with pytest.raises(PisarError) as caught:
        chat.send(REPLY, "a") if spoiled == "sendMessage" else chat.fetch("f", max_bytes=4)
    logging.getLogger("test").error("failed", exc_info=caught.value)
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
    assert type(caught.value).__name__ in caplog.text
    assert "secret" not in caplog.text
    assert "127.0.0.1" not in caplog.text


@pytest.mark.parametrize("token", ["", "secret", "secret:1", "12:se cret"])
def test_what_is_no_token_is_refused_at_once_and_not_repeated(token):
    with pytest.raises(Misconfigured) as caught:
        AiogramChat(token)
    assert "TELEGRAM_BOT_TOKEN" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_threads_share_a_chat_and_it_can_be_used_after_closing(api, chat):
    api.answers["sendMessage"] = [good(MESSAGE)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: chat.send(REPLY, "a"), range(16))) == [5] * 16
    chat.close()
    chat.close()
    assert chat.send(REPLY, "a") == 5


def test_closing_stops_the_thread(api, chat):
    api.answers["sendMessage"] = [good(MESSAGE)]
    chat.send(REPLY, "a")
    assert "telegram" in {thread.name for thread in threading.enumerate()}
    chat.close()
    assert "telegram" not in {thread.name for thread in threading.enumerate()}


def test_a_connection_to_an_account_says_whose_it_is(api, chat):
    told = {"id": "bc", "user": PERSON | {"language_code": "ru"}, "user_chat_id": 7, "date": 1790000000, "is_enabled": True}
    api.answers["getBusinessConnection"] = [good(told)]
    expected = BusinessConnection(business_id="bc", owner_id=7, chat_id=7, enabled=True, language_code="ru")
    assert chat.business_connection("bc") == expected
    assert api.requests == [("getBusinessConnection", {"business_connection_id": "bc"})]


def test_a_connection_that_telegram_does_not_know_is_none(api, chat):
    api.answers["getBusinessConnection"] = [refusal(400, "Bad Request: business connection not found")]
    assert chat.business_connection("bc") is None


def test_a_guest_answers_with_one_message_and_edits_that(api, chat):
    api.answers |= {"answerGuestQuery": [good({"inline_message_id": "in"})], "editMessageText": [good(True)]}
    reply = replace(REPLY, guest_query="gq")
    assert chat.answer_guest(reply, "<b>слово</b>") == "in"
    chat.edit(replace(reply, inline_id="in"), 0, "text")
    chat.delete(replace(reply, inline_id="in"), 0)
    chat.show_working(reply)
    (_, answered), (_, edited) = api.requests
    result = json.loads(answered["result"])
    assert (answered["guest_query_id"], result["type"], result["input_message_content"]["message_text"]) == (
        "gq",
        "article",
        "<b>слово</b>",
    )
    assert "parse_mode" not in result["input_message_content"]
    assert (edited["inline_message_id"], edited["text"], "chat_id" in edited, "message_id" in edited) == ("in", "text", False, False)
