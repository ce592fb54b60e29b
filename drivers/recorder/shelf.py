"""The folder of recordings as the driver uses it: off the loop, and what a disk says in our words."""

from __future__ import annotations

import asyncio
import datetime as dt
import errno
from collections.abc import Callable
from typing import TypeVar

import structlog

from drivers.recorder.take import DEVICE
from drivers.recorder.vault import Space, Vault
from kiosk.domain.errors import DeviceError, ErrorKind

log = structlog.get_logger(__name__)
T = TypeVar("T")
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


class Shelf:
    """All methods raise DeviceError: PERMISSION or CONFIG where the folder cannot be used."""

    def __init__(self, vault: Vault, today: Callable[[], dt.date]) -> None:
        self._vault, self._today = vault, today
        self._purged_on: dt.date | None = None

    async def prepare(self) -> None:
        await _off_the_loop(self._vault.prepare)

    async def purge(self) -> None:
        """What is older than it is kept goes; done once a day, however often it is called."""
        today = self._today()
        if today != self._purged_on and await _off_the_loop(lambda: self._purge(today)):
            self._purged_on = today

    def _purge(self, today: dt.date) -> bool:
        try:
            gone = self._vault.purge(today)
        except OSError as error:
            if error.errno not in _NO_ROOM:
                raise
            log.warning("recordings_not_purged", error=type(error).__name__)  # `space` says that there is no room
            return False
        if gone:
            log.info("recordings_purged", count=len(gone))
        return True

    async def space(self) -> Space:
        return await _off_the_loop(self._vault.space)


async def _off_the_loop(do: Callable[[], T]) -> T:
    try:
        return await asyncio.to_thread(do)
    except OSError as error:
        kind = ErrorKind.PERMISSION if isinstance(error, PermissionError) else ErrorKind.CONFIG
        hint = f"The folder of recordings cannot be used: {error.strerror or type(error).__name__}."
        raise DeviceError(kind, DEVICE, hint, "folder") from error
