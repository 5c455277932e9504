"""A TCP proxy on loopback that breaks connections when told to, in the middle of what they carry."""

import select
import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

CHUNK = 65_536
LOOK_SECONDS = 0.1
"""How long an idle connection may stay open after a cut."""


class CutProxy:
    """Forwards every connection to one address; a context manager. Safe for threads.

    `sent` counts the bytes that went from clients to the server. While it is cut, connections are taken and closed at once.
    """

    def __init__(self) -> None:
        self.sent = 0
        self._target = ("127.0.0.1", 0)
        self._limit: int | None = None
        self._is_cut = threading.Event()
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ended.set()
        self._listener.close()

    def leads_to(self, url: str) -> None:
        """Say where connections go: http://host:port."""
        address = urlsplit(url)
        self._target = (address.hostname or "", address.port or 80)

    def cut_after(self, more_bytes: int) -> None:
        """Break every connection once so many more bytes went to the server."""
        with self._lock:
            self._limit = self.sent + more_bytes

    def wait_until_cut(self, seconds: float) -> bool:
        """Wait for the cut; say whether it came in time."""
        return self._is_cut.wait(seconds)

    def mend(self) -> None:
        """Let connections through again."""
        with self._lock:
            self._limit = None
        self._is_cut.clear()

    def _listen(self) -> None:
        while not self._ended.is_set():
            with suppress(OSError):
                client, _ = self._listener.accept()
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            if self._is_cut.is_set():
                return
            with socket.create_connection(self._target) as server:
                other = {client: server, server: client}
                while not (self._is_cut.is_set() or self._ended.is_set()):
                    for ready in select.select([client, server], [], [], LOOK_SECONDS)[0]:
                        data = ready.recv(CHUNK)
                        if not data:
                            return
                        other[ready].sendall(data)
                        if ready is client:
                            self._count(len(data))

    def _count(self, length: int) -> None:
        with self._lock:
            self.sent += length
            if self._limit is not None and self.sent >= self._limit:
                self._is_cut.set()
