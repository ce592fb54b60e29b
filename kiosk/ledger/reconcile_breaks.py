"""The classes of what the end-of-day match finds."""

from __future__ import annotations

from enum import StrEnum


class Break(StrEnum):
    PAID_NOT_POSTED = "paid_not_posted"
    """The wallet has the money, the police side does not know: post again."""
    PAID_TWICE = "paid_twice"
    """Two payments of one order, or of one decision, are kept: refund one."""
    POSTED_NOT_PAID = "posted_not_paid"
    """A fine is booked as paid and nobody has its money. Alarm."""
    BILL_ONLY = "bill_only"
    """The wallet has money that the ledger does not know of (orphan)."""
    JOURNAL_ONLY = "journal_only"
    """The ledger has money that the wallet's bill does not know of."""
    AMOUNT_DIFFERS = "amount_differs"
    """Both know of it, with different amounts. Alarm."""
    CROSS_MIDNIGHT = "cross_midnight"
    """Around midnight: the next day's books will say. Held, no break yet."""
    REFUND_MISSING = "refund_missing"
    """Money that is due back, or said to be back, has not gone back."""
    STILL_OPEN = "still_open"
    """An order of this day or an earlier one that is not brought to its end."""


ALARMS = frozenset({Break.POSTED_NOT_PAID, Break.AMOUNT_DIFFERS})
"""While one of these is on the work list, the machine takes no money (`reconcile_alarm`)."""
HELD = frozenset({Break.CROSS_MIDNIGHT})
