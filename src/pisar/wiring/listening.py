"""Serves HTTP by uvicorn within limits, self-hosted or in a container of the cloud."""

from typing import Any

from pisar.adapters import http_server
from pisar.adapters.http_server import Bounds
from pisar.wiring.settings import Server


def serve(app: Any, told: Server) -> None:
    """Serve an ASGI application until SIGTERM or SIGINT; running requests may end first."""
    bounds = Bounds(connections_per_address=told.connections_per_address, proxies=told.proxies)
    http_server.serve(app, host=told.host, port=told.port, bounds=bounds)
