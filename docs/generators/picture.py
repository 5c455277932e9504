"""A conversation with the bot, drawn from what really happens on the local cloud: `python -m docs.generators.picture FILE.svg`.

Nothing in the picture is written here but what the people say: every answer comes from the bot through the whole pipeline.
"""

import sys
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path

from rich.align import Align
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from localstack.demo import SENTENCES
from localstack.stack import Stack, StackConfig
from localstack.telegram import Seen
from pisar.adapters.clock import SystemClock
from pisar.adapters.model_files import locate_model
from pisar.domain.answer_to import chat_owner
from pisar.domain.jobs import State
from pisar.state.job_records import Records
from pisar.state.jobs_by_owner import OwnedJobs
from pisar.wiring.environment import read
from pisar.wiring.settings import Recognising

PERSON, GROUP, FRIEND = 1001, -1_001_000_000_001, 2002
WIDTH, BUBBLE = 78, 60
PATIENCE_SECONDS = 120.0
LOOK_SECONDS = 0.05

# rich's own format fetches a font from another server; the reader's monospaced one does as well.
SVG = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<title>A conversation with Pisar, drawn from the local cloud</title>
<style>
.{unique_id}-matrix {{
  font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px;
}}
.{unique_id}-title {{ display: none; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" /></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">{matrix}</g>
</g>
</svg>
"""


class Scene:
    """People and the bot, taking turns; each turn is drawn as it ends."""

    def __init__(self, stack: Stack, console: Console) -> None:
        self._stack = stack
        self._console = console
        self._drawn: dict[tuple[int, int], str] = {}

    def person(self, name: str, said: str) -> None:
        """Draw what a person does."""
        self._console.print(Align.right(Panel(said, width=BUBBLE, title=name, title_align="right", border_style="cyan")))

    def bot(self, chat_id: int, until: Callable[[list[Seen]], bool]) -> list[Seen]:
        """Wait until the bot's messages in a chat are as expected, and draw those that are new or say something new."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not until(seen := self._messages(chat_id)) or not self._all_final(chat_id):
            if time.monotonic() > deadline:
                raise SystemExit(f"the bot did not answer as expected: {[message.now.text for message in seen]}")
            time.sleep(LOOK_SECONDS)  # the stand-in announces nothing of what is yet to come
        for message in seen:
            shown = f"{message.document_name or ''} {message.now.text} {message.buttons}"
            if self._drawn.get((chat_id, message.message_id)) != shown:
                self._drawn[chat_id, message.message_id] = shown
                self._draw(message)
        return seen

    def _messages(self, chat_id: int) -> list[Seen]:
        return [message for message in self._stack.telegram.messages(chat_id) if message.from_bot]

    def _all_final(self, chat_id: int) -> bool:
        # An answer's buttons work once its job's record is final.
        jobs, _ = OwnedJobs(self._stack.store(), Records(self._stack.store(), SystemClock())).page(chat_owner(chat_id), limit=100)
        return all(job.state is State.FINISHED for job in jobs)

    def _draw(self, message: Seen) -> None:
        body = Text(f"📄 {message.document_name}\n" if message.document_name else "")
        body.append(message.now.text)
        for row in message.buttons:
            body.append("\n" + "  ".join(f"[ {label} ]" for label, _ in row), style="blue")
        self._console.print(Panel(body, width=BUBBLE, title="pisar", title_align="left", border_style="green"))


def draw(stack: Stack, console: Console) -> None:
    """Play the conversation and draw it."""
    telegram, scene = stack.telegram, Scene(stack, console)
    scene.person("Анна", "/start")
    telegram.text(PERSON, "/start", language_code="ru")
    scene.bot(PERSON, lambda seen: len(seen) == 1)
    scene.person("Анна", "🎤 голосовое, 6 с")
    telegram.voice(PERSON, (SENTENCES / "ru-1.ogg").read_bytes(), seconds=6, language_code="ru")
    answer = scene.bot(PERSON, lambda seen: len(seen) == 2 and bool(seen[1].buttons))[1]  # noqa: PLR2004 - the greeting and the answer
    scene.person("Анна", "нажимает .srt")
    srt = next(data for row in answer.buttons for label, data in row if label == ".srt" and data)
    telegram.press(PERSON, answer.message_id, srt, language_code="ru")
    scene.bot(PERSON, lambda seen: len(seen) == 3 and seen[2].document_name is not None)  # noqa: PLR2004 - and the subtitles
    source = telegram.voice(GROUP, (SENTENCES / "en-2.ogg").read_bytes(), seconds=5, user=FRIEND, language_code="en")
    scene.person("Ben, in a group", "🎤 voice message, 5 s")
    scene.person("Ben, answering it", "/transcribe")
    telegram.text(GROUP, "/transcribe", user=FRIEND, language_code="en", reply_to=source["message"]["message_id"])
    scene.bot(GROUP, lambda seen: len(seen) == 1 and bool(seen[0].buttons))


def main(arguments: list[str]) -> int:
    """Write the picture."""
    (path,) = arguments
    console = Console(record=True, width=WIDTH, file=StringIO(), force_terminal=True, color_system="truecolor")
    recognising = read({}, Recognising)  # whatever the shell says, the picture is of the model that a newcomer gets
    model = locate_model(recognising.model, cache=recognising.model_cache, base_url=recognising.model_url, progress=True)
    with Stack(StackConfig(model=str(model))) as stack:
        stack.warm_up()
        draw(stack, console)
    Path(path).write_text(console.export_svg(title="", code_format=SVG, unique_id="pisar"), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
