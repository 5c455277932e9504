"""Entry point of the callbacks function: calls the clients who asked to be told of a job's end.

An exception tells the trigger to deliver the message again.
"""

import os
from typing import Any

from pisar import cloud_events, logs
from pisar.wiring.callbacks import build

deliver = build(os.environ)


def handler(event: Any, _context: object) -> None:
    """Make the try that each message of the batch names."""
    for message in cloud_events.queue_messages(event):
        logs.begin_call()
        deliver(message.body)
