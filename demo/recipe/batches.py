"""Training batches: utterances of one language laid end to end, changed in pitch and level, with noise and pauses, and their tokens."""

import bisect
import math
import random
from typing import TypeAlias

import numpy as np
import torch

from demo.recipe.mel import log_mel
from demo.recipe.tokens import BEGIN, EOT, LANG_EN, LANG_RU, NO_SPEECH, NO_TIMESTAMPS, SOT, TIMESTAMP_STEP, TRANSCRIBE, token_ids
from demo.recipe.voices import Utterance

RATE_HZ = 16000
IGNORED = -100
"""A target the loss skips: what the caller of whisper.cpp chooses is not for the model to predict."""

Batch: TypeAlias = tuple[torch.Tensor, torch.Tensor, torch.Tensor, list[list[int]]]
"""Spectrograms, input tokens, target tokens, CTC targets; tokens are compact ids."""


class Batches:
    """An endless supply; the same seed gives the same clips in the same order."""

    def __init__(self, data: list[Utterance], ids: list[int], rng: random.Random) -> None:
        self._rng = rng
        self._compact = {index: position for position, index in enumerate(ids)}
        self._token = token_ids()
        self._by_language = {
            language: sorted((one for one in data if one[0] == language), key=lambda one: len(one[2])) for language in ("ru", "en")
        }
        self._lengths = {language: [len(one[2]) for one in ones] for language, ones in self._by_language.items()}

    def clip(self, seconds: float) -> tuple[str | None, list[str], torch.Tensor]:
        """Return language (None: nobody speaks), words and PCM of at most `seconds`."""
        rng = self._rng
        if rng.random() < 0.06:  # noqa: PLR2004 - this share of the clips is noise
            return None, [], torch.randn(rng.randint(1600, int(seconds * RATE_HZ))) * 10 ** rng.uniform(-5, -1.5)
        language = rng.choice(["ru", "en"])
        words: list[str] = []
        lead = rng.randint(0, min(6400, int(seconds * 3200)))
        parts, total = [torch.zeros(lead)], lead
        while True:
            fitting = bisect.bisect(self._lengths[language], 0.88 * (seconds * RATE_HZ - total))
            if fitting < 20:  # noqa: PLR2004 - too few to choose from: the clip is full
                break
            _, spoken, half = self._by_language[language][rng.randrange(fitting)]
            count = int(len(half) / rng.uniform(0.88, 1.14))  # another pitch and vocal tract: a voice not heard before
            pcm = np.interp(np.linspace(0, len(half) - 1, count), np.arange(len(half)), half.astype(np.float32))
            gap = rng.randint(0, 4800)
            words += spoken
            parts += [torch.from_numpy(pcm.astype(np.float32)) * 10 ** rng.uniform(-0.8, 0.2), torch.zeros(gap)]
            total += len(pcm) + gap
            if rng.random() < 0.6:  # noqa: PLR2004 - most clips hold one utterance or two
                break
        sound = torch.cat(parts)
        if rng.random() < 0.5:  # noqa: PLR2004 - half of them have noise
            sound = sound + torch.randn(len(sound)) * 10 ** rng.uniform(-4, -2)
        return (language if words else None), words, sound

    def batch(self, size: int, seconds: float, frames: int) -> Batch:
        """Return `size` clips of at most `seconds`, as `frames` of 10 ms."""
        mels, tokens, targets, ctc_targets = [], [], [], []
        for _ in range(size):
            language, words, sound = self.clip(seconds)
            mels.append(log_mel(sound, frames))
            sequence, target = self._sequence(language, words, len(sound) / RATE_HZ)
            ctc_targets.append([self._compact[index] for index in sequence if index < EOT])
            tokens.append([self._compact[index] for index in sequence[:-1]])
            targets.append([self._compact[index] if index >= 0 else IGNORED for index in target])
        longest = max(map(len, tokens))
        padded = torch.tensor([one + [self._compact[EOT]] * (longest - len(one)) for one in tokens])
        return torch.stack(mels), padded, torch.tensor([one + [IGNORED] * (longest - len(one)) for one in targets]), ctc_targets

    def _sequence(self, language: str | None, words: list[str], seconds: float) -> tuple[list[int], list[int]]:
        """Return Whisper's token sequence for a clip, and what is to be predicted after each of its tokens."""
        rng = self._rng
        if language is None:
            sequence = [SOT, rng.choice([LANG_EN, LANG_RU]), TRANSCRIBE, NO_TIMESTAMPS if rng.random() < 0.3 else BEGIN, EOT]  # noqa: PLR2004 - this share has none
            return sequence, [NO_SPEECH, IGNORED, IGNORED if sequence[3] == NO_TIMESTAMPS else BEGIN, EOT]
        body = [self._token[f" {word}".encode()] for word in words]
        language_id = LANG_EN if language == "en" else LANG_RU
        if rng.random() < 0.2:  # noqa: PLR2004 - this share is without timestamps
            sequence = [SOT, language_id, TRANSCRIBE, NO_TIMESTAMPS, *body, EOT]
            return sequence, [language_id, IGNORED, IGNORED, *sequence[4:]]
        end = BEGIN + TIMESTAMP_STEP * min(150, max(1, math.ceil(seconds / 0.2)))
        sequence = [SOT, language_id, TRANSCRIBE, BEGIN, *body, end, EOT]
        return sequence, [language_id, IGNORED, *sequence[3:]]
