"""C11: the citizen's phone shows its payment code, the machine's scanner reads it, the wallet says what happened.

Opened only when nothing of the order can be paid any more otherwise. Every code is an attempt of its own. From the moment a code went out
there is no second way to pay until the wallet has said that this one took nothing; no answer is asked about, then closed, never repeated.
A code lives in the memory of these functions and is neither stored nor logged.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import structlog

from config.payer_codes import WalletCodes
from kiosk.domain.errors import DeviceError, ErrorKind, GatewayUnavailable
from kiosk.domain.payer_code import PayerCode, WrongCode, judge, names
from kiosk.journeys.kit import Kit
from kiosk.journeys.pace import Pace
from kiosk.journeys.surplus import DUE_BACK
from kiosk.ledger.cashier import OPEN, Charge
from kiosk.ledger.states import PaymentState
from kiosk.ledger.store import Record
from kiosk.ports.devices import Link
from kiosk.ports.wallet import TradeState
from kiosk.screens.base import Page
from kiosk.screens.pay import ScanPayerCode

log = structlog.get_logger(__name__)
SCAN_S = 20.0
UNDO_S = 25.0
"""How long the citizen who gave up is asked to wait for a clear end: WeChat Pay undoes nothing in the first 15 seconds."""
NOT_ARRIVED = 2
"""After so many answers that nobody knows the order, it is closed: the charge never came there."""
AWAY = (Link.CLOSED, Link.OPENING, Link.OFFLINE, Link.FAULT)
TOOK_NOTHING = (PaymentState.CLOSED, PaymentState.FAILED, PaymentState.REFUNDED)
"""Of an attempt by payer code: the citizen has all their money, or the wallet gives it back by itself."""
TOLD = {
    "payer_code_invalid": "付款码无效，请刷新付款码再试",
    "payer_code_expired": "付款码已过期，请刷新付款码再试",
    "wallet_not_taken": "本机不收这种付款码，请换一个",
    "insufficient_balance": "余额不足，没有扣款。请换一种付款方式",
    "limit_exceeded": "超过了您的付款限额，没有扣款。请换一种付款方式",
    "payer_restricted": "您的账户暂时不能付款，没有扣款。请换一种付款方式",
    "abandoned": "没有等到您在手机上确认，没有扣款",
    "payer_cancelled": "您在手机上取消了付款，没有扣款",
    "undone": "付款已撤销，钱会原路退回",
    "not_arrived": "网络不好，没有扣款。请刷新付款码再试",
}
"""By the front's names of reasons."""
FAILED = "付款没有成功，没有扣款。请刷新付款码再试，或扫屏幕上的码"
USED = "这个付款码已经用过，请刷新付款码"
Wish = Literal["cancel", "show_qr", "no_scanner", ""]


def taken_here(kit: Kit) -> Sequence[WalletCodes]:
    """Whose payment codes this machine takes; empty: it takes none, and the way is not offered."""
    if kit.scanner is None or kit.payer_codes is None:
        return ()
    return kit.payer_codes.only(kit.settings.wallet.payer_codes)


def can_scan(kit: Kit) -> bool:
    """Whether the way can be offered now."""
    return kit.scanner is not None and kit.scanner.status().link not in AWAY and bool(taken_here(kit))


