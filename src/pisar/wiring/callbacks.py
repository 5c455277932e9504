"""The callbacks function, put together."""

from collections.abc import Callable, Mapping

from pisar import logs
from pisar.adapters.callback_sender import HttpCallbackSender
from pisar.adapters.clock import SystemClock
from pisar.adapters.object_storage import S3ObjectStore
from pisar.answers.callbacks import Callbacks
from pisar.domain.callbacks import CallbackMessage
from pisar.ports.callbacks import CallbackQueue
from pisar.state.api_keys import Keys
from pisar.state.job_records import Records
from pisar.wiring import settings
from pisar.wiring.queues import callback_queue


def build(environment: Mapping[str, str], queue: CallbackQueue | None = None) -> Callable[[str], None]:
    """Return what makes the try that a queue message names; raise Misconfigured.

    It raises Unreadable for what is no message, and Retryable when the message should come again.
    """
    storage, callbacks, logging = settings.read(
        environment,
        settings.Storage,
        settings.Callbacks,
        settings.Logging,
        required=() if queue else ("PISAR_CALLBACK_QUEUE_URL",),
    )
    queue = queue or callback_queue(callbacks)
    if queue is None:
        raise AssertionError("it is required")
    logs.configure("callbacks", logging.level)
    clock, store = SystemClock(), S3ObjectStore(storage.bucket)
    flow = Callbacks(
        records=Records(store, clock),
        keys=Keys(store),
        queue=queue,
        sender=HttpCallbackSender(allowed_hosts=callbacks.hosts),
        clock=clock,
    )
    return lambda body: flow.deliver(CallbackMessage.decode(body))
