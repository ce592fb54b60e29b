"""The front's counter: what a kiosk may have done, for its own orders. Answers are the contract's bodies, without the signature."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog

from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.front.channel import Channel, Order
from kiosk.front.engine import Engine
from kiosk.front.requests import ChargeTrade, CreateTrade, OrderNumber, RefundTrade
from kiosk.front.states import OPEN_TRADES, Kind, RefundAt, TradeAt, Way
from kiosk.front.store import Exists, New, Record, Store
from kiosk.front.till import Till
from kiosk.ports.clock import Clock
from kiosk.ports.wallet import TradeState

log = structlog.get_logger(__name__)
Answer = dict[str, Any]
_NOT_OPEN_AGAIN = "订单已关闭，请重新下单"


class Counter:
    """`shown` names the channel whose codes are shown. `open_now` tells whether the pay service is open at this time of day,
    `room` whether the ledger's disk has room for new orders. `secret` keys the digests of what was asked for."""

    def __init__(
        self,
        store: Store,
        till: Till,
        engine: Engine,
        clock: Clock,
        *,
        channels: Sequence[Channel],
        shown: str,
        secret: bytes,
        open_now: Callable[[dt.datetime], bool] = lambda _: True,
        room: Callable[[], bool] = lambda: True,
    ) -> None:
        self._store = store
        self._till = till
        self._engine = engine
        self._clock = clock
        self._channels = {channel.name: channel for channel in channels}
        self._shown = shown
        self._secret = secret
        self._open_now = open_now
        self._room = room

    async def create(self, device: str, asked: CreateTrade) -> Answer:
        content = self._digest(asked.amount_fen, asked.subject, asked.expires_in_s, asked.terminal_id)
        row = await self._store.get(Kind.TRADE, asked.order_no)
        if row is None:
            row, _ = await self._open(device, asked, Way.SHOWN, self._shown, content, asked.expires_in_s)
        self._same(row, device, content)
        if not row["code_payload"]:
            row = await asyncio.shield(self._engine.spawn(self._show(row, asked)))
        if not row["code_payload"]:
            # Paid by a code that the wallet made and nobody could show: only a query tells such a thing.
            raise GatewayUnavailable(row["channel"], "the trade has no code")
        return {**told(row), "code_payload": row["code_payload"], "expires_at": row["expires_at"]}

    async def charge(self, device: str, asked: ChargeTrade) -> Answer:
        content = self._digest(
            asked.amount_fen, asked.subject, asked.expires_in_s, asked.terminal_id, "charge", asked.payer_code
        )
        row, task = await self._store.get(Kind.TRADE, asked.order_no), None
        if row is None:
            channel = self._channel_for(asked.payer_code)
            window = min(float(asked.expires_in_s), self._engine.pace.charge_window)
            row, ours = await self._open(device, asked, Way.CHARGED, channel.name, content, window)
            if ours:
                task = self._engine.spawn(self._charge(row, asked))
        self._same(row, device, content)
        if task is not None:
            await asyncio.wait([task], timeout=self._engine.pace.answer)
            row = task.result() if task.done() else await self._till.trade(row.id)
        return told(row)

    async def query(self, device: str, asked: OrderNumber) -> Answer:
        row = await self._own(device, asked.order_no)
        if row is None:
            return {"order_no": asked.order_no, "state": TradeState.NOT_FOUND.value}
        if row.state in OPEN_TRADES or (row.state == TradeAt.CLOSED and row["way"] != Way.NONE):
            try:
                await self._engine.refresh(row.id)
            except GatewayUnavailable:
                if row.state in (TradeAt.UNKNOWN, TradeAt.CLOSING):
                    raise
            row = await self._till.trade(row.id)
        return told(row, await self._done(row))

    async def close(self, device: str, asked: OrderNumber) -> Answer:
        row = await self._store.get(Kind.TRADE, asked.order_no) or await self._tombstone(device, asked.order_no)
        if row.device != device:
            raise Refused("trade_not_found", "没有这个订单")
        if row.state in OPEN_TRADES:
            row = await asyncio.shield(self._engine.spawn(self._finish(row.id)))
            if row.state in OPEN_TRADES:
                raise GatewayUnavailable(row["channel"], "not closed yet")
        return told(row, await self._done(row))

    async def refund(self, device: str, asked: RefundTrade) -> Answer:
        trade = await self._own(device, asked.order_no)
        if trade is None:
            raise Refused("trade_not_found", "没有这个订单")
        row = await self._store.get(Kind.REFUND, asked.refund_no)
        if row is None:
            row = await self._begin_refund(trade, asked)
        if (row["trade_id"], row["fen"]) != (trade.id, asked.amount_fen):
            raise Refused("content_inconsistent", "同一退款单号的内容前后不一致")
        if row.state in (RefundAt.INTENT, RefundAt.UNKNOWN, RefundAt.PROCESSING):
            task = self._engine.spawn(self._give_back(trade.id, row.id))
            await asyncio.wait([task], timeout=self._engine.pace.answer)
            row = task.result() if task.done() else row
        if row.state == RefundAt.REFUSED:
            raise Refused(row["reason"] or "trade_refused", "钱包未同意退款")
        if row.state == RefundAt.ABNORMAL:
            raise Refused("refund_abnormal", "退款未成功，需人工处理")
        trade = await self._till.trade(trade.id)
        return told(trade, row if row.state == RefundAt.DONE else None)

    # --- inside

    async def _open(
        self, device: str, asked: CreateTrade | ChargeTrade, way: Way, channel: str, content: str, window: float
    ) -> tuple[Record, bool]:
        """The row of this number, and whether it was this call that made it."""
        now = self._clock.now()
        if not self._open_now(now):
            raise Refused("closed_hours", "不在缴费服务时间内")
        if not self._room():
            raise Refused("front_disk_full", "缴费前置机磁盘空间不足，暂不受理新订单")
        data = {
            "channel": channel,
            "way": way,
            "amount_fen": asked.amount_fen,
            "content": content,
            "expires_at": (now + dt.timedelta(seconds=window)).isoformat(timespec="seconds"),
        }
        try:
            row = (await self._store.commit(New(Kind.TRADE, asked.order_no, device, TradeAt.INTENT, "asked", data)))[0]
        except Exists:
            return await self._till.trade(asked.order_no), False
        self._engine.expect(row)
        return row, True

    async def _show(self, row: Record, asked: CreateTrade) -> Record:
        async with self._engine.lock(row.id):
            return await self._till.show(_order(row, asked))

    async def _charge(self, row: Record, asked: ChargeTrade) -> Record:
        async with self._engine.lock(row.id):
            row = await self._till.charge(_order(row, asked), asked.payer_code)
        self._engine.told(row.id)
        return row

    async def _finish(self, number: str) -> Record:
        ends = self._engine.ends(number)
        self._engine.end(number)
        async with self._engine.lock(number):
            row = await self._till.finish(number, over=True)
        self._engine.told(number)
        # A code that was seen may be tried until it runs out.
        self._engine.asked_to_close(row, ends if row.state == TradeAt.CLOSED else 0.0)
        return row

    async def _tombstone(self, device: str, number: str) -> Record:
        """A number nobody knows is remembered as closed: its opening may still be on the way."""
        now = self._clock.now().isoformat(timespec="seconds")
        data = {"channel": "", "way": Way.NONE, "amount_fen": 0, "content": "", "expires_at": now}
        try:
            return (await self._store.commit(New(Kind.TRADE, number, device, TradeAt.CLOSED, "never_opened", data)))[0]
        except Exists:
            return await self._till.trade(number)

    async def _begin_refund(self, trade: Record, asked: RefundTrade) -> Record:
        if trade.state == TradeAt.REFUNDED:
            raise Refused("already_refunded", "订单已退款")
        if trade.state != TradeAt.PAID:
            raise Refused("trade_not_paid", "订单未付款，不能退款")
        if asked.amount_fen != trade["paid_fen"]:
            raise Refused("refund_amount", "只能全额退款")
        async with self._engine.lock(trade.id):
            others = await self._store.find(Kind.REFUND, trade_id=trade.id)
            if any(other.state != RefundAt.REFUSED for other in others):
                raise Refused("refund_under_way", "订单正在退款")
            data = {"trade_id": trade.id, "fen": asked.amount_fen}
            new = New(Kind.REFUND, asked.refund_no, trade.device, RefundAt.INTENT, "asked", data)
            try:
                row = (await self._store.commit(new))[0]
            except Exists:
                raise Refused("content_inconsistent", "同一退款单号的内容前后不一致") from None
        self._engine.expect_refund(row.id)
        return row

    async def _give_back(self, number: str, refund_no: str) -> Record:
        async with self._engine.lock(number):
            return await self._till.give_back(refund_no)

    async def _own(self, device: str, number: str) -> Record | None:
        """A device sees its own orders and no others."""
        row = await self._store.get(Kind.TRADE, number)
        return row if row is not None and row.device == device else None

    async def _done(self, row: Record) -> Record | None:
        if row.state != TradeAt.REFUNDED:
            return None
        return next(iter(await self._store.find(Kind.REFUND, [RefundAt.DONE], trade_id=row.id)), None)

    def _same(self, row: Record, device: str, content: str) -> None:
        if row["way"] == Way.NONE and row.device == device:
            raise Refused("trade_closed", _NOT_OPEN_AGAIN)
        if row.device != device or not hmac.compare_digest(row["content"], content):
            raise Refused("content_inconsistent", "同一订单号的内容前后不一致")
        if row.state == TradeAt.REFUSED:
            raise Refused(row["reason"] or "trade_refused", "钱包未接受该订单")
        if row.state == TradeAt.CLOSED:
            raise Refused("trade_closed", _NOT_OPEN_AGAIN)

    def _channel_for(self, payer_code: str) -> Channel:
        for channel in self._channels.values():
            if channel.takes(payer_code):
                return channel
        first, length = int(payer_code[:2]), len(payer_code)
        known = 25 <= first <= 30 or (10 <= first <= 15 and length == 18) or (first == 62 and length == 19)
        if known:
            raise Refused("wallet_not_taken", "本机不支持该钱包的付款码")
        raise Refused("payer_code_invalid", "不是付款码")

    def _digest(self, *parts: str | int) -> str:
        return hmac.new(self._secret, json.dumps(parts).encode(), hashlib.sha256).hexdigest()


