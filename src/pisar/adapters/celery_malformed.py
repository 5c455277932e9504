"""Drops queue messages that are not Celery's, with a line in the log, so that a malformed message cannot end a worker.

Left to itself, Celery drops most of it (RabbitMQ: into `pisar-dead`), but what kombu can't take apart, or what has a list for a task's
name, ends the worker; and where the broker gives the message again, the next worker too.
"""

import json
import logging
from typing import Any
from uuid import uuid4

from celery.worker.consumer import Consumer

log = logging.getLogger(__name__)


class SturdyConsumer(Consumer):  # type: ignore[misc]
    """Celery's consumer; whatever it can't take apart is rejected for good, which Redis and SQS drop and RabbitMQ puts aside."""

    def create_task_handler(self, *args: Any, **kwargs: Any) -> Any:
        """Return what is called with each message."""
        handle = super().create_task_handler(*args, **kwargs)

        def take(message: Any) -> None:
            try:
                handle(message)
            except Exception as error:
                if isinstance(error, (*self.connection_errors, *self.channel_errors)):
                    raise
                told(len(message.body or b""), error)
                message.reject_log_error(log, self.connection_errors)

        return take


def told(size_bytes: int, error: Exception) -> None:
    """Say in the log that something of that size is put aside."""
    log.error("no task's message: put aside", extra={"bytes": size_bytes, "why": type(error).__name__})


def empty_message(**about: Any) -> dict[str, Any]:
    """Return a message that kombu can read and that names no task, in the place of one that it can't: Celery drops it as unknown.

    `about`: what it is told of the delivery.
    """
    properties = {"delivery_tag": str(uuid4()), "delivery_info": {"exchange": "", "routing_key": "", **about}, "body_encoding": None}
    return {"body": "-", "headers": {}, "content-type": "text/plain", "content-encoding": "utf-8", "properties": properties}


def check(message: Any, channel: Any) -> None:
    """Have kombu take a message apart as it will; whatever it can't raises some error."""
    properties = message["properties"]
    about = properties["delivery_info"]
    texts = (message["body"], properties["delivery_tag"], about["exchange"], about["routing_key"], json.dumps(message))
    if not isinstance(message["headers"], dict) or not all(isinstance(one, str) for one in texts):
        raise TypeError("no envelope")
    channel.Message(message, channel=channel)
