"""Checks texts that API clients write and that are shown again later: names of recordings, and corrections of words. Pure."""

from unicodedata import category

UNSEEN = ("Cc", "Cs", "Zl", "Zp")
"""Unicode's categories of what is refused: controls, halves of surrogate pairs, and ends of lines and paragraphs.

Signs that join letters (category Cf) are taken: emoji and some scripts are spelt with them. So are all blanks: file names have narrow ones.
"""


def is_one_line(text: str) -> bool:
    """Say whether a text is one line without control characters."""
    return not any(category(letter) in UNSEEN for letter in text)
