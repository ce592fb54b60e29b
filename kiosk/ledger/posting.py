"""Telling the police side that a fine is paid: once, however often it has to be tried, and whoever else may have paid it."""

from __future__ import annotations

from kiosk.domain.errors import Refused
from kiosk.domain.rules_fine import SAID
from kiosk.ledger.states import Kind, PaymentState, PostingState
from kiosk.ledger.store import Record, Store
from kiosk.ports.platform import PolicePlatform

NOT_YET = frozenset[str]().union(*(SAID[rule] for rule in ("F10", "F13", "F14", "F24")))
"""Refusals that time may heal: the decision has not reached the cashier, the cashier is closed, ends its day, or is in doubt itself."""


async def book(platform: PolicePlatform, posting: Record, number: str, payment: Record) -> None:
    """Post it. After an answer that never came the platform is asked first, and nothing is sent again that is on its books.

    Returns when it is booked by our trade. Raises GatewayUnavailable (unknown), and Refused: `already_paid` for another trade's.
    """
    trade_no, amount_fen = payment["trade_no"], posting["amount_fen"]
    if posting.state == PostingState.UNKNOWN:
        booked = await platform.find_payment(number)
        if booked is not None:
            if (booked.trade_no, booked.amount_fen) != (trade_no, amount_fen):
                raise Refused("already_paid", "booked by another trade")
            return
    await platform.post_payment(number, amount_fen, trade_no, payment["paid_at"], number)


async def paid_before(store: Store, payment: Record) -> bool:
    """Whether another order of this machine has paid for one of the decisions that this payment covers: the same number, in a visit
    with the identity card and in one by number. Its money is then a duplicate as a second attempt's of one order is."""
    covered = await store.find(Kind.DECISION, id=frozenset(payment["covers"]))
    numbers = frozenset(decision["number"] for decision in covered if decision["number"])
    if not numbers:
        return False
    for same in await store.find(Kind.DECISION, number=numbers):
        if same.order_id == payment.order_id:
            continue
        for other in await store.find(Kind.PAYMENT, [PaymentState.PAID], order_id=same.order_id):
            if same.id in other["covers"]:
                return True
    return False
