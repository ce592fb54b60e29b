"""The next number of the day, for orders and for permits in custody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from kiosk.ledger.states import Kind
from kiosk.ledger.store import Store


async def unused(store: Store, kind: Kind, now: dt.datetime, numbered: Callable[[int], str]) -> str:
    """`numbered(n)` for the smallest n that no record of this day has reached.

    Records are counted by when they were written. Where the clock was set between the taking of a number and the writing of its record that
    is another day, and the count gives a number a second time; one that is taken is passed over.
    """
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    counter = await store.count(kind, day.isoformat(timespec="milliseconds")) + 1
    while await store.find(kind, id=numbered(counter)):
        counter += 1
    return numbered(counter)
