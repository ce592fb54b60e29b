"""The states of what the ledger keeps, and the only moves between them.

Money only moves forward. An *intent* is written and committed before a byte leaves the machine; an exception or a timeout
leads to *unknown*, never to *failed*; only an answer of the remote side leads out of unknown. Printing never changes money.
A citizen's permit is never lost sight of: the intent is written before a motor moves it.
"""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """The records of one order, linked by its number: what was decided or issued, paid, posted to the police side, and printed;
    and the permits the machine took in."""

    ORDER = "order"
    DECISION = "decision"
    NUMBER = "number"
    """A decision number out of an authority's pool, taken for one decision."""
    PAYMENT = "payment"
    POSTING = "posting"
    PRINT = "print"
    ISSUANCE = "issuance"
    """One application for endorsements on one permit, with one fee, as far as its writing and confirmation."""
    CUSTODY = "custody"
    """One permit in the machine, from before the slot opens until it is out of it. Belongs to no order at first."""
    WORK = "work"
    """One entry on the work list: something that the end-of-day match could not explain. May be about money of no order at all."""


class OrderState(StrEnum):
    OPEN = "open"
    SETTLED = "settled"
    """Every fine of the order is posted, or there was nothing to pay; or the endorsements are in force."""
    UNPAID = "unpaid"
    """Decided, and the citizen pays later (within 15 days, by decision number)."""
    VOID = "void"
    """No decision was made, nothing was issued, and nothing was paid."""
    MANUAL = "manual"
    """On the work list of staff."""


class DecisionState(StrEnum):
    INTENT = "intent"
    UNKNOWN = "unknown"
    DECIDED = "decided"
    REJECTED = "rejected"
    ABANDONED = "abandoned"
    """The platform has no decision and the citizen has gone: nobody decides behind their back."""


class NumberState(StrEnum):
    INTENT = "intent"
    RESERVED = "reserved"
    COMMITTED = "committed"
    """The decision bears it, and the authority knows."""
    RETURNED = "returned"
    NONE = "none"
    """The platform numbers by itself, or had none to give."""


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


class IssuanceState(StrEnum):
    INTENT = "intent"
    UNKNOWN = "unknown"
    APPLIED = "applied"
    """The platform has the application; nothing is granted before it is paid."""
    REJECTED = "rejected"
    AUTHORISING = "authorising"
    """Paid, and the platform is told so; repeated with the same number until it answers."""
    AUTHORISED = "authorised"
    WRITING = "writing"
    """The unit may have begun. Only AUTHORISED leads here, so that nothing is written twice."""
    WRITE_UNKNOWN = "write_unknown"
    WRITTEN = "written"
    """The chip carries the endorsements; the platform does not know it yet."""
    CONFIRMED = "confirmed"
    """In force."""
    VOIDING = "voiding"
    """Nothing was written and nothing will be; what was paid is due back. The platform is told until it answers."""
    VOIDED = "voided"
    MANUAL = "manual"
    """Nobody at the machine can say whether the chip was written, or the platform holds something else for true."""


class CustodyState(StrEnum):
    ASKED = "asked"
    """The slot is about to be opened, or is open."""
    NONE = "none"
    """Nothing came in."""
    INSIDE = "inside"
    OFFERED = "offered"
    """On its way to the slot, or lying there for the citizen to take."""
    RETURNED = "returned"
    RETAINING = "retaining"
    RETAINED = "retained"
    """In the bin; staff give it back."""
    STUCK = "stuck"
    """Jammed; staff open the unit."""
    MISSING = "missing"
    """Not in the unit, not in its bin, and nobody saw it taken: staff look."""


class WorkState(StrEnum):
    OPEN = "open"
    SETTLED = "settled"
    """By a later match, or by staff, who say why."""


_O, _D, _P, _S, _J = OrderState, DecisionState, PaymentState, PostingState, PrintState
_I, _C, _W, _N = IssuanceState, CustodyState, WorkState, NumberState

