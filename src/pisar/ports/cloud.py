"""A deployment in the cloud, and its HTTP doors, looked at from outside."""

from typing import Protocol

from pisar.domain.deployments import Bucket, Deployable, DoorReply, Gateway, Quota, Secret, Trigger


class Deployment(Protocol):
    """What the cloud says of a deployment, by the names of things. Nothing is changed.

    Raises Misconfigured where the token or the address is wrong, Unavailable where the cloud does not answer.
    """

    def accounts(self) -> dict[str, str]:
        """Return the service accounts' ids by name."""

    def folder_roles(self) -> set[tuple[str, str]]:
        """Return who holds what on the folder: pairs of role and member."""

    def functions(self) -> dict[str, Deployable]:
        """Return the functions."""

    def containers(self) -> dict[str, Deployable]:
        """Return the containers."""

    def triggers(self) -> dict[str, Trigger]:
        """Return the triggers."""

    def gateways(self) -> dict[str, Gateway]:
        """Return the API gateways."""

    def secrets(self) -> dict[str, Secret]:
        """Return the secrets, never what is in them."""

    def bucket(self, name: str) -> Bucket:
        """Return a bucket's rules; raise Missing."""

    def quota(self, which: Quota) -> float:
        """Return a quota: cores, bytes, instances or requests."""


class Door(Protocol):
    """An HTTP door looked at from outside, by somebody without a key."""

    def ask(self, method: str, path: str) -> DoorReply:
        """Return the answer; raise Unavailable if there is none."""
