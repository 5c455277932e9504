"""What a program within the fence can and can't do; the program is a shell's line, which asks what a hijacked ffmpeg would."""

import os
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread

import pytest

from pisar.adapters.fence import MEMORY_BYTES, OPEN_FILES, Fence, fence_for, start

SHELL = "/bin/sh"
PATIENCE_SECONDS = 30

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the fence is the limits of the shell alone")


@pytest.fixture
def fence() -> Fence:
    return fence_for(SHELL)


def said(fence: Fence, line: str, *, cpu_seconds: int = 5) -> str:
    with Path(os.devnull).open("rb") as nothing:
        process = start(fence, [SHELL, "-c", line], cpu_seconds=cpu_seconds, stdin=nothing.fileno())
    return process.communicate(timeout=PATIENCE_SECONDS)[0].decode()


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def ends(pid: int) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_running(pid)


def test_its_memory_its_time_and_its_files_are_bounded(fence):
    asked = "for limit in c f n t v; do ulimit -S -$limit; ulimit -H -$limit; done"
    expected = [0, 0, 0, 0, OPEN_FILES, OPEN_FILES, 7, 7, MEMORY_BYTES // 1024, MEMORY_BYTES // 1024]
    assert [int(word) for word in said(fence, asked, cpu_seconds=7).split()] == expected


def test_a_limit_that_is_lower_already_is_left():
    low = f"ulimit -v 400000; exec {sys.executable} -c '{_SAID.format(line='ulimit -v')}'"
    assert subprocess.run([SHELL, "-c", low], capture_output=True, text=True, check=True).stdout == "400000\n"


_SAID = """
import subprocess, sys
from pisar.adapters.fence import fence_for, start
print(start(fence_for("/bin/sh"), ["/bin/sh", "-c", "{line}"], cpu_seconds=5, stdin=0).communicate()[0].decode(), end="")
"""


def test_it_has_no_right_and_gets_none(fence):
    found = dict(line.split(":", 1) for line in said(fence, "cat /proc/self/status").splitlines())
    assert (int(found["CapEff"], 16), int(found["CapPrm"], 16), int(found["CapInh"], 16), int(found["NoNewPrivs"])) == (0, 0, 0, 1)


def test_it_has_no_secret_of_its_own_and_none_of_its_parents(fence, monkeypatch):
    if not fence.apart:
        pytest.skip("no user and no namespace of its own on this machine")
    monkeypatch.setenv("TELEGRAM_TOKEN", "1:secret")
    assert said(fence, "env | grep -v ^PWD= | sort") == "MALLOC_ARENA_MAX=1\n"
    assert said(fence, "cat /proc/$PPID/environ /proc/$PPID/mem /proc/$PPID/maps") == ""
    assert "TELEGRAM_TOKEN" in said(Fence(), "cat /proc/$PPID/environ; echo TELEGRAM_TOKEN")  # what is asked for could be read


_PLAIN_USER = """
import ctypes, os, sys
from pisar.adapters.fence import Fence, _fences, fence_for, keep_secrets, start
def read(fence):
    return start(fence, ["/bin/sh", "-c", "cat /proc/$PPID/environ"], cpu_seconds=5, stdin=0).communicate()[0]
if os.geteuid() == 0:
    os.setresgid(65532, 65532, 65532)
    os.setresuid(65532, 65532, 65532)
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # as a process is that began as this user
weakest = [*_fences(), Fence()]
found = [b"TELEGRAM_TOKEN" in read(weakest[-1]), b"TELEGRAM_TOKEN" in read(fence_for("/bin/sh")) and fence_for("/bin/sh").apart]
keep_secrets()
print(*found, *(b"TELEGRAM_TOKEN" in read(fence) for fence in weakest))
"""


def test_a_plain_users_process_keeps_its_secrets_from_every_fence_and_from_none():
    environment = os.environ | {"TELEGRAM_TOKEN": "1:secret"}
    done = subprocess.run([sys.executable, "-c", _PLAIN_USER], capture_output=True, text=True, check=True, env=environment)
    without, apart, *kept = done.stdout.split()
    assert (without, apart, set(kept)) == ("True", "False", {"False"})


def test_it_reaches_no_network(fence):
    if not fence.offline:
        pytest.skip("no network namespace on this machine")
    devices = said(fence, "cat /proc/net/dev").splitlines()[2:]
    assert {int(line.split(":")[1].split()[8]) for line in devices} == {0}  # packets sent, by loopback too
    assert said(fence, "cat /proc/net/route").splitlines()[1:] == []


def test_it_writes_no_file(fence, tmp_path):
    tmp_path.chmod(0o777)
    said(fence, f"echo more than nothing >{tmp_path}/file")
    assert [path for path in tmp_path.iterdir() if path.stat().st_size] == []


_PARENT = """
import sys, time
from pisar.adapters.fence import fence_for, start
print(start(fence_for("/bin/sh"), ["/bin/sh", "-c", "while :; do :; done"], cpu_seconds=60, stdin=0).pid, flush=True)
time.sleep(60)
"""


def test_it_is_killed_when_its_parent_is():
    parent = subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    assert is_running(child)
    parent.kill()
    parent.communicate()
    assert ends(child)


def test_it_does_not_begin_once_its_parent_is_gone(fence):
    stranger = ["/bin/sh", "-c", '"$@"; echo $?', "stranger", *fence.command(["/bin/echo", "begun"], cpu_seconds=5)]
    assert subprocess.run(stranger, capture_output=True, text=True, check=True).stdout == "125\n"


def test_it_outlives_the_thread_that_asked_for_it(fence):
    reading, writing = os.pipe()
    started = []

    def begin() -> None:
        started.append(start(fence, [SHELL, "-c", "echo ready; exec cat"], cpu_seconds=5, stdin=reading))
        assert started[0].stdout.readline() == b"ready\n"

    thread = Thread(target=begin)
    thread.start()
    thread.join()
    os.write(writing, b"still here")
    os.close(writing)
    os.close(reading)
    assert started[0].communicate(timeout=PATIENCE_SECONDS)[0] == b"still here"


_FORK = """
import os
from pisar.adapters.fence import fence_for, start
def say(word):
    return start(fence_for("/bin/sh"), ["/bin/echo", word], cpu_seconds=5, stdin=0).communicate()[0].decode()
print(say("parent"), end="", flush=True)
print(say("child"), end="", flush=True) if os.fork() == 0 else os.wait()
"""


def test_a_process_that_was_forked_starts_programs_too():
    done = subprocess.run([sys.executable, "-c", _FORK], capture_output=True, text=True, check=True, timeout=PATIENCE_SECONDS)
    assert done.stdout == "parent\nchild\n"


def test_a_program_that_others_may_not_reach_still_gets_a_fence(tmp_path):
    tmp_path.chmod(0o700)
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\necho reached\n")
    program.chmod(0o700)
    fence = fence_for(str(program))
    process = start(fence, [str(program)], cpu_seconds=5, stdin=0)
    assert (process.communicate(timeout=PATIENCE_SECONDS)[0], fence.mortal) == (b"reached\n", True)
