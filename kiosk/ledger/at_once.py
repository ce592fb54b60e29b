"""Several pieces of work at once, so that a remote side that takes its time does not take all of ours."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence


async def at_once(works: Sequence[Callable[[], Awaitable[None]]], most: int) -> None:
    """Do them all, `most` at a time, begun in their order. The first that raises ends the rest; nothing runs on when this returns,
    raises or is cancelled."""
    waiting = iter(works)

    async def hand() -> None:
        for work in waiting:
            await work()

    hands = [asyncio.ensure_future(hand()) for _ in range(min(most, len(works)))]
    try:
        await asyncio.gather(*hands)
    finally:
        for each in hands:
            each.cancel()
        await asyncio.gather(*hands, return_exceptions=True)
