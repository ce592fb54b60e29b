"""Money that was paid once more than was due goes back by itself: found while the citizen still stands there, and said in one sentence.

Nothing here moves money: the ledger has it due back, the sweeper gives it back. Fines that the platform bills itself are the exception, as
what is in the treasury is given back by staff.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import structlog

from kiosk.domain.errors import GatewayUnavailable
from kiosk.domain.money import format_fen
from kiosk.domain.slips import IncidentSlipData, incident_slip
from kiosk.journeys.kit import GO_ON, Kit
from kiosk.journeys.papers import CHANNELS, Paper
from kiosk.journeys.say import say
from kiosk.ledger.cashier import paying
from kiosk.ledger.posting import paid_before
from kiosk.ledger.states import Kind, PaymentState
from kiosk.ledger.store import Record

log = structlog.get_logger(__name__)
DUE_BACK = (PaymentState.REFUND_DUE, PaymentState.REFUND_INTENT)
GOES_BACK = (*DUE_BACK, PaymentState.REFUNDED)
CODE = "W-SURPLUS"


async def look_back(kit: Kit, payment: Record, *, itself: bool = False) -> Record | None:
    """Ask once more about what was closed of this order besides this attempt (or `itself` too), as wallets have been seen to take late
    money. The attempt that paid for the order, if any; what was paid besides is then due back."""
    cashier = kit.books.cashier
    for each in await cashier.attempts(payment.order_id):
        if (itself or each.id != payment.id) and each.state == PaymentState.CLOSED:
            try:
                await cashier.ask(each)
            except GatewayUnavailable as trouble:
                log.warning("payment_recheck_unanswered", payment=each.id, hint=trouble.hint)
    return paying(await cashier.attempts(payment.order_id))


def sentence(payments: Sequence[Record], window: str = "", *, owed: bool = False) -> str:
    """What becomes of this money. `window`: where staff give it back, as it may be in the treasury already. `owed`: what it was paid for
    is not paid, so that nothing is said about paying again."""
    amount = format_fen(sum(row["paid_fen"] or 0 for row in payments))
    numbers = "、".join(row.id for row in payments)
    again = "" if owed else "，也不用再付" if not window else "，不用再付"
    if window:
        return f"{amount} 由{window}办理退回{again}，订单号 {numbers}。"
    wallets = dict.fromkeys(CHANNELS.get(row["wallet"] or "", "账户") for row in payments)
    return f"{amount} 会自动退回原来付款的{'、'.join(wallets)}，不用您操作{again}，订单号 {numbers}。"


def by_staff(kit: Kit) -> str:
    """The window that gives fines back, where the platform bills them; empty where the wallet does by itself."""
    return kit.settings.kiosk.window if kit.settings.police.bill == "platform" else ""


async def tell_surplus(kit: Kit, kept: Record) -> None:
    """Where the order was paid more than once: that it is paid, and what becomes of the rest. Silence leads on."""
    attempts = await kit.books.cashier.attempts(kept.order_id)
    extra = [row for row in attempts if row.id != kept.id and row.state in GOES_BACK]
    if not extra:
        return
    log.info("payment_surplus", payment=kept.id, count=len(extra))
    order = await kit.books.store.get(Kind.ORDER, kept.order_id)
    body = f"要付的已经付清。多付的 {sentence(extra, by_staff(kit) if order['journey'] != 'endorsement' else '')}"
    await say(kit, "收到了两次付款", body, GO_ON, tone="info", code=CODE)


async def surplus_papers(payments: Sequence[Record], decision_nos: tuple[str, ...], kit: Kit) -> list[Paper]:
    """A slip for each of these payments of fines that goes back: how much, and the number it can be asked for under."""
    papers: list[Paper] = []
    for row in payments:
        if row.state in GOES_BACK:
            what: Literal["surplus", "surplus_by_staff", "undone"] = "undone"
            if paying(payments) is not None or await paid_before(kit.books.store, row):
                what = "surplus_by_staff" if by_staff(kit) else "surplus"
            data = IncidentSlipData(
                what,
                row.id,
                kit.clock.now(),
                kit.settings.kiosk.id,
                row["paid_fen"] or 0,
                decision_nos,
                row["trade_no"] or "",
            )
            papers.append((row.id, incident_slip(data, kit.tables.legal)))
    return papers
