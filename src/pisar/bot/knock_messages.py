"""Writes the message that tells an owner who knocked in a day, with a button for each who is not let in yet. Pure."""

from pisar.bot import buttons
from pisar.bot.texts import say
from pisar.domain.chats import AllowList
from pisar.domain.knocks import Knock, Knocks
from pisar.domain.messages import Button, Keyboard


def told_knocks(knocks: Knocks, day: str, allowed: AllowList, language: str) -> tuple[str, Keyboard]:
    """Return the text and the buttons; who was let in meanwhile is ticked, and has no button."""
    lines, rows = [], []
    for knock in knocks.people:
        known = allowed.allows(knock.id)
        lines.append((buttons.TICK if known else "") + _described(knock))
        if not known:
            rows.append((Button(say(language, "button_let_in", name=knock.name or str(knock.id)), f"let:{knock.id}:{day}"),))
    return say(language, "knocks", people="\n".join(lines)), tuple(rows)


def _described(knock: Knock) -> str:
    return f"{knock.name} – {knock.id}" if knock.name else str(knock.id)
