"""Tells what keeps the bot from transcribing a group's recordings unasked, and how that is mended. Pure."""

from pisar.domain.bots import OwnRights


def lacking(*, reads_all: bool, rights: OwnRights | None) -> str | None:
    """Return the key of the text about what the bot lacks for /auto in a group, None if it lacks nothing.

    `reads_all`: its privacy mode is off. With privacy mode on, a group's bot is given commands, mentions and answers to its own messages
    only, unless it is an administrator (core.telegram.org/bots/features#privacy-mode). `rights`: None if they are not known.
    """
    if rights is not None and not rights.can_write:
        return "auto_mute"
    if reads_all or rights is None or rights.administrator:
        return None
    return "auto_deaf"
