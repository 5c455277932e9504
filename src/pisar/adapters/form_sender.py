"""HTML forms posted as a browser or a client of the API does, behind port FormSender."""

from collections.abc import Mapping

import requests

from pisar.errors import Unavailable

TIMEOUT_SECONDS = 30.0


class HttpFormSender:
    """Posts by HTTP, without keys of any kind; redirects are not followed."""

    def post(self, url: str, fields: Mapping[str, str], file: bytes) -> int:
        """Return the status of the answer; raise Unavailable if there is none."""
        try:
            with requests.post(
                url, data=dict(fields), files={"file": ("file", file)}, timeout=TIMEOUT_SECONDS, allow_redirects=False
            ) as answer:
                return answer.status_code
        except requests.RequestException as error:
            raise Unavailable(f"no answer at the form's address: {type(error).__name__}") from None
