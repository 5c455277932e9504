"""A queued job → its answer, exactly once, whatever is repeated or interrupted.

Claim the record; get the transcript unless the job has one; prove that the claim still holds; write the answer; finish the
record; erase the audio. Each step may be repeated after a crash: the transcript is looked for before it is made, the answer
is an edit, and a job found finished has only its audio erased once more. A job whose owner cancelled it meanwhile is let go at
the next write, and what was made of it is erased.

A long recording is cut instead (`pisar.flows.parts`): its job is let go of, and comes back when its parts' transcripts are there to be
joined. A part's answer is its transcript, handed in.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from pisar.bot.answers import Answer, TextAnswer, answer
from pisar.bot.texts import say
from pisar.domain.jobs import CURRENT_JOB_ID, Drop, Job, JobMessage, Outcome, Whole, cut, release
from pisar.domain.options import is_one_language
from pisar.domain.parts import Ledger
from pisar.domain.transcripts import Transcript
from pisar.errors import Busy, Missing, PisarError, Rejected, Rejection, Unavailable, Undeliverable, Unreadable
from pisar.flows import results
from pisar.flows.ahead import Ahead
from pisar.flows.callbacks import Announcements
from pisar.flows.delivery import Delivery
from pisar.flows.keys import Keys
from pisar.flows.line import Line
from pisar.flows.parts import OverError, Parts, forget_parts
from pisar.flows.quotas import Payer, chat_payer
from pisar.flows.records import Held, Records
from pisar.flows.transcript_cache import TranscriptCache
from pisar.flows.transcripts import Asked, Transcripts, Watch
from pisar.formats import refusals
from pisar.ports import Clock, ObjectStore

log = logging.getLogger(__name__)

PROGRESS_SECONDS = 3.0
"""How often a long job's progress is written on its record, which is also how soon a cancellation is noticed; a write costs one PUT."""

ANSWERED = frozenset({Outcome.TRANSCRIBED, Outcome.NO_SPEECH, Outcome.UNDELIVERABLE})
"""How a job ends that has a transcript."""

ANSWER_SECONDS = 30.0
"""What a lease must still have before the answer is written, unless its holder's leases are shorter altogether; nearly always it has far
more, and then it stays as it is."""


