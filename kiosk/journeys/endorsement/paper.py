"""The slips: the fee voucher, or what went wrong and what is safe. All of them from the ledger alone, so that they can be had again
after a restart. Printing never changes money."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kiosk.domain.permit_slips import FeeItem, FeeVoucherData, ProblemSlipData, Trouble, fee_voucher, problem_slip
from kiosk.domain.slip import Slip
from kiosk.journeys.endorsement.visit import Visit
from kiosk.journeys.endorsement.words import grant_title
from kiosk.journeys.kit import GO_ON, Kit, Permits
from kiosk.journeys.papers import CHANNELS, Paper, print_all
from kiosk.journeys.say import say
from kiosk.journeys.surplus import GOES_BACK
from kiosk.ledger.cashier import PAID_ONCE, paying
from kiosk.ledger.issuance import BACK, given_up, grants_of
from kiosk.ledger.states import FINAL, CustodyState, IssuanceState, Kind, PaymentState, PrintState
from kiosk.ledger.store import Record

MADE = (IssuanceState.WRITTEN, IssuanceState.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Money:
    """What became of the money for an application, over all attempts to pay it. Integer fen."""

    paid_fen: int = 0
    refund_fen: int = 0
    """Due back, and not back yet."""
    refunded_fen: int = 0
    back_nos: tuple[str, ...] = ()
    """The order numbers of what is due back or is back."""
    by_hand_fen: int = 0
    """Not the amount that was asked for, or a refund that was refused: the window decides."""

    @property
    def kept_fen(self) -> int:
        return self.paid_fen - self.refund_fen - self.refunded_fen - self.by_hand_fen


def money_of(payments: Sequence[Record]) -> Money:
    def total(*states: PaymentState) -> int:
        return sum(row["paid_fen"] or 0 for row in payments if row.state in states)

    due, back, by_hand = (
        total(PaymentState.REFUND_DUE, PaymentState.REFUND_INTENT),
        total(PaymentState.REFUNDED),
        total(PaymentState.MANUAL),
    )
    numbers = tuple(row.id for row in payments if row.state in GOES_BACK)
    return Money(total(PaymentState.PAID) + due + back + by_hand, due, back, numbers, by_hand)


async def papers_of(order_id: str, kit: Kit) -> list[Paper]:
    """Everything an order has to show for itself now."""
    if kit.permits is None:
        return []
    issuance = await kit.permits.issuer.find(order_id)
    if issuance is None:
        return []
    payments = await kit.books.store.find(Kind.PAYMENT, order_id=order_id)
    payment = paying(payments)
    if issuance.state in MADE and payment is not None:
        papers: list[Paper] = [(payment.id, _voucher(issuance, payment, payments, kit.permits, kit))]
        if not await _back_done(issuance, kit):
            papers.append((issuance.id, await _problem("not_printed", issuance, payments, kit)))
        return papers
    trouble = _trouble(issuance, payments, void=await given_up(kit.books.store, issuance))
    if trouble is None:
        return []
    return [(issuance.id, await _problem(trouble, issuance, payments, kit))]


def _trouble(issuance: Record, payments: list[Record], void: bool) -> Trouble | None:
    """What there is to say about an application that did not end with endorsements; None where no money is concerned. `void`: for sure
    nothing was written, also where staff have the rest of it on their list."""
    unsure = (IssuanceState.WRITE_UNKNOWN, IssuanceState.WRITING, IssuanceState.MANUAL)
    if issuance.state in unsure and not void:
        return "write_unknown"
    if any(row.state in PAID_ONCE for row in payments):
        return "not_written" if issuance["job_id"] or void else "not_granted"
    if any(row.state == PaymentState.MANUAL for row in payments):
        return "payment_by_hand"
    return "payment_unknown" if any(row.state not in FINAL[Kind.PAYMENT] for row in payments) else None


async def _back_done(issuance: Record, kit: Kit) -> bool:
    return bool(await kit.books.store.find(Kind.PRINT, [PrintState.DONE], subject_id=issuance.id, slip=BACK))


def _detail(issuance: Record, permits: Permits | None) -> dict[str, str]:
    return permits.issuer.detail(issuance) if permits is not None else {}


def _voucher(issuance: Record, payment: Record, payments: Sequence[Record], permits: Permits, kit: Kit) -> Slip:
    detail = _detail(issuance, permits)
    grants, money = grants_of(issuance), money_of(payments)
    fees = dict(zip(issuance["options"], detail["fees_fen"], strict=True))
    data = FeeVoucherData(
        application_no=issuance["application_no"],
        trade_no=payment["trade_no"],
        channel=CHANNELS.get(payment["wallet"], payment["wallet"] or "扫码支付"),
        paid_at=dt.datetime.fromisoformat(payment["paid_at"]),
        items=tuple(FeeItem(grant_title(permits.tables, g), int(fees[g.option_id])) for g in grants),
        name=detail["name"],
        permit_number=detail["permit_number"],
        collected_for=kit.settings.endorsement.collected_for,
        kiosk_id=kit.settings.kiosk.id,
        session_id=issuance.order_id,
        refund_fen=money.refund_fen,
        refunded_fen=money.refunded_fen,
        refund_nos=money.back_nos,
    )
    return fee_voucher(data)


async def _problem(what: Trouble, issuance: Record, payments: Sequence[Record], kit: Kit) -> Slip:
    detail = _detail(issuance, kit.permits)
    custody = await kit.permits.keeper.of_order(issuance.order_id) if kit.permits is not None else None
    back = custody is None or custody.state == CustodyState.RETURNED
    money = money_of(payments)
    numbers = [row["trade_no"] for row in payments if row["paid_fen"] and row["trade_no"]]
    data = ProblemSlipData(
        what=what,
        application_no=issuance["application_no"] or issuance.order_id,
        permit="returned" if back else "in_machine",
        at=kit.clock.now(),
        kiosk_id=kit.settings.kiosk.id,
        paid_fen=money.paid_fen,
        refund_fen=money.refund_fen,
        refunded_fen=money.refunded_fen,
        refund_nos=money.back_nos,
        by_hand_fen=money.by_hand_fen,
        trade_no="，".join(numbers),
        permit_number=detail["permit_number"],
        place=kit.settings.kiosk.window,
        phone=kit.settings.staff.help_phone,
    )
    return problem_slip(data)


async def print_problem(visit: Visit, kit: Kit) -> None:
    """The slip about what went wrong; a printer that fails here is only noted."""
    await print_all(kit, visit.order_id, await papers_of(visit.order_id, kit))


async def print_voucher(visit: Visit, kit: Kit) -> Visit:
    """At the end of the journey. What did not come out can be had again with the identity card (补打)."""
    printed = await print_all(kit, visit.order_id, await papers_of(visit.order_id, kit))
    if not printed:
        body = "签注已办好。可以在本机换纸后，刷身份证“补打凭证”，也可以到旁边的机器或人工窗口。"
        await say(kit, "凭条没有打印完", body, GO_ON, tone="warn", code="W-PRN-01")
    return replace(visit, printed=printed)
