"""The states a trade and a refund go through in the front's ledger, and the moves between them.

An exception or a timeout leads to UNKNOWN and nowhere else; only a wallet's signed answer leads out of it. What waits for staff is not a
state but a note on the row (`staff`), because it says nothing about where the money is.
"""

from __future__ import annotations

from enum import StrEnum

from kiosk.ledger.states import IllegalMove


class Kind(StrEnum):
    TRADE = "trade"
    REFUND = "refund"


class Way(StrEnum):
    SHOWN = "shown"
    """The kiosk shows a code."""
    CHARGED = "charged"
    """The kiosk scanned the payer's code."""
    NONE = "none"
    """Closed before it was ever opened: a request that comes late finds the number used."""


class TradeAt(StrEnum):
    INTENT = "intent"
    """On record, and bytes may have left since."""
    WAITING = "waiting"
    """The code can be paid."""
    PAYING = "paying"
    """The payer is asked for a password."""
    CLOSING = "closing"
    """The window is over or the kiosk asked: a close (an undo) may have left."""
    UNKNOWN = "unknown"
    PAID = "paid"
    CLOSED = "closed"
    REFUSED = "refused"
    """The wallet said no before anything was opened."""
    REFUNDED = "refunded"


class RefundAt(StrEnum):
    INTENT = "intent"
    UNKNOWN = "unknown"
    PROCESSING = "processing"
    DONE = "done"
    REFUSED = "refused"
    """The wallet refused; nothing went back."""
    ABNORMAL = "abnormal"
    """The wallet gave up: staff give the money back by hand."""


_T, _R = TradeAt, RefundAt
_ENDS = frozenset({_T.PAID, _T.CLOSED, _T.REFUNDED})

MOVES: dict[Kind, dict[str, frozenset[str]]] = {
    Kind.TRADE: {
        _T.INTENT: _ENDS | {_T.WAITING, _T.PAYING, _T.UNKNOWN, _T.REFUSED, _T.CLOSING},
        _T.WAITING: _ENDS | {_T.PAYING, _T.UNKNOWN, _T.CLOSING},
        _T.PAYING: _ENDS | {_T.UNKNOWN, _T.CLOSING},
        _T.CLOSING: _ENDS | {_T.UNKNOWN},
        _T.UNKNOWN: _ENDS | {_T.WAITING, _T.PAYING, _T.CLOSING, _T.REFUSED},
        # Wallets have been seen to take money after they had answered "closed", or no.
        _T.CLOSED: frozenset({_T.PAID, _T.REFUNDED}),
        _T.REFUSED: frozenset({_T.PAID, _T.REFUNDED}),
        _T.PAID: frozenset({_T.REFUNDED}),
    },
    Kind.REFUND: {
        _R.INTENT: frozenset({_R.UNKNOWN, _R.PROCESSING, _R.DONE, _R.REFUSED, _R.ABNORMAL}),
        _R.UNKNOWN: frozenset({_R.PROCESSING, _R.DONE, _R.REFUSED, _R.ABNORMAL}),
        _R.PROCESSING: frozenset({_R.UNKNOWN, _R.DONE, _R.ABNORMAL}),
        # Staff pushed it through at the wallet.
        _R.ABNORMAL: frozenset({_R.DONE}),
    },
}

OPEN_TRADES = (_T.INTENT, _T.WAITING, _T.PAYING, _T.CLOSING, _T.UNKNOWN)
OVER = (_T.CLOSED, _T.REFUSED)
"""Ended without money, as far as is known here."""
UNPAID = (*OPEN_TRADES, *OVER)
"""Nobody has paid yet, as far as is known here."""
OPEN_REFUNDS = (_R.INTENT, _R.UNKNOWN, _R.PROCESSING)


def check_move(kind: Kind, old: str, new: str) -> None:
    """Raises IllegalMove unless the table allows it: a bug."""
    if new not in MOVES[kind].get(old, frozenset()):
        raise IllegalMove(f"{kind}: {old} -> {new}")
