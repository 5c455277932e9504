"""Says what an API client may do: how much it may send, and how long that is kept."""

from dataclasses import dataclass

from pisar.domain.audio import AudioLimits
from pisar.domain.clients import Client
from pisar.state.quotas import Payer, Quotas


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What a client may do. `minutes_per_day` and `minutes_left` of today are None for any number; `resets_at` is in Unix seconds.

    `uploads`: the limits of a recording that is uploaded. `keep_days`: how long its text is kept. `upload_minutes`: how long its upload may
    take.
    """

    name: str
    minutes_per_day: float | None
    minutes_left: float | None
    resets_at: float
    uploads: AudioLimits
    keep_days: float
    upload_minutes: float


class Allowances:
    """What each client may do. `uploads`, `keep_days` and `upload_minutes` are every client's."""

    def __init__(self, quotas: Quotas, *, uploads: AudioLimits, keep_days: float, upload_minutes: float) -> None:
        self._quotas = quotas
        self._uploads = uploads
        self._keep_days = keep_days
        self._upload_minutes = upload_minutes

    def of(self, client: Client) -> Allowance:
        """Return what the client may do now."""
        payer = Payer(name=client.key_hash, minutes_per_day=client.minutes_per_day)
        return Allowance(
            name=client.name,
            minutes_per_day=client.minutes_per_day,
            minutes_left=self._quotas.minutes_left(payer),
            resets_at=self._quotas.resets_at(),
            uploads=self._uploads,
            keep_days=self._keep_days,
            upload_minutes=self._upload_minutes,
        )
