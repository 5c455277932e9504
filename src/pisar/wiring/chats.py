"""How the bot talks with people."""

from functools import cached_property

from pisar.bot.actions import Facts
from pisar.chat.answers_again import AnswersAgain
from pisar.chat.erasure import Erasure
from pisar.chat.intake import Intake
from pisar.chat.perform_actions import Conversation
from pisar.wiring.answers import Answers


class Chats(Answers):
    """What receives updates."""

    @cached_property
    def intake(self) -> Intake:
        """What makes jobs of voice messages."""
        return Intake(
            records=self.records,
            store=self.store,
            queueing=self.queueing,
            files=self.files,
            delivery=self.delivery,
            limits=self.chat_limits,
            options=self.options,
            pace=self.pace,
            lease_seconds=self.settings.intake.lease_seconds,
        )

    @cached_property
    def again(self) -> AnswersAgain:
        """What answers in another shape."""
        return AnswersAgain(
            intake=self.intake,
            records=self.records,
            store=self.store,
            chat=self.paced_chat,
            delivery=self.delivery,
            clock=self.clock,
            keep_seconds=self.keep_seconds,
            lease_seconds=self.settings.intake.lease_seconds,
        )

    @cached_property
    def erasure(self) -> Erasure:
        """What forgets a chat."""
        return Erasure(records=self.records, store=self.store, chat=self.paced_chat, clock=self.clock, keep_seconds=self.keep_seconds)

    @cached_property
    def facts(self) -> Facts:
        """What is known of the bot whatever it is told."""
        settings = self.settings
        return Facts(
            allowed=settings.webhook.allowed,
            owners=settings.webhook.owners,
            limits=self.chat_limits,
            keep_days=settings.keeping.days,
            reuse_hours=settings.answering.reuse_hours,
            reuse_shared=settings.answering.reuse == "shared",
        )

    @cached_property
    def conversation(self) -> Conversation:
        """What receives an update."""
        return Conversation(
            intake=self.intake,
            again=self.again,
            erasure=self.erasure,
            records=self.records,
            store=self.store,
            chat=self.paced_chat,
            delivery=self.delivery,
            clock=self.clock,
            facts=self.facts,
            minutes_per_day=self.settings.telegram.minutes_per_day,
        )
