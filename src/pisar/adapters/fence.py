"""The sandbox in which ffmpeg reads strangers' files: bounded memory and CPU, no rights, no secrets, no network.

Small programs of util-linux and the shell set it up and hand over to one another by `exec`, 3-5 ms in all. Nothing is done by
`preexec_fn`: that runs Python between fork and exec, in a process of many threads, and keeps `subprocess` from using vfork, so that every
start would copy the page tables of a loaded model. Where the platform refuses a part (a container without namespaces, a plain user, macOS)
the strongest fence that it allows is taken; what is missing is logged once.
"""

import ctypes
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread
from typing import TypeVar

log = logging.getLogger(__name__)

MEMORY_BYTES = 600 * 2**20
"""Address space. An ordinary file takes 190-265 MB of it, two thirds of them the program and its libraries (`MALLOC_ARENA_MAX` is 1)."""

OPEN_FILES = 64
"""ffmpeg has some ten open while its libraries are loaded."""

ENVIRONMENT = {"MALLOC_ARENA_MAX": "1"}
"""All that the process gets. glibc reserves 64 MB of address space for each thread's arena, and ffmpeg 7 and later have six threads."""

OWN_USER = 65533
"""Who the process is where we are root: of the numbers that systemd leaves unused (systemd.io/UIDS-GIDS), so that no service has it."""

NOT_STARTED = {126: "EACCES", 127: "ENOENT"}
"""What the shell ends with when the program can't be executed, or is not there."""

_SHELL = "/bin/sh"
_LIMITS = """\
for limit in "-c 0" "-f 0" "-n $1" "-t $2" "-v $3"; do ulimit $limit 2>/dev/null || :; done
[ "$PPID" = "$4" ] || exit 125
shift 4
exec "$@"
"""
"""Where the system knows a limit not, or has a lower one, that is left. A parent that died before its death would be noticed is noticed
here: the process then has another parent."""

_WITHOUT_RIGHTS = ("--inh-caps=-all", "--no-new-privs", "--pdeathsig=KILL")
_AS_NOBODY = (f"--reuid={OWN_USER}", f"--regid={OWN_USER}", "--clear-groups")
_PR_SET_DUMPABLE = 4
_NOTHING = subprocess.DEVNULL

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fence:
    """Which fence a program gets: the words before it, and what they come to.

    `apart`: it can't read what its parent's memory and environment hold, by another user's number or a user namespace of its own.
    `offline`: it has no network. `mortal`: it is killed when its parent dies.
    """

    words: tuple[str, ...] = ()
    apart: bool = False
    offline: bool = False
    mortal: bool = False

    def command(self, command: list[str], *, cpu_seconds: int) -> list[str]:
        """Return the command, fenced. `cpu_seconds`: after so many of a core's time it is killed; 1 at least."""
        limits = [str(OPEN_FILES), str(max(1, cpu_seconds)), str(MEMORY_BYTES // 1024), str(os.getpid())]
        return [*self.words, _SHELL, "-c", _LIMITS, "fence", *limits, *command]


@cache
def fence_for(program: str) -> Fence:
    """Return the strongest fence within which this program can be reached. It is tried out once a process, 5-10 ms."""
    for fence in _fences():
        test = [*fence.words, _SHELL, "-c", 'test -r "$1" && test -x "$1"', "test", program]
        if subprocess.run(test, stdin=_NOTHING, stdout=_NOTHING, stderr=_NOTHING, env={}, check=False).returncode == 0:
            break
    else:
        fence = Fence()
    missing = [name for name, there in (("user", fence.apart), ("network", fence.offline), ("death", fence.mortal)) if not there]
    if missing:
        log.info("the platform gives the decoder no fence of this kind", extra={"missing": ",".join(missing)})
    return fence


def _fences() -> Iterator[Fence]:
    """Yield the fences from the strongest to none."""
    setpriv, unshare = shutil.which("setpriv", path=os.defpath), shutil.which("unshare", path=os.defpath)
    if setpriv is None:
        return
    plain = (setpriv, *_WITHOUT_RIGHTS, "--")
    if os.geteuid() == 0:
        nobody = (setpriv, *_AS_NOBODY, *_WITHOUT_RIGHTS, "--")
        if unshare:
            yield Fence((unshare, "--net", "--ipc", "--", *nobody), apart=True, offline=True, mortal=True)
        yield Fence(nobody, apart=True, mortal=True)
    if unshare:
        # Without a mapping it is nobody inside, and has no rights over processes outside, not even of the same user.
        yield Fence((unshare, "--user", "--net", "--ipc", "--", *plain), apart=True, offline=True, mortal=True)
    yield Fence(plain, mortal=True)


def keep_secrets() -> None:
    """Make this process unreadable to others of the same user: its environment and memory under /proc are root's then. Linux alone.

    It is what remains where a child can be given neither a user nor a namespace of its own. No core is dumped either.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


class _Launcher:
    """A thread that starts processes and lives as long as this one does.

    Linux tells a child of its parent's death when the *thread* that started it ends (prctl(2), PR_SET_PDEATHSIG), and a decoding may
    begin in one thread and go on in another.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew, in a process that was forked: a fork takes no thread along."""
        self._lock = Lock()
        self._orders: SimpleQueue[Callable[[], None]] | None = None

    def call(self, start: Callable[[], T]) -> T:
        """Return what `start` returns in that thread, or raise what it raises."""
        future: Future[T] = Future()

        def carry_out() -> None:
            try:
                future.set_result(start())
            except BaseException as error:  # noqa: BLE001 - it is raised where it was asked for
                future.set_exception(error)

        with self._lock:
            if self._orders is None:
                self._orders = SimpleQueue()
                Thread(target=_carry_out_all, args=(self._orders,), name="launcher", daemon=True).start()
        self._orders.put(carry_out)
        return future.result()


def _carry_out_all(orders: "SimpleQueue[Callable[[], None]]") -> None:
    while True:
        orders.get()()


_launcher = _Launcher()
os.register_at_fork(after_in_child=_launcher.forget)


def start(fence: Fence, command: list[str], *, cpu_seconds: int, stdin: int) -> subprocess.Popen[bytes]:
    """Start the command within the fence, its output and its errors piped here. Raises OSError."""
    fenced = fence.command(command, cpu_seconds=cpu_seconds)
    pipe = subprocess.PIPE
    return _launcher.call(lambda: subprocess.Popen(fenced, stdin=stdin, stdout=pipe, stderr=pipe, env=ENVIRONMENT))


def cpu_seconds_of(process: subprocess.Popen[bytes]) -> float:
    """Wait for the process to end, and return the seconds of a core that it used; 0 where the system does not tell."""
    try:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # until it is waited for its numbers can still be read
    except (OSError, AttributeError):
        return 0.0
    return cpu_seconds_so_far(process)


def cpu_seconds_so_far(process: subprocess.Popen[bytes]) -> float:
    """Return the seconds of a core that a process has used which was not waited for; 0 where the system does not tell."""
    try:
        user, system = Path(f"/proc/{process.pid}/stat").read_bytes().rpartition(b")")[2].split()[11:13]
    except OSError:
        return 0.0
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
