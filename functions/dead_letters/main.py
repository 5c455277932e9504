"""Entry point of the dead-letter function: what no worker could do ends here, told to the person or kept for the owner.

An exception tells the trigger to deliver the message again.
"""

import os
from typing import Any

from pisar import cloud_events, logs
from pisar.wiring.dead_letters import build

dead_letters = build(os.environ)


def handler(event: Any, _context: object) -> None:
    """Bury every message of the batch."""
    logs.begin_call()
    for message in cloud_events.queue_messages(event):
        dead_letters.bury(message.message_id, message.body)