class Closing:
    """The end of every job: the answer delivered, the record final, the audio erased. Shared by workers and dead letters.

    `lease_seconds` is how long a lease of theirs lasts.
    """

    def __init__(
        self,
        *,
        records: Records,
        store: ObjectStore,
        cache: TranscriptCache,
        delivery: Delivery,
        announcements: Announcements,
        parts: Parts,
        lease_seconds: float,
    ) -> None:
        self._records = records
        self._cache = cache
        self._parts = parts
        self._lease_seconds = lease_seconds
        self._store = store
        self._delivery = delivery
        self._announcements = announcements
        self._answer_seconds = min(ANSWER_SECONDS, lease_seconds)

    def stored_transcript(self, job: Job) -> Transcript | None:
        """Return the transcript an earlier try has made, or None."""
        try:
            return Transcript.decode(self._store.get(job.transcript_key).body)
        except (Missing, Unreadable):
            return None

    def close_with_transcript(self, held: Held, transcript: Transcript) -> None:
        """Answer with what was said, or that nothing was."""
        if held.job.whole is not None:
            self._hand_in(held, held.job.whole)
            return
        outcome = Outcome.TRANSCRIBED if transcript.segments else Outcome.NO_SPEECH
        said: Answer = TextAnswer((say(_language(held), "no_speech"),))
        if transcript.segments and held.job.reply is not None:
            said = answer(transcript, held.job.reply, held.job.id)
        self._close(held, said, lambda drop: results.write_transcript(self._store, drop, transcript), outcome)

    def close_with_rejection(self, held: Held, rejection: Rejected) -> None:
        """Answer with why the audio can't be transcribed."""
        if held.job.whole is not None:
            self._give_up_whole(held, held.job.whole, lambda whole: self.close_with_rejection(whole, rejection))
            return
        said, code = say(_language(held), rejection.code.value, **rejection.details), rejection.code.value
        message = refusals.sentence(rejection)
        self._close_without_transcript(held, said, Outcome.REJECTED, code, message)

    def close_as_failed(self, held: Held) -> None:
        """Answer that it did not work, with the job's id for the owner."""
        if held.job.whole is not None:
            self._give_up_whole(held, held.job.whole, self.close_as_failed)
            return
        said, code = say(_language(held), "failed", job=held.job.id[:8]), refusals.FAILED
        message = f"It did not work after several tries; the job is {held.job.id}."
        self._close_without_transcript(held, said, Outcome.FAILED, code, message)

    def show_progress(self, job: Job) -> None:
        """Tell the chat how far it is; whatever fails is passed over, since the answer comes all the same."""
        if job.reply is not None and job.reply.slots and 0 < job.progress < 1:
            self._delivery.show(job.reply, say(job.reply.language, "progress", percent=round(100 * job.progress)))

    def clean_up(self, job: Job) -> None:
        """Erase our copy of the audio, and of a cancelled job its text; once more is fine. A dropped file is its owner's and stays."""
        if job.drop is None:
            self._store.delete(job.audio_key)
            log.info("erased")
        if job.outcome is Outcome.CANCELLED:
            self._store.delete(job.transcript_key)
        if job.parts is not None or (job.whole is None and job.outcome not in ANSWERED):
            forget_parts(job, records=self._records, store=self._store, cache=self._cache)

    def is_over(self, job: Job) -> bool:
        """Say whether it is a part that nobody wants any more."""
        return job.whole is not None and self._parts.is_over(job.whole)

    def close_as_over(self, held: Held) -> None:
        """End a part that nobody wants any more: nothing that was made of it stays."""
        self.clean_up(self._records.finish(held, Outcome.CANCELLED).job)
        if held.job.content:
            self._cache.forget(held.job.content)
        log.info("cancelled")

    def _hand_in(self, held: Held, part: Whole) -> None:
        held = self._records.renew(held, lease_seconds=self._answer_seconds)
        try:
            ledger = self._parts.hand_in(part)
        except OverError:
            self.close_as_over(held)
            return
        self._finish_part(held, Outcome.TRANSCRIBED)
        try:
            whole = self._records.advance(part.job_id, ledger.share)
            if whole is not None:
                self.show_progress(whole)
        except PisarError as error:
            log.info("progress not written", extra={"why": type(error).__name__})

    def _give_up_whole(self, held: Held, part: Whole, give_up: Callable[[Held], None]) -> None:
        """End the whole, which will not be complete, and the part. Raises Busy while somebody works on the whole."""
        whole = self._records.claim(part.job_id, lease_seconds=self._lease_seconds)
        if whole is not None:
            try:
                give_up(whole)
            except BaseException:
                self._records.release(whole)
                raise
        self._finish_part(held, Outcome.FAILED)

    def _finish_part(self, held: Held, outcome: Outcome) -> None:
        held = self._records.finish(held, outcome)
        log.info("finished", extra={"outcome": outcome.value, "reason": None})
        self.clean_up(held.job)

    def _close_without_transcript(self, held: Held, said: str, outcome: Outcome, code: str, message: str) -> None:
        write = partial(results.write_error, self._store, code=code, message=message)
        self._close(held, TextAnswer((said,)), write, outcome, reason=code, message=message)

    def _close(
        self,
        held: Held,
        said: Answer,
        write: Callable[[Drop], None],
        outcome: Outcome,
        *,
        reason: str | None = None,
        message: str | None = None,
    ) -> None:
        # A worker that was frozen past its lease must not overwrite its successor's answer: this write fails for it.
        held = self._records.renew(held, lease_seconds=self._answer_seconds)
        if held.job.reply is not None:
            try:
                held = self._delivery.deliver(held, said)
                log.info("answered")
            except Undeliverable:
                log.warning("the chat can't be written to")
                outcome, reason, message = Outcome.UNDELIVERABLE, None, None
        if held.job.drop is not None:
            write(held.job.drop)
            log.info("answered")
        # Announced before it is finished, since a finished job is never looked at again; the callback waits for the record.
        self._announcements.announce(held.job)
        # Finished before the audio is erased: a job found unfinished always still has what it needs to be done again.
        held = self._records.finish(held, outcome, reason, message)
        log.info("finished", extra={"outcome": outcome.value, "reason": reason})
        self.clean_up(held.job)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """How a worker holds its jobs.

    `lease_seconds` must exceed the longest run of one delivery and stay below the queue's visibility timeout; with `renews` it need
    only exceed the longest time between two signs of progress, each of which prolongs it. After `max_tries` the job ends as failed;
    None where the queue counts. `stopping` says that the work must be handed back.
    """

    lease_seconds: float
    renews: bool = False
    max_tries: int | None = None
    stopping: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """Recordings of more than `whole_seconds` are cut into parts of `part_seconds`."""

    whole_seconds: float
    part_seconds: float


