"""Object Storage, or anything that speaks S3, behind port ObjectStore.

A conditional write is decided by the server (If-None-Match, If-Match), never by a look before it.
"""

from collections.abc import Iterator, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import ClientError

from pisar.adapters.boto import CONFIG, our_errors, region, translate
from pisar.domain.bucket import UNKNOWN_TYPE, media_type
from pisar.errors import Conflict, Missing
from pisar.ports.storage import BegunUpload, ListedObject, ObjectInfo, StoredObject, StoredPart, UploadForm

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

SYSTEM = "Object Storage"

_CONFIG = Config(
    signature_version="s3v4",
    # boto3 1.36 began to add checksums that many S3-compatible stores do not know
    # (https://github.com/boto/boto3/issues/4392); delete when Object Storage documents them.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
    # Works on every host, also on one whose subdomains do not resolve.
    s3={"addressing_style": "path"},
)


class S3ObjectStore:
    """Objects of one bucket. Safe for threads; nothing is connected before the first call."""

    def __init__(self, bucket: str, *, endpoint_url: str | None = None) -> None:
        self._bucket = bucket
        self._endpoint_url = endpoint_url
        self._lock = Lock()
        self._client: S3Client | None = None

    def reached_at(self, url: str) -> "S3ObjectStore":
        """Return the same bucket as others reach it, for their forms: at another address, or at this one if it is empty."""
        return S3ObjectStore(self._bucket, endpoint_url=url) if url else self

    def put(self, key: str, body: bytes, *, if_absent: bool = False, if_match: str | None = None) -> str:
        """Write and return the new tag. With a condition that does not hold, raise Conflict and write nothing.

        The race with oneself: a try whose answer is lost is repeated by botocore, and the repetition may lose against
        what the first try wrote. So a conflict after a repetition is looked into: if the stored body is the one we write,
        the write is done. Records name their holder, so nobody else's write is taken for ours.
        """
        condition: Any = {"IfNoneMatch": "*"} if if_absent else {"IfMatch": if_match} if if_match is not None else {}
        with our_errors(SYSTEM):
            client = self._connected()
            try:
                return client.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=media_type(key), **condition)["ETag"]
            except ClientError as error:
                if not condition or not isinstance(translate(error, SYSTEM), Conflict | Missing):
                    raise
                repeated = error.response["ResponseMetadata"].get("RetryAttempts", 0) > 0
        if repeated and (stored := self._find(key)) is not None and stored.body == body:
            return stored.etag
        # If-Match on an absent object is answered with 404.
        raise Conflict(f"{SYSTEM}: someone wrote first")

    def get(self, key: str) -> StoredObject:
        """Return the object; raise Missing."""
        with our_errors(SYSTEM):
            answer = self._connected().get_object(Bucket=self._bucket, Key=key)
            with answer["Body"] as stream:
                return StoredObject(stream.read(), answer["ETag"])

    def look(self, key: str) -> ObjectInfo:
        """Return what is known of the object; raise Missing."""
        with our_errors(SYSTEM):
            answer = self._connected().head_object(Bucket=self._bucket, Key=key)
            metadata = {name.lower(): value for name, value in answer["Metadata"].items()}
            return ObjectInfo(answer["ContentLength"], answer["ETag"], metadata, answer.get("ContentType", UNKNOWN_TYPE))

    def delete(self, key: str) -> None:
        """Remove the object; an absent one is fine."""
        with our_errors(SYSTEM):
            self._connected().delete_object(Bucket=self._bucket, Key=key)

    def keys(self, prefix: str, *, after: str = "") -> Iterator[str]:
        """Yield the keys that begin with `prefix` and come after `after` in order of their UTF-8 bytes, 1,000 for each request."""
        with our_errors(SYSTEM):
            pages = self._connected().get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix, StartAfter=after)
            for page in pages:
                for entry in page.get("Contents", ()):
                    yield entry["Key"]

    def entries(self, prefix: str) -> Iterator[ListedObject]:
        """Yield what a listing says of the objects whose keys begin with `prefix`, in order, 1,000 for each request."""
        with our_errors(SYSTEM):
            for page in self._connected().get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix):
                for entry in page.get("Contents", ()):
                    yield ListedObject(entry["Key"], entry["ETag"], entry["LastModified"].timestamp())

    def form(self, key: str, *, max_bytes: int, seconds: int) -> UploadForm:
        """Return a presigned POST form (its conditions hold key and size, unlike a presigned PUT); nothing is sent."""
        with our_errors(SYSTEM):
            form = self._connected().generate_presigned_post(
                self._bucket,
                key,
                Fields={"success_action_status": "204"},
                Conditions=[{"success_action_status": "204"}, ["content-length-range", 1, max_bytes]],
                ExpiresIn=seconds,
            )
        return UploadForm(form["url"], form["fields"])

    def part_url(self, key: str, upload_id: str, number: int, *, size_bytes: int, seconds: int) -> str:
        """Return a presigned address for PUT; the signature holds the part's Content-Length too. Nothing is sent."""
        this = {"Bucket": self._bucket, "Key": key, "UploadId": upload_id, "PartNumber": number, "ContentLength": size_bytes}
        with our_errors(SYSTEM):
            return self._connected().generate_presigned_url("upload_part", Params=this, ExpiresIn=seconds)

    def begin_upload(self, key: str) -> str:
        """Begin a multipart upload and return its id."""
        with our_errors(SYSTEM):
            return self._connected().create_multipart_upload(Bucket=self._bucket, Key=key)["UploadId"]

    def stored_parts(self, key: str, upload_id: str) -> tuple[StoredPart, ...]:
        """Return the parts in the order of their numbers, 1,000 for each request; raise Missing."""
        with our_errors(SYSTEM):
            pages = self._connected().get_paginator("list_parts").paginate(Bucket=self._bucket, Key=key, UploadId=upload_id)
            return tuple(StoredPart(one["PartNumber"], one["Size"], one["ETag"]) for page in pages for one in page.get("Parts", ()))

    def join_parts(self, key: str, upload_id: str, parts: Sequence[StoredPart]) -> None:
        """Complete the multipart upload; raise Missing for one that was completed or aborted."""
        named: Any = [{"PartNumber": part.number, "ETag": part.etag} for part in parts]
        with our_errors(SYSTEM):
            self._connected().complete_multipart_upload(Bucket=self._bucket, Key=key, UploadId=upload_id, MultipartUpload={"Parts": named})

    def abort_upload(self, key: str, upload_id: str) -> None:
        """Abort the multipart upload; one that is gone is fine."""
        try:
            with our_errors(SYSTEM):
                self._connected().abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=upload_id)
        except Missing:
            pass

    def begun_uploads(self) -> Iterator[BegunUpload]:
        """Yield the bucket's multipart uploads that are under way, 1,000 for each request."""
        with our_errors(SYSTEM):
            for page in self._connected().get_paginator("list_multipart_uploads").paginate(Bucket=self._bucket):
                for one in page.get("Uploads", ()):
                    yield BegunUpload(one["Key"], one["UploadId"], one["Initiated"].timestamp())

    def _find(self, key: str) -> StoredObject | None:
        try:
            return self.get(key)
        except Missing:
            return None

    def _connected(self) -> "S3Client":
        with self._lock:  # a session of its own: boto3's default one is not safe for threads
            if self._client is None:
                self._client = _client(self._endpoint_url)
            return self._client


class S3Bucket:
    """A bucket looked at from outside, behind port BucketMaker."""

    def __init__(self, bucket: str, *, endpoint_url: str | None = None) -> None:
        self._bucket = bucket
        self._endpoint_url = endpoint_url

    def exists(self) -> bool:
        """Say whether it is there."""
        with our_errors(SYSTEM):
            try:
                _client(self._endpoint_url).head_bucket(Bucket=self._bucket)
            except ClientError as error:
                if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404:  # noqa: PLR2004 - HTTP
                    return False
                raise
        return True

    def make(self) -> None:
        """Make it in the region of the client; one that is ours already is fine. Raises Misconfigured."""
        with our_errors(SYSTEM):
            client = _client(self._endpoint_url)
            region: Any = client.meta.region_name
            # Amazon wants its oldest region left out and every other one named; the rest of the world mostly does not look.
            where: Any = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
            try:
                client.create_bucket(Bucket=self._bucket, **where)
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") != "BucketAlreadyOwnedByYou":
                    raise


def _client(endpoint_url: str | None) -> "S3Client":
    session = Session()
    return session.client("s3", endpoint_url=endpoint_url, region_name=region(session), config=CONFIG.merge(_CONFIG))
