"""The bot's conversation, row by row of what it promises: each test's docstring names the row first, then says what is shown.

`docs/conversation.md` is made from these docstrings by `docs/generators/conversation_table.py`.
"""

import json
import re
import time
from collections.abc import Callable, Iterator
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import pytest

from localstack.stack import DEMO_MODEL, Stack, StackConfig
from localstack.telegram import Seen
from pisar.bot import buttons
from pisar.bot.texts import say
from pisar.domain.jobs import Job, Options, Outcome, State, job_id
from pisar.domain.transcripts import Segment, Transcript
from pisar.errors import Missing
from pisar.state.job_records import Records
from pisar.state.transcript_cache import ContentIds
from tests.fuzz.sounds import flac

from .conftest import MAX_MINUTES, SETTINGS, SPOKEN, Ffmpeg, Person, assert_clean_logs, eventually, joined, looped, voice

OWNER = 6_000_000
MINUTES_PER_DAY = 0.05  # three seconds: a second recording overshoots it, a third is refused
PEOPLE, GROUPS, STRANGERS = count(6_100_001), count(6_200_001), count(6_300_001)
LISTED = [*range(6_100_001, 6_100_121), *(-group for group in range(6_200_001, 6_200_041))]
SUPERGROUP = -1_000_000_000_000
WORKING_MARKS = re.compile(r"🎧.*|⏳ \d+ %|…|.* ✍️", re.DOTALL)
FORMATS = [".txt", ".srt", ".vtt"]

both_languages = pytest.mark.parametrize("language", ["ru", "en"])


class Talk(Person):
    """A chat with the bot. `language` is that of everybody's Telegram in it."""

    language: str = "ru"

    def write(self, text: str, **how: Any) -> list[Seen]:
        """Write a text and return what the bot has said in answer."""
        update = self.stack.telegram.text(self.chat, text, language_code=self.language, **how)
        self.in_passing(update)
        return self.about(update["message"]["message_id"])

    def told(self, text: str, **how: Any) -> str:
        """Write a text and return the words of the one answer."""
        (answer,) = self.write(text, **how)
        return answer.now.text

    def deliver(self, update: dict[str, Any], times: int = 1) -> None:
        """Send a held update to the webhook, `times` times at once."""
        assert {attempt.status for attempt in self.stack.telegram.deliver(update, times).result(60)} <= {200, 503}

    def about(self, source: int) -> list[Seen]:
        """Return what the bot has said about a message and not deleted."""
        return [message for message in self.said() if message.reply_to == source and not message.deleted]

    def speak(self, audio: bytes | str = "ru-1.ogg", **how: Any) -> int:
        """Send a voice message and return its id."""
        content = voice(audio) if isinstance(audio, str) else audio
        update = self.stack.telegram.voice(self.chat, content, seconds=2, language_code=self.language, **how)
        self.in_passing(update)
        return update["message"]["message_id"]

    def answer(self, source: int, number: int = 1) -> Seen:
        """Wait for the `number`-th answer to a message, and until its buttons work."""

        def last() -> Seen | None:
            final = [message for message in self.about(source) if not WORKING_MARKS.fullmatch(message.now.text)]
            return final[number - 1] if len(final) >= number else None

        found = eventually(last, "an answer")
        carried = [data or "" for row in found.buttons for _, data in row]
        if carried and carried[0].startswith("as:"):
            eventually(lambda: self.record(carried[0].split(":")[2]).state is State.FINISHED, "a final record")
        return found

    def heard(self, audio: bytes | str = "ru-1.ogg", **how: Any) -> Seen:
        """Send a voice message and wait for its answer."""
        return self.answer(self.speak(audio, **how))

    def now(self, message: Seen) -> Seen:
        """Return the message as it is now."""
        (found,) = (one for one in self.said() if one.message_id == message.message_id)
        return found

    def labels(self, message: Seen) -> list[str]:
        return [label for row in self.now(message).buttons for label, _ in row]

    def press(self, message: Seen, label: str, **how: Any) -> str:
        """Press a button and return what is shown to who pressed it, empty if nothing is."""
        (data,) = (data for row in self.now(message).buttons for text, data in row if text == label)
        update = self.stack.telegram.press(self.chat, message.message_id, data or "", language_code=self.language, **how)
        self.in_passing(update)
        (shown,) = self.stack.telegram.callback_answers(update["callback_query"]["id"])
        return shown.get("text") or ""

    def record(self, this: str) -> Job:
        return Records(self.stack.store(), None).find(this).job  # type: ignore[arg-type]

    def record_of(self, source: int) -> Job:
        return self.record(job_id("telegram", self.chat, source))

    def say(self, key: str, **values: Any) -> str:
        return say(self.language, key, **values)


@pytest.fixture(scope="session")
def private_bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A bot with an owner, a list of who may use it, and a quota."""
    yield from running(
        tmp_path_factory.mktemp("private"),
        {
            "TELEGRAM_OWNER_IDS": str(OWNER),
            "TELEGRAM_ALLOWED_IDS": ",".join(map(str, LISTED)),
            "TELEGRAM_MINUTES_PER_DAY": str(MINUTES_PER_DAY),
            "PISAR_KEEP_DAYS": "3",
            "PISAR_PLACE": "rented",
        },
    )


@pytest.fixture(scope="session")
def open_bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A bot for everybody, without a quota, that keeps a text for less than two seconds."""
    yield from running(tmp_path_factory.mktemp("open"), {"PISAR_KEEP_DAYS": "0.00002", "TELEGRAM_OWNER_IDS": str(OWNER)})


