"""Where speech begins and ends in a composed recording, and how far a transcript's times are off."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.hearing.corpora import Prompt, read_wave, write_wave
from benchmarks.hearing.recordings import Composed, Sentence, compose, edges
from benchmarks.hearing.times import Times, measure

RECORDING = Composed("r", "ru", Path("r.wav"), (Sentence("Введите пароль.", 1.0, 2.0), Sentence("Нажмите решётку!", 5.0, 6.0)), seconds=6.5)


def beep(before: float, length: float, after: float):
    """Return a tone between silences, softer at its end."""
    seconds = np.arange(round(length * 16000)) / 16000
    tone = 0.3 * np.sin(2 * np.pi * 200 * seconds) * np.where(seconds < length / 2, 1, 0.05)
    return np.concatenate([np.zeros(round(before * 16000)), tone, np.zeros(round(after * 16000))]).astype(np.float32)


def segment(text, *times):
    """Return a segment whose words have these starts and ends."""
    words = [[start, end, word] for (start, end), word in zip(times, text.split(), strict=True)]
    return {"start": times[0][0], "end": times[-1][1], "text": text, "words": words}


def test_speech_begins_and_ends_where_it_is_loud():
    assert edges(beep(0.5, 1.0, 0.75)) == pytest.approx((0.5, 1.5), abs=0.011)


def test_a_click_before_speech_is_no_speech():
    samples = beep(0.5, 1.0, 0.75)
    samples[1600:1700] = 0.3
    assert edges(samples) == pytest.approx((0.5, 1.5), abs=0.011)


def test_nobody_speaks_in_a_hiss():
    with pytest.raises(ValueError, match="nobody speaks"):
        edges(np.random.default_rng(1).standard_normal(16000).astype(np.float32) * 1e-4)


def test_prompts_lie_after_pauses_and_their_own_silences_count_as_pauses(tmp_path):
    prompts = []
    for number in range(2):
        prompts.append(Prompt(f"p{number}", "ru", f"слово {number}", tmp_path / f"{number}.wav"))
        write_wave(prompts[-1].path, beep(0.2, 1.0, 0.3))
    made = compose("two", prompts, tmp_path / "two.wav", pauses=(0.5, 2.0, 1.0))
    assert made.seconds == len(read_wave(made.path)) / 16000 == 6.5
    assert [one.text for one in made.sentences] == ["слово 0", "слово 1"]
    assert [time for one in made.sentences for time in (one.start, one.end)] == pytest.approx([0.7, 1.7, 4.2, 5.2], abs=0.011)
    assert [end - start for start, end in made.pauses] == pytest.approx([0.7, 2.5, 1.3], abs=0.021)


def test_a_sentence_is_off_by_its_first_words_start_and_its_last_words_end():
    heard = [segment("введите пароль", (1.1, 1.5), (1.5, 1.9)), segment("Нажмите решетку.", (4.5, 5.5), (5.5, 6.25))]
    found = measure(RECORDING, heard)
    assert (found.starts, found.ends) == (pytest.approx((0.1, -0.5)), pytest.approx((-0.1, 0.25)))


def test_sentences_in_one_segment_are_found_by_their_words():
    found = measure(RECORDING, [segment("введите пароль нажмите решётку", (1.0, 1.5), (1.5, 2.0), (5.0, 5.5), (5.5, 6.0))])
    assert (found.starts, found.ends) == ((0.0, 0.0), (0.0, 0.0))


def test_a_word_that_was_not_heard_has_no_time():
    found = measure(RECORDING, [segment("пароль", (1.5, 2.0)), segment("нажмите", (5.0, 5.5))])
    assert (found.sentences, found.starts, found.ends) == (2, (0.0,), (0.0,))


def test_a_word_that_was_misspelt_has_a_time_and_another_word_has_none():
    found = measure(RECORDING, [segment("ведите кота нажмите решётку", (1.25, 1.5), (1.5, 2.0), (5.0, 5.5), (5.5, 6.0))])
    assert (found.starts, found.ends) == ((0.25, 0.0), (0.0,))


def test_a_segment_without_words_has_its_own_times():
    heard = [{"start": 0.5, "end": 6.0, "text": "Введите пароль. Нажмите решётку.", "words": []}]
    found = measure(RECORDING, heard)
    assert (found.starts, found.ends) == ((-0.5, -4.5), (4.0, 0.0))


def test_a_transcript_without_words_has_no_times():
    assert measure(RECORDING, []) == Times(2, (), (), 1, 0, 0)


def test_a_cue_counts_that_is_on_screen_for_over_a_second_of_a_pause():
    cues = [[1.0, 3.01, "late by over a second"], [1.0, 2.99, "not quite"], [2.5, 5.5, "all of the pause's rest"], [5.0, 6.5, "in time"]]
    assert (measure(RECORDING, [], cues).over_pauses, measure(RECORDING, [], cues).pauses) == (2, 1)


def test_words_out_of_order_and_out_of_their_segment_count():
    early = segment("введите пароль", (1.5, 2.0), (1.0, 2.0))
    outside = {"start": 5.0, "end": 5.5, "text": "нажмите решётку", "words": [[5.0, 5.4, "нажмите"], [5.4, 6.0, "решётку"]]}
    assert measure(RECORDING, [early]).disordered == 1
    assert measure(RECORDING, [outside]).disordered == 1
