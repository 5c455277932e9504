"""`pisar transcribe` over real voices and the real engine."""

import json
import subprocess
import wave
from pathlib import Path

import imageio_ffmpeg
import pytest

from pisar.adapters.whisper_cpp import WhisperCppEngine
from tests.unit.cli.conftest import DEMO, TEXTS

RU, EN = "ru-1.ogg", "en-2.ogg"


def rows(table: str) -> list[list[str]]:
    """Return the cells of a printed table, without its head, by the columns the head has."""
    head, _, *lines = table.splitlines()
    starts = [head.index(name) for name in ("file", "seconds", "language", "speed", "result")]
    return [[line[start:end].strip() for start, end in zip(starts, [*starts[1:], None], strict=True)] for line in lines if line.strip()]


def files(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*")) if path.suffix != ".ogg" and path.is_file()
    }


def write_silence(path: Path, seconds: float = 1.0) -> None:
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, 16_000, 0, "NONE", "not compressed"))
        sound.writeframes(bytes(int(2 * 16_000 * seconds)))


def test_the_text_of_one_file_is_all_that_is_printed(pisar, voice):
    ran = pisar("transcribe", voice(RU))
    assert (ran.code, ran.out, ran.err) == (0, TEXTS[RU] + "\n", "")


def test_json_is_one_line_with_text_and_language(pisar, voice):
    ran = pisar("transcribe", "--format", "json", voice(RU))
    answer = json.loads(ran.out)
    assert (ran.out.count("\n"), answer["transcription"], answer["language"]) == (1, TEXTS[RU], "ru")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("srt", "1\n00:00:00,080 --> 00:00:01,350\nдва хлеб вода вчера белый шесть\n\n"),
        ("vtt", "WEBVTT\n\n00:00:00.080 --> 00:00:01.350\nдва хлеб вода вчера белый шесть\n\n"),
    ],
)
def test_subtitles_are_printed_as_they_are(pisar, voice, name, expected):
    assert pisar("transcribe", "--format", name, voice(RU)).out == expected


def test_verbose_json_is_not_for_files_where_it_would_be_named_like_json(pisar, voice):
    ran = pisar("transcribe", "--format", "verbose_json", voice(RU))
    assert (ran.code, ran.out) == (2, "")
    assert "'json', 'text', 'srt', 'vtt'" in ran.err


def test_several_files_are_written_beside_the_recordings_and_end_in_a_table(pisar, voice, tmp_path):
    ran = pisar("transcribe", voice(RU), voice(EN))
    assert (ran.code, ran.err) == (0, "")
    assert files(tmp_path) == {"ru-1.txt": TEXTS[RU] + "\n", "en-2.txt": TEXTS[EN] + "\n"}
    assert [(Path(row[0]).name, *row[1:3], row[4]) for row in rows(ran.out)] == [
        (RU, "1.8", "ru", "ru-1.txt"),
        (EN, "1.6", "en", "en-2.txt"),
    ]
    assert all(float(row[3].removesuffix(" ×")) > 0 for row in rows(ran.out))


def test_one_file_in_several_formats_is_written(pisar, voice, tmp_path):
    ran = pisar("transcribe", "--format", "srt", "--format", "text", "--format", "srt", voice(EN))
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert sorted(files(tmp_path)) == ["en-2.srt", "en-2.txt"]


def test_one_file_is_written_when_asked(pisar, voice, tmp_path):
    assert pisar("transcribe", "--write", voice(EN)).out == ""
    assert files(tmp_path) == {"en-2.txt": TEXTS[EN] + "\n"}


def test_a_folder_with_one_recording_is_written_like_one_with_many(pisar, voice, tmp_path):
    voice(EN)
    assert pisar("transcribe", tmp_path).out == ""
    assert files(tmp_path) == {"en-2.txt": TEXTS[EN] + "\n"}


def test_another_folder_gets_the_same_tree(pisar, voice, tmp_path):
    voice(RU, "in/a/talk.ogg")
    voice(EN, "in/b/talk.ogg")
    ran = pisar("transcribe", "--recursive", tmp_path / "in", "--output-dir", tmp_path / "out")
    assert ran.code == 0
    assert files(tmp_path) == {"out/a/talk.txt": TEXTS[RU] + "\n", "out/b/talk.txt": TEXTS[EN] + "\n"}


def test_a_file_that_exists_is_kept_and_the_others_are_written(pisar, voice, tmp_path):
    (tmp_path / "ru-1.txt").write_text("mine")
    ran = pisar("transcribe", voice(RU), voice(EN))
    assert (ran.code, rows(ran.out)[0][4]) == (1, "failed: ru-1.txt exists; --force writes over it.")
    assert files(tmp_path) == {"ru-1.txt": "mine", "en-2.txt": TEXTS[EN] + "\n"}


