"""The command `terraform` at work in a copy of a root, so that neither its state nor its locks come to lie in the repository."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

LIMIT_SECONDS = 300
TERRAFORM = shutil.which("terraform")
LEFT_BEHIND = shutil.ignore_patterns(".terraform*", "*.tfstate*", "*.tfvars", "README.md")
# Nothing is asked, no newer version is looked for, and messages don't suggest what to type next.
QUIET = {"TF_INPUT": "0", "TF_IN_AUTOMATION": "yes", "CHECKPOINT_DISABLE": "yes"}


class TerraformFailed(Exception):
    """Terraform ended with an error; the message is what it printed."""


class Terraform:
    """Terraform on a copy of the folder `root` in the folder `work`, which it makes. Variables are given by environment."""

    def __init__(self, root: Path, work: Path, environment: Mapping[str, str], variables: Mapping[str, Any]) -> None:
        self.folder = work / "root"
        shutil.copytree(root, self.folder, ignore=LEFT_BEHIND)
        given = {f"TF_VAR_{name}": value if isinstance(value, str) else json.dumps(value) for name, value in variables.items()}
        self._environment = {**os.environ, **QUIET, **environment, **given}

    def init(self, *, mirror: str | None = None) -> None:
        """Prepare the folder. Providers that are served already are found; others are taken from the folder `mirror` alone."""
        self.run("init", *([f"-plugin-dir={mirror}"] if mirror else []))

    def apply(self, *options: str) -> str:
        """Make what the files say and return what Terraform printed."""
        return self.run("apply", "-auto-approve", *options)

    def destroy(self) -> str:
        """Erase all that was made and return what Terraform printed."""
        return self.run("destroy", "-auto-approve")

    def outputs(self) -> dict[str, Any]:
        """Return the outputs of the last apply."""
        return {name: output["value"] for name, output in json.loads(self.run("output", "-json")).items()}

    def run(self, command: str, *arguments: str) -> str:
        """Run one of Terraform's commands and return what it printed. Raises TerraformFailed."""
        if TERRAFORM is None:
            raise TerraformFailed("terraform is not installed, or not in PATH: it comes from HashiCorp, and from no package index")
        plain = [] if command in {"show", "output"} else ["-no-color"]
        try:
            done = subprocess.run(
                [TERRAFORM, f"-chdir={self.folder}", command, *plain, *arguments],
                env=self._environment, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise TerraformFailed(f"terraform {command} did not end within {LIMIT_SECONDS} s") from None
        if done.returncode:
            # Of a long plan nothing is of interest when its apply fails; a test's findings are what it prints.
            found = done.stdout if command == "test" else ""
            raise TerraformFailed(f"terraform {command} failed:\n{found}{done.stderr}")
        return done.stdout