MOVES: dict[Kind, dict[str, frozenset[str]]] = {
    Kind.ORDER: {
        _O.OPEN: frozenset({_O.SETTLED, _O.UNPAID, _O.VOID, _O.MANUAL}),
        # A code shown may still be paid after the citizen has gone (late payer); the fine is then settled after all.
        _O.UNPAID: frozenset({_O.SETTLED, _O.MANUAL}),
        # A decision that was given up can still have landed (see DECISION); it is then owed, or was a warning.
        _O.VOID: frozenset({_O.UNPAID, _O.SETTLED, _O.MANUAL}),
        # Staff can find that nothing was issued, and nothing was paid.
        _O.MANUAL: frozenset({_O.SETTLED, _O.VOID}),
        _O.SETTLED: frozenset({_O.UNPAID, _O.MANUAL}),
    },
    Kind.DECISION: {
        _D.INTENT: frozenset({_D.DECIDED, _D.UNKNOWN, _D.REJECTED}),
        _D.UNKNOWN: frozenset({_D.DECIDED, _D.REJECTED, _D.ABANDONED}),
        # A request that was on its way when we gave up can still land.
        _D.ABANDONED: frozenset({_D.DECIDED}),
    },
    Kind.NUMBER: {
        _N.INTENT: frozenset({_N.RESERVED, _N.NONE}),
        _N.RESERVED: frozenset({_N.COMMITTED, _N.RETURNED}),
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
    Kind.ISSUANCE: {
        _I.INTENT: frozenset({_I.APPLIED, _I.UNKNOWN, _I.REJECTED}),
        _I.UNKNOWN: frozenset({_I.APPLIED, _I.REJECTED, _I.VOIDING, _I.VOIDED}),
        _I.APPLIED: frozenset({_I.AUTHORISING, _I.VOIDING}),
        _I.AUTHORISING: frozenset({_I.AUTHORISED, _I.VOIDING}),
        _I.AUTHORISED: frozenset({_I.WRITING, _I.VOIDING}),
        # Straight to voiding: the unit says for sure that it wrote nothing.
        _I.WRITING: frozenset({_I.WRITTEN, _I.WRITE_UNKNOWN, _I.VOIDING}),
        _I.WRITE_UNKNOWN: frozenset({_I.WRITTEN, _I.VOIDING, _I.MANUAL}),
        _I.WRITTEN: frozenset({_I.CONFIRMED, _I.MANUAL}),
        _I.VOIDING: frozenset({_I.VOIDED, _I.MANUAL}),
        _I.MANUAL: frozenset({_I.CONFIRMED, _I.VOIDED}),
    },
    Kind.CUSTODY: {
        _C.ASKED: frozenset({_C.INSIDE, _C.NONE, _C.MISSING}),
        _C.INSIDE: frozenset({_C.OFFERED, _C.RETAINING, _C.STUCK, _C.MISSING}),
        _C.OFFERED: frozenset({_C.RETURNED, _C.RETAINING, _C.INSIDE, _C.STUCK, _C.MISSING}),
        _C.RETAINING: frozenset({_C.RETAINED, _C.STUCK, _C.INSIDE, _C.OFFERED, _C.MISSING}),
        _C.STUCK: frozenset({_C.INSIDE, _C.OFFERED, _C.RETAINED, _C.RETURNED, _C.MISSING}),
        _C.RETAINED: frozenset({_C.RETURNED}),
        _C.MISSING: frozenset({_C.RETURNED, _C.RETAINED}),
    },
    Kind.WORK: {
        _W.OPEN: frozenset({_W.SETTLED}),
        # What was explained once can be found wrong again.
        _W.SETTLED: frozenset({_W.OPEN}),
    },
}

FIRST: dict[Kind, str] = {
    Kind.ORDER: _O.OPEN,
    Kind.DECISION: _D.INTENT,
    Kind.NUMBER: _N.INTENT,
    Kind.PAYMENT: _P.INTENT,
    Kind.POSTING: _S.INTENT,
    Kind.PRINT: _J.QUEUED,
    Kind.ISSUANCE: _I.INTENT,
    Kind.CUSTODY: _C.ASKED,
    Kind.WORK: _W.OPEN,
}

BIRTHS: dict[Kind, frozenset[str]] = {
    kind: frozenset({first}) | ({_D.DECIDED} if kind is Kind.DECISION else frozenset()) for kind, first in FIRST.items()
}
"""The states a record may begin in. A decision made elsewhere (on the road, at a window, in the app) is decided when this machine first
hears of it: nothing is asked of the platform for it, it is only paid."""

FINAL: dict[Kind, frozenset[str]] = {
    Kind.ORDER: frozenset({_O.SETTLED, _O.UNPAID, _O.VOID, _O.MANUAL}),
    Kind.DECISION: frozenset({_D.DECIDED, _D.REJECTED, _D.ABANDONED}),
    Kind.NUMBER: frozenset({_N.COMMITTED, _N.RETURNED, _N.NONE}),
    Kind.PAYMENT: frozenset({_P.PAID, _P.CLOSED, _P.FAILED, _P.REFUNDED, _P.MANUAL}),
    Kind.POSTING: frozenset({_S.POSTED, _S.MANUAL}),
    Kind.PRINT: frozenset({_J.DONE, _J.FAILED, _J.UNCERTAIN}),
    Kind.ISSUANCE: frozenset({_I.REJECTED, _I.CONFIRMED, _I.VOIDED, _I.MANUAL}),
    Kind.CUSTODY: frozenset({_C.NONE, _C.RETURNED, _C.RETAINED, _C.MISSING}),
    Kind.WORK: frozenset({_W.SETTLED}),
}

WORK_LIST: dict[Kind, frozenset[str]] = {
    Kind.ORDER: frozenset({_O.MANUAL}),
    Kind.PAYMENT: frozenset({_P.MANUAL}),
    Kind.POSTING: frozenset({_S.MANUAL}),
    Kind.ISSUANCE: frozenset({_I.MANUAL}),
    Kind.CUSTODY: frozenset({_C.RETAINED, _C.MISSING, _C.STUCK}),
    Kind.WORK: frozenset({_W.OPEN}),
}
"""What waits for staff, whether it is final or not."""


class LedgerError(Exception):
    """The database cannot be used; the sentence says why and what to do."""


class IllegalMove(Exception):
    """A bug: the transition table does not know this move."""


class Stale(Exception):
    """Somebody else moved the record since it was read; read it again and decide anew."""


def check_birth(kind: Kind, state: str) -> None:
    """Raises IllegalMove unless a record of this kind may begin so."""
    if state not in BIRTHS[kind]:
        raise IllegalMove(f"{kind}: cannot begin as {state}")


def check_move(kind: Kind, old: str, new: str) -> None:
    """Raises IllegalMove unless the table allows it."""
    if new not in MOVES[kind].get(old, frozenset()):
        raise IllegalMove(f"{kind}: {old} -> {new}")
