"""`pisar status` as it prints."""

import json
from collections.abc import Iterator

import pytest

from pisar.domain.answer_to import Reply
from pisar.domain.jobs import Job, Lease, Options, State
from pisar.domain.workers import Presence
from pisar.errors import Unavailable
from pisar.owner.status import Overview
from pisar.ports.queues import Depth, Depths
from pisar.state.waiting_jobs import Line
from pisar.wiring import cli as bootstrap
from tests.support.twins import ManualClock, MemoryDepths, MemoryObjectStore

NOW = 1_700_000_000.0
WORKING, WAITING = "0123456789abcdef" * 2, "fedcba9876543210" * 2


class ShakyStore(MemoryObjectStore):
    down = False

    def keys(self, prefix: str, *, after: str = "") -> Iterator[str]:
        if self.down:
            raise Unavailable("Object Storage can't be reached: ConnectTimeoutError")
        return super().keys(prefix, after=after)


@pytest.fixture
def store(monkeypatch) -> ShakyStore:
    """A busy deployment that the command finds."""
    store = ShakyStore()
    depths: Depths | None = MemoryDepths(Depth("pisar-errands", 4, 1), Depth("pisar-voice", 2), Depth("pisar-dead"))
    store.depths = depths  # type: ignore[attr-defined]
    clock = ManualClock(NOW)
    reply = Reply(chat_id=4242, message_id=1)
    job = Job(id=WORKING, state=State.WORKING, created_at=NOW - 75, options=Options(prompt="secret words"), answer_to=reply, progress=0.5)
    job = Job(**{name: getattr(job, name) for name in Job.__slots__} | {"lease": Lease(owner="x", until=NOW + 9), "audio_seconds": 200.0})
    store.put(f"jobs/{WORKING}.json", job.encode())
    waits = Job(id=WAITING, state=State.QUEUED, created_at=NOW - 5, options=Options(), answer_to=reply)
    store.put(f"jobs/{WAITING}.json", waits.encode())
    Line(store).join(waits, at_most=100)
    for name, beat_at, jobs in (("voice-a", NOW - 4, (WORKING,)), ("voice-b", NOW - 100, ()), ("errands-c", NOW, ())):
        one = Presence(name=name, role=name[:-2], host="vm1", started_at=NOW - 7200, beat_at=beat_at, every_seconds=15, job_ids=jobs)
        store.put(f"workers/{name}.json", one.encode())
    monkeypatch.setattr(bootstrap, "overview", lambda _environment: Overview(store, clock, store.depths))  # type: ignore[attr-defined]
    return store


def rows(out: str) -> list[list[str]]:
    """The cells of every line that is a row."""
    return [[cell for cell in line.split("  ") if cell.strip()] for line in out.splitlines() if line.strip()]


def cells(out: str, first: str) -> list[str]:
    (found,) = [row for row in rows(out) if row[0].strip() == first]
    return [cell.strip() for cell in found]


@pytest.mark.usefixtures("store")
def test_queues_workers_and_jobs_are_shown(pisar):
    ran = pisar("status", "--once")
    assert (ran.code, ran.err) == (0, "")
    assert cells(ran.out, "pisar-errands") == ["pisar-errands", "4", "1"]
    assert cells(ran.out, "pisar-voice") == ["pisar-voice", "2", "–"]
    assert cells(ran.out, "pisar-dead") == ["pisar-dead", "–", "–"]
    assert cells(ran.out, "voice-a") == ["voice-a", "voice", "vm1", "working", "2 h 0 min", "4 s ago", "01234567"]
    assert cells(ran.out, "voice-b") == ["voice-b", "voice", "vm1", "gone", "2 h 0 min", "1 min ago"]
    assert cells(ran.out, "errands-c") == ["errands-c", "errands", "vm1", "waiting", "2 h 0 min", "0 s ago"]
    assert cells(ran.out, "01234567") == ["01234567", "chat", "working", "1 min", "3 min", "50%", "0", "voice-a"]
    assert cells(ran.out, "fedcba98") == ["fedcba98", "chat", "queued", "5 s", "0", "1"]