class Transcription:
    """The worker's work. `minutes_per_day`: what a person in a chat may use."""

    def __init__(
        self,
        *,
        records: Records,
        store: ObjectStore,
        clock: Clock,
        transcripts: Transcripts,
        cache: TranscriptCache,
        keys: Keys,
        closing: Closing,
        parts: Parts,
        lengths: Lengths,
        minutes_per_day: float | None,
        holding: Holding,
    ) -> None:
        self._records = records
        self._store = store
        self._clock = clock
        self._transcripts = transcripts
        self._cache = cache
        self._keys = keys
        self._closing = closing
        self._parts = parts
        self._lengths = lengths
        self._minutes_per_day = minutes_per_day
        self._holding = holding
        self._line = Line(store)

    def work(self, message: JobMessage) -> None:
        """Do the job. Raises Busy, Unavailable (deliver the message again later) or Unreadable (no such job)."""
        self._hold(message, self._do)

    def transcribe(self, message: JobMessage) -> None:
        """Make the job's transcript and store it; the answer is somebody else's. Raises as `work` does."""
        self._hold(message, self._make)

    def _hold(self, message: JobMessage, do: Callable[["_Attempt"], None]) -> None:
        CURRENT_JOB_ID.set(message.job_id)
        try:
            held = self._records.claim(message.job_id, lease_seconds=self._holding.lease_seconds)
        except Missing as error:
            raise Unreadable("the queue message names a job that does not exist") from error
        if held is None:
            log.info("already finished")
            job = self._records.find(message.job_id).job
            self._line.leave(job)  # it was cancelled between its intake's two steps
            self._closing.clean_up(job)
            return
        log.info("claimed", extra={"delivery": held.job.deliveries})
        attempt = _Attempt(self._records, self._closing, self._clock, held, self._holding)
        try:
            with Ahead(lambda: self._line.leave(held.job)) as left:
                if self._closing.is_over(held.job):
                    self._closing.close_as_over(held)
                else:
                    do(attempt)
                left.result()
        except BaseException as error:  # also what nobody foresaw: the next delivery need not wait for the lease
            if isinstance(error, Busy) and self._was_cancelled(attempt):
                return
            self._records.release(attempt.held)
            raise

    def _do(self, attempt: "_Attempt") -> None:
        transcript = self._obtain(attempt)
        if transcript is not None:
            self._closing.close_with_transcript(attempt.held, transcript)

    def _make(self, attempt: "_Attempt") -> None:
        if self._obtain(attempt) is not None:
            self._records.write(attempt.held, release(attempt.held.job))

    def _obtain(self, attempt: "_Attempt") -> Transcript | None:
        """Return the transcript; None if there is none: the job was closed with why, or let go of to wait for its parts."""
        job = attempt.held.job
        if job.parts is not None:
            ledger = self._parts.ledger(job.id)
            if ledger.complete:
                return self._closing.stored_transcript(job) or self._join(attempt, ledger)
            if ledger.starts is not None:  # some part is not done, and the last of them queues this job again
                self._records.write(attempt.held, release(job))
                return None
        try:
            with Ahead(lambda: self._closing.stored_transcript(job)) as found:
                fetched = None if job.drop else self._fetch(attempt)
            stored = found.result()
            # The audio is looked at in any case but a dropped file's: the try that stored the text may have died before its record
            # knew the name under which it is cached, which is what a deletion goes by.
            audio = self._fetch(attempt) if fetched is None and stored is None else fetched
            if stored is None and self._holding.max_tries is not None and job.deliveries > self._holding.max_tries:
                log.warning("tries used up", extra={"deliveries": job.deliveries})
                self._closing.close_as_failed(attempt.held)
                return None
            transcript = stored or self._transcribe(attempt, audio or b"")
            if transcript is None:
                self._cut(attempt, audio or b"")
        except Rejected as rejection:
            self._closing.close_with_rejection(attempt.held, rejection)
            return None
        return transcript

    def _fetch(self, attempt: "_Attempt") -> bytes:
        job = attempt.held.job
        try:
            audio = self._store.get(job.audio_key).body
        except Missing as error:
            raise Rejected(Rejection.FILE_UNAVAILABLE) from error
        log.info("fetched", extra={"bytes": len(audio)})
        attempt.note(content=self._transcripts.content_id(audio, job.options))
        return audio

    def _transcribe(self, attempt: "_Attempt", audio: bytes) -> Transcript | None:
        """Return the transcript, None for a recording that must be cut."""
        job = attempt.held.job
        asked = Asked(audio=audio, options=job.options, payer=self._payer(job), plan=job.whole.plan if job.whole else None)
        watch = Watch(on_duration=lambda seconds: attempt.note(audio_seconds=seconds), on_progress=attempt.tell, check=attempt.check)
        longest = None if job.whole else self._lengths.whole_seconds
        patience_seconds = self._holding.lease_seconds / 2
        try:
            transcript = self._transcripts.get(asked, patience_seconds=patience_seconds, max_seconds=longest, watch=watch)
        except Rejected as rejection:
            if rejection.code is Rejection.TOO_LONG and longest is not None:
                return None
            raise
        self._keep(job, transcript)
        return transcript

    def _cut(self, attempt: "_Attempt", audio: bytes) -> None:
        """Make the recording's parts, and let go of the job."""
        job, options, starts = attempt.held.job, attempt.held.job.options, []
        cutting = self._transcripts.cut(audio, part_seconds=self._lengths.part_seconds)
        self._parts.begin(job)
        for part in cutting:
            attempt.tell(0.0)
            if not is_one_language(options.language):  # one recording is in one language, whoever hears which part of it
                found = self._transcripts.language_of(part, options, check=attempt.check)
                options = replace(options, language=found or options.language)
            self._parts.add(job, part, options)
            starts.append(part.start)
        if (payer := self._payer(job)) is not None:
            self._transcripts.charge(payer, job.content or job.id, cutting.seconds)
        # Let go of before its parts can be complete: whoever completes them queues it, and it must be free then.
        self._records.write(attempt.held, cut(attempt.held.job, len(starts), seconds=cutting.seconds))
        log.info("cut", extra={"parts": len(starts), "audio_seconds": round(cutting.seconds, 2)})
        self._parts.close(job, tuple(starts))

    def _join(self, attempt: "_Attempt", ledger: Ledger) -> Transcript:
        job = attempt.held.job
        transcript = self._parts.join(job, ledger)
        self._keep(job, transcript)
        if job.content:
            self._cache.keep(job.content, transcript)
        return transcript

    def _keep(self, job: Job, transcript: Transcript) -> None:
        self._store.put(job.transcript_key, transcript.encode())
        log.info("kept")

    def _payer(self, job: Job) -> Payer | None:
        if job.reply is not None:  # who writes in a group's name spends the group's minutes
            return Payer(name=chat_payer(job.reply.user_id or job.reply.chat_id), minutes_per_day=self._minutes_per_day)
        if job.order is None:
            return None
        client = self._keys.holder(job.order.client)
        if client is None:
            raise Rejected(Rejection.NOT_ALLOWED, {"id": "A revoked key"})
        return Payer(name=client.key_hash, minutes_per_day=client.minutes_per_day)

    def _was_cancelled(self, attempt: "_Attempt") -> bool:
        """Say whether the owner cancelled the job under our hands; if so, nothing that was made of it stays."""
        if self._closing.is_over(attempt.held.job):
            self._closing.close_as_over(attempt.held)
            return True
        job = self._records.find(attempt.held.job.id).job
        if job.outcome is not Outcome.CANCELLED:
            return False
        log.info("cancelled")
        self._closing.clean_up(job)
        if attempt.held.job.content:
            self._cache.forget(attempt.held.job.content)
        return True


