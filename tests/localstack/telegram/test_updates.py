"""How updates reach the bot: getUpdates, the webhook, re-sending."""

import json
import threading
import time

import pytest


def ids(updates):
    return [update["update_id"] for update in updates]


def test_updates_are_handed_out_until_confirmed_by_an_offset(telegram, api):
    first, second, third = (telegram.text(1, word)["update_id"] for word in ("a", "b", "c"))
    assert ids(api("getUpdates", limit=2)) == [first, second]
    assert ids(api("getUpdates", offset=second)) == [second, third]
    assert telegram.pending_count() == 2
    assert ids(api("getUpdates", offset=-1)) == [third]
    assert ids(api("getUpdates", offset=third + 1)) == []


def test_a_long_poll_answers_as_soon_as_there_is_something(telegram, api):
    answers = []
    poll = threading.Thread(target=lambda: answers.append(api("getUpdates", timeout=50)))
    poll.start()
    telegram.wait_for(lambda: telegram.calls("getUpdates"))
    update = telegram.text(1, "a")
    poll.join(20)
    assert answers == [[update]]


@pytest.mark.parametrize(
    ("disturb", "reason"),
    [
        (("getUpdates", {}), "terminated by other getUpdates request; make sure that only one bot instance is running"),
        (("setWebhook", {"url": "http://127.0.0.1:9/"}), "terminated by setWebhook request"),
    ],
)
def test_a_long_poll_ends_when_updates_are_taken_another_way(telegram, api, disturb, reason):
    answers = []
    poll = threading.Thread(target=lambda: answers.append(api("getUpdates", timeout=50)))
    poll.start()
    telegram.wait_for(lambda: telegram.calls("getUpdates"))
    api(disturb[0], **disturb[1])
    poll.join(20)
    assert answers == [(409, f"Conflict: {reason}")]


def test_only_the_updates_asked_for_are_kept(telegram, api, person):
    api("getUpdates", allowed_updates=["callback_query"])
    telegram.text(person, "unseen")
    assert [update["message"]["text"] for update in api("getUpdates")] == ["/start"]
    api("getUpdates", allowed_updates=[])
    telegram.text(person, "seen")
    assert [update["message"]["text"] for update in api("getUpdates")] == ["/start", "seen"]


def test_the_webhook_gets_each_update_with_the_secret(telegram, api, receiver):
    assert api("setWebhook", url=receiver.url, secret_token="s-e_cret", max_connections=3, allowed_updates=["message"]) is True
    update = telegram.voice(1, b"x", seconds=1)
    assert receiver.wait_for(1) == [update]
    assert receiver.secrets == ["s-e_cret"]
    telegram.wait_for(lambda: telegram.delivery(update["update_id"]).state == "delivered")
    assert [(attempt.status, attempt.error) for attempt in telegram.delivery(update["update_id"]).attempts] == [(200, None)]
    info = api("getWebhookInfo")
    assert info == {
        "url": receiver.url,
        "has_custom_certificate": False,
        "pending_update_count": 0,
        "max_connections": 3,
        "ip_address": "127.0.0.1",
        "allowed_updates": ["message"],
    }
    reason = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
    assert api("getUpdates") == (409, f"Conflict: {reason}")


@pytest.mark.parametrize(
    ("arguments", "description"),
    [
        ({"url": "ftp://a.example"}, "invalid webhook URL specified"),
        ({"url": "http://a.example", "secret_token": "a" * 257}, "secret token is too long"),
        ({"url": "http://a.example", "secret_token": "a b"}, "secret token contains unallowed characters"),
    ],
)
def test_a_webhook_that_is_none_is_refused(api, arguments, description):
    assert api("setWebhook", **arguments) == (400, f"Bad Request: {description}")
    assert api("getWebhookInfo")["url"] == ""


