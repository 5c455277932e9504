"""Yandex Monitoring behind port Meter: a few numbers of each recording, for the owner's dashboard.

They are sent on a thread of their own, so that nobody waits for them, and one that can't be sent is lost with a line in the log. The
container's account signs, by the token that the metadata service gives it. The API: `write` of Monitoring's HTTP API, version 2.
"""

import logging
import time
from threading import Lock, Thread

from pisar.domain.jobs import Outcome

API_URL = "https://monitoring.api.cloud.yandex.net"
METADATA_URL = "http://169.254.169.254"
TIMEOUT_SECONDS = 5.0
TOKEN_SPARE_SECONDS = 60.0
SECONDS_AN_HOUR = 3600.0

log = logging.getLogger(__name__)


class MonitoringMeter:
    """The folder's own metrics, named `pisar.…`. `rub_per_hour` is what an hour of this machine costs."""

    def __init__(self, folder_id: str, rub_per_hour: float, *, api_url: str = API_URL, metadata_url: str = METADATA_URL) -> None:
        self._folder_id = folder_id
        self._rub_per_hour = rub_per_hour
        self._api_url = api_url.rstrip("/")
        self._metadata_url = metadata_url.rstrip("/")
        self._lock = Lock()
        self._token, self._good_until = "", 0.0

    def recognised(self, *, engine_seconds: float, audio_seconds: float) -> None:
        """Tell of a recording, of which `audio_seconds` are above 0. Returns at once and never fails."""
        factor = engine_seconds / audio_seconds
        numbers = {
            "pisar.audio_seconds": audio_seconds,
            "pisar.engine_seconds": engine_seconds,
            "pisar.real_time_factor": factor,
            "pisar.rub_per_audio_hour": factor * self._rub_per_hour,
        }
        Thread(target=self._send, args=(numbers, time.time()), name="meter", daemon=True).start()

    def begun(self, *, waited_seconds: float) -> None:
        """Tell nothing: Message Queue has a chart of how old its messages are."""

    def ended(self, outcome: Outcome, *, seconds: float | None) -> None:
        """Tell nothing: Cloud Logging has a line of every job's end."""

    def _send(self, numbers: dict[str, float], at: float) -> None:
        import requests  # noqa: PLC0415 - 0.1 s that no start waits for

        metrics = [{"name": name, "type": "DGAUGE", "value": value} for name, value in numbers.items()]
        try:
            answer = requests.post(
                f"{self._api_url}/monitoring/v2/data/write",
                params={"folderId": self._folder_id, "service": "custom"},
                headers={"Authorization": f"Bearer {self._bearer()}"},
                json={"ts": int(at), "metrics": metrics},
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
            if not answer.ok:
                log.warning("not metered", extra={"why": f"Monitoring answered {answer.status_code}"})
        except (requests.RequestException, ValueError, KeyError, TypeError) as error:
            # The error's own text may hold the token's address or a part of an answer; its kind is enough.
            log.warning("not metered", extra={"why": type(error).__name__})

    def _bearer(self) -> str:
        with self._lock:
            if time.monotonic() > self._good_until:
                found = self._fetch_token()
                self._token = found["access_token"]
                self._good_until = time.monotonic() + float(found["expires_in"]) - TOKEN_SPARE_SECONDS
            return self._token

    def _fetch_token(self) -> dict[str, str]:
        import requests  # noqa: PLC0415 - see _send

        answer = requests.get(
            f"{self._metadata_url}/computeMetadata/v1/instance/service-accounts/default/token",
            headers={"Metadata-Flavor": "Google"},
            timeout=TIMEOUT_SECONDS,
        )
        answer.raise_for_status()
        token: dict[str, str] = answer.json()
        return token
