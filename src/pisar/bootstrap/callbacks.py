"""The callbacks function, put together."""

from collections.abc import Callable, Mapping

from pisar import logs, settings
from pisar.adapters.callback_sender import HttpCallbackSender
from pisar.adapters.clock import SystemClock
from pisar.adapters.message_queue import SqsCallbackQueue
from pisar.adapters.object_storage import S3ObjectStore
from pisar.domain.callbacks import CallbackMessage
from pisar.flows.callbacks import Callbacks
from pisar.flows.keys import Keys
from pisar.flows.records import Records


def build(environment: Mapping[str, str]) -> Callable[[str], None]:
    """Return what makes the try that a queue message names; raise Misconfigured.

    It raises Unreadable for what is no message, and Retryable when the message should come again.
    """
    storage, callbacks, logging = settings.read(
        environment, settings.Storage, settings.Callbacks, settings.Logging, required=["PISAR_CALLBACK_QUEUE_URL"]
    )
    logs.configure("callbacks", logging.level)
    clock, store = SystemClock(), S3ObjectStore(storage.bucket)
    flow = Callbacks(
        records=Records(store, clock),
        keys=Keys(store),
        queue=SqsCallbackQueue(callbacks.queue_url),
        sender=HttpCallbackSender(allowed_hosts=callbacks.hosts),
        clock=clock,
    )
    return lambda body: flow.deliver(CallbackMessage.decode(body))
