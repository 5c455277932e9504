"""Other programs act as people over HTTP."""

import pytest
import requests

from localstack.telegram import TelegramStandIn

TOKEN = "123456:AAF-made_up"
PERSON = 42
SHOWN = {"X-Control-Token": TOKEN}


def call(api, method: str, path: str, headers=SHOWN, **how) -> requests.Response:
    return api.session.request(method, f"{api.url}/control/{path}", headers=headers, timeout=60, **how)


def test_a_voice_sent_over_http_is_an_update_like_any_other(telegram: TelegramStandIn, api):
    answer = call(api, "POST", f"voice?chat_id={PERSON}&language_code=ru", data=b"OggS...")
    update = answer.json()
    assert answer.status_code == 200
    assert telegram.updates() == [update]
    assert update["message"]["from"]["language_code"] == "ru"
    assert api.download(api("getFile", file_id=update["message"]["voice"]["file_id"])["file_path"]).content == b"OggS..."


def test_the_chat_is_shown_as_the_person_sees_it(telegram: TelegramStandIn, api):
    update = call(api, "POST", f"voice?chat_id={PERSON}", data=b"OggS...").json()
    source = update["message"]["message_id"]
    status = api("sendMessage", chat_id=PERSON, text="Got it", reply_parameters={"message_id": source})["message_id"]
    gone = api("sendMessage", chat_id=PERSON, text="Oops")["message_id"]
    api("editMessageText", chat_id=PERSON, message_id=status, text="hello")
    api("deleteMessage", chat_id=PERSON, message_id=gone)
    assert call(api, "GET", f"messages?chat_id={PERSON}").json() == [
        {"message_id": source, "from_bot": False, "reply_to": None, "kind": "voice", "text": "", "edits": 0},
        {"message_id": status, "from_bot": True, "reply_to": source, "kind": "text", "text": "hello", "edits": 1},
    ]
    assert call(api, "GET", "messages?chat_id=999").json() == []


@pytest.mark.parametrize("token", [None, "wrong", b"\xff\xfe", "ключ".encode()])
@pytest.mark.parametrize(("method", "path"), [("POST", f"voice?chat_id={PERSON}"), ("GET", f"messages?chat_id={PERSON}")])
def test_without_the_bots_token_nothing_happens(telegram: TelegramStandIn, api, token, method: str, path: str):
    headers = {} if token is None else {"X-Control-Token": token}
    assert call(api, method, path, headers, data=b"OggS").status_code == 403
    assert telegram.updates() == []


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "voice"), ("POST", "voice?chat_id=anna"), ("POST", "voice?chat_id=0"), ("GET", "messages?chat_id=1.5")]
)
def test_a_chat_has_a_number(telegram: TelegramStandIn, api, method: str, path: str):
    answer = call(api, method, path, data=b"OggS")
    assert (answer.status_code, answer.json()) == (400, {"error": "chat_id must be a whole number other than 0"})
    assert telegram.updates() == []


def test_a_voice_needs_a_recording(telegram: TelegramStandIn, api):
    assert call(api, "POST", f"voice?chat_id={PERSON}").status_code == 400
    assert telegram.updates() == []
