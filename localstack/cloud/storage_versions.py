"""Buckets without versions, as S3 speaks of them: moto names a version "null" in some answers, and refuses requests that name it.

S3 sends `x-amz-version-id` where the bucket has versioning turned on (Amazon S3 API Reference, CompleteMultipartUpload), and what was
written without versioning is the version `null` (Amazon S3 User Guide, "How S3 Versioning works"). rclone asks for the version that it was
told of.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

VERSION_HEADER = "x-amz-version-id"
NULL = "null"
NULL_VERSION = f"versionId={NULL}"


class WithoutVersions:
    """The application, with one version of each object: the local cloud's buckets have no others."""

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request."""
        query: str = environ.get("QUERY_STRING", "")
        environ["QUERY_STRING"] = "&".join(part for part in query.split("&") if part != NULL_VERSION)

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None, /) -> Callable[[bytes], object]:
            told = [(name, value) for name, value in headers if (name.lower(), value) != (VERSION_HEADER, NULL)]
            return start_response(status, told, exc_info)

        return self._application(environ, start)
