"""Which links are followed: those that somebody who was let in asks for, and no others."""

from dataclasses import replace

import pytest

from pisar.bot.actions import Action, Say
from pisar.bot.admission import Ignore, Refuse, Take
from pisar.bot.conversation import decide, is_chatter
from pisar.bot.links import is_link_alone
from pisar.bot.refusals import refusal
from pisar.bot.texts import TEXTS
from pisar.domain.chats import AllowList
from pisar.domain.jobs import job_id
from pisar.errors import LinkRefusal, Rejected
from tests.unit.bot.test_conversation import ANNA, EARLIER, FACTS, GROUP, IN_GROUP, OWNER, VOICE, WRITTEN, in_group, private

LINK = "https://files.example/talk.mp3"
FOLLOWS = replace(FACTS, links="listed")


def followed(action: Action) -> tuple[str | None, str]:
    """Return the link that is taken, and the language."""
    assert isinstance(action, Take)
    assert not action.unsure
    return action.media.link, action.language


@pytest.mark.parametrize(
    ("text", "link", "language"),
    [
        (LINK, LINK, ""),
        (f"  {LINK}\n", LINK, ""),
        (f"{LINK} en", LINK, "en"),
        (f"английский {LINK}", LINK, "en"),
        (f"@pisar_bot {LINK}", LINK, ""),
        (f"/transcribe {LINK}", LINK, ""),
        (f"/transcribe {LINK} de", LINK, "de"),
        (f"({LINK}).", LINK, ""),
        ("https://files.example/a.mp3?t=1,2&x=(3", "https://files.example/a.mp3?t=1,2&x=(3", ""),
        ("HTTPS://files.example/a.mp3", "HTTPS://files.example/a.mp3", ""),
    ],
)
def test_a_private_message_that_is_a_link_asks_for_its_text(text: str, link: str, language: str):
    assert followed(private(FOLLOWS, text=text)) == (link, language)


def test_the_job_is_that_of_the_message():
    action = private(FOLLOWS, text=LINK)
    assert isinstance(action, Take)
    assert (action.job_id, action.reply.message_id, action.reply.asked_in) == (job_id("telegram", ANNA, 1), 1, None)


def test_a_link_in_a_longer_private_text_is_not_followed_but_told_of():
    action = private(FOLLOWS, text=f"have you heard {LINK} already")
    assert isinstance(action, Say)
    assert action.key == "link_alone"


@pytest.mark.parametrize("text", [f"/transcribe {LINK}", f"@pisar_bot {LINK}", f"{LINK} what do they say, @pisar_bot?"])
def test_a_listed_group_asks_by_command_or_mention(text: str):
    assert followed(in_group(FOLLOWS, text=text)) == (LINK, "")


def test_a_reply_to_a_message_with_a_link_asks_for_it():
    talk = replace(EARLIER, media=None, text=f"listen: {LINK}, it is short")
    action = in_group(FOLLOWS, text="/transcribe en", replied=talk)
    assert followed(action) == (LINK, "en")
    assert isinstance(action, Take)
    assert (action.reply.message_id, action.reply.asked_in) == (talk.message_id, 1)
    assert followed(private(FOLLOWS, text="/transcribe", replied=replace(talk, chat_id=ANNA))) == (LINK, "")


def test_a_recording_that_is_answered_goes_before_a_link_in_its_caption():
    action = in_group(FOLLOWS, text="/transcribe", replied=replace(EARLIER, text=LINK))
    assert isinstance(action, Take)
    assert action.media == VOICE


def test_so_it_does_before_a_link_in_the_talk_of_who_asks_but_not_before_a_link_that_is_all_they_say():
    talk = in_group(FOLLOWS, text=f"@pisar_bot is it about {LINK}?", replied=EARLIER)
    assert isinstance(talk, Take)
    assert talk.media == VOICE
    for text in (f"/transcribe {LINK}", f"@pisar_bot {LINK} en"):
        assert followed(in_group(FOLLOWS, text=text, replied=EARLIER))[0] == LINK


@pytest.mark.parametrize("text", [LINK, f"look {LINK}", f"{LINK} en", f"@other_bot {LINK}"])
def test_a_link_in_a_groups_talk_is_never_followed(text: str):
    hearing_all = replace(FOLLOWS, settings=replace(FOLLOWS.settings, auto="all"))
    message = replace(IN_GROUP, text=text)
    assert is_chatter(message) or isinstance(in_group(hearing_all, text=text), Ignore)


@pytest.mark.parametrize(
    ("links", "allowed", "user", "is_followed"),
    [
        ("listed", AllowList(ids=frozenset({ANNA})), ANNA, True),
        ("listed", AllowList(everyone=True), ANNA, False),
        ("listed", AllowList(everyone=True), OWNER, True),
        ("all", AllowList(everyone=True), ANNA, True),
        ("none", AllowList(ids=frozenset({ANNA})), OWNER, False),
    ],
)
def test_whose_links_are_followed_is_the_owners_choice(links: str, allowed: AllowList, user: int, is_followed: bool):
    facts = replace(FOLLOWS, links=links, allowed=allowed)
    action = private(facts, text=LINK, user_id=user)
    assert isinstance(action, Take) == is_followed
    if not is_followed:
        assert isinstance(action, Say)
        assert action.key == "hint"
        assert not isinstance(in_group(replace(facts, allowed=AllowList(ids=frozenset()), links="none"), text=f"/transcribe {LINK}"), Take)


def test_everybody_of_a_listed_group_may_ask_there():
    facts = replace(FOLLOWS, allowed=AllowList(ids=frozenset({GROUP})))
    assert followed(in_group(facts, text=f"/transcribe {LINK}")) == (LINK, "")


def test_nobody_takes_a_strangers_link():
    strangers = decide(replace(WRITTEN, text=LINK), replace(FOLLOWS, allowed=AllowList(), links="all"))
    assert not any(isinstance(action, Take) for action in strangers)


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ("http://files.example/talk.mp3", LinkRefusal.REFUSED),
        ("https://[broken/talk.mp3", LinkRefusal.REFUSED),
        ("https://www.youtube.com/watch?v=abc", LinkRefusal.PAGE),
        ("https://youtu.be/abc", LinkRefusal.PAGE),
        ("https://t.me/c/1/2", LinkRefusal.PAGE),
    ],
)
def test_a_link_that_is_no_files_is_refused_without_asking_anybody(link: str, code: LinkRefusal):
    action = private(FOLLOWS, text=link)
    assert isinstance(action, Refuse)
    assert action.rejection.code is code


def test_a_host_that_only_looks_like_a_players_is_asked():
    assert followed(private(FOLLOWS, text="https://notyoutube.com/a.mp3")) == ("https://notyoutube.com/a.mp3", "")


@pytest.mark.parametrize("text", ["", "en", "https://", f"{LINK} {LINK}", f"{LINK} says hello"])
def test_anything_more_or_less_is_no_link_alone(text: str):
    assert not is_link_alone(text, "pisar_bot")


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("code", LinkRefusal)
def test_every_refusal_of_a_link_has_a_sentence(language: str, code: LinkRefusal):
    said = refusal(language, Rejected(code, {"limit_mb": 20}))
    assert said.startswith("🚫")
    assert "Telegram" not in said  # whose limits these are not
