"""Which message an answer comes in and whether it makes a sound, however often the delivery is interrupted."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from pisar.bot.answer_messages import CAPTION_UNITS, PREVIEW_UNITS
from pisar.bot.texts import TEXTS
from pisar.domain.jobs import PATIENT_SECONDS, Outcome, State
from pisar.errors import PisarError, Rejected, Rejection, Unavailable, Undeliverable
from tests.unit.world import CHAT, GROUP, LEASE, World

EN = TEXTS["en"]
BEING_WRITTEN = EN["being_written"].format(beginning="")


class KilledError(BaseException):
    """The worker's process ends, and nothing that it would do after that happens."""


class Chats:
    """Keeps the calls of a chat, and of each message that was sent its first text, whether it was silent, and what it answers."""

    def __init__(self, world: World) -> None:
        self.sent: list[tuple[str, bool, int | None]] = []
        self.calls: list[str] = []
        for name in ("send", "edit", "edit_into_document", "delete"):
            setattr(world.chat, name, self._counting(world, name, getattr(world.chat, name)))

    def _counting(self, world: World, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(reply: Any, *args: Any, **how: Any) -> Any:
            self.calls.append(name)
            result = call(reply, *args, **how)
            if name == "send":
                message = world.chat.messages(reply.chat_id)[result]
                self.sent.append((message.text, message.silent, message.reply_to))
            return result

        return counted


def take(world: World, text: str = "hello there", *, silent: bool = False, chat_id: int = CHAT) -> None:
    asked = world.say(text)
    world.intake.receive(replace(asked, reply=replace(asked.reply, silent=silent, chat_id=chat_id)))


def messages(world: World, chat_id: int = CHAT) -> list[tuple[str, bool]]:
    return [(message.text, message.silent) for message in world.chat.messages(chat_id).values()]


def notices(world: World) -> list[str]:
    return [text for text in world.shown() if text.endswith(BEING_WRITTEN)]


def answers(world: World) -> list[str]:
    return [text for text in world.shown() if text not in notices(world)]


def late(world: World) -> None:
    world.clock.advance(PATIENT_SECONDS + 1)


def test_with_sound_on_the_text_makes_the_sound_and_the_placeholder_does_not():
    world = World()
    chats = Chats(world)
    take(world)
    assert messages(world) == [(EN["accepted"], True)]
    world.work_off()
    assert messages(world) == [("hello there", False)]
    notice = EN["being_written"].format(beginning="hello there")
    assert chats.sent == [(EN["accepted"], True, 5), (notice, False, 5)]


def test_without_sound_the_text_comes_in_the_placeholder_with_one_send_and_one_edit():
    world = World()
    chats = Chats(world)
    take(world, silent=True)
    world.clock.advance(PATIENT_SECONDS - 1)
    world.work_off()
    assert (chats.calls, messages(world)) == (["send", "edit"], [("hello there", True)])


@pytest.mark.parametrize("chat_id", [CHAT, GROUP])
def test_who_has_waited_long_gets_a_new_message_that_replies_and_makes_no_sound_of_its_own(chat_id: int):
    world = World()
    take(world, silent=True, chat_id=chat_id)
    (placeholder,) = world.chat.messages(chat_id)
    late(world)
    world.work_off()
    ((slot, message),) = world.chat.messages(chat_id).items()
    assert slot != placeholder
    assert (message.text, message.silent, message.reply_to) == ("hello there", True, 5)


def test_silence_and_refusals_make_the_sound_too():
    world = World()
    take(world, "")
    world.work_off()
    assert messages(world) == [(EN["no_speech"], False)]


def test_a_refusal_at_the_door_is_one_message_that_makes_the_sound():
    world = World()
    asked = world.say("x" * 3 * 2**20)
    world.intake.receive(replace(asked, reply=replace(asked.reply, silent=False)))
    assert messages(world) == [(EN["too_big"].format(size_mb=3, limit_mb=2), False)]
    full = World(max_waiting=0)
    chats = Chats(full)
    take(full)
    assert messages(full) == [(EN["queue_full"].format(waiting=0), False)]
    assert chats.calls == ["send", "edit"]


def test_a_refusal_that_was_begun_with_a_sound_is_finished_in_the_same_message():
    world = World(max_waiting=0)
    world.chat.fail("edit", Unavailable("429", after_seconds=1000), when="after")
    with pytest.raises(Unavailable):
        take(world)
    take(world)
    assert list(world.chat.messages(CHAT)) == [1]
    assert messages(world) == [(EN["queue_full"].format(waiting=0), False)]


def test_a_long_text_makes_one_sound_and_a_longer_one_is_a_document_that_does():
    world = World()
    take(world, words(800))
    world.work_off()
    assert [silent for _, silent in messages(world)] == [False, True]
    world = World()
    take(world, words(2000))
    world.work_off()
    ((document,)) = world.chat.messages(CHAT).values()
    assert (document.silent, document.document is None) == (False, False)


def test_a_notification_shows_the_beginning_of_the_text_and_no_more():
    world = World()
    chats = Chats(world)
    take(world, words(200))
    world.work_off()
    notice = chats.sent[1][0].removesuffix(BEING_WRITTEN)
    assert notice.startswith("word0 word1 ")
    assert notice.endswith("…")
    assert PREVIEW_UNITS - len("word100") <= len(notice) <= PREVIEW_UNITS + 1 < CAPTION_UNITS


@pytest.mark.parametrize(
    ("error", "when", "notices_left"),
    [
        (Unavailable("timeout"), "after", 1),
        (Unavailable("429", after_seconds=1000), "before", 0),
        (Undeliverable("muted"), "before", 0),
    ],
)
def test_a_text_whose_new_message_is_refused_or_unconfirmed_comes_in_the_placeholder(error: PisarError, when: Any, notices_left: int):
    world = World()
    take(world)
    world.chat.fail("send", error, when=when)
    world.work_off()
    assert (answers(world), len(notices(world))) == (["hello there"], notices_left)
    assert world.records.find("j1").job.outcome is Outcome.TRANSCRIBED


def test_a_text_that_is_begun_in_its_placeholder_stays_there_though_it_becomes_late():
    world = World()
    take(world, silent=True)
    world.chat.fail("edit", Unavailable("429", after_seconds=1000), when="after")
    with pytest.raises(Unavailable):
        world.work_off()
    assert answers(world) == ["hello there"]
    late(world)
    world.queue.bring_back()
    world.work_off()
    assert list(world.chat.messages(CHAT)) == [1]
    assert answers(world) == ["hello there"]


def test_a_placeholder_that_the_person_deleted_is_no_hindrance():
    world = World()
    take(world)
    world.chat.forget(CHAT, 1)
    world.work_off()
    assert messages(world) == [("hello there", False)]


def test_a_new_message_that_the_person_deletes_is_replaced_and_the_placeholder_goes_all_the_same():
    world = World()
    take(world)
    world.chat.fail("edit", Unavailable("429", after_seconds=1000))
    with pytest.raises(Unavailable):
        world.work_off()
    assert len(world.shown()) == 2
    world.chat.forget(CHAT, 2)
    world.queue.bring_back()
    world.work_off()
    assert messages(world) == [("hello there", False)]


def test_a_placeholder_that_can_not_be_deleted_costs_nobody_the_answer():
    world = World()
    take(world)
    world.chat.fail("delete", Unavailable("down"), times=1000)
    world.work_off()
    assert answers(world) == [EN["accepted"], "hello there"]
    assert world.records.find("j1").job.state is State.FINISHED


def test_a_failed_job_tells_so_in_the_new_message():
    world = World()
    take(world)
    held = world.records.claim("j1", lease_seconds=LEASE)
    assert held is not None
    world.closing.close_with_rejection(held, Rejected(Rejection.CANNOT_DECODE))
    assert messages(world) == [(EN["cannot_decode"], False)]


def test_the_percent_of_a_long_recording_stands_in_the_placeholder():
    world = World()
    take(world)
    job = replace(world.records.find("j1").job, progress=0.5)
    world.closing.show_progress(job)
    assert messages(world) == [(EN["progress"].format(percent=50), True)]


class Killer:
    """Ends the worker before or after the call, number `moment`, that others can see; nothing that it tries after that happens."""

    def __init__(self, world: World, moment: int, *, after: bool) -> None:
        self._left, self._after, self.killed = moment, after, False
        seen = [(world.chat, name) for name in ("send", "edit", "edit_into_document", "delete")] + [(world.store, "put")]
        self._whole = [(one, name, getattr(one, name)) for one, name in seen]

    def work_off(self, world: World) -> None:
        """Let the worker work until it is killed, and let the system be whole again."""
        for one, name, call in self._whole:
            setattr(one, name, self._striking(call))
        with suppress(KilledError):
            world.work_off()
        for one, name, call in self._whole:
            setattr(one, name, call)

    def _striking(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def struck(*args: Any, **how: Any) -> Any:
            due = self._left == 0
            self._left -= 1
            if self.killed or (due and not self._after):
                self.killed = True
                raise KilledError
            result = call(*args, **how)
            if due:
                self.killed = True
                raise KilledError
            return result

        return struck


def words(number: int) -> str:
    return " ".join(f"word{one}" for one in range(number))


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("text", "silent", "waits"),
    [
        ("hello there", False, False),
        ("hello there", True, True),
        ("hello there", True, False),
        (words(800), False, False),
        (words(800), True, False),
        (words(2000), False, False),
    ],
    ids=["sound", "late", "usual", "two-with-sound", "two", "document-with-sound"],
)
def test_a_worker_killed_at_any_step_leaves_one_answer_and_at_worst_a_notice(text: str, silent: bool, waits: bool, after: bool):
    expected: list[str] = []
    for moment in range(-1, 100):  # the first is disturbed by nobody
        world = World()
        take(world, text, silent=silent)
        if waits:
            late(world)
        killer = Killer(world, moment, after=after)
        killer.work_off(world)
        late(world)  # which must not move an answer that was begun in its placeholder
        world.queue.bring_back()
        world.work_off()
        expected = expected or answers(world)
        assert [one for one in answers(world) if one != EN["more"]] == expected
        assert len(answers(world)) + len(notices(world)) <= len(expected) + 1
        assert world.records.find("j1").job.outcome is Outcome.TRANSCRIBED
        if moment >= 0 and not killer.killed:
            break
    assert moment > 5


def test_who_stops_the_work_while_the_answer_moves_is_left_with_no_message_that_it_goes_on():
    world = World()
    take(world)

    def killed(*_: Any) -> None:
        raise KilledError

    delete, world.chat.delete = world.chat.delete, killed  # type: ignore[method-assign]
    edit, world.chat.edit = world.chat.edit, lambda *_args, **_how: killed()  # type: ignore[method-assign]
    with suppress(KilledError):
        world.work_off()
    world.chat.delete, world.chat.edit = delete, edit  # type: ignore[method-assign]
    assert len(messages(world)) == 2
    assert world.erasure.stop(CHAT, telling=True) == 1
    assert messages(world) == [(EN["cancelled"], False)]
