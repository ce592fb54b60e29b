"""When a wallet is asked. One plan for both ways to pay; all times are seconds.

While a payment can still be made: after 2, 5, 8, … s. When its window is over the trade is closed (undone); where that stays unclear it is
asked about in the background after 30 s, 1, 2, 5 and 15 minutes and then hourly. After `cap` such tries staff are told, and the asking goes
on once a day until the wallet's own bill has long decided.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    first: float = 2.0
    every: float = 3.0
    jitter: float = 0.2
    """Part by which each wait is longer or shorter, so that many kiosks do not ask in step."""
    fresh: float = 1.0
    """A wallet is asked about one order at most once in this time, however often its kiosk asks."""
    charge_window: float = 60.0
    """How long a payer may take to confirm a code that was scanned. (A shown code has the order's own expiry.)"""
    answer: float = 5.0
    """How long a kiosk waits for a wallet before it gets what the ledger knows. Less than the kiosk's own patience (8 s)."""
    later: tuple[float, ...] = (30.0, 60.0, 120.0, 300.0, 900.0, 3600.0)
    cap: int = 12
    daily: float = 86_400.0
    end: int = 20
    """After this many background tries nothing more is asked."""
    late: tuple[float, ...] = (120.0, 900.0, 3600.0)
    """A closed trade is asked about once more this long after: wallets have been seen to take late money."""
    refund: tuple[float, ...] = (2.0, 5.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0)

    def poll(self, asked: int, chance: Callable[[], float] = random.random) -> float:
        """Until the next question, after `asked` earlier ones."""
        return self._shaken(self.every if asked else self.first, chance)

    def background(self, tries: int, chance: Callable[[], float] = random.random) -> float | None:
        """Until the next try, when `tries` have been made; None when there is none."""
        return self._planned(self.later, tries, chance)

    def refunding(self, tries: int, chance: Callable[[], float] = random.random) -> float | None:
        return self._planned(self.refund, tries, chance)

    def _planned(self, plan: tuple[float, ...], tries: int, chance: Callable[[], float]) -> float | None:
        if tries >= self.end:
            return None
        wait = self.daily if tries >= self.cap else plan[min(max(tries - 1, 0), len(plan) - 1)]
        return self._shaken(wait, chance)

    def _shaken(self, wait: float, chance: Callable[[], float]) -> float:
        return wait * (1.0 + self.jitter * (2.0 * chance() - 1.0))
