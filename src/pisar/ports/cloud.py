"""A deployment in the cloud and its HTTP endpoints, as seen from outside."""

from typing import Protocol

from pisar.domain.deployments import Bucket, Deployable, DoorReply, Gateway, Quota, Secret, Trigger


class Deployment(Protocol):
    """Reads a deployment's resources from the cloud, by name; changes nothing.

    Raises Misconfigured where the token or the address is wrong, and Unavailable where the cloud does not answer.
    """

    def accounts(self) -> dict[str, str]:
        """Return the service accounts' ids by name."""

    def folder_roles(self) -> set[tuple[str, str]]:
        """Return the roles on the folder: pairs of role and member."""

    def functions(self) -> dict[str, Deployable]:
        """Return the functions."""

    def containers(self) -> dict[str, Deployable]:
        """Return the containers."""

    def triggers(self) -> dict[str, Trigger]:
        """Return the triggers."""

    def gateways(self) -> dict[str, Gateway]:
        """Return the API gateways."""

    def secrets(self) -> dict[str, Secret]:
        """Return the secrets' states, never their contents."""

    def bucket(self, name: str) -> Bucket:
        """Return a bucket's rules; raise Missing."""

    def quota(self, which: Quota) -> float:
        """Return a quota: cores, bytes, instances or requests."""


class Door(Protocol):
    """An HTTP endpoint, called without a key."""

    def ask(self, method: str, path: str) -> DoorReply:
        """Send the request and return the answer; raise Unavailable if there is none."""
