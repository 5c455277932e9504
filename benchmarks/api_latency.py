"""What the API adds to the engine's time, on the local cloud: milliseconds of each call, against the gateway's own answer.

Medians over RUNS calls, warm, one at a time; the ratio is to GET /healthz, which the gateway answers by itself. The same audio
asked for again shows what the stored transcript saves. Run: python -m benchmarks.api_latency
"""

import statistics
from collections.abc import Callable
from time import perf_counter

import requests

from localstack.stack import ROOT, Stack

RUNS = 15
VOICE = (ROOT / "demo" / "voices" / "ru-1.ogg").read_bytes()


def milliseconds(call: Callable[[int], requests.Response]) -> float:
    """Return the median time of a call that is given the number of its run; every answer must be a success."""
    times = []
    for run in range(RUNS):
        began = perf_counter()
        call(run).raise_for_status()
        times.append(1000 * (perf_counter() - began))
    return statistics.median(times)


def main() -> None:
    """Print the table."""
    with Stack() as stack, requests.Session() as session:
        stack.warm_up()
        session.headers["X-API-Key"] = stack.api_key
        url = stack.api_url
        job = session.post(f"{url}/jobs", json={}).json()["id"]
        cases: dict[str, Callable[[int], requests.Response]] = {
            "GET /healthz": lambda _: session.get(f"{url}/healthz"),
            "GET /jobs/{id}": lambda _: session.get(f"{url}/jobs/{job}"),
            "POST /jobs": lambda _: session.post(f"{url}/jobs", json={}),
            # A byte behind the audio makes it another one; ffmpeg passes over it.
            "POST /transcribe, new audio": lambda run: session.post(f"{url}/transcribe", files={"file": VOICE + bytes([run])}),
            "POST /transcribe, the same again": lambda _: session.post(f"{url}/transcribe", files={"file": VOICE + b"\0"}),
        }
        print("| call | ms | of the gateway's own |\n|---|---:|---:|")
        floor = 0.0
        for name, call in cases.items():
            took = milliseconds(call)
            floor = floor or took
            print(f"| {name} | {took:.1f} | {took / floor:.1f} × |", flush=True)
        engine = statistics.median(line["engine_seconds"] for line in stack.logs.lines(message="recognised"))
        print(f"| of which whisper.cpp | {1000 * engine:.1f} | {1000 * engine / floor:.1f} × |")


if __name__ == "__main__":
    main()
