"""Answers → figures: what hear.json keeps. Shares are per cent, times are seconds."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

from benchmarks.hearing.corpora import LANGUAGES
from benchmarks.hearing.engines import MANY, PEER, PISAR, STOCK, Answer, Engine
from benchmarks.hearing.models import TYPES
from benchmarks.hearing.recordings import Composed
from benchmarks.hearing.scoring import Score, percentile, score
from benchmarks.hearing.times import Times, measure
from benchmarks.hearing.trials import CONDITION, FOUND_OUT, IN_RUSSIAN_CHAT, PARTS, SOUNDS, TOLD, WHOLE, Trial

Answered = Sequence[tuple[Trial, Sequence[Answer]]]
Figures = dict[str, Any]


def text_of(answer: Answer) -> str:
    """Return all that was heard."""
    return " ".join(one["text"] for one in answer["segments"] if one["text"]).strip()


class Answers:
    """All answers, to be looked up by what was measured, the language, the engine and the prompt."""

    def __init__(self, answered: Answered) -> None:
        self._found = {
            (trial.what, trial.language, trial.engine): {
                request["name"]: (request.get("text", ""), answer) for request, answer in zip(trial.requests, given, strict=True)
            }
            for trial, given in answered
        }
        self.conditions = sorted({trial.what.removeprefix(CONDITION) for trial, _ in answered if trial.what.startswith(CONDITION)})

    def of(self, what: str, language: str, engine: Engine) -> Mapping[str, tuple[str, Answer]]:
        """Return what was said and the answer, by the names of what was heard; none where it was not asked."""
        return self._found.get((what, language, engine), {})

    def score(self, what: str, language: str, engine: Engine, names: Iterable[str] | None = None) -> Score:
        """Return the word errors; of `names` alone where they are given."""
        found = self.of(what, language, engine)
        return sum((score(*_pair(found[name]), language) for name in (found if names is None else names)), Score())


def _pair(found: tuple[str, Answer]) -> tuple[str, str]:
    return found[0], text_of(found[1])


def told(answers: Answers) -> Figures:
    """Return word errors with the language told: of all prompts greedily, and of fewer by greedy and by beams, the same for all engines."""
    return {
        language: {
            "greedy": {name: _told(answers.score(TOLD, language, Engine(name))) for name in (PISAR, PEER, STOCK)},
            "beams": {name: _told(answers.score(TOLD, language, Engine(name, beams=MANY))) for name in (PISAR, PEER, STOCK)},
            "greedy_of_the_same": {
                name: _told(answers.score(TOLD, language, Engine(name), answers.of(TOLD, language, Engine(name, beams=MANY))))
                for name in (PISAR, PEER, STOCK)
            },
        }
        for language in LANGUAGES
    }


def languages(answers: Answers) -> Figures:
    """Return word errors where the language is found out, and how many prompts were taken for one in another language."""
    made: Figures = {}
    for what in (FOUND_OUT, IN_RUSSIAN_CHAT):
        made[what] = {}
        for language in LANGUAGES:
            found = answers.of(what, language, Engine(PISAR))
            others = {name: answer["language"] for name, (_, answer) in found.items() if answer["language"] not in {language, ""}}
            made[what][language] = {**_told(answers.score(what, language, Engine(PISAR))), "others": others}
    return made


def sounds(answers: Answers) -> Figures:
    """Return which sounds without speech were given text: Pisar's with the language found out and told, the peers' of fewer sounds."""
    made = {}
    for name, ways in ((PISAR, ("", *LANGUAGES)), (PEER, ("",)), (STOCK, ("",))):
        given = [(sound, text_of(answer)) for way in ways for sound, (_, answer) in answers.of(SOUNDS, way, Engine(name)).items()]
        made[name] = {"sounds": len(dict(given)), "false": {sound: text for sound, text in given if text}}
    return made


def types(answers: Answers, seconds: Mapping[str, Mapping[str, float]]) -> Figures:
    """Return word errors and seconds a prompt of each type of weights, over the same prompts."""
    made: Figures = {}
    for kind in TYPES:
        engine = Engine(PISAR, kind=kind)
        made[kind] = {"seconds": seconds.get(engine.label, {}).get("median")}
        for language in LANGUAGES:
            names = answers.of(TOLD, language, Engine(PISAR, kind=TYPES[-1]))
            made[kind][language] = _told(answers.score(TOLD, language, engine, names))
    return made


def conditions(answers: Answers) -> Figures:
    """Return word errors under each condition, and of the same prompts as they are."""
    made: Figures = {}
    for condition in answers.conditions:
        for language in LANGUAGES:
            what = f"{CONDITION}{condition}"
            names = answers.of(what, language, Engine(PISAR))
            made.setdefault("clean", {})[language] = _told(answers.score(TOLD, language, Engine(PISAR), names))
            made.setdefault(condition, {})[language] = _told(answers.score(what, language, Engine(PISAR)))
    return made


def times(answers: Answers, recordings: Iterable[Composed]) -> Figures:
    """Return how far the times of sentences are off, by language and way of hearing."""
    made: Figures = {}
    for recording in recordings:
        for what, name in ((WHOLE, PISAR), (PARTS, PISAR), (WHOLE, PEER)):
            for _, answer in answers.of(what, recording.language, Engine(name)).values():
                found = measure(recording, answer["segments"], answer.get("cues"))
                made.setdefault(recording.language, {})[f"{name}, {what}"] = {**_times(found), "seconds": round(recording.seconds, 1)}
    return made


def _times(found: Times) -> Figures:
    made: Figures = {"sentences": found.sentences, "pauses": found.pauses}
    for name, values in (("start", found.starts), ("end", found.ends)):
        off = [abs(value) for value in values]
        made[name] = {
            "found": len(off),
            "median": round(median(off), 3) if off else None,
            "p95": round(percentile(off, 0.95), 3) if off else None,
            "worst": round(max(off), 3) if off else None,
        }
    return {**made, "cues_over_pauses": found.over_pauses, "words_out_of_place": found.disordered}


def _told(found: Score) -> Figures:
    return {
        "prompts": found.texts,
        "words": found.words,
        "word_errors": round(100 * found.word_errors, 2),
        "exact": found.exact,
        "first_lost": found.first_lost,
        "last_lost": found.last_lost,
        "empty": found.empty,
    }
