"""The OpenAI-compatible API's options, and its errors in OpenAI's shape; their wording is in `pisar.formats.refusals`. Pure.

The options are those of OpenAI's reference (Create transcription, Create translation) as its official clients have them in
`openai.types.audio` 3.57 and `src/resources/audio`. Each is taken, ignored or refused; TAKEN, IGNORED and REFUSED say which and why, and
docs/api.md tells it to callers. Another field is refused by its name.

`pisar.web.errors.problem` turns an exception into a Problem; `error_body` and `error_headers` here put that into the shape that OpenAI's
clients read.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pisar.domain.jobs import Options
from pisar.domain.options import as_prompt, language_code, listed_words, shown, unknown_option
from pisar.errors import Rejected, Rejection
from pisar.formats.openai import FORMATS, GRANULARITIES, SEGMENT, error
from pisar.web.errors import Problem
from pisar.web.fields import Fields, listed, one, wrong, yes

WRONG_KEY = Problem(401, "invalid_api_key", "Incorrect or missing API key: send it as Authorization: Bearer, or in X-API-Key.")

DO_NOT_RETRY = {"X-Should-Retry": "false"}
"""The header that keeps OpenAI's clients from retrying a 429 in vain."""


def error_body(problem: Problem, *, param: str | None = None) -> Mapping[str, Any]:
    """Return the body of an error in OpenAI's shape; `param`: the field at fault."""
    kind = "server_error" if problem.status >= 500 else "insufficient_quota" if problem.status == 429 else "invalid_request_error"  # noqa: PLR2004 - HTTP
    return error(problem.message, kind, param, problem.code)


def error_headers(problem: Problem) -> Mapping[str, str]:
    """Return the headers of an error for OpenAI's clients."""
    return {**problem.headers, **(DO_NOT_RETRY if problem.status == 429 else {})}  # noqa: PLR2004 - HTTP


def param_of(rejected: Exception) -> str | None:
    """Return the field that an error is about, None if it is about none."""
    return str(rejected.details["option"]) if isinstance(rejected, Rejected) and rejected.code is Rejection.BAD_OPTION else None


TIMES = "timestamp_granularities"
LISTS = frozenset({TIMES, "languages", "keywords", "include", "known_speaker_names", "known_speaker_references"})
"""The options that are lists. Clients write their names with [] at the end or without; some number it."""

OWN = ("language", "prompt", "temperature", "track")
"""The options that mean what they mean elsewhere; `track` is Pisar's own."""

TAKEN = (*OWN, "languages", "keywords", "response_format", TIMES, "stream")

IGNORED: Mapping[str, str] = {
    "model": "one model runs here, and any name stands for it",
    "chunking_strategy": "every recording is cut where nobody speaks",
}
"""The options that change nothing, and why they need not: clients send them unasked, or what they ask for is always done."""

REFUSED: Mapping[str, str] = {
    "include": "nothing: logprobs aren't given; response_format verbose_json has avg_logprob for each segment",
    "known_speaker_names": "nothing: speakers aren't told apart, so leave it out",
    "known_speaker_references": "nothing: speakers aren't told apart, so leave it out",
    "task": "nothing: POST /v1/audio/translations translates into English",
    "wait": "nothing: /v1 waits for the text; POST /transcribe and POST /jobs don't",
}
"""The options that ask for what there is not, and what was expected instead."""

_BRACKETS = re.compile(r"(\w+)\[(\w*)\](?:\[\w*\])*")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a caller asks for besides the text. `options`: the texts of those that POST /transcribe has too.

    `languages`: codes to choose the language from. `keywords`: words to expect, as a prompt.
    """

    response_format: str
    granularities: tuple[str, ...]
    stream: bool
    options: Mapping[str, str]
    languages: tuple[str, ...] = ()
    keywords: str = ""

    def refine(self, options: Options) -> Options:
        """Return checked options with the languages and the keywords, which come last in the prompt: of a long one the end is read."""
        language = ",".join(self.languages) or options.language
        return replace(options, language=language, prompt=f"{options.prompt} {self.keywords}".strip())


def asked(sent: Fields) -> Asked:
    """Return what the fields of a form ask for; raise Rejected(BAD_OPTION)."""
    fields = _by_option(sent)
    for name, expected in REFUSED.items():
        if listed(fields, name):
            raise wrong(_shown(name), expected)
    name = response_format(one(fields, "response_format"), FORMATS)
    languages = tuple(dict.fromkeys(language_code(text) for text in listed(fields, "languages")))
    if languages and one(fields, "language"):
        raise wrong("languages[]", "nothing beside `language`")
    return Asked(
        response_format=name,
        granularities=granularities(listed(fields, TIMES), name),
        stream=yes(one(fields, "stream"), "stream"),
        options={option: one(fields, option) for option in OWN},
        languages=languages,
        keywords=as_prompt(", ".join(listed_words(",".join(listed(fields, "keywords"))))),
    )


def response_format(name: str, known: Mapping[str, object]) -> str:
    """Return the checked name of a response format, in any case, "json" for a blank one; raise Rejected(BAD_OPTION)."""
    plain = name.strip().lower() or "json"
    if plain in known:
        return plain
    why = "; speakers aren't told apart" if plain == "diarized_json" else ""
    raise wrong("response_format", f"one of {', '.join(known)}, not {shown(name)!r}{why}")


def granularities(names: tuple[str, ...], format_name: str) -> tuple[str, ...]:
    """Return the checked `timestamp_granularities[]`, segments if none is given; raise Rejected(BAD_OPTION).

    Segments alone may be asked for with any format, as the AI SDK does unasked: they are what is given anyway where times are.
    """
    plain = tuple(dict.fromkeys(name.lower() for name in names))
    if unknown := [name for name in plain if name not in GRANULARITIES]:
        raise wrong(_shown(TIMES), f"{' or '.join(GRANULARITIES)}, not {shown(unknown[0])!r}")
    if plain not in {(), (SEGMENT,)} and format_name != "verbose_json":
        raise wrong(_shown(TIMES), "response_format verbose_json with it")
    return plain or (SEGMENT,)


def _by_option(sent: Fields) -> Fields:
    """Return the fields by the option that each is of; raise Rejected(BAD_OPTION) for one that is of none."""
    fields: dict[str, tuple[str, ...]] = {}
    for name, texts in sent.items():
        option = name
        if (nested := _BRACKETS.fullmatch(name)) and (nested[1] in IGNORED or (nested[1] in LISTS and not nested[2].strip("0123456789"))):
            option = nested[1]
        if option not in {*TAKEN, *IGNORED, *REFUSED}:
            raise unknown_option(name, ("file", *IGNORED, *(_shown(taken) for taken in TAKEN)))
        fields[option] = (*fields.get(option, ()), *texts)
    return fields


def _shown(option: str) -> str:
    return f"{option}[]" if option in LISTS else option
