"""`kiosk ledger day-end`: the end-of-day slip, on the terminal or on the receipt printer."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING, cast

from config.settings import Settings
from kiosk.domain.day_end_slip import DayEndData, WalletSum, WorkLine, day_end_slip
from kiosk.domain.errors import DeviceError
from kiosk.domain.slip import Pair, Rule, Slip, Text
from kiosk.ledger.cashier import PAID_ONCE
from kiosk.ledger.reconcile import ALL_WALLETS, HELD, Break
from kiosk.ledger.reconcile_books import known_days, local
from kiosk.ledger.reconcile_words import WORDS
from kiosk.ledger.states import Kind, PaymentState, PostingState, WorkState
from kiosk.ledger.store import Record, Store
from kiosk.ports.clock import SHANGHAI, Clock, SystemClock
from kiosk.ports.devices import PrintEnd, ReceiptPrinter
from kiosk.verbs.ledger_file import opened, refused
from kiosk.verbs.report import Report

if TYPE_CHECKING:
    from collections.abc import Sequence

CHANNELS = {"alipay": "支付宝", "wechat": "微信支付", "unionpay": "云闪付"}
_WIDTH = 48


async def day_end(settings: Settings, day: dt.date | None, *, on_paper: bool, clock: Clock | None = None) -> Report:
    clock = clock or SystemClock()
    async with opened(settings, clock) as store:
        slip_data = await day_end_data(store, settings, day or clock.now().date(), clock.now())
    slip = day_end_slip(slip_data)
    data = {"version": 1, "good": True, "day": slip_data.day.isoformat(), "printed": on_paper, "text": as_lines(slip)}
    if not on_paper:
        return Report(data, "\n".join(as_lines(slip)), True)
    return await _print(settings, slip, data)


async def day_end_data(store: Store, settings: Settings, day: dt.date, at: dt.datetime) -> DayEndData:
    """What the ledger says of the day. Raises LedgerError."""
    since = dt.datetime.combine(day, dt.time(), SHANGHAI) - dt.timedelta(hours=1)
    moved = await store.find(Kind.PAYMENT, moved_since=since.isoformat(timespec="milliseconds"))
    by_wallet: defaultdict[str, list[int]] = defaultdict(list)
    for payment in moved:
        if payment.state in PAID_ONCE and payment["paid_at"] and local(payment["paid_at"]).date() == day:
            by_wallet[payment["wallet"]].append(payment["paid_fen"])
    back = [row for row in moved if row.state == PaymentState.REFUNDED and local(row.moved_at).date() == day]
    due = await store.find(Kind.PAYMENT, [PaymentState.REFUND_DUE, PaymentState.REFUND_INTENT])
    posted = await store.find(Kind.POSTING, [PostingState.POSTED], since.isoformat(timespec="milliseconds"))
    today = [row for row in posted if local(row.moved_at).date() == day]
    work = await store.find(Kind.WORK, [WorkState.OPEN])
    return DayEndData(
        day=day,
        at=at,
        kiosk_id=settings.kiosk.id,
        hall=settings.kiosk.hall,
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
        matched=await _matched(store, day, work),
        work=tuple(WorkLine(row.id, WORDS[Break(row["what"])].zh, row["fen"] or 0) for row in work),
    )


async def _matched(store: Store, day: dt.date, work: Sequence[Record]) -> bool | None:
    wallets, _ = await known_days(store)
    if ALL_WALLETS not in wallets.get(day, ()) and not wallets.get(day):
        return None
    return not any(row["day"] == day.isoformat() and Break(row["what"]) not in HELD for row in work)


def _sum(rows: Sequence[Record], column: str) -> int:
    return sum(row[column] or 0 for row in rows)


def as_lines(slip: Slip) -> list[str]:
    """The slip on a terminal."""
    lines = []
    for block in slip.blocks:
        match block:
            case Text(text):
                lines.append(text)
            case Pair(label, value):
                lines.append(f"{label}：{value}")
            case Rule():
                lines.append("-" * _WIDTH)
    return lines


async def _print(settings: Settings, slip: Slip, data: dict[str, object]) -> Report:
    """On the receipt printer, which must not be in another program's hands (the kiosk's, most of all)."""
    from kiosk.cabinet import build_devices
    from kiosk.verbs.alone import alone_with, real_url

    with alone_with(real_url("receipt_printer", settings.devices.receipt_printer)):
        printer = cast(ReceiptPrinter, build_devices(settings).by_name["receipt_printer"])
        try:
            await printer.open()
            outcome = await printer.print_slip(slip, f"day-end-{data['day']}")
        except DeviceError as error:
            return refused(f"receipt_printer: {error.kind}: {error.hint}")
        finally:
            await printer.close()
    good = outcome.end is PrintEnd.DONE
    told = {**data, "good": good, "end": str(outcome.end)}
    return Report(told, f"the slip of {data['day']}: {outcome.end}", good)
