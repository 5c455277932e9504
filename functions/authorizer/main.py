"""The gateway's question, whether a key may pass, answered from the stored keys."""

import os
from typing import Any

from pisar import envelopes
from pisar.bootstrap.authorizer import build

keys = build(os.environ)


def handler(event: Any, _context: object) -> dict[str, Any]:
    """Answer whether the key in the request belongs to a client, and to which."""
    client = keys.find(envelopes.authorizer_key(event))
    return envelopes.authorizer_response(allowed=client is not None, context={"client": client.name} if client else {})
