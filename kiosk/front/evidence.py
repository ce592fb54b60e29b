"""What a wallet's word does to a trade. Pure: one row and one standing in, one change or none out.

Money only moves forward: a late or reordered word that a paid trade is waiting, unknown or closed changes nothing.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import structlog

from kiosk.front.channel import Standing, State
from kiosk.front.states import OPEN_TRADES, UNPAID, TradeAt, Way
from kiosk.front.store import Move, Note, Record
from kiosk.ports.wallet import UNDONE

log = structlog.get_logger(__name__)

AMOUNT = "amount"
"""Staff: another amount than the order's was paid."""
AFTER_CLOSE = "paid_after_close"
"""Staff: the wallet took money after it had answered that the trade is closed, or refused."""
ELSEWHERE = "refunded_elsewhere"
"""Staff: the money went back, and not through this front."""
ANOTHER = "another_payment"
"""Staff: the wallet names another payment for an order that is paid."""
UNCLEAR = "unclear"
"""Staff: the wallet has given no usable answer for hours. Off the list when it does."""
ABANDONED = "abandoned"
"""Reason: the payer did not confirm in time."""


def change(row: Record, standing: Standing, why: str, now: dt.datetime, *, over: bool = False) -> Move | Note | None:
    """`over`: the window is over, so that a trade that waits is not taken back to waiting, and one that never was is closed."""
    if standing.number != row.id:
        raise ValueError("a standing of another order")
    match standing.state:
        case State.PAID:
            return _paid(row, standing, why, now)
        case State.REFUNDED:
            return _refunded(row, standing, why, now)
        case State.CLOSED:
            if row.state in OPEN_TRADES:
                return _closed(row, _told(why, standing), over=over)
            if row.state == TradeAt.PAID:
                log.error("wallet_contradicts_itself", record=row.id, state=standing.state, why=why)
            return None
        case State.NOT_FOUND if over and row.state == TradeAt.CLOSING:
            return _closed(row, f"{why}:not_found", over=True)
    return None if over else _open(row, standing, why)


def _closed(row: Record, why: str, *, over: bool) -> Move:
    reason = ABANDONED if over and row["way"] == Way.CHARGED and not row["reason"] else row["reason"]
    return Move(row, TradeAt.CLOSED, why, {"reason": reason, "staff": _listed(row)})


def _listed(row: Record) -> str | None:
    """What stays on the work list now that it is clear how the trade stands."""
    return None if row["staff"] == UNCLEAR else row["staff"]


def _open(row: Record, standing: Standing, why: str) -> Move | Note | None:
    """The wallet has it and nobody has paid yet."""
    if standing.state not in (State.WAITING, State.PAYING):
        return None
    charged = row["way"] == Way.CHARGED
    state = TradeAt.PAYING if charged or standing.state is State.PAYING else TradeAt.WAITING
    froms = (TradeAt.INTENT, TradeAt.UNKNOWN) + ((TradeAt.WAITING,) if state == TradeAt.PAYING else ())
    return Move(row, state, _told(why, standing)) if row.state in froms else None


def _paid(row: Record, standing: Standing, why: str, now: dt.datetime) -> Move | Note | None:
    if row.state == TradeAt.PAID:
        if standing.trade_no and standing.trade_no != row["trade_no"] and row["staff"] != ANOTHER:
            log.error("wallet_names_another_payment", record=row.id, why=why)
            return Note(row, f"{why}:another", {"staff": ANOTHER})
        return None
    if row.state not in UNPAID:
        return None  # it went back since
    staff = _listed(row)
    if standing.fen != row["amount_fen"]:
        log.error("paid_amount_differs", record=row.id, why=why)
        staff = AMOUNT
    elif row.state in (TradeAt.CLOSED, TradeAt.REFUSED):
        log.error("paid_after_close", record=row.id, why=why)
        staff = AFTER_CLOSE
    return Move(row, TradeAt.PAID, _told(why, standing), {**_evidence(row, standing, now), "staff": staff, "tries": 0})


def _refunded(row: Record, standing: Standing, why: str, now: dt.datetime) -> Move | Note | None:
    if row.state == TradeAt.PAID:
        # Whether a refund of ours did it is told by that refund's own state; this is called when none is open.
        log.error("refunded_elsewhere", record=row.id, why=why)
        return Move(row, TradeAt.REFUNDED, _told(why, standing), {"staff": ELSEWHERE})
    if row.state in UNPAID:
        return Move(
            row,
            TradeAt.REFUNDED,
            _told(why, standing),
            {**_evidence(row, standing, now), "reason": UNDONE, "staff": _listed(row)},
        )
    return None


def _evidence(row: Record, standing: Standing, now: dt.datetime) -> dict[str, Any]:
    fen = standing.fen or standing.refunded_fen or row["amount_fen"]
    paid_at = standing.paid_at or now
    return {
        "paid_fen": fen,
        "paid_at": paid_at.isoformat(timespec="seconds"),
        "trade_no": (standing.trade_no or f"unnamed-{row.id}")[:64],
        "wallet": row["channel"],
    }


def _told(why: str, standing: Standing) -> str:
    detail = "".join(c for c in standing.detail if c.isascii() and (c.isalnum() or c in "._-"))
    return f"{why}:{detail}" if detail else why
