"""Builds the uploads function."""

from collections.abc import Callable, Mapping

from pisar.wiring.clients import GROUPS, Clients


def build(environment: Mapping[str, str]) -> Callable[[str], None]:
    """Return a function that takes in an object by its key; raise Misconfigured."""
    return Clients.start("uploads", environment, *GROUPS, required=["PISAR_QUEUE_URL"]).receive
