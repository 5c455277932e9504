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
from rich.text import Text

from localstack import demo
from localstack.failures import CannotStart
from localstack.resources import MakeResources, make_resources
from localstack.stack import DEMO_MODEL, ROOT, RealTelegram, Stack, StackConfig
from pisar.adapters.model_files import locate_model
from pisar.cli.interruption import LOOK_SECONDS
from pisar.errors import Misconfigured
from pisar.wiring.environment import read
from pisar.wiring.settings import Recognising

API_PORT = 8080
OF_PEOPLE = ("TELEGRAM_OWNER_IDS", "TELEGRAM_MINUTES_PER_DAY")
GIVEN_SETTINGS = frozenset({"PISAR_MODEL", "PISAR_BUCKET", "PISAR_QUEUE_URL", "PISAR_CALLBACK_QUEUE_URL"})


def main(arguments: list[str], *, make_resources: MakeResources = make_resources) -> int:
    """Run a command and return its exit status; `make_resources` makes the bucket and the queues."""
    parser = argparse.ArgumentParser(prog="localstack", description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / ".pisar", help="where logs and local.env are written (default .pisar)")
    commands = parser.add_subparsers(required=True)
    up = commands.add_parser("up", help="run until Ctrl-C")
    up.add_argument("--port", type=int, default=API_PORT, help="port of the gateway; another free one if it is taken (default %(default)s)")
    up.set_defaults(run=_up)
    show = commands.add_parser("demo", help="send voice messages and show what becomes of them")
    show.add_argument("--voice", type=Path, help="a recording of your own instead of the demo's sentences")
    show.set_defaults(run=_demo)
    options = parser.parse_args(arguments)
    options.make_resources = make_resources
    console = Console()
    try:
        status: int = options.run(options, console)
    except (CannotStart, Misconfigured, demo.WrongAnswer) as error:
        # As plain text: brackets in log lines are no markup.
        console.print(Text.assemble(("Failed: ", "red"), str(error)), soft_wrap=True)
        console.print(f"All log lines: {options.folder.name}/logs/", highlight=False)
        return 1
    except KeyboardInterrupt:
        console.print("Stopped.")
        return 130
    return status


def _demo(options: argparse.Namespace, console: Console) -> int:
    if options.voice is not None and not options.voice.is_file():
        sentence = f"There is no file {options.voice}. Give the path of a recording: make demo VOICE=path.ogg"
        console.print(Text(sentence, "red"), soft_wrap=True)
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the stack is taken down before we go
    model = _model()
    small = model == str(DEMO_MODEL)  # which knows no sentence
    voices = [demo.Voice(options.voice, None, "en")] if options.voice else demo.demo_voices() if small else demo.sentences()
    began = time.monotonic()
    config = StackConfig(log_folder=options.folder / "logs", model=model, settings=_settings(), make_resources=options.make_resources)
    with Stack(config) as stack:
        stack.warm_up()
        console.print(f"The cloud runs on this machine: gateway {stack.api_url}, storage and queue {stack.storage_url},", soft_wrap=True)
        console.print(f"Telegram {stack.telegram_url}\n", soft_wrap=True)
        demo.run(stack, voices, console)
    if options.voice and small:
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
    settings = _settings()
    allowed = os.environ.get("TELEGRAM_ALLOWED_IDS", "" if telegram else "*")  # a real bot is private until its owner says who may use it
    settings |= {"TELEGRAM_ALLOWED_IDS": allowed, **{name: os.environ[name] for name in OF_PEOPLE if name in os.environ}}
    port = _free_port(options.port)
    config = StackConfig(
        log_folder=options.folder / "logs",
        settings=settings,
        real_telegram=telegram,
        api_port=port,
        model=_model(),
        make_resources=options.make_resources,
    )
    stopped = threading.Event()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, lambda *_: stopped.set())
    with Stack(config) as stack:
        stack.warm_up()
        _write_environment(options.folder / "local.env", stack.local_environment())
        if port != options.port:
            console.print(f"Port {options.port} is taken: the HTTP API listens on {stack.api_url} instead.", soft_wrap=True)
        console.print(_urls(stack))
        console.print(
            f"Every part answers. Another program joins with {options.folder.name}/local.env, whose PISAR_PAGE_URL opens the page; "
            f"logs are in {options.folder.name}/logs/. Ctrl-C stops.",
            soft_wrap=True,
        )
        if telegram:
            console.print("Your bot is served by long polling: write to it in Telegram.")
        while not stopped.wait(LOOK_SECONDS):  # a signal that comes just before a wait begins does not end it
            pass
    console.print("Stopped.")
    return 0


def _model() -> str:
    """Return the path of the model, fetched now if it is a name: before anything waits for it, and with the bar in sight."""
    recognising = read({name: value for name, value in os.environ.items() if value or name != "PISAR_MODEL"}, Recognising)
    return str(locate_model(recognising.model, cache=recognising.model_cache, base_url=recognising.model_url, progress=True).absolute())


def _settings() -> dict[str, str]:
    """Return the settings in our environment, but for those this stack gives: a shell may still hold another stack's."""
    return {name: value for name, value in os.environ.items() if name.startswith("PISAR_") and name not in GIVEN_SETTINGS}


def _free_port(wanted: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            return 0
    return wanted


def _write_environment(path: Path, values: dict[str, str]) -> None:
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)  # it holds the API key and the bot's token
    for name, value in values.items():
        set_key(path, name, value, quote_mode="never")


def _urls(stack: Stack) -> Table:
    table = Table("part", "address", title="Pisar on this machine")
    for part, address in (
        ("HTTP API", stack.api_url),
        ("Page for people", f"{stack.api_url}/"),
        ("Telegram's Bot API" if stack.config.real_telegram else "Telegram stand-in", stack.telegram_url),
        ("Object Storage (S3)", stack.storage_url),
        ("Message Queue (SQS)", stack.storage_url),
    ):
        table.add_row(part, address)
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
