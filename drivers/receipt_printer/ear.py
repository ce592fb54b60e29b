"""Hears what a printer tells by itself (automatic status, GS a) while nobody asks it anything.

A line has one reader at a time: whoever wants to ask lets the ear rest first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from drivers.receipt_printer.status import StatusReader
from kiosk.domain.errors import DeviceError

_LONG_S = 3600.0


class Ear:
    """`told` is called on the loop for every automatic status, whatever it says: what is true then is asked for."""

    def __init__(self, reader: StatusReader, told: Callable[[], None]) -> None:
        self._reader = reader
        self._told = told
        self._task: asyncio.Task[None] | None = None

    def listen(self) -> None:
        if self._reader.automatic and (self._task is None or self._task.done()):
            self._task = asyncio.get_running_loop().create_task(self._hear(), name="receipt-printer-ear")

    async def rest(self) -> None:
        """Returns when nobody reads any more. What has come in until now is still there."""
        task, self._task = self._task, None
        if task is None:
            return
        task.cancel()
        await asyncio.wait((task,))
        if not task.cancelled():
            task.result()

    async def _hear(self) -> None:
        while True:
            try:
                await self._reader.listen(_LONG_S)
            except DeviceError:
                return  # the line is gone, and whoever asks next finds out why
            if self._reader.take_news():
                self._told()
