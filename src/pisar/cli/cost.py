"""`pisar cost`: what a month on Yandex Cloud costs at a load, item by item, beside SpeechKit for the same audio."""

import os

import click

from pisar.cli.screen import table
from pisar.owner import costs, prices
from pisar.owner.costs import Usage

ASSUMED = Usage(messages_per_day=0)


@click.command(short_help="What a month on Yandex Cloud costs at a given load.")
@click.option("--messages-per-day", type=click.IntRange(0, 10_000_000), default=100, show_default=True)
@click.option(
    "--seconds", type=click.FloatRange(0.1, 14_400), default=ASSUMED.seconds_per_message, show_default=True, help="Of audio in a message."
)
@click.option(
    "--real-time-factor",
    type=click.FloatRange(0.001, 100),
    help="Engine seconds for a second of audio. If left out: what the workers have measured, where PISAR_BUCKET is set; else "
    f"{ASSUMED.real_time_factor:g} is assumed.",
)
@click.option("--vcpus", type=click.IntRange(1, 4), default=ASSUMED.container_vcpus, show_default=True, help="Of the container.")
@click.option("--gb", type=click.FloatRange(0.128, 8), default=ASSUMED.container_gb, show_default=True, help="Memory of the container.")
def cost(messages_per_day: int, seconds: float, real_time_factor: float | None, vcpus: int, gb: float) -> None:
    """Tell what a month of 30 days costs, in roubles with VAT, less the free allowances."""
    factor, known_by = _factor(real_time_factor)
    usage = Usage(
        messages_per_day=messages_per_day, seconds_per_message=seconds, real_time_factor=factor, container_vcpus=vcpus, container_gb=gb
    )
    rows = [(name, f"{rub(usage):.2f}") for name, rub in costs.ITEMS]
    beyond = costs.queue_requests_beyond_free(usage)
    rows.append(("Message Queue", f"{beyond} requests, price unknown" if beyond else "0.00"))
    rows.append(("Total" if not beyond else "Total without the queue", f"{costs.total_rub(usage):.2f}"))
    rows.append(("SpeechKit for the same, while you wait", f"{costs.speechkit_sync_rub(usage):.2f}"))
    rows.append(("SpeechKit for the same, deferred", f"{costs.speechkit_deferred_rub(usage):.2f}"))
    table(("item", "roubles a month"), rows, right=("roubles a month",))
    hour = costs.rub_per_audio_hour(real_time_factor=factor, vcpus=vcpus, gb=gb)
    click.echo(
        f"{usage.audio_hours_per_month:.1f} hours of audio. Real-time factor {factor:.2f}, {known_by}: an hour of audio costs {hour:.2f} "
        f"roubles of container beyond the free allowance. Prices of {prices.VALID_FROM.isoformat()} as quoted from {prices.SOURCE}; "
        "Lockbox and the stored image are not in it.",
        err=True,
    )


def _factor(given: float | None) -> tuple[float, str]:
    if given is not None:
        return given, "as you say"
    if not os.environ.get("PISAR_BUCKET"):
        return ASSUMED.real_time_factor, "assumed"
    from pisar.wiring.cli import measured_factor  # noqa: PLC0415 - boto3, 0.4 s

    measured = measured_factor(os.environ)
    return (ASSUMED.real_time_factor, "assumed, since nothing is measured yet") if measured is None else (measured, "as measured")
