"""Time comes from outside, so that tests can stand on any day."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from config.zone import SHANGHAI


class Clock(Protocol):
    def now(self) -> dt.datetime:
        """Aware, Asia/Shanghai."""
        ...


class SystemClock:
    """The machine's wall clock, told in Asia/Shanghai whatever the machine's own time zone is."""

    def now(self) -> dt.datetime:
        return dt.datetime.now(SHANGHAI)


__all__ = ["SHANGHAI", "Clock", "SystemClock"]
