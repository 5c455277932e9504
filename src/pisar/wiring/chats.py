"""Builds the parts that receive updates from chats."""

from functools import cached_property

from pisar.bot.actions import Facts
from pisar.chat.answers_again import AnswersAgain
from pisar.chat.asked_again import AskedAgain
from pisar.chat.erasure import Erasure
from pisar.chat.intake import Intake
from pisar.chat.kept_texts import KeptTexts
from pisar.chat.perform_actions import Conversation
from pisar.wiring.answers import Answers


class Chats(Answers):
    """The parts that receive updates from chats."""

    @cached_property
    def intake(self) -> Intake:
        """Turns audio from chats into jobs."""
        return Intake(
            records=self.records,
            store=self.store,
            queueing=self.queueing,
            files=self.files,
            delivery=self.delivery,
            again=AskedAgain(
                records=self.records,
                store=self.store,
                delivery=self.delivery,
                texts=self.kept_texts,
                clock=self.clock,
                lease_seconds=self.settings.intake.lease_seconds,
            ),
            limits=self.chat_limits,
            options=self.options,
            pace=self.pace,
            lease_seconds=self.settings.intake.lease_seconds,
        )

    @cached_property
    def kept_texts(self) -> KeptTexts:
        """Reads the stored texts of answers."""
        return KeptTexts(self.store, self.clock, keep_seconds=self.keep_seconds)

    @cached_property
    def again(self) -> AnswersAgain:
        """Repeats answers in another form or language."""
        return AnswersAgain(
            intake=self.intake,
            records=self.records,
            store=self.store,
            chat=self.paced_chat,
            delivery=self.delivery,
            texts=self.kept_texts,
            lease_seconds=self.settings.intake.lease_seconds,
        )

    @cached_property
    def erasure(self) -> Erasure:
        """Stops and erases a chat's jobs."""
        return Erasure(records=self.records, store=self.store, chat=self.paced_chat, clock=self.clock, keep_seconds=self.keep_seconds)

    @cached_property
    def facts(self) -> Facts:
        """The facts about the bot that do not depend on an update."""
        settings = self.settings
        return Facts(
            allowed=settings.webhook.allowed,
            owners=settings.webhook.owners,
            limits=self.chat_limits,
            keep_days=settings.keeping.days,
            place=settings.place.name,
            reuse_hours=settings.answering.reuse_hours,
            reuse_shared=settings.answering.reuse == "shared",
            links=settings.webhook.links,
        )

    @cached_property
    def conversation(self) -> Conversation:
        """Receives updates."""
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