def test_force_writes_over(pisar, voice, tmp_path):
    (tmp_path / "ru-1.txt").write_text("mine")
    assert pisar("transcribe", "--write", "--force", voice(RU)).code == 0
    assert files(tmp_path) == {"ru-1.txt": TEXTS[RU] + "\n"}


def test_one_bad_file_does_not_stop_the_others(pisar, voice, tmp_path):
    bad = tmp_path / "bad.mp3"
    bad.write_text("not audio")
    ran = pisar("transcribe", bad, tmp_path / "none.ogg", voice(EN))
    assert ran.code == 1
    assert [row[4] for row in rows(ran.out)] == [
        "failed: The file can't be read as audio or video.",
        "failed: There is no such file or folder.",
        "en-2.txt",
    ]
    assert (tmp_path / "en-2.txt").read_text() == TEXTS[EN] + "\n"


def test_a_bad_file_alone_is_a_sentence_on_standard_error(pisar, tmp_path):
    (tmp_path / "bad.mp3").write_text("not audio")
    ran = pisar("transcribe", tmp_path / "bad.mp3")
    assert (ran.code, ran.out, ran.err) == (1, "", f"pisar: {tmp_path}/bad.mp3: The file can't be read as audio or video.\n")


def test_a_recording_without_speech_is_no_failure_and_says_so(pisar, tmp_path):
    write_silence(tmp_path / "still.wav")
    ran = pisar("transcribe", tmp_path / "still.wav")
    assert (ran.code, ran.out, ran.err) == (0, "", f"pisar: {tmp_path}/still.wav: No speech was heard.\n")


@pytest.mark.parametrize("language", ["en", "en-US", "English", "английский"])
def test_the_language_that_is_asked_for_is_taken(pisar, voice, language):
    assert json.loads(pisar("transcribe", "--language", language, "--format", "json", voice(RU)).out)["language"] == "en"


@pytest.fixture
def asked(monkeypatch):
    """Return the options that the engine is asked with."""
    asked, transcribe = [], WhisperCppEngine.transcribe

    def noting(engine, samples, options, **how):
        asked.append(options)
        return transcribe(engine, samples, options, **how)

    monkeypatch.setattr(WhisperCppEngine, "transcribe", noting)
    return asked


@pytest.mark.parametrize(
    ("arguments", "prompt"),
    [
        (("--prompt", " Марина, Бишкек. "), "Марина, Бишкек."),
        (("--initial_prompt", "So it begins."), "So it begins."),
        (("--hotwords", "Марина, Бишкек"), "Марина, Бишкек."),
        (("--hotwords", "Marina", "--hotwords", "pgBouncer;Bishkek", "--prompt", "A talk."), "A talk. Marina, pgBouncer, Bishkek."),
        (("--hotwords", "Marina", "--prompt", "words " * 2000), f"{'words ' * 332}Marina."),
    ],
)
def test_the_words_that_are_expected_reach_the_engine(pisar, voice, asked, arguments, prompt):
    assert pisar("transcribe", *arguments, voice(RU)).code == 0
    assert [options.prompt for options in asked] == [prompt]


@pytest.mark.parametrize(
    ("arguments", "task"), [((), "transcribe"), (("--task", "translate"), "translate"), (("--task", "Translate"), "translate")]
)
def test_the_task_reaches_the_engine(pisar, voice, asked, arguments, task):
    ran = pisar("transcribe", *arguments, "--word-timestamps", voice(RU))
    assert ([options.task for options in asked], json.loads(ran.out)["task"]) == ([task], task)


@pytest.mark.parametrize("language", ["ru", "Russian", "русский", "ru-RU"])
def test_a_language_is_named_as_people_name_it(pisar, voice, asked, language):
    assert pisar("transcribe", "--language", language, voice(RU)).out == TEXTS[RU] + "\n"
    assert [options.language for options in asked] == ["ru"]


def test_words_have_times_when_asked(pisar, voice, tmp_path):
    ran = pisar("transcribe", "--word_timestamps", voice(RU))
    (segment,) = json.loads(ran.out)["segments"]
    assert [word["word"].strip() for word in segment["words"]] == TEXTS[RU].split()
    assert all(0 <= word["start"] < word["end"] < 2 for word in segment["words"])
    assert pisar("transcribe", "--word-timestamps", "--format", "json", "--format", "srt", voice(RU)).code == 0
    assert json.loads((tmp_path / "ru-1.json").read_text())["segments"][0]["words"] == segment["words"]


def test_words_have_times_in_json_alone(pisar, voice):
    ran = pisar("transcribe", "--word-timestamps", "--format", "srt", voice(RU))
    assert (ran.code, ran.out) == (2, "")
    assert "--word-timestamps goes with --format json." in ran.err


def test_all_formats_are_asked_for_at_once_and_text_may_be_called_by_its_ending(pisar, voice, tmp_path):
    assert pisar("transcribe", "--output_format", "all", "--output_dir", tmp_path / "out", voice(EN)).code == 0
    assert sorted(files(tmp_path / "out")) == ["en-2.json", "en-2.srt", "en-2.txt", "en-2.vtt"]
    assert pisar("transcribe", "--format", "txt", voice(EN)).out == TEXTS[EN] + "\n"


