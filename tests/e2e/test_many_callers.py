"""Two hundred calls at once by five keys: none fails, quotas are exact, and nobody sees another's."""

import io
import wave
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from localstack.stack import Stack, StackConfig
from tests.faults.conftest import VOICES

from .conftest import SETTINGS, Ffmpeg
from .test_jobs import new_key

pytestmark = pytest.mark.slow

KEYS = 5
CALLS = 20  # of each kind, for each key: 200 in all
ALLOWED = 6  # files until a key's minutes are used up


def recordings(ffmpeg: Ffmpeg) -> list[bytes]:
    """Return as many recordings of one voice as there are calls, all of one length and no two the same."""
    plain = ffmpeg("-i", VOICES / "ru-1.ogg", "-ar", "16000", "-ac", "1", "plain.wav")
    with wave.open(io.BytesIO(plain)) as source:
        frames = bytearray(source.readframes(source.getnframes()))
    made = []
    for number in range(KEYS * CALLS):
        frames[:2] = number.to_bytes(2, "little")
        target = io.BytesIO()
        with wave.open(target, "wb") as sink:
            sink.setnchannels(1)
            sink.setsampwidth(2)
            sink.setframerate(16_000)
            sink.writeframes(bytes(frames))
        made.append(target.getvalue())
    return made


def test_two_hundred_calls_at_once(ffmpeg: Ffmpeg):
    audios = recordings(ffmpeg)
    seconds = (len(audios[0]) - 44) / 2 / 16_000
    with Stack(StackConfig(settings=SETTINGS, transcribers=2)) as stack:
        stack.warm_up()
        keys = [new_key(stack, f"client {number}", minutes_per_day=(ALLOWED - 0.5) * seconds / 60).key for number in range(KEYS)]

        def transcribe(key: int, audio: bytes) -> tuple[str, int, Any, int]:
            answer = requests.post(f"{stack.api_url}/transcribe", headers={"X-API-Key": keys[key]}, files={"file": audio}, timeout=300)
            return "transcribe", key, answer.json(), answer.status_code

        def create(key: int) -> tuple[str, int, Any, int]:
            answer = requests.post(f"{stack.api_url}/jobs", headers={"X-API-Key": keys[key]}, json={}, timeout=300)
            return "create", key, answer.json(), answer.status_code

        with ThreadPoolExecutor(2 * KEYS * CALLS) as pool:
            calls = [pool.submit(transcribe, number % KEYS, audio) for number, audio in enumerate(audios)]
            calls += [pool.submit(create, number % KEYS) for number in range(KEYS * CALLS)]
            answers = [call.result() for call in calls]

        counted = Counter((kind, key, status) for kind, key, _, status in answers)
        assert {(kind, key): counted[kind, key, 200] for kind, key, _, _ in answers if kind == "transcribe"} == {
            ("transcribe", key): ALLOWED for key in range(KEYS)
        }
        assert {status for kind, _, _, status in answers if kind == "transcribe"} == {200, 429}
        assert {status for kind, _, _, status in answers if kind == "create"} <= {201, 429}
        assert {body["error"]["code"] for _, _, body, status in answers if status == 429} == {"quota_used"}

        made = [{body["id"] for kind, one, body, status in answers if (kind, one, status) == ("create", key, 201)} for key in range(KEYS)]
        assert sum(map(len, made)) == len(set().union(*made))
        for key, mine in zip(keys, made, strict=True):
            page = requests.get(f"{stack.api_url}/jobs?limit=100", headers={"X-API-Key": key}, timeout=300).json()
            assert {job["id"] for job in page["jobs"]} == mine
            for foreign in set().union(*made) - mine:
                assert requests.get(f"{stack.api_url}/jobs/{foreign}", headers={"X-API-Key": key}, timeout=300).status_code == 404
                break
