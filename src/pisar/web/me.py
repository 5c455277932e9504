"""Tells an API client over HTTP what it may do, by which a page or program also learns whether its key is good."""

from pisar.api.allowances import Allowances
from pisar.domain.clients import Client
from pisar.domain.options import MAX_WORDS_CHARACTERS
from pisar.formats.jobs import iso_time
from pisar.web.http import Request, Response, in_json


class MeApi:
    """Answers who calls."""

    def __init__(self, allowances: Allowances) -> None:
        self._allowances = allowances

    def show(self, _: Request, client: Client) -> Response:
        """Return the client's name, its minutes and the limits of a recording."""
        found = self._allowances.of(client)
        body = {
            "name": found.name,
            "minutes_per_day": found.minutes_per_day,
            "minutes_left": None if found.minutes_left is None else round(found.minutes_left, 2),
            "resets_at": iso_time(found.resets_at),
            "max_bytes": found.uploads.max_bytes,
            "max_minutes": round(found.uploads.max_seconds / 60, 2),
            "keep_days": found.keep_days,
            "upload_minutes": found.upload_minutes,
            "max_words_characters": MAX_WORDS_CHARACTERS,
        }
        return in_json(200, body)
