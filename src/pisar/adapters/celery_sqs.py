"""kombu's transport over SQS, which takes any message and not only its own."""

from typing import Any

from kombu.transport import SQS

from pisar.adapters.celery_malformed import check, empty_message, told


class _Channel(SQS.Channel):  # type: ignore[misc]
    def _message_to_python(self, message: Any, queue_name: str, q_url: str) -> Any:
        try:
            found = super()._message_to_python(message, queue_name, q_url)
            check(found, self)
        except Exception as error:  # noqa: BLE001 - kombu would end the worker by any
            told(len(message["Body"]), error)
            found = self._envelope_payload(empty_message(routing_key=queue_name), "-", message, q_url)
        return found


class Transport(SQS.Transport):  # type: ignore[misc]
    """kombu's, with that channel."""

    Channel = _Channel
