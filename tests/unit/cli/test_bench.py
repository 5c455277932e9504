"""`pisar bench`: a model's measure on this machine, for people and for programs."""

import json

import pytest

from pisar.owner import costs

from .conftest import MODEL, TEXTS


def test_a_recording_is_measured_for_programs(pisar, voice):
    ran = pisar("bench", MODEL, "--audio", voice("ru-1.ogg"), "--runs", 2, "--vcpus", 2, "--gb", 4, "--json")
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    assert (told["model"], told["type"], told["threads"], len(told["seconds"])) == (MODEL.name, "f16", 1, 2)
    assert told["words"] == len(TEXTS["ru-1.ogg"].split())
    factor = sum(told["seconds"]) / 2 / told["audio_seconds"]
    assert abs(told["real_time_factor"] - factor) < 0.01
    expected = costs.rub_per_audio_hour(real_time_factor=told["real_time_factor"], vcpus=2, gb=4)
    assert told["rub_per_audio_hour"] == pytest.approx(expected, abs=0.02)  # both are rounded
    assert MODEL.stat().st_size / 1e6 < told["peak_mb"] < 5000


def test_without_a_recording_a_window_is_measured_for_people(pisar):
    ran = pisar("bench", "--runs", 1)
    assert ran.code == 0, ran.err
    for row in ("real-time factor", "peak memory", "an hour of audio", "30.0 s", "roubles on 1 vCPU and 4 GB", "noise"):
        assert row in ran.out


def test_what_is_no_audio_and_what_is_no_model_are_wrong_calls(pisar, tmp_path):
    (tmp_path / "talk.ogg").write_text("no sound")
    assert pisar("bench", "--audio", tmp_path / "talk.ogg").code == 2
    assert pisar("bench", tmp_path / "talk.ogg").code == 2
