"""The object store, and the forms and part addresses by which clients upload into it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pisar.domain.bucket import UNKNOWN_TYPE


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object's bytes, and the tag that changes with them (S3's ETag: the same bytes may have the same tag)."""

    body: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """An object's size, tag, metadata and media type, without its bytes; `metadata` is what its uploader attached, names in lower case."""

    size_bytes: int
    etag: str
    metadata: Mapping[str, str]
    media_type: str = UNKNOWN_TYPE


@dataclass(frozen=True, slots=True)
class ListedObject:
    """An object's entry in a listing: its key, its tag, and the time of its write in Unix seconds by the store's clock."""

    key: str
    etag: str
    written_at: float


class ObjectStore(Protocol):
    """Stores named bytes with conditional writes; all state of Pisar is in it."""

    def put(self, key: str, body: bytes, *, if_absent: bool = False, if_match: str | None = None) -> str:
        """Write the object and return its new tag. If the condition does not hold, raise Conflict and write nothing.

        `if_absent`: the object must not exist. `if_match`: the object must have this tag. Its key tells the media type that it is stored
        with (`pisar.domain.bucket.media_type`).
        """

    def get(self, key: str) -> StoredObject:
        """Return the object; raise Missing."""

    def look(self, key: str) -> ObjectInfo:
        """Return the object's size, tag and metadata; raise Missing."""

    def delete(self, key: str) -> None:
        """Erase the object. Idempotent."""

    def keys(self, prefix: str, *, after: str = "") -> Iterator[str]:
        """Yield the keys that begin with `prefix` and come after `after`, in order."""

    def entries(self, prefix: str) -> Iterator[ListedObject]:
        """Yield the entries of the objects whose keys begin with `prefix`, in the order of their keys."""


@dataclass(frozen=True, slots=True)
class UploadForm:
    """A form for posting a file: multipart/form-data to `url`, the `fields` first, then the file as `file`. Needs no keys."""

    url: str
    fields: Mapping[str, str]


class UploadForms(Protocol):
    """Makes forms, and addresses of parts, by which clients without keys can upload one object."""

    def form(self, key: str, *, max_bytes: int, seconds: int) -> UploadForm:
        """Return a form for this key alone, valid for so many seconds and for files of at most `max_bytes`. Sends nothing."""

    def part_url(self, key: str, upload_id: str, number: int, *, size_bytes: int, seconds: int) -> str:
        """Return an address to PUT one part of a begun upload to, valid for so many seconds and this size alone. Sends nothing."""


@dataclass(frozen=True, slots=True)
class StoredPart:
    """A part that the store has: its number from 1, its size, and the tag by which the parts are joined."""

    number: int
    size_bytes: int
    etag: str


@dataclass(frozen=True, slots=True)
class BegunUpload:
    """An upload in parts that is neither joined nor aborted; `begun_at` is in Unix seconds by the store's clock."""

    key: str
    upload_id: str
    begun_at: float


class PartUploads(Protocol):
    """Uploads of objects in parts (S3's multipart uploads). An object is there once its parts are joined; until then they cost space."""

    def begin_upload(self, key: str) -> str:
        """Begin to upload an object and return the upload's id."""

    def stored_parts(self, key: str, upload_id: str) -> tuple[StoredPart, ...]:
        """Return the parts that the store has, in the order of their numbers; raise Missing for an upload that was joined or aborted."""

    def join_parts(self, key: str, upload_id: str, parts: Sequence[StoredPart]) -> None:
        """Make the object of these parts, in the order of their numbers. Raise Missing for an upload that was aborted.

        Some stores raise it for one that was joined too, some do nothing.
        """

    def abort_upload(self, key: str, upload_id: str) -> None:
        """Erase the parts. Idempotent."""

    def begun_uploads(self) -> Iterator[BegunUpload]:
        """Yield the bucket's uploads that are neither joined nor aborted."""


class FormSender(Protocol):
    """Posts a file by a form, without keys."""

    def post(self, url: str, fields: Mapping[str, str], file: bytes) -> int:
        """Post the fields and the file, and return the HTTP status."""


class BucketMaker(Protocol):
    """Makes the bucket of an ObjectStore, and says whether it exists."""

    def exists(self) -> bool:
        """Say whether the bucket exists."""

    def make(self) -> None:
        """Make the bucket; one of ours that exists is no error. Raises Misconfigured."""
