"""The machine's clock behind port Clock."""

import time


class SystemClock:
    """Real time."""

    def now(self) -> float:
        """Return Unix seconds."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)
