"""What a chat has left with us, stopped or erased at its word."""

import logging

from pisar.bot.texts import say
from pisar.domain.jobs import Job, Outcome, State
from pisar.errors import MessageGone, PisarError
from pisar.flows.line import Line
from pisar.flows.owned_jobs import OwnedJobs, chat_owner
from pisar.flows.parts import forget_parts
from pisar.flows.records import Records
from pisar.flows.transcript_cache import TranscriptCache
from pisar.ports import Chat, Clock, ObjectStore

log = logging.getLogger(__name__)

PAGE = 100
EXPIRED_AT_ONCE = 5
"""Jobs that are erased with each new recording: more than come in, so that what has piled up goes away."""


class Erasure:
    """The end of a chat's jobs before their time, and of all that is known of them after it. `keep_seconds`: how long texts are kept."""

    def __init__(self, *, records: Records, store: ObjectStore, chat: Chat, clock: Clock, keep_seconds: float) -> None:
        self._records = records
        self._clock = clock
        self._keep_seconds = keep_seconds
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

    def expire(self, chat_id: int) -> None:
        """Erase what the chat's oldest jobs have left beyond the time that texts are kept; whatever fails is left for the next time."""
        try:
            for job in self._owned.older(chat_owner(chat_id), self._clock.now() - self._keep_seconds, limit=EXPIRED_AT_ONCE):
                self._forget(job, chat_id)
                log.info("expired", extra={"expired_job_id": job.id})
        except PisarError as error:
            log.info("not expired", extra={"why": type(error).__name__})

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
        forget_parts(job, records=self._records, store=self._store, cache=self._cache)
        if job.content:
            self._cache.forget(job.content)
        self._owned.remove(job, chat_owner(chat_id))  # a try that was interrupted has taken the chat out of the record
