"""Why an audio was not transcribed, for programs and logs: one English sentence for each code. People in chats get `pisar.bot.texts`."""

from collections.abc import Mapping

from pisar.errors import Rejected, Rejection

FAILED = "deliveries_used_up"

_SENTENCES: Mapping[str, str] = {
    Rejection.TOO_BIG: "The file is {size_mb} MB, and at most {limit_mb} MB are taken.",
    Rejection.TOO_LONG: "The recording is longer than {limit_minutes} minutes; cut it into parts.",
    Rejection.NO_AUDIO_TRACK: "The file has no audio track.",
    Rejection.CANNOT_DECODE: "The file can't be read as audio or video.",
    Rejection.FILE_UNAVAILABLE: "The file is no longer available; send it again.",
    Rejection.BAD_OPTION: "The option {option} is wrong: expected {expected}.",
    Rejection.NOT_ALLOWED: "{id} may not use this service.",
}


def sentence(rejection: Rejected) -> str:
    """Return the sentence of a rejection, its details filled in."""
    return _SENTENCES[rejection.code].format(**rejection.details)
