"""How a door on machines of one's own, or in a container of the cloud, listens: by uvicorn within bounds."""

from pisar.adapters.http_server import serve as serve  # noqa: PLC0414 - doors reach adapters through here
