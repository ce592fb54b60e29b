"""C10: the kiosk shows a code, the citizen pays with the phone, the wallet says what happened. The same in every service.

Only the wallet's signed answer makes a payment paid. Leaving the page is asked of the wallet too: query, close, and only
then is the citizen told that nothing was taken, or the scanner opened for the other way to pay (C11, `payer`). So there is never more than
one way open at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from config.hours import Hours
from kiosk.domain.errors import GatewayUnavailable
from kiosk.journeys.kit import Kit, tell
from kiosk.journeys.pace import Pace
from kiosk.journeys.payer import PayerScan, can_scan
from kiosk.ledger.cashier import OPEN, Charge, EarlierPaymentOpen, paying
from kiosk.ledger.states import PaymentState
from kiosk.ledger.store import Record
from kiosk.ports.clock import SHANGHAI
from kiosk.ports.wallet import Code
from kiosk.screens.base import Button
from kiosk.screens.pay import PayByQr

log = structlog.get_logger(__name__)
UNKNOWN_S = 90.0
"""How long the citizen is asked to wait for an unclear result before the slip is printed (UX brief, time limits)."""
NO_SCANNER = "扫码器暂时不能用，请用手机扫屏幕上的码。"
NOT_YET = "现在换不了付款方式，请扫屏幕上的码，或稍后再试。"
AGAIN = Button("again", "重新生成付款码")


@dataclass(frozen=True, slots=True)
class Bill:
    """What is to be paid, and the words for it."""

    order_id: str
    charges: Sequence[Charge]
    subject: str
    """What the wallet shows the payer."""
    charge: str
    """Above the amount: 应缴罚款 2 笔."""
    no_code: str
    """Told when no code could be made: what is safe, what can be done."""
    leave: Button
    """The way out beside "again" when no code could be made."""
    stays: str = ""
    """Told outside the hours of payment: what stays as it is, and how to pay else."""


async def take_payment(bill: Bill, kit: Kit) -> Record | None:
    """Ends paid, unpaid (closed, failed or given back for good), unknown or manual: the payment as it stands. None: payments cannot be
    begun at this hour and none was."""
    payment: Record | None = None
    way, trouble = "show", ""
    while True:
        if not Hours.parse(kit.settings.wallet.hours).cover(kit.clock.now().astimezone(SHANGHAI)):
            await _shut(bill, kit)
            return payment
        try:
            async with kit.guard.hold():
                if way == "scan" and payment is not None:
                    scan = PayerScan(kit, bill.order_id, bill.charges, bill.subject, bill.charge, payment, UNKNOWN_S)
                    payment, instead = await scan.take()
                    if instead not in ("show_qr", "no_scanner"):
                        break
                    way, trouble = "show", NO_SCANNER if instead == "no_scanner" else ""
                    continue
                payment, code = await kit.books.cashier.begin(bill.order_id, bill.charges, bill.subject)
        except EarlierPaymentOpen:
            return await _earlier(bill, kit)
        if code is None:
            if await tell(kit, "暂时不能生成付款码", bill.no_code, AGAIN, bill.leave, code="N-PAY") == AGAIN.id:
                continue
            async with kit.guard.hold():
                return await kit.books.cashier.close(payment)
        async with kit.guard.hold():
            payment, wish = await _Till(kit, bill, payment, code, trouble).watch()
        if payment.state != PaymentState.CLOSED or wish not in ("renew", "scan"):
            return payment
        if wish == "scan" and can_scan(kit):
            way, trouble = "scan", ""
        else:
            way, trouble = "show", NO_SCANNER if wish == "scan" else ""
    if payment.state == PaymentState.REFUNDED:
        body = f"付款和撤销碰在一起，钱会原路退回，请留意手机上的退款消息。{bill.stays}"
        await tell(kit, "这次付款已撤销", body, bill.leave, tone="warn", code="W-UNDONE")
    return payment


async def _shut(bill: Bill, kit: Kit) -> None:
    """Outside the hours nothing is begun, and what is owed stays as it is."""
    hours = Hours.parse(kit.settings.wallet.hours)
    log.info("payment_outside_hours")
    await tell(
        kit,
        "现在不能缴款",
        f"每天 {hours} 可以缴款，现在没有扣款。{bill.stays}",
        bill.leave,
        tone="warn",
        code="W-HOURS",
    )


async def _earlier(bill: Bill, kit: Kit) -> Record:
    """No new code: an earlier attempt has paid after all, or may still."""
    attempts = await kit.books.cashier.attempts(bill.order_id)
    open_still = [row for row in attempts if row.state not in (PaymentState.CLOSED, PaymentState.FAILED)]
    return paying(attempts) or open_still[-1]


@dataclass
class _Till:
    """One code on the screen, until it is paid, closed, or nobody can say.

    How long it is shown is measured by the loop's own clock: the wall clock may be set while a citizen pays.
    """

    kit: Kit
    bill: Bill
    payment: Record
    code: Code
    trouble: str = ""
    ends: float = field(init=False)

    def __post_init__(self) -> None:
        most = self.kit.settings.wallet.code_s
        told = (self.code.expires_at - self.kit.clock.now()).total_seconds()
        # What the wallet tells counts, unless its clock and ours cannot be compared.
        self.ends = asyncio.get_running_loop().time() + (told if 0 < told <= most else most)

    async def watch(self) -> tuple[Record, str]:
        """The payment as it stands at the end, and what the citizen asked for ("renew" | "cancel" | "")."""
        page = self.kit.desk.open(self._screen("waiting"))
        loop = asyncio.get_running_loop()
        pace = Pace(self.kit.settings.wallet.poll_s)
        wants_scan = False
        unclear_since: float | None = None
        answer: asyncio.Task[Any] = asyncio.ensure_future(page.answer())
        try:
            while True:
                await asyncio.wait((answer,), timeout=min(pace.left(), 1.0 - (loop.time() % 1.0)))
                wish = ""
                if answer.done():
                    wish = answer.result()
                    answer = asyncio.ensure_future(page.answer())
                if wish == "scan" and not can_scan(self.kit):
                    wish, self.trouble = "", NO_SCANNER
                wants_scan = wish == "scan" or (wants_scan and not wish)
                due, over = pace.due, self._left() <= 0
                if wish in ("cancel", "scan") or (over and (due or wish or unclear_since is None)):
                    page.update(self._screen("checking"))
                    self.payment = await self.kit.books.cashier.close(self.payment)
                    pace.asked()
                elif wish == "paid_no_reaction" or due:
                    if wish:
                        page.update(self._screen("checking"))
                    await self._ask()
                    pace.asked()
                if self.payment.state == PaymentState.CLOSED:  # also when the wallet closed it by itself
                    if wish == "cancel" or wants_scan:
                        return self.payment, wish or "scan"
                    page.update(self._screen("expired"))
                    wish = await self._expired_wish(answer)
                    if wish == "paid_no_reaction":
                        await self._ask()  # a wallet may have taken late money all the same
                    if self.payment.state == PaymentState.CLOSED:
                        return self.payment, wish
                if self.payment.state not in (*OPEN, PaymentState.CLOSED):  # paid, for staff, or on its way back
                    page.update(self._screen("paid" if self.payment.state == PaymentState.PAID else "unknown"))
                    return self.payment, ""
                # Still open although it is over: neither the last query nor closing got a clear answer.
                unclear_since = (unclear_since or loop.time()) if over or wish == "cancel" else None
                if unclear_since is not None and (wish == "cancel" or loop.time() - unclear_since > UNKNOWN_S):
                    return self.payment, ""
                if wish == "scan":
                    self.trouble = NOT_YET  # the code may still be paid: the scanner stays shut
                page.update(self._screen("unknown" if over else "waiting"))
        finally:
            answer.cancel()
            await asyncio.gather(answer, return_exceptions=True)

    async def _ask(self) -> None:
        try:
            self.payment = await self.kit.books.cashier.ask(self.payment)
        except GatewayUnavailable as trouble:
            log.warning("payment_poll_unanswered", payment=self.payment.id, hint=trouble.hint)

    async def _expired_wish(self, answer: asyncio.Task[Any]) -> str:
        """The code is closed for good; nothing can be lost by waiting for a wish, or by the citizen being gone."""
        limit = self.kit.settings.session.idle_s
        done, _ = await asyncio.wait((answer,), timeout=limit)
        return str(answer.result()) if done else "cancel"

    def _left(self) -> float:
        return self.ends - asyncio.get_running_loop().time()

    def _screen(self, state: Any) -> PayByQr:
        left = max(0, round(self._left()))
        return PayByQr(
            self.payment["amount_fen"],
            self.bill.charge,
            self.code.payload,
            self.code.expires_at,
            state,
            self.payment.id,
            seconds_left=left,
            can_scan=can_scan(self.kit),
            trouble=self.trouble,
        )
