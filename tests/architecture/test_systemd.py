"""The systemd units, as systemd reads them: what each may do, how much memory it may take, and which secrets it is told."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.composed import ROOT, SECRETS, services

UNITS = ROOT / "containers" / "systemd"
LIKE = {
    "pisar-door@app": "api",
    "pisar-door@bot": "bot",
    "pisar-worker@errands": "errands",
    "pisar-worker@voice": "worker",
    "pisar-worker@lectures": "lectures",
}
"""The service of compose.yaml that runs the same process."""
OF_OTHERS = {"BROKER_PASSWORD", "GRAFANA_PASSWORD"}
MOST_EXPOSED = 2.5

each_unit = pytest.mark.parametrize("unit", LIKE)


def directives(unit: str) -> list[tuple[str, str]]:
    """Return what the template and the unit's own file say, in the order in which systemd reads it."""
    files = [UNITS / f"{unit.partition('@')[0]}@.service", *sorted((UNITS / f"{unit}.service.d").glob("*.conf"))]
    return [found for file in files for found in re.findall(r"^(\w+)=(.*)$", file.read_text(), re.MULTILINE)]


def last(unit: str, name: str) -> str:
    return [value for found, value in directives(unit) if found == name][-1]


def test_there_is_a_unit_for_each_process_and_no_file_for_none():
    assert {path.stem for path in UNITS.iterdir()} - {f"{unit}.service" for unit in LIKE} == {"pisar-door@", "pisar-worker@"}


@each_unit
def test_a_unit_is_told_the_secrets_that_compose_tells_and_no_others(unit: str):
    taken_away = {name for found, value in directives(unit) if found == "UnsetEnvironment" for name in value.split()}
    told = set(services()[LIKE[unit]]["environment"])
    assert (SECRETS | OF_OTHERS) - taken_away == SECRETS & told


@each_unit
def test_a_unit_has_the_memory_that_compose_gives(unit: str):
    (in_compose,) = re.findall(r":-(.+)\}", services()[LIKE[unit]]["mem_limit"])
    assert last(unit, "MemoryMax").lower() == in_compose
    assert last(unit, "OOMPolicy") == "continue"


def systemd_analyze() -> str:
    if shutil.which("systemd-analyze") is None:
        subprocess.run([ROOT / "setup.sh", "debian", "systemd"], check=False, timeout=500)
    return shutil.which("systemd-analyze") or pytest.skip("NOT TRIED: systemd is missing and could not be installed")


@pytest.mark.slow
@each_unit
def test_a_unit_is_hardly_exposed(unit: str, tmp_path: Path):
    whole = tmp_path / f"{unit}.service"
    template = (UNITS / f"{unit.partition('@')[0]}@.service").read_text()
    own = "".join(path.read_text() for path in sorted((UNITS / f"{unit}.service.d").glob("*.conf")))
    whole.write_text(f"{template}\n{own}")
    command = [systemd_analyze(), "security", "--offline=true", "--no-pager", str(whole)]
    said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert said.stderr == ""  # it would name what it does not understand
    (exposure,) = re.findall(r"exposure level for \S+: ([\d.]+)", said.stdout)
    assert float(exposure) < MOST_EXPOSED
