"""Remembers the languages of the latest recordings of a chat or a client, as a hint for detecting the next one's.

Only the languages are kept, in the chat's settings or on the client's record, and they are erased with them. Every failure here is logged
and ignored, since the answer is there already.
"""

import logging
from dataclasses import replace

from pisar.domain.answer_to import Order, Reply
from pisar.domain.jobs import Job, Options
from pisar.domain.languages import learnt
from pisar.domain.options import LANGUAGES
from pisar.domain.transcripts import Transcript
from pisar.errors import PisarError
from pisar.ports.storage import ObjectStore
from pisar.state.api_keys import Keys
from pisar.state.chats import Chats

log = logging.getLogger(__name__)


class Acquaintance:
    """Notes the languages that a chat's or a client's recordings are in."""

    def __init__(self, store: ObjectStore) -> None:
        self._chats = Chats(store)
        self._keys = Keys(store)

    def note(self, job: Job, transcript: Transcript) -> None:
        """Note the language of a job's transcript, unless the caller named the language or the note would change nothing."""
        if isinstance(job.answer_to, Reply):
            self._note(job.options, transcript, chat_id=job.answer_to.chat_id)
        elif isinstance(job.answer_to, Order):
            self.note_client(job.answer_to.client, job.options, transcript)

    def note_client(self, key_hash: str, options: Options, transcript: Transcript) -> None:
        """Note the language of a client's transcript, on the same terms."""
        self._note(options, transcript, key_hash=key_hash)

    def _note(self, options: Options, transcript: Transcript, *, chat_id: int | None = None, key_hash: str = "") -> None:
        spoken, seconds = transcript.language, transcript.duration
        if options.language in LANGUAGES or learnt(options.expected, spoken, seconds=seconds) == options.expected:
            return
        try:
            if chat_id is not None:
                self._chats.change(chat_id, lambda chat: replace(chat, spoken=learnt(chat.spoken, spoken, seconds=seconds)))
            else:
                self._keys.note_spoken(key_hash, spoken, seconds=seconds)
        except PisarError as error:
            log.info("the language is not noted", extra={"why": type(error).__name__})
