"""The end-of-day slip: what the machine took, gave back and still owes an answer for, as blocks for the receipt printer. For
technicians and accountants; no citizen's data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from config.zone import SHANGHAI
from kiosk.domain.money import format_amount
from kiosk.domain.slip import Block, Feed, Pair, Rule, Slip, Text

MOST_LINES = 20
"""Entries of the work list on paper; the rest is counted."""


@dataclass(frozen=True, slots=True)
class WalletSum:
    """What one wallet took on the day, by the ledger. `name` as citizens know it."""

    name: str
    count: int
    fen: int


@dataclass(frozen=True, slots=True)
class WorkLine:
    """One open entry: its number, what it is (重复付款 …) and its amount."""

    number: str
    what: str
    fen: int


@dataclass(frozen=True, slots=True)
class DayEndData:
    day: dt.date
    at: dt.datetime
    kiosk_id: str
    hall: str
    wallets: tuple[WalletSum, ...]
    posted_count: int
    posted_fen: int
    refund_open: int
    """Refunds that are due and not done."""
    refund_open_fen: int
    refunded_count: int
    refunded_fen: int
    unknown: int
    """Payments of which nobody knows yet whether they were made."""
    matched: bool | None
    """None: the day has not been matched with the wallets' bills (yet)."""
    work: tuple[WorkLine, ...] = ()


def day_end_slip(data: DayEndData) -> Slip:
    taken = sum(wallet.fen for wallet in data.wallets)
    blocks: list[Block] = [
        Text("日终结账单", align="center", bold=True, size=2),
        Rule(),
        Pair("营业日", data.day.isoformat()),
        Pair("大厅", data.hall),
        Pair("自助机编号", data.kiosk_id),
        Rule(),
        *(Pair(f"{wallet.name} {wallet.count} 笔", format_amount(wallet.fen), right=True) for wallet in data.wallets),
        Pair(
            f"收款合计 {sum(wallet.count for wallet in data.wallets)} 笔", format_amount(taken), right=True, bold=True
        ),
        Pair(f"罚款入账 {data.posted_count} 笔", format_amount(data.posted_fen), right=True),
        Pair(f"已退款 {data.refunded_count} 笔", format_amount(data.refunded_fen), right=True),
        Pair(f"待退款 {data.refund_open} 笔", format_amount(data.refund_open_fen), right=True),
        Pair("付款结果未知", f"{data.unknown} 笔", right=True),
        Rule(),
        Pair("与钱包账单核对", _MATCHED[data.matched], bold=data.matched is False),
        *_work(data.work),
        Rule(),
        Pair("打印时间", f"{data.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"),
        Text("本单供工作人员结账用，不是收款凭证。"),
        Feed(2),
    ]
    return Slip("day_end", tuple(blocks))


_MATCHED = {None: "还没有核对", True: "一致", False: "有不一致"}


def _work(work: Sequence[WorkLine]) -> list[Block]:
    if not work:
        return [Pair("待办清单", "没有")]
    blocks: list[Block] = [Pair("待办清单", f"{len(work)} 项")]
    for line in work[:MOST_LINES]:
        blocks += [Text(line.number), Pair(f"　{line.what}", format_amount(line.fen), right=True)]
    if len(work) > MOST_LINES:
        blocks.append(Text(f"　其余 {len(work) - MOST_LINES} 项见屏幕或报表。"))
    return blocks
