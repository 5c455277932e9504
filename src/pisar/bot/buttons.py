"""The buttons under the bot's messages: their labels, and the data that a press carries. Pure.

The data of a button is at most 64 bytes (core.telegram.org/bots/api#inlinekeyboardbutton): a verb, a value, and for an answer's buttons the
id of its job. A settings button names the value to set, not a change, since an update may be delivered twice and the second press must not
undo the first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pisar.bot.texts import say
from pisar.domain.chats import SHAPES, ChatSettings
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

SWITCHES = ("silent", "auto")
"""Settings that are on or off; only groups have `auto`."""

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
    if len(parts) not in (2, 3) or parts[0] not in {"set", "unset", "shape", "on", "off", "as", "in", "erase"}:
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
    return _rows(
        [
            Button((TICK if code in chosen else "") + _offer(code, language), f"{'unset' if code in ticked else 'set'}:{code}")
            for code in offered
        ]
    )


def shape_settings(settings: ChatSettings, language: str) -> Keyboard:
    """Return buttons for choosing the form of an answer, the chosen one ticked."""
    return _rows(
        [Button((TICK if shape == settings.shape else "") + say(language, f"shape_{shape}"), f"shape:{shape}") for shape in SHAPES]
    )


def all_settings(settings: ChatSettings, language: str, *, group: bool) -> Keyboard:
    """Return the buttons of a chat's switches, those that are on ticked; only a group has `auto`."""
    switches = {name: getattr(settings, name) for name in SWITCHES if group or name != "auto"}
    return tuple(
        (Button((TICK if is_on else "") + say(language, f"switch_{name}"), f"{'off' if is_on else 'on'}:{name}"),)
        for name, is_on in switches.items()
    )


def erasing(language: str) -> Keyboard:
    """Return the buttons that ask whether all data is really to be erased."""
    return ((Button(say(language, "button_erase"), "erase:yes"), Button(say(language, "button_keep"), "erase:no")),)


def language_name(code: str, language: str) -> str:
    """Return a language's name for the bot's messages."""
    return say(language, "language_auto") if code == AUTO else NATIVE.get(code, LANGUAGES[code].title())


def _offer(code: str, language: str) -> str:
    return say(language, "button_detect") if code == AUTO else language_name(code, language)


def _rows(buttons: Sequence[Button]) -> Keyboard:
    return tuple(tuple(buttons[index : index + ROW]) for index in range(0, len(buttons), ROW))
