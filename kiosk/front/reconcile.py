"""The front's daily check: its own ledger beside the wallets' bills, by the same rules as a kiosk's (`kiosk.ledger.reconcile`).

What a bill proves and the ledger does not know yet (paid, while the front was left in the dark) is put on record; everything else is told.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from kiosk.domain.bill import BillKind, BillRow
from kiosk.domain.errors import Refused
from kiosk.front.bills import DayBills
from kiosk.front.channel import Standing, State
from kiosk.front.states import OPEN_REFUNDS, OPEN_TRADES, UNPAID, Kind, TradeAt
from kiosk.front.store import Record, Store
from kiosk.front.till import Till
from kiosk.ledger.reconcile import ALL_WALLETS, HELD, Break, Finding, OpenOrder, Paid, Sides, match, moved_of
from kiosk.ledger.states import PaymentState

log = structlog.get_logger(__name__)
_STATES: Mapping[str, PaymentState] = {
    TradeAt.PAID: PaymentState.PAID,
    TradeAt.REFUNDED: PaymentState.REFUNDED,
    TradeAt.CLOSED: PaymentState.CLOSED,
    TradeAt.REFUSED: PaymentState.FAILED,
}
"""Everything else is unknown."""
CLASSES = (
    Break.BILL_ONLY,
    Break.JOURNAL_ONLY,
    Break.AMOUNT_DIFFERS,
    Break.REFUND_MISSING,
    Break.STILL_OPEN,
    Break.CROSS_MIDNIGHT,
)
"""What can be told without the police side."""


@dataclass(frozen=True, slots=True)
class Outcome:
    day: dt.date
    findings: tuple[Finding, ...]
    proved: tuple[str, ...]
    """Orders that the bill has put on record as paid."""
    bill_count: int
    bill_fen: int
    """Payments in the day's bill, and what was kept of them."""

    @property
    def good(self) -> bool:
        return all(finding.what in HELD for finding in self.findings)

    @property
    def counts(self) -> dict[Break, int]:
        found = Counter(finding.what for finding in self.findings)
        return {what: found[what] for what in CLASSES}


async def reconcile(store: Store, till: Till, bills: DayBills, day: dt.date) -> Outcome:
    """Raises Refused `bill_not_ready` before all wallets have made their bill, GatewayUnavailable, LedgerError."""
    rows = await bills.rows(day)
    proved = await _prove(store, till, rows)
    trades = await store.find(Kind.TRADE)
    refunding = {refund["trade_id"] for refund in await store.find(Kind.REFUND, OPEN_REFUNDS)}
    # The bill of the day before tells of what was paid and given back around midnight, where wallets still have it.
    known = {day: rows}
    try:
        known[day - dt.timedelta(days=1)] = await bills.rows(day - dt.timedelta(days=1))
    except Refused as refused:
        log.info("bill_of_the_day_before_missing", code=refused.code)
    sides = Sides(
        [_paid(trade, trade.id in refunding) for trade in trades],
        [_open(trade) for trade in trades if trade.state in OPEN_TRADES],
        [row for bill in known.values() for row in bill],
        bill_days={each: frozenset({ALL_WALLETS}) for each in known},
    )
    about = _of_the_day(day, match(day, sides), rows, trades)
    paid = [row for row in rows if row.kind is BillKind.PAID]
    kept = sum(moved.kept_fen for moved in moved_of(rows).values())
    return Outcome(day, about, proved, len(paid), kept)


async def _prove(store: Store, till: Till, rows: Sequence[BillRow]) -> tuple[str, ...]:
    """A bill row leads out of unknown, and out of closed, as a signed answer does."""
    moved, proved = moved_of(rows), []
    for row in rows:
        if row.kind is not BillKind.PAID or moved[row.order_no].kept_fen <= 0:
            continue
        trade = await store.get(Kind.TRADE, row.order_no)
        # A row in another wallet's bill than the order's own proves nothing: it stays a finding.
        if trade is None or trade.state not in UNPAID or trade["channel"] != row.wallet:
            continue
        standing = Standing(row.order_no, State.PAID, row.fen, row.trade_no, row.at)
        if (await till.take(standing, "bill")).state == TradeAt.PAID:
            proved.append(row.order_no)
    return tuple(proved)


def _of_the_day(
    day: dt.date, findings: Sequence[Finding], rows: Sequence[BillRow], trades: Sequence[Record]
) -> tuple[Finding, ...]:
    """Findings about orders of this day, by the ledger or by its bill, and whatever is still open."""
    in_bill = {row.order_no for row in rows}
    touched = {trade.id for trade in trades if _day(trade.moved_at) == day or _day(trade["paid_at"]) == day}
    return tuple(
        finding
        for finding in findings
        if finding.what is Break.STILL_OPEN or finding.subject in in_bill or finding.subject in touched
    )


def _paid(trade: Record, refunding: bool) -> Paid:
    state = _STATES.get(trade.state, PaymentState.UNKNOWN)
    return Paid(
        trade.id,
        trade.id,
        PaymentState.REFUND_INTENT if refunding and state is PaymentState.PAID else state,
        trade["amount_fen"],
        dt.datetime.fromisoformat(trade.moved_at),
        trade["paid_fen"] or 0,
        dt.datetime.fromisoformat(trade["paid_at"]) if trade["paid_at"] else None,
        trade["trade_no"] or "",
        trade["wallet"] or "",
    )


def _open(trade: Record) -> OpenOrder:
    return OpenOrder(
        trade.id, trade["amount_fen"], dt.datetime.fromisoformat(trade.created_at), {trade.id: trade.state}
    )


def _day(moment: str | None) -> dt.date | None:
    return dt.datetime.fromisoformat(moment).date() if moment else None
