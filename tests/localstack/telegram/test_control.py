"""Other programs act as people over HTTP."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from localstack.telegram import TelegramStandIn, control

TOKEN = "123456:AAF-made_up"
PERSON = 42
GROUP = -5
KEYBOARD = {"inline_keyboard": [[{"text": "Again", "callback_data": "again"}]]}
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
    api("editMessageText", chat_id=PERSON, message_id=status, text="hello", reply_markup=KEYBOARD)
    api("deleteMessage", chat_id=PERSON, message_id=gone)
    assert call(api, "GET", f"messages?chat_id={PERSON}").json() == [
        {"message_id": source, "from_bot": False, "reply_to": None, "kind": "voice", "text": "", "name": None, "buttons": [], "edits": 0},
        {
            "message_id": status,
            "from_bot": True,
            "reply_to": source,
            "kind": "text",
            "text": "hello",
            "name": None,
            "buttons": [{"text": "Again", "data": "again"}],
            "edits": 1,
        },
    ]
    assert call(api, "GET", "messages?chat_id=999").json() == []


@pytest.mark.parametrize("token", [None, "wrong", b"\xff\xfe", "ключ".encode()])
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", f"{what}?chat_id={PERSON}") for what in ("voice", "file", "text", "press")] + [("GET", f"messages?chat_id={PERSON}")],
)
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


@pytest.mark.parametrize("path", ["voice?", "file?", "text?", "file?kind=hologram&"])
def test_what_is_sent_needs_a_body_and_a_kind_that_there_is(telegram: TelegramStandIn, api, path: str):
    data = b"x" if "kind" in path else b""
    assert call(api, "POST", f"{path}chat_id={PERSON}", data=data).status_code == 400
    assert telegram.updates() == []


@pytest.mark.parametrize("kind", ["voice", "audio", "video", "video_note", "animation", "document", "photo", "sticker"])
def test_a_file_is_sent_as_the_kind_asked_for(api, kind: str):
    message = call(api, "POST", f"file?chat_id={PERSON}&kind={kind}&seconds=9", data=b"bytes").json()["message"]
    media = message[kind][-1] if kind == "photo" else message[kind]
    assert media.get("duration", 9) == 9
    assert api.download(api("getFile", file_id=media["file_id"])["file_path"]).content == b"bytes"


def test_a_person_writes_in_a_topic_in_answer_to_a_message_in_their_language(api):
    first = call(api, "POST", f"text?chat_id={GROUP}&user=7", data="привет".encode()).json()["message"]
    path = f"file?chat_id={GROUP}&user=8&language_code=uk&reply_to={first['message_id']}&name=a.wav&caption=ru"
    second = call(api, "POST", path, data=b"RIFF").json()["message"]
    assert (first["text"], first["from"]["id"], first["from"]["language_code"]) == ("привет", 7, "en")
    assert (second["from"]["id"], second["from"]["language_code"], second["caption"]) == (8, "uk", "ru")
    assert (second["document"]["file_name"], second["reply_to_message"]["message_id"]) == ("a.wav", first["message_id"])
    topic = call(api, "POST", "text?chat_id=-1000000000007&thread=4", data=b"x").json()["message"]
    assert (topic["message_thread_id"], topic["is_topic_message"]) == (4, True)


def test_a_person_presses_the_newest_button_of_that_label_or_data(telegram: TelegramStandIn, api):
    telegram.text(GROUP, "hi")
    sent = [api("sendMessage", chat_id=GROUP, text="x", reply_markup=KEYBOARD)["message_id"] for _ in range(2)]
    presses = [
        call(api, "POST", f"press?chat_id={GROUP}&user=7&{which}").json()["callback_query"]
        for which in ("label=Again", "data=again", f"data=again&message_id={sent[0]}")
    ]
    assert [press["message"]["message_id"] for press in presses] == [sent[1], sent[1], sent[0]]
    assert [(press["data"], press["from"]["id"]) for press in presses] == [("again", 7)] * 3
    assert call(api, "POST", f"press?chat_id={GROUP}").status_code == 400


def test_a_press_waits_for_its_button(telegram: TelegramStandIn, api, monkeypatch):
    telegram.text(PERSON, "hi")
    with ThreadPoolExecutor(1) as pool:
        press = pool.submit(requests.post, f"{api.url}/control/press?chat_id={PERSON}&label=Again", headers=SHOWN, timeout=60)
        api("sendMessage", chat_id=PERSON, text="x", reply_markup=KEYBOARD)
        assert press.result().json()["callback_query"]["data"] == "again"
    monkeypatch.setattr(control, "PRESS_PATIENCE_SECONDS", 0.0)
    assert call(api, "POST", f"press?chat_id={PERSON}&label=Other").json() == {"error": "there is no such button"}


def test_what_a_member_may_not_send_is_refused(telegram: TelegramStandIn, api):
    telegram.permit(GROUP, denied=["can_send_voice_notes"])
    answer = call(api, "POST", f"voice?chat_id={GROUP}&user=7", data=b"OggS")
    assert (answer.status_code, answer.json()) == (400, {"error": f"7 may send no voice notes to chat {GROUP}"})
