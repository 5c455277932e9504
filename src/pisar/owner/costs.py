"""Computes what a deployment costs a month: `python -m pisar.owner.costs [--check] FILE` keeps the table in FILE up to date.

Everything here is pure but `main`. Free allowances are subtracted from each item by itself, so no item is below zero. The table stands
between two marker lines of the document and is never edited by hand.
"""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill

from pisar.generated_text import with_part
from pisar.owner import prices

DAYS_A_MONTH = 30
PROSE_WIDTH = 130
SECONDS_AN_HOUR = 3600

PUTS_PER_MESSAGE = 15
"""PUT requests for a message.

Webhook: record made, marked as the chat's, the waiting list listed (a LIST is billed as a PUT is), status noted, audio, place on the
waiting list, the list listed with it, queued, old jobs listed. Transcriber: claimed, cache claimed, cached, transcript, renewed, finished.
Where people have minutes a day, one more counts them.
"""

GETS_PER_MESSAGE = 5
"""GET requests for a message.

Webhook: the allow-list, the chat's settings. Transcriber: record, audio, the cache. Where people have minutes a day, two more read how many
are left, before the audio is decoded and when its length is known.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """The expected usage, and assumptions about the machine. `real_time_factor`: engine seconds for a second of audio."""

    messages_per_day: float
    seconds_per_message: float = 20.0
    real_time_factor: float = 0.5
    container_vcpus: int = 2
    container_gb: float = 4.0
    container_seconds_beside: float = 2.0  # start-up where it was cold, fetching, decoding, Telegram
    function_gb: float = 0.5
    function_seconds: float = 1.0
    stored_bytes_per_message: int = 3_000
    log_bytes_per_message: int = 6_000

    @property
    def messages_per_month(self) -> int:
        """Messages in a month of 30 days."""
        return round(self.messages_per_day * DAYS_A_MONTH)

    @property
    def audio_hours_per_month(self) -> float:
        """Hours of audio in a month."""
        return self.messages_per_month * self.seconds_per_message / SECONDS_AN_HOUR


def billed(amount: float, free: float, rub_per_unit: float) -> float:
    """Return the price in roubles of what exceeds the free allowance; `amount` and `free` are in the unit of the price."""
    return max(0.0, amount - free) * rub_per_unit


def container_rub(usage: Usage) -> float:
    """Return the roubles a month for the transcriber: vCPU, memory and calls."""
    hours = (
        usage.messages_per_month * (usage.seconds_per_message * usage.real_time_factor + usage.container_seconds_beside) / SECONDS_AN_HOUR
    )
    return (
        billed(hours * usage.container_vcpus, prices.CONTAINER_FREE_VCPU_HOURS, prices.CONTAINER_RUB_PER_VCPU_HOUR)
        + billed(hours * usage.container_gb, prices.CONTAINER_FREE_GB_HOURS, prices.CONTAINER_RUB_PER_GB_HOUR)
        + billed(usage.messages_per_month, prices.CONTAINER_FREE_CALLS, prices.CONTAINER_RUB_PER_MILLION_CALLS / 1e6)
    )


def function_rub(usage: Usage) -> float:
    """Return the roubles a month for the webhook function: memory and calls."""
    gb_hours = usage.messages_per_month * usage.function_seconds * usage.function_gb / SECONDS_AN_HOUR
    return billed(gb_hours, prices.FUNCTION_FREE_GB_HOURS, prices.FUNCTION_RUB_PER_GB_HOUR) + billed(
        usage.messages_per_month, prices.FUNCTION_FREE_CALLS, prices.FUNCTION_RUB_PER_MILLION_CALLS / 1e6
    )


def gateway_rub(usage: Usage) -> float:
    """Return the roubles a month for the gateway: one request for each update."""
    return billed(usage.messages_per_month, prices.GATEWAY_FREE_REQUESTS, prices.GATEWAY_RUB_PER_MILLION_REQUESTS / 1e6)


def storage_rub(usage: Usage) -> float:
    """Return the roubles a month for Object Storage: requests, and the month's records and transcripts.

    The audio is erased within the minute, so its storage costs nothing.
    """
    return (
        billed(usage.messages_per_month * PUTS_PER_MESSAGE, prices.STORAGE_FREE_PUTS, prices.STORAGE_RUB_PER_THOUSAND_PUTS / 1e3)
        + billed(usage.messages_per_month * GETS_PER_MESSAGE, prices.STORAGE_FREE_GETS, prices.STORAGE_RUB_PER_TEN_THOUSAND_GETS / 1e4)
        + billed(usage.messages_per_month * usage.stored_bytes_per_message / 1e9, prices.STORAGE_FREE_GB, prices.STORAGE_RUB_PER_GB_MONTH)
    )


def logging_rub(usage: Usage) -> float:
    """Return the roubles a month for writing the logs."""
    gib = usage.messages_per_month * usage.log_bytes_per_message / 2**30
    return billed(gib, prices.LOGGING_FREE_GIB_WRITTEN, prices.LOGGING_RUB_PER_GIB_WRITTEN)


def queue_requests_beyond_free(usage: Usage) -> int:
    """Return the queue's requests a month beyond the free ones, whose price is not known; the trigger's polling is free."""
    return max(0, usage.messages_per_month - prices.QUEUE_FREE_REQUESTS)


ITEMS: tuple[tuple[str, Callable[[Usage], float]], ...] = (
    ("Serverless container", container_rub),
    ("Webhook function", function_rub),
    ("API gateway", gateway_rub),
    ("Object Storage", storage_rub),
    ("Logs", logging_rub),
)


def total_rub(usage: Usage) -> float:
    """Return the roubles a month for everything but the queue."""
    return sum(rub(usage) for _, rub in ITEMS)


def speechkit_sync_rub(usage: Usage) -> float:
    """Return the roubles a month for the same audio at SpeechKit, recognised synchronously: every 15 s begun are billed whole."""
    blocks = math.ceil(usage.seconds_per_message / prices.SPEECHKIT_BLOCK_SECONDS)
    return usage.messages_per_month * blocks * prices.SPEECHKIT_SYNC_RUB_PER_BLOCK


def speechkit_deferred_rub(usage: Usage) -> float:
    """Return the roubles a month for the same audio at SpeechKit, recognised later: billed are at least 15 s, then each second."""
    blocks = max(1.0, math.ceil(usage.seconds_per_message) / prices.SPEECHKIT_BLOCK_SECONDS)
    return usage.messages_per_month * blocks * prices.SPEECHKIT_DEFERRED_RUB_PER_BLOCK


def rub_per_audio_hour(*, real_time_factor: float, vcpus: int, gb: float) -> float:
    """Return the roubles for an hour of audio in the container, beyond the free allowance and without start-up."""
    return real_time_factor * (vcpus * prices.CONTAINER_RUB_PER_VCPU_HOUR + gb * prices.CONTAINER_RUB_PER_GB_HOUR)


SHOWN = tuple(Usage(messages_per_day=count) for count in (10, 100, 1_000, 10_000))


def table() -> str:
    """Return the table, as the Markdown between the markers."""
    one = SHOWN[0]
    head = " | ".join(f"{usage.messages_per_day:,} a day".replace(",", " ") for usage in SHOWN)
    rows = [("Audio, hours", [f"{_spaced(usage.audio_hours_per_month, 1)}" for usage in SHOWN])]
    rows += [(name, [_rub(rub(usage)) for usage in SHOWN]) for name, rub in ITEMS]
    rows += [("Message Queue", [_queue(usage) for usage in SHOWN])]
    rows += [("**Total without the queue**", [f"**{_rub(total_rub(usage))}**" for usage in SHOWN])]
    rows += [("SpeechKit, while you wait", [_rub(speechkit_sync_rub(usage)) for usage in SHOWN])]
    rows += [("SpeechKit, deferred", [_rub(speechkit_deferred_rub(usage)) for usage in SHOWN])]
    body = "".join(f"| {name} | {' | '.join(cells)} |\n" for name, cells in rows)
    hourly = " / ".join(
        f"{rub_per_audio_hour(real_time_factor=factor, vcpus=one.container_vcpus, gb=one.container_gb):.2f}" for factor in (0.25, 0.5, 1.0)
    )
    sync_hour = SECONDS_AN_HOUR / prices.SPEECHKIT_BLOCK_SECONDS * prices.SPEECHKIT_SYNC_RUB_PER_BLOCK
    deferred_hour = SECONDS_AN_HOUR / prices.SPEECHKIT_BLOCK_SECONDS * prices.SPEECHKIT_DEFERRED_RUB_PER_BLOCK
    said = (
        f"Prices with VAT as of {prices.VALID_FROM.isoformat()}, less the free allowance, as quoted from {prices.SOURCE}: "
        "compare before you rely on them. "
        f"Assumed, not measured there: a container of {one.container_vcpus} vCPU and {one.container_gb:g} GB at a real-time factor of "
        f"{one.real_time_factor:g}, {one.container_seconds_beside:g} s a message beside that, a webhook of {one.function_gb:g} GB and "
        f"{one.function_seconds:g} s. In long recordings an hour of audio costs {hourly} roubles at a real-time factor of "
        f"0.25 / 0.5 / 1.0, against {sync_hour:.2f} (while you wait) and {deferred_hour:.2f} (deferred) for SpeechKit. "
        f"Not in the table: secrets in Lockbox ({prices.LOCKBOX_RUB_PER_VERSION_MONTH} a month each) and the stored image "
        f"({prices.REGISTRY_RUB_PER_GB_MONTH} a GB and month)."
    )
    title = f"| roubles a month, voice messages of {one.seconds_per_message:g} s | {head} |\n|---|{'---:|' * len(SHOWN)}\n"
    return f"{title}{body}\n{fill(said, PROSE_WIDTH, break_on_hyphens=False)}\n"


def _queue(usage: Usage) -> str:
    beyond = queue_requests_beyond_free(usage)
    return f"{_spaced(beyond)} requests, price unknown" if beyond else "free"


def _rub(amount: float) -> str:
    return _spaced(amount) if amount >= 10 else f"{amount:.2f}"  # noqa: PLR2004 - kopecks matter below


def _spaced(amount: float, digits: int = 0) -> str:
    return f"{amount:,.{digits}f}".replace(",", " ")


def with_table(document: str) -> str:
    """Return the document with a new table between its markers; raise ValueError unless it has exactly one pair of them."""
    return with_part(document, "cost", table())


def main(arguments: list[str]) -> int:
    """Write the table into the file, or with --check say whether the file's is up to date; return the exit status."""
    path = Path(arguments[-1])
    found = path.read_text(encoding="utf-8")
    fresh = with_table(found)
    if "--check" in arguments:
        if found != fresh:
            sys.stderr.write(f"the cost table of {path} is stale: run `make docs`\n")
        return int(found != fresh)
    path.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
