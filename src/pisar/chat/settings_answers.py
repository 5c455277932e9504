"""Changes and shows the settings of a chat, and tells a group what keeps the bot from hearing it."""

import logging
from dataclasses import fields, replace

from pisar.bot import buttons
from pisar.bot.actions import Change, Facts, ShowSettings, TellAuto
from pisar.bot.group_hearing import lacking
from pisar.bot.texts import say, text_language
from pisar.chat.saying import Saying
from pisar.domain.answer_to import Reply
from pisar.domain.chats import ChatSettings
from pisar.domain.messages import Incoming, Membership, Press, Update
from pisar.errors import PisarError, Undeliverable
from pisar.ports.chat import Chat
from pisar.state.chats import Chats

log = logging.getLogger(__name__)

SETTINGS = {"language": buttons.language_settings, "interface": buttons.interface_settings, "format": buttons.shape_settings}

MUTE_TOLD_SECONDS = 300
"""How often at most an administrator is told in private that the bot may not write in the group."""


class SettingsAnswers:
    """What the commands and buttons of settings do."""

    def __init__(self, *, chats: Chats, chat: Chat, saying: Saying) -> None:
        self._chats = chats
        self._chat = chat
        self._saying = saying

    def change(self, action: Change, before: ChatSettings) -> None:
        """Change those of a chat's settings that differ from `before`; what was changed or learnt meanwhile stays. Raises Busy."""
        wanted = {one.name: getattr(action.settings, one.name) for one in fields(ChatSettings)}
        changed = {name: value for name, value in wanted.items() if value != getattr(before, name)}
        self._chats.change(action.chat_id, lambda now: replace(now, **changed))
        log.info("settings changed")

    def show(self, action: ShowSettings) -> None:
        """Show the settings of one kind."""
        reply, settings, kind, language = action.reply, action.settings, action.kind, action.reply.language
        group = reply.chat_id < 0
        keyboard = buttons.all_settings(settings, language, group=group) if kind == "settings" else SETTINGS[kind](settings, language)
        text = say(language, f"{kind}_shown", **_in_words(settings, language))
        if kind == "settings" and group:
            text += "\n" + say(language, "settings_of_group", auto=say(language, f"auto_{settings.auto}_name"))
        if action.message_id is None:
            self._saying.say(reply, text, keyboard)
        else:
            self._saying.edit(reply, action.message_id, text, keyboard)

    def tell_auto(self, action: TellAuto) -> None:
        """Tell a group what is transcribed there unasked, and what the bot lacks for it; whoever asked is told in private if it is mute."""
        reply = action.reply
        lacks = self._lacking(reply.chat_id) if action.auto != "off" else None
        keys = [*([] if action.warns else [f"auto_{action.auto}"]), *([lacks] if lacks else [])]
        if not keys:
            return
        text = "\n\n".join(say(reply.language, key) for key in keys)
        if lacks != "auto_mute" and self._said(reply, text):
            return
        if reply.user_id is not None:
            to_asker = replace(reply, chat_id=reply.user_id, message_id=0, thread_id=None)
            text = say(reply.language, "auto_mute")
            self._saying.say(to_asker, text, once=f"mute in {reply.chat_id}", every_seconds=MUTE_TOLD_SECONDS)

    def _said(self, reply: Reply, text: str) -> bool:
        """Say a text, and return False where the group can't be written to."""
        try:
            self._saying.say(reply, text)
        except Undeliverable:
            log.warning("the chat can't be written to")
            return False
        return True

    def remember_language(self, update: Update | None, facts: Facts) -> None:
        """Note the first language that is known of a listed group's members, or of an owner. A failure is only logged.

        A group's serves the messages that tell none, and an owner's those that the bot writes to them unasked.
        """
        if update is None or isinstance(update, Press) or update.language_code is None or facts.settings.guess:
            return
        if isinstance(update, Membership) and not update.present:
            return
        if isinstance(update, Incoming) and (
            update.business_id or update.guest_query or update.moved_to
        ):  # in another's chat, or a past one
            return
        chat_id, language = update.chat_id, text_language(update.language_code)
        if facts.allowed.allows(chat_id) if chat_id < 0 else chat_id in facts.owners:
            try:
                self._chats.change(chat_id, lambda now: replace(now, guess=language))
            except PisarError as error:
                log.info("the language is not noted", extra={"why": type(error).__name__})

    def _lacking(self, chat_id: int) -> str | None:
        try:
            return lacking(reads_all=self._chat.reads_all_messages(), rights=self._chat.own_rights(chat_id))
        except PisarError as error:
            log.info("the bot's rights are not known", extra={"why": type(error).__name__})
            return None


def _in_words(settings: ChatSettings, language: str) -> dict[str, str]:
    return {
        "languages": ", ".join(buttons.language_name(code, language) for code in settings.languages or ("auto",)),
        "interface": buttons.interface_name(settings.interface, language),
        "words": settings.words or "–",
        "shape": say(language, f"shape_{settings.shape}"),
        "silent": say(language, "yes" if settings.silent else "no"),
    }
