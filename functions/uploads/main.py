"""The bucket's door: a file dropped under `uploads/`, or the audio of a client's job under `incoming/`, is queued for transcription.

An exception tells the trigger to deliver the event again.
"""

import os
from typing import Any

from pisar import envelopes, logs
from pisar.wiring.uploads import build

receive = build(os.environ)


def handler(event: Any, _context: object) -> None:
    """Receive every object of the batch."""
    for stored in envelopes.stored_objects(event):
        logs.begin_call()
        if stored.event_type == "ObjectCreate":
            receive(stored.key)
