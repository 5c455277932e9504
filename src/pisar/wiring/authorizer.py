"""Builds the authorizer function."""

from collections.abc import Mapping

from pisar.state.api_keys import Keys
from pisar.wiring.state import State


def build(environment: Mapping[str, str]) -> Keys:
    """Return the stored API keys; raise Misconfigured."""
    return State.start("authorizer", environment).keys
