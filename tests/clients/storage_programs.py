"""Programs that people put files into buckets with, as they are installed, pointed at the local cloud's storage by their own settings."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from localstack.stack import BUCKET, CREDENTIALS, ROOT

KEY, SECRET, REGION = (CREDENTIALS[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"))
AWS = ROOT / "build" / "storage_clients" / "bin" / "aws"
SECONDS = 120


@dataclass(frozen=True, slots=True)
class Program:
    """A program and where its storage is; `home` has none of the person's settings. Paths are keys of the bucket."""

    url: str
    home: Path
    name: ClassVar[str]

    def run(self, *words: str | Path, piped: bytes | None = None) -> str:
        """Run the program and return its standard output; it must succeed."""
        done = subprocess.run(self.command(*words), input=piped, env=self.environment(), capture_output=True, timeout=SECONDS, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def command(self, *words: str | Path) -> list[str]:
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": str(self.home), "LC_ALL": "C.UTF-8"}

    def put(self, file: Path, key: str, **options: str) -> None:
        """Put a file into the bucket, with `pisar-` options as its metadata."""
        raise NotImplementedError

    def stream(self, body: bytes, key: str) -> None:
        """Put what comes by a pipe into the bucket."""
        raise NotImplementedError

    def sync(self, folder: Path, key: str) -> None:
        """Make the bucket's folder equal to a folder here."""
        raise NotImplementedError

    def move(self, key: str, to: str) -> None:
        """Rename an object."""
        raise NotImplementedError

    def get(self, key: str) -> str:
        """Return an object's text, as the program fetches it into a file."""
        raise NotImplementedError

    def media_type(self, key: str) -> str:
        """Return the content type that the program shows of an object."""
        raise NotImplementedError

    def file(self) -> Path:
        """Return a place for a file that does not exist yet."""
        return self.home / "fetched"

    def fetched(self) -> str:
        text = self.file().read_bytes().decode()
        self.file().unlink()
        return text


class Rclone(Program):
    """rclone of Debian."""

    name = "rclone"

    def command(self, *words: str | Path) -> list[str]:
        return ["rclone", "--config", "/dev/null", *map(str, words)]

    def environment(self) -> dict[str, str]:
        ours = {
            "TYPE": "s3",
            "PROVIDER": "Other",
            "ENDPOINT": self.url,
            "ACCESS_KEY_ID": KEY,
            "SECRET_ACCESS_KEY": SECRET,
            "REGION": REGION,
        }
        return super().environment() | {f"RCLONE_CONFIG_PISAR_{name}": value for name, value in ours.items()}

    def put(self, file: Path, key: str, **options: str) -> None:
        given = [word for name, value in options.items() for word in ("--header-upload", f"X-Amz-Meta-Pisar-{name}: {value}")]
        # By default rclone puts whole what is smaller than 200 MB.
        self.run("copyto", "--s3-upload-cutoff", "5M", "--s3-chunk-size", "5M", *given, file, at(key))

    def stream(self, body: bytes, key: str) -> None:
        self.run("rcat", "--s3-chunk-size", "5M", at(key), piped=body)

    def sync(self, folder: Path, key: str) -> None:
        # By default rclone takes names for one that differ only in how Unicode spells them.
        self.run("sync", "--no-unicode-normalization", folder, at(key))

    def move(self, key: str, to: str) -> None:
        self.run("moveto", at(key), at(to))

    def get(self, key: str) -> str:
        self.run("copyto", at(key), self.file())
        return self.fetched()

    def media_type(self, key: str) -> str:
        return str(json.loads(self.run("lsjson", "--stat", at(key)))["MimeType"])


class S3cmd(Program):
    """s3cmd of Debian."""

    name = "s3cmd"

    def command(self, *words: str | Path) -> list[str]:
        host = urlsplit(self.url).netloc
        keys = (f"--access_key={KEY}", f"--secret_key={SECRET}", f"--region={REGION}")
        return ["s3cmd", "--config=/dev/null", "--no-ssl", f"--host={host}", f"--host-bucket={host}", *keys, *map(str, words)]

    def put(self, file: Path, key: str, **options: str) -> None:
        self.run(
            "put", "--multipart-chunk-size-mb=5", *(f"--add-header=x-amz-meta-pisar-{n}:{v}" for n, v in options.items()), file, url(key)
        )

    def stream(self, body: bytes, key: str) -> None:
        self.run("put", "--multipart-chunk-size-mb=5", "-", url(key), piped=body)

    def sync(self, folder: Path, key: str) -> None:
        self.run("sync", "--delete-removed", f"{folder}/", url(f"{key}/"))

    def move(self, key: str, to: str) -> None:
        self.run("mv", url(key), url(to))

    def get(self, key: str) -> str:
        self.run("get", url(key), self.file())
        return self.fetched()

    def media_type(self, key: str) -> str:
        (line,) = (line for line in self.run("info", url(key)).splitlines() if "MIME type:" in line)
        return line.partition("MIME type:")[2].strip()


class Aws(Program):
    """The AWS command line of the package index."""

    name = "aws"

    def command(self, *words: str | Path) -> list[str]:
        return [str(AWS), "--endpoint-url", self.url, *map(str, words)]

    def environment(self) -> dict[str, str]:
        return super().environment() | CREDENTIALS

    def put(self, file: Path, key: str, **options: str) -> None:
        given = ["--metadata", ",".join(f"pisar-{name}={value}" for name, value in options.items())] if options else []
        self.run("s3", "cp", file, url(key), *given)

    def stream(self, body: bytes, key: str) -> None:
        self.run("s3", "cp", "-", url(key), piped=body)

    def sync(self, folder: Path, key: str) -> None:
        self.run("s3", "sync", "--delete", folder, url(key))

    def move(self, key: str, to: str) -> None:
        self.run("s3", "mv", url(key), url(to))

    def get(self, key: str) -> str:
        self.run("s3", "cp", url(key), self.file())
        return self.fetched()

    def media_type(self, key: str) -> str:
        return str(json.loads(self.run("s3api", "head-object", "--bucket", BUCKET, "--key", key))["ContentType"])


PROGRAMS = (Rclone, S3cmd, Aws)


def at(key: str) -> str:
    """Return a key as rclone names it."""
    return f"pisar:{BUCKET}/{key}"


def url(key: str) -> str:
    """Return a key as s3cmd and aws name it."""
    return f"s3://{BUCKET}/{key}"