def test_what_the_webhook_refuses_is_sent_again_in_order_with_growing_delays(telegram, api, receiver):
    receiver.answers = [(500, b"", {}), "drop", (302, b"", {"Location": receiver.url})]
    api("setWebhook", url=receiver.url)
    first, second = telegram.text(1, "a"), telegram.text(1, "b")
    assert ids(receiver.wait_for(5)) == [first["update_id"]] * 4 + [second["update_id"]]
    waits = [later - earlier for earlier, later in zip(receiver.times[:3], receiver.times[1:4], strict=True)]
    assert [wait >= least for wait, least in zip(waits, (0.02, 0.04, 0.08), strict=True)] == [True] * 3
    attempts = telegram.delivery(first["update_id"]).attempts
    assert [attempt.status for attempt in attempts] == [500, None, 302, 200]
    assert [attempt.error for attempt in attempts][:2] == [
        "Wrong response from the webhook: 500 Internal Server Error",
        "Connection closed by the webhook",
    ]
    info = telegram.wait_for(lambda: not telegram.pending_count() and api("getWebhookInfo"))
    assert (info["pending_update_count"], info["last_error_message"]) == (0, "Wrong response from the webhook: 302 Found")
    assert abs(info["last_error_date"] - time.time()) < 60


def test_retry_after_of_the_webhook_is_obeyed(telegram, api, receiver):
    receiver.answers = [(503, b"", {"Retry-After": "1"})]
    api("setWebhook", url=receiver.url)
    telegram.text(1, "a")
    receiver.wait_for(2)
    assert receiver.times[1] - receiver.times[0] >= 1


def test_no_answer_in_time_counts_as_a_failure(telegram, api, receiver):
    telegram.patience.timeout_seconds = 0.3
    receiver.gate.clear()
    api("setWebhook", url=receiver.url)
    update = telegram.text(1, "a")
    receiver.wait_for(2)
    telegram.patience.timeout_seconds = 30  # a busy machine may take long over an answer that does come
    receiver.gate.set()
    delivery = telegram.wait_for(lambda: (d := telegram.delivery(update["update_id"])).state == "delivered" and d)
    assert (delivery.attempts[0].error, delivery.attempts[-1].status) == ("Read timeout expired", 200)
    assert delivery.attempts[0].seconds >= 0.3


def test_a_webhook_that_is_not_there_gets_its_updates_later(telegram, api, receiver):
    api("setWebhook", url="http://127.0.0.1:9/")
    update = telegram.text(1, "a")
    telegram.wait_for(lambda: telegram.delivery(update["update_id"]).attempts)
    assert api("getWebhookInfo")["last_error_message"] == "Connection refused"
    assert api("getWebhookInfo")["pending_update_count"] == 1
    api("setWebhook", url=receiver.url)
    assert receiver.wait_for(1) == [update]


def test_an_update_is_dropped_when_its_time_is_over(make, receiver):
    telegram, api = make(webhook_first_retry_seconds=0.02, webhook_give_up_seconds=0.05)
    receiver.answers = [(500, b"", {})] * 9
    api("setWebhook", url=receiver.url)
    update = telegram.text(1, "a")
    delivery = telegram.wait_for(lambda: (d := telegram.delivery(update["update_id"])).state != "waiting" and d)
    assert (delivery.state, {attempt.status for attempt in delivery.attempts}, telegram.pending_count()) == ("dropped", {500}, 0)


def test_chats_do_not_wait_for_one_another_but_for_a_free_connection(make, receiver):
    telegram, api = make()
    receiver.gate.clear()
    api("setWebhook", url=receiver.url, max_connections=2)
    chats = range(1, 21)
    for chat_id in chats:
        telegram.text(chat_id, "a")
        telegram.text(chat_id, "b")
    receiver.wait_for(2)
    with receiver.lock:
        assert not receiver.lock.wait_for(lambda: receiver.busy > 2, 0.5)  # a third would come at once
    receiver.gate.set()
    received = receiver.wait_for(40)
    assert receiver.most_busy == 2
    for chat_id in chats:
        assert [update["message"]["text"] for update in received if update["message"]["chat"]["id"] == chat_id] == ["a", "b"]


