"""What a caller may ask of a transcription, checked before anything is stored or queued."""

from typing import Literal, get_args

from pisar.domain.jobs import Options, Task
from pisar.errors import Rejected, Rejection

AUTO = "auto"

LANGUAGES = frozenset(
    [
        "en",
        "zh",
        "de",
        "es",
        "ru",
        "ko",
        "fr",
        "ja",
        "pt",
        "tr",
        "pl",
        "ca",
        "nl",
        "ar",
        "sv",
        "it",
        "id",
        "hi",
        "fi",
        "vi",
        "he",
        "uk",
        "el",
        "ms",
        "cs",
        "ro",
        "da",
        "hu",
        "ta",
        "no",
        "th",
        "ur",
        "hr",
        "bg",
        "lt",
        "la",
        "mi",
        "ml",
        "cy",
        "sk",
        "te",
        "fa",
        "lv",
        "bn",
        "sr",
        "az",
        "sl",
        "kn",
        "et",
        "mk",
        "br",
        "eu",
        "is",
        "hy",
        "ne",
        "mn",
        "bs",
        "kk",
        "sq",
        "sw",
        "gl",
        "mr",
        "pa",
        "si",
        "km",
        "sn",
        "yo",
        "so",
        "af",
        "oc",
        "ka",
        "be",
        "tg",
        "sd",
        "gu",
        "am",
        "yi",
        "lo",
        "uz",
        "fo",
        "ht",
        "ps",
        "tk",
        "nn",
        "mt",
        "sa",
        "lb",
        "my",
        "bo",
        "tl",
        "mg",
        "as",
        "tt",
        "haw",
        "ln",
        "ha",
        "ba",
        "jw",
        "su",
        "yue",
    ]
)
"""The codes Whisper has tokens for (whisper.cpp's g_lang): ISO 639-1 but for haw, jw and yue."""

MAX_PROMPT_CHARACTERS = 2000
"""Whisper looks at the last 224 tokens of a prompt; this is more than they hold in any language."""


def options(*, language: str = "", task: str = "", prompt: str = "", default_language: str = AUTO) -> Options:
    """Return checked options; what is empty takes its default. Raises Rejected(BAD_OPTION) that names what was expected."""
    language, task = (language.strip().lower() or default_language), (task.strip().lower() or "transcribe")
    if language != AUTO and language not in LANGUAGES:
        raise _bad("language", "an ISO 639-1 code such as ru or en, or auto")
    if task not in get_args(Task):
        raise _bad("task", "transcribe or translate")
    if len(prompt) > MAX_PROMPT_CHARACTERS:
        raise _bad("prompt", f"at most {MAX_PROMPT_CHARACTERS} characters")
    known_task: Task = "translate" if task == "translate" else "transcribe"
    return Options(language=language, task=known_task, prompt=prompt.strip())


def _bad(option: Literal["language", "task", "prompt"], expected: str) -> Rejected:
    return Rejected(Rejection.BAD_OPTION, {"option": option, "expected": expected})
