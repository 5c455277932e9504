"""How a self-hosted door, or one in a container of the cloud, listens: by uvicorn within bounds."""

from pisar.adapters.http_server import serve as serve  # noqa: PLC0414 - doors reach adapters through here
