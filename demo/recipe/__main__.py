"""The recipe's steps as commands.

    python -m demo.recipe synth  9000 train.pkl              espeak-ng voices → (language, words, float16 PCM at 16 kHz)
    python -m demo.recipe synth   400 held.pkl --held-out    other voices, other sentences
    python -m demo.recipe train  train.pkl held.pkl weights.pt --minutes 70
    python -m demo.recipe export weights.pt ggml-pisar-demo.bin

Needs espeak-ng, torch, numpy and tqdm.
"""

import argparse
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tqdm import tqdm

from demo.recipe import voices


def synth(arguments: argparse.Namespace) -> None:
    """Write `count` utterances, the same for the same count and choice of voices."""
    with ThreadPoolExecutor(3) as pool:
        spoken = pool.map(lambda seed: voices.utterance(seed, held_out=arguments.held_out), range(arguments.count))
        utterances = list(tqdm(spoken, total=arguments.count, desc="synth", unit="clip"))
    with arguments.out.open("wb") as file:
        pickle.dump(utterances, file)


def train(arguments: argparse.Namespace) -> None:
    """Train for so many minutes and write the weights."""
    from demo.recipe.training import train as run  # noqa: PLC0415 - only this step and export need torch

    run(arguments)


def export(arguments: argparse.Namespace) -> None:
    """Write the weights as a whisper.cpp file."""
    from demo.recipe.export import export as run  # noqa: PLC0415 - only this step and train need torch

    run(arguments.weights, arguments.model)


def main() -> None:
    """Read the command line and carry out one step."""
    parser = argparse.ArgumentParser(
        prog="python -m demo.recipe", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    steps = parser.add_subparsers(required=True)
    step = steps.add_parser("synth", help="make synthetic voices")
    step.add_argument("count", type=int)
    step.add_argument("out", type=Path)
    step.add_argument("--held-out", action="store_true", help="the voices and sentences that training never hears")
    step.set_defaults(run=synth)
    step = steps.add_parser("train", help="train on them")
    step.add_argument("train", type=Path)
    step.add_argument("held_out", type=Path, help="only its words are read, for the vocabulary")
    step.add_argument("weights", type=Path)
    step.add_argument("--minutes", type=float, default=70)
    step.add_argument("--threads", type=int, default=2)
    step.add_argument("--start-from", type=Path, help="weights of an earlier run; what fits is taken over")
    step.set_defaults(run=train)
    step = steps.add_parser("export", help="write the whisper.cpp file")
    step.add_argument("weights", type=Path)
    step.add_argument("model", type=Path)
    step.set_defaults(run=export)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
