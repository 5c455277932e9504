"""The buttons under the bot's messages: their labels, and the data that a press carries. Pure.

The data of a button is at most 64 bytes (core.telegram.org/bots/api#inlinekeyboardbutton): a verb, a value, and for an answer's buttons the
id of its job. A settings button names the value to set, not a change, since an update may be delivered twice and the second press must not
undo the first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pisar.bot.texts import LANGUAGES as LANGUAGES_OF_TEXTS
from pisar.bot.texts import say
from pisar.domain.chats import AUTOS, SHAPES, ChatSettings
from pisar.domain.messages import Button, Keyboard
from pisar.domain.options import AUTO, LANGUAGES

MAX_DATA_BYTES = 64
MAX_BUTTONS = 100
"""The most buttons that Telegram takes under one message."""

OFFERED = (AUTO, "ru", "en", "uk", "de", "fr", "es", "it", "pt", "tr", "kk", "be")
"""Languages with a button; any other that Whisper knows may be typed after /language."""

NATIVE = {
    "ru": "Русский",
    "en": "English",
    "uk": "Українська",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "it": "Italiano",
    "pt": "Português",
    "tr": "Türkçe",
    "kk": "Қазақша",
    "be": "Беларуская",
}
"""The languages' names, each in the language itself."""

SWITCHES = ("silent",)
"""Settings that are on or off."""

OF_BOT, OF_SPEECH = "?", "back"
"""The values of `ui` that show the choice of the bot's language, and that of the speech again."""

VERBS = frozenset({"set", "unset", "shape", "on", "off", "auto", "ui", "as", "in", "erase", "let"})
"""The verbs of all buttons."""

ROW = 3
TICK = "✓ "


@dataclass(frozen=True, slots=True)
class Pressed:
    """The parsed data of a press: `verb`, `value`, and for an answer's buttons the `job`."""

    verb: str
    value: str
    job: str = ""


def read(data: str) -> Pressed | None:
    """Parse the data of a press; None for data that no button of ours has."""
    parts = data.split(":")
    if len(parts) not in (2, 3) or parts[0] not in VERBS:
        return None
    return Pressed(*parts)


def of_answer(job_id: str, language: str) -> Keyboard:
    """Return the buttons under an answer."""
    formats = tuple(Button(label, f"as:{shape}:{job_id}") for label, shape in ((".txt", "txt"), (".srt", "srt"), (".vtt", "vtt")))
    more = (
        Button(say(language, "button_timecodes"), f"as:timecodes:{job_id}"),
        Button(say(language, "button_language"), f"in:?:{job_id}"),
    )
    return (more, formats)


def of_languages(job_id: str) -> Keyboard:
    """Return the buttons that ask in which language a recording is to be transcribed again."""
    return _rows([Button(NATIVE[code], f"in:{code}:{job_id}") for code in OFFERED if code != AUTO])


def language_settings(settings: ChatSettings, language: str) -> Keyboard:
    """Return buttons for choosing the chat's languages, the chosen ones ticked."""
    chosen = settings.languages or (AUTO,)
    offered = [*OFFERED, *(code for code in chosen if code not in OFFERED)][:MAX_BUTTONS]
    ticked = {code for code in chosen if code != AUTO}
    speech = [
        Button((TICK if code in chosen else "") + _offer(code, language), f"{'unset' if code in ticked else 'set'}:{code}")
        for code in offered
    ]
    return (*_rows(speech), (Button(say(language, "button_interface"), f"ui:{OF_BOT}"),))


def interface_settings(settings: ChatSettings, language: str) -> Keyboard:
    """Return buttons for choosing the language of the bot's texts, each by its own name, the chosen one ticked."""
    own = Button((TICK if not settings.interface else "") + say(language, "interface_own"), f"ui:{AUTO}")
    named = [
        Button((TICK if code == settings.interface else "") + interface_name(code, language), f"ui:{code}") for code in LANGUAGES_OF_TEXTS
    ]
    return ((own,), *_rows(named), (Button(say(language, "button_back"), f"ui:{OF_SPEECH}"),))


def shape_settings(settings: ChatSettings, language: str) -> Keyboard:
    """Return buttons for choosing the form of an answer, the chosen one ticked."""
    return _rows(
        [Button((TICK if shape == settings.shape else "") + say(language, f"shape_{shape}"), f"shape:{shape}") for shape in SHAPES]
    )


def all_settings(settings: ChatSettings, language: str, *, group: bool) -> Keyboard:
    """Return the buttons of a chat's switches, and in a group those of `/auto`; what is on or chosen is ticked."""
    switches = {name: getattr(settings, name) for name in SWITCHES}
    shown = [
        Button((TICK if is_on else "") + say(language, f"switch_{name}"), f"{'off' if is_on else 'on'}:{name}")
        for name, is_on in switches.items()
    ]
    autos = [Button((TICK if one == settings.auto else "") + say(language, f"auto_{one}_name"), f"auto:{one}") for one in AUTOS]
    return tuple((button,) for button in (*shown, *(autos if group else ())))


def erasing(language: str) -> Keyboard:
    """Return the buttons that ask whether all data is really to be erased."""
    return ((Button(say(language, "button_erase"), "erase:yes"), Button(say(language, "button_keep"), "erase:no")),)


def erasing_in_group(language: str, *, everything: bool, user_id: int | None) -> Keyboard:
    """Return the buttons that ask which texts of a group are to be erased: all, for administrators, and those of the person who asks.

    A person's buttons carry their id and serve nobody else; a person who asks in the group's name has no texts of their own.
    """
    of_group = [Button(say(language, "button_erase_group"), "erase:yes")] if everything else []
    own = [Button(say(language, "button_erase_own"), f"erase:own:{user_id}")] if user_id is not None else []
    keep = Button(say(language, "button_keep"), "erase:no" if user_id is None else f"erase:no:{user_id}")
    return tuple((button,) for button in (*of_group, *own, keep))


def interface_name(code: str, language: str) -> str:
    """Return the name of a language of the bot's texts; "" is each person's own."""
    return LANGUAGES_OF_TEXTS[code].NAME if code in LANGUAGES_OF_TEXTS else say(language, "interface_own")


def language_name(code: str, language: str) -> str:
    """Return a language's name for the bot's messages."""
    return say(language, "language_auto") if code == AUTO else NATIVE.get(code, LANGUAGES[code].title())


def _offer(code: str, language: str) -> str:
    return say(language, "button_detect") if code == AUTO else language_name(code, language)


def _rows(buttons: Sequence[Button]) -> Keyboard:
    return tuple(tuple(buttons[index : index + ROW]) for index in range(0, len(buttons), ROW))
