"""Training on a clock. What made it learn on two cores: a CTC loss beside the decoder's, and a curriculum from one word to 30 s windows."""

import argparse
import math
import pickle
import random
import time
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional
from tqdm import tqdm

from demo.recipe.batches import IGNORED, Batches
from demo.recipe.model import Model
from demo.recipe.tokens import used_ids
from demo.recipe.voices import Utterance

CURRICULUM = [(0.12, 1.4, 64), (0.35, 3, 32), (0.65, 6, 24), (0.85, 10, 16), (math.inf, 28, 8)]
"""Until this share of the time: window in seconds, batch size."""

WHOLE_WINDOW_SECONDS = 28
LEARNING_RATE = 1e-3
SAVE_EVERY_SECONDS = 120


def train(arguments: argparse.Namespace) -> None:
    """Train for `arguments.minutes` and write (state, ids) to `arguments.weights`, also every two minutes on the way."""
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    data, held_out = _load(arguments.train), _load(arguments.held_out)
    ids = used_ids({word for _, words, _ in data + held_out for word in words})
    model = Model(len(ids))
    if arguments.start_from:
        _take_over(model, arguments.start_from)
    rng = random.Random(1)
    batches = Batches(data, ids, rng)
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=0.01, betas=(0.9, 0.98))
    start, step, saved, whole = time.time(), 0, 0.0, 60 * arguments.minutes
    with tqdm(total=round(whole), unit="s", desc="train", bar_format="{l_bar}{bar}| {n_fmt}/{total_fmt} s{postfix}") as bar:
        while (share := (time.time() - start) / whole) < 1:
            seconds, size = next((seconds, size) for until, seconds, size in CURRICULUM if share < until)
            frames = 3000 if seconds == WHOLE_WINDOW_SECONDS else 2 * int(seconds * 50 * rng.uniform(1, 1.3))
            for group in optimizer.param_groups:
                group["lr"] = LEARNING_RATE * min(1, step / 200) * (1 if share < 0.5 else max(0.05, math.cos((share - 0.5) * math.pi)))  # noqa: PLR2004 - falls in the second half
            mel, tokens, target, ctc_target = batches.batch(size, seconds, frames)
            logits, ctc_logits = model(mel, tokens)
            decoder_loss = functional.cross_entropy(logits.flatten(0, 1), target.flatten(), ignore_index=IGNORED, label_smoothing=0.02)
            ctc_loss = _ctc_loss(ctc_logits, ctc_target, blank=len(ids))
            optimizer.zero_grad()
            (decoder_loss + (0.5 if share < 0.6 else 0.1) * ctc_loss).backward()  # noqa: PLR2004 - CTC leads first, the decoder finishes
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            step += 1
            bar.n = min(bar.total, round(time.time() - start))
            bar.set_postfix(step=step, window=f"{seconds}s", decoder=f"{decoder_loss.item():.3f}", ctc=f"{ctc_loss.item():.3f}")
            if time.time() - saved > SAVE_EVERY_SECONDS:
                torch.save((model.state_dict(), ids), arguments.weights)
                saved = time.time()
    torch.save((model.state_dict(), ids), arguments.weights)


def _load(path: Path) -> list[Utterance]:
    with path.open("rb") as file:
        utterances: list[Utterance] = pickle.load(file)  # noqa: S301 - the file `synth` wrote here
    return utterances


def _take_over(model: Model, weights: Path) -> None:
    """Copy what has the same name and shape from an earlier run."""
    earlier, new = torch.load(weights)[0], model.state_dict()
    model.load_state_dict({key: value for key, value in earlier.items() if key in new and value.shape == new[key].shape}, strict=False)


def _ctc_loss(logits: torch.Tensor, targets: list[list[int]], *, blank: int) -> torch.Tensor:
    size, frames = logits.shape[:2]
    flat = torch.tensor([index for target in targets for index in target], dtype=torch.long)
    lengths = torch.tensor([len(target) for target in targets])
    scores = logits.log_softmax(-1).transpose(0, 1)
    return functional.ctc_loss(scores, flat, torch.full((size,), frames, dtype=torch.long), lengths, blank=blank, zero_infinity=True)
