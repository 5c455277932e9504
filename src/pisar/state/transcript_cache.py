"""Caches transcripts by audio and options, so that the same audio with the same options is transcribed once, whoever asks.

An entry is one object: a lease while a worker transcribes, then the transcript. All writes are conditional, so of those that ask at once
one works and the others wait for its result. A lease that ran out, since its holder died, may be taken. A transcript is a cache hit for as
long as it is fresh, for every door, chat and client, or only for the owner that it was made for (`ContentIds.shared`). An entry's name is
derived from the audio, so nobody can ask for an entry without having the audio.
"""

import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from uuid import uuid4

from pisar.domain.bucket import CACHE
from pisar.domain.jobs import Lease, Options
from pisar.domain.transcripts import Transcript
from pisar.errors import Busy, Conflict, PisarError, Unreadable
from pisar.ports.clock import Clock
from pisar.ports.storage import ObjectStore
from pisar.state.document import Documents, Version

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.25
"""Time between two looks of a caller that waits for another's result; each look is one GET."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentIds:
    """Makes content ids: the names under which transcripts are cached and audio is charged.

    `model`: the model's name; another model gives other transcripts. `shared`: a transcript that was made for one owner answers others too.
    The expected languages are no part of an id: the language of a recording does not depend on who sends it.
    """

    model: str
    shared: bool

    def of(self, audio: bytes, options: Options, owner: str) -> str:
        """Return the content id: 128 bits in hexadecimal over the audio's bytes, the options and the model's name.

        Unless ids are shared, the owner is part of it, so that a cached transcript tells other owners nothing.
        """
        asked = [
            sha256(audio).hexdigest(),
            asdict(replace(options, expected=())),
            self.model,
            *([owner] if owner and not self.shared else []),
        ]
        return sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class _Entry:
    made_at: float = 0.0
    transcript: Transcript | None = None
    lease: Lease | None = None

    def encode(self) -> bytes:
        transcript = None if self.transcript is None else json.loads(self.transcript.encode())
        fields = {"version": 1, "made_at": self.made_at, "transcript": transcript, "lease": self.lease and asdict(self.lease)}
        return json.dumps(fields, ensure_ascii=False).encode()


def _decode(body: bytes) -> _Entry:
    """Return the entry; an entry that can't be parsed counts as empty."""
    try:
        fields = json.loads(body)
        transcript, lease = fields["transcript"], fields["lease"]
        return _Entry(
            made_at=float(fields["made_at"]),
            transcript=None if transcript is None else Transcript.decode(json.dumps(transcript).encode()),
            lease=None if lease is None else Lease(**lease),
        )
    except (ValueError, KeyError, TypeError, RecursionError, Unreadable):
        return _Entry()


@dataclass(frozen=True, slots=True)
class Look:
    """The entry as it was at one look: `transcript` if a fresh one was there."""

    transcript: Transcript | None
    version: Version[_Entry]


class TranscriptCache:
    """The cache. `reuse_seconds`: how long a transcript is fresh; with 0 only callers that ask at the same time share one."""

    def __init__(self, store: ObjectStore, clock: Clock, *, reuse_seconds: float) -> None:
        self._clock = clock
        self._reuse_seconds = reuse_seconds
        self._entries = Documents(store, CACHE, decode=_decode, encode=_Entry.encode, absent=_Entry, what="the cached transcript")

    def look(self, content: str) -> Look:
        """Return the entry as it is now."""
        version = self._entries.read(content)
        return Look(version.value.transcript if self._is_fresh(version.value, self._clock.now()) else None, version)

    def wait_for_other(self, content: str, looked: Look, *, patience_seconds: float, check: Callable[[], None] = lambda: None) -> Look:
        """Wait while another caller makes the transcript; return the entry after that, as it is if nobody makes one.

        `looked` is the look before. Raises Busy after `patience_seconds`, and whatever `check` raises, which is called at every look.
        """
        asked_at = self._clock.now()
        while looked.transcript is None and (lease := looked.version.value.lease) is not None and lease.until > self._clock.now():
            if self._clock.now() - asked_at >= patience_seconds:
                raise _busy()
            check()
            self._clock.sleep(LOOK_SECONDS)
            version = self._entries.read(content)
            looked = Look(version.value.transcript if self._answers(version.value, asked_at) else None, version)
        return looked

    def obtain(
        self,
        content: str,
        work: Callable[[], Transcript],
        *,
        lease_seconds: float,
        patience_seconds: float,
        looked: Look | None = None,
        meanwhile: Callable[[Transcript], None] = lambda _: None,
        check: Callable[[], None] = lambda: None,
    ) -> Transcript:
        """Return a fresh transcript, or wait for the one another caller is making, or call `work` to make it.

        `looked` saves the first look; if it is out of date, the claim fails and the entry is read again. `meanwhile` is called with a
        transcript that `work` made, while that is being written here. Raises Busy when another caller works for longer than
        `patience_seconds`, and whatever `work`, `meanwhile` and `check` raise; `check` is called at every look while another works.
        """
        asked_at = self._clock.now()
        owner = uuid4().hex[:12]
        while True:
            now = self._clock.now()
            version = looked.version if looked else self._entries.read(content)
            entry, looked = version.value, None
            if entry.transcript is not None and self._answers(entry, asked_at):
                log.info("found made already")
                return entry.transcript
            if entry.lease is None or entry.lease.until <= now:
                claimed = _Entry(lease=Lease(owner=owner, until=now + lease_seconds))
                try:
                    version = self._entries.replace(content, version, claimed)
                except Conflict:  # another was quicker: wait for it
                    continue
                return self._make(content, work, meanwhile, version)
            if now - asked_at >= patience_seconds:
                raise _busy()
            check()
            self._clock.sleep(LOOK_SECONDS)

    def keep(self, content: str, transcript: Transcript) -> None:
        """Store a transcript as fresh, even if another caller is making one."""
        self._entries.change(content, lambda _: _Entry(made_at=self._clock.now(), transcript=transcript))

    def forget(self, content: str) -> None:
        """Erase a transcript. A caller that is making one still gets its own."""
        self._entries.erase(content)

    def _make(
        self, content: str, work: Callable[[], Transcript], meanwhile: Callable[[Transcript], None], claimed: Version[_Entry]
    ) -> Transcript:
        try:
            transcript = work()
        except BaseException:
            self._leave(content, claimed, _Entry())
            raise
        with ThreadPoolExecutor() as threads:
            threads.submit(copy_context().run, self._leave, content, claimed, _Entry(made_at=self._clock.now(), transcript=transcript))
            meanwhile(transcript)
        return transcript

    def _leave(self, content: str, claimed: Version[_Entry], entry: _Entry) -> None:
        # Best effort: the lease runs out by itself, and the caller has its transcript.
        try:
            self._entries.replace(content, claimed, entry)
        except PisarError as error:
            log.info("cache entry left as it is", extra={"why": type(error).__name__})

    def _is_fresh(self, entry: _Entry, now: float) -> bool:
        return entry.transcript is not None and now < entry.made_at + self._reuse_seconds

    def _answers(self, entry: _Entry, asked_at: float) -> bool:
        return entry.transcript is not None and (entry.made_at >= asked_at or self._is_fresh(entry, self._clock.now()))


def _busy() -> Busy:
    return Busy("the same audio is being transcribed for another")
