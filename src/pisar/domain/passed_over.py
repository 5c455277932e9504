"""Names of files that are no recordings whatever is in them: what systems and programs leave beside files, and files that are half written.

They are passed over without a word, in the bucket and in folders alike: whoever copies a folder does not know that they are in it.
"""

import re

_FOLDERS: tuple[tuple[str, str], ...] = (
    (r"\..*", "hidden: .DS_Store, ._talk.mp3 of macOS, .talk.mp3.Xy12z of rsync, .Trash-1000"),
    (r"__macosx", "what macOS adds to an archive"),
)
_NAMES: tuple[tuple[str, str], ...] = (
    *_FOLDERS,
    (r"thumbs\.db|ehthumbs\.db|desktop\.ini", "what Windows keeps of a folder's looks"),
    (r"~\$.*|.*~", "a lock or an earlier version, of Office and of editors"),
    (r".*_\$folder\$", "a folder's marker, of Hadoop and the browsers of buckets that follow it"),
    (r".*\.partial", "half written: rclone, Internet Explorer"),
    (r".*\.(part|filepart|crdownload|download|opdownload|aria2|ytdl|!ut|tmp|temp)", "half loaded: browsers, download tools, WinSCP"),
    (r".*\.(swp|swx|lock|lck)", "a program has the file open"),
    (r".*\.error", "its JSON would bear the name of another file's .error.json"),
)
"""Patterns that a whole name must match, in any case, and why such a file is passed over."""


def _compiled(table: tuple[tuple[str, str], ...]) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern, re.IGNORECASE | re.DOTALL), why) for pattern, why in table)


_OF_FOLDERS, _OF_FILES = _compiled(_FOLDERS), _compiled(_NAMES)


def why_passed_over(path: str) -> str:
    """Return why a file at this path (names with slashes between them) is passed over, "" if it is not. A folder's files share its lot."""
    if path.endswith("/") or not path:
        return "a folder's marker"
    *folders, name = path.split("/")
    found = [why for folder in folders for pattern, why in _OF_FOLDERS if pattern.fullmatch(folder)]
    return next(iter(found), "") or next((why for pattern, why in _OF_FILES if pattern.fullmatch(name)), "")


def is_folder_passed_over(name: str) -> bool:
    """Say whether whatever is in a folder of this name is passed over."""
    return any(pattern.fullmatch(name) for pattern, _ in _OF_FOLDERS)
