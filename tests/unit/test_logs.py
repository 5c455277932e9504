"""Log lines as the cloud reads them, from a process of their own: `configure` owns the root logger."""

import json
import subprocess
import sys

PROGRAM = """
import logging
from pisar import logs
from pisar.domain.jobs import CURRENT_JOB_ID
logging.basicConfig(level=logging.WARNING)  # as a cloud function finds it
logs.configure("here", "INFO")
log = logging.getLogger("a.b")
log.info("started")
CURRENT_JOB_ID.set("j1")
log.warning("кое-что", extra={"seconds": 1.5})
log.debug("too fine")
try:
    1 / 0
except ZeroDivisionError:
    log.exception("broken")
log.critical("dead")
"""


def test_every_line_is_one_object_with_the_clouds_names_and_the_jobs_id():
    printed = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in printed.stdout.splitlines()]
    assert printed.stderr == ""
    assert [(line["message"], line["level"], line["job_id"], line["source"], line["logger"]) for line in lines] == [
        ("started", "INFO", None, "here", "a.b"),
        ("кое-что", "WARN", "j1", "here", "a.b"),
        ("broken", "ERROR", "j1", "here", "a.b"),
        ("dead", "FATAL", "j1", "here", "a.b"),
    ]
    assert lines[1]["seconds"] == 1.5
    assert "ZeroDivisionError" in lines[2]["exc_info"]
    assert all(isinstance(line["time"], float) for line in lines)


STRANGE = "\x1b[2J \x9b2J \x7f \u202e \u2028 \ud83d й ✓"


def test_what_strangers_put_into_a_line_reaches_no_terminal_and_is_read_back_as_it_was():
    program = f"""
import logging
from pisar import logs
logs.configure("here", "INFO")
logging.getLogger("a").warning("header", extra={{"why": {STRANGE!r}}})
"""
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    (line,) = printed.stdout.decode().splitlines()
    assert printed.stderr == b""
    assert json.loads(line)["why"] == STRANGE
    assert [letter for letter in line if not letter.isprintable()] == []
    assert "й ✓" in line
