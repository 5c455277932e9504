"""Builds the callbacks function."""

from collections.abc import Callable, Mapping

from pisar.domain.callbacks import CallbackMessage
from pisar.wiring import settings
from pisar.wiring.answers import Answers


def build(environment: Mapping[str, str]) -> Callable[[str], None]:
    """Return a function that makes the try that a queue message names; raise Misconfigured.

    The function raises Unreadable for an unreadable message, and Retryable when the message should be delivered again.
    """
    calls = Answers.start("callbacks", environment, settings.Callbacks, required=["PISAR_CALLBACK_QUEUE_URL"]).client_calls
    return lambda body: calls.deliver(CallbackMessage.decode(body))
