"""Terraform itself over what stands in for a provider. Without Terraform there is nothing to see here."""

import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.support.terraform.command import TERRAFORM
from tests.terraform.yandex import ROOT

FUNCTIONS = sorted(path.parent.name for path in ROOT.glob("functions/*/main.py"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if TERRAFORM is None:
        for item in items:
            item.add_marker(pytest.mark.skip(reason="terraform is not installed"))


@pytest.fixture(scope="session")
def variables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a deployment can't do without; the archives are of no use but there."""
    artifacts = tmp_path_factory.mktemp("artifacts")
    for name in FUNCTIONS:
        with zipfile.ZipFile(artifacts / f"{name}.zip", "w") as archive:
            archive.writestr("main.py", "")
    return given(artifacts)


def given(artifacts: Path) -> dict[str, Any]:
    return {
        "artifacts": str(artifacts),
        "folder_id": "b1g0123456789abcdefg",
        "telegram_bot_token": "1:made-up",
        "transcriber_tag": "0.1.0",
    }