def running(folder: Path, settings: dict[str, str]) -> Iterator[Stack]:
    with Stack(StackConfig(settings=SETTINGS | settings, log_folder=folder)) as stack:
        stack.warm_up()
        yield stack
        assert_clean_logs(stack, folder)


@pytest.fixture
def talk(private_bot: Stack) -> Talk:
    return Talk(private_bot, chat=next(PEOPLE))


@pytest.fixture
def group(private_bot: Stack) -> Talk:
    return Talk(private_bot, chat=-next(GROUPS))


@pytest.fixture
def owner(private_bot: Stack) -> Talk:
    return Talk(private_bot, chat=OWNER)


@pytest.fixture(scope="session")
def long_recording(ffmpeg: Ffmpeg) -> bytes:
    """Two and a half minutes of speech: some seconds of the engine's time."""
    return looped(ffmpeg, joined(ffmpeg, ["ru-1.ogg", "ru-2.ogg", "ru-3.ogg"], pause_seconds=0.6), 15)


@pytest.fixture(scope="session")
def endless_recording(ffmpeg: Ffmpeg) -> bytes:
    """Minutes of speech that nobody hears to the end: a busy machine too has the time to stop the work on it."""
    return looped(ffmpeg, joined(ffmpeg, ["ru-1.ogg", "ru-2.ogg", "ru-3.ogg"], pause_seconds=0.6), 75)


def remember(stack: Stack, text: str) -> bytes:
    """Return an audio that the stack believes to have heard already, as this text."""
    audio = f"an audio {time.monotonic_ns()}".encode()
    segments = tuple(Segment(4.0 * index, 4.0 * index + 3.5, line) for index, line in enumerate(text.splitlines()))
    transcript = Transcript(language="ru", duration=4.0 * len(segments), segments=segments)
    entry = {"version": 1, "made_at": time.time(), "transcript": json.loads(transcript.encode()), "lease": None}
    content = ContentIds(model=DEMO_MODEL.name, shared=True).of(audio, Options(), "")
    stack.store().put(f"cache/{content}.json", json.dumps(entry).encode())
    return audio


# First contact


@both_languages
def test_start(talk: Talk, language: str):
    """First contact: /start says what to send, the limits, and in a sentence what becomes of the audio; as a silent reply."""
    talk.language = language
    (answer,) = talk.write("/start")
    assert answer.text == talk.say("start", limit_mb=20, limit_minutes=MAX_MINUTES)
    assert (answer.silent, answer.now.link_preview_disabled, answer.buttons) == (True, True, ())


@both_languages
def test_a_stranger(private_bot: Stack, language: str):
    """First contact: a stranger is told their id by /start and /id, and once for all else that they send, of which nothing is fetched."""
    talk = Talk(private_bot, chat=next(STRANGERS))
    talk.language = language
    assert talk.told("/start") == talk.say("not_allowed", id=talk.chat)
    assert talk.told("/help") == talk.say("not_allowed", id=talk.chat)
    assert talk.about(talk.speak()) == []
    assert talk.told("/id") == talk.say("not_allowed", id=talk.chat)
    assert "getFile" not in talk.calls()
    assert len(talk.said()) == 3


# Commands


@both_languages
def test_commands_that_only_tell(talk: Talk, language: str):
    """Commands: /help, /privacy and /id, in either language; /privacy says for how many days texts are kept."""
    talk.language = language
    assert talk.told("/help") == talk.say("help", limit_mb=20, limit_minutes=MAX_MINUTES)
    assert talk.told("/privacy") == talk.say("privacy", place=talk.say("place_rented"), days=3, reuse=talk.say("reuse_shared", hours=24))
    assert talk.told("/id") == talk.say("id", id=talk.chat)
    assert talk.told("/ID@Pisar_Bot") == talk.say("id", id=talk.chat)


def test_what_the_bot_does_not_understand(talk: Talk):
    """Commands: unknown words and commands get one short hint in private; a command for another bot gets nothing."""
    assert talk.told("привет") == talk.say("hint")
    assert talk.told("/nonsense") == talk.say("hint")
    assert talk.write("/start@other_bot") == []


@both_languages
def test_language(talk: Talk, language: str):
    """Commands: /language shows a keyboard with the chosen ones ticked, several may be; a code may be typed; an unknown one is named."""
    talk.language = language
    anything = talk.say("button_detect")
    (shown,) = talk.write("/language")
    assert shown.text == talk.say("language_shown", languages=talk.say("language_auto"))
    assert talk.labels(shown)[:3] == [f"✓ {anything}", "Русский", "English"]
    assert talk.press(shown, "Русский") == ""
    assert talk.press(shown, "English") == ""
    assert talk.now(shown).text == talk.say("language_shown", languages="Русский, English")
    assert talk.labels(shown)[:3] == [anything, "✓ Русский", "✓ English"]
    talk.press(shown, "✓ English")
    assert talk.now(shown).text == talk.say("language_shown", languages="Русский")
    talk.press(shown, anything)
    assert talk.labels(shown)[0] == f"✓ {anything}"
    assert talk.told("/language ru, pl") == talk.say("language_shown", languages="Русский, Polish")
    assert talk.told("/language xx") == talk.say("unknown_language", code="xx")
    source = talk.speak()
    assert talk.record_of(source).options.language == "ru,pl"


