"""Long texts into messages, in every shape."""

import itertools
import re
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pisar.bot import buttons
from pisar.bot.answer_messages import (
    CAPTION_UNITS,
    MESSAGE_UNITS,
    PREVIEW_UNITS,
    QUOTED_UNITS,
    Answer,
    DocumentAnswer,
    TextAnswer,
    answer,
    in_messages,
    split,
    units,
    with_times,
)
from pisar.domain.answer_to import Reply
from pisar.domain.chats import SHAPES
from pisar.domain.messages import Mark
from pisar.domain.transcripts import Segment, Transcript
from pisar.formats import FORMATS
from pisar.formats.paragraphs import in_paragraphs

JOB = "0123456789abcdef" * 2
NAME = "Анна 🎧"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)
NUMBERED = re.compile(r" \((\d)/(\d)\)\Z")


def spoken(*texts: str, seconds: float = 2.0) -> Transcript:
    segments = tuple(Segment(n * seconds, (n + 1) * seconds, text) for n, text in enumerate(texts))
    return Transcript(language="ru", duration=len(texts) * seconds, segments=segments)


def shown(transcript: Transcript, shape: str = "text", language: str = "ru", job_id: str | None = None) -> Answer:
    return answer(transcript, Reply(chat_id=7, message_id=1, language=language, shape=shape), job_id)


def named(transcript: Transcript, shape: str = "text") -> Answer:
    return answer(transcript, Reply(chat_id=7, message_id=1, language="ru", shape=shape, speaker=NAME), None)


def words(text: str) -> str:
    return "".join(text.split())


def test_a_short_text_is_one_message_as_it_is():
    assert shown(spoken("привет,", "мир")) == TextAnswer(("привет, мир",))


def test_two_messages_are_numbered():
    said = shown(spoken("слово " * 1000))
    assert isinstance(said, TextAnswer)
    assert [part[-6:] for part in said.messages] == [" (1/2)", " (2/2)"]
    assert all(units(part) <= MESSAGE_UNITS for part in said.messages)


def test_a_text_that_just_fits_is_one_message_and_one_letter_more_makes_two():
    assert shown(spoken("й" * MESSAGE_UNITS)) == TextAnswer(("й" * MESSAGE_UNITS,), marks=(Mark("quote", 0, MESSAGE_UNITS),))
    fitting = MESSAGE_UNITS - len(" (1/2)")
    assert shown(spoken("й" * (MESSAGE_UNITS + 1))) == TextAnswer(
        ("й" * fitting + " (1/2)", "й" * (MESSAGE_UNITS + 1 - fitting) + " (2/2)")
    )


def test_two_numbered_messages_hold_so_much_and_one_letter_more_makes_a_document():
    fitting = 2 * (MESSAGE_UNITS - len(" (1/2)"))
    assert isinstance(shown(spoken("й" * fitting)), TextAnswer)
    assert isinstance(shown(spoken("й" * (fitting + 1))), DocumentAnswer)


def test_from_three_messages_on_it_is_a_document_with_a_preview():
    text = "слово " * 3000 + "конец"
    said = shown(spoken(text))
    assert isinstance(said, DocumentAnswer)
    assert (said.name, said.content.decode()) == ("расшифровка.txt", text)
    assert said.caption == ("слово " * 50).strip() + "…\n\n≈ 18\u00a0000 знаков"


def test_with_times_each_segment_is_a_line_that_says_when_it_begins():
    assert shown(spoken("раз", "два"), "timecodes") == TextAnswer(("[0:00] раз\n[0:02] два",))
    hours = Transcript(language="ru", duration=3800, segments=(Segment(59.9, 61, "а"), Segment(65, 70, "б"), Segment(3723.9, 3800, "в")))
    assert with_times(hours) == "[0:59] а\n[1:05] б\n[1:02:03] в"


def test_a_long_text_with_times_is_a_document_with_them_and_a_preview_without():
    transcript = spoken(*(f"слово{n}" for n in range(1500)))
    said = shown(transcript, "timecodes")
    assert isinstance(said, DocumentAnswer)
    assert (said.name, said.content.decode()) == ("расшифровка.txt", with_times(transcript))
    assert said.caption.startswith("слово0 слово1 ")


