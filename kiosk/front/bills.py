"""What the wallets' bills say of one device's orders, a page at a time. A day's bill is fetched once and kept while it is asked for."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from typing import Any

from kiosk.domain.errors import Refused
from kiosk.front.channel import Channel
from kiosk.front.requests import BillOfDay
from kiosk.front.store import Store
from kiosk.ports.bills import BillRow
from kiosk.ports.clock import Clock

PAGE = 150
"""Rows: at most 64 KiB of JSON also with the longest numbers."""
KEPT_DAYS = 4


class DayBills:
    def __init__(self, store: Store, channels: Sequence[Channel], clock: Clock) -> None:
        self._store = store
        self._channels = channels
        self._clock = clock
        self._fetched: dict[dt.date, asyncio.Task[tuple[BillRow, ...]]] = {}

    async def page(self, device: str, asked: BillOfDay) -> dict[str, Any]:
        """Raises Refused (`bill_not_ready`, `bad_request`) and GatewayUnavailable."""
        try:
            day = asked.date
        except ValueError:
            raise Refused("bad_request", "没有这一天") from None
        rows = await self.rows(day)
        own = await self._store.of_device(device, {row.order_no for row in rows})
        found = [row for row in rows if row.order_no in own]
        pages = max(1, -(-len(found) // PAGE))
        if asked.page > pages:
            raise Refused("bad_request", "没有这一页")
        shown = found[(asked.page - 1) * PAGE : asked.page * PAGE]
        return {"day": asked.day, "page": asked.page, "pages": pages, "rows": [_told(row) for row in shown]}

    async def rows(self, day: dt.date) -> tuple[BillRow, ...]:
        """The rows of all wallets, in an order that does not change. Raises Refused `bill_not_ready` until every wallet has its bill."""
        if day >= self._clock.now().date():
            raise Refused("bill_not_ready", "账单次日十点后生成")
        task = self._fetched.get(day)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = self._fetched[day] = asyncio.create_task(self._fetch(day))
            while len(self._fetched) > KEPT_DAYS:
                del self._fetched[next(iter(self._fetched))]
        return await asyncio.shield(task)

    async def aclose(self) -> None:
        running = [task for task in self._fetched.values() if not task.done()]
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)

    async def _fetch(self, day: dt.date) -> tuple[BillRow, ...]:
        found = [row for channel in self._channels for row in await channel.bill(day)]
        return tuple(sorted(found, key=lambda row: (row.at, row.order_no, row.kind, row.refund_no, row.trade_no)))


def _told(row: BillRow) -> dict[str, Any]:
    return {
        "kind": row.kind.value,
        "order_no": row.order_no,
        "trade_no": row.trade_no,
        "fen": row.fen,
        "at": row.at.isoformat(timespec="seconds"),
        "wallet": row.wallet,
        "refund_no": row.refund_no,
        "fee_fen": abs(row.fee_fen),
    }
