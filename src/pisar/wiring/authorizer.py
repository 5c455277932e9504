"""The authorizer function, put together."""

from collections.abc import Mapping

from pisar import logs
from pisar.adapters.object_storage import S3ObjectStore
from pisar.state.api_keys import Keys
from pisar.wiring import settings


def build(environment: Mapping[str, str]) -> Keys:
    """Return the keys; raise Misconfigured."""
    storage, logging = settings.read(environment, settings.Storage, settings.Logging)
    logs.configure("authorizer", logging.level)
    return Keys(S3ObjectStore(storage.bucket))
