"""Repeats an answer when its buttons are pressed: in another form from the stored transcript, or recognised in another language.

Each repetition is a job of its own with an id derived from the answer's job, so that pressing twice does the work once. Only another
language needs the engine. The recording then comes from Telegram again, since our copy was erased. Who replies to an answer with
/transcribe asks for its recording too.
"""

import logging
from dataclasses import replace

from pisar.answers.chat_delivery import Delivery
from pisar.bot import buttons
from pisar.bot.actions import AskLanguage, Facts, HearAgain, ShowAgain, TakeShown
from pisar.bot.admission import Take
from pisar.bot.answer_messages import answer
from pisar.bot.recordings import of_shown, recording_of
from pisar.bot.texts import say, text_language
from pisar.chat.asked_again import ANSWERED
from pisar.chat.intake import Intake
from pisar.chat.kept_texts import KeptTexts
from pisar.domain.answer_to import Reply, chat_owner
from pisar.domain.jobs import CURRENT_JOB_ID, Job, Outcome, State, job_id
from pisar.domain.messages import Keyboard, Press
from pisar.domain.options import as_prompt
from pisar.errors import Busy, MessageGone, Missing, Refused, Unavailable, Undeliverable, Unreadable
from pisar.ports.chat import Chat
from pisar.ports.storage import ObjectStore
from pisar.state.job_records import Records
from pisar.state.jobs_by_owner import OwnedJobs

LATEST = 200
"""How many of a chat's latest jobs are looked through for the one that a message shows. Nothing else names it."""

log = logging.getLogger(__name__)


class AnswersAgain:
    """What the buttons under an answer do. `lease_seconds`: as in `Intake`."""

    def __init__(
        self,
        *,
        intake: Intake,
        records: Records,
        store: ObjectStore,
        chat: Chat,
        delivery: Delivery,
        texts: KeptTexts,
        lease_seconds: float,
    ) -> None:
        self._intake = intake
        self._records = records
        self._chat = chat
        self._delivery = delivery
        self._texts = texts
        self._lease_seconds = lease_seconds
        self._owned = OwnedJobs(store, records)

    def show(self, action: ShowAgain, facts: Facts) -> None:
        """Send the stored transcript in another form, as a message of its own."""
        pressed = self._pressed_job(action.press, action.job, facts)
        if pressed is None:
            return
        job, asked = pressed
        transcript = self._texts.of(job)
        if transcript is None:
            self.acknowledge(action.press, "button_erased")
            return
        this = job_id("again", job.id, action.shape)
        reply = replace(asked.unanswered(), shape=action.shape)
        try:
            held = self._records.accept(this, lease_seconds=self._lease_seconds, options=job.options, answer_to=reply)
        except Busy:
            held = None
        self.acknowledge(action.press, None if held else "button_again")
        if held is None:
            return
        CURRENT_JOB_ID.set(this)
        outcome = Outcome.TRANSCRIBED
        with self._records.letting_go(held):
            try:
                self._owned.add(held.job)
                held = self._delivery.deliver(held, answer(transcript, reply, job_id=None))
            except Undeliverable:
                held, outcome = self._records.find(this), Outcome.UNDELIVERABLE
            self._records.finish(held, outcome)
        log.info("shown again", extra={"shape": action.shape})

    def ask_language(self, action: AskLanguage, facts: Facts) -> None:
        """Put buttons with the languages under the answer."""
        pressed = self._pressed_job(action.press, action.job, facts)
        if pressed is None:
            return
        job, asked = pressed
        self.acknowledge(action.press, None)
        self._show_buttons(asked, action.press, buttons.of_languages(job.id))

    def hear(self, action: HearAgain, facts: Facts) -> None:
        """Queue the recording again in another language, and put the answer's own buttons back."""
        pressed = self._pressed_job(action.press, action.job, facts)
        if pressed is None:
            return
        job, asked = pressed
        media = recording_of(asked)
        if media is None:  # its recording is not known any more
            self.acknowledge(action.press, "button_dead")
            return
        this = self._unless_over(job_id("again", job.id, "in", action.language), action.press)
        reply = replace(asked.unanswered(), unasked=False)
        if asked.user_id not in (None, action.press.user_id):  # an administrator, who pays for what they want
            sender = asked.user_id if asked.sender_id is None else asked.sender_id
            reply = replace(reply, user_id=action.press.user_id, sender_id=None if sender == action.press.user_id else sender)
        self.acknowledge(action.press, "button_again" if self._is_answered(this) else None)
        if action.press.offered:  # pressed twice, its buttons are back
            self._show_buttons(asked, action.press, buttons.of_answer(job.id, reply.language))
        prompt = as_prompt(facts.settings.words)
        self._intake.receive(Take(this, reply, media, unsure=False, language=action.language, prompt=prompt))

    def _unless_over(self, this: str, press: Press) -> str:
        """Return the id of the job for a press: `this`, or another if that one ended without a text, so that a new press is a new try."""
        try:
            job = self._records.find(this).job
        except (Missing, Unreadable):
            return this
        return job_id(this, press.press_id) if job.state is State.FINISHED and job.outcome not in ANSWERED else this

    def _is_answered(self, this: str) -> bool:
        try:
            return self._records.find(this).job.outcome in ANSWERED
        except (Missing, Unreadable):
            return False

    def take(self, action: TakeShown) -> bool:
        """Take the recording that one of the bot's messages is about; return False if none of the chat's latest jobs has that message."""
        job = self._owned.newest(chat_owner(action.reply.chat_id), lambda job: action.slot in _slots(job), limit=LATEST)
        take = of_shown(action, job.answer_to) if job is not None and isinstance(job.answer_to, Reply) else None
        if take is not None:
            self._intake.receive(take)
        return take is not None

    def _show_buttons(self, asked: Reply, press: Press, keyboard: Keyboard) -> None:
        try:
            self._chat.show_buttons(asked, press.message_id, keyboard)
        except (MessageGone, Refused):
            log.info("the message is gone")

    def acknowledge(self, press: Press, key: str | None) -> None:
        """Acknowledge the press, with the text under `key` if there is one."""
        try:
            self._chat.acknowledge(press.press_id, say(text_language(press.language_code), key) if key else "")
        except Unavailable as error:  # the button stops turning by itself
            log.info("a press not acknowledged", extra={"why": str(error)})

    def _pressed_job(self, press: Press, this: str, facts: Facts) -> tuple[Job, Reply] | None:
        """Return the job and reply of the answer that has the button; None, after telling the presser why, if nothing can be done."""
        try:
            job = self._records.find(this).job
        except (Missing, Unreadable):
            job = None
        if job is not None and job.outcome is Outcome.CANCELLED:  # erased by age, or at the chat's word
            self.acknowledge(press, "button_erased")
            return None
        if job is None or not isinstance(job.answer_to, Reply) or job.answer_to.chat_id != press.chat_id:
            self.acknowledge(press, "button_dead")
            return None
        if job.answer_to.user_id != press.user_id and not facts.is_admin:  # whoever asked in the group's name is one of its administrators
            self.acknowledge(press, "button_not_yours")
            return None
        if job.state is not State.FINISHED:
            self.acknowledge(press, "button_wait")
            return None
        return job, job.answer_to


def _slots(job: Job) -> tuple[int, ...]:
    return job.answer_to.slots if isinstance(job.answer_to, Reply) else ()
