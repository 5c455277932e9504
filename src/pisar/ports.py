"""The roles the flows need, one page. An adapter plays each in production, a `Memory…` twin beside it in tests.

All calls are synchronous and safe to repeat unless said otherwise. Every one may raise `Unavailable`.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias

from pisar.domain.audio import AudioLimits
from pisar.domain.bots import BotIdentity, MenuEntry, MenuScope, WebhookInfo
from pisar.domain.callbacks import CallbackMessage
from pisar.domain.deployments import Bucket, Deployable, DoorReply, Gateway, Queue, Quota, Secret, Trigger
from pisar.domain.jobs import JobMessage, Options, Outcome, Reply
from pisar.domain.messages import Keyboard, Update
from pisar.domain.speech import Span
from pisar.domain.transcripts import Transcript

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples: TypeAlias = NDArray[np.float32]


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


class JobQueue(Protocol):
    """Where jobs wait for a worker, at least once and in no promised order."""

    def put(self, message: JobMessage) -> None:
        """Queue the job. Repeating queues it again."""


class CallbackQueue(Protocol):
    """Where callbacks wait for their time, at least once and in no promised order."""

    def put(self, message: CallbackMessage, *, delay_seconds: int) -> None:
        """Queue the callback, to be received after so many seconds, at most 900. Repeating queues it again."""


class CallbackSender(Protocol):
    """Calls to addresses that clients gave us. Nothing but the public internet is ever called, unless the owner named the host."""

    def check(self, url: str) -> None:
        """Raise Rejected(BAD_CALLBACK) for a URL that can't be called, or whose host is not public; Busy: ask again later."""

    def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """POST the body once and return the HTTP status; redirects are not followed.

        Raises Rejected and Busy as `check` does, and then nothing was sent; Unavailable when nobody answers, and then it may have been.
        """


class Chat(Protocol):
    """The messenger, as the flows write to it. Texts are plain: no parse mode, no link previews; a notification if the reply says so.

    Raises Undeliverable when the chat can't be written to any more, Unavailable (with `after_seconds` on 429) otherwise.
    """

    def send(self, reply: Reply, text: str, keyboard: Keyboard = ()) -> int:
        """Send a message as a reply to the source and return its id; without the reply if the source is gone.

        Not safe to repeat: after Unavailable the message may or may not be there.
        """

    def edit(self, reply: Reply, slot: int, text: str, keyboard: Keyboard = ()) -> None:
        """Make message `slot` say `text` (at most 4,096 UTF-16 units), with these buttons or none; the same again is fine.

        Raises MessageGone.
        """

    def edit_into_document(self, reply: Reply, slot: int, document: tuple[str, bytes], caption: str, keyboard: Keyboard = ()) -> None:
        """Turn message `slot` into a document, its name and content, with a caption of at most 1,024 UTF-16 units. Raises MessageGone."""

    def show_buttons(self, reply: Reply, slot: int, keyboard: Keyboard) -> None:
        """Put other buttons under message `slot`; the same again is fine. Raises MessageGone."""

    def delete(self, reply: Reply, slot: int) -> None:
        """Take message `slot` out of the chat; one that is gone, or too old to be taken, is fine."""

    def acknowledge(self, press_id: str, text: str = "") -> None:
        """Tell who pressed a button that it was heard, with a text of at most 200 characters if there is one; too late is fine."""

    def show_working(self, reply: Reply) -> None:
        """Show in the chat that something is being done, for a few seconds."""

    def is_admin(self, chat_id: int, user_id: int | None) -> bool:
        """Say whether a person administers a group."""

    def username(self) -> str:
        """Return the bot's name, without the @."""


class ChatFiles(Protocol):
    """Files that people sent to the bot."""

    def fetch(self, file_id: str, *, max_bytes: int) -> bytes:
        """Return the file; raise Rejected(TOO_BIG) above the limit, Rejected(FILE_UNAVAILABLE) for an unknown id."""


@dataclass(frozen=True, slots=True)
class PolledUpdate:
    """An update as a messenger gives it: its number, the chat it belongs to (0: none), and what it tells.

    `update` is None for what is not for us; `unreadable` says why it could not be read, "" if it could. `raw`: the update itself, as JSON,
    for who hands it on.
    """

    update_id: int
    chat_id: int
    update: Update | None
    unreadable: str = ""
    raw: bytes = field(default=b"", compare=False, repr=False)


UPDATES_AT_ONCE = 100
"""The Bot API's limit for one answer: what waits beyond it is not told before some of these are forgotten."""


class UpdateSource(Protocol):
    """Updates that a bot asks for."""

    def fetch(self, offset: int, *, seconds: int, stopping: Callable[[], bool] = ...) -> Sequence[PolledUpdate]:
        """Return up to UPDATES_AT_ONCE updates from number `offset` on, in order; those before it are forgotten.

        Waits so long for the first; once told to stop, returns nothing at once. Raises Misconfigured for a token that nobody knows,
        Unavailable with `after_seconds` on 429.
        """