def test_where_the_output_is_no_terminal_it_looks_once(pisar, store):
    del store
    assert cells(pisar("status").out, "pisar-errands") == ["pisar-errands", "4", "1"]


def test_programs_get_json_that_says_neither_who_asked_nor_what(pisar, store):
    del store
    ran = pisar("status", "--json")
    found = json.loads(ran.out)
    assert found["queues"][1] == {"name": "pisar-voice", "waiting": 2, "held": None}
    assert [(one["name"], one["gone"], one["jobs"]) for one in found["workers"]] == [
        ("errands-c", False, []),
        ("voice-a", False, [WORKING]),
        ("voice-b", True, []),
    ]
    assert [(one["id"], one["place"], one["workers"]) for one in found["jobs"]] == [(WORKING, None, ["voice-a"]), (WAITING, 0, [])]
    assert (found["waiting"], found["waiting_not_listed"], found["problems"]) == (1, 0, {})
    assert (found["oldest_waiting_seconds"], found["dead_letters"], found["records_cut_short"]) == (5.0, 0, False)
    assert "4242" not in ran.out
    assert "secret words" not in ran.out


def test_a_broker_that_is_down_is_named_and_the_rest_is_shown(pisar, store):
    store.depths.error = Unavailable("the broker does not answer: ConnectionRefusedError")
    ran = pisar("status", "--once")
    assert ran.code == 1
    assert "✗ queues: the broker does not answer: ConnectionRefusedError" in ran.out
    assert cells(ran.out, "voice-a")[3] == "working"


def test_where_nothing_answers_it_says_so_and_nothing_else(pisar, store):
    store.depths.error = Unavailable("the broker does not answer: ConnectionRefusedError")
    store.down = True
    ran = pisar("status")
    said = [line for line in ran.out.splitlines() if line.strip()][1:]
    assert (ran.code, said) == (
        1,
        ["✗ queues: the broker does not answer: ConnectionRefusedError", "✗ store: Object Storage can't be reached: ConnectTimeoutError"],
    )
    assert json.loads(pisar("status", "--json").out)["queues"] is None


def test_an_empty_deployment_is_told_in_words(pisar, store):
    store.depths = None
    for key in list(store.keys("")):
        store.delete(key)
    said = pisar("status").out
    for sentence in ("neither PISAR_BROKER_URL nor PISAR_QUEUE_URL is set", "No worker has shown itself", "No job is in flight"):
        assert sentence in said


def test_a_line_that_is_longer_than_what_is_shown_says_how_much(pisar, store):
    for number in range(50):
        job = Job(id=f"{number:032}", state=State.QUEUED, created_at=NOW - 100 + number, options=Options())
        store.put(f"jobs/{job.id}.json", job.encode())
        Line(store).join(job, at_most=100)
    said = pisar("status").out
    assert "31 more jobs wait" in said
    assert "The first in line has waited for 1 min." in said


def test_messages_that_no_worker_could_read_are_told_with_the_command_that_shows_them(pisar, store):
    assert "dead-letters" not in pisar("status").out
    store.put("dead-letters/1", b"?")
    assert "Messages that no worker could read: 1. `pisar dead-letters list` shows them." in pisar("status").out
    assert json.loads(pisar("status", "--json").out)["dead_letters"] == 1


def test_a_look_at_more_records_than_are_read_says_that_it_was_cut_short(pisar, store):
    for number in range(1001):
        store.put(f"jobs/{number:032}.json", b"?")
    assert "There are more job records than were read" in pisar("status", "--all").out
    assert "There are more job records than were read" not in pisar("status").out


def test_without_a_bucket_it_says_what_is_missing(pisar, monkeypatch):
    monkeypatch.delenv("PISAR_BUCKET", raising=False)
    ran = pisar("status")
    assert (ran.code, "PISAR_BUCKET is not set" in ran.err) == (2, True)
