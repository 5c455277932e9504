"""What ends by itself: presses, links to files, the right to delete a message."""

KEYBOARD = {"inline_keyboard": [[{"text": "Again", "callback_data": "again"}]]}
TOO_OLD = (400, "Bad Request: query is too old and response timeout expired or query ID is invalid")


def test_a_press_can_be_answered_for_150_seconds(telegram, api, person):
    sent = api("sendMessage", chat_id=person, text="x", reply_markup=KEYBOARD)["message_id"]
    presses = [telegram.press(person, sent, "again")["callback_query"]["id"] for _ in range(2)]
    telegram.pass_time(140)
    assert api("answerCallbackQuery", callback_query_id=presses[0]) is True
    telegram.pass_time(11)
    assert api("answerCallbackQuery", callback_query_id=presses[1]) == TOO_OLD


def test_a_file_can_be_had_for_an_hour_after_it_was_asked_for(telegram, api, person):
    file_id = telegram.voice(person, b"x", seconds=1)["message"]["voice"]["file_id"]
    path = api("getFile", file_id=file_id)["file_path"]
    telegram.pass_time(3500)
    assert api.download(path).content == b"x"
    telegram.pass_time(101)
    assert (api.download(path).status_code, api.download(path).json()["description"]) == (404, "Not Found")
    assert api("getFile", file_id=file_id)["file_path"] == path
    assert api.download(path).content == b"x"


def test_a_file_nobody_asked_for_cannot_be_had(telegram, api, person):
    telegram.voice(person, b"x", seconds=1)
    assert api.download("voice/file_1.oga").status_code == 404


def test_a_message_can_be_deleted_for_two_days(telegram, api, person):
    sent = [api("sendMessage", chat_id=person, text="x")["message_id"] for _ in range(2)]
    telegram.pass_time(48 * 3600 - 60)
    assert api("deleteMessage", chat_id=person, message_id=sent[0]) is True
    telegram.pass_time(60)
    assert api("deleteMessage", chat_id=person, message_id=sent[1]) == (400, "Bad Request: message can't be deleted")
    assert api("editMessageText", chat_id=person, message_id=sent[1], text="y")["text"] == "y"