@pytest.mark.parametrize(
    ("shape", "written_as", "name"),
    [("txt", "text", "расшифровка.txt"), ("srt",) * 2 + ("расшифровка.srt",), ("vtt",) * 2 + ("расшифровка.vtt",)],
)
def test_a_shape_that_is_a_document_is_one_however_short_the_text(shape: str, written_as: str, name: str):
    transcript = spoken("раз", "два")
    content = FORMATS[written_as].write(transcript).encode()
    assert shown(transcript, shape) == DocumentAnswer(name, content, "раз два")


def test_a_text_that_fills_a_screen_is_a_folded_quote_and_a_shorter_one_is_not():
    assert shown(spoken("й" * QUOTED_UNITS)) == TextAnswer(("й" * QUOTED_UNITS,))
    text = "🎧" * (QUOTED_UNITS // 2) + "й"
    assert shown(spoken(text)) == TextAnswer((text,), marks=(Mark("quote", 0, QUOTED_UNITS + 1),))


def test_a_quote_holds_all_paragraphs():
    transcript = Transcript(
        language="ru", duration=60, segments=tuple(Segment(9 * n, 9 * n + 5, ("Мысль за мыслью. " * 20).strip()) for n in range(3))
    )
    said = shown(transcript)
    assert isinstance(said, TextAnswer)
    assert said.messages[0].count("\n\n") == 2
    assert said.marks == (Mark("quote", 0, units(said.messages[0])),)


def test_a_forwarded_recording_begins_with_its_speakers_name_in_bold():
    assert named(spoken("привет, мир")) == TextAnswer((f"{NAME}:\nпривет, мир",), marks=(Mark("bold", 0, 8),))
    assert named(spoken("раз", "два"), "timecodes").messages == (f"{NAME}:\n[0:00] раз\n[0:02] два",)
    long = named(spoken("й" * 800))
    assert long == TextAnswer((f"{NAME}:\n{'й' * 800}",), marks=(Mark("bold", 0, 8), Mark("quote", 9, 800)))
    first, second = named(spoken("слово " * 1000)).messages
    assert (first.startswith(f"{NAME}:\nслово слово"), NAME in second) == (True, False)


def test_a_document_has_the_speakers_name_at_its_beginning_and_in_its_caption_and_subtitles_have_it_not():
    said = named(spoken("слово " * 3000))
    assert isinstance(said, DocumentAnswer)
    assert said.content.decode().startswith(f"{NAME}:\n\nслово слово")
    assert (said.caption.startswith(f"{NAME}:\nслово"), said.marks) == (True, (Mark("bold", 0, 8),))
    assert named(spoken("раз"), "txt").content.decode() == f"{NAME}:\n\nраз\n"
    for shape in ("srt", "vtt"):
        assert NAME not in named(spoken("раз"), shape).content.decode()


def test_a_document_is_named_as_the_recording_is():
    reply = Reply(chat_id=7, message_id=1, language="ru", shape="srt", title="Лекция 3")
    assert answer(spoken("раз"), reply, None).name == "Лекция 3.srt"


@pytest.mark.parametrize(("count", "about"), [(306, "310"), (1234, "1\u00a0200"), (99_999, "100\u00a0000")])
def test_a_caption_tells_how_long_the_text_is(count: int, about: str):
    assert shown(spoken("й" * count), "txt", "en").caption == "й" * PREVIEW_UNITS + f"…\n\n≈ {about} characters"


def test_a_document_comes_as_numbered_messages_where_none_is_taken():
    text = "слово " * 10_000
    document = shown(spoken(text), "txt", "en", JOB)
    said = in_messages(document)
    assert said.keyboard == document.keyboard
    assert [part.rpartition(" ")[2] for part in said.messages] == [f"({number}/15)" for number in range(1, 16)]
    assert max(map(units, said.messages)) <= MESSAGE_UNITS
    assert words("".join(re.sub(r" \(\d+/15\)$", "", part) for part in said.messages)) == words(text)
    assert in_messages(DocumentAnswer("a.txt", b"text", "text")) == TextAnswer(("text",))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("text", ["раз", "слово " * 1000, "слово " * 3000])
@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_answer_of_a_job_has_its_buttons_and_one_of_none_has_none(shape: str, text: str, language: str):
    assert shown(spoken(text), shape, language, JOB).keyboard == buttons.of_answer(JOB, language)
    assert shown(spoken(text), shape, language).keyboard == ()


def test_a_sentence_is_the_first_choice_for_a_cut_and_a_word_the_second():
    assert split("Раз два. Три четыре пять", 16) == ["Раз два.", "Три четыре пять"]
    assert split("раз два три четыре", 12) == ["раз два три", "четыре"]
    assert split("абвгдежз", 3) == ["абв", "где", "жз"]


def test_the_end_of_a_paragraph_comes_before_that_of_a_later_sentence():
    assert split("Раз два три.\n\nЧетыре. Пять шесть", 22) == ["Раз два три.", "Четыре. Пять шесть"]
    assert split("Раз.\n\nДва три четыре. Пять шесть", 24) == ["Раз.\n\nДва три четыре.", "Пять шесть"]
    assert split("Раз два три\n\nчетыре", 11) == ["Раз два три", "четыре"]


def test_a_long_text_comes_in_paragraphs_in_messages_and_documents_alike():
    one, other = "Это первая мысль. " * 12, "А это уже вторая. " * 20
    transcript = Transcript(language="ru", duration=60, segments=(Segment(0, 20, one.strip()), Segment(23, 60, other.strip())))
    text = f"{one.strip()}\n\n{other.strip()}"
    assert shown(transcript) == TextAnswer((text,))
    assert shown(transcript, "txt") == DocumentAnswer("расшифровка.txt", f"{text}\n".encode(), shown(transcript, "txt").caption)
    longer = replace(transcript, segments=(Segment(0, 20, (one * 11).strip()), Segment(23, 60, (other * 11).strip())))
    assert shown(longer) == TextAnswer((f"{(one * 11).strip()} (1/2)", f"{(other * 11).strip()} (2/2)"))


def test_a_sentence_that_ends_early_is_no_place_for_a_cut():
    assert split("Да. Раз два три четыре", 16) == ["Да. Раз два три", "четыре"]


def test_a_letter_outside_the_basic_plane_counts_twice_and_stays_whole():
    assert units("a🎧") == 3
    assert split("🎧🎧🎧", 3) == ["🎧", "🎧", "🎧"]


@given(TEXTS, st.integers(2, 40))
def test_no_part_is_too_long_or_empty_and_only_blanks_are_lost(text: str, limit: int):
    parts = split(text, limit)
    assert all(0 < units(part) <= limit for part in parts)
    assert words("".join(parts)) == words(text)


def stretched(texts: list[str], times: int) -> Transcript:
    return spoken(*itertools.chain.from_iterable([texts] * times), seconds=7.3)


SAID = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).filter(str.strip)
transcripts = st.builds(stretched, st.lists(SAID, min_size=1, max_size=4), st.sampled_from([1, 50, 100, 250, 500]))
FEWER = settings(max_examples=60, deadline=None)


