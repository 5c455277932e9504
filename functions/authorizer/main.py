"""Entry point of the gateway's authorizer: says whether a key is one of the stored ones."""

import os
from typing import Any

from pisar import cloud_events
from pisar.wiring.authorizer import build

keys = build(os.environ)

OPENAI_FACE = "/v1/"


def handler(event: Any, _context: object) -> dict[str, Any]:
    """Answer whether the key in the request belongs to a client, and to which: the hash of its key, under which it is stored."""
    client = keys.find(cloud_events.authorizer_key(event))
    if client is not None:
        return cloud_events.authorizer_response(allowed=True, context={"client": client.key_hash})
    # The gateway itself would answer 403, which OpenAI's clients take for something else than a wrong key: they expect 401, in OpenAI's
    # shape. So such a caller passes here as nobody, and the door behind refuses it. Every door looks the client up again, so even where
    # the gateway kept this answer for another path, nobody gets in by it.
    if cloud_events.authorizer_path(event).startswith(OPENAI_FACE):
        return cloud_events.authorizer_response(allowed=True, context={"client": ""})
    return cloud_events.authorizer_response(allowed=False)
