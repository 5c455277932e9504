"""Entry point of the uploads function: a dropped file, or the audio of a client's job, is queued for transcription.

An exception tells the trigger to deliver the event again.
"""

import os
from typing import Any

from pisar import cloud_events, logs
from pisar.wiring.uploads import build

receive = build(os.environ)


def handler(event: Any, _context: object) -> None:
    """Receive every object of the batch."""
    for stored in cloud_events.stored_objects(event):
        logs.begin_call()
        if stored.event_type == "ObjectCreate":
            receive(stored.key)
