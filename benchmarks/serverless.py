"""The deployment of terraform/ as a discrete-event simulation: what voice messages meet on their way, and what they wait for.

One message: Telegram's webhook → function (a status message) → queue → trigger → container → the answer, an edit. A long recording is cut
by the container that it comes to, its parts go through the queue as jobs of their own, and the last one done queues the recording again.
Everything that is limited is limited here by numbers of `Quotas`; what it takes is in `Deployment`. No price is known here: see
`pisar.owner.costs`.

Two ways for a trigger are there, because no document says which is right. A *patient* one calls only while a call is allowed. An *eager*
one calls for whatever lies in the queue: what is refused (429) comes again after the visibility timeout, and has one delivery less.
"""

import math
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import simpy
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
Steps: TypeAlias = Generator[simpy.Event, Any, None]

UNBOUNDED = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """What things take, in seconds, and how often they are tried. The defaults are those of terraform/ and of the settings."""

    webhook_seconds: float
    webhook_cold_seconds: float
    container_beside_seconds: float  # of a warm container, beside the engine: storage, decoding, Telegram
    container_cold_seconds: float
    idle_seconds: float  # how long an instance without work is kept
    visibility_seconds: float = 660.0
    deliveries: int = 5
    answer_patience_seconds: float = 75.0
    intake_patience_seconds: float = 5.0
    update_again_seconds: float = 10.0  # when Telegram sends an update again that was not taken
    parts_at_once: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """What is allowed at once, of each; `math.inf` where nothing bounds it."""

    transcribers: float = UNBOUNDED
    container_calls: float = UNBOUNDED
    function_calls: float = UNBOUNDED
    connections: float = UNBOUNDED  # of Telegram to the webhook
    writes_per_second: float = UNBOUNDED  # of the bot, into all chats together

    @property
    def updates(self) -> float:
        """How many updates are taken at once."""
        return min(self.function_calls, self.connections)


@dataclass(frozen=True, slots=True)
class Cut:
    """A long recording: into how many parts it is cut, and how long that takes. The engine's seconds are the parts' in equal shares."""

    parts: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Load:
    """Messages: when they come, in order, in seconds from the start, how long the engine needs for each, and which are cut, by number."""

    arrivals: Array
    engine_seconds: Array
    cuts: Mapping[int, Cut] = field(default_factory=dict)


@dataclass(slots=True)
class Outcome:
    """What became of the messages, each at its place in the load; infinity where it has not come to that."""

    answered_at: Array
    dead_at: Array
    container_from: list[float] = field(default_factory=list)  # each call that was taken, parts too, with its waiting for Telegram
    container_to: list[float] = field(default_factory=list)
    function_from: list[float] = field(default_factory=list)
    function_to: list[float] = field(default_factory=list)
    queued_at: list[float] = field(default_factory=list)
    in_flight_from: list[float] = field(default_factory=list)  # received and neither deleted nor shown again
    in_flight_to: list[float] = field(default_factory=list)
    written_at: list[float] = field(default_factory=list)  # into chats
    cold_starts: int = 0
    refused: int = 0

    @property
    def in_system(self) -> int:
        """How many messages were neither answered nor given up when it ended."""
        return int(np.sum(np.isinf(self.answered_at) & np.isinf(self.dead_at)))


class Instances:
    """Instances of a function or a container: the one that was used last is taken first; a new one is cold."""

    def __init__(self, idle_seconds: float) -> None:
        self._idle_seconds = idle_seconds
        self._idle_since: list[float] = []

    def take(self, now: float) -> bool:
        """Take an instance and say whether it must be started."""
        if self._idle_since and now - self._idle_since[-1] <= self._idle_seconds:
            self._idle_since.pop()
            return False
        self._idle_since.clear()  # those below have been idle for longer
        return True

    def give_back(self, now: float) -> None:
        """Leave the instance idle."""
        self._idle_since.append(now)


class Turns:
    """So many a second, one after another: whoever comes learns how long to wait, or that patience would end before."""

    def __init__(self, per_second: float) -> None:
        self._apart = 1 / per_second
        self._next = 0.0

    def wait(self, now: float, patience_seconds: float) -> float | None:
        """Take a turn and return the seconds until it, or None and take none."""
        at = max(now, self._next)
        if at - now > patience_seconds:
            return None
        self._next = at + self._apart
        return at - now


class Gate:
    """At most so many at once; the others wait in line."""

    def __init__(self, environment: simpy.Environment, places: float) -> None:
        self._resource = None if math.isinf(places) else simpy.Resource(environment, capacity=int(places))

    def enter(self) -> simpy.Event | None:
        """Return what to wait for, which is handed to `leave`; None where there is no bound."""
        return self._resource.request() if self._resource else None

    def leave(self, entered: simpy.Event | None) -> None:
        """Let the next one in."""
        if self._resource and entered is not None:
            self._resource.release(entered)  # type: ignore[arg-type] # it is the Request that enter() returned


