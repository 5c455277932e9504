"""What the page makes of a transcript without drawing it: paragraphs, the word that sounds, search, names of files."""

import random

import pytest
from playwright.sync_api import Page

from pisar.domain.transcripts import Segment, Transcript, Word
from pisar.formats import as_verbose_json
from pisar.formats.paragraphs import paragraphs

from .conftest import Visits
from .modules import ask

VOCABULARY = ("привет", "я", "уже", "выехал", "буду", "дома", "через", "полчаса", "ёлка", "стоит", "Марина", "спросила")


def spoken(seed: int, words: int) -> Transcript:
    """Return a transcript of so many words, in sentences with pauses between."""
    chance = random.Random(seed)  # noqa: S311  # no secrets are made of it
    segments, now, left = [], 0.5, words
    while left > 0:
        said = []
        for _ in range(min(left, chance.randint(1, 12))):
            text = chance.choice(VOCABULARY) + chance.choice(["", "", "", ",", ".", "?", "»."])
            said.append(Word(now, now + 0.3, text))
            now += 0.3 + chance.choice([0.0, 0.02, 0.4])
        left -= len(said)
        segments.append(Segment(said[0].start, said[-1].end, " ".join(word.text for word in said), tuple(said)))
        now += chance.choice([0.0, 0.1, 0.6, 2.5])
    return Transcript(language="ru", duration=now, segments=tuple(segments))


@pytest.fixture(scope="module")
def blank(browser, stack, proxy):
    """The page, for its modules alone."""
    visits = Visits(browser, stack, proxy)
    page = visits.context().new_page()
    page.goto(stack.api_url)
    yield page
    assert visits.close() == []


@pytest.mark.parametrize("seed", range(5))
def test_the_page_shows_the_paragraphs_that_the_text_file_has(blank: Page, seed: int):
    transcript = spoken(seed, 700)
    use = """({unitsOf, paragraphsOf}, transcript) => {
        const units = unitsOf(transcript);
        const starts = paragraphsOf(units);
        return starts.map((start, n) => units.slice(start, starts[n + 1]).map(({text}) => text).join(" "));
    }"""
    expected = paragraphs(transcript)
    assert len(expected) > 3
    assert ask(blank, "words.js", use, as_verbose_json(transcript)) == expected


def test_words_without_blanks_between_them_are_shown_without(blank: Page):
    words = (Word(0, 1, "今日は、"), Word(1, 2, "いい天気です。"))
    transcript = Transcript(language="ja", duration=2, segments=(Segment(0, 2, "今日は、いい天気です。", words), Segment(2, 3, "はい。")))
    use = "({unitsOf}, transcript) => unitsOf(transcript).map(({before, text, word}) => [before, text, word])"
    shown = ask(blank, "words.js", use, as_verbose_json(transcript))
    assert shown == [["", "今日は、", 0], ["", "いい天気です。", 1], [" ", "はい。", None]]


def test_the_word_that_sounds_is_marked_until_shortly_after_its_end(blank: Page):
    units = [{"start": 1.0, "end": 1.5}, {"start": 1.6, "end": 2.0}, {"start": 9.0, "end": 9.5}]
    use = "({unitAt}, units) => [0, 1, 1.59, 1.6, 2.5, 2.7, 9.2, 99].map((time) => unitAt(units, time))"
    assert ask(blank, "words.js", use, units) == [-1, 0, 0, 1, 1, -1, 2, -1]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("ЁЛКА", ["ёлка", "Елка"]),
        ("елка", ["ёлка", "Елка"]),
        ("я уже", ["Я, уже"]),
        ("привет я", ["Привет! Я"]),
        ("кто то", ["кто-то"]),
        ("кто-то", ["кто-то"]),
        ("ривет", ["ривет"]),
        ("  уже   выехал ", ["уже выехал"]),
        ("😀 да", ["да"]),
        ("нет такого", []),
        ("!", []),
        ("", []),
    ],
)
def test_search_minds_neither_case_nor_yo_nor_punctuation(blank: Page, query: str, found: list[str]):
    words = ["Привет!", "Я,", "уже", "выехал,", "ёлка", "и", "Елка:", "кто-то", "😀", "да"]
    use = """({indexOf, find}, [words, query]) => {
        const units = words.map((text, n) => ({text, before: n ? " " : ""}));
        return find(indexOf(units), query).map(({from, to}) => {
            if (from.unit === to.unit) return words[from.unit].slice(from.offset, to.offset);
            const between = words.slice(from.unit + 1, to.unit);
            return [words[from.unit].slice(from.offset), ...between, words[to.unit].slice(0, to.offset)].join(" ");
        });
    }"""
    assert ask(blank, "search.js", use, [words, query]) == found


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Совещание.ogg", "Совещание.srt"),
        ("a/b\\c:d*?.mp3", "a b c d.srt"),
        ("..", "text.srt"),
        ("", "text.srt"),
        ("План v1.2 итог", "План v1.2 итог.srt"),
        ("я" * 300, "я" * 120 + ".srt"),
    ],
)
def test_a_file_is_named_after_its_recording(blank: Page, name: str, expected: str):
    assert ask(blank, "exports.js", "({fileName}, name) => fileName(name, 'text', 'srt')", name) == expected


def test_the_level_of_a_microphone_has_a_name(blank: Page):
    use = """({loudness, levelName}) => [0, 0.0005, 0.003, 0.1, 1].map((height) =>
        levelName(loudness(Float32Array.from({length: 2048}, (_, n) => height * Math.sin(n / 5)))))"""
    assert ask(blank, "recorder.js", use) == ["silent", "silent", "quiet", "good", "loud"]