@both_languages
def test_words(talk: Talk, language: str):
    """Commands: /words Марина, Бишкек keeps names and terms for every recording of the chat; alone it shows them, with - it erases them."""
    talk.language = language
    assert talk.told("/words") == talk.say("words_none")
    assert talk.told("/words хлеб,\n вода; Хлеб") == talk.say("words_shown", words="хлеб, вода")
    assert talk.told("/words") == talk.say("words_shown", words="хлеб, вода")
    assert talk.told(f"/words {'щ' * 301}") == talk.say("words_too_long", count=301, limit=300)
    assert "хлеб, вода" in talk.told("/settings")
    source = talk.speak()
    answer = talk.answer(source)
    assert talk.record_of(source).options.prompt == "хлеб, вода."
    talk.press(answer, talk.say("button_language"))
    talk.press(answer, "Русский")
    assert talk.record(job_of(talk.answer(source, 2))).options.prompt == "хлеб, вода."
    assert talk.told("/words -") == talk.say("words_none")
    assert talk.record_of(talk.speak(audio="ru-2.ogg")).options.prompt == ""


def test_format(talk: Talk):
    """Commands: /format chooses, by button or word, in which shape every answer comes."""
    (shown,) = talk.write("/format")
    assert shown.text == talk.say("format_shown", shape="текст")
    assert talk.labels(shown) == ["✓ текст", "текст с таймкодами", ".txt", ".srt", ".vtt"]
    talk.press(shown, ".srt")
    assert talk.labels(shown) == ["текст", "текст с таймкодами", ".txt", "✓ .srt", ".vtt"]
    answer = talk.heard()
    assert (answer.kind, answer.document_name, answer.caption) == ("document", "расшифровка.srt", SPOKEN["ru-1.ogg"])
    assert talk.told("/format timecodes") == talk.say("format_shown", shape="текст с таймкодами")


def test_settings(talk: Talk):
    """Commands: /settings shows all of them and switches the sound of answers, which the text makes and not what comes before it."""
    (shown,) = talk.write("/settings")
    yes, no = talk.say("yes"), talk.say("no")
    told = {"languages": talk.say("language_auto"), "words": "–", "shape": "текст"}
    assert shown.text == talk.say("settings_shown", silent=yes, **told)
    assert shown.silent
    assert talk.labels(shown) == ["✓ Отвечать без звука"]
    talk.press(shown, "✓ Отвечать без звука")
    assert talk.now(shown).text == talk.say("settings_shown", silent=no, **told)
    source = talk.speak()
    answer = talk.answer(source)
    eventually(lambda: talk.about(source) == [talk.now(answer)], "the text alone")
    assert not answer.silent
    assert answer.versions[0].text == talk.say("being_written", beginning=SPOKEN["ru-1.ogg"])
    assert [(message.silent, message.deleted) for message in talk.said() if message.reply_to == source] == [(True, True), (False, False)]


def test_transcribe_in_private(talk: Talk):
    """Commands: /transcribe as a reply hears a message again, in a language if one is named; without a reply it says how."""
    source = talk.speak()
    talk.answer(source)
    talk.write("/transcribe английский", reply_to=source)
    assert talk.record(job_of(talk.answer(source, 2))).options.language == "en"
    assert talk.told("/transcribe xx", reply_to=source) == talk.say("unknown_spoken", code="xx")
    assert talk.told("/transcribe") == talk.say("reply_to_a_voice")


def test_asking_again(talk: Talk):
    """Commands: who asks again is pointed to the text, or given it anew if it is no longer in the chat, and new work if it was erased."""
    source = talk.speak()
    answer = talk.answer(source)
    for target in (source, answer.message_id):
        talk.write("/transcribe", reply_to=target)
    assert [pointer.text for pointer in talk.about(answer.message_id)] == [talk.say("answer_is_there")] * 2
    talk.stack.telegram.delete(talk.chat, answer.message_id)
    talk.write("/transcribe", reply_to=source)
    anew = talk.answer(source)
    assert (anew.text, job_of(anew) != job_of(answer)) == (answer.text, True)
    (asked,) = talk.write("/delete")
    assert talk.press(asked, talk.say("button_erase")) == ""
    talk.write("/transcribe", reply_to=source)
    assert talk.answer(source, 2).text == answer.text


def job_of(answer: Seen) -> str:
    """Return the id of the job an answer's buttons are about."""
    return str(answer.buttons[0][0][1]).split(":")[2]


@both_languages
def test_cancel(talk: Talk, endless_recording: bytes, language: str):
    """Commands: /cancel stops what is being worked on, also in the status message, and says how many that was."""
    talk.language = language
    assert talk.told("/cancel") == talk.say("nothing_to_cancel")
    source = talk.speak(endless_recording, caption=language)
    eventually(lambda: talk.record_of(source).state is State.WORKING, "a claimed job")
    assert talk.told("/cancel") == talk.say("cancelled_all", count=1)
    assert [message.text for message in talk.about(source)] == [talk.say("cancelled")]
    eventually(talk.queues_empty, "empty queues")
    assert talk.record_of(source).outcome is Outcome.CANCELLED
    assert [message.text for message in talk.about(source)] == [talk.say("cancelled")]
    assert list(talk.stack.store().keys(f"audio/{talk.record_of(source).id}")) == []


