import os
import signal
from pathlib import Path

import pytest

from localstack.cloud.containers import Container
from localstack.cloud.exchange import CallFailed, Request
from localstack.cloud.instances import Limits


def _get(container, path):
    return container.call_http(Request("GET", path))


def test_an_idle_instance_serves_the_next_request(run, new_container):
    container = new_container()
    assert [run(_get(container, "/")).status for _ in range(3)] == [200, 200, 200]
    assert len(container.pids()) == 1


def test_a_request_that_finds_all_busy_starts_another_instance(run, new_container, gate, lines):
    container = new_container(limits=Limits(max_instances=2))
    first = run.submit(_get(container, f"/wait{gate.path}"))
    lines.wait_for("/wait")
    assert run(_get(container, "/")).status == 200
    assert len(container.pids()) == 2
    gate.open()
    assert first.result(60).status == 200


def test_above_the_limit_of_instances_requests_wait_and_above_the_limit_of_waiting_they_are_refused(run, new_container, gate, lines):
    container = new_container(limits=Limits(max_instances=1, max_waiting=1))
    first = run.submit(_get(container, f"/wait{gate.path}"))
    lines.wait_for("/wait")
    second = run.submit(_get(container, "/second"))
    third = run(_get(container, "/third"))
    assert (third.status, second.done()) == (429, False)
    gate.open()
    assert (first.result(60).status, second.result(60).status) == (200, 200)
    assert lines.texts == [f"GET /wait{gate.path}", "GET /second"]


def test_an_instance_killed_while_idle_is_replaced(run, new_container, until):
    container = new_container()
    run(_get(container, "/"))
    [pid] = container.pids()
    os.kill(pid, signal.SIGKILL)
    until(lambda: not _runs(pid))  # until the machine gets to it, its port still takes connections
    assert run(_get(container, "/")).status == 200
    assert container.pids() != [pid]


def test_an_instance_that_dies_at_work_is_a_502_and_replaced(run, new_container):
    container = new_container()
    assert [run(_get(container, path)).status for path in ("/die", "/")] == [502, 200]


def test_over_the_execution_timeout_the_caller_gets_504_and_the_instance_is_killed(run, new_container, gate):
    container = new_container(limits=Limits(execution_timeout_seconds=1.5))
    assert run(_get(container, f"/wait{gate.path}")).status == 504
    assert container.pids() == []


def test_start_up_counts_in_the_execution_timeout(run, new_container, gate):
    container = new_container(f"open({str(gate.path)!r}).read()", limits=Limits(execution_timeout_seconds=0.3, start_timeout_seconds=60))
    assert run(_get(container, "/")).status == 504


@pytest.mark.parametrize(
    ("source", "seconds", "reason"),
    [
        ("raise SystemExit(3)", 60, "the instance ended at its start with code 3"),
        ("import threading; threading.Event().wait()", 1, "the instance did not listen within 1 s"),
    ],
)
def test_an_instance_that_does_not_start_is_a_502_that_says_why(run, new_container, source, seconds, reason):
    container = new_container(source, limits=Limits(start_timeout_seconds=seconds))
    response = run(_get(container, "/"))
    assert (response.status, response.body.decode()) == (502, f'{{"message": "{reason}"}}')


def test_nobody_else_is_given_the_port_before_the_instance_listens(run, new_container, lines):
    source = """
import errno, os, socket
with socket.socket() as other:
    print(errno.errorcode[other.connect_ex(("127.0.0.1", int(os.environ["PORT"])))])
    try:
        other.bind(("127.0.0.1", int(os.environ["PORT"])))
    except OSError as error:
        print(errno.errorcode[error.errno])
"""
    run(_get(new_container(source), "/"))
    assert lines.texts == ["ECONNREFUSED", "EADDRINUSE"]


def test_a_program_that_is_not_there_is_a_502(run, stopped, lines, tmp_path):
    container = Container("box", [str(tmp_path / "absent")], {}, on_line=lines.add)
    assert run(_get(container, "/")).status == 502


def test_the_environment_is_the_given_one_and_the_platforms_own(run, new_container, monkeypatch, lines):
    monkeypatch.setenv("SECRET_OF_THE_LAPTOP", "1")
    source = "import os; print(sorted(os.environ)); print(os.environ['GIVEN'])"
    run(_get(new_container(source, {"GIVEN": "yes", "PORT": "1"}), "/"))
    assert lines.texts == ["['GIVEN', 'LANG', 'PATH', 'PORT', 'PYTHONUNBUFFERED']", "yes"]


def test_every_line_is_captured_whatever_its_length_and_also_the_last_one(run, new_container, lines):
    source = """
        import sys
        for number in range(20_000):
            print(number)
        print("ü" * 200_000, file=sys.stderr)
        print("last words", end="")
    """
    run(_get(new_container(source), "/"))
    assert lines.texts == [*map(str, range(20_000)), "ü" * 200_000, "last words"]


def test_a_caller_that_gives_up_does_not_stop_the_call(run, new_container, gate, lines):
    container = new_container()
    call = run.submit(_get(container, f"/wait{gate.path}"))
    lines.wait_for("/wait")
    pids = container.pids()
    call.cancel()
    gate.open()
    assert run(_get(container, "/")).status == 200
    assert container.pids() == pids


def test_stop_asks_first(run, new_container, lines):
    source = """
        import os, signal
        from http.server import BaseHTTPRequestHandler, HTTPServer
        def end(*_):
            print("asked to end", flush=True)
            os._exit(0)
        signal.signal(signal.SIGTERM, end)
        class Answer(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(204)
                self.end_headers()
        HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Answer).serve_forever()
    """
    container = new_container(source, limits=Limits(grace_seconds=60))
    assert run(_get(container, "/")).status == 204
    run(container.stop())
    assert lines.texts[-1] == "asked to end"
    assert container.pids() == []


def test_stop_kills_an_instance_that_will_not_end_and_what_it_started(run, new_container, lines, until):
    source = """
        import os, signal, subprocess, sys
        from http.server import BaseHTTPRequestHandler, HTTPServer
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        child = subprocess.Popen([sys.executable, "-c", "import threading; threading.Event().wait()"])
        print("child", child.pid, flush=True)
        class Answer(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(204)
                self.end_headers()
        HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Answer).serve_forever()
    """
    container = new_container(source, limits=Limits(grace_seconds=0.5))
    assert run(_get(container, "/")).status == 204
    [child] = [int(line.split()[1]) for line in lines.texts if line.startswith("child")]
    run(container.stop())
    assert container.pids() == []
    until(lambda: not _runs(child))


def _runs(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"  # a zombie has ended
    except FileNotFoundError:
        return False


def test_a_call_during_stop_fails(run, new_container, gate, lines):
    container = new_container()
    call = run.submit(_get(container, f"/wait{gate.path}"))
    lines.wait_for("/wait")
    run(container.stop())
    assert call.result(60).status == 502


def test_deliver_raises_what_the_caller_would_have_been_told(run, new_container):
    with pytest.raises(CallFailed, match="503"):
        run(new_container().deliver({"messages": []}, "/status/503"))
