"""C10: the kiosk shows a code, the citizen pays with the phone, the wallet says what happened. The same in every service.

Only the wallet's signed answer makes a payment paid. Leaving the page is asked of the wallet too: query, close, and only
then is the citizen told that nothing was taken, or the scanner opened for the other way to pay (C11, `payer`). So there is never more than
one way open at a time.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from kiosk.domain.errors import GatewayUnavailable
from kiosk.journeys.kit import Kit, tell
from kiosk.journeys.pace import Pace
from kiosk.journeys.payer import PayerScan, can_scan
from kiosk.journeys.paying_hours import hours_of, open_now
from kiosk.journeys.say import say
from kiosk.journeys.surplus import DUE_BACK, GOES_BACK, look_back, sentence, tell_surplus
from kiosk.ledger.cashier import OPEN, Charge, EarlierPaymentOpen, paying
from kiosk.ledger.reconcile_alarm import PayingStopped
from kiosk.ledger.states import Kind, PaymentState
from kiosk.ledger.store import Record
from kiosk.ports.wallet import Code
from kiosk.screens.base import Button
from kiosk.screens.pay import PayByQr

log = structlog.get_logger(__name__)
UNKNOWN_S = 90.0
"""How long the citizen is asked to wait for an unclear result before the slip is printed (UX brief, time limits)."""
BEFORE_S = 5.0
"""So many seconds before its sum changes a code is closed."""
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
    until: dt.datetime | None = None
    """The sum holds up to this moment; None: it does not change."""

    def holds(self, kit: Kit) -> bool:
        return self.until is None or kit.clock.now() < self.until


class SumOutdated(Exception):
    """The sum may be another by now, and nothing of the order is open or paid: the citizen is to be asked anew."""


async def take_payment(bill: Bill, kit: Kit) -> Record | None:
    """Ends paid, unpaid (closed, failed or given back for good), unknown or manual: the payment as it stands. None: payments cannot be
    begun at this hour and none was. Raises SumOutdated before a code is made that the sum may not hold for."""
    payment: Record | None = None
    way, trouble = "show", ""
    own_code_only = await _own_code_only(bill, kit)
    while True:
        if not open_now(kit):
            return await _shut(bill, kit, payment)
        if not bill.holds(kit):
            if payment is not None and (kept := await _paid_after_all(payment, kit)) is not None:
                return kept
            raise SumOutdated
        try:
            async with kit.guard.hold():
                if way == "scan" and payment is not None:
                    scan = PayerScan(
                        kit,
                        bill.order_id,
                        bill.charges,
                        bill.subject,
                        bill.charge,
                        payment,
                        UNKNOWN_S,
                        lambda: open_now(kit) and bill.holds(kit),
                    )
                    payment, instead = await scan.take()
                    if instead not in ("show_qr", "no_scanner"):
                        break
                    way, trouble = "show", NO_SCANNER if instead == "no_scanner" else ""
                    continue
                payment, code = await kit.books.cashier.begin(bill.order_id, bill.charges, bill.subject)
        except EarlierPaymentOpen:
            return await _ended(bill, kit, await _earlier(bill, kit))
        except PayingStopped:
            return await _stopped(bill, kit, payment)
        if code is None:
            if await tell(kit, "暂时不能生成付款码", bill.no_code, AGAIN, bill.leave, code="N-PAY") == AGAIN.id:
                continue
            async with kit.guard.hold():
                return await kit.books.cashier.close(payment)
        async with kit.guard.hold():
            payment, wish = await _Till(kit, bill, payment, code, trouble, own_code_only).watch()
        if payment.state != PaymentState.CLOSED or wish not in ("renew", "scan"):
            break
        if wish == "scan" and can_scan(kit) and not own_code_only:
            way, trouble = "scan", ""
        else:
            way, trouble = "show", NO_SCANNER if wish == "scan" else ""
    return await _ended(bill, kit, payment)


async def _own_code_only(bill: Bill, kit: Kit) -> bool:
    """Fines that the platform bills itself are paid by the bill's own code: there is no payer's code to scan. Fees are not billed by it."""
    if kit.settings.police.bill != "platform":
        return False
    return bool(await kit.books.store.find(Kind.DECISION, order_id=bill.order_id))


async def _ended(bill: Bill, kit: Kit, payment: Record) -> Record:
    """The attempt that paid for the order, whichever was waited for; and the citizen knows of money that goes back."""
    async with kit.guard.hold():
        if payment.state in (PaymentState.PAID, *GOES_BACK):
            kept = await look_back(kit, payment)
        else:
            kept = paying(await kit.books.cashier.attempts(payment.order_id))
    if kept is not None:
        await tell_surplus(kit, kept)
        return kept
    if payment.state == PaymentState.REFUNDED:
        body = f"付款和撤销碰在一起，{sentence([payment], owed=True)}{bill.stays}"
        await say(kit, "这次付款已撤销", body, bill.leave, tone="warn", code="W-UNDONE")
    return payment


async def _shut(bill: Bill, kit: Kit, payment: Record | None) -> Record | None:
    """Outside the hours nothing is begun, and what is owed stays as it is. A code that was closed may have been paid all the same."""
    if payment is not None and (kept := await _paid_after_all(payment, kit)) is not None:
        return kept
    log.info("payment_outside_hours")
    body = f"每天 {hours_of(kit)} 可以缴款，现在没有扣款。{bill.stays}"
    await say(kit, "现在不能缴款", body, bill.leave, tone="warn", code="W-HOURS")
    return payment


async def _paid_after_all(payment: Record, kit: Kit) -> Record | None:
    """The attempt that has paid for the order although all were closed."""
    async with kit.guard.hold():
        kept = await look_back(kit, payment, itself=True)
    if kept is not None:
        await tell_surplus(kit, kept)
    return kept


async def _stopped(bill: Bill, kit: Kit, payment: Record | None) -> Record | None:
    """An alarm of the end-of-day match: nothing is begun until staff have settled it, and what is owed stays as it is. A code that was
    closed may have been paid all the same."""
    if payment is not None and (kept := await _paid_after_all(payment, kit)) is not None:
        return kept
    log.warning("payment_while_stopped")
    body = f"本机正在核对账目，暂时不收款，这次没有扣款。要现在缴，请到旁边的机器。{bill.stays}"
    await say(kit, "本机暂停缴款", body, bill.leave, tone="warn", code="W-STOP")
    return payment


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
    own_code_only: bool = False
    ends: float = field(init=False)

    def __post_init__(self) -> None:
        most = self.kit.settings.wallet.code_s
        told = (self.code.expires_at - self.kit.clock.now()).total_seconds()
        # What the wallet tells counts, unless its clock and ours cannot be compared.
        life = told if 0 < told <= most else most
        if self.bill.until is not None:
            held = (self.bill.until - self.kit.clock.now()).total_seconds() - BEFORE_S
            life = max(0.0, min(life, held))
        self.ends = asyncio.get_running_loop().time() + life

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
                if wish == "scan" and not self._can_scan():
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
                    if wish and self.payment.state in OPEN and await look_back(self.kit, self.payment) is not None:
                        # The citizen has paid the code before this one.
                        self.payment = await self.kit.books.cashier.close(self.payment)
                        page.update(self._screen("paid"))
                        return self.payment, ""
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
                    had = self.payment.state in (
                        PaymentState.PAID,
                        *DUE_BACK,
                    )  # money that is here, if not all to be kept
                    page.update(self._screen("paid" if had else "unknown"))
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

    def _can_scan(self) -> bool:
        return can_scan(self.kit) and not self.own_code_only

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
            can_scan=self._can_scan(),
            trouble=self.trouble,
        )
