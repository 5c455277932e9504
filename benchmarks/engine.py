"""How fast the engine is: builds of whisper.cpp and types of weights against one another and against faster-whisper, in one run.

Two windows of 30 s of the demo's voices, transcribed whole from samples to text on two threads by models of real dimensions
(`benchmarks.random_models`), which say the same number of words in each. The cases take turns, since the machine's speed drifts, and a
ratio is the median of those within each round. Run: make bench-engine
"""

import json
import os
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from tqdm import tqdm

from benchmarks import results
from benchmarks.random_models import SIZES, write_model
from pisar.adapters.decoder import FfmpegDecoder
from pisar.adapters.ggml_files import QUANTISED
from pisar.adapters.quantiser import quantise_model
from pisar.domain.audio import SAMPLE_RATE_HZ, AudioLimits

ROOT = Path(__file__).parent.parent
WORK = ROOT / "build" / "bench"
WORDS, WINDOWS, RUNS, WINDOW_SAMPLES = 100, 2, 1, 30 * SAMPLE_RATE_HZ
"""Words in a window: a lively speaker's. Windows in a run, and runs of a process after its first."""

STOCK, WHEEL, OURS, PEER = "stock whisper.cpp", "wheel of PyPI", "make engine", "faster-whisper"
BUILDS = {STOCK: "stock", WHEEL: "wheel", OURS: "ours"}
"""Folders in build/bench, each with pywhispercpp alone."""
SHORT = {(STOCK, "f16"), (OURS, "q8_0"), (OURS, "iq4_nl"), (OURS, "q4_0"), (PEER, "int8")}


def cases() -> list[tuple[str, str]]:
    """Return pairs of build and type."""
    ours = [(OURS, kind) for kind in ("f16", *(one.name for one in QUANTISED))]
    return [(STOCK, "f16"), (WHEEL, "f16"), (WHEEL, "q8_0"), (WHEEL, "q5_1"), *ours, (PEER, "int8")]


def prepare(size: str) -> None:
    """Write the models of a size and the audio, once."""
    WORK.mkdir(parents=True, exist_ok=True)
    whole = WORK / f"{size}-f16.bin"
    if not whole.exists():
        write_model(whole, SIZES[size], WORDS)
        for kind in QUANTISED:
            quantise_model(whole, WORK / f"{size}-{kind.name}.bin", kind)
        subprocess.run(
            [_peer(), "-m", "benchmarks.ctranslate2_models", size, str(WORDS), str(WORK / f"{size}-int8.bin")], check=True, env=_path(None)
        )
    limits = AudioLimits(max_bytes=2**30, max_seconds=3600)
    voices = [FfmpegDecoder().decode(path.read_bytes(), limits) for path in sorted((ROOT / "demo" / "voices").glob("*.ogg"))]
    np.save(WORK / "voices.npy", np.resize(np.concatenate(voices), (WINDOWS, WINDOW_SAMPLES)))


def run(build: str, kind: str, size: str) -> dict[str, Any]:
    """Measure one case in a process of its own."""
    python, name, folder = (_peer(), PEER, None) if build == PEER else (sys.executable, "whisper.cpp", BUILDS[build])
    command = [python, "-m", "benchmarks.engine_run", name, str(WORK / f"{size}-{kind}.bin"), str(WORK / "voices.npy"), str(RUNS)]
    process = subprocess.run(command, capture_output=True, text=True, check=False, env=_path(folder), cwd=ROOT)
    if process.returncode:
        return {"failed": f"ended with {process.returncode}"}
    return dict(json.loads(process.stdout.splitlines()[-1]))


def _peer() -> str:
    return str(ROOT / "build" / "peers" / "bin" / "python")


def _path(folder: str | None) -> dict[str, str]:
    first = [str(WORK / folder)] if folder else []
    return {**os.environ, "PYTHONPATH": os.pathsep.join([*first, str(ROOT / "src"), str(ROOT)])}


def figures(rounds: list[dict[tuple[str, str], dict[str, Any]]]) -> dict[str, Any]:
    """Return the table, and how our fastest and our default stand to the others."""
    table: dict[str, dict[str, Any]] = {}
    for case in rounds[0]:
        found = [one[case] for one in rounds if "failed" not in one[case]]
        name = f"{case[0]}, {case[1]}"
        if not found:
            table[name] = rounds[0][case]
            continue
        stock = [_best(one[STOCK, "f16"]) / _best(one[case]) for one in rounds]
        table[name] = {
            "seconds_per_window": round(median(_best(one) for one in found) / WINDOWS, 3),
            "peak_mb": round(median(one["peak_mb"] for one in found)),
            "words": found[0]["words"],
            "times_stock": round(median(stock), 2),
        }
        if "failed" not in rounds[0].get((PEER, "int8"), {"failed": ""}):
            table[name]["times_faster_whisper"] = round(median(_best(one[PEER, "int8"]) / _best(one[case]) for one in rounds), 2)
    ours = {name: row for name, row in table.items() if name.startswith(OURS) and "failed" not in row}
    fastest = max(ours, key=lambda name: ours[name]["times_stock"])
    return {
        "table": table,
        "fastest": fastest,
        "engine_vs_stock": ours[fastest]["times_stock"],
        "engine_vs_faster_whisper": ours[fastest].get("times_faster_whisper"),
        "q8_0_vs_stock": ours[f"{OURS}, q8_0"]["times_stock"],
        "q8_0_vs_faster_whisper": ours[f"{OURS}, q8_0"].get("times_faster_whisper"),
        "rounds": len(rounds),
        "note": f"{WINDOWS} windows of 30 s, {WORDS} words each, 2 threads, in each round {RUNS} run after one that does not count, "
        "medians of the rounds' ratios; the machine was shared with others",
    }


def lines(table: dict[str, dict[str, Any]]) -> list[str]:
    """Return the table in Markdown, fastest last."""
    made = ["| build, type | s a window | times stock F16 | times faster-whisper | peak MB | words |", "|---|---:|---:|---:|---:|---:|"]
    for name, row in sorted(table.items(), key=lambda pair: pair[1].get("times_stock", 0)):
        if "failed" in row:
            made.append(f"| {name} | {row['failed']} | | | | |")
            continue
        told = row["seconds_per_window"], row["times_stock"], row.get("times_faster_whisper", ""), row["peak_mb"], row["words"]
        made.append(f"| {name} | " + " | ".join(map(str, told)) + " |")
    return made


def _best(found: dict[str, Any]) -> float:
    return float(min(found["seconds"]))


def main() -> None:
    """Measure, print the table and keep it in results.json."""
    parser = ArgumentParser()
    parser.add_argument("--size", choices=SIZES, default="base")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--short", action="store_true", help="only what the ratios are from: stock, our q8_0, iq4_nl and q4_0, the peer")
    chosen = parser.parse_args()
    prepare(chosen.size)
    compared = [case for case in cases() if not chosen.short or case in SHORT]
    turns = [(number, case) for number in range(chosen.rounds) for case in compared]
    rounds: list[dict[tuple[str, str], dict[str, Any]]] = [{} for _ in range(chosen.rounds)]
    for number, case in tqdm(turns, desc="cases", file=sys.stderr):
        rounds[number][case] = run(*case, chosen.size)
    found = figures(rounds)
    results.record(f"engine, {chosen.size}{', short' if chosen.short else ''}", found)
    print("\n".join(lines(found["table"])))


if __name__ == "__main__":
    main()