@both_languages
def test_delete(talk: Talk, language: str):
    """Commands: /delete asks first, then leaves nothing of the chat but bare records of its jobs and the day's count of its minutes."""
    talk.language = language
    talk.told("/language ru")
    talk.told("/words вода")
    source = talk.speak()
    answer = talk.answer(source)
    talk.press(answer, ".srt")
    refused = talk.speak(size=25 * 2**20)
    jobs = [talk.record(job_of(answer)), talk.record_of(refused), talk.record(job_id("again", job_of(answer), "srt"))]
    content = jobs[0].content
    assert kept(talk.stack, f"texts/{jobs[0].id}.json")
    assert kept(talk.stack, f"cache/{content}.json")

    (asked,) = talk.write("/delete")
    assert asked.text == talk.say("delete_ask")
    talk.press(asked, talk.say("button_keep"))
    assert (talk.now(asked).text, talk.labels(asked)) == (talk.say("delete_kept"), [])
    assert kept(talk.stack, f"texts/{jobs[0].id}.json")

    (asked,) = talk.write("/delete")
    talk.press(asked, talk.say("button_erase"))
    assert (talk.now(asked).text, talk.labels(asked)) == (talk.say("delete_done", count=3), [])
    for job in jobs:
        left = talk.record(job.id)
        assert (left.outcome, left.answer_to, left.options, left.audio_seconds) == (Outcome.CANCELLED, None, Options(), None)
        assert not kept(talk.stack, f"texts/{job.id}.json")
        assert not kept(talk.stack, f"audio/{job.id}")
    assert not kept(talk.stack, f"cache/{content}.json")
    assert naming(talk.stack, talk.chat) <= {f"usage/person{talk.chat}/"}
    assert talk.press(answer, ".txt") == talk.say("button_erased")


def kept(stack: Stack, key: str) -> bool:
    try:
        stack.store().look(key)
    except Missing:
        return False
    return True


def naming(stack: Stack, chat: int) -> set[str]:
    """Return the folders of the objects whose name or content names a chat."""
    named = re.compile(rf"(?<!\d){abs(chat)}(?!\d)")
    store = stack.store()
    found = {key for key in store.keys("") if named.search(key) or named.search(store.get(key).body.decode(errors="replace"))}
    return {key.rpartition("/")[0] + "/" for key in found}


# Inputs


