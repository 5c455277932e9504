"""What hearing is meant to reach, beside what was measured: each goal is one row, and `make hear` ends with 1 where one is missed."""

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.hearing.corpora import LANGUAGES
from benchmarks.hearing.engines import PEER, PISAR, STOCK
from benchmarks.hearing.figures import Figures
from benchmarks.hearing.trials import FOUND_OUT, IN_RUSSIAN_CHAT, PARTS, WHOLE

MEDIAN_SECONDS, P95_SECONDS = 0.25, 0.6
"""How far a sentence's start or end may be off: half of all of them, and all but a twentieth."""
FEWEST_SOUNDS = 110
FEW_PROMPTS, SLACK_WORDS = 16, 2
"""Of fewer prompts a word is a per cent, and which way a doubtful one goes is a matter of rounding: so many more may be wrong."""
ENGLISH_IN_RUSSIAN_CHAT = 99.0

NAMES = {"ru": "Russian", "en": "English"}


@dataclass(frozen=True, slots=True)
class Row:
    """A goal beside its figure, None where it was not measured; `at_least` where more is better. `of`: what it was measured on."""

    what: str
    measured: float | None
    goal: float
    of: str
    at_least: bool = False

    @property
    def reached(self) -> bool:
        """Say whether the figure is there and good enough."""
        return self.measured is not None and (self.measured >= self.goal if self.at_least else self.measured <= self.goal)

    @property
    def sign(self) -> str:
        """Return what the figure must be to the goal."""
        return "≥" if self.at_least else "≤"


def rows(figures: Figures) -> list[Row]:
    """Return all goals of a run's figures."""
    return [*_words(figures["told"]), *_sounds(figures["sounds"]), *_languages(figures["languages"]), *_times(figures["times"])]


def _words(told: Figures) -> Iterator[Row]:
    for language in LANGUAGES:
        for way, spelled in (("greedy", "greedy"), ("beams", "five beams")):
            found = told[language][way]
            best, peer = min((found[name]["word_errors"], name) for name in (PEER, STOCK) if found[name]["prompts"])
            ours = found[PISAR]
            slack = 100 * SLACK_WORDS / ours["words"] if 0 < ours["prompts"] < FEW_PROMPTS else 0.0
            of = f"{ours['prompts']} prompts, {ours['words']} words"
            yield Row(f"{NAMES[language]}, {spelled}: word errors, %, beside {peer}'s", ours["word_errors"], round(best + slack, 2), of)
    for language in LANGUAGES:
        found = told[language]["greedy"][PISAR]
        yield Row(f"{NAMES[language]}: prompts of which nothing was heard", found["empty"], 0, f"{found['prompts']} prompts")


def _sounds(sounds: Figures) -> Iterator[Row]:
    found = sounds[PISAR]
    yield Row("sounds without speech that were given text", len(found["false"]), 0, f"{found['sounds']} sounds")
    yield Row("sounds without speech that were heard", found["sounds"], FEWEST_SOUNDS, "", at_least=True)


def _languages(languages: Figures) -> Iterator[Row]:
    russian, english = (languages[IN_RUSSIAN_CHAT][language] for language in ("ru", "en"))
    yield Row("Russian prompts taken for another language in a Russian chat", len(russian["others"]), 0, f"{russian['prompts']} prompts")
    kept = 100 * (1 - len(english["others"]) / english["prompts"]) if english["prompts"] else None
    of = f"{english['prompts']} prompts"
    yield Row("English prompts still taken for English there, %", kept and round(kept, 1), ENGLISH_IN_RUSSIAN_CHAT, of, at_least=True)


def _times(times: Figures) -> Iterator[Row]:
    for what in (WHOLE, PARTS):
        found = [times[language][f"{PISAR}, {what}"] for language in LANGUAGES]
        of = f"{sum(one['sentences'] for one in found)} sentences"
        for edge in ("start", "end"):
            for share, spelled, goal in (("median", "median", MEDIAN_SECONDS), ("p95", "95 of 100", P95_SECONDS)):
                values = [one[edge][share] for one in found]
                worst = None if None in values else max(values)
                yield Row(f"{what}: a sentence's {edge} is off by, {spelled}, s", worst, goal, of)
        long = f"{sum(one['pauses'] for one in found)} pauses"
        yield Row(f"{what}: cues on screen for over 1 s of a pause", sum(one["cues_over_pauses"] for one in found), 0, long)
        yield Row(f"{what}: words out of order or of their segment", sum(one["words_out_of_place"] for one in found), 0, of)


def unmet(figures: Figures) -> list[str]:
    """Return what each goal that was missed says."""
    missed = [one for one in rows(figures) if not one.reached]
    return [
        f"{one.what}: {'not measured' if one.measured is None else f'{one.measured:g}'}, goal {one.sign} {one.goal:g}" for one in missed
    ]


def others_found_out(figures: Figures) -> int:
    """Return how many prompts were taken for another language where nothing was known of it."""
    return sum(len(figures["languages"][FOUND_OUT][language]["others"]) for language in LANGUAGES)
