"""Answers commands that ask for what must be looked up: /status, and the owner's /users and /stats."""

from pisar.bot.actions import Facts, Report
from pisar.bot.texts import say
from pisar.chat.erasure import is_of
from pisar.chat.saying import Saying
from pisar.domain.answer_to import chat_owner, person_owner
from pisar.domain.jobs import State
from pisar.ports.clock import Clock
from pisar.ports.storage import ObjectStore
from pisar.state.engine_speed import Pace
from pisar.state.jobs_by_owner import OwnedJobs
from pisar.state.quotas import Quotas
from pisar.state.waiting_jobs import Line

PAGE = 100
MAX_LISTED = 200
"""How many ids /users shows: each has 14 digits at most, and all must fit into one message."""


class Reports:
    """Looks things up and says them. `minutes_per_day`: what each person may use, None where nobody counts."""

    def __init__(self, *, store: ObjectStore, clock: Clock, owned: OwnedJobs, saying: Saying, minutes_per_day: float | None) -> None:
        self._owned = owned
        self._saying = saying
        self._minutes_per_day = minutes_per_day
        self._line = Line(store)
        self._quotas = Quotas(store, clock)
        self._pace = Pace(store, clock)

    def report(self, action: Report, facts: Facts) -> None:
        """Answer with a report; in a group /status is about the person who asks, and their recordings there."""
        reply, language = action.reply, action.reply.language
        if action.kind == "users":
            ids = "\n".join(_shown(sorted(facts.allowed.ids))) or "–"
            text = say(language, "users_all" if facts.allowed.everyone else "users", ids=ids)
        elif action.kind == "stats":
            text = say(language, "stats", waiting=self._line.length(), seconds=round(60 / self._pace.speed()))
        else:
            waiting = self._waiting(reply.chat_id, action.user_id if reply.chat_id < 0 else None)
            text = self._status(language, action.user_id or reply.chat_id, waiting=waiting, line=self._line.length())
        self._saying.say(reply, text)

    def _waiting(self, chat_id: int, of: int | None) -> int:
        jobs = self._owned.page(chat_owner(chat_id), limit=PAGE)[0]
        return sum(1 for job in jobs if job.state is not State.FINISHED and (of is None or is_of(job, of)))

    def _status(self, language: str, user_id: int, **counts: int) -> str:
        if self._minutes_per_day is None:  # nobody counts, so nobody knows what was used
            return say(language, "status_no_limit", **counts)
        used = self._quotas.used_seconds(person_owner(user_id)) / 60
        return say(language, "status", used=round(used, 1), limit=self._minutes_per_day, **counts)


def _shown(ids: list[int]) -> list[str]:
    return [*map(str, ids[:MAX_LISTED]), *(["…"] if len(ids) > MAX_LISTED else [])]
