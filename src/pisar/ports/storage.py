"""The object store, and forms by which others write into it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object's bytes and the tag that changes with them (S3's ETag: the same bytes may have the same tag)."""

    body: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """What is known of an object without reading it; `metadata` is what its uploader attached, names in lower case."""

    size_bytes: int
    etag: str
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ListedObject:
    """What a listing says of an object: its key, its tag, and when it was written, in Unix seconds by the store's clock."""

    key: str
    etag: str
    written_at: float


class ObjectStore(Protocol):
    """Named bytes with conditional writes: all the state Pisar keeps."""

    def put(self, key: str, body: bytes, *, if_absent: bool = False, if_match: str | None = None) -> str:
        """Write and return the new tag. With a condition that does not hold, raise Conflict and write nothing."""

    def get(self, key: str) -> StoredObject:
        """Return the object; raise Missing."""

    def look(self, key: str) -> ObjectInfo:
        """Return what is known of the object; raise Missing."""

    def delete(self, key: str) -> None:
        """Remove the object; an absent one is fine."""

    def keys(self, prefix: str, *, after: str = "") -> Iterator[str]:
        """Yield the keys that begin with `prefix` and come after `after`, in order."""

    def entries(self, prefix: str) -> Iterator[ListedObject]:
        """Yield what a listing says of the objects whose keys begin with `prefix`, in order of their keys."""


@dataclass(frozen=True, slots=True)
class UploadForm:
    """A form that anybody who holds it may post a file with: multipart/form-data to `url`, the fields first, the file as `file`."""

    url: str
    fields: Mapping[str, str]


class UploadForms(Protocol):
    """Leave for others to write one object without keys of their own."""

    def form(self, key: str, *, max_bytes: int, seconds: int) -> UploadForm:
        """Return a form for that key alone, good for so many seconds and files of up to so many bytes. Nothing is sent."""


class FormSender(Protocol):
    """Somebody without keys who holds a form."""

    def post(self, url: str, fields: Mapping[str, str], file: bytes) -> int:
        """Post the fields and the file, and return the HTTP status."""


class BucketMaker(Protocol):
    """The bucket of an ObjectStore."""

    def exists(self) -> bool:
        """Say whether it is there."""

    def make(self) -> None:
        """Make it; one that is ours already is fine. Raises Misconfigured."""
