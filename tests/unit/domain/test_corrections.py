import pytest

from pisar.domain.corrections import MAX_SEGMENT_CHARACTERS, MAX_WORD_CHARACTERS, NONE, Corrections, spoken
from pisar.domain.transcripts import Segment, Transcript, Word
from pisar.errors import Rejected, Unreadable


def segment(start: float, text: str, *words: str) -> Segment:
    return Segment(start, start + len(words), text, words=tuple(Word(start + at, start + at + 1, word) for at, word in enumerate(words)))


HEARD = Transcript(
    language="ru",
    duration=9,
    segments=(segment(0, "пиcарь  пишет, да.", "пиcарь", "пишет,", "да."), segment(3, "今日は。", "今日", "は。"), segment(5, "no words")),
)


def corrected(*asked: tuple[int, int | None, str | None], before: Corrections = NONE) -> Transcript:
    return before.changed(HEARD, [((at, word), text) for at, word, text in asked]).applied(HEARD)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ([(0, 0, " Писарь ")], "Писарь пишет, да. 今日は。 no words"),
        ([(0, 1, "")], "пиcарь да. 今日は。 no words"),
        ([(0, 1, "пишет и пишет")], "пиcарь пишет и пишет да. 今日は。 no words"),
        ([(1, 0, "明日")], "пиcарь  пишет, да. 明日は。 no words"),
        ([(2, None, "some words")], "пиcарь  пишет, да. 今日は。 some words"),
        ([(2, None, "")], "пиcарь  пишет, да. 今日は。"),
        ([(0, 0, ""), (0, 1, ""), (0, 2, "")], "今日は。 no words"),
        ([(0, 0, "x"), (0, 0, None)], "пиcарь  пишет, да. 今日は。 no words"),
        ([(0, 0, "x"), (0, 0, "пиcарь")], "пиcарь  пишет, да. 今日は。 no words"),
    ],
)
def test_a_correction_changes_its_place_alone(asked: list[tuple[int, int | None, str | None]], text: str):
    assert corrected(*asked).text == text
    assert spoken(corrected(*asked)).text == text


def test_places_stay_where_they_were_and_what_was_heard_is_known():
    found = corrected((0, 0, "Писарь"), (0, 1, ""), (2, None, ""))
    assert [word.text for word in found.segments[0].words] == ["Писарь", "", "да."]
    assert [getattr(word, "original", None) for word in found.segments[0].words] == ["пиcарь", "пишет,", None]
    assert (found.segments[2].text, found.segments[2].original) == ("", "no words")  # type: ignore[attr-defined]
    assert [word.text for one in spoken(found).segments for word in one.words] == ["Писарь", "да.", "今日", "は。"]
    assert len(spoken(found).segments) == 2


def test_corrections_are_stored_and_read_in_order():
    kept = NONE.changed(HEARD, [((2, None), "b"), ((0, 1), ""), ((0, 0), "a")])
    assert list(kept.texts) == [(0, 0), (0, 1), (2, None)]
    assert Corrections.decode(kept.encode()) == kept
    with pytest.raises(Unreadable):
        Corrections.decode(b'{"version": 2}')


@pytest.mark.parametrize(
    ("at", "word", "text", "option"),
    [
        (3, 0, "x", "segment"),
        (-1, 0, "x", "segment"),
        (0, 3, "x", "word"),
        (0, -1, "x", "word"),
        (0, None, "x", "word"),
        (2, 0, "x", "word"),
        (0, 0, "x" * (MAX_WORD_CHARACTERS + 1), "text"),
        (2, None, "x" * (MAX_SEGMENT_CHARACTERS + 1), "text"),
        (0, 0, "a\nb", "text"),
        (0, 0, "a\x00b", "text"),
        (7, 0, None, "segment"),
    ],
)
def test_what_can_not_be_corrected_so_is_named(at: int, word: int | None, text: str | None, option: str):
    with pytest.raises(Rejected) as refused:
        corrected((0, 0, "fine"), (at, word, text))
    assert refused.value.details["option"] == option
    assert str(refused.value.details["expected"])


def test_there_is_a_bound_on_how_many_there_are(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("pisar.domain.corrections.MAX_CORRECTIONS", 2)
    before = NONE.changed(HEARD, [((0, 0), "a"), ((0, 1), "b")])
    with pytest.raises(Rejected):
        before.changed(HEARD, [((0, 2), "c")])
    assert len(before.changed(HEARD, [((0, 2), "c"), ((0, 1), None)]).texts) == 2
