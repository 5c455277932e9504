"""A worker's heartbeat, written into the bucket so that the owner sees which workers are alive. Nothing is decided by it."""

import json
from dataclasses import asdict, dataclass
from typing import Any, Self

from pisar.domain.strict_json import parse_json
from pisar.errors import Unreadable

MISSED_BEATS = 3
"""How many beats a worker may miss before it counts as gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """A worker's heartbeat: its name, role and host, its start and last beat (Unix seconds by its clock), and the jobs in hand.

    `every_seconds`: the time between two beats.
    """

    name: str
    role: str
    host: str
    started_at: float
    beat_at: float
    every_seconds: float
    job_ids: tuple[str, ...] = ()

    def is_gone(self, now: float) -> bool:
        """Say whether the worker has missed MISSED_BEATS. A worker that was told to stop erases its heartbeat itself."""
        return now - self.beat_at > MISSED_BEATS * self.every_seconds

    def encode(self) -> bytes:
        """Return the object's body."""
        return json.dumps({"version": 1, **asdict(self)}, ensure_ascii=False).encode()

    @classmethod
    def decode(cls, body: bytes) -> Self:
        """Return the presence that `encode` wrote; raise Unreadable for anything else."""
        try:
            found: dict[str, Any] = parse_json(body)
            if found["version"] != 1:
                raise ValueError("unknown version")  # noqa: TRY301 - one way out for everything malformed
            return cls(
                name=str(found["name"]),
                role=str(found["role"]),
                host=str(found["host"]),
                started_at=float(found["started_at"]),
                beat_at=float(found["beat_at"]),
                every_seconds=float(found["every_seconds"]),
                job_ids=tuple(map(str, found["job_ids"])),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise Unreadable(f"not a worker's presence: {type(error).__name__}") from error
