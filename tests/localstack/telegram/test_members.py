"""Who is what in a group, as getChatMember tells."""

GROUP = -5


def test_somebody_promoted_is_an_administrator_there_and_a_member_elsewhere(telegram, api):
    for group in (GROUP, GROUP - 1):
        telegram.text(group, "hi", user=7)
    assert api("getChatMember", chat_id=GROUP, user_id=7)["status"] == "member"
    telegram.promote(GROUP, 7)
    assert [api("getChatMember", chat_id=group, user_id=7)["status"] for group in (GROUP, GROUP - 1)] == ["administrator", "member"]
    assert api("getChatMember", chat_id=GROUP, user_id=7)["user"]["id"] == 7


def test_promoting_one_person_leaves_the_others_as_they_are(telegram, api):
    telegram.text(GROUP, "hi", user=8)
    telegram.promote(GROUP, 7)
    assert [api("getChatMember", chat_id=GROUP, user_id=user)["status"] for user in (7, 8)] == ["administrator", "member"]


def test_somebody_nobody_knows_is_no_participant(telegram, api):
    telegram.text(GROUP, "hi")
    assert api("getChatMember", chat_id=GROUP, user_id=404) == (400, "Bad Request: PARTICIPANT_ID_INVALID")
    assert api("getChatMember", chat_id=GROUP) == (400, "Bad Request: PARTICIPANT_ID_INVALID")


def test_a_bot_that_was_put_out_is_told_nothing_of_the_members(telegram, api):
    telegram.text(GROUP, "hi", user=7)
    telegram.kick(GROUP)
    assert api("getChatMember", chat_id=GROUP, user_id=7) == (403, "Forbidden: bot was kicked from the group chat")
