"""A few prompts that people spoke, some sounds that nobody did, and a recording with pauses, by a published Whisper. `make hear` has all.

Bytes go in and a transcript comes out, through recognition as the container puts it together.
"""

import os

import pytest

from benchmarks.hearing.corpora import WORK, prompts
from benchmarks.hearing.models import whole_model
from benchmarks.hearing.recordings import compose
from benchmarks.hearing.scoring import normalised
from benchmarks.hearing.sounds import sounds
from benchmarks.hearing.times import measure
from pisar.domain.jobs import Options
from pisar.formats.subtitles import cues
from pisar.wiring.speech import Speech

HEARD = {
    "ru": ("vm-tempgreeting", "pm-invalid-option", "vm-invalidpassword", "confbridge-only-one"),
    "en": ("vm-dialout", "conf-noempty", "enter-num-blacklist"),
}
"""Prompts that Whisper-base hears without an error."""
UNSPOKEN = ("freedesktop/service-login", "freedesktop/service-logout", "pink noise, 5 s", "piano, C, 5 s", "dialling, 2 s", "silence, 2 s")
"""The first two and the dialling sound like speech to the detector."""
PAUSES = (0.5, 3.0, 0.3, 8.0, 1.0)


@pytest.fixture(scope="module")
def hear():
    """Return what hears a file: its path and options → its transcript."""
    # Other tests are at the cores too, and ggml's threads wait for one another spinning.
    environment = {**os.environ, "PISAR_MODEL": str(whole_model()), "PISAR_THREADS": "1"}
    made = Speech(environment).recognition
    return lambda path, **options: made.recognise(made.listen(path.read_bytes()), Options(**options))


@pytest.mark.parametrize("language", HEARD)
def test_people_are_heard_word_for_word(hear, language):
    spoken = prompts(language, HEARD[language])
    heard = {one.name: normalised(hear(one.path, language=language).text, language) for one in spoken}
    assert heard == {one.name: normalised(one.text, language) for one in spoken}
    assert set(heard) == set(HEARD[language])


@pytest.mark.parametrize("language", HEARD)
def test_in_a_russian_chat_russian_and_english_are_told_apart(hear, language):
    spoken = prompts(language, HEARD[language][:2])
    assert [hear(one.path, expected=("ru",)).language for one in spoken] == [language] * 2


def test_nothing_is_made_up_where_nobody_speaks(hear):
    assert {one.name: hear(one.path, language="ru").text for one in sounds(UNSPOKEN)} == dict.fromkeys(UNSPOKEN, "")


def test_sentences_begin_and_end_where_they_are_spoken_whatever_the_pauses(hear):
    recording = compose("four", prompts("ru", HEARD["ru"][:4]), WORK / "recordings" / "four.wav", PAUSES)
    said = hear(recording.path, language="ru")
    segments = [
        {"start": one.start, "end": one.end, "text": one.text, "words": [[word.start, word.end, word.text] for word in one.words]}
        for one in said.segments
    ]
    found = measure(recording, segments, [[cue.start_ms / 1000, cue.end_ms / 1000] for cue in cues(said)])
    assert (found.over_pauses, found.disordered) == (0, 0)
    assert [abs(late) < 0.6 for late in (*found.starts, *found.ends)] == [True] * 2 * len(recording.sentences)
