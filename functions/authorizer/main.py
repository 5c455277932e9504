"""Entry point of the gateway's authorizer: says whether a key is one of the stored ones."""

import os
from typing import Any

from pisar import cloud_events
from pisar.wiring.authorizer import build

keys = build(os.environ)


def handler(event: Any, _context: object) -> dict[str, Any]:
    """Answer whether the key in the request belongs to a client, and to which: the hash of its key, under which it is stored."""
    client = keys.find(cloud_events.authorizer_key(event))
    if client is None:
        return cloud_events.authorizer_response(allowed=False)
    return cloud_events.authorizer_response(allowed=True, context={"client": client.key_hash})