class BotProfile(Protocol):
    """The bot's face: what its messenger tells people about it, and where it sends updates. To set the same again changes nothing.

    `language`: a two-letter code, or "" for everybody whose language has nothing of its own. Raises Misconfigured for a token that
    nobody knows, Unavailable with `after_seconds` on 429.
    """

    def me(self) -> BotIdentity:
        """Return who the bot is."""

    def webhook(self) -> WebhookInfo:
        """Return where updates go and how that fares; the token is not in it."""

    def set_webhook(self, url: str, secret: str, allowed_updates: Sequence[str], *, drop_pending: bool = False) -> None:
        """Send updates of these kinds to the URL, with the secret. `drop_pending` forgets those that wait. Raises Misconfigured."""

    def commands(self, scope: MenuScope, language: str) -> tuple[MenuEntry, ...]:
        """Return the menu of exactly this scope and language, empty if none was set."""

    def set_commands(self, scope: MenuScope, language: str, commands: Sequence[MenuEntry]) -> None:
        """Replace the menu of this scope and language. Raises Undeliverable for a chat where nobody has written to the bot."""

    def set_descriptions(self, language: str, *, description: str, short_description: str) -> None:
        """Set what an empty chat with the bot says (at most 512 characters), and its profile (at most 120)."""


class Decoder(Protocol):
    """Any audio or video file → samples."""

    def decode(self, audio: bytes, limits: AudioLimits, *, track: int | None = None) -> "Samples":
        """Return float32 mono samples in [-1, 1], shape (n,), at SAMPLE_RATE_HZ; the first is the file's second 0, gaps are silence.

        They are those of a track, counted from 1, or of the first of `tracks` that can be decoded. Raises Rejected: NO_AUDIO_TRACK,
        NO_SUCH_TRACK, CANNOT_DECODE, UNSUPPORTED_SOUND, TOO_LONG (found without decoding the rest), TOO_BIG.
        """

    def stream(self, audio: bytes, limits: AudioLimits, *, track: int | None = None) -> "Generator[Samples]":
        """Yield the same samples in blocks of half a minute, so that no more need be held; raises as `decode`, TOO_LONG at the limit.

        Whoever stops early closes the iterator.
        """

    def tracks(self, audio: bytes) -> tuple[int, ...]:
        """Return the numbers of a file's audio tracks in the order in which to try them, the container's default first.

        A few of them where there are many; none of a file that can't be read. Raises Unavailable.
        """


class SpeechDetector(Protocol):
    """Samples → where somebody speaks."""

    def find(self, samples: "Samples") -> tuple[Span, ...]:
        """Return the spans of speech, ordered, not overlapping; empty when nobody speaks."""

    def follow(self, blocks: "Iterable[Samples]") -> Iterator[Span]:
        """Yield the same spans of a recording that comes in blocks, each as soon as it has ended."""


class Engine(Protocol):
    """Samples → text."""

    def transcribe(
        self,
        samples: "Samples",
        options: Options,
        *,
        seams: Sequence[float] = (),
        on_progress: Callable[[float], None] | None = None,
        check: Callable[[], None] | None = None,
    ) -> Transcript:
        """Return what is said in the samples, times relative to their start. One call at a time; not for two threads at once.

        `seams`: the seconds at which samples were joined where a pause was cut out; no segment and no word lies over one.
        The segments' `no_speech_probability` is left at 0: who cut the samples knows what silence there was.
        `on_progress` is told the share of the samples that is done, never less than before and 1.0 at the end. `check` is called often,
        in the thread that works. What either raises stops the work and comes out of this call.
        """


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


class Queues(Protocol):
    """Queues looked at from outside."""

    def look(self, name: str) -> Queue:
        """Return how a queue is set and what waits in it; raise Missing where there is none."""


@dataclass(frozen=True, slots=True)
class Depth:
    """How many messages wait in a queue, and how many somebody holds; None where that can't be learned, or there is no such queue."""

    name: str
    waiting: int | None = None
    held: int | None = None


class Depths(Protocol):
    """All the queues of a deployment, looked at from outside."""

    def look(self) -> tuple[Depth, ...]:
        """Return what is in each queue now. The numbers of SQS are approximate."""


class Door(Protocol):
    """An HTTP door looked at from outside, by somebody without a key."""

    def ask(self, method: str, path: str) -> DoorReply:
        """Return the answer; raise Unavailable if there is none."""


class Meter(Protocol):
    """What the owner's charts are told. Every call returns at once and never fails."""

    def recognised(self, *, engine_seconds: float, audio_seconds: float) -> None:
        """Tell of a recording, of which `audio_seconds` are above 0."""

    def begun(self, *, waited_seconds: float) -> None:
        """Tell of a job that was claimed for the first time, so long after it was made."""

    def ended(self, outcome: Outcome, *, seconds: float | None) -> None:
        """Tell of a job that ended, so long after it was made; None if no worker had to take it up."""


class Clock(Protocol):
    """Time, so that tests own it."""

    def now(self) -> float:
        """Return Unix seconds."""

    def sleep(self, seconds: float) -> None:
        """Wait."""