class Pipeline:
    """The deployment at work on a load."""

    def __init__(self, deployment: Deployment, quotas: Quotas, load: Load, *, eager: bool) -> None:
        self._environment = simpy.Environment()
        self._deployment, self._quotas, self._load, self._eager = deployment, quotas, load, eager
        count = len(load.arrivals)
        self.outcome = Outcome(np.full(count, np.inf), np.full(count, np.inf))
        self._updates = Gate(self._environment, quotas.updates)
        self._calls = Gate(self._environment, UNBOUNDED if eager else quotas.container_calls)
        self._transcribers = Gate(self._environment, quotas.transcribers)
        self._calling = 0
        self._functions, self._containers = Instances(deployment.idle_seconds), Instances(deployment.idle_seconds)
        self._telegram = Turns(quotas.writes_per_second)

    def run(self, until: float | None = None) -> Outcome:
        """Let the messages come and return what became of them by then, or by the end of all."""
        self._environment.process(self._arrivals())
        self._environment.run(until=until)
        return self.outcome

    def _arrivals(self) -> Steps:
        environment, seconds = self._environment, self._load.engine_seconds
        for number, at in enumerate(self._load.arrivals.tolist()):
            if at > environment.now:
                yield environment.timeout(at - environment.now)
            environment.process(self._message(number, float(seconds[number])))

    def _message(self, number: int, engine_seconds: float) -> Steps:
        yield from self._taken()
        cut = self._load.cuts.get(number)
        if cut is not None:
            yield from self._in_parts(number, engine_seconds, cut)
            engine_seconds = 0.0  # what is left is joining
        if not self._is_dead(number):
            answered = yield from self._job(engine_seconds, answers=True)
            self._end(number, answered=answered)

    def _in_parts(self, number: int, engine_seconds: float, cut: Cut) -> Steps:
        """Cut, and have the parts recognised, so many at once; when one of them is given up, so is the recording."""
        if not (yield from self._job(cut.seconds)):
            self._end(number, answered=False)
            return
        at_once = min(self._deployment.parts_at_once, cut.parts)
        yield self._environment.all_of(
            [
                self._environment.process(self._chain(number, len(range(first, cut.parts, at_once)), engine_seconds / cut.parts))
                for first in range(at_once)
            ]
        )

    def _chain(self, number: int, count: int, engine_seconds: float) -> Steps:
        """Have a part recognised, and each time the one that it queues when it is done; those of a recording that is dead are let be."""
        for _ in range(count):
            if self._is_dead(number):
                return
            if not (yield from self._job(engine_seconds)):
                self._end(number, answered=False)

    def _is_dead(self, number: int) -> bool:
        return math.isfinite(self.outcome.dead_at[number])

    def _end(self, number: int, *, answered: bool) -> None:
        if not self._is_dead(number):
            (self.outcome.answered_at if answered else self.outcome.dead_at)[number] = self._environment.now

    def _job(self, seconds: float, *, answers: bool = False) -> Generator[simpy.Event, Any, bool]:
        """Go through queue and container, as often as it takes; return whether it was done, and not given up."""
        environment, outcome = self._environment, self.outcome
        outcome.queued_at.append(environment.now)
        for _ in range(self._deployment.deliveries):
            called = self._calls.enter()
            if called is not None:
                yield called
            received = environment.now
            if self._eager and self._calling >= self._quotas.container_calls:
                outcome.refused += 1
                done = False
            else:
                self._calling += 1
                done = yield from self._worked_on(seconds, answers=answers)
                self._calling -= 1
                seconds = 0.0  # the transcript is kept
            self._calls.leave(called)
            if done:
                self._flew(received, environment.now)
                return True
            # What is refused or fails shows again when the timeout has run out, counted from when it was received.
            shown = max(environment.now, received + self._deployment.visibility_seconds)
            self._flew(received, shown)
            yield environment.timeout(shown - environment.now)
        return False

    def _flew(self, received: float, until: float) -> None:
        self.outcome.in_flight_from.append(received)
        self.outcome.in_flight_to.append(until)

    def _taken(self) -> Steps:
        """Go through the webhook, as often as it takes: Telegram sends again what was not taken."""
        environment, deployment = self._environment, self._deployment
        while True:
            entered = self._updates.enter()
            if entered is not None:
                yield entered
            began = environment.now
            cold = self._functions.take(began)
            wait = self._telegram.wait(began, deployment.intake_patience_seconds)
            took = deployment.webhook_seconds + cold * deployment.webhook_cold_seconds
            yield environment.timeout(took + (deployment.intake_patience_seconds if wait is None else wait))
            self._functions.give_back(environment.now)
            self._updates.leave(entered)
            self.outcome.function_from.append(began)
            self.outcome.function_to.append(environment.now)
            if wait is not None:
                self.outcome.written_at.append(began + wait)
                return
            yield environment.timeout(deployment.update_again_seconds)

    def _worked_on(self, seconds: float, *, answers: bool) -> Generator[simpy.Event, Any, bool]:
        """Go through the container; return whether it is done, which for an answer means that Telegram took it."""
        environment, deployment = self._environment, self._deployment
        entered = self._transcribers.enter()
        if entered is not None:
            yield entered
        began = environment.now
        cold = self._containers.take(began)
        self.outcome.cold_starts += cold
        yield environment.timeout(seconds + deployment.container_beside_seconds + cold * deployment.container_cold_seconds)
        done = True
        if answers:
            wait = self._telegram.wait(environment.now, deployment.answer_patience_seconds)
            done = wait is not None
            # What Telegram makes wait, waits in the container, and is billed.
            held = deployment.answer_patience_seconds if wait is None else wait
            if held:
                yield environment.timeout(held)
            if done:
                self.outcome.written_at.append(environment.now)
        self.outcome.container_from.append(began)
        self.outcome.container_to.append(environment.now)
        self._containers.give_back(environment.now)
        self._transcribers.leave(entered)
        return done


def at_once(begins: Sequence[float], ends: Sequence[float], seconds: Array) -> Array:
    """Return how many of the intervals are open at each of the moments."""
    begun = np.searchsorted(np.sort(begins), seconds, side="right")
    return np.asarray(begun - np.searchsorted(np.sort(ends), seconds, side="right"), dtype=float)
