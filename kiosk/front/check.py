"""The front's own money invariants, told from its ledger alone.

F1 a paid or refunded trade has evidence (amount, the wallet's number, a time). F2 no refund without a payment, and none above it. F3 at
most one refund of a trade is not refused. F4 nothing is open for more than 48 hours without being on the work list. F5 the event chain is
unbroken, and ends in each row's state.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kiosk.front.states import OPEN_REFUNDS, OPEN_TRADES, Kind, RefundAt, TradeAt
from kiosk.front.store import Record, Store
from kiosk.ledger.store import chain

TOO_OLD = dt.timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Breach:
    invariant: str
    record: str
    what: str


async def check(store: Store, now: dt.datetime) -> list[Breach]:
    """Every breach found; an empty list is the only good answer."""
    trades, refunds = await store.find(Kind.TRADE), await store.find(Kind.REFUND)
    found = [*_evidence(trades), *_refunds(trades, refunds), *_old([*trades, *refunds], now)]
    return found + _chain(await store.events(), [*trades, *refunds])


def _evidence(trades: Sequence[Record]) -> Iterable[Breach]:
    for trade in trades:
        if trade.state in (TradeAt.PAID, TradeAt.REFUNDED) and not (
            trade["paid_fen"] and trade["trade_no"] and trade["paid_at"]
        ):
            yield Breach("F1", trade.id, f"{trade.state} without evidence")


def _refunds(trades: Sequence[Record], refunds: Sequence[Record]) -> Iterable[Breach]:
    paid = {trade.id: trade for trade in trades if trade.state in (TradeAt.PAID, TradeAt.REFUNDED)}
    for refund in refunds:
        trade = paid.get(refund["trade_id"])
        if trade is None:
            yield Breach("F2", refund.id, "a refund of what was not paid")
        elif refund["fen"] > trade["paid_fen"]:
            yield Breach("F2", refund.id, "a refund above the payment")
        elif refund.state == RefundAt.DONE and trade.state != TradeAt.REFUNDED:
            yield Breach("F2", refund.id, f"done, while the trade is {trade.state}")
    once = Counter(refund["trade_id"] for refund in refunds if refund.state != RefundAt.REFUSED)
    for trade_id, count in once.items():
        if count > 1:
            yield Breach("F3", trade_id, f"{count} refunds")


def _old(rows: Sequence[Record], now: dt.datetime) -> Iterable[Breach]:
    for row in rows:
        is_open = row.state in (OPEN_TRADES if row.kind is Kind.TRADE else OPEN_REFUNDS)
        if is_open and row["staff"] is None and now - dt.datetime.fromisoformat(row.created_at) > TOO_OLD:
            yield Breach("F4", row.id, f"{row.state} for more than 48 hours, and not on the work list")


def _chain(events: Sequence[Mapping[str, Any]], rows: Sequence[Record]) -> list[Breach]:
    previous, last = "", {}
    for event in events:
        said = [event[name] for name in ("kind", "record", "old", "new", "version", "at", "why")]
        previous = chain(previous, *said)
        if previous != event["hash"]:
            return [Breach("F5", str(event["record"]), f"event {event['seq']} does not follow the one before it")]
        last[event["kind"], event["record"]] = (event["new"], event["version"])
    return [
        Breach("F5", row.id, "the row is not as its last event says")
        for row in rows
        if last.get((row.kind.value, row.id)) != (row.state, row.version)
    ]
