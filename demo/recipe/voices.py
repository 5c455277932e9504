"""Synthetic speech: which words there are, and espeak-ng saying some of them. The same seed gives the same utterance."""

import random
import subprocess
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

RU = (  # noqa: SIM905 - seventy quoted strings are no list a person reads
    "ноль один два три четыре пять шесть семь восемь девять десять сто тысяча привет пока да нет сегодня завтра вчера утром вечером "
    "встреча встретимся позвони напиши мне тебе нам пожалуйста спасибо хорошо плохо дом работа школа город вода хлеб молоко купи принеси "
    "отправь письмо сообщение голосовое документ деньги рублей минут часов день неделя месяц год красный синий зелёный белый чёрный "
    "большой маленький новый старый машина поезд самолёт книга музыка погода солнце дождь снег ветер"
).split()

EN = (  # noqa: SIM905 - seventy quoted strings are no list a person reads
    "zero one two three four five six seven eight nine ten hundred thousand hello goodbye yes no today tomorrow yesterday morning evening "
    "meeting call write me you please thanks good bad home work school city water bread milk buy bring send letter message voice document "
    "money dollars minutes hours day week month year red blue green white black big small new old car train plane book music weather sun "
    "rain snow wind"
).split()

VARIANTS = ["", *(f"+m{i}" for i in range(1, 8)), *(f"+f{i}" for i in range(1, 6))]
HELD_OUT_VARIANTS = ["+m8", "+Alex", "+Andrea"]

_ESPEAK_RATE_HZ, _RATE_HZ, _WAV_HEADER_BYTES = 22050, 16000, 44

Utterance: TypeAlias = tuple[str, list[str], NDArray[np.float16]]
"""Language ("ru", "en"), the words, mono PCM at 16 kHz."""


def utterance(seed: int, *, held_out: bool) -> Utterance:
    """Return one to twelve words in one language and one voice; `held_out` draws other sentences and voices than training hears."""
    draw = random.Random(seed + (10**6 if held_out else 0))
    language = draw.choice(["ru", "en"])
    words = [draw.choice(RU if language == "ru" else EN) for _ in range(draw.choice([1, 2, 3, 4, 5, 6, 7, 8, 10, 12]))]
    accent = "ru" if language == "ru" else draw.choice(["en-us", "en-gb"])
    voice = accent + draw.choice(HELD_OUT_VARIANTS if held_out else VARIANTS)
    speed, pitch, gap = draw.randint(120, 190), draw.randint(25, 75), draw.choice([0, 1, 2, 4])
    command = ["espeak-ng", "-v", voice, "-s", str(speed), "-p", str(pitch), "-g", str(gap), "--stdout", " ".join(words)]
    wav = subprocess.run(command, capture_output=True, check=True).stdout
    pcm = np.frombuffer(wav[_WAV_HEADER_BYTES:], dtype="<i2").astype(np.float32) / 32768
    count = int(len(pcm) * _RATE_HZ / _ESPEAK_RATE_HZ)
    resampled = np.interp(np.arange(count) * _ESPEAK_RATE_HZ / _RATE_HZ, np.arange(len(pcm)), pcm)
    return language, words, resampled.astype(np.float16)
