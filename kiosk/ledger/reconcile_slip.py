"""What the end-of-day slip says of a day, out of the ledger."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from kiosk.domain.day_end_slip import DayEndData, WalletSum, WorkLine
from kiosk.ledger.cashier import PAID_ONCE
from kiosk.ledger.reconcile_books import local, matched_days
from kiosk.ledger.reconcile_breaks import HELD, Break
from kiosk.ledger.reconcile_refunds import WAITING
from kiosk.ledger.reconcile_words import WORDS
from kiosk.ledger.states import Kind, PaymentState, PostingState, WorkState
from kiosk.ledger.store import Record, Store
from kiosk.ports.clock import SHANGHAI

CHANNELS = {"alipay": "支付宝", "wechat": "微信支付", "unionpay": "云闪付", "platform": "非税平台"}


async def day_end_data(store: Store, kiosk_id: str, hall: str, day: dt.date, at: dt.datetime) -> DayEndData:
    """Raises LedgerError."""
    since = dt.datetime.combine(day, dt.time(), SHANGHAI) - dt.timedelta(hours=1)
    moved = await store.find(Kind.PAYMENT, moved_since=since.isoformat(timespec="milliseconds"))
    by_wallet: defaultdict[str, list[int]] = defaultdict(list)
    for payment in moved:
        if payment.state in PAID_ONCE and payment["paid_at"] and local(payment["paid_at"]).date() == day:
            by_wallet[payment["wallet"]].append(payment["paid_fen"])
    back = [row for row in moved if row.state == PaymentState.REFUNDED and local(row.moved_at).date() == day]
    due = await store.find(Kind.PAYMENT, WAITING)
    posted = await store.find(Kind.POSTING, [PostingState.POSTED], since.isoformat(timespec="milliseconds"))
    today = [row for row in posted if local(row.moved_at).date() == day]
    work = await store.find(Kind.WORK, [WorkState.OPEN])
    return DayEndData(
        day=day,
        at=at,
        kiosk_id=kiosk_id,
        hall=hall,
        wallets=tuple(
            WalletSum(CHANNELS.get(wallet, wallet), len(fen), sum(fen)) for wallet, fen in sorted(by_wallet.items())
        ),
        posted_count=len(today),
        posted_fen=_sum(today, "amount_fen"),
        refund_open=len(due),
        refund_open_fen=_sum(due, "paid_fen"),
        refunded_count=len(back),
        refunded_fen=_sum(back, "paid_fen"),
        unknown=len(await store.find(Kind.PAYMENT, [PaymentState.UNKNOWN])),
        matched=None if day not in await matched_days(store) else not breaks_of(day, work),
        work=tuple(WorkLine(row.id, WORDS[Break(row["what"])].zh, row["fen"] or 0) for row in work),
    )


def breaks_of(day: dt.date, work: Sequence[Record]) -> list[Record]:
    """Open entries that were first found on this day, without those that are only held."""
    return [row for row in work if row["day"] == day.isoformat() and Break(row["what"]) not in HELD]


def _sum(rows: Sequence[Record], column: str) -> int:
    return sum(row[column] or 0 for row in rows)
