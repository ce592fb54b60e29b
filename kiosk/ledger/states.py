"""The states of what the ledger keeps, and the only moves between them.

Money only moves forward. An *intent* is written and committed before a byte leaves the machine; an exception or a timeout
leads to *unknown*, never to *failed*; only an answer of the remote side leads out of unknown. Printing never changes money.
"""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """The records of one order, linked by its number: what was decided, paid, posted to the police side, and printed."""

    ORDER = "order"
    DECISION = "decision"
    PAYMENT = "payment"
    POSTING = "posting"
    PRINT = "print"


class OrderState(StrEnum):
    OPEN = "open"
    SETTLED = "settled"
    """Every fine of the order is posted, or there was nothing to pay."""
    UNPAID = "unpaid"
    """Decided, and the citizen pays later (within 15 days, by decision number)."""
    VOID = "void"
    """No decision was made and nothing was paid."""
    MANUAL = "manual"
    """On the work list of staff."""


class DecisionState(StrEnum):
    INTENT = "intent"
    UNKNOWN = "unknown"
    DECIDED = "decided"
    REJECTED = "rejected"
    ABANDONED = "abandoned"
    """The platform has no decision and the citizen has gone: nobody decides behind their back."""


class PaymentState(StrEnum):
    INTENT = "intent"
    PENDING = "pending"
    """The code was shown."""
    UNKNOWN = "unknown"
    PAID = "paid"
    CLOSED = "closed"
    FAILED = "failed"
    """The wallet refused to open the trade; no code was ever shown."""
    REFUND_DUE = "refund_due"
    REFUND_INTENT = "refund_intent"
    REFUNDED = "refunded"
    MANUAL = "manual"
    """The paid amount is not ours, or a refund was refused: staff look."""


class PostingState(StrEnum):
    INTENT = "intent"
    UNKNOWN = "unknown"
    POSTED = "posted"
    MANUAL = "manual"


class PrintState(StrEnum):
    QUEUED = "queued"
    PRINTING = "printing"
    DONE = "done"
    FAILED = "failed"
    UNCERTAIN = "uncertain"


_O, _D, _P, _S, _J = OrderState, DecisionState, PaymentState, PostingState, PrintState

MOVES: dict[Kind, dict[str, frozenset[str]]] = {
    Kind.ORDER: {
        _O.OPEN: frozenset({_O.SETTLED, _O.UNPAID, _O.VOID, _O.MANUAL}),
        # A code shown may still be paid after the citizen has gone (late payer); the fine is then settled after all.
        _O.UNPAID: frozenset({_O.SETTLED, _O.MANUAL}),
        # A decision that was given up can still have landed (see DECISION); it is then owed, or was a warning.
        _O.VOID: frozenset({_O.UNPAID, _O.SETTLED, _O.MANUAL}),
        _O.MANUAL: frozenset({_O.SETTLED}),
        _O.SETTLED: frozenset({_O.UNPAID, _O.MANUAL}),
    },
    Kind.DECISION: {
        _D.INTENT: frozenset({_D.DECIDED, _D.UNKNOWN, _D.REJECTED}),
        _D.UNKNOWN: frozenset({_D.DECIDED, _D.REJECTED, _D.ABANDONED}),
        # A request that was on its way when we gave up can still land.
        _D.ABANDONED: frozenset({_D.DECIDED}),
    },
    Kind.PAYMENT: {
        _P.INTENT: frozenset({_P.PENDING, _P.UNKNOWN, _P.FAILED, _P.PAID, _P.CLOSED, _P.REFUND_DUE}),
        # Straight to refund due: paid, while another attempt has paid for the order already.
        _P.PENDING: frozenset({_P.PAID, _P.CLOSED, _P.UNKNOWN, _P.REFUND_DUE, _P.MANUAL}),
        _P.UNKNOWN: frozenset({_P.PENDING, _P.PAID, _P.CLOSED, _P.FAILED, _P.REFUND_DUE, _P.MANUAL}),
        _P.CLOSED: frozenset({_P.PAID, _P.REFUND_DUE, _P.MANUAL}),
        _P.PAID: frozenset({_P.REFUND_DUE}),
        _P.REFUND_DUE: frozenset({_P.REFUND_INTENT}),
        _P.REFUND_INTENT: frozenset({_P.REFUNDED, _P.MANUAL}),
        _P.MANUAL: frozenset({_P.REFUND_DUE}),
    },
    Kind.POSTING: {
        _S.INTENT: frozenset({_S.POSTED, _S.UNKNOWN, _S.MANUAL}),
        _S.UNKNOWN: frozenset({_S.POSTED, _S.MANUAL}),
        _S.MANUAL: frozenset({_S.POSTED}),
    },
    Kind.PRINT: {
        _J.QUEUED: frozenset({_J.PRINTING, _J.FAILED}),
        _J.PRINTING: frozenset({_J.DONE, _J.FAILED, _J.UNCERTAIN}),
    },
}

FIRST: dict[Kind, str] = {
    Kind.ORDER: _O.OPEN,
    Kind.DECISION: _D.INTENT,
    Kind.PAYMENT: _P.INTENT,
    Kind.POSTING: _S.INTENT,
    Kind.PRINT: _J.QUEUED,
}

FINAL: dict[Kind, frozenset[str]] = {
    Kind.ORDER: frozenset({_O.SETTLED, _O.UNPAID, _O.VOID, _O.MANUAL}),
    Kind.DECISION: frozenset({_D.DECIDED, _D.REJECTED, _D.ABANDONED}),
    Kind.PAYMENT: frozenset({_P.PAID, _P.CLOSED, _P.FAILED, _P.REFUNDED, _P.MANUAL}),
    Kind.POSTING: frozenset({_S.POSTED, _S.MANUAL}),
    Kind.PRINT: frozenset({_J.DONE, _J.FAILED, _J.UNCERTAIN}),
}


class IllegalMove(Exception):
    """A bug: the transition table does not know this move."""


class Stale(Exception):
    """Somebody else moved the record since it was read; read it again and decide anew."""


def check_move(kind: Kind, old: str, new: str) -> None:
    """Raises IllegalMove unless the table allows it."""
    if new not in MOVES[kind].get(old, frozenset()):
        raise IllegalMove(f"{kind}: {old} -> {new}")
