"""What a chat has left with us, stopped or erased at its word."""

import logging

from pisar.bot.texts import say
from pisar.domain.jobs import Job, Outcome, State
from pisar.errors import MessageGone, PisarError
from pisar.flows.line import Line
from pisar.flows.owned_jobs import OwnedJobs, chat_owner
from pisar.flows.records import Records
from pisar.flows.transcript_cache import TranscriptCache
from pisar.ports import Chat, Clock, ObjectStore

log = logging.getLogger(__name__)

PAGE = 100


class Erasure:
    """The end of a chat's jobs before their time, and of all that is known of them after it."""

    def __init__(self, *, records: Records, store: ObjectStore, chat: Chat, clock: Clock) -> None:
        self._records = records
        self._store = store
        self._chat = chat
        self._owned = OwnedJobs(store, records)
        self._line = Line(store)
        self._cache = TranscriptCache(store, clock, reuse_seconds=0)

    def stop(self, chat_id: int, *, telling: bool) -> int:
        """Stop what waits or is being worked on, in the status message too if `telling`; return how many that was."""
        stopped = 0
        for job in self._jobs(chat_id):
            if job.state is State.FINISHED and job.outcome is not Outcome.CANCELLED:  # a cancelled one is half forgotten: go on with it
                continue
            self._forget(job, chat_id)
            stopped += 1
            if telling and job.reply is not None and job.reply.slots:
                try:
                    self._chat.edit(job.reply, job.reply.slots[0], say(job.reply.language, "cancelled"))
                except (MessageGone, PisarError) as error:
                    log.info("not told", extra={"why": type(error).__name__})
        return stopped

    def erase(self, chat_id: int) -> int:
        """Erase every recording, text and record of the chat's jobs; return how many jobs that were."""
        jobs = self._jobs(chat_id)
        for job in jobs:
            self._forget(job, chat_id)
        log.info("everything of a chat erased", extra={"jobs": len(jobs)})
        return len(jobs)

    def _jobs(self, chat_id: int) -> list[Job]:
        owner, found, after = chat_owner(chat_id), [], ""
        while True:
            page, following = self._owned.page(owner, limit=PAGE, after=after)
            found += page
            if following is None:
                return found
            after = following

    def _forget(self, job: Job, chat_id: int) -> None:
        self._records.cancel(job.id)
        self._line.leave(job)
        self._store.delete(job.audio_key)
        self._store.delete(job.transcript_key)
        if job.content:
            self._cache.forget(job.content)
        self._owned.remove(job, chat_owner(chat_id))  # a try that was interrupted has taken the chat out of the record
