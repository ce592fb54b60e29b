"""What the sensors of the card unit say about a permit in custody, and by which moves the ledger gets there."""

from __future__ import annotations

from kiosk.ledger.states import FINAL, CustodyState, Kind
from kiosk.ledger.store import Move, Record, Store
from kiosk.ports.permit import CardPlace

OPEN_CUSTODIES = tuple(state for state in CustodyState if state not in FINAL[Kind.CUSTODY])
PERMIT_GONE = (CustodyState.RETURNED, CustodyState.RETAINED, CustodyState.MISSING, CustodyState.NONE)
"""The unit cannot be asked about its chip any more."""

_C = CustodyState
_VIA: dict[tuple[str, str], tuple[CustodyState, ...]] = {
    (_C.ASKED, _C.OFFERED): (_C.INSIDE,),
    (_C.ASKED, _C.STUCK): (_C.INSIDE,),
    (_C.ASKED, _C.RETAINED): (_C.INSIDE, _C.RETAINING),
    (_C.ASKED, _C.RETURNED): (_C.INSIDE, _C.OFFERED),
    (_C.INSIDE, _C.RETAINED): (_C.RETAINING,),
    (_C.INSIDE, _C.RETURNED): (_C.OFFERED,),
    (_C.OFFERED, _C.RETAINED): (_C.RETAINING,),
    (_C.RETAINING, _C.RETURNED): (_C.OFFERED,),
}


def route(old: str, new: CustodyState) -> tuple[CustodyState, ...]:
    """The states to go through one after the other, `new` being the last; empty when it stands there already."""
    return () if old == new else (*_VIA.get((old, new), ()), new)


async def given_back(store: Store, custody: Record) -> Record:
    """By staff: out of RETAINED, MISSING or STUCK. Whose permit it was is forgotten. Raises IllegalMove for any other."""
    told = {"trouble": None, "place": str(CardPlace.NONE), "permit_enc": None}
    return (await store.commit(Move(custody, CustodyState.RETURNED, "by_staff", told)))[0]


def where_now(custody: Record, place: CardPlace, bin_now: int | None) -> CustodyState | None:
    """What became of the permit, as far as sensors and the bin's counter tell; None while they do not.

    A permit that is in neither place was in the citizen's reach when it lay at the slot, and counts as taken; one that was inside
    is missing.
    """
    if place is CardPlace.UNKNOWN:
        return None
    if place is CardPlace.JAMMED:
        return _C.STUCK
    if place.inside:
        return _C.INSIDE
    if place is CardPlace.MOUTH:
        return _C.OFFERED
    before = custody["bin_before"]
    if before is not None and bin_now is not None:
        if bin_now > before:
            return _C.RETAINED
    elif custody.state == _C.RETAINING:
        return _C.RETAINED  # a unit that does not count: it was told to, and the permit is nowhere else
    if custody.state == _C.ASKED:
        return _C.NONE
    at_slot = custody.state == _C.OFFERED or (custody.state == _C.RETAINING and custody["place"] == CardPlace.MOUTH)
    return _C.RETURNED if at_slot else _C.MISSING