def test_the_environments_language_is_taken_when_none_is_asked_for(pisar, voice, monkeypatch):
    monkeypatch.setenv("PISAR_LANGUAGE", "en")
    assert json.loads(pisar("transcribe", "--format", "json", voice(RU)).out)["language"] == "en"


@pytest.fixture
def film(tmp_path):
    """Return a file of two tracks, a Russian voice and an English one, which is the default."""
    path, ffmpeg = tmp_path / "film.mkv", imageio_ffmpeg.get_ffmpeg_exe()
    voices = [option for name in (RU, EN) for option in ("-i", DEMO / "voices" / name)]
    marks = ("-map", "0", "-map", "1", "-c", "copy", "-disposition:a:0", "0", "-disposition:a:1", "default")
    subprocess.run([ffmpeg, "-v", "error", *voices, *marks, path], check=True)
    return path


@pytest.mark.parametrize(("asked", "name"), [((), EN), (("--track", 1), RU), (("--track", "2"), EN)])
def test_the_track_that_is_asked_for_is_heard_and_else_the_default_one(pisar, film, asked, name):
    assert pisar("transcribe", *asked, film).out == f"{TEXTS[name]}\n"


def test_a_track_that_is_not_there_is_the_files_fault(pisar, film):
    ran = pisar("transcribe", "--track", 3, film)
    assert (ran.code, ran.out, ran.err) == (1, "", f"pisar: {film}: There is no audio track 3: the file has 2, counted from 1.\n")


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        (("PISAR_MAX_AUDIO_MINUTES", "0.5"), "The recording is longer than 0.5 minutes; cut it into parts."),
        (("PISAR_MAX_UPLOAD_MB", "1"), "The file is 1.6 MB, and at most 1 MB are taken."),
    ],
)
def test_the_environments_limits_are_kept(pisar, tmp_path, monkeypatch, setting, sentence):
    write_silence(tmp_path / "long.wav", 1.5 * 2**20 / 32_000)
    monkeypatch.setenv("PISAR_MAX_AUDIO_MB", "1")
    monkeypatch.setenv(*setting)
    ran = pisar("transcribe", tmp_path / "long.wav")
    assert (ran.code, ran.err) == (1, f"pisar: {tmp_path}/long.wav: {sentence}\n")


def test_half_an_hour_is_not_too_long_here(pisar, tmp_path):
    write_silence(tmp_path / "long.wav", 31 * 60)
    assert pisar("transcribe", tmp_path / "long.wav").code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--model", "nobody"], "pisar: PISAR_MODEL='nobody': it is neither a file here nor a known name"),
        (["--model", DEMO / "README.md"], "pisar: README.md is not a whisper.cpp model"),
        (["--language", "klingon"], "The option language is wrong: expected the code or the name of a language"),
        (["--track", "0"], "The option track is wrong: expected the number of an audio track, counted from 1."),
        (["--prompt", "\udce9"], "The option prompt is wrong: expected whole characters"),
        (["--task", "summarise"], "The option task is wrong: expected transcribe or translate"),
        (["--format", "docx"], "'docx' is not one of"),
        (["--no-such-option"], "No such option"),
    ],
)
def test_a_wrong_call_or_setting_is_two_and_no_traceback(pisar, voice, arguments, said):
    ran = pisar("transcribe", *arguments, voice(RU))
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_nothing_to_transcribe_is_a_wrong_call(pisar):
    assert pisar("transcribe").code == 2


def test_two_recordings_with_one_output_do_not_lose_a_text(pisar, voice, tmp_path):
    ran = pisar("transcribe", "--force", voice(RU, "talk.ogg"), voice(EN, "talk.oga"))
    assert [row[4] for row in rows(ran.out)] == ["talk.txt", "failed: talk.txt is already the output of talk.ogg; use --output-dir."]
    assert (tmp_path / "talk.txt").read_text() == TEXTS[RU] + "\n"


def test_a_recording_is_never_written_over(pisar, voice, tmp_path):
    sound = voice(RU, "talk.ogg").read_bytes()
    (tmp_path / "talk.txt").write_bytes(sound)
    ran = pisar("transcribe", "--force", tmp_path / "talk.ogg", tmp_path / "talk.txt")
    assert [row[4] for row in rows(ran.out)] == [
        "failed: talk.txt is a recording to transcribe and will not be written over.",
        "talk.txt.txt",
    ]
    assert (tmp_path / "talk.txt").read_bytes() == sound


def test_names_that_a_terminal_must_not_be_told_are_shown_harmless(pisar, tmp_path):
    (tmp_path / "a\x1b[2Jb[bold].mp3").write_text("not audio")
    assert f"{tmp_path}/a?[2Jb[bold].mp3: " in pisar("transcribe", tmp_path / "a\x1b[2Jb[bold].mp3").err
