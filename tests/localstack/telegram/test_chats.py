"""Who may write where: blocked, kicked, migrated; what people's messages look like."""


def test_a_bot_blocked_by_a_person_cannot_write_to_them(telegram, api, person):
    update = telegram.block(person)["my_chat_member"]
    assert (update["old_chat_member"]["status"], update["new_chat_member"]["status"]) == ("member", "kicked")
    assert api("sendMessage", chat_id=person, text="x") == (403, "Forbidden: bot was blocked by the user")
    assert telegram.unblock(person)["my_chat_member"]["new_chat_member"]["status"] == "member"
    assert api("sendMessage", chat_id=person, text="x")["text"] == "x"


def test_a_bot_kicked_from_a_group_cannot_write_there(telegram, api):
    for chat_id, kind in ((-5, "group"), (-1_000_000_000_005, "supergroup")):
        telegram.text(chat_id, "hi")
        telegram.kick(chat_id)
        assert api("sendMessage", chat_id=chat_id, text="x") == (403, f"Forbidden: bot was kicked from the {kind} chat")
        telegram.invite(chat_id)
        assert api("sendMessage", chat_id=chat_id, text="x")["chat"]["type"] == kind


def test_a_migrated_group_names_its_successor(telegram, api):
    telegram.text(-5, "hi")
    successor = telegram.migrate(-5)
    assert api.post("sendMessage", chat_id=-5, text="x").json() == {
        "ok": False,
        "error_code": 400,
        "description": "Bad Request: group chat was upgraded to a supergroup chat",
        "parameters": {"migrate_to_chat_id": successor},
    }
    assert api("sendMessage", chat_id=successor, text="x")["chat"]["type"] == "supergroup"
    assert [
        update["message"].get("migrate_to_chat_id", update["message"].get("migrate_from_chat_id")) for update in telegram.updates()[1:]
    ] == [successor, -5]


def test_supergroups_count_their_own_messages(telegram):
    ids = [telegram.text(chat, "x")["message"]["message_id"] for chat in (1, -5, -1_000_000_000_005, -1_000_000_000_006)]
    assert ids == [1, 2, 1, 1]


def test_a_message_tells_who_sent_it_how(telegram):
    first = telegram.text(-5, "hi", user=7)["message"]
    message = telegram.text(
        -5, "/start@pisar_bot @pisar_bot", user=8, language_code="ru", reply_to=first["message_id"], forwarded=True, media_group_id="g"
    )["message"]
    assert message["from"] == {"id": 8, "is_bot": False, "first_name": "Person 8", "username": "person_8", "language_code": "ru"}
    assert message["reply_to_message"]["message_id"] == first["message_id"]
    assert (message["forward_origin"]["type"], message["media_group_id"]) == ("user", "g")
    assert message["entities"] == [{"type": "bot_command", "offset": 0, "length": 16}, {"type": "mention", "offset": 17, "length": 10}]


def test_an_edited_message_is_an_update_of_its_own(telegram, person):
    sent = telegram.text(person, "one")["message"]["message_id"]
    update = telegram.edit(person, sent, "two")
    assert (update["edited_message"]["message_id"], update["edited_message"]["text"]) == (sent, "two")
    assert telegram.messages(person)[-1].text == "two"
