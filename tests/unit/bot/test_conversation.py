"""What the bot does about a message, by who sends it, where, and what is known of the chat."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisar.bot import buttons
from pisar.bot.actions import (
    Action,
    Admit,
    CancelAll,
    Change,
    Facts,
    Gone,
    Moved,
    Report,
    Say,
    ShowSettings,
    TellAuto,
    TellOfKnock,
)
from pisar.bot.admission import PRIVATE, Ignore, Refuse, Take
from pisar.bot.commands import COMMANDS
from pisar.bot.conversation import asks_for_admin, decide, is_chatter
from pisar.bot.names import file_title
from pisar.bot.settings_commands import SWITCHES
from pisar.bot.texts import TEXTS, say
from pisar.domain.answer_to import Reply
from pisar.domain.audio import AudioLimits
from pisar.domain.bots import PLACES
from pisar.domain.chats import AUTOS, AllowList, Auto, ChatSettings
from pisar.domain.jobs import job_id
from pisar.domain.knocks import Knock
from pisar.domain.messages import Incoming, Media, Membership, Press
from pisar.domain.options import MAX_WORDS_CHARACTERS
from pisar.errors import Rejection

MB = 2**20
ANNA, BORIS, OWNER, GROUP, CHANNEL = 7, 8, 1, -100, -1005
VOICE = Media(kind="voice", file_id="f", unique_id="u", size_bytes=9000, seconds=3, mime_type="audio/ogg")
FACTS = Facts(
    allowed=AllowList(ids=frozenset({ANNA, GROUP})),
    limits=AudioLimits(max_bytes=20 * MB, max_seconds=1800),
    username="pisar_bot",
    owners=frozenset({OWNER}),
)
NOBODY = replace(FACTS, allowed=AllowList())
WRITTEN = Incoming(chat_id=ANNA, chat_type="private", message_id=1, user_id=ANNA, language_code="ru")
IN_GROUP = Incoming(chat_id=GROUP, chat_type="supergroup", message_id=1, user_id=ANNA, language_code="ru")
EARLIER = replace(IN_GROUP, message_id=90, user_id=BORIS, media=VOICE)
REPLY = Reply(chat_id=ANNA, message_id=1, language="ru", user_id=ANNA)
GROUP_REPLY = replace(REPLY, chat_id=GROUP)
UNASKED_REPLY = replace(GROUP_REPLY, unasked=True)
NOT_TAKEN = Ignore("nothing that could be taken, and nobody asked")
HINT_A_DAY = Say(REPLY, "hint", once="hint", every_seconds=86_400)
THIS = job_id("telegram", ANNA, 1)
OTHER_BOTS = Ignore("a command for another bot")


def taking(*what: object, **how: object) -> Take:
    """Return what is done with a recording of somebody whose Telegram is in Russian."""
    return Take(*what, expected=("ru",), **how)  # type: ignore[arg-type, misc]


def private(facts: Facts = FACTS, **message: object) -> Action:
    (action,) = decide(replace(WRITTEN, **message), facts)
    return action


def stranger(facts: Facts = NOBODY, **message: object) -> tuple[Action, ...]:
    return decide(replace(WRITTEN, **message), facts)


def in_group(facts: Facts = FACTS, **message: object) -> Action:
    (action,) = decide(replace(IN_GROUP, **message), facts)
    return action


def owners(**message: object) -> Action:
    return private(chat_id=OWNER, user_id=OWNER, **message)


# Other bots


@pytest.mark.parametrize(
    "message", [{"text": "/transcribe"}, {"text": "@pisar_bot"}, {"text": "/id"}, {"soundless": "photo", "text": "/help"}]
)
def test_the_words_of_another_bot_are_never_answered_lest_both_talk_for_ever(message: dict[str, object]):
    for answered in (private, in_group):
        assert not isinstance(answered(**message), Ignore)
        assert isinstance(answered(by_bot="echo_bot", **message), Ignore)
        assert is_chatter(replace(WRITTEN, by_bot="echo_bot", **message))


# Audio


@pytest.mark.parametrize("kind", ["voice", "audio", "video_note", "video"])
def test_every_kind_of_sound_is_taken(kind: str):
    media = replace(VOICE, kind=kind, mime_type=None)
    assert private(media=media) == taking(THIS, REPLY, media, unsure=False)


@pytest.mark.parametrize(
    ("mime_type", "name", "expected"),
    [
        ("audio/mpeg", "x", "sure"),
        ("video/mp4", None, "sure"),
        ("application/octet-stream", "talk.OGA", "sure"),
        (None, "talk.m4a", "sure"),
        ("application/ogg", "talk", "sure"),
        (None, None, "unsure"),
        ("application/octet-stream", "talk", "unsure"),
        ("application/octet-stream", "disk.img", "unsure"),
        ("application/pdf", "bill.pdf", "refused"),
        ("text/plain", "ogg", "refused"),
    ],
)
def test_a_document_is_taken_by_type_or_name_and_looked_into_when_they_do_not_tell(mime_type: str, name: str, expected: str):
    media = replace(VOICE, kind="document", mime_type=mime_type, file_name=name)
    decided = private(media=media)
    if expected == "refused":
        assert isinstance(decided, Refuse)
        assert (decided.job_id, decided.reply, decided.rejection.code) == (THIS, REPLY, Rejection.UNSUPPORTED)
    else:
        assert decided == taking(THIS, replace(REPLY, title=file_title(name or "")), media, unsure=expected == "unsure")


@pytest.mark.parametrize(("forwarded", "name", "speaker"), [(True, " Анна\n", "Анна"), (True, "", ""), (False, "Анна", "")])
def test_the_speaker_of_a_forwarded_recording_is_named_and_nobody_else(forwarded: bool, name: str, speaker: str):
    decided = private(media=VOICE, forwarded=forwarded, speaker=name)
    assert decided == taking(THIS, replace(REPLY, speaker=speaker), VOICE, unsure=False)
    recording = replace(EARLIER, forwarded=forwarded, speaker=name)
    asked = in_group(text="/transcribe", replied=recording)
    assert isinstance(asked, Take)
    assert asked.reply.speaker == speaker


def test_a_document_that_is_no_audio_is_passed_over_in_a_group_unless_somebody_asks():
    auto = replace(FACTS, settings=ChatSettings(auto="all"))
    bill = replace(VOICE, kind="document", mime_type="application/pdf", file_name="bill.pdf")
    blob = replace(bill, mime_type=None, file_name="blob")
    assert in_group(auto, media=bill) == NOT_TAKEN
    unasked = replace(UNASKED_REPLY, title="blob")
    assert in_group(auto, media=blob) == taking(job_id("telegram", GROUP, 1), unasked, blob, unsure=True, asked=False)
    for asked in (in_group(media=bill, text="@pisar_bot"), in_group(text="/transcribe", replied=replace(EARLIER, media=bill))):
        assert isinstance(asked, Refuse)
        assert asked.rejection.code is Rejection.UNSUPPORTED


def test_size_and_length_are_refused_from_one_above_the_limit():
    at_limit = replace(VOICE, size_bytes=20 * MB, seconds=1800)
    assert private(media=at_limit) == taking(THIS, REPLY, at_limit, unsure=False)
    big = private(media=replace(at_limit, size_bytes=20 * MB + 1))
    assert isinstance(big, Refuse)
    assert (big.job_id, big.reply) == (THIS, REPLY)
    assert (big.rejection.code, big.rejection.details) == (Rejection.TOO_BIG, {"size_mb": 20.1, "limit_mb": 20})
    long = private(media=replace(at_limit, seconds=1801))
    assert isinstance(long, Refuse)
    assert (long.rejection.code, long.rejection.details) == (Rejection.TOO_LONG, {"limit_minutes": 30})


def test_what_telegram_does_not_declare_is_found_out_later():
    media = replace(VOICE, size_bytes=None, seconds=None)
    assert private(media=media) == taking(THIS, REPLY, media, unsure=False)


def test_an_answer_has_the_chats_shape_and_sound_and_its_topic():
    facts = replace(FACTS, settings=ChatSettings(shape="srt", silent=False, auto="voices"))
    expected = replace(UNASKED_REPLY, thread_id=5, shape="srt", silent=False)
    assert in_group(facts, thread_id=5, media=VOICE) == taking(job_id("telegram", GROUP, 1), expected, VOICE, unsure=False, asked=False)


def language_of(action: Action) -> str:
    assert isinstance(action, Take)
    return action.language


@pytest.mark.parametrize(
    ("caption", "language"),
    [
        ("de", "de"),
        (" DE\n", "de"),
        ("/transcribe de", "de"),
        ("/transcribe@pisar_bot  De", "de"),
        ("haw", "haw"),
        ("", "ru,en"),
        ("/transcribe", "ru,en"),
        ("german please", "ru,en"),
        ("xx", "ru,en"),
    ],
)
def test_a_caption_names_the_language_of_its_recording_before_the_chats(caption: str, language: str):
    facts = replace(FACTS, settings=ChatSettings(languages=("ru", "en")))
    taken = private(facts, media=VOICE, text=caption)
    assert (language_of(taken), taken.job_id) == (language, THIS)


def test_where_nobody_chose_a_language_the_bots_own_default_counts():
    assert language_of(private(media=VOICE)) == ""


# Who may


def test_a_stranger_is_refused_with_their_id_and_always_under_the_same_job():
    refused = [
        stranger(message_id=n, text=text, media=media)[0] for n, (text, media) in enumerate([("hi", None), ("/help", None), ("", VOICE)])
    ]
    assert all(isinstance(one, Refuse) for one in refused)
    assert [(one.rejection.code, one.rejection.details) for one in refused] == [(Rejection.NOT_ALLOWED, {"id": ANNA})] * 3
    assert {one.job_id for one in refused} == {job_id("telegram", "stranger", ANNA)}


@pytest.mark.parametrize("text", ["/id", "/start", "/start from_a_link"])
def test_a_stranger_is_told_their_id_each_time_they_ask_for_it(text: str):
    assert stranger(text=text)[0] == Say(REPLY, "not_allowed", {"id": ANNA})


def test_a_strangers_sticker_is_refused_as_a_voice_is_and_what_is_nothing_is_not_answered():
    told, refused = stranger(soundless="sticker")[0], stranger(media=VOICE)[0]
    assert isinstance(told, Refuse)
    assert isinstance(refused, Refuse)
    assert (told.job_id, told.rejection.details) == (refused.job_id, refused.rejection.details)
    assert private(NOBODY) == Ignore("nothing to answer")


@pytest.mark.parametrize("command", [f"/{command.name}" for command in COMMANDS if command.name not in {"delete", "id", "start"}])
def test_no_command_works_for_a_stranger(command: str):
    assert isinstance(stranger(text=command)[0], Refuse)


@pytest.mark.parametrize("message", [{"text": "/start"}, {"text": "hi"}, {"media": VOICE}])
def test_the_owners_hear_of_a_stranger_by_the_name_that_telegram_tells(message: dict):
    assert stranger(person="Anna\n(@anna)", **message)[1:] == (TellOfKnock(Knock(ANNA, "Anna (@anna)", "ru")),)


def test_nobody_hears_of_a_stranger_where_there_is_no_owner_or_who_was_kept_out():
    assert len(stranger(replace(NOBODY, owners=frozenset()), text="hi")) == 1
    assert len(stranger(replace(NOBODY, allowed=AllowList(denied=frozenset({ANNA}))), text="/start")) == 1


def test_a_stranger_may_have_erased_what_they_left_elsewhere():
    erasing = private(NOBODY, text="/delete")
    assert isinstance(erasing, Say)
    assert erasing.key == "delete_ask"


def test_somebody_kept_out_is_refused_though_everybody_else_may():
    facts = replace(FACTS, allowed=AllowList(everyone=True, denied=frozenset({ANNA})))
    assert isinstance(private(facts, media=VOICE), Refuse)
    assert isinstance(private(facts, chat_id=BORIS, user_id=BORIS, media=VOICE), Take)


def test_an_owner_may_always_use_the_bot_in_private():
    for allowed in (AllowList(), AllowList(denied=frozenset({OWNER}))):
        assert isinstance(private(replace(FACTS, allowed=allowed), chat_id=OWNER, user_id=OWNER, media=VOICE), Take)


@pytest.mark.parametrize("text", ["/transcribe", "@pisar_bot", "/help", "/users", "/auto on"])
@pytest.mark.parametrize("user", [ANNA, OWNER])
def test_a_group_counts_only_by_its_own_id(text: str, user: int):
    facts = replace(FACTS, settings=ChatSettings(auto="all"), is_admin=True)
    unlisted = Ignore("a group that is not listed")
    assert in_group(facts, chat_id=-200, user_id=user, text=text, replied=EARLIER) == unlisted
    assert in_group(facts, chat_id=-200, user_id=user, media=VOICE) == unlisted


def test_only_the_owner_is_told_an_unlisted_groups_id():
    assert in_group(NOBODY, user_id=OWNER, text="/id") == Say(replace(GROUP_REPLY, user_id=OWNER), "id_group", {"id": GROUP})
    assert in_group(NOBODY, text="/id") == Ignore("a group that is not listed")


def test_the_owner_lets_a_group_in_from_there_with_or_without_its_id():
    reply = replace(GROUP_REPLY, user_id=OWNER)
    assert in_group(NOBODY, user_id=OWNER, text="/allow") == Admit(reply, GROUP, True)
    assert in_group(NOBODY, user_id=OWNER, text=f"/allow {GROUP}") == Admit(reply, GROUP, True)
    assert in_group(NOBODY, text="/allow") == Ignore("a group that is not listed")
    assert in_group(user_id=OWNER, text="/deny") == Admit(reply, GROUP, False)


def test_somebody_kept_out_is_ignored_in_a_group():
    facts = replace(FACTS, allowed=AllowList(ids=frozenset({GROUP}), denied=frozenset({ANNA})), settings=ChatSettings(auto="all"))
    assert in_group(facts, media=VOICE) == in_group(facts, text="/help") == Ignore("somebody who is kept out")
    assert isinstance(in_group(facts, user_id=BORIS, media=VOICE), Take)
    channel = replace(facts, allowed=AllowList(ids=frozenset({GROUP}), denied=frozenset({CHANNEL})))
    assert in_group(channel, user_id=None, sender_chat_id=CHANNEL, media=VOICE) == Ignore("somebody who is kept out")


# In private


def test_words_are_answered_with_a_hint_that_a_burst_gets_once_and_what_is_nothing_is_not():
    assert private(text="привет") == Say(REPLY, "hint", once="hint to a text", every_seconds=300)
    assert private(text="/nonsense") == Say(REPLY, "hint")
    assert private() == Ignore("nothing to answer")


@pytest.mark.parametrize("message", [{"soundless": "photo"}, {"soundless": "photo", "text": "look"}, {"text": "читай", "forwarded": True}])
def test_what_has_no_sound_and_texts_of_others_get_one_hint_a_day(message: dict):
    assert private(**message) == HINT_A_DAY


@pytest.mark.parametrize("message", [{"soundless": "photo"}, {"text": "читай", "forwarded": True}])
def test_what_has_no_sound_is_passed_over_in_a_group(message: dict):
    assert isinstance(in_group(**message), Ignore)


def test_a_picture_with_a_command_is_a_command():
    assert private(soundless="photo", text="/id") == Say(REPLY, "id", {"id": ANNA})


def test_a_command_for_another_bot_is_ignored_everywhere():
    facts = replace(FACTS, settings=ChatSettings(auto="all"))
    assert private(text="/help@other_bot") == OTHER_BOTS
    assert in_group(facts, text="/transcribe@other_bot", replied=EARLIER) == OTHER_BOTS
    assert in_group(facts, text="/transcribe@other_bot", media=VOICE) == OTHER_BOTS


def test_the_bots_name_and_the_commands_case_do_not_matter():
    assert private(text="/ID@Pisar_Bot") == private(text="/id") == Say(REPLY, "id", {"id": ANNA})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/start", Say(REPLY, "start", {"limit_mb": 20, "limit_minutes": 30})),
        ("/help", Say(REPLY, "help", {"limit_mb": 20, "limit_minutes": 30})),
        (
            "/privacy",
            Say(REPLY, "privacy", {"place": say("ru", "place_own"), "days": 2.5, "reuse": say("ru", "reuse_shared", hours=24)}),
        ),
        ("/status", Report(REPLY, "status", ANNA)),
        ("/cancel", CancelAll(REPLY)),
        ("/delete", Say(REPLY, "delete_ask", keyboard=buttons.erasing("ru"))),
        ("/transcribe", Say(REPLY, "reply_to_a_voice")),
        ("/language", ShowSettings(REPLY, "language", FACTS.settings)),
        ("/format", ShowSettings(REPLY, "format", FACTS.settings)),
        ("/settings", ShowSettings(REPLY, "settings", FACTS.settings)),
        ("/auto on", Say(REPLY, "hint")),
    ],
)
def test_a_command_in_private_is_answered(text: str, expected: Action):
    assert private(replace(FACTS, keep_days=2.5), text=text) == expected


@pytest.mark.parametrize("place", PLACES)
def test_privacy_says_where_the_bot_runs(place: str):
    told = private(replace(FACTS, place=place), text="/privacy")
    assert isinstance(told, Say)
    assert f" {say('ru', f'place_{place}')} и никому не передаются" in say("ru", told.key, **told.values)


@pytest.mark.parametrize("command", ["/allow 5", "/deny 5", "/users", "/stats"])
def test_the_owners_commands_are_the_owners(command: str):
    assert private(text=command) == Say(REPLY, "not_the_owner")
    assert in_group(text=command) == Ignore("not the owner")
    assert in_group(text=command, user_id=None, anonymous=True) == Ignore("not the owner")


@pytest.mark.parametrize(("text", "one", "allowed"), [("/allow 5", 5, True), ("/deny 5", 5, False), ("/allow  -100500 ", -100500, True)])
def test_an_owner_lets_in_and_keeps_out_by_id(text: str, one: int, allowed: bool):
    reply = replace(REPLY, chat_id=OWNER, user_id=OWNER)
    assert owners(text=text) == Admit(reply, one, allowed)
    assert in_group(text=text, user_id=OWNER) == Admit(replace(GROUP_REPLY, user_id=OWNER), one, allowed)


@pytest.mark.parametrize("argument", ["", "anna", "5 6", "--5", "-", "5.0", "+5", "٥", "²", "9" * 21, "0x5"])
@pytest.mark.parametrize("command", ["allow", "deny"])
def test_what_is_no_id_is_asked_for_again(command: str, argument: str):
    expected = Say(replace(REPLY, chat_id=OWNER, user_id=OWNER), "id_expected", {"command": command})
    assert owners(text=f"/{command} {argument}") == expected


@pytest.mark.parametrize("kind", ["users", "stats"])
def test_an_owner_is_told_who_and_how_much(kind: str):
    assert owners(text=f"/{kind}") == Report(replace(REPLY, chat_id=OWNER, user_id=OWNER), kind, OWNER)


# Settings by command


@pytest.mark.parametrize(
    ("argument", "languages"),
    [("ru", ("ru",)), ("RU, en", ("ru", "en")), ("ru,ru en", ("ru", "en")), ("auto", ()), (" yue ", ("yue",))],
)
def test_languages_are_chosen_by_their_codes(argument: str, languages: tuple[str, ...]):
    facts = replace(FACTS, settings=ChatSettings(languages=("de",), shape="srt"))
    changed = ChatSettings(languages=languages, shape="srt")
    expected = (Change(ANNA, changed), ShowSettings(replace(REPLY, shape="srt"), "language", changed))
    assert decide(replace(WRITTEN, text=f"/language {argument}"), facts) == expected


@pytest.mark.parametrize(
    ("argument", "code"), [("xx", "xx"), ("ru xx yy", "xx"), ("auto ru", "auto"), ("x" * 50, "x" * 20), ("человеческий", "человеческий")]
)
def test_a_language_nobody_knows_changes_nothing(argument: str, code: str):
    assert private(text=f"/language {argument}") == Say(REPLY, "unknown_language", {"code": code})


def test_a_shape_is_chosen_by_its_name_and_another_shows_what_there_is():
    changed = ChatSettings(shape="vtt")
    expected = (Change(ANNA, changed), ShowSettings(REPLY, "format", changed))
    assert decide(replace(WRITTEN, text="/format VTT"), FACTS) == expected
    assert private(text="/format pdf") == ShowSettings(REPLY, "format", FACTS.settings)


@pytest.mark.parametrize("before", AUTOS)
@pytest.mark.parametrize(("argument", "auto"), [("on", "voices"), ("voices", "voices"), ("ALL", "all"), ("OFF", "off")])
def test_an_administrator_chooses_what_is_transcribed_unasked(before: Auto, argument: str, auto: Auto):
    facts = replace(FACTS, settings=ChatSettings(auto=before), is_admin=True)
    expected = (Change(GROUP, ChatSettings(auto=auto)), TellAuto(GROUP_REPLY, auto))
    assert decide(replace(IN_GROUP, text=f"/auto {argument}"), facts) == expected


@pytest.mark.parametrize("argument", ["", " maybe"])
@pytest.mark.parametrize("auto", AUTOS)
def test_without_on_or_off_the_settings_are_shown_and_nothing_is_flipped(argument: str, auto: Auto):
    settings = ChatSettings(auto=auto)
    shown = in_group(replace(FACTS, settings=settings, is_admin=True), text=f"/auto{argument}")
    assert shown == ShowSettings(GROUP_REPLY, "settings", settings)


def test_words_are_cleaned_kept_and_shown():
    changed = ChatSettings(words="Марина, Бишкек, pgBouncer")
    assert decide(replace(WRITTEN, text="/words Марина,\nБишкек; pgBouncer."), FACTS) == (
        Change(ANNA, changed),
        Say(REPLY, "words_shown", {"words": "Марина, Бишкек, pgBouncer"}),
    )


def test_words_alone_are_shown_and_where_there_are_none_it_is_told_how_to_give_some():
    assert private(replace(FACTS, settings=ChatSettings(words="Марина")), text="/words") == Say(REPLY, "words_shown", {"words": "Марина"})
    assert private(text="/words") == private(text="/words , ;") == Say(REPLY, "words_none")


@pytest.mark.parametrize("nothing", ["-", "–", "—", "clear", "CLEAR"])
def test_words_are_erased(nothing: str):
    facts = replace(FACTS, settings=ChatSettings(words="Марина", auto="all"))
    changed = Change(ANNA, ChatSettings(auto="all"))
    assert decide(replace(WRITTEN, text=f"/words {nothing}"), facts) == (changed, Say(REPLY, "words_none"))


def test_more_words_than_the_engine_looks_at_are_refused_and_those_before_stay():
    fitting = "щ" * MAX_WORDS_CHARACTERS
    assert decide(replace(WRITTEN, text=f"/words {fitting}"), FACTS)[0] == Change(ANNA, ChatSettings(words=fitting))
    told = {"count": MAX_WORDS_CHARACTERS + 1, "limit": MAX_WORDS_CHARACTERS}
    assert private(text=f"/words {fitting}щ") == Say(REPLY, "words_too_long", told)


def test_the_words_of_a_chat_go_with_every_recording_of_it():
    facts = replace(FACTS, settings=ChatSettings(words="Марина, Бишкек"))
    assert private(facts, media=VOICE) == taking(THIS, REPLY, VOICE, unsure=False, prompt="Марина, Бишкек.")
    asked = in_group(facts, text="/transcribe de", replied=EARLIER)
    assert isinstance(asked, Take)
    assert (asked.language, asked.prompt) == ("de", "Марина, Бишкек.")


def test_the_words_of_a_group_are_its_administrators():
    assert in_group(text="/words Марина") == Say(GROUP_REPLY, "admins_only")
    changed = (Change(GROUP, ChatSettings(words="Марина")), Say(GROUP_REPLY, "words_shown", {"words": "Марина"}))
    assert decide(replace(IN_GROUP, text="/words Марина"), replace(FACTS, is_admin=True)) == changed


# In a group


@pytest.mark.parametrize("command", sorted(SWITCHES - {"words"}))
def test_a_groups_settings_are_its_administrators(command: str):
    assert in_group(text=f"/{command} on") == Say(GROUP_REPLY, "admins_only")
    assert in_group(text=f"/{command}", user_id=OWNER) == Say(replace(GROUP_REPLY, user_id=OWNER), "admins_only")
    administrator = in_group(replace(FACTS, is_admin=True), text=f"/{command}")
    anonymous = in_group(text=f"/{command}", user_id=None, anonymous=True)
    kind = "settings" if command == "auto" else command
    assert administrator == ShowSettings(GROUP_REPLY, kind, FACTS.settings)
    assert anonymous == ShowSettings(replace(GROUP_REPLY, user_id=None), kind, FACTS.settings)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/help", Say(GROUP_REPLY, "help", {"limit_mb": 20, "limit_minutes": 30})),
        ("/id", Say(GROUP_REPLY, "id_group", {"id": GROUP})),
        ("/delete", Say(GROUP_REPLY, "delete_ask_own", keyboard=buttons.erasing_in_group("ru", everything=False, user_id=ANNA))),
        (
            "/privacy",
            Say(
                GROUP_REPLY,
                "privacy",
                {"place": say("ru", f"place_{FACTS.place}"), "days": 7, "reuse": say("ru", "reuse_shared", hours=24)},
            ),
        ),
        ("/status", Report(GROUP_REPLY, "status", ANNA)),
        ("/cancel", CancelAll(GROUP_REPLY, ANNA)),
        ("/cancel all", CancelAll(GROUP_REPLY, ANNA)),
        *((f"/{name}", Ignore("a command nobody knows")) for name in ("start", "nonsense")),
    ],
)
def test_a_command_in_a_group_is_answered_if_it_is_a_groups(text: str, expected: Action):
    assert in_group(text=text) == expected


def test_an_administrator_stops_and_erases_what_is_everybodys_or_only_their_own():
    admin = replace(FACTS, is_admin=True)
    assert in_group(admin, text="/cancel") == CancelAll(GROUP_REPLY, ANNA)
    assert in_group(admin, text="/cancel ALL") == CancelAll(GROUP_REPLY)
    assert in_group(text="/cancel", user_id=None, anonymous=True) == CancelAll(replace(GROUP_REPLY, user_id=None))
    asked = in_group(admin, text="/delete")
    assert asked == Say(GROUP_REPLY, "delete_ask_group", keyboard=buttons.erasing_in_group("ru", everything=True, user_id=ANNA))


@pytest.mark.parametrize("command", sorted(SWITCHES))
def test_where_telegram_hides_who_administers_the_group_it_is_told_how_to_mend_that(command: str):
    assert in_group(replace(FACTS, is_admin=None), text=f"/{command} on") == Say(GROUP_REPLY, "admins_unknown")


AUTO_VOICES, AUTO_ALL = (replace(FACTS, settings=ChatSettings(auto=auto)) for auto in ("voices", "all"))


@pytest.mark.parametrize("kind", ["voice", "video_note"])
def test_a_voice_in_a_group_is_transcribed_unasked_only_where_that_was_switched_on(kind: str):
    media = replace(VOICE, kind=kind)
    assert in_group(media=media) == Ignore("not asked")
    taken = taking(job_id("telegram", GROUP, 1), GROUP_REPLY, media, unsure=False)
    for auto in (AUTO_VOICES, AUTO_ALL):
        assert in_group(auto, media=media) == replace(taken, reply=UNASKED_REPLY, asked=False)
        assert in_group(auto, media=media, text="/transcribe") == in_group(media=media, text="listen @pisar_bot") == taken


@pytest.mark.parametrize("kind", ["audio", "video", "document"])
def test_music_and_films_are_transcribed_unasked_only_where_everything_is(kind: str):
    media = replace(VOICE, kind=kind)
    assert in_group(AUTO_VOICES, media=media) == Ignore("not asked")
    assert in_group(AUTO_ALL, media=media) == taking(job_id("telegram", GROUP, 1), UNASKED_REPLY, media, unsure=False, asked=False)


@pytest.mark.parametrize(
    "media",
    [
        replace(VOICE, size_bytes=20 * MB + 1),
        replace(VOICE, kind="audio", seconds=1801),
        replace(VOICE, kind="document", mime_type=None, file_name="blob.bin", size_bytes=800 * MB),
        replace(VOICE, kind="document", mime_type="application/pdf", file_name="bill.pdf"),
    ],
)
def test_what_nobody_asked_for_and_can_not_be_taken_is_passed_over_without_a_word(media: Media):
    assert in_group(AUTO_ALL, media=media) == NOT_TAKEN


def test_a_file_of_another_kind_is_refused_as_that_however_big_it_is():
    refused = private(media=replace(VOICE, kind="document", mime_type="application/pdf", file_name="bill.pdf", size_bytes=61 * MB))
    assert isinstance(refused, Refuse)
    assert refused.rejection.code is Rejection.UNSUPPORTED


def test_a_channel_that_speaks_in_a_group_asks_in_the_groups_language_and_at_its_cost():
    facts = replace(AUTO_VOICES, settings=ChatSettings(auto="voices", guess="ru"))
    taken = in_group(facts, user_id=None, language_code=None, sender_chat_id=CHANNEL, media=VOICE)
    assert isinstance(taken, Take)
    assert (taken.reply.user_id, taken.reply.owner, taken.reply.language) == (None, f"person{GROUP}", "ru")
    assert in_group(facts, user_id=None, language_code=None, sender_chat_id=CHANNEL, text="/auto off") == Say(
        replace(GROUP_REPLY, user_id=None), "admins_only"
    )


@pytest.mark.parametrize(
    ("settings", "told", "spoken"),
    [
        (ChatSettings(), "ru", "ru"),
        (ChatSettings(guess="ru"), None, "ru"),
        (ChatSettings(guess="ru"), "en", "en"),
        (ChatSettings(interface="ru", guess="en"), "en", "ru"),
        (ChatSettings(interface="ru"), None, "ru"),
        (ChatSettings(), None, "en"),
    ],
)
def test_the_bot_speaks_the_chats_language_before_the_persons_and_a_guess_to_nobody_in_particular(
    settings: ChatSettings, told: str | None, spoken: str
):
    said = in_group(replace(FACTS, settings=settings), text="/id", language_code=told)
    assert isinstance(said, Say)
    assert said.reply.language == spoken


def test_a_caption_that_is_a_command_for_something_else_asks_for_no_text():
    assert in_group(media=VOICE, text="/save") == Ignore("a command nobody knows")
    assert isinstance(in_group(media=VOICE, text="/id"), Say)


def test_a_caption_or_a_mention_asks_for_the_voice_it_comes_with():
    taken = taking(job_id("telegram", GROUP, 1), GROUP_REPLY, VOICE, unsure=False)
    assert in_group(media=VOICE, text="/transcribe") == in_group(media=VOICE, text="listen @pisar_bot") == taken


@pytest.mark.parametrize(
    "text",
    [
        "/transcribe",
        "/transcribe@pisar_bot",
        "@pisar_bot",
        "@PISAR_BOT",
        "well, @pisar_bot, what is it?",
        "(@pisar_bot)",
        "@pisar_bot.",
        "?\n@pisar_bot",
    ],
)
def test_somebody_asks_for_a_voice_by_answering_it(text: str):
    taken = taking(job_id("telegram", GROUP, 90), replace(GROUP_REPLY, message_id=90, sender_id=BORIS, asked_in=1), VOICE, unsure=False)
    assert in_group(text=text, replied=EARLIER) == taken


@pytest.mark.parametrize("text", ["@pisar_bot2", "@pisar_botanist", "pisar_bot", "me@pisar_bot", "@@pisar_bot", "@pisar_", "@other @bot"])
def test_another_name_or_an_address_is_no_mention(text: str):
    assert in_group(text=text, replied=EARLIER) in (Ignore("not asked"), Ignore("people talking among themselves"))


def test_where_the_bots_name_is_not_known_nothing_mentions_it():
    assert in_group(replace(FACTS, username=""), text="@ @pisar_bot", replied=EARLIER) == Ignore("not asked")


@pytest.mark.parametrize("text", ["/transcribe", "@pisar_bot hello"])
@pytest.mark.parametrize("replied", [None, replace(EARLIER, media=None, text="words")])
def test_to_ask_without_a_voice_is_explained(text: str, replied: Incoming | None):
    assert in_group(text=text, replied=replied) == Say(GROUP_REPLY, "reply_to_a_voice")


def test_a_voice_is_asked_for_in_a_language_by_an_answer_and_that_is_a_job_of_its_own():
    taken = taking(
        job_id("telegram", GROUP, 90, "in", "de"),
        replace(GROUP_REPLY, message_id=90, sender_id=BORIS, asked_in=1),
        VOICE,
        unsure=False,
        language="de",
    )
    assert in_group(text="/transcribe de", replied=EARLIER) == taken
    assert private(text="/transcribe de", replied=replace(WRITTEN, message_id=90, media=VOICE)) == replace(
        taken, job_id=job_id("telegram", ANNA, 90, "in", "de"), reply=replace(REPLY, message_id=90, asked_in=1)
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("/transcribe немецкий", "de"),
        ("/transcribe German please", "de"),
        ("/transcribe ru, en", "ru,en"),
        ("/transcribe hi", "hi"),
        ("/transcribe auto", "auto"),
        ("@pisar_bot de", "de"),
        ("de @pisar_bot", "de"),
        ("@pisar_bot, на немецком, пожалуйста", "de"),
        ("@pisar_bot: de-AT!", "de"),
    ],
)
def test_a_language_is_asked_for_by_whatever_people_call_it(text: str, code: str):
    action = in_group(text=text, replied=EARLIER)
    assert isinstance(action, Take)
    assert (action.job_id, action.language) == (job_id("telegram", GROUP, 90, "in", code), code)


@pytest.mark.parametrize(
    "text",
    ["@pisar_bot hi", "@pisar_bot please", "@pisar_bot что там?", "ну @pisar_bot давай", "@pisar_bot", "/transcribe what is in this"],
)
def test_talk_beside_a_request_names_no_language(text: str):
    action = in_group(text=text, replied=EARLIER)
    assert isinstance(action, Take)
    assert (action.job_id, action.language) == (job_id("telegram", GROUP, 90), "")


@pytest.mark.parametrize(
    ("text", "word"),
    [("/transcribe xx", "xx"), ("/transcribe клингонский", "клингонский"), ("@pisar_bot xx", "xx"), ("@pisar_bot xx-YY, please", "xx-YY")],
)
def test_who_names_a_language_nobody_knows_is_told(text: str, word: str):
    assert in_group(text=text, replied=EARLIER) == Say(GROUP_REPLY, "unknown_spoken", {"code": word})


def test_an_unknown_language_in_the_caption_of_a_request_is_told():
    assert private(media=VOICE, text="/transcribe xx") == Say(REPLY, "unknown_spoken", {"code": "xx"})


def test_in_private_too_a_voice_is_asked_for_by_an_answer_under_the_job_it_had():
    assert private(text="/transcribe", replied=replace(WRITTEN, message_id=90, media=VOICE)) == taking(
        job_id("telegram", ANNA, 90), replace(REPLY, message_id=90, asked_in=1), VOICE, unsure=False
    )


def test_who_asks_for_anothers_voice_pays_for_it():
    action = in_group(text="/transcribe", replied=EARLIER)
    assert isinstance(action, Take)
    assert (EARLIER.user_id, action.reply.user_id) == (BORIS, ANNA)


@pytest.mark.parametrize("media", [replace(VOICE, size_bytes=20 * MB + 1), replace(VOICE, seconds=1801)])
def test_a_voice_that_is_asked_for_is_held_to_the_limits_too(media: Media):
    action = in_group(text="/transcribe", replied=replace(EARLIER, media=media))
    assert isinstance(action, Refuse)
    assert (action.job_id, action.reply.message_id) == (job_id("telegram", GROUP, 90), 90)


# Other updates


def test_updates_of_other_kinds_are_not_for_us():
    assert decide(None, FACTS) == (Ignore("not for us"),)


def test_a_group_that_moved_is_followed_whoever_may():
    assert in_group(NOBODY, moved_to=-1009) == Moved(GROUP, -1009)
    assert in_group(NOBODY, moved_from=-17) == Moved(-17, GROUP)


ADDED = Membership(chat_id=GROUP, present=True, chat_type="supergroup", title="Соседи", user_id=ANNA, language_code="ru")
GREETING = Reply(chat_id=GROUP, message_id=0, language="ru")
LET_IN = Ignore("let into a chat")


def test_a_chat_that_put_the_bot_out_is_gone_and_one_that_let_it_in_is_not():
    assert decide(Membership(chat_id=GROUP, present=False), NOBODY) == (Gone(GROUP),)
    assert decide(Membership(chat_id=ANNA, present=True, chat_type="private"), NOBODY) == (LET_IN,)


def test_a_group_is_told_once_who_may_use_the_bot_and_how_to_ask():
    assert decide(ADDED, FACTS) == (Say(GREETING, "welcome", once="welcome 0"),)


def test_a_group_that_is_not_listed_is_told_how_the_owner_lets_it_in_and_the_owner_hears_of_it():
    told = Say(GREETING, "welcome_unlisted", {"id": GROUP}, once="welcome 0")
    assert decide(ADDED, NOBODY) == (told, TellOfKnock(Knock(GROUP, "Соседи", "ru")))


@pytest.mark.parametrize(
    "change", [{"was_present": True}, {"can_write": False}, {"chat_type": "channel"}, {"was_present": True, "can_write": False}]
)
@pytest.mark.parametrize("facts", [FACTS, NOBODY])
def test_a_change_of_rights_is_no_arrival_and_a_mute_bot_does_not_try_to_speak(change: dict, facts: Facts):
    assert decide(replace(ADDED, **change), facts) == (LET_IN,)


@pytest.mark.parametrize("denied", [GROUP, ANNA])
def test_a_group_or_a_person_that_was_kept_out_is_not_greeted(denied: int):
    assert decide(ADDED, replace(FACTS, allowed=FACTS.allowed.deny(denied))) == (Ignore("kept out"),)


@pytest.mark.parametrize("text", ["", "/help", "@pisar_bot", "/id"])
def test_a_channel_is_let_be(text: str):
    channel = replace(FACTS, allowed=AllowList(everyone=True), settings=ChatSettings(auto="all"))
    talking = Ignore("people talking among themselves")
    assert in_group(channel, chat_type="channel", text=text, media=VOICE) == talking
    assert in_group(channel, chat_type="channel", text=text, user_id=OWNER) == talking


@pytest.mark.parametrize("message", [WRITTEN, IN_GROUP])
def test_a_message_of_a_chat_that_the_bot_is_not_in_gets_no_answer_in_the_bots_own_chat(message: Incoming):
    everybody = replace(FACTS, allowed=AllowList(everyone=True), settings=ChatSettings(auto="all"))
    for asked in (replace(message, media=VOICE), replace(message, text="/help"), replace(message, text="@pisar_bot", replied=EARLIER)):
        assert isinstance(decide(replace(asked, business_id="b"), everybody)[0], Ignore)  # of an account that nobody knows
        (action,) = decide(replace(asked, guest_query="g"), everybody)
        assert isinstance(action, Take | Say)
        assert action.reply.guest_query == "g"


# What has to be looked up


@pytest.mark.parametrize(
    ("update", "chatter"),
    [
        (replace(IN_GROUP, text="hello"), True),
        (IN_GROUP, True),
        (replace(IN_GROUP, text="hello", replied=EARLIER), True),
        (replace(IN_GROUP, text="/help"), False),
        (replace(IN_GROUP, text="ask @pisar_bot"), False),
        (replace(IN_GROUP, media=VOICE), False),
        (replace(IN_GROUP, moved_to=-1009), False),
        (replace(IN_GROUP, moved_from=-17), False),
        (replace(WRITTEN, text="hello"), False),
        (replace(WRITTEN, media=VOICE, business_id="b"), False),
        (replace(WRITTEN, text="hello", business_id="b"), True),
        (replace(WRITTEN, media=replace(VOICE, kind="audio"), business_id="b"), True),
        (replace(IN_GROUP, text="/settings", guest_query="g"), False),
        (Membership(chat_id=GROUP, present=True), False),
        (None, False),
    ],
)
def test_people_talking_in_a_group_are_told_from_what_concerns_the_bot(update: Incoming | Membership | None, chatter: bool):
    assert is_chatter(update) is chatter


@given(st.text(), st.booleans(), st.booleans(), st.sampled_from([ANNA, OWNER, None]))
def test_chatter_is_ignored_whatever_is_known(text: str, auto: bool, is_admin: bool, user: int | None):
    message = replace(IN_GROUP, text=text, user_id=user)
    facts = replace(FACTS, settings=ChatSettings(auto="all" if auto else "off"), is_admin=is_admin, allowed=AllowList(everyone=True))
    if is_chatter(message):
        assert decide(message, facts) == (Ignore("people talking among themselves"),)


PRESS = Press(press_id="p", chat_id=GROUP, chat_type="supergroup", message_id=60, user_id=ANNA, data="on:auto")


@pytest.mark.parametrize(
    ("update", "asked"),
    [
        *((replace(IN_GROUP, text=f"/{name}"), True) for name in sorted(SWITCHES)),
        (replace(IN_GROUP, text="/AUTO@pisar_bot on"), True),
        (replace(IN_GROUP, text="/auto@other_bot on"), False),
        (replace(IN_GROUP, text="/cancel all"), True),
        (replace(IN_GROUP, text="/cancel"), False),
        (replace(IN_GROUP, text="/transcribe"), False),
        (replace(IN_GROUP, text="hello"), False),
        (replace(IN_GROUP, text="/auto", user_id=None, anonymous=True), False),
        (replace(WRITTEN, text="/settings"), False),
        (PRESS, True),
        (replace(PRESS, chat_id=ANNA, chat_type=PRIVATE), False),
        (Membership(chat_id=GROUP, present=True), False),
        (replace(IN_GROUP, text="/language", guest_query="g"), False),
        (None, False),
    ],
)
def test_who_administers_a_group_is_looked_up_only_where_it_counts(update: Incoming | Press | None, asked: bool):
    assert asks_for_admin(update, "pisar_bot") is asked


@given(
    st.text()
    | st.sampled_from([f"/{command.name}" for command in COMMANDS]).flatmap(lambda name: st.text().map(lambda rest: f"{name} {rest}")),
    st.sampled_from([WRITTEN, IN_GROUP, replace(IN_GROUP, chat_type="channel"), replace(IN_GROUP, anonymous=True, user_id=None)]),
    st.sampled_from([None, VOICE]),
    st.sampled_from([None, EARLIER]),
    st.booleans(),
)
def test_whatever_somebody_writes_there_is_something_to_do_about_it_and_a_text_to_say_it_with(
    text: str, message: Incoming, media: Media | None, replied: Incoming | None, auto: bool
):
    facts = replace(FACTS, settings=ChatSettings(auto="all" if auto else "off"), is_admin=auto)
    for user in (message.user_id, message.user_id and OWNER):
        actions = decide(replace(message, text=text, media=media, replied=replied, user_id=user), facts)
        assert len(actions) >= 1
        said = [action for action in actions if isinstance(action, Say)]
        assert [one for one in said for language in TEXTS if not say(language, one.key, **one.values).strip()] == []
