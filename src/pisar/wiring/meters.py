"""What the owner's charts are told through: Prometheus where a port is set for it, Yandex Monitoring where a folder is, or nothing."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from pisar.adapters.monitoring import MonitoringMeter
from pisar.ports.meter import Meter
from pisar.wiring import settings

if TYPE_CHECKING:
    from pisar.adapters.prometheus import PrometheusMeter


def meter(environment: Mapping[str, str]) -> Meter | None:
    """Return what this process tells its numbers to; raise Misconfigured."""
    metrics, monitoring = settings.read(environment, settings.Metrics, settings.Monitoring)
    if metrics.port:
        return _prometheus()
    return MonitoringMeter(monitoring.folder_id, monitoring.rub_per_hour) if monitoring.folder_id else None


def served(environment: Mapping[str, str]) -> "PrometheusMeter | None":
    """Serve this process's numbers if a port is set for it, and return what they are told to; raise Misconfigured."""
    (metrics,) = settings.read(environment, settings.Metrics)
    if not metrics.port:
        return None
    found = _prometheus()
    found.serve(metrics.host, metrics.port)
    return found


@cache
def _prometheus() -> "PrometheusMeter":
    from pisar.adapters.prometheus import PrometheusMeter  # noqa: PLC0415 - only who is to serve numbers has the package

    return PrometheusMeter()