@FEWER
@given(transcripts, st.sampled_from(SHAPES), st.sampled_from(["ru", "en"]))
@example(spoken("🎧" * 2048), "text", "en")
@example(spoken("🎧" * 2049), "text", "en")
@example(spoken("🎧" * 9000), "timecodes", "ru")
@example(spoken("a" + "🎧" * 9000), "srt", "ru")
def test_every_answer_fits_telegram_and_cuts_no_letter_in_two(transcript: Transcript, shape: str, language: str):
    said = shown(transcript, shape, language, JOB)
    if isinstance(said, TextAnswer):
        assert 1 <= len(said.messages) <= 2
        assert [units(part) for part in said.messages if not 0 < units(part) <= MESSAGE_UNITS] == []
        assert [part.encode("utf-16-le").decode("utf-16-le") for part in said.messages] == list(said.messages)
    else:
        assert 0 < units(said.caption) <= PREVIEW_UNITS + units(NAME) + 40 <= CAPTION_UNITS
        assert said.caption.encode("utf-16-le").decode("utf-16-le") == said.caption
        assert said.content.decode().strip()


@FEWER
@given(transcripts, st.booleans())
@example(spoken("раз (1/2)", "слово " * 1000, "(2/2)"), True)
@example(spoken("слово " * 1400, "(2/2)"), False)
def test_the_messages_or_the_document_joined_are_the_transcript(transcript: Transcript, times: bool):
    said = shown(transcript, "timecodes" if times else "text")
    expected = with_times(transcript) if times else in_paragraphs(transcript)
    if isinstance(said, DocumentAnswer):
        assert said.content.decode() == expected
        assert words(transcript.text).startswith(words(said.caption.partition("…\n\n≈")[0]))
        return
    parts = list(said.messages)
    if len(parts) == 2:
        assert [NUMBERED.search(part).groups() for part in parts] == [("1", "2"), ("2", "2")]
        parts = [NUMBERED.sub("", part) for part in parts]
    assert words("".join(parts)) == words(expected)
