"""kombu's transport over Redis, which takes any element of a list and not only its own."""

import json
from typing import Any

from kombu.transport import redis

from pisar.adapters.celery_malformed import check, empty_message, told


class _Channel(redis.Channel):  # type: ignore[misc]
    def _get_client(self) -> Any:
        client, channel = super()._get_client(), self

        class Client(client):  # type: ignore[misc,valid-type]
            def parse_response(self, connection: Any, command_name: str, **options: Any) -> Any:
                answer = super().parse_response(connection, command_name, **options)
                if command_name != "BRPOP" or not answer:
                    return answer
                queue, item = answer
                try:
                    check(json.loads(item), channel)
                except Exception as error:  # noqa: BLE001 - kombu would end the worker by any
                    told(len(item), error)
                    item = json.dumps(empty_message()).encode()
                return queue, item

        return Client


class Transport(redis.Transport):  # type: ignore[misc]
    """kombu's, with that channel."""

    Channel = _Channel
