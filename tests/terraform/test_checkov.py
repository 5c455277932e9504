"""What checkov knows of bad deployments and images. Reasons for what it is not asked are in `.checkov.yaml` and beside the resources."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.terraform.yandex import ROOT

CHECKOV = ROOT / "build" / "checkov" / "bin" / "checkov"

pytestmark = pytest.mark.skipif(not CHECKOV.exists(), reason="checkov is not installed: `make terraform-test` does that")


def reports(*arguments: str | Path) -> Iterator[dict[str, Any]]:
    """Run checkov and give its reports: it writes them one after another."""
    done = subprocess.run([CHECKOV, *arguments, "--output", "json"], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.stdout, done.stderr
    left = done.stdout.lstrip()
    while left:
        written, end = json.JSONDecoder().raw_decode(left)
        yield from written if isinstance(written, list) else [written]
        left = left[end:].lstrip()


def failed(report: dict[str, Any]) -> list[tuple[str, str]]:
    return [(check["check_id"], check["resource"]) for check in report["results"]["failed_checks"]]


def test_checkov_finds_nothing_and_understands_every_file():
    found = list(reports("--config-file", ".checkov.yaml"))
    assert {report["check_type"] for report in found} == {"terraform", "dockerfile"}
    assert [failed(report) for report in found] == [[] for _ in found]
    assert [report["results"]["parsing_errors"] for report in found] == [[] for _ in found]
    assert all(report["summary"]["passed"] >= 20 for report in found)
    skipped = [check for report in found for check in report["results"]["skipped_checks"]]
    assert all(len(check["check_result"]["suppress_comment"]) >= 20 for check in skipped)


def test_checkov_would_have_found_a_key_that_is_never_changed(tmp_path: Path):
    shutil.copytree(ROOT / "terraform", tmp_path / "terraform")
    storage = tmp_path / "terraform" / "storage.tf"
    storage.write_text(storage.read_text().replace('rotation_period   = "8760h"', ""))
    (report,) = reports("--directory", tmp_path / "terraform", "--framework", "terraform", "--skip-download")
    assert ("CKV_YC_9", "yandex_kms_symmetric_key.bucket") in failed(report)
