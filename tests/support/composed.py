"""What compose.yaml starts, for who starts the same processes without Docker."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "compose.yaml"
DOORS = ROOT / "containers" / "transcriber"
SECRETS = frozenset(
    {
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "PISAR_BROKER_URL",
        "PISAR_RESULTS_URL",
        "TELEGRAM_BOT_TOKEN",
        "TELEGRAM_WEBHOOK_SECRET",
    }
)
"""Names under which a process is told a secret."""


def services() -> dict[str, dict[str, Any]]:
    """Return the services by name, as written: anchors are followed, variables are not filled in."""
    found: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    return found


def is_ours(service: dict[str, Any]) -> bool:
    """Say whether a service runs Pisar's own image."""
    return str(service["image"]).startswith("pisar:")


def door_commands() -> dict[str, tuple[str, ...]]:
    """Return, for each service that stays, what Python is told to run in the folder of the doors: `("worker.py", "voice")`."""
    ours = {name: tuple(one["command"]) for name, one in services().items() if is_ours(one)}
    return {name: command for name, command in ours.items() if command[0].endswith(".py")}


def without_others_secrets(service: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without the secrets that a service is not told."""
    told = services()[service]["environment"]
    return {name: value for name, value in environment.items() if name not in SECRETS or name in told}