@dataclass
class PayerScan:
    """The page, from its opening to an end. `payment` is at first the order's last attempt, closed for good; `unclear_s` is how long the
    citizen is asked to wait for an unclear result."""

    kit: Kit
    order_id: str
    charges: Sequence[Charge]
    subject: str
    caption: str
    payment: Record
    unclear_s: float
    may_begin: Callable[[], bool] = lambda: True
    """Asked before each charge: where no payment is begun any more, by whatever way, the citizen is sent back."""
    _tried: set[bytes] = field(default_factory=set, repr=False)
    _salt: bytes = field(default_factory=lambda: secrets.token_bytes(16), repr=False)
    _page: Page[Any] = field(init=False, repr=False)
    _answer: asyncio.Task[Any] = field(init=False, repr=False)

    async def take(self) -> tuple[Record, Wish]:
        """The payment as it stands at the end, and what the citizen wants next; "" where it is paid, or nobody can say.

        Raises EarlierPaymentOpen when an earlier attempt turns out to have been paid, or to be open still.
        """
        cashier = self.kit.books.cashier
        self._page = self.kit.desk.open(self._screen("waiting"))
        self._answer = asyncio.ensure_future(self._page.answer())
        try:
            while True:
                code = await self._read()
                if not isinstance(code, PayerCode):
                    return self.payment, code
                if not self.may_begin():
                    return self.payment, "show_qr"
                self._show("scanned")
                self.payment, reason = await cashier.charge(self.order_id, self.charges, self.subject, code.digits)
                gave_up, reason = await self._to_its_end(reason)
                if self.payment.state not in TOOK_NOTHING:
                    had = self.payment.state in (
                        PaymentState.PAID,
                        *DUE_BACK,
                    )  # money that is here, if not all to be kept
                    self._show("paid" if had else "unknown")
                    return self.payment, ""
                log.info("payer_code_took_nothing", payment=self.payment.id, code=reason)
                if gave_up or self.payment.state == PaymentState.REFUNDED:
                    return self.payment, "cancel"
                self._show("waiting", TOLD.get(reason, FAILED))
        finally:
            await _end(self._answer)

    async def _read(self) -> PayerCode | Wish:
        """The next payment code; or what the citizen taps instead. A tap counts before a code that comes in the same moment."""
        assert self.kit.scanner is not None  # not offered without one
        loop = asyncio.get_running_loop()
        patience = self.kit.settings.session.idle_s * self.kit.desk.patience
        until = loop.time() + patience
        while True:
            scanning = asyncio.ensure_future(self.kit.scanner.scan(SCAN_S))
            try:
                left = max(0.0, until - loop.time())
                await asyncio.wait((scanning, self._answer), timeout=left, return_when=asyncio.FIRST_COMPLETED)
                tapped = self._tapped()
                if tapped in ("cancel", "show_qr"):
                    return "cancel" if tapped == "cancel" else "show_qr"
                if not scanning.done():
                    if loop.time() < until:
                        continue
                    log.info("payer_code_nobody_there")  # nothing is open: nothing can be lost by going on
                    return "cancel"
                judged = self._judged(scanning.result().text)
            except DeviceError as error:
                if error.kind is ErrorKind.TIMEOUT:
                    continue
                log.warning("payer_scanner_trouble", kind=str(error.kind), native=error.native)
                return "no_scanner"
            finally:
                await _end(scanning)
            if isinstance(judged, PayerCode):
                return judged
            log.info("payer_code_refused", why=judged.kind)
            self._show("waiting", judged.told)
            until = loop.time() + patience

    def _judged(self, text: str | None) -> PayerCode | WrongCode:
        """A code that was tried here is not tried again: each is good for one payment."""
        assert self.kit.payer_codes is not None  # not offered without the table
        found = judge(text, self.kit.payer_codes, taken_here(self.kit), self.kit.clock.now().date())
        if isinstance(found, WrongCode):
            return found
        mark = hashlib.blake2b(found.digits.encode(), key=self._salt).digest()
        if mark in self._tried:
            return WrongCode("used", USED)
        self._tried.add(mark)
        return found

    async def _to_its_end(self, reason: str) -> tuple[bool, str]:
        """Wait until the attempt is paid, took nothing, or nobody can say in time. Whether the citizen gave up; and why it took nothing."""
        ended = ""
        if self.payment.state in OPEN:
            ended, told = await self._watch()
            reason = told or reason
        if self.payment.state in OPEN:
            await self._close(UNDO_S if ended == "cancel" else self.unclear_s)
            reason = reason or ended
        if self.payment.state == PaymentState.REFUNDED:
            reason = "undone"
        return ended == "cancel", reason

    async def _watch(self) -> tuple[str, str]:
        """Ask until there is an end; or say why it is to be closed: cancel, abandoned, not_arrived. And the wallet's reason."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + self.kit.settings.wallet.confirm_s
        pace = Pace(self.kit.settings.wallet.poll_s)
        strange, reason = 0, ""
        self._show("scanned" if self.payment.state == PaymentState.PENDING else "unknown")
        while self.payment.state in OPEN:
            await asyncio.wait((self._answer,), timeout=min(pace.left(), max(0.0, ends - loop.time())))
            if self._tapped() == "cancel":
                return "cancel", reason
            if loop.time() >= ends:
                return "abandoned", reason
            if not pace.due:
                continue
            try:
                self.payment, trade = await self.kit.books.cashier.look(self.payment)
            except GatewayUnavailable as trouble:
                log.warning("payment_poll_unanswered", payment=self.payment.id, hint=trouble.hint)
                trade = None
            pace.asked()
            if trade is not None and self.payment.state in OPEN:
                self._show("scanned" if trade.state is TradeState.WAITING else "unknown")
                strange = strange + 1 if trade.state is TradeState.NOT_FOUND else 0
                if strange >= NOT_ARRIVED:
                    return "not_arrived", reason
            elif trade is not None:
                reason = trade.reason
        return "", reason

    async def _close(self, limit: float) -> None:
        """Until the wallet has said how it ended, for `limit` seconds at the most."""
        loop = asyncio.get_running_loop()
        until = loop.time() + limit
        pace = Pace(self.kit.settings.wallet.poll_s)
        while True:
            self._show("checking")
            self.payment = await self.kit.books.cashier.close(self.payment)
            if self.payment.state not in OPEN or loop.time() >= until:
                return
            self._show("unknown")
            pace.asked()
            await asyncio.sleep(pace.left())

    def _tapped(self) -> str:
        if not self._answer.done():
            return ""
        said = str(self._answer.result())
        self._answer = asyncio.ensure_future(self._page.answer())
        return said

    def _show(self, state: Any, trouble: str = "") -> None:
        self._page.update(self._screen(state, trouble))

    def _screen(self, state: Any, trouble: str = "") -> ScanPayerCode:
        devices = self.kit.settings.devices
        return ScanPayerCode(
            self.payment["amount_fen"],
            self.caption,
            state,
            trouble,
            devices.scanner_position,
            devices.scanner_arrow,
            self.payment.id if state != "waiting" else "",
            names(taken_here(self.kit)),
        )


async def _end(task: asyncio.Task[Any]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
