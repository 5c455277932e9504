"""A published model on its way from the hub into a `.part`, by HTTP, taken up where it stopped, in this call and in the next.

One rule: a hub that can't be reached is given up within seconds, one that answers is asked again as long as it brings something.
"""

from _thread import start_new_thread
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

from pisar.adapters.model_progress import bar
from pisar.errors import Unavailable

if TYPE_CHECKING:
    import requests

ATTEMPTS = 5
"""How often a download is taken up before it is given up; an attempt that brought new bytes does not count."""

UNREACHED_ATTEMPTS = 2
"""How often a hub is asked that has never answered: twice REACH_SECONDS is what a newcomer without one waits."""

REACH_SECONDS = 10.0
"""Until the answer's first byte, whatever has to be looked up, connected, redirected and tried again at another address for it."""

CONNECT_SECONDS, SILENCE_SECONDS = 5.0, 20.0
"""For one connection, and for each silence in the answer, not for the whole file."""

_CHUNK_BYTES = 64 * 1024  # what is lost of a download that breaks off is less than one
_PARTIAL, _RANGE_NOT_SATISFIABLE, _OK = 206, 416, 200
_FINAL = (401, 403, 404, 410)  # asking again changes nothing


class Download:
    """One file of `size` bytes on its way into `part`; what came of it stays there when it breaks off."""

    def __init__(self, url: str, part: Path, size: int, *, name: str, progress: bool) -> None:
        self._url = url
        self._part = part
        self._size = size
        self._name = name
        self._progress = progress
        self._reached = False

    def run(self) -> None:
        """Bring the file, so many bytes of it, which nobody has checked yet. Raises Unavailable, and OSError of the disk."""
        import requests  # noqa: PLC0415 - 0.1 s, and only the first start downloads

        failed, reason = 0, "it broke off"
        while self._have() < self._size:
            before = self._have()
            try:
                self._fetch(before)
            except requests.RequestException as error:
                reason = _reason(error)
                if error.response is not None and error.response.status_code in _FINAL:
                    break
            failed += self._have() <= before
            if failed >= (ATTEMPTS if self._reached else UNREACHED_ATTEMPTS):
                break
        if self._have() < self._size:
            raise Unavailable(reason)

    def _fetch(self, have: int) -> None:
        """Append what is missing; start again where the server does not answer with just that."""
        with self._answer(have) as response:
            self._reached = True
            if response.status_code == _RANGE_NOT_SATISFIABLE or not _continues(response, have, self._size):
                self._part.unlink(missing_ok=True)  # the next attempt asks for the whole
                if response.status_code in (_PARTIAL, _RANGE_NOT_SATISFIABLE):
                    return
                have = 0
            response.raise_for_status()
            with self._part.open("ab") as file, bar(self._name, self._size, initial=have, shown=self._progress) as shown:
                for chunk in response.iter_content(_CHUNK_BYTES):
                    room = self._size - have
                    file.write(chunk[:room])  # a server that sends more than the file is lying; the sum will show it
                    have += min(room, len(chunk))
                    shown.update(min(room, len(chunk)))
                    if not room:
                        break

    def _answer(self, have: int) -> "requests.Response":
        """Return the hub's answer within REACH_SECONDS; raise requests' errors.

        requests waits for each of a host's addresses in turn, and for the name's look-up without any limit. So it is asked on a
        thread of its own, which is left behind where it takes too long.
        """
        import requests  # noqa: PLC0415 - see run

        # "identity": with a compressed answer the ranges would count compressed bytes
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
        answered: Future[requests.Response] = Future()

        def ask() -> None:
            try:
                answer = requests.get(self._url, headers=headers, stream=True, timeout=(CONNECT_SECONDS, SILENCE_SECONDS))
            except BaseException as error:  # noqa: BLE001 - raised again by whoever waits
                answered.set_exception(error)
            else:
                answered.set_result(answer)

        start_new_thread(ask, ())
        try:
            return answered.result(REACH_SECONDS)
        except TimeoutError:
            raise requests.ConnectTimeout(f"no answer within {REACH_SECONDS} s") from None

    def _have(self) -> int:
        return self._part.stat().st_size if self._part.exists() else 0


def _continues(response: "requests.Response", have: int, size: int) -> bool:
    """Say whether the answer's first byte is number `have` of a file of `size` bytes."""
    if response.status_code == _PARTIAL:
        return response.headers.get("Content-Range", "").startswith(f"bytes {have}-") and response.headers["Content-Range"].endswith(
            (f"/{size}", "/*")
        )
    return have == 0 or response.status_code != _OK


def _reason(error: "requests.RequestException") -> str:
    """Say what went wrong, without the addresses inside the library's own text."""
    if error.response is not None:
        return f"the server answered {error.response.status_code}"
    return {
        "ConnectionError": "no connection",
        "ConnectTimeout": "no connection",
        "ProxyError": "no connection through the proxy",
        "SSLError": "the server's certificate is not trusted",
    }.get(type(error).__name__, "the connection broke off")
