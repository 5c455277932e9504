"""Where Celery keeps what its tasks returned. A job is done by its record, so a server of results that is away holds nothing up."""

import logging
from typing import Any

from celery.backends.redis import RedisBackend
from celery.backends.rpc import RPCBackend

log = logging.getLogger(__name__)


class _CanBeAway:
    """Sends without listening for each result, and goes on without those that can't be kept."""

    def on_task_call(self, producer: Any, task_id: str) -> None:
        """Do nothing: subscribing to a result asks its server before the task is sent."""

    def store_result(self, task_id: str, result: Any, state: str, *args: Any, **kwargs: Any) -> Any:
        """Keep the result if that is possible."""
        try:
            return super().store_result(task_id, result, state, *args, **kwargs)  # type: ignore[misc]
        except Exception as error:  # noqa: BLE001 - each server's client has its own errors, and none may undo work that is done
            log.warning("result not kept", extra={"why": type(error).__name__})
            return result


class RedisResults(_CanBeAway, RedisBackend):  # type: ignore[misc]
    """Results in Redis, for a day."""


class RpcResults(_CanBeAway, RPCBackend):  # type: ignore[misc]
    """Results as messages to whoever sent the task, through the broker."""
