"""Files behind links that people send."""

from typing import Protocol


class LinkFiles(Protocol):
    """Fetches files from the public internet, unless the owner named the host."""

    def fetch(self, link: str, *, max_bytes: int) -> bytes:
        """Return the file behind an https link. Raises Rejected with a LinkRefusal, or UNSUPPORTED; Crowded when too many are fetched."""
