"""The wording and HTTP status of the API's errors: one English sentence for each code. People in chats get `pisar.bot.texts`.

`pisar.web.errors` turns them into responses, and `pisar.web.openai` into OpenAI's shape. A job's record and a dropped file's `.error.json`
keep the same sentence.
"""

from collections.abc import Mapping

from pisar.errors import LinkRefusal, Misuse, Rejected, Rejection

FAILED = "deliveries_used_up"

_SENTENCES: Mapping[str, str] = {
    Rejection.TOO_BIG: "The file is {size_mb} MB, and at most {limit_mb} MB are taken.",
    Rejection.TOO_LONG: "The recording is longer than {limit_minutes} minutes; {instead}.",
    Rejection.NO_AUDIO_TRACK: "The file has no audio track.",
    Rejection.NO_SUCH_TRACK: "There is no audio track {track}: the file has {tracks}, counted from 1.",
    Rejection.CANNOT_DECODE: "The file can't be read as audio or video.",
    Rejection.TOO_HEAVY: "The recording takes more memory than there is here; send it as an ordinary mp3 or ogg.",
    Rejection.UNSUPPORTED: "The file is neither audio nor video.",
    Rejection.UNSUPPORTED_SOUND: (
        "The sound is sampled at {rate_hz} Hz, channels: {channels}; {least_hz} to {most_hz} Hz and at most {most_channels} channels "
        "are taken: convert it to an ordinary format first."
    ),
    Rejection.FILE_UNAVAILABLE: "The file is no longer available; send it again.",
    Rejection.BAD_OPTION: "The option {option} is wrong: expected {expected}.",
    Rejection.NOT_ALLOWED: "{id} may not use this service.",
    Rejection.QUEUE_FULL: "{waiting} recordings wait already, and no more are taken for now; try again in a while.",
    Rejection.QUOTA_USED: "The {limit_minutes} minutes of audio a day are used up; they start anew at {resets_at} UTC.",
    LinkRefusal.PAGE: "The link leads to a page, not to a file.",
    LinkRefusal.REFUSED: "The link is not an https link to the public internet.",
    LinkRefusal.TOO_BIG: "The file behind the link is larger than {limit_mb} MB.",
    LinkRefusal.UNREACHABLE: "The link's server did not give the file.",
    Misuse.NOT_FOUND: "There is no such {what}, or it was deleted.",
    Misuse.NOT_FINISHED: "The job is {state}: ask for its transcript once its state is done.",
    Misuse.NO_TRANSCRIPT: "The job has no transcript: {why}",
    Misuse.BAD_CALLBACK: "callback_url is refused: {why}.",
    Misuse.NO_CALLBACKS: "This service sends no callbacks: leave callback_url out and ask for the job's state.",
    Misuse.KEY_REUSED: "This Idempotency-Key came with another request before: use a new one for a new job.",
    Misuse.TOO_MANY_AWAITED: "{awaited} jobs of yours await their upload already: upload to them, delete some, or wait; the next form "
    "expires in {expires_in_seconds} seconds.",
    Misuse.UPLOAD_INCOMPLETE: "The upload lacks these parts: {missing}; GET /jobs/{{id}}/upload gives their addresses.",
    Misuse.NO_UPLOAD: "Nothing is uploaded to this job: {why}",
    Misuse.JOB_DELETED: "The job of this Idempotency-Key was deleted: use a new one for a new job.",
}

STATUS: Mapping[str, int] = {
    Rejection.TOO_BIG: 413,
    Rejection.TOO_LONG: 413,
    Rejection.NO_AUDIO_TRACK: 400,
    Rejection.NO_SUCH_TRACK: 422,
    Rejection.CANNOT_DECODE: 400,
    Rejection.TOO_HEAVY: 400,
    Rejection.UNSUPPORTED: 415,
    Rejection.UNSUPPORTED_SOUND: 400,
    Rejection.FILE_UNAVAILABLE: 400,
    Rejection.BAD_OPTION: 422,
    Rejection.NOT_ALLOWED: 403,
    Rejection.QUEUE_FULL: 503,
    Rejection.QUOTA_USED: 429,
    Misuse.NOT_FOUND: 404,
    Misuse.NOT_FINISHED: 409,
    Misuse.NO_TRANSCRIPT: 409,
    Misuse.BAD_CALLBACK: 422,
    Misuse.NO_CALLBACKS: 422,
    Misuse.KEY_REUSED: 422,
    Misuse.JOB_DELETED: 409,
    Misuse.TOO_MANY_AWAITED: 429,
    Misuse.UPLOAD_INCOMPLETE: 409,
    Misuse.NO_UPLOAD: 409,
}
"""The HTTP status of each code."""


def sentence(rejection: Rejected) -> str:
    """Return the sentence of a rejection, its details filled in."""
    text = _SENTENCES[rejection.code].format(**{"instead": "cut it into parts"} | rejection.details)
    what = rejection.details.get("it_is")
    return f"{text.rstrip('.')}: it is {what}." if what else text
