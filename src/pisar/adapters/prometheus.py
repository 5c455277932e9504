"""Numbers for Prometheus behind port Meter, served in its text format on a port of their own.

Every process counts for itself and begins at nothing; Prometheus adds up the instances, and knows a counter that begins anew. Names and
labels are part of what the owner's dashboards rest on: containers/grafana/dashboards/pisar.json is held against them by a test.
"""

import errno
import logging
from collections.abc import Callable
from math import nan

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector, start_http_server

from pisar.domain.jobs import Outcome
from pisar.errors import PisarError

log = logging.getLogger(__name__)

WAIT_BUCKETS = (0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600)
"""Seconds in the queue, and until the answer: what a person in a chat tells apart, then what an owner does."""

FACTOR_BUCKETS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 3)
"""Engine seconds for each second of audio: above 1 the queue grows with every message."""


class PrometheusMeter:
    """This process's numbers. Safe for threads."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        self._waited = Histogram("pisar_job_wait_seconds", "From its making to its first claim.", buckets=WAIT_BUCKETS, registry=registry)
        self._latest = Gauge("pisar_latest_job_wait_seconds", "What the job claimed last had waited.", registry=registry)
        self._took = Histogram("pisar_job_seconds", "From a job's making to its end.", buckets=WAIT_BUCKETS, registry=registry)
        self._jobs = Counter("pisar_jobs", "Jobs that ended, by outcome.", ["outcome"], registry=registry)
        self._factor = Histogram(
            "pisar_real_time_factor", "Engine seconds for a second of audio.", buckets=FACTOR_BUCKETS, registry=registry
        )
        self._engine = Counter("pisar_engine_seconds", "Time that the engine has worked.", registry=registry)
        self._audio = Counter("pisar_audio_seconds", "Recordings that were recognised.", registry=registry)
        self._requests = Counter("pisar_http_requests", "Requests that were answered.", ["method", "route", "status"], registry=registry)
        for outcome in Outcome:  # a rate needs to have seen the nought before the first
            self._jobs.labels(outcome.value)

    def recognised(self, *, engine_seconds: float, audio_seconds: float) -> None:
        """Tell of a recording, of which `audio_seconds` are above 0."""
        self._engine.inc(engine_seconds)
        self._audio.inc(audio_seconds)
        self._factor.observe(engine_seconds / audio_seconds)

    def begun(self, *, waited_seconds: float) -> None:
        """Tell of a job that was claimed for the first time."""
        self._waited.observe(max(0.0, waited_seconds))
        self._latest.set(max(0.0, waited_seconds))

    def ended(self, outcome: Outcome, *, seconds: float | None) -> None:
        """Tell of a job that ended."""
        self._jobs.labels(outcome.value).inc()
        if seconds is not None:
            self._took.observe(max(0.0, seconds))

    def requested(self, method: str, route: str, status: int) -> None:
        """Tell of a request that was answered; `route` is one of few."""
        self._requests.labels(method, route, str(status)).inc()

    def watch_line(self, length: Callable[[], float], oldest_seconds: Callable[[], float]) -> None:
        """Tell, whenever somebody asks, how many jobs wait and for how long the first of them has."""
        waiting = Gauge("pisar_waiting_jobs", "Jobs that wait, 1,000 at most.", registry=self._registry)
        waiting.set_function(lambda: _known(length))
        oldest = Gauge("pisar_oldest_waiting_seconds", "How long the first of them has waited.", registry=self._registry)
        oldest.set_function(lambda: _known(oldest_seconds))

    def serve(self, host: str, port: int) -> None:
        """Answer GET /metrics on a thread of its own. A port that is taken is a line in the log: nothing else rests on it."""
        try:
            start_http_server(port, addr=host, registry=self._registry)
        except OSError as error:
            log.warning("metrics are not served", extra={"port": port, "why": errno.errorcode.get(error.errno or 0, "unknown error")})


def _known(look: Callable[[], float]) -> float:
    """Return the number, not a number where it can't be had: one that is missing must not take the others with it."""
    try:
        return look()
    except PisarError:
        return nan
