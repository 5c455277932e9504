"""The ledger of a long recording: which parts are done. Conditional writes make exactly one worker the last, and it queues the joining.

Rules: a part that is done stays done. The ledger is closed once it is known how many parts there are. It is complete when it is closed
and every part is done: the write that makes it so is one alone, whoever's it is.
"""

import json
from dataclasses import asdict, dataclass, replace
from typing import Self

from pisar.domain.strict_json import parse_json
from pisar.errors import Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """`done`: the numbers of the parts that are done, in order. `starts`: the second at which each part begins; None while it is cut."""

    done: tuple[int, ...] = ()
    starts: tuple[float, ...] | None = None

    @property
    def complete(self) -> bool:
        """Say whether every part is done."""
        return self.starts is not None and len(self.done) == len(self.starts)

    @property
    def share(self) -> float:
        """The share of the parts that is done; 0 while it is not known how many there are."""
        return len(self.done) / len(self.starts) if self.starts else 0.0

    def with_done(self, number: int) -> Self:
        """Return the ledger with one more part done; one that was done before changes nothing."""
        return replace(self, done=tuple(sorted({*self.done, number})))

    def closed(self, starts: tuple[float, ...]) -> Self:
        """Return the ledger of so many parts."""
        return replace(self, starts=starts)

    def encode(self) -> bytes:
        """Return the ledger as UTF-8 JSON."""
        return json.dumps({"version": 1, **asdict(self)}).encode()

    @classmethod
    def decode(cls, body: bytes) -> Self:
        """Return the ledger that `encode` wrote; raise Unreadable for anything else."""
        try:
            fields = parse_json(body)
            if fields["version"] != 1:
                raise ValueError("unknown version")  # noqa: TRY301 - one way out for every malformed ledger
            starts = fields["starts"]
            return cls(done=tuple(fields["done"]), starts=None if starts is None else tuple(starts))
        except (ValueError, KeyError, TypeError) as error:
            raise Unreadable(f"not a ledger of parts: {type(error).__name__}") from error
