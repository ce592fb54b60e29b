"""What wallets report by themselves. A notification is a reason to look, and evidence where it is signed and fits; never more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import structlog

from kiosk.front.channel import Channel, Forged, Reply, State
from kiosk.front.engine import Engine
from kiosk.front.states import OPEN_TRADES, OVER, Kind
from kiosk.front.store import Store
from kiosk.front.till import Till
from kiosk.ledger.store import LedgerError

log = structlog.get_logger(__name__)
LIMIT = 64 * 1024
"""Bytes of a notification; wallets send a few kilobytes."""


class Notices:
    def __init__(self, store: Store, till: Till, engine: Engine, channels: Sequence[Channel]) -> None:
        self._store = store
        self._till = till
        self._engine = engine
        self._channels = {channel.name: channel for channel in channels}

    async def take(self, channel_name: str, headers: Mapping[str, str], body: bytes) -> Reply | None:
        """The answer for the wallet; None where there is no such channel. Answered at once: no wallet is asked here."""
        channel = self._channels.get(channel_name)
        if channel is None:
            return None
        try:
            said = channel.notice(headers, body).standing
        except Forged:
            log.warning("notice_not_believed", name_of=channel_name)
            return channel.declined
        try:
            row = await self._store.get(Kind.TRADE, said.number)
            if row is None or row["channel"] != channel_name:
                log.error("notice_of_no_order", name_of=channel_name, state=said.state)
                return channel.declined
            if row.state in OVER:
                # It may be older than the end: what was paid in between and then undone is not paid. The wallet itself is asked.
                log.warning("notice_of_what_is_over", record=row.id, state=said.state)
                self._engine.look(row.id)
            elif said.state is State.PAID and said.fen == row["amount_fen"]:
                if row.state in OPEN_TRADES:
                    await self._till.take(said, "notice")
                    self._engine.told(row.id)
                    self._engine.look(row.id)
            else:
                # Of another amount, closed, refunded: the wallet itself is asked.
                log.warning("notice_only_a_reason_to_look", record=row.id, state=said.state)
                self._engine.look(row.id)
        except LedgerError as trouble:
            log.error("notice_not_on_record", name_of=channel_name, hint=str(trouble))
            return channel.declined
        return channel.accepted
