"""`kiosk ledger work`, `settle --reason` and `refunds`: what the end-of-day match left to be done, and where money that is due back is."""

from __future__ import annotations

import datetime as dt
from typing import Any

from config.settings import Settings
from kiosk.ledger.cashier import PAID_ONCE
from kiosk.ledger.reconcile_list import settled_by_staff
from kiosk.ledger.reconcile_report import entry_json, work_text, yuan
from kiosk.ledger.states import Kind, PaymentState, WorkState
from kiosk.ledger.store import Record, Store
from kiosk.ports.clock import SystemClock
from kiosk.verbs.ledger_file import opened, refused
from kiosk.verbs.report import Report

SHOWN = dt.timedelta(days=31)
"""How long a refund that is done is still told of."""
_QUEUE = {
    PaymentState.REFUND_DUE: "due",
    PaymentState.REFUND_INTENT: "asked, not confirmed",
    PaymentState.REFUNDED: "back",
    PaymentState.MANUAL: "for staff",
}


async def work_list(settings: Settings, *, everything: bool) -> Report:
    async with opened(settings) as store:
        rows = await store.find(Kind.WORK, None if everything else [WorkState.OPEN])
    text = work_text(rows, SystemClock().now()) or "nothing is on the work list"
    return Report({"version": 1, "work": [entry_json(row) for row in rows]}, text, True)


async def settle_entry(settings: Settings, number: str, reason: str) -> Report:
    """Staff have seen to an entry, and say how."""
    async with opened(settings) as store:
        found = await store.find(Kind.WORK, id=number)
        if not found:
            return refused(f"There is no entry {number} on the work list; see `kiosk ledger work`.")
        if found[0].state != WorkState.OPEN:
            return refused(f"{number} is {found[0].state}: there is nothing for staff to settle.")
        try:
            entry = await settled_by_staff(store, found[0], reason)
        except ValueError:
            return refused("An entry is settled with a reason: what was found out, and what was done.")
    told = {"version": 1, "good": True, "id": entry.id, "state": entry.state, "reason": entry["reason"]}
    return Report(told, f"{entry.id}: settled by staff ({entry['reason']}).", True)


async def refunds(settings: Settings) -> Report:
    """The queue of refunds, the oldest first; what is back already for a month."""
    async with opened(settings) as store:
        since = (SystemClock().now() - SHOWN).isoformat(timespec="milliseconds")
        waiting = await store.find(Kind.PAYMENT, [PaymentState.REFUND_DUE, PaymentState.REFUND_INTENT])
        by_hand = [row for row in await store.find(Kind.PAYMENT, [PaymentState.MANUAL]) if row["paid_fen"]]
        done = await store.find(Kind.PAYMENT, [PaymentState.REFUNDED], since)
        rows = [await _told(store, row) for row in (*waiting, *by_hand, *done)]
    text = "\n".join(
        f"{row['id']:28} {yuan(row['fen']):>10}  {row['stands']:20} since {row['since']}"
        f"  {row['wallet']} {row['trade_no']}  ({row['why']})"
        for row in rows
    )
    return Report({"version": 1, "refunds": rows}, text or "no money is due back", True)


async def _told(store: Store, payment: Record) -> dict[str, Any]:
    """`why` is the event that made the money due back."""
    events = await store.events(payment.id)
    first = next((event for event in events if event["new"] == PaymentState.REFUND_DUE), events[-1])
    why = events[-1]["why"] if payment.state == PaymentState.MANUAL else first["why"]
    assert payment.state in PAID_ONCE or payment.state == PaymentState.MANUAL
    return {
        "id": payment.id,
        "order": payment.order_id,
        "refund_no": f"{payment.id}R1",
        "state": payment.state,
        "stands": _QUEUE[PaymentState(payment.state)],
        "fen": payment["paid_fen"],
        "wallet": payment["wallet"],
        "trade_no": payment["trade_no"],
        "why": why,
        "since": payment.moved_at,
    }
