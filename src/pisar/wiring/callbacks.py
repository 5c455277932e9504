"""The callbacks function, put together."""

from collections.abc import Callable, Mapping

from pisar.domain.callbacks import CallbackMessage
from pisar.wiring import settings
from pisar.wiring.answers import Answers


def build(environment: Mapping[str, str]) -> Callable[[str], None]:
    """Return what makes the try that a queue message names; raise Misconfigured.

    It raises Unreadable for what is no message, and Retryable when the message should come again.
    """
    calls = Answers.start("callbacks", environment, settings.Callbacks, required=["PISAR_CALLBACK_QUEUE_URL"]).client_calls
    return lambda body: calls.deliver(CallbackMessage.decode(body))
