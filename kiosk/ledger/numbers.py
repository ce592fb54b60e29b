"""Decision numbers (决定书编号) out of an authority's pool: taken for one record, then used or given back, whatever happens between.

A reservation stands in the ledger before the platform is asked for a number, and with the number before the decision bears it. Asking
again under the same key gives the same number, so that one whose answer was lost is found and given back. A platform that numbers by
itself says so, and then nothing of this is done.
"""

from __future__ import annotations

import structlog

from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.ledger.states import DecisionState, Kind, NumberState
from kiosk.ledger.store import Move, New, Record, Store
from kiosk.ports.platform import PolicePlatform

log = structlog.get_logger(__name__)
OPEN_NUMBERS = (NumberState.INTENT, NumberState.RESERVED)
USED = "number_used"
FORGOTTEN = "unknown_number"


def number_id(decision_id: str) -> str:
    return f"{decision_id}N"


def wanted(decision_id: str, order_id: str) -> New:
    """The change that records that a number is about to be asked for."""
    return New(Kind.NUMBER, number_id(decision_id), order_id, "signed", {"decision_id": decision_id})


class Numbers:
    def __init__(self, store: Store, platform: PolicePlatform) -> None:
        self._store = store
        self._platform = platform

    async def reserve(self, decision: Record) -> str:
        """The number the decision is to bear; empty where the platform numbers by itself. Raises GatewayUnavailable, Refused: there is
        none, and nothing was sent that could become a decision."""
        found = await self._store.find(Kind.NUMBER, id=number_id(decision.id))
        if not found or found[0].state == NumberState.NONE:
            return ""
        if found[0].state == NumberState.INTENT:
            found = [await self._ask(found[0], decision)]
        return str(found[0]["number"] or "")

    async def _ask(self, row: Record, decision: Record) -> Record:
        try:
            reserved = await self._platform.reserve_number(decision["record_id"], decision.id)
        except Refused:
            await self._move(row, NumberState.NONE, "refused")
            raise
        if reserved is None:
            return await self._move(row, NumberState.NONE, "not_pooled")
        moved = await self._store.commit(Move(row, NumberState.RESERVED, "reserved", {"number": reserved.number}))
        return moved[0]

    async def not_wanted(self, decision: Record) -> list[Move]:
        """The change to make with giving up a decision for which nothing was asked yet."""
        found = await self._store.find(Kind.NUMBER, id=number_id(decision.id))
        return [Move(row, NumberState.NONE, "not_wanted") for row in found if row.state == NumberState.INTENT]

    async def settle(self, decision: Record) -> None:
        """Say what became of the number, once that is known. What cannot be said now is said by the sweeper."""
        for row in await self._store.find(Kind.NUMBER, id=number_id(decision.id)):
            if row.state in OPEN_NUMBERS and decision.state not in (DecisionState.INTENT, DecisionState.UNKNOWN):
                try:
                    await self._settle(row, decision)
                except (GatewayUnavailable, Refused) as trouble:
                    log.warning("number_not_settled", decision=decision.id, error=type(trouble).__name__)

    async def _settle(self, row: Record, decision: Record) -> None:
        if row.state == NumberState.INTENT:  # asked for, perhaps, and the answer never came
            row = await self._ask(row, decision)
        number = row["number"]
        if row.state != NumberState.RESERVED:
            return
        if decision.state == DecisionState.DECIDED and decision["number"] == number:
            await self._platform.commit_number(number, decision["record_id"])
            await self._move(row, NumberState.COMMITTED, "decided")
            return
        try:
            await self._platform.roll_back_number(number, decision["record_id"])
        except Refused as no:
            if no.code == FORGOTTEN:  # its time there was over; nothing is kept for us any more
                await self._move(row, NumberState.RETURNED, "forgotten")
                return
            if no.code != USED:
                raise
            # A decision that was given up has landed after all.
            await self._platform.commit_number(number, decision["record_id"])
            await self._move(row, NumberState.COMMITTED, "landed")
            return
        await self._move(row, NumberState.RETURNED, "not_used")

    async def _move(self, row: Record, state: NumberState, why: str) -> Record:
        return (await self._store.commit(Move(row, state, why)))[0]
