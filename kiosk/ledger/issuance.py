"""What the ledger's parts share about issuances: when they are open, when their money goes back, and their grants as JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import structlog

from kiosk.domain.endorsement import Destination, Grant
from kiosk.ledger.states import FINAL, IllegalMove, IssuanceState, Kind, PaymentState, Stale
from kiosk.ledger.store import Change, Hold, Move, Record, Store

log = structlog.get_logger(__name__)
UNWRITTEN = (IssuanceState.UNKNOWN, IssuanceState.APPLIED, IssuanceState.AUTHORISING, IssuanceState.AUTHORISED)
"""Nothing can have been written: these may be given up without asking the chip."""
OPEN_ISSUANCES = tuple(state for state in IssuanceState if state not in FINAL[Kind.ISSUANCE])
_CAN_STILL_PAY = (PaymentState.INTENT, PaymentState.PENDING, PaymentState.UNKNOWN, PaymentState.CLOSED)
BACK = "permit_back"
"""`slip` of the print jobs for the permit's back."""


async def give_up(
    store: Store, issuance: Record, state: IssuanceState, why: str, data: Mapping[str, Any] | None = None
) -> Record:
    """In one commit: nothing will be written, and what was paid for it is due back. Payments that could turn paid meanwhile are
    held, so that none slips through between the reading and the commit. Raises Stale when the issuance itself was moved."""
    while True:
        changes: list[Change] = [Move(issuance, state, why, data or {})]
        for payment in await store.find(Kind.PAYMENT, order_id=issuance.order_id):
            if payment.state == PaymentState.PAID:
                changes.append(Move(payment, PaymentState.REFUND_DUE, "not_issued"))
            elif payment.state in _CAN_STILL_PAY:
                changes.append(Hold(payment))
        try:
            given = (await store.commit(*changes))[0]
        except Stale:
            if (await store.get(Kind.ISSUANCE, issuance.id)).version != issuance.version:
                raise
            continue  # a payment moved: look at it again
        log.warning("issuance_void", record=issuance.id, why=why)
        return given


async def decided_by_staff(store: Store, issuance: Record, *, in_force: bool) -> Record:
    """Out of MANUAL, after staff looked at the chip and at the platform. Not in force: its money is due back. Raises IllegalMove for
    any other."""
    if issuance.state != IssuanceState.MANUAL:
        raise IllegalMove(f"issuance: staff decide nothing while {issuance.state}")
    if in_force:
        return (await store.commit(Move(issuance, IssuanceState.CONFIRMED, "staff")))[0]
    return await give_up(store, issuance, IssuanceState.VOIDED, "staff", {"trouble": "staff"})


async def given_up(store: Store, issuance: Record) -> bool:
    """Nothing will be issued for money any more; whoever pays now gets it back. An issuance on the work list counts as given up
    when it came there on the way back, not when nobody knows whether it was written."""
    if issuance.state == IssuanceState.MANUAL:
        return any(event["new"] == IssuanceState.VOIDING for event in await store.events(issuance.id))
    gone = (IssuanceState.REJECTED, IssuanceState.VOIDING, IssuanceState.VOIDED)
    return issuance.state in gone


def grants_of(issuance: Record) -> tuple[Grant, ...]:
    """What was authorised; empty before that."""
    return tuple(from_json(grant) for grant in issuance["grants"] or ())


def to_json(grant: Grant) -> dict[str, Any]:
    return {
        "number": grant.number,
        "option_id": grant.option_id,
        "destination": str(grant.destination),
        "kind": grant.kind,
        "entries": grant.entries,
        "valid_from": grant.valid_from.isoformat(),
        "valid_to": grant.valid_to.isoformat(),
    }


def from_json(data: Mapping[str, Any]) -> Grant:
    return Grant(
        number=data["number"],
        option_id=data["option_id"],
        destination=Destination(data["destination"]),
        kind=data["kind"],
        entries=data["entries"],
        valid_from=dt.date.fromisoformat(data["valid_from"]),
        valid_to=dt.date.fromisoformat(data["valid_to"]),
    )
