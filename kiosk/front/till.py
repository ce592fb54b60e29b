"""What the front does with wallets, one order at a time: open, charge, ask, finish, give back.

Each intent is committed before bytes leave. What raises is unknown, never failed. The caller holds the order's lock; a notification may
still move the row in between, so every step reads the row again.
"""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.front import evidence
from kiosk.front.channel import Channel, Order, Refund, RefundStanding, RefundState, Standing, State
from kiosk.front.states import OPEN_REFUNDS, OPEN_TRADES, Kind, RefundAt, TradeAt, Way
from kiosk.front.store import Move, Note, Record, Store
from kiosk.ledger.states import Stale
from kiosk.ports.clock import Clock

log = structlog.get_logger(__name__)
_CODE_LIMIT = 64


class Till:
    def __init__(self, store: Store, channels: Mapping[str, Channel], clock: Clock) -> None:
        self._store = store
        self._channels = channels
        self._clock = clock

    async def trade(self, number: str) -> Record:
        """Raises KeyError."""
        row = await self._store.get(Kind.TRADE, number)
        if row is None:
            raise KeyError(number)
        return row

    async def show(self, order: Order) -> Record:
        """Get the code to show, unless the row has it. Raises Refused and GatewayUnavailable, on record before."""
        row = await self.trade(order.number)
        if row["code_payload"] or row.state not in OPEN_TRADES or row.state == TradeAt.CLOSING:
            return row
        try:
            payload = await self._channel(row).show(order)
        except Refused as refused:
            # Only the first try can be refused for good: of an earlier one nobody knows what it did.
            if row.state == TradeAt.INTENT:
                await self._refuse(row, refused)
            raise
        except GatewayUnavailable as trouble:
            log.warning("code_unknown", record=row.id, hint=trouble.hint)
            await self._unclear(row, "no_answer")
            raise
        while row.state in OPEN_TRADES and not row["code_payload"]:
            data = {"code_payload": payload}
            change: Move | Note = Note(row, "code", data)
            if row.state in (TradeAt.INTENT, TradeAt.UNKNOWN):
                change = Move(row, TradeAt.WAITING, "code", data)
            row = await self._try(change)
        return row

    async def charge(self, order: Order, payer_code: str) -> Record:
        """Charge once: never again for the same order, whatever became of it. Raises Refused, on record before."""
        row = await self.trade(order.number)
        if row.state != TradeAt.INTENT:
            return row
        try:
            standing = await self._channel(row).charge(order, payer_code)
        except Refused as refused:
            row = await self._refused_charge(row, refused)
            if row.state in (TradeAt.REFUSED, TradeAt.CLOSED):
                raise
            return row
        except GatewayUnavailable as trouble:
            log.warning("charge_unknown", record=row.id, hint=trouble.hint)
            return await self._unclear(row, "no_answer")
        if standing.state is State.NOT_FOUND:
            return await self._unclear(row, "charge_not_found")
        return await self.take(standing, "charge")

    async def _refused_charge(self, row: Record, refused: Refused) -> Record:
        """A wallet may say no (too little on the account) and keep the order open: nothing is refused before it is gone."""
        row = await self._try(Note(row, f"refused:{refused.code}", {"reason": refused.code[:_CODE_LIMIT]}))
        try:
            standing = await self._channel(row).query(row.id)
        except (Refused, GatewayUnavailable):
            log.warning("refusal_unchecked", record=row.id, code=refused.code)
            return await self._unclear(row, "refusal_unchecked")
        if standing.state is State.NOT_FOUND:
            return await self._refuse(row, refused)
        row = await self.take(standing, "query", over=True)
        return await self.finish(row.id, over=True) if row.state in OPEN_TRADES else row

    async def ask(self, row: Record, *, over: bool = False) -> Record:
        """Ask the wallet once. Raises GatewayUnavailable; the row is then as it was."""
        try:
            standing = await self._channel(row).query(row.id)
        except Refused as refused:
            raise GatewayUnavailable(row["channel"], f"query refused: {refused.code}") from None
        return await self.take(standing, "query", over=over, row=row)

    async def finish(self, number: str, *, over: bool) -> Record:
        """Query, close (or undo), query: PAID, CLOSED or REFUNDED afterwards; UNKNOWN where that stays unclear. Never raises for the
        wallet's trouble. `over`: nobody can pay any more, so that an order the wallet never heard of is closed."""
        row = await self.trade(number)
        try:
            row = await self.ask(row, over=True)
        except GatewayUnavailable as trouble:
            log.warning("finish_unknown", record=number, hint=trouble.hint)
            return await self._unclear(row, "no_answer")
        if row.state not in OPEN_TRADES:
            return row
        if row.state != TradeAt.CLOSING:
            row = await self._try(Move(row, TradeAt.CLOSING, "over" if over else "asked_to_close"))
            if row.state != TradeAt.CLOSING:
                return row
        channel = self._channel(row)
        try:
            standing = await (channel.undo(number) if row["way"] == Way.CHARGED else channel.close(number))
            # "Not found" is closed here: a wallet that knows no trade before somebody scans has taken the code back.
            row = await self.take(standing, "undo" if row["way"] == Way.CHARGED else "close", over=True)
        except Refused as refused:
            log.warning("close_refused", record=number, code=refused.code)
        except GatewayUnavailable as trouble:
            log.warning("close_unknown", record=number, hint=trouble.hint)
        try:
            row = await self.ask(row, over=over)
        except GatewayUnavailable as trouble:
            log.warning("finish_unchecked", record=number, hint=trouble.hint)
            row = await self.trade(number)
        return await self._unclear(row, "close_unclear") if row.state in OPEN_TRADES else row

    async def take(self, standing: Standing, why: str, *, over: bool = False, row: Record | None = None) -> Record:
        """Put a wallet's word on record. `row`: as it was read before. Raises KeyError for an order that is not ours."""
        while True:
            row = row or await self.trade(standing.number)
            if standing.state is State.REFUNDED and row.state == TradeAt.PAID and await self._refunding(row.id):
                return row  # the refund's own answer says it, in one commit with the refund
            change = evidence.change(row, standing, why, self._clock.now(), over=over)
            if change is None:
                return row
            try:
                row = (await self._store.commit(change))[0]
            except Stale:
                row = None
                continue
            if isinstance(change, Move):
                log.info("trade_moved", record=row.id, state=row.state, why=change.why)
            return row

    async def give_back(self, refund_no: str) -> Record:
        """One try at a refund: asked about first unless it is new. Never raises for the wallet's trouble."""
        row = await self._refund(refund_no)
        if row.state not in OPEN_REFUNDS:
            return row
        trade = await self.trade(row["trade_id"])
        wanted = Refund(trade.id, row.id, row["fen"], trade["paid_fen"])
        channel = self._channel(trade)
        try:
            said = None if row.state == RefundAt.INTENT else await channel.refund_query(wanted)
            if said is None or said.state is RefundState.NOT_FOUND:
                said = await channel.refund(wanted)
        except Refused as refused:
            log.warning("refund_refused", record=row.id, code=refused.code)
            if row.state == RefundAt.PROCESSING:
                return await self._refund_unclear(row, f"refused:{refused.code}")
            data = {"reason": refused.code[:_CODE_LIMIT], "staff": "refund_refused"}
            return await self._try(Move(row, RefundAt.REFUSED, f"refused:{refused.code}", data))
        except GatewayUnavailable as trouble:
            log.warning("refund_unknown", record=row.id, hint=trouble.hint)
            return await self._refund_unclear(row, "no_answer")
        return await self._refunded(row, said)

    async def _refunded(self, row: Record, said: RefundStanding) -> Record:
        while row.state in OPEN_REFUNDS:
            if said.state is RefundState.NOT_FOUND:
                return await self._refund_unclear(row, "not_found")
            if said.state is RefundState.PROCESSING:
                return (
                    row
                    if row.state == RefundAt.PROCESSING
                    else await self._try(Move(row, RefundAt.PROCESSING, "taken"))
                )
            if said.state is RefundState.ABNORMAL:
                return await self._try(Move(row, RefundAt.ABNORMAL, "abnormal", {"staff": "refund_abnormal"}))
            if said.fen != row["fen"]:
                log.error("refund_amount_differs", record=row.id)
                return await self._try(Move(row, RefundAt.ABNORMAL, "amount", {"staff": "refund_amount"}))
            trade = await self.trade(row["trade_id"])
            moves = [Move(row, RefundAt.DONE, "done", {"staff": None})]
            if trade.state == TradeAt.PAID:
                moves.append(Move(trade, TradeAt.REFUNDED, "refund_done", {"staff": None}))
            try:
                row = (await self._store.commit(*moves))[0]
                log.info("refund_done", record=row.id)
            except Stale:
                row = await self._refund(row.id)
        return row

    async def _refuse(self, row: Record, refused: Refused) -> Record:
        log.info("trade_refused", record=row.id, code=refused.code)
        data = {"reason": refused.code[:_CODE_LIMIT]}
        return await self._try(Move(row, TradeAt.REFUSED, f"refused:{refused.code}", data))

    async def _unclear(self, row: Record, why: str) -> Record:
        if row.state in OPEN_TRADES and row.state != TradeAt.UNKNOWN:
            return await self._try(Move(row, TradeAt.UNKNOWN, why))
        return row

    async def _refund_unclear(self, row: Record, why: str) -> Record:
        return row if row.state == RefundAt.UNKNOWN else await self._try(Move(row, RefundAt.UNKNOWN, why))

    async def _try(self, change: Move | Note) -> Record:
        """The row after this change; as it is now, where another hand was faster."""
        try:
            return (await self._store.commit(change))[0]
        except Stale:
            row = await self._store.get(change.record.kind, change.record.id)
            assert row is not None
            return row

    async def _refund(self, refund_no: str) -> Record:
        row = await self._store.get(Kind.REFUND, refund_no)
        if row is None:
            raise KeyError(refund_no)
        return row

    async def _refunding(self, number: str) -> bool:
        return bool(await self._store.find(Kind.REFUND, OPEN_REFUNDS, trade_id=number))

    def _channel(self, row: Record) -> Channel:
        """Raises GatewayUnavailable where the settings no longer name the wallet of an old order."""
        channel = self._channels.get(row["channel"])
        if channel is None:
            raise GatewayUnavailable(row["channel"], "no such wallet in the front's settings")
        return channel