class _Attempt:
    """One delivery's hold on its job: what is learnt is noted on the record, the progress from time to time."""

    def __init__(self, records: Records, closing: Closing, clock: Clock, held: Held, holding: Holding) -> None:
        self.held = held
        self._holding = holding
        self._records = records
        self._closing = closing
        self._clock = clock
        self._told_at = clock.now()

    def note(self, **learnt: Any) -> None:
        """Take something into the record's next write."""
        self.held = replace(self.held, job=replace(self.held.job, **learnt))

    def check(self) -> None:
        """See that the work is still wanted, and write again how far it is: one window may take longer than a cancellation waits."""
        self.tell(self.held.job.progress)

    def tell(self, share: float) -> None:
        """Write how far it is, unless that was done a moment ago.

        Raises Busy if the job is no longer ours or its lease has run out, Unavailable if this worker must stop: the work ends there.
        """
        if self._holding.stopping():
            raise Unavailable("this worker was told to stop")
        lease = self.held.job.lease
        if lease is not None and self._clock.now() > lease.until:
            raise Busy("the lease ran out before the work was done")
        self.note(progress=share)
        if self._clock.now() - self._told_at < PROGRESS_SECONDS:
            return
        self._told_at = self._clock.now()
        try:
            if self._closing.is_over(self.held.job):
                raise OverError("the recording that this is a part of is finished")
            if self._holding.renews:
                self.held = self._records.renew(self.held, lease_seconds=self._holding.lease_seconds)
            else:
                self.held = self._records.write(self.held, self.held.job)
            self._closing.show_progress(self.held.job)
        except Unavailable:  # not worth the work that is done already; the next one comes soon
            log.info("progress not written")


def _language(held: Held) -> str:
    return held.job.reply.language if held.job.reply else "en"
