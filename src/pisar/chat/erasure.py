"""Does what /cancel and /delete ask: stops or erases the jobs of a private chat, of a group, or of one person in groups."""

import logging

from pisar.bot.texts import say
from pisar.domain.answer_to import Reply, chat_owner, person_owner
from pisar.domain.jobs import Job, Outcome, State
from pisar.errors import MessageGone, PisarError
from pisar.ports.chat import Chat
from pisar.ports.clock import Clock
from pisar.ports.storage import ObjectStore
from pisar.state.job_records import Records
from pisar.state.jobs_by_owner import OwnedJobs
from pisar.state.transcript_cache import TranscriptCache
from pisar.work.erase_job import erase

log = logging.getLogger(__name__)

PAGE = 100
EXPIRED_AT_ONCE = 5
"""How many expired jobs are erased with each new recording: more than one, so that a backlog shrinks."""


class Erasure:
    """Stops and erases a chat's jobs. `keep_seconds`: how long texts are kept."""

    def __init__(self, *, records: Records, store: ObjectStore, chat: Chat, clock: Clock, keep_seconds: float) -> None:
        self._records = records
        self._clock = clock
        self._keep_seconds = keep_seconds
        self._store = store
        self._chat = chat
        self._owned = OwnedJobs(store, records)
        self._cache = TranscriptCache(store, clock, reuse_seconds=0)

    def stop(self, chat_id: int, *, telling: bool, of: int | None = None) -> int:
        """Cancel and erase the chat's unfinished jobs, and say so in their status messages if `telling`; return how many there were.

        `of`: only those of this person, who sent the recording or asked for its text.
        """
        stopped = 0
        owner = chat_owner(chat_id)
        for job in self._jobs(owner):
            if job.state is State.FINISHED and job.outcome is not Outcome.CANCELLED:  # a cancelled one is half forgotten: go on with it
                continue
            if of is not None and not is_of(job, of):
                continue
            erase(job, owner, records=self._records, store=self._store, cache=self._cache)
            stopped += 1
            if telling and isinstance(job.answer_to, Reply) and job.answer_to.slots:
                self._tell(job.answer_to)
        return stopped

    def _tell(self, reply: Reply) -> None:
        try:
            if reply.stale is not None:  # the answer had moved into a new message, and this one would say that the work goes on
                self._chat.delete(reply, reply.stale)
            self._chat.edit(reply, reply.slots[0], say(reply.language, "cancelled"))
        except (MessageGone, PisarError) as error:
            log.info("not told", extra={"why": type(error).__name__})

    def erase(self, chat_id: int, *, formerly: int | None = None) -> int:
        """Erase the recordings, the texts and the records' contents of all the chat's jobs; return how many jobs there were.

        A private chat has the person's id, so its erasure includes what the person sent, or had transcribed, in groups. `formerly`: the id
        that a group had before.
        """
        owners = [chat_owner(chat_id)]
        if chat_id > 0:
            owners.append(person_owner(chat_id))
        if formerly is not None:
            owners.append(chat_owner(formerly))
        erased = 0
        for owner in owners:
            for job in self._jobs(owner):
                erase(job, owner, records=self._records, store=self._store, cache=self._cache)
                erased += 1
        log.info("everything of a chat erased", extra={"jobs": erased})
        return erased

    def erase_own(self, chat_id: int, user_id: int, *, formerly: int | None = None) -> int:
        """Erase in the same way what a person sent to a group, or asked for there; return how many jobs there were."""
        erased, owner = 0, person_owner(user_id)
        for job in self._jobs(owner):
            if isinstance(job.answer_to, Reply) and job.answer_to.chat_id in {chat_id, formerly}:
                erase(job, owner, records=self._records, store=self._store, cache=self._cache)
                erased += 1
        log.info("everything of a person in a group erased", extra={"jobs": erased})
        return erased

    def expire(self, chat_id: int) -> None:
        """Erase the chat's oldest jobs that are older than texts are kept. A failure is only logged; the next call tries again.

        An unfinished job stays, however old it is, since its sender is owed an answer. A text's age counts from its answer.
        """
        before = self._clock.now() - self._keep_seconds
        try:
            owner = chat_owner(chat_id)
            for job in self._owned.older(owner, before, limit=EXPIRED_AT_ONCE):
                if job.finished_at is not None and job.finished_at < before:
                    erase(job, owner, records=self._records, store=self._store, cache=self._cache)
                    log.info("expired", extra={"expired_job_id": job.id})
        except PisarError as error:
            log.info("not expired", extra={"why": type(error).__name__})

    def _jobs(self, owner: str) -> list[Job]:
        found, after = [], ""
        while True:
            page, following = self._owned.page(owner, limit=PAGE, after=after)
            found += page
            if following is None:
                return found
            after = following


def is_of(job: Job, user_id: int) -> bool:
    """Say whether a person sent the job's recording, or asked for its text."""
    return isinstance(job.answer_to, Reply) and user_id in {job.answer_to.user_id, job.answer_to.sender_id}
