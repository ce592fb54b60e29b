"""`asyncio.timeout` as Python 3.11.3 mended it, for the 3.11.2 of Debian 12, which many kiosks have.

Before (cpython gh-102780), a time limit within the cleaning up of a task that was cancelled never ended in TimeoutError: the cancelling it
makes for itself was taken for another one from outside. What a broken-off visit must still do within a time limit, such as bringing a
permit out of the machine, was left undone.

Imported by every package that waits; not by `kiosk` itself, because the first screen is painted before asyncio is loaded.
"""

from __future__ import annotations

import asyncio
import sys
from asyncio import timeouts
from types import TracebackType
from typing import Any

_OWN: Any = timeouts.Timeout
_enter, _exit = _OWN.__aenter__, _OWN.__aexit__


async def _entered(self: Any) -> Any:
    entered = await _enter(self)
    self._cancelled_before = self._task.cancelling()
    return entered


async def _left(
    self: Any, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
) -> bool | None:
    mine = self.expired() and kind is asyncio.CancelledError and self._task.cancelling() - 1 <= self._cancelled_before
    left: bool | None = await _exit(self, kind, error, trace)  # raises TimeoutError where nothing was cancelled before
    if mine:
        raise TimeoutError from error
    return left


if sys.version_info < (3, 11, 3):
    _OWN.__aenter__, _OWN.__aexit__ = _entered, _left
