"""The ledger of a long recording: which parts are done. By conditional writes exactly one worker completes it and queues the whole again.

Rules: a part that is done stays done. The ledger is closed once the number of parts is known. It is complete when it is closed and every
part is done; exactly one write makes it so.
"""

import json
from dataclasses import asdict, dataclass, replace
from typing import Self

from pisar.domain.strict_json import parse_json
from pisar.errors import Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The parts that are done, and where each part begins.

    `done`: the numbers of the parts that are done, from 0, in order. `starts`: the second of the recording at which each part begins; None
    while the recording is being cut.
    """

    done: tuple[int, ...] = ()
    starts: tuple[float, ...] | None = None

    @property
    def complete(self) -> bool:
        """Say whether every part is done."""
        return self.starts is not None and len(self.done) == len(self.starts)

    @property
    def share(self) -> float:
        """The share of the parts that is done, from 0 to 1; 0 while their number is not known."""
        return len(self.done) / len(self.starts) if self.starts else 0.0

    def with_done(self, number: int) -> Self:
        """Return the ledger with one more part done; the same ledger if that part was done before."""
        return replace(self, done=tuple(sorted({*self.done, number})))

    def closed(self, starts: tuple[float, ...]) -> Self:
        """Return the ledger closed: these are the starts of all parts."""
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
