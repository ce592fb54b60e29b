"""Bytes that came in and were not read yet, and the news that the line is gone."""

from __future__ import annotations

import asyncio

from kiosk.domain.errors import DeviceError, ErrorKind


class Inbox:
    """Filled by the event loop, emptied by one reader at a time. What came before a loss is still handed out first."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._data = bytearray()
        self._loss: tuple[ErrorKind, str, str] | None = None
        self._waiter: asyncio.Future[None] | None = None

    def __len__(self) -> int:
        return len(self._data)

    def feed(self, data: bytes) -> None:
        self._data += data
        self._wake()

    def fail(self, kind: ErrorKind, hint: str, native: str = "") -> None:
        """The line is gone; the first reason stays."""
        if self._loss is None:
            self._loss = (kind, hint, native)
        self._wake()

    @property
    def lost(self) -> bool:
        return self._loss is not None

    def raise_if_lost(self) -> None:
        if self._loss is not None:
            kind, hint, native = self._loss
            raise DeviceError(kind, self._name, hint, native)

    async def read(self, limit: int, deadline: float) -> bytes:
        """Raises DeviceError TIMEOUT when nothing came in `deadline` seconds, or the loss."""
        if not self._data:
            self.raise_if_lost()
            if self._waiter is not None:
                raise RuntimeError(f"{self._name}: two readers on one line")
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(deadline):
                    await self._waiter
            except TimeoutError:
                if not self._data and not self.lost:
                    raise DeviceError(
                        ErrorKind.TIMEOUT, self._name, f"Nothing came from the device within {deadline:g} s."
                    ) from None
            finally:
                self._waiter = None
        if not self._data:
            self.raise_if_lost()
        data = bytes(self._data[:limit])
        del self._data[:limit]
        return data

    def drain(self) -> bytes:
        data = bytes(self._data)
        self._data.clear()
        return data

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
