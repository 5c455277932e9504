"""Many people at once: `python -m tests.support.flood [--messages N] [--chats N]` sends voices for a minute and counts the answers.

Some of the chats are groups after /auto on, one of them a busy one. Telegram refuses calls at random with 429, every call over one a
second into one chat, every one over twenty a minute into a group, and every one over thirty a second in all. Each message must be answered
once, in private chats the first sign of each in their order, and no group may get more than twenty. Exit status 1, and the first that were
not, if it is otherwise. No two recordings are the same, so none is answered from the cache.
"""

import argparse
import random
import statistics
import sys
import threading
import time

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from localstack.demo import demo_voices
from localstack.stack import Stack, StackConfig
from localstack.telegram import flood
from tests.support.answers import Answered, Sent, wait_for_answers, wrongly_answered

SEED = 20_261_124
SENDING_SECONDS = 60.0
PATIENCE_SECONDS = 300.0
LOOK_SECONDS = 0.5
REFUSED_AT_RANDOM = 40
CALLS_A_MESSAGE = 3
MESSAGES_PER_SECOND = 1.0
GROUP_MESSAGES_PER_MINUTE = 20
MESSAGES_PER_SECOND_IN_ALL = 30
COUNTED = ("sendMessage", "sendDocument", "editMessageText", "editMessageCaption", "editMessageMedia", "editMessageReplyMarkup")
FIRST_CHAT = 5001
GROUPS = 5
TO_BUSY_GROUP = 0.05
SPEAKER = 4001


def main(arguments: list[str]) -> int:
    """Run the flood and print what became of it."""
    parser = argparse.ArgumentParser(prog="tests.support.flood", description=__doc__)
    parser.add_argument("--messages", type=int, default=300)
    parser.add_argument("--chats", type=int, default=50)
    options = parser.parse_args(arguments)
    console = Console()
    config = StackConfig(transcribers=2, function_instances=8, settings={"PISAR_THREADS": "1"})
    with Stack(config) as stack:
        stack.telegram.flood_control.messages_per_second = MESSAGES_PER_SECOND
        stack.telegram.flood_control.group_messages_per_minute = GROUP_MESSAGES_PER_MINUTE
        stack.telegram.flood_control.messages_per_second_in_all = MESSAGES_PER_SECOND_IN_ALL
        stack.warm_up()
        chats = _chats(stack, options.chats)
        dice = random.Random(SEED)  # noqa: S311 - the same flood each time
        for _ in range(REFUSED_AT_RANDOM):
            skip = dice.randrange(CALLS_A_MESSAGE * options.messages)
            stack.telegram.faults.add(flood("/(sendMessage|editMessageText)", retry_after=1, skip=skip))
        sent = _send(stack, dice, options.messages, chats)
        answered = wait_for_answers(stack, sent, patience_seconds=PATIENCE_SECONDS)
        return _report(console, stack, sent, answered)


def _chats(stack: Stack, count: int) -> list[int]:
    """Return the ids of the chats, the busy group first; every voice in the groups will be transcribed."""
    groups = [-FIRST_CHAT - number for number in range(min(GROUPS, count))]
    for group in groups:
        stack.telegram.promote(group, SPEAKER)
        stack.telegram.text(group, "/auto on", user=SPEAKER)
    deadline, pause = time.monotonic() + PATIENCE_SECONDS, threading.Event()
    while not all(stack.telegram.answers(group) for group in groups):
        if time.monotonic() > deadline:
            raise TimeoutError("no answer to /auto on")
        pause.wait(LOOK_SECONDS)
    return [*groups, *(FIRST_CHAT + number for number in range(count - len(groups)))]


def _send(stack: Stack, dice: random.Random, messages: int, chats: list[int]) -> list[Sent]:
    voices = demo_voices()
    moments = sorted(dice.uniform(0, SENDING_SECONDS) for _ in range(messages))
    began, sent, pause = time.monotonic(), [], threading.Event()
    with Progress(transient=True) as progress:
        task = progress.add_task("messages sent", total=messages)
        for number, moment in enumerate(moments):
            pause.wait(max(0.0, began + moment - time.monotonic()))
            voice = dice.choice(voices)
            audio = voice.path.read_bytes() + number.to_bytes(2, "big")  # ffmpeg passes over what stands behind the last page
            chat_id = chats[0] if dice.random() < TO_BUSY_GROUP else dice.choice(chats)
            user = SPEAKER if chat_id < 0 else chat_id
            update = stack.telegram.voice(chat_id, audio, seconds=2, language_code=voice.language, user=user)
            sent.append(Sent(chat_id, update["message"]["message_id"], voice.expected or "", time.monotonic()))
            progress.advance(task)
    return sent


def _report(console: Console, stack: Stack, sent: list[Sent], answered: Answered) -> int:
    wrong = wrongly_answered(sent, answered)
    disordered = _out_of_order(stack, sent)
    waits = [answered[one.chat_id, one.message_id][-1].versions[-1].at - one.at for one in sent if answered[one.chat_id, one.message_id]]
    most = _most_in_a_minute(stack)
    refused = sum(1 for call in stack.telegram.calls() if call.status == 429)
    table = Table("what", "figure", title="The flood")
    table.add_row("messages, chats", f"{len(sent)}, {len({one.chat_id for one in sent})}")
    table.add_row("answered once and rightly", str(len(sent) - len(wrong)))
    table.add_row("private chats whose first signs are out of order", str(len(disordered)))
    table.add_row("calls refused with 429", str(refused))
    table.add_row("messages and edits into one group within a minute, at most", str(most))
    if waits:
        table.add_row("seconds until the answer: median, most", f"{statistics.median(waits):.1f}, {max(waits):.1f}")
    console.print(table)
    for one in wrong[:5]:
        got = [message.now.text for message in answered[one.chat_id, one.message_id]]
        console.print(f"message {one.message_id} of chat {one.chat_id} should have become {one.expected!r}, and became {got}")
    return 1 if wrong or disordered or most > GROUP_MESSAGES_PER_MINUTE else 0


def _most_in_a_minute(stack: Stack) -> int:
    """Return how many messages and edits the fullest minute of a group had, those that Telegram refused for their number included."""
    times: dict[int, list[float]] = {}
    for call in stack.telegram.calls():
        if call.method in COUNTED and call.params["chat_id"] < 0 and not call.fault:
            times.setdefault(call.params["chat_id"], []).append(call.started_at)
    windows = [sum(1 for other in group if time <= other < time + 60) for group in times.values() for time in group]
    return max(windows, default=0)


def _out_of_order(stack: Stack, sent: list[Sent]) -> set[int]:
    """Return the private chats in which a later message got its placeholder first.

    Texts may come in another order: one that is late is a new message, and in a group, where nobody asked, nothing comes before the text.
    """
    disordered = set()
    for chat_id in {one.chat_id for one in sent if one.chat_id > 0}:
        first: dict[int, int] = {}
        for message in stack.telegram.messages(chat_id):
            if message.from_bot and message.reply_to is not None:
                first.setdefault(message.reply_to, message.message_id)
        signs = [first[one.message_id] for one in sent if one.chat_id == chat_id and one.message_id in first]
        if signs != sorted(signs):
            disordered.add(chat_id)
    return disordered


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
