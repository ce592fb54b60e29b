"""What this machine already knows of a decision: nobody pays it here twice because an earlier payment is still being looked into."""

from __future__ import annotations

import structlog

from kiosk.domain.errors import GatewayUnavailable
from kiosk.journeys.kit import Kit
from kiosk.ledger.cashier import OPEN
from kiosk.ledger.states import Kind, PaymentState, Stale
from kiosk.ledger.store import Record

log = structlog.get_logger(__name__)


async def payments_of(kit: Kit, number: str) -> list[Record]:
    """All attempts at this machine that cover the decision of this number, the newest first."""
    found: dict[str, Record] = {}
    for decision in await kit.books.orders.of_decision(number):
        for payment in reversed(await kit.books.cashier.attempts(decision.order_id)):
            if decision.id in payment["covers"]:
                found[payment.id] = payment
    return list(found.values())


async def paid_here(kit: Kit, number: str) -> Record | None:
    """The payment of this machine that paid for it, and is kept."""
    return next((row for row in await payments_of(kit, number) if row.state == PaymentState.PAID), None)


async def settled(kit: Kit, number: str) -> tuple[str, str]:
    """The rule that says no, with the number it can be asked for under; both empty where nothing of this machine stands in the way.

    What is open is closed at the wallet, or found paid; what was closed is asked about once more, as wallets have been seen to take
    late money. Nobody is led to a second code while a first one may still be paid.
    """
    for payment in await payments_of(kit, number):
        payment = await _settle(kit, payment)
        if payment.state == PaymentState.PAID:
            return "F30", payment.id
        if payment.state in (*OPEN, PaymentState.MANUAL):
            return "F24", payment.id
    return "", ""


async def _settle(kit: Kit, payment: Record) -> Record:
    """As the wallet sees it now. The order is in our hands meanwhile, so that the sweeper leaves it alone."""
    books, mine = kit.books, payment.order_id
    books.orders.in_session.add(mine)
    try:
        if payment.state in OPEN:
            payment = await books.cashier.close(payment)
        elif payment.state == PaymentState.CLOSED:
            payment = await books.cashier.ask(payment)
        if payment.state == PaymentState.PAID:
            await books.cashier.post(mine)
            await books.orders.conclude(mine, citizen_present=False)
    except GatewayUnavailable as trouble:
        log.warning("payment_recheck_unanswered", payment=payment.id, hint=trouble.hint)
    except Stale:
        payment = await books.store.get(Kind.PAYMENT, payment.id)  # the sweeper was faster
    finally:
        books.orders.in_session.discard(mine)
    return payment
