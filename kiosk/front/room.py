"""Room on the ledger's disk. Below the least of it no new order is taken: what is open must still be able to end, and be on record.

What is left then is for queries, notifications, refunds and recovery, which go on. A ledger in PostgreSQL stands on a disk that this
process cannot see.
"""

from __future__ import annotations

import os
from pathlib import Path

import sqlalchemy as sa
import structlog

log = structlog.get_logger(__name__)
MB = 1_000_000


class Room:
    """`least_mb` 0: it is not looked at."""

    def __init__(self, ledger_url: str, least_mb: int) -> None:
        self.least_mb = least_mb
        self._folder = _folder(ledger_url)
        self._short = False

    def free_mb(self) -> int | None:
        """What the front's user may still write there; None where that is not to be known. Raises OSError."""
        if self._folder is None:
            return None
        disk = os.statvfs(self._folder)
        return disk.f_bavail * disk.f_frsize // MB

    def enough(self) -> bool:
        """Whether a new order may be taken. A disk that cannot be asked is no place for one."""
        if self.least_mb == 0:
            return True
        try:
            free = self.free_mb()
        except OSError as error:
            free = 0
            log.error("front_disk_unknown", hint=error.strerror)
        short = free is not None and free < self.least_mb
        if short != self._short:
            self._short = short
            log.error("front_disk_short", size=free) if short else log.warning("front_disk_has_room", size=free)
        return not short


def _folder(ledger_url: str) -> Path | None:
    """Where an SQLite ledger lies. An address that is none has none; the ledger says so when it is opened."""
    try:
        url = sa.make_url(ledger_url)
    except sa.exc.ArgumentError:
        return None
    return Path(url.database).parent if url.drivername.startswith("sqlite") and url.database else None