def told(row: Record, refund: Record | None = None) -> Answer:
    """A trade as the contract tells it: what is paid once it is paid, what was asked before."""
    answer: Answer = {"order_no": row.id, "state": _STATES.get(row.state, TradeState.WAITING).value}
    if row["reason"] and row.state in (TradeAt.CLOSED, TradeAt.REFUSED, TradeAt.REFUNDED):
        answer["reason"] = row["reason"]
    if row.state not in (TradeAt.PAID, TradeAt.REFUNDED):
        return {**answer, "amount_fen": row["amount_fen"]} if row["amount_fen"] else answer
    answer |= {name: row[name] for name in ("trade_no", "paid_at", "wallet")}
    answer["amount_fen"] = row["paid_fen"]
    if row.state == TradeAt.REFUNDED:
        answer["refunded_fen"] = row["paid_fen"]
        if refund is not None:
            answer["refund_no"] = refund.id
    return answer


_STATES: Mapping[str, TradeState] = {
    TradeAt.PAID: TradeState.PAID,
    TradeAt.CLOSED: TradeState.CLOSED,
    TradeAt.REFUSED: TradeState.CLOSED,
    TradeAt.REFUNDED: TradeState.REFUNDED,
}
"""Everything else can still be paid."""


def _order(row: Record, asked: CreateTrade | ChargeTrade) -> Order:
    expires_at = dt.datetime.fromisoformat(row["expires_at"])
    return Order(row.id, row["amount_fen"], asked.subject, expires_at, asked.terminal_id)
