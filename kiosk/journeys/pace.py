"""When the wallet is asked again about a payment: the same for a code that is shown and for one that was scanned.

The wallets' guides want a question every 3 to 6 seconds until the end of the window, then a last one, then closing without a gap.
"""

from __future__ import annotations

import asyncio
import random

FIRST_S = 2.0
SPREAD = 0.2
"""Up to so much earlier, by chance, so that the machines of a hall do not ask in step; never later than `every`."""


class Pace:
    """By the loop's own clock: the wall clock may be set while a citizen pays. `every` is seconds."""

    def __init__(self, every: float) -> None:
        self._every = every
        self._loop = asyncio.get_running_loop()
        self._at = self._loop.time() + min(every, FIRST_S)

    @property
    def due(self) -> bool:
        return self._loop.time() >= self._at

    def left(self) -> float:
        """Seconds until it is due; 0.0 when it is."""
        return max(0.0, self._at - self._loop.time())

    def asked(self) -> None:
        self._at = self._loop.time() + self._every * random.uniform(1 - SPREAD, 1)