def test_pending_updates_can_be_dropped_and_deleting_the_webhook_ends_it(telegram, api, receiver):
    telegram.text(1, "old")
    api("setWebhook", url=receiver.url, drop_pending_updates=True)
    new = telegram.text(1, "new")
    assert receiver.wait_for(1) == [new]
    telegram.wait_for(lambda: not telegram.pending_count())
    assert api("deleteWebhook") is True
    later = telegram.text(1, "later")
    assert api("getUpdates") == [later]


def test_the_same_webhook_again_keeps_its_last_error_unless_pending_updates_are_dropped(telegram, api, receiver):
    receiver.answers = [(403, b"", {}), (200, b"", {})]
    api("setWebhook", url=receiver.url)
    telegram.text(1, "a")
    receiver.wait_for(2)
    error = "Wrong response from the webhook: 403 Forbidden"
    api("setWebhook", url=receiver.url)
    assert api("getWebhookInfo").get("last_error_message") == error
    api("setWebhook", url=receiver.url, drop_pending_updates=True)
    assert api("getWebhookInfo").get("last_error_message") is None


def test_setting_the_same_webhook_again_does_not_send_twice_what_is_on_its_way(telegram, api, receiver):
    receiver.gate.clear()
    api("setWebhook", url=receiver.url, secret_token="s")
    update = telegram.text(1, "a")
    receiver.wait_for(1)
    api("setWebhook", url=receiver.url, secret_token="s")
    receiver.gate.set()
    telegram.wait_for(lambda: telegram.delivery(update["update_id"]).state == "delivered")
    assert receiver.received == [update]
    assert len(telegram.delivery(update["update_id"]).attempts) == 1


def test_a_method_in_the_webhooks_answer_is_carried_out(telegram, api, receiver):
    answer = json.dumps({"method": "sendMessage", "chat_id": 1, "text": "at once"}).encode()
    refused = json.dumps({"method": "sendMessage", "chat_id": 999, "text": "x"}).encode()
    forbidden = json.dumps({"method": "deleteWebhook"}).encode()
    receiver.answers = [(200, body, {"Content-Type": "application/json"}) for body in (forbidden, refused, answer)]
    api("setWebhook", url=receiver.url)
    for word in ("a", "b", "c"):
        telegram.text(1, word)
    [message] = telegram.wait_for(lambda: telegram.answers(1))
    assert message.text == "at once"
    carried_out = [
        (call.method, call.status)
        for call in telegram.wait_for(lambda: len(telegram.calls("sendMessage")) == 2 and telegram.calls())
        if call.via == "webhook"
    ]
    assert carried_out == [("sendMessage", 400), ("sendMessage", 200)]
    assert api("getWebhookInfo")["url"] == receiver.url


def test_an_update_can_be_delivered_several_times_at_once(make, receiver):
    telegram, api = make()
    receiver.gate.clear()
    receiver.answers = [(500, b"", {})]
    api("setWebhook", url=receiver.url, secret_token="s")
    update = telegram.voice(1, b"x", seconds=1, held=True)
    coming = telegram.deliver(update, times=3)
    assert receiver.wait_for(3) == [update] * 3
    assert receiver.most_busy == 3
    receiver.gate.set()
    assert sorted(attempt.status for attempt in coming.result(60)) == [200, 200, 500]
    assert (receiver.secrets, telegram.pending_count()) == (["s"] * 3, 0)
    assert telegram.delivery(update["update_id"]).state == "delivered"


def test_an_update_can_be_delivered_several_times_in_a_row(telegram, api, receiver):
    api("setWebhook", url=receiver.url)
    attempts = telegram.deliver({"poll": {}}, times=2, at_once=False).result(60)
    assert (receiver.most_busy, [attempt.status for attempt in attempts]) == (1, [200, 200])


def test_a_stand_in_stopped_and_started_goes_on(make, loop, receiver):
    telegram, api = make(webhook_first_retry_seconds=0.02)
    api("setWebhook", url=receiver.url)
    loop.run(telegram.stop())
    update = telegram.text(1, "a")
    loop.run(telegram.start())
    assert receiver.wait_for(1) == [update]
