"""`python -m localstack up` runs the local cloud until Ctrl-C; `python -m localstack demo` shows it at work."""

import argparse
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path

from dotenv import set_key
from rich.console import Console
from rich.table import Table

from localstack import demo
from localstack.stack import DEMO_MODEL, ROOT, RealTelegram, Stack, StackConfig

FOLDER = ROOT / ".pisar"
API_PORT = 8080


def main(arguments: list[str]) -> int:
    """Run a command and return its exit status."""
    parser = argparse.ArgumentParser(prog="localstack", description=__doc__)
    commands = parser.add_subparsers(required=True)
    up = commands.add_parser("up", help="run until Ctrl-C")
    up.add_argument("--port", type=int, default=API_PORT, help="port of the gateway; another free one if it is taken (default %(default)s)")
    up.set_defaults(run=_up)
    show = commands.add_parser("demo", help="send voice messages and show what becomes of them")
    show.add_argument("--voice", type=Path, help="a recording of your own instead of the demo's voices")
    show.set_defaults(run=_demo)
    options = parser.parse_args(arguments)
    run: int = options.run(options, Console())
    return run


def _demo(options: argparse.Namespace, console: Console) -> int:
    if options.voice is not None and not options.voice.is_file():
        console.print(f"[red]There is no file {options.voice}.[/] Give the path of a recording: make demo VOICE=path.ogg")
        return 2
    voices = [demo.Voice(options.voice, None, "en")] if options.voice else demo.demo_voices()
    model = os.environ.get("PISAR_MODEL", str(DEMO_MODEL))
    began = time.monotonic()
    try:
        with Stack(StackConfig(log_folder=FOLDER / "logs", model=model)) as stack:
            stack.warm_up()
            console.print(
                f"The cloud runs on this machine: gateway {stack.api_url}, storage and queue {stack.storage_url}, Telegram {stack.telegram_url}\n"
            )
            demo.run(stack, voices, console)
    except demo.WrongAnswer as error:
        console.print(f"[red]Failed:[/] {error}", highlight=False)
        console.print("All log lines: .pisar/logs/")
        return 1
    if options.voice and model == str(DEMO_MODEL):
        console.print(
            "The demo model knows 146 words of synthetic speech. For real speech take a real one: PISAR_MODEL=base make demo VOICE=…"
        )
    console.print(
        f"[green]Every text is the expected one.[/] {time.monotonic() - began:.1f} s in all." if not options.voice else "[green]Done.[/]"
    )
    return 0


def _up(options: argparse.Namespace, console: Console) -> int:
    token = os.environ.get("TELEGRAM_BOT_TOKEN")
    telegram = RealTelegram(token=token, api_url=os.environ.get("TELEGRAM_API_URL", "https://api.telegram.org")) if token else None
    passed_on = {name: value for name, value in os.environ.items() if name.startswith("PISAR_") or name == "TELEGRAM_ALLOWED_IDS"}
    if telegram:
        passed_on.setdefault("TELEGRAM_ALLOWED_IDS", "")  # a real bot is private until its owner says who may use it
    model = passed_on.pop("PISAR_MODEL", str(DEMO_MODEL))
    config = StackConfig(
        log_folder=FOLDER / "logs",
        settings=passed_on,
        real_telegram=telegram,
        api_port=_free_port(options.port),
        model=model,
    )
    stopped = threading.Event()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, lambda *_: stopped.set())
    with Stack(config) as stack:
        stack.warm_up()
        _write_environment(stack.local_environment())
        console.print(_urls(stack))
        console.print("Every part answers. Another program joins with .pisar/local.env; logs are in .pisar/logs/. Ctrl-C stops.")
        if telegram:
            console.print("Your bot is served by long polling: write to it in Telegram.")
        stopped.wait()
    console.print("Stopped.")
    return 0


def _free_port(wanted: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            return 0
    return wanted


def _write_environment(values: dict[str, str]) -> None:
    path = FOLDER / "local.env"
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)  # it holds the API key and the bot's token
    for name, value in values.items():
        set_key(path, name, value, quote_mode="never")


def _urls(stack: Stack) -> Table:
    table = Table("part", "address", title="Pisar on this machine")
    for part, address in (
        ("HTTP API", stack.api_url),
        ("Telegram's Bot API" if stack.config.real_telegram else "Telegram stand-in", stack.telegram_url),
        ("Object Storage (S3)", stack.storage_url),
        ("Message Queue (SQS)", stack.storage_url),
    ):
        table.add_row(part, address)
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
