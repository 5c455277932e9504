"""The numbers as Prometheus reads them, over HTTP and by its own parser; the dashboard asks for none that nobody tells."""

import json
import math
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
import requests
import yaml
from prometheus_client.parser import text_string_to_metric_families

from pisar.adapters.prometheus import PrometheusMeter
from pisar.domain.jobs import Outcome
from pisar.errors import Unavailable
from tests.support.brokers import free_port
from tests.support.composed import ROOT

Found = dict[tuple[str, frozenset[tuple[str, str]]], float]
DASHBOARD = json.loads((ROOT / "containers" / "grafana" / "dashboards" / "pisar.json").read_text(encoding="utf-8"))
EXPRESSIONS = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
WORDS = {"sum", "by", "rate", "max", "histogram_quantile", "le", "outcome", "instance", "route", "status", "m", "job", "pisar"}


class Read:
    """A meter that is served."""

    def __init__(self, look: Callable[[], float] | None = None) -> None:
        self.port = free_port()
        self.meter = PrometheusMeter()
        self.meter.watch_line(look or (lambda: 3), look or (lambda: 12.5))
        self.meter.serve("127.0.0.1", self.port)

    def text(self) -> str:
        answer = requests.get(f"http://127.0.0.1:{self.port}/metrics", timeout=10)
        answer.raise_for_status()
        return answer.text

    def numbers(self) -> Found:
        families = text_string_to_metric_families(self.text())
        return {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}

    def number(self, name: str, **labels: str) -> float:
        return self.numbers()[name, frozenset(labels.items())]


@pytest.fixture(scope="module")
def read() -> Iterator[Read]:
    return Read()


def test_a_recording_is_told_by_its_seconds_and_its_factor(read: Read):
    before = read.numbers()
    read.meter.recognised(engine_seconds=3.0, audio_seconds=10.0)
    after = read.numbers()
    gained = {name: number - before[name, labels] for (name, labels), number in after.items() if not labels}
    assert gained["pisar_engine_seconds_total"] == pytest.approx(3)
    assert gained["pisar_audio_seconds_total"] == pytest.approx(10)
    assert gained["pisar_real_time_factor_sum"] == pytest.approx(0.3)
    assert gained["pisar_real_time_factor_count"] == 1


def test_every_outcome_is_there_from_the_beginning_and_counted_apart(read: Read):
    assert {dict(labels)["outcome"] for name, labels in read.numbers() if name == "pisar_jobs_total"} == {one.value for one in Outcome}
    read.meter.ended(Outcome.REJECTED, seconds=2.0)
    assert read.number("pisar_jobs_total", outcome="rejected") == 1
    assert read.number("pisar_jobs_total", outcome="transcribed") == 0
    assert read.number("pisar_job_seconds_sum") == pytest.approx(2)


def test_a_job_that_no_worker_had_to_take_up_counts_but_took_no_time(read: Read):
    before = read.number("pisar_job_seconds_count"), read.number("pisar_jobs_total", outcome="cancelled")
    read.meter.ended(Outcome.CANCELLED, seconds=None)
    assert (read.number("pisar_job_seconds_count"), read.number("pisar_jobs_total", outcome="cancelled")) == (before[0], before[1] + 1)


def test_the_latest_wait_is_told_beside_all_of_them(read: Read):
    before = read.number("pisar_job_wait_seconds_count")
    for seconds in (40.0, 4.0):
        read.meter.begun(waited_seconds=seconds)
    assert (read.number("pisar_latest_job_wait_seconds"), read.number("pisar_job_wait_seconds_count")) == (4, before + 2)


def test_a_clock_that_was_set_back_gives_no_negative_wait(read: Read):
    read.meter.begun(waited_seconds=-5.0)
    assert read.number("pisar_job_wait_seconds_sum") >= 0


def test_the_line_is_looked_at_when_somebody_asks(read: Read):
    assert (read.number("pisar_waiting_jobs"), read.number("pisar_oldest_waiting_seconds")) == (3, 12.5)


def test_a_line_that_can_not_be_seen_hides_nothing_else():
    def away() -> float:
        raise Unavailable("the store is away")

    read = Read(away)
    read.meter.ended(Outcome.FAILED, seconds=2.0)
    assert math.isnan(read.number("pisar_waiting_jobs"))
    assert math.isnan(read.number("pisar_oldest_waiting_seconds"))
    assert read.number("pisar_jobs_total", outcome="failed") == 1


def test_requests_are_counted_by_method_route_and_status(read: Read):
    read.meter.requested("POST", "/jobs", 201)
    assert read.number("pisar_http_requests_total", method="POST", route="/jobs", status="201") == 1


def test_a_port_that_is_taken_ends_nothing(caplog: pytest.LogCaptureFixture):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        PrometheusMeter().serve("127.0.0.1", taken.getsockname()[1])
    assert [(one.message, one.why) for one in caplog.records] == [("metrics are not served", "EADDRINUSE")]  # type: ignore[attr-defined]


@pytest.mark.parametrize("port", [0, 9464])
def test_only_who_serves_numbers_spends_time_on_the_package(port: int):
    code = f"""
import sys
from pisar.wiring import bot, dead_letters, jobs, outside, serving, transcriber, webhook, worker
assert (outside.Outside({{"PISAR_METRICS_PORT": "{port}"}}).meter is None) is {port == 0}
sys.exit("prometheus_client" in sys.modules)
"""
    ended = subprocess.run([sys.executable, "-c", code], check=False, timeout=60, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (int(port > 0), "")


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_the_dashboard_asks_for_what_is_told(read: Read, expression: str):
    told = {name for name, _ in read.numbers()}
    read.meter.requested("GET", "/healthz", 200)
    told |= {name for name, _ in read.numbers()}
    asked = set(re.findall(r"[a-z_]{2,}", re.sub(r"\{[^}]*\}", "", expression))) - WORDS
    assert asked
    assert asked <= told


def test_every_number_of_ours_is_on_the_dashboard(read: Read):
    shown = " ".join(EXPRESSIONS)
    ours = {re.sub("_(sum|count|bucket|created)$", "", name) for name, _ in read.numbers() if name.startswith("pisar")}
    assert {name for name in ours if name not in shown} == set()


def test_the_document_has_every_number_of_ours_and_no_other(read: Read):
    text = (ROOT / "docs" / "vm.md").read_text(encoding="utf-8")
    families = text_string_to_metric_families(read.text())
    ours = {f"{one.name}_total" if one.type == "counter" else one.name for one in families if one.name.startswith("pisar")}
    assert set(re.findall(r"`(pisar_[a-z_]+)`", text)) == {name for name in ours if not name.endswith("_created")}


def test_the_dashboard_asks_the_source_that_is_provisioned():
    (source,) = yaml.safe_load(next((ROOT / "containers" / "grafana" / "datasources").glob("*.y*ml")).read_text())["datasources"]
    assert {panel["datasource"]["uid"] for panel in DASHBOARD["panels"]} == {source["uid"]}
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