KINDS: dict[str, Callable[..., dict[str, Any]]] = {
    "voice": lambda talk, sound, _picture, **how: talk.stack.telegram.voice(talk.chat, sound, seconds=2, **how),
    "audio": lambda talk, sound, _picture, **how: talk.stack.telegram.audio(talk.chat, sound, seconds=2, **how),
    "video_note": lambda talk, _sound, picture, **how: talk.stack.telegram.video_note(talk.chat, picture, seconds=2, **how),
    "video": lambda talk, _sound, picture, **how: talk.stack.telegram.video(talk.chat, picture, seconds=2, **how),
    "document": lambda talk, sound, _picture, **how: talk.stack.telegram.document(talk.chat, "a.mp3", None, sound, **how),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_message(talk: Talk, mp3: bytes, mp4: bytes, kind: str):
    """Inputs: voice, audio, video note, video and a document of such content become text, forwarded ones as well."""
    update = KINDS[kind](talk, mp3, mp4, language_code="ru")
    assert talk.answer(update["message"]["message_id"]).text == SPOKEN["ru-1.ogg"]
    forwarded = talk.stack.telegram.forward(update, talk.chat)
    speaker = update["message"]["from"]["first_name"]
    assert talk.answer(forwarded["message"]["message_id"]).text == f"{speaker}:\n{SPOKEN['ru-1.ogg']}"


def test_an_album(talk: Talk, mp4: bytes):
    """Inputs: an album is answered item by item."""
    album = {"media_group_id": "13", "language_code": "ru"}
    sources = [talk.stack.telegram.video(talk.chat, mp4, seconds=2, **album)["message"]["message_id"] for _ in range(2)]
    answers = [talk.answer(source) for source in sources]
    assert [(answer.text, answer.reply_to) for answer in answers] == [(SPOKEN["ru-1.ogg"], source) for source in sources]


@pytest.mark.parametrize(
    ("caption", "language"), [("en", "en"), ("/transcribe de", "de"), (" RU ", "ru"), ("listen to this", "auto"), ("/transcribe", "auto")]
)
def test_a_caption(talk: Talk, caption: str, language: str):
    """Inputs: a caption such as `en` or `/transcribe de` says the language, any other words do not."""
    source = talk.speak(caption=caption)
    assert talk.record_of(source).options.language == language
    talk.answer(source)


def test_an_edited_message(talk: Talk):
    """Inputs: an edited message is not transcribed again, nor an edited command carried out."""
    source = talk.speak(caption="one")
    answer = talk.answer(source)
    talk.deliver(talk.stack.telegram.edit(talk.chat, source, "/transcribe de", held=True))
    assert talk.said() == [answer]


# Progress


def test_progress(talk: Talk, long_recording: bytes):
    """Progress: one status message, a reply to the source, is edited in place: accepted, percents of a long one, the text."""
    source = talk.speak(long_recording)
    answer = talk.answer(source)
    (message,) = talk.said()
    assert message.message_id == answer.message_id
    texts = [version.text for version in answer.versions]
    assert texts[0] == talk.say("accepted")
    percents = [int(re.fullmatch(r"⏳ (\d+) %", text)[1]) for text in texts[1:-1]]  # type: ignore[index]
    assert percents
    assert percents == sorted(set(percents))
    times = [version.at for version in answer.versions]
    assert all(later - earlier >= 2.5 for earlier, later in pairwise(times))
    assert SPOKEN["ru-1.ogg"] in texts[-1]


@both_languages
def test_the_place_in_line(open_bot: Stack, language: str):
    """Progress: who has to wait for a minute or more is told how many are before them, and about how long."""
    talk = Talk(open_bot, chat=next(PEOPLE))
    talk.language = language
    store = open_bot.store()
    waiting = [f"line/000000000000{number}-x" for number in range(2)]
    for key in waiting:
        store.put(key, b"")
    slow = {"engine_seconds": 1e6, "speech_seconds": 1e6, "jobs": 1e4}
    store.put("measured/pace.json", json.dumps(slow).encode())
    try:
        answer = talk.heard()
    finally:
        for key in waiting:
            store.delete(key)
    assert answer.versions[0].text == talk.say("accepted_waiting", count=2, minutes=5)


# Result


@both_languages
def test_the_buttons_under_an_answer(talk: Talk, language: str):
    """Result: under a text are buttons for times, another language, .txt, .srt and .vtt; each press gives that as one more silent reply."""
    talk.language = language
    audio = remember(talk.stack, "первая строка\nвторая строка")
    source = talk.speak(audio)
    answer = talk.answer(source)
    assert answer.text == "первая строка вторая строка"
    assert talk.labels(answer) == [talk.say("button_timecodes"), talk.say("button_language"), *FORMATS]
    assert max(len((data or "").encode()) for row in answer.buttons for _, data in row) <= buttons.MAX_DATA_BYTES
    for number, label in enumerate([talk.say("button_timecodes"), *FORMATS], 2):
        assert talk.press(answer, label) == ""
        talk.answer(source, number)
    _, times, *documents = talk.about(source)
    assert times.text == "[0:00] первая строка\n[0:04] вторая строка"
    file = talk.say("file_name")
    assert {one.document_name: (one.document or b"").decode() for one in documents} == {
        f"{file}.txt": "первая строка вторая строка\n",
        f"{file}.srt": "1\n00:00:00,000 --> 00:00:03,500\nпервая строка\n\n2\n00:00:04,000 --> 00:00:07,500\nвторая строка\n\n",
        f"{file}.vtt": "WEBVTT\n\n00:00:00.000 --> 00:00:03.500\nпервая строка\n\n00:00:04.000 --> 00:00:07.500\nвторая строка\n\n",
    }
    for one in [times, *documents]:
        assert (one.silent, one.reply_to) == (True, source)
    assert talk.now(answer).buttons == answer.buttons


def test_another_language(talk: Talk):
    """Result: the button for another language asks which, puts the answer's own buttons back, and answers anew beside the first answer."""
    source = talk.speak("ru-1.ogg")
    answer = talk.answer(source)
    assert talk.press(answer, talk.say("button_language")) == ""
    assert talk.labels(answer) == [buttons.NATIVE[code] for code in buttons.OFFERED if code != "auto"]
    assert talk.press(answer, "English") == ""
    assert talk.now(answer).buttons == answer.buttons
    again = talk.answer(source, 2)
    assert talk.record(job_of(again)).options.language == "en"
    assert (talk.now(answer).text, again.silent) == (answer.text, True)
    assert talk.labels(again) == talk.labels(answer)


def test_a_text_of_more_than_a_screen(talk: Talk):
    """Result: a text that fills more than a screen comes as a folded quote, which opens at a touch."""
    answer = talk.heard(remember(talk.stack, "\n".join(f"Строка номер {number}." for number in range(50))))
    assert list(answer.now.entities) == [{"type": "expandable_blockquote", "offset": 0, "length": len(answer.text or "")}]


def test_the_speaker_of_a_forwarded_message(talk: Talk):
    """Result: the text of a forwarded recording begins with the name of who speaks."""
    answer = talk.heard(forwarded="Анна")
    assert answer.text == f"Анна:\n{SPOKEN['ru-1.ogg']}"
    assert answer.now.entities == ({"type": "bold", "offset": 0, "length": 5},)


def test_a_text_of_two_messages(talk: Talk):
    """Result: a text that fills two messages comes numbered, with the buttons under the last."""
    source = talk.speak(remember(talk.stack, "\n".join(f"Строка номер {number}." for number in range(300))))
    talk.answer(source)
    first, last = eventually(lambda: len(found := talk.about(source)) == 2 and found, "two messages")
    eventually(lambda: talk.record_of(source).state is State.FINISHED, "a final record")
    first, last = talk.now(first), talk.now(last)
    assert (first.text or "").endswith(" (1/2)")
    assert (last.text or "").endswith("Строка номер 299. (2/2)")
    assert first.buttons == ()
    assert len(talk.labels(last)) == 5
    assert max(len(first.text or ""), len(last.text or "")) <= 4096


def test_a_text_longer_than_two_messages(talk: Talk):
    """Result: a longer text comes as one .txt document in paragraphs, with its beginning and its length as the caption."""
    text = "\n".join(f"Строка номер {number}." for number in range(600))
    answer = talk.heard(remember(talk.stack, text))
    assert (answer.kind, answer.document_name) == ("document", "расшифровка.txt")
    paragraphs = (answer.document or b"").decode().split("\n\n")
    assert (len(paragraphs) > 10, " ".join(paragraphs)) == (True, text.replace("\n", " "))
    assert (answer.caption or "").startswith("Строка номер 0. Строка номер 1.")
    assert (answer.caption or "").endswith("…\n\n≈ 11\u00a0000 знаков")
    assert len(answer.caption or "") <= 1024


@both_languages
def test_no_speech(talk: Talk, ffmpeg: Ffmpeg, language: str):
    """Result: a recording in which nobody speaks is answered in words, without buttons."""
    talk.language = language
    silence = ffmpeg("-f", "lavfi", "-i", "anullsrc=r=48000:cl=mono", "-t", "1", "-c:a", "libopus", "silence.ogg")
    answer = talk.heard(silence)
    assert (answer.text, answer.buttons) == (talk.say("no_speech"), ())


def test_a_double_press(talk: Talk):
    """Result: a button that is pressed twice, or whose press Telegram delivers twice, does its work once."""
    source = talk.speak()
    answer = talk.answer(source)
    data = str(answer.buttons[1][0][1])
    talk.deliver(talk.stack.telegram.press(talk.chat, answer.message_id, data, held=True), times=3)
    talk.answer(source, 2)
    assert talk.press(answer, ".txt") == talk.say("button_again")
    assert [message.kind for message in talk.about(source)] == ["text", "document"]
    assert len(talk.said()) == 2


def test_a_press_that_comes_late(talk: Talk):
    """Result: a press too old to be acknowledged still does its work."""
    source = talk.speak()
    answer = talk.answer(source)
    update = talk.stack.telegram.press(talk.chat, answer.message_id, str(answer.buttons[1][1][1]), expired=True)
    talk.in_passing(update)
    assert talk.answer(source, 2).document_name == "расшифровка.srt"


@both_languages
def test_a_dead_button(talk: Talk, language: str):
    """Result: a button whose job is not known any more, or that no version of the bot knows, says so."""
    talk.language = language
    answer = talk.heard()
    press = talk.stack.telegram.press(talk.chat, answer.message_id, str(answer.buttons[1][0][1]), held=True, language_code=language)
    for data in ("as:txt:" + "0" * 32, "as:pdf:" + job_of(answer), "nonsense", "as:txt:../clients"):
        press["callback_query"]["data"] = data
        talk.deliver(press)
    shown = talk.stack.telegram.callback_answers(press["callback_query"]["id"])
    assert [one["text"] for one in shown] == [talk.say("button_dead")] * 4
    assert len(talk.said()) == 1


# Groups


def test_a_group_in_which_nobody_asks(group: Talk):
    """Groups: voices, talk, unknown commands and commands for other bots are passed over in silence."""
    someone = next(PEOPLE)
    assert group.about(group.speak(user=someone)) == []
    assert [group.write(text, user=someone) for text in ("привет", "/nonsense", "/help@other_bot", "/start", "a@b.c")] == [[]] * 5
    assert group.said() == []
    assert group.calls() == []


def test_transcribe_as_a_reply(group: Talk):
    """Groups: /transcribe as a reply transcribes that message; its buttons are for who asked and for administrators."""
    speaker, asker, other, admin = (next(PEOPLE) for _ in range(4))
    group.stack.telegram.promote(group.chat, admin)
    source = group.speak(user=speaker)
    group.write("/transcribe", reply_to=source, user=asker)
    answer = group.answer(source)
    assert (answer.text, answer.reply_to, answer.silent) == (SPOKEN["ru-1.ogg"], source, True)
    assert group.press(answer, ".txt", user=other) == group.say("button_not_yours")
    assert group.press(answer, ".txt", user=speaker) == group.say("button_not_yours")
    assert len(group.said()) == 1
    assert group.press(answer, ".txt", user=asker) == ""
    assert group.press(answer, ".srt", user=admin) == ""
    assert len(group.said()) == 3
    assert group.told("/transcribe", user=asker) == group.say("reply_to_a_voice")


def test_a_mention(group: Talk):
    """Groups: a reply that mentions the bot asks for the text too, and so does a caption."""
    asker = next(PEOPLE)
    source = group.speak(user=next(PEOPLE))
    group.write("@pisar_bot, что там?", reply_to=source, user=asker)
    assert group.answer(source).text == SPOKEN["ru-1.ogg"]
    assert group.heard("ru-3.ogg", user=asker, caption="@pisar_bot").text == SPOKEN["ru-3.ogg"]


def test_auto(group: Talk):
    """Groups: /auto on and off is for administrators, also anonymous ones; while it is on, a voice is transcribed without a word more."""
    member, admin = next(PEOPLE), next(PEOPLE)
    group.stack.telegram.promote(group.chat, admin)
    assert group.told("/auto on", user=member) == group.say("admins_only")
    assert group.about(group.speak(user=member)) == []
    assert group.told("/auto on", user=admin) == group.say("auto_voices")
    assert group.heard(user=member).text == SPOKEN["ru-1.ogg"]
    off = group.stack.telegram.text(group.chat, "/auto off", user=1087968824, language_code="ru", held=True)
    off["message"]["sender_chat"] = off["message"]["chat"]
    group.deliver(off)
    assert [answer.text for answer in group.about(off["message"]["message_id"])] == [group.say("auto_off")]  # in the members' language
    assert group.about(group.speak(user=member)) == []


def test_settings_of_a_group(group: Talk):
    """Groups: the group's settings and their buttons are for its administrators."""
    member, admin = next(PEOPLE), next(PEOPLE)
    group.stack.telegram.promote(group.chat, admin)
    refused = [group.told(text, user=member) for text in ("/language en", "/words Марина", "/format", "/settings")]
    assert refused == [group.say("admins_only")] * 4
    (shown,) = group.write("/settings", user=admin)
    asked, voices, everything = (group.say(f"auto_{auto}_name") for auto in ("off", "voices", "all"))
    assert group.labels(shown) == ["✓ Отвечать без звука", f"✓ {asked}", voices, everything]
    assert group.press(shown, voices, user=member) == group.say("admins_only")
    assert group.press(shown, voices, user=admin) == ""
    assert group.labels(shown) == ["✓ Отвечать без звука", asked, f"✓ {voices}", everything]


def test_delete_in_a_group(group: Talk):
    """Groups: /delete erases a member's own, or for an administrator all; in private it takes along what that person sent to groups."""
    member, admin = Talk(group.stack, chat=next(PEOPLE)), next(PEOPLE)
    group.stack.telegram.promote(group.chat, admin)
    first = job_of(group.heard(user=member.chat, caption="/transcribe"))
    (asked,) = member.write("/delete")
    member.press(asked, member.say("button_erase"))
    assert member.now(asked).text == member.say("delete_done", count=1)
    assert (group.record(first).outcome, kept(group.stack, f"texts/{first}.json")) == (Outcome.CANCELLED, False)

    second = job_of(group.heard(user=member.chat, caption="/transcribe"))
    (asked,) = group.write("/delete", user=member.chat)
    assert asked.text == group.say("delete_ask_own")
    assert group.press(asked, group.say("button_erase_own"), user=admin) == group.say("button_not_yours")
    group.press(asked, group.say("button_erase_own"), user=member.chat)
    assert (group.record(second).outcome, kept(group.stack, f"texts/{second}.json")) == (Outcome.CANCELLED, False)

    third = job_of(group.heard(user=next(PEOPLE), caption="/transcribe"))
    (asked,) = group.write("/delete", user=admin)
    assert asked.text == group.say("delete_ask_group")
    group.press(asked, group.say("button_erase_group"), user=admin)
    assert (group.record(third).outcome, kept(group.stack, f"texts/{third}.json")) == (Outcome.CANCELLED, False)
    assert naming(group.stack, group.chat) <= {"rates/"}


def test_a_topic(private_bot: Stack, owner: Talk):
    """Groups: in a forum everything stays in its topic."""
    forum = Talk(private_bot, chat=SUPERGROUP - next(GROUPS))
    private_bot.telegram.forum(forum.chat)
    topic = private_bot.telegram.topic(forum.chat)
    assert owner.told(f"/allow {forum.chat}") == owner.say("admitted", id=forum.chat)
    (welcome,) = forum.said()  # it answers nobody there
    assert (welcome.now.text, welcome.thread_id) == (forum.say("welcome"), None)
    asker = next(PEOPLE)
    source = forum.speak(user=asker, thread=topic)
    forum.write("/transcribe", reply_to=source, user=asker, thread=topic)
    answer = forum.answer(source)
    forum.press(answer, ".txt", user=asker)
    (told,) = forum.write("/id", user=asker, thread=topic)
    assert told.text == forum.say("id_group", id=forum.chat)
    assert [message.thread_id for message in forum.said()[1:]] == [topic] * 3


def test_a_group_that_is_not_listed(private_bot: Stack):
    """Groups: one that is not on the list gets nothing, but the owner learns its id there."""
    group = Talk(private_bot, chat=-next(STRANGERS))
    source = group.speak(user=next(PEOPLE))
    assert group.write("/transcribe", reply_to=source, user=next(PEOPLE)) == []
    assert group.write("/transcribe", reply_to=source, user=OWNER) == []
    assert group.told("/id", user=OWNER) == group.say("id_group", id=group.chat)


def test_kicked(group: Talk, endless_recording: bytes):
    """Groups: when the bot is put out of a group, what it works on there is dropped."""
    source = group.speak(endless_recording, user=next(PEOPLE), caption="/transcribe fr")
    eventually(lambda: group.record_of(source).state is State.WORKING, "a claimed job")
    group.in_passing(group.stack.telegram.kick(group.chat))
    assert group.record_of(source).outcome is Outcome.CANCELLED
    eventually(group.queues_empty, "empty queues")
    (status,) = group.said()
    assert WORKING_MARKS.fullmatch(status.now.text)


def test_migrated(private_bot: Stack, owner: Talk):
    """Groups: a group that becomes a supergroup keeps its settings, and its place on the list or off it."""
    group = Talk(private_bot, chat=-next(STRANGERS))
    owner.told(f"/allow {group.chat}")
    admin = next(PEOPLE)
    private_bot.telegram.promote(group.chat, admin)
    group.told("/format vtt", user=admin)
    moved = Talk(private_bot, chat=private_bot.telegram.migrate(group.chat))
    eventually(lambda: not private_bot.telegram.pending_count(), "every update taken")
    assert not kept(private_bot, f"chats/{group.chat}.json")
    answer = moved.heard(user=next(PEOPLE), caption="/transcribe")
    assert answer.document_name == "расшифровка.vtt"
    owner.told(f"/deny {moved.chat}")
    assert moved.about(moved.speak(user=admin, caption="/transcribe")) == []


# The owner


def test_allow_and_deny(private_bot: Stack, owner: Talk):
    """Owner: /allow and /deny act on the next update, also against the list of the settings; /users shows who may."""
    stranger = Talk(private_bot, chat=next(STRANGERS))
    assert stranger.told("/start") == stranger.say("not_allowed", id=stranger.chat)
    assert owner.told(f"/allow {stranger.chat}") == owner.say("admitted", id=stranger.chat)
    assert str(stranger.chat) in owner.told("/users").splitlines()
    answer = stranger.heard()
    assert answer.text == SPOKEN["ru-1.ogg"]
    assert owner.told(f"/deny {stranger.chat}") == owner.say("shut_out", id=stranger.chat)
    assert str(stranger.chat) not in owner.told("/users").splitlines()
    assert [refused.text for refused in stranger.about(stranger.speak())] == [stranger.say("not_allowed", id=stranger.chat)]
    assert stranger.about(stranger.speak()) == []
    assert stranger.press(answer, ".txt") == stranger.say("button_not_yours")

    listed = Talk(private_bot, chat=next(PEOPLE))
    owner.told(f"/deny {listed.chat}")
    assert listed.told("/help") == listed.say("not_allowed", id=listed.chat)
    owner.told(f"/allow {listed.chat}")
    assert listed.told("/help") == listed.say("help", limit_mb=20, limit_minutes=MAX_MINUTES)


def test_the_owners_commands(owner: Talk, talk: Talk, group: Talk):
    """Owner: /stats tells line and speed, an id that is none is asked for; for others these commands are refused, in groups in silence."""
    stats = re.escape(owner.say("stats", waiting="N", seconds="S")).replace("N", r"\d+").replace("S", r"\d+")
    assert re.fullmatch(stats, owner.told("/stats"))
    assert owner.told("/allow somebody") == owner.say("id_expected", command="allow")
    assert owner.told("/deny") == owner.say("id_expected", command="deny")
    for text in ("/allow 1", "/deny 1", "/users", "/stats"):
        assert talk.told(text) == talk.say("not_the_owner")
        assert group.write(text, user=talk.chat) == []
    assert owner.told("/users").startswith(owner.say("users", ids=""))


def test_a_bot_for_everybody(open_bot: Stack):
    """Owner: a bot for everybody says so in /users, and without a quota /status tells no number of minutes."""
    owner = Talk(open_bot, chat=OWNER)
    assert owner.told("/users") == owner.say("users_all", ids="–")
    assert owner.told("/status") == owner.say("status_no_limit", waiting=0, line=0)


# Quota


@both_languages
def test_the_quota(talk: Talk, language: str):
    """Quota: a person's minutes a day are counted, /status tells them, and once they are used up the refusal says when they reset."""
    talk.language = language
    assert talk.told("/status") == talk.say("status", used=0, limit=0.05, waiting=0, line=0)
    assert [talk.heard(name).text for name in ("ru-3.ogg", "en-2.ogg")] == [SPOKEN["ru-3.ogg"], SPOKEN["en-2.ogg"]]
    assert talk.told("/status") == talk.say("status", used=0.1, limit=0.05, waiting=0, line=0)
    refused = talk.heard("ru-1.ogg")
    of_each_hour = {talk.say("quota_used", limit_minutes=0.05, resets_in_seconds=60 * minutes) for minutes in range(24 * 60 + 1)}
    assert (refused.text in of_each_hour, refused.buttons) == (True, ())


# Errors


@both_languages
def test_refusals(talk: Talk, ffmpeg: Ffmpeg, language: str):
    """Errors: too big, too long, no sound, odd sound, not audio, another kind of file, a file that is gone, in the person's language."""
    talk.language = language
    picture = ffmpeg("-f", "lavfi", "-i", "color=black:size=64x64:rate=10", "-t", "1", "-pix_fmt", "yuv420p", "picture.mp4")
    assert talk.heard(size=25 * 2**20).text == talk.say("too_big_for_bots", limit_mb=20)
    long = talk.stack.telegram.voice(talk.chat, voice(), seconds=4 * 3600, language_code=language)
    assert talk.answer(long["message"]["message_id"]).text == talk.say("too_long", limit_minutes=MAX_MINUTES)
    mute = talk.stack.telegram.video(talk.chat, picture, seconds=1, language_code=language)
    assert talk.answer(mute["message"]["message_id"]).text == talk.say("no_audio_track")
    talk.chat = next(PEOPLE)  # what is refused once it was looked into has used up the few seconds that each person has here
    assert talk.heard(b"no audio at all").text == talk.say("cannot_decode")
    talk.chat = next(PEOPLE)
    taken = {"least_hz": 4000, "most_hz": 768_000, "most_channels": 16}
    assert talk.heard(flac(1, 2)).text == talk.say("unsupported_sound", rate_hz=1, channels=2, **taken)
    for name, mime_type in (("bill.pdf", "application/pdf"), ("blob", "application/octet-stream")):
        document = talk.stack.telegram.document(talk.chat, name, mime_type, b"%PDF-1.7 no sound in it", language_code=language)
        assert talk.answer(document["message"]["message_id"]).text == talk.say("unsupported")
    lost = talk.stack.telegram.voice(talk.chat, voice(), seconds=2, language_code=language, held=True)
    talk.stack.telegram.lose_file(lost["message"]["voice"]["file_id"])
    talk.deliver(lost)
    assert talk.answer(lost["message"]["message_id"]).text == talk.say("file_unavailable")


# 429, 403, 400


def test_blocked(talk: Talk, endless_recording: bytes):
    """Blocked: when a person blocks the bot, what it works on for them is dropped; unblocked it serves them as before."""
    source = talk.speak(endless_recording, caption="es")
    eventually(lambda: talk.record_of(source).state is State.WORKING, "a claimed job")
    talk.in_passing(talk.stack.telegram.block(talk.chat))
    assert talk.record_of(source).outcome is Outcome.CANCELLED
    eventually(talk.queues_empty, "empty queues")
    talk.in_passing(talk.stack.telegram.unblock(talk.chat))
    assert talk.told("/id") == talk.say("id", id=talk.chat)


def test_a_command_that_comes_twice(talk: Talk):
    """Repeated: an update that Telegram delivers several times is answered once."""
    update = talk.stack.telegram.text(talk.chat, "/id", language_code="ru", held=True)
    talk.deliver(update, times=3)
    talk.deliver(update)
    assert [answer.text for answer in talk.said()] == [talk.say("id", id=talk.chat)]


# Privacy


@both_languages
def test_a_text_that_was_kept_long_enough(open_bot: Stack, language: str):
    """Privacy: after PISAR_KEEP_DAYS a button says that the text was erased, and its object is gone from the bucket."""
    talk = Talk(open_bot, chat=next(PEOPLE))
    talk.language = language
    answer = talk.heard()
    record = talk.record(job_of(answer))
    eventually(lambda: time.time() > (record.finished_at or 0) + 0.00002 * 86_400, "the end of the text's time")
    assert talk.press(answer, ".txt") == talk.say("button_erased")
    assert not kept(open_bot, record.transcript_key)
    assert len(talk.said()) == 1


def test_nothing_is_said_aloud_or_with_a_preview(talk: Talk):
    """Privacy: every message of the bot is silent by default and shows no link preview."""
    answer = talk.heard()
    talk.press(answer, talk.say("button_timecodes"))
    talk.told("/help")
    assert {(message.silent, version.link_preview_disabled) for message in talk.said() for version in message.versions} == {(True, True)}
