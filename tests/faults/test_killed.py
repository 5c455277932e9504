"""SIGKILL to the transcriber or to the webhook function at every one of their steps in turn.

The server that the process talks to kills it: "before" its request has had an effect, or "after", when it never learns of it.
Between two such moments the process does nothing that another could see.
"""

import pytest

from localstack.faults import Action

from .conftest import Cloud

pytestmark = pytest.mark.slow

RECORD, AUDIO, TRANSCRIPT, CACHE = "/jobs/", "/audio/", "/texts/", "/cache/"

TRANSCRIBER_STEPS = [
    ("claimed", "storage", "before", {"method": "PUT", "path": RECORD}),
    ("claimed", "storage", "after", {"method": "PUT", "path": RECORD}),
    ("fetched", "storage", "after", {"method": "GET", "path": AUDIO}),
    ("looked for others' transcript", "storage", "after", {"method": "GET", "path": CACHE}),
    ("recognised", "storage", "before", {"method": "PUT", "path": TRANSCRIPT}),
    ("kept", "storage", "after", {"method": "PUT", "path": TRANSCRIPT}),
    ("kept for others", "storage", "after", {"method": "PUT", "path": CACHE, "skip": 1}),
    ("renewed", "storage", "after", {"method": "PUT", "path": RECORD, "skip": 1}),
    ("answered", "telegram", "before", {"path": "/editMessageText"}),
    ("answered", "telegram", "after", {"path": "/editMessageText"}),
    ("finished", "storage", "before", {"method": "PUT", "path": RECORD, "skip": 2}),
    ("finished", "storage", "after", {"method": "PUT", "path": RECORD, "skip": 2}),
    ("erased", "storage", "before", {"method": "DELETE", "path": AUDIO}),
    ("erased", "storage", "after", {"method": "DELETE", "path": AUDIO}),
]

SOUND_STEPS = [
    ("new message sent", "telegram", "before", {"path": "/sendMessage", "skip": 1}),
    ("new message sent", "telegram", "after", {"path": "/sendMessage", "skip": 1}),
    ("new message noted", "storage", "before", {"method": "PUT", "path": RECORD, "skip": 2}),
    ("new message noted", "storage", "after", {"method": "PUT", "path": RECORD, "skip": 2}),
    ("answered", "telegram", "after", {"path": "/editMessageText"}),
    ("placeholder deleted", "telegram", "before", {"path": "/deleteMessage"}),
    ("placeholder deleted", "telegram", "after", {"path": "/deleteMessage"}),
]

WEBHOOK_STEPS = [
    ("recorded", "storage", "before", {"method": "PUT", "path": RECORD}),
    ("recorded", "storage", "after", {"method": "PUT", "path": RECORD}),
    ("status sent", "telegram", "before", {"path": "/sendMessage"}),
    ("status sent", "telegram", "after", {"path": "/sendMessage"}),
    ("status noted", "storage", "after", {"method": "PUT", "path": RECORD, "skip": 1}),
    ("file asked for", "telegram", "after", {"path": "/getFile"}),
    ("stored", "storage", "before", {"method": "PUT", "path": AUDIO}),
    ("stored", "storage", "after", {"method": "PUT", "path": AUDIO}),
    ("queued", "storage", "before", {"path": "SendMessage"}),
    ("queued", "storage", "after", {"path": "SendMessage"}),
    ("noted as queued", "storage", "after", {"method": "PUT", "path": RECORD, "skip": 2}),
]


def name(step: tuple[str, str, str, dict[str, object]]) -> str:
    return f"{step[2]}-{step[0].replace(' ', '-')}"


def plant(cloud: Cloud, deployable: str, step: tuple[str, str, str, dict[str, object]]) -> None:
    _, server, when, request = step
    spoil = cloud.spoil_storage if server == "storage" else cloud.spoil_telegram
    caller = {"caller": f"app/{deployable}"} if server == "storage" else {}
    spoil(Action.KILL, when=when, pids=cloud.pids(deployable), **request, **caller)


def assert_it_happened(cloud: Cloud) -> None:
    assert len(cloud.stack.storage.fired()) + len(cloud.stack.telegram.faults.fired) == 1


@pytest.mark.parametrize("step", TRANSCRIBER_STEPS, ids=name)
def test_the_transcriber_killed(cloud: Cloud, step: tuple[str, str, str, dict[str, object]]):
    plant(cloud, "transcriber", step)
    cloud.send()
    cloud.assert_answered_once()
    assert_it_happened(cloud)


@pytest.mark.parametrize("step", SOUND_STEPS, ids=name)
def test_the_transcriber_killed_where_the_answer_makes_a_sound(cloud: Cloud, step: tuple[str, str, str, dict[str, object]]):
    cloud.want_sound()
    plant(cloud, "transcriber", step)
    cloud.send()
    # A new message that was sent and not noted stays as a notice.
    unnoted = step[:3] == ("new message sent", "telegram", "after") or step[:3] == ("new message noted", "storage", "before")
    cloud.assert_answered_once(placeholders=1 if unnoted else 0)
    assert not cloud.answers()[0].silent
    assert_it_happened(cloud)


@pytest.mark.parametrize("step", WEBHOOK_STEPS, ids=name)
def test_the_webhook_function_killed(cloud: Cloud, step: tuple[str, str, str, dict[str, object]]):
    plant(cloud, "webhook", step)
    cloud.send()
    # Killed after a send whose message nobody noted, it leaves that placeholder behind: never a second answer. The audio is fetched and
    # stored meanwhile.
    sending = step[:3] == ("status sent", "telegram", "after") or step[0] in {"file asked for", "stored"}
    cloud.assert_answered_once(placeholders=1 if sending else 0)
    assert_it_happened(cloud)
