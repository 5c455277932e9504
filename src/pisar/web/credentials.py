"""Finds the API key in a request's headers: in X-API-Key, or in `Authorization: Bearer …`, in either and at every address alike. Pure."""

from collections.abc import Mapping

from pisar.web.http import header


class TwoKeysError(Exception):
    """The two headers carry different keys, so nobody can say who calls.

    To prefer one would be unsafe: the gateway remembers what the authorizer said by one of the two, and would give it to whoever sends that
    one alone.
    """


def api_key(headers: Mapping[str, str]) -> str | None:
    """Return the key, None without one; raise TwoKeysError. Another scheme than Bearer, of a proxy for instance, is passed over."""
    named = (header(headers, "X-API-Key") or "").strip()
    scheme, _, rest = (header(headers, "Authorization") or "").strip().partition(" ")
    bearer = rest.strip() if scheme.lower() == "bearer" else ""
    if named and bearer and named != bearer:
        raise TwoKeysError
    return named or bearer or None
