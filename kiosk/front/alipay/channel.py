"""Alipay as the payment front asks it: `kiosk.front.channel.Channel` over gateway.do.

What is peculiar to Alipay, and decided here:

- no trade exists before the payer scans: `query` says NOT_FOUND of a shown code, and closing such an order is done by cancel, which
  also kills the code. What stands afterwards may still be NOT_FOUND; `expires_at` ends the code in any case;
- an order's life is sent as `time_expire`, the only form that is the same in every repetition (a repetition with other content is
  refused). It has whole seconds and is rounded up;
- a charge that is said to have gone through is asked about once more before it counts, and so is one that failed: what Alipay keeps
  open is undone before `Refused` is raised, so that Refused means nothing was taken and nothing will be;
- cancel answers success also for numbers that never arrived; only its `action` says that there was something;
- a refund counts when the refund query returns its data.

Nothing is retried here; when to ask again is the caller's plan. Payer codes, subjects and keys are never logged.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn, TypeVar

import structlog

from kiosk.domain import bills_alipay
from kiosk.domain.bill import BillFormatError
from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.front.alipay import amounts, answers, codes
from kiosk.front.alipay.account import Account, account
from kiosk.front.alipay.answers import AnswerError, Told
from kiosk.front.alipay.download import fetch
from kiosk.front.alipay.gateway import NAME, Gateway
from kiosk.front.alipay.notices import read_notice
from kiosk.front.alipay.settings import AlipaySettings
from kiosk.front.channel import (
    LINES,
    BillSpoilt,
    Notice,
    Order,
    Refund,
    RefundStanding,
    RefundState,
    Reply,
    Standing,
    State,
)
from kiosk.gateways.http import Deadlines, Endpoint
from kiosk.ports.bills import BillRow
from kiosk.ports.clock import SHANGHAI, Clock

_NOT_IN_SUBJECT = str.maketrans("/=&", "／＝＆")
"""Characters that Alipay does not take there."""
_NUMBER = re.compile(r"[0-9A-Za-z_-]+", re.ASCII)
_PAYER_CODE = re.compile(r"(?:2[5-9]|30)[0-9]{14,22}", re.ASCII)

T = TypeVar("T")
log = structlog.get_logger(__name__)


def open_channel(settings: AlipaySettings, clock: Clock) -> AlipayChannel:
    """Reads the keys. Raises ValueError for a key, certificate or address that cannot be used, naming the file, never its content."""
    return AlipayChannel(settings, account(settings), clock)


class AlipayChannel:
    """`kiosk.front.channel.Channel`. Make it with `open_channel`; one per merchant, belongs to the event loop's thread."""

    name = NAME
    accepted = Reply(200, "text/plain", b"success")
    declined = Reply(200, "text/plain", b"fail")

    def __init__(
        self, settings: AlipaySettings, keys: Account, clock: Clock, deadlines: Deadlines | None = None
    ) -> None:
        """Raises ValueError for an address or authority file that cannot be used."""
        self._settings = settings
        self._account = keys
        self._clock = clock
        # One second for the request's own way: an answer that neither stalls nor ends is given up after that.
        limits = deadlines or Deadlines(settings.connect_s, settings.read_s, settings.connect_s + settings.read_s + 1)
        urls = [settings.url, *([settings.backup_url] if settings.backup_url else [])]
        endpoints = [Endpoint(url, ca_file=settings.ca_file, deadlines=limits, lines=LINES) for url in urls]
        self._gateway = Gateway(keys, endpoints, clock, settings.notify_url)

    # --- taking money

    async def show(self, order: Order) -> str:
        """What the QR symbol holds. Raises Refused (`already_paid`, `trade_closed`, `wallet_misconfigured` …), GatewayUnavailable."""
        content = {**self._content(order), "product_code": self._settings.qr_product_code}
        answer = await self._gateway.ask("show", "alipay.trade.precreate", content, notified=True)
        if answer.code != codes.TAKEN:
            self._refuse("show", answer)
        return self._read("show", answer, lambda: answers.qr_code(answer, order.number))

    async def charge(self, order: Order, payer_code: str) -> Standing:
        """PAYING is also the answer when Alipay said "paid" but does not say so again yet. Raises Refused (`payer_code_expired`,
        `insufficient_balance` …) when no money was taken and none will be; GatewayUnavailable when that cannot be known."""
        if not self.takes(payer_code):
            raise Refused("payer_code_invalid", "这不是支付宝付款码")
        content = {
            **self._content(order),
            "product_code": "FACE_TO_FACE_PAYMENT",
            "scene": "bar_code",
            "auth_code": payer_code,
        }
        answer = await self._gateway.ask("charge", "alipay.trade.pay", content, notified=True)
        if answer.code in (codes.TAKEN, codes.PAYING):
            opened = Standing(order.number, State.PAYING, trade_no=self._trade_no("charge", answer, order.number))
            if answer.code == codes.TAKEN:
                return await self._confirmed(order.number)
            return replace(opened, detail=answer.code)
        if answer.sub_code in codes.INCONSISTENT or answer.sub_code == codes.CODE_INVALID:
            self._refuse("charge", answer)
        return await self._after_refusal(order.number, answer)

    def takes(self, payer_code: str) -> bool:
        """25 to 30 in front, 16 to 24 digits."""
        return _PAYER_CODE.fullmatch(payer_code) is not None

    async def _confirmed(self, number: str) -> Standing:
        try:
            found = await self.query(number)
        except GatewayUnavailable:
            log.info("charge_not_confirmed_yet", order=number)
            return Standing(number, State.PAYING, detail=codes.TAKEN)
        if found.state in (State.NOT_FOUND, State.WAITING):
            return replace(found, state=State.PAYING)
        return found

    async def _after_refusal(self, number: str, answer: Told) -> Standing:
        """A failed charge may have left a trade that the payer can still pay: it is undone. Raises what `charge` raises."""
        found = await self.query(number)
        if found.state in (State.WAITING, State.PAYING):
            found = await self.undo(number)
        if found.state in (State.NOT_FOUND, State.CLOSED):
            self._refuse("charge", answer)
        return found

    # --- asking and ending

    async def query(self, number: str) -> Standing:
        answer = await self._gateway.ask("query", "alipay.trade.query", {"out_trade_no": _checked(number)})
        if answer.sub_code == codes.NOT_EXIST:
            self._read("query", answer, lambda: answers.about(answer, number, needed=False))
            return Standing(number, State.NOT_FOUND, detail=answer.sub_code)
        if answer.code != codes.TAKEN:
            self._unknown("query", answer)
        found = self._read("query", answer, lambda: answers.standing(answer, number))
        if found.state is State.CLOSED and answers.is_bare(answer):
            return await self._closed_or_refunded(found, answer)
        return found

    async def _closed_or_refunded(self, closed: Standing, answer: Told) -> Standing:
        """A TRADE_CLOSED with no field that could tell of a payment. A refund made without a number of its own, as cancel does, is
        known by the order's number."""
        refund = Refund(closed.number, closed.number, 1, 1)
        if (await self.refund_query(refund)).state is RefundState.NOT_FOUND:
            return closed
        total = self._read("query", answer, lambda: answers.fen(answer, "total_amount"))
        return replace(closed, state=State.REFUNDED, fen=total, refunded_fen=total)

    async def close(self, number: str) -> Standing:
        """CLOSED, or how the order stands when it could not be closed (PAID). REFUNDED when a payer came between. NOT_FOUND when
        nobody had scanned: the code is cancelled, but Alipay has no trade that could be called closed."""
        answer = await self._gateway.ask("close", "alipay.trade.close", {"out_trade_no": _checked(number)})
        if answer.code == codes.TAKEN:
            trade_no = self._trade_no("close", answer, number)
            return Standing(number, State.CLOSED, trade_no=trade_no, detail="close")
        if answer.sub_code == codes.NOT_EXIST:
            return await self.undo(number)
        if codes.is_misconfigured(answer.code, answer.sub_code):
            self._unknown("close", answer)
        return await self.query(number)

    async def undo(self, number: str) -> Standing:
        """CLOSED or REFUNDED; NOT_FOUND when the charge never arrived; PAID when Alipay will not undo it any more (after a day, or
        when the trade is finished: refund it). Raises GatewayUnavailable when it wants to be asked again."""
        answer = await self._gateway.ask("undo", "alipay.trade.cancel", {"out_trade_no": _checked(number)})
        if answers.code_in(answer.members, "retry_flag") == "Y":
            raise self._unavailable("undo", f"Alipay wants to be asked again ({answer.detail})")
        if answer.code != codes.TAKEN:
            if codes.is_misconfigured(answer.code, answer.sub_code) or codes.is_money_short(answer.sub_code):
                self._unknown("undo", answer)
            found = await self.query(number)
            if found.state in (State.WAITING, State.PAYING):
                self._unknown("undo", answer)
            return replace(found, detail=answer.sub_code)
        self._trade_no("undo", answer, number)
        action = answers.code_in(answer.members, "action")
        found = await self.query(number)
        return self._undone(found, action)

    def _undone(self, found: Standing, action: str) -> Standing:
        """What cancel did (`action`) and what stands now must be one story."""
        if found.state is State.CLOSED and action == "refund":
            raise self._unavailable("undo", "said to be refunded, but nothing shows that it was paid")
        if found.state is State.NOT_FOUND and action == "refund":
            raise self._unavailable("undo", "said to be refunded, but not there")
        if found.state is State.NOT_FOUND and action == "close":
            return replace(found, state=State.CLOSED, detail=action)
        if found.state not in (State.NOT_FOUND, State.CLOSED, State.REFUNDED):
            raise self._unavailable("undo", f"still {found.state} after cancel")
        return replace(found, detail=action or found.detail)

    # --- giving back

    async def refund(self, refund: Refund) -> RefundStanding:
        """Idempotent by `refund_no`. Raises Refused (`refund_amount`, `trade_not_paid`, `content_inconsistent` …)."""
        content = {
            "out_trade_no": _checked(refund.number),
            "refund_amount": amounts.yuan(refund.fen),
            "out_request_no": _checked(refund.refund_no, limit=64),
        }
        if refund.reason:
            content["refund_reason"] = refund.reason[:256]
        answer = await self._gateway.ask("refund", "alipay.trade.refund", content)
        if answer.code != codes.TAKEN:
            if codes.is_for_staff(answer.sub_code):
                log.warning("refund_needs_staff", order=refund.number, detail=answer.sub_code)
                return RefundStanding(refund.refund_no, RefundState.ABNORMAL, detail=answer.sub_code)
            if codes.is_misconfigured(answer.code, answer.sub_code):
                self._unknown("refund", answer)
            self._refuse("refund", answer)
        self._trade_no("refund", answer, refund.number)
        try:
            found = await self.refund_query(refund)
        except GatewayUnavailable:
            return RefundStanding(refund.refund_no, RefundState.PROCESSING, detail=answer.code)
        if found.state is RefundState.NOT_FOUND:
            return replace(found, state=RefundState.PROCESSING)
        return found

    async def refund_query(self, refund: Refund) -> RefundStanding:
        content = {
            "out_trade_no": _checked(refund.number),
            "out_request_no": _checked(refund.refund_no, limit=64),
        }
        answer = await self._gateway.ask("refund_query", "alipay.trade.fastpay.refund.query", content)
        if answer.sub_code in (codes.NOT_EXIST, "TRADE_NOT_EXIST"):
            return RefundStanding(refund.refund_no, RefundState.NOT_FOUND, detail=answer.sub_code)
        if answer.code != codes.TAKEN:
            self._unknown("refund_query", answer)
        return self._read(
            "refund_query", answer, lambda: answers.refund_standing(answer, refund.number, refund.refund_no)
        )

    # --- the day after, and in between

    async def bill(self, day: dt.date) -> Sequence[BillRow]:
        """Alipay makes no bill of a day without trade, and answers as for one that is not made yet. It makes bills on the day after, by
        nine o'clock as a rule; so what it has not after that whole day is taken for a day without trade."""
        today = self._clock.now().astimezone(SHANGHAI).date()
        if day >= today:
            raise Refused("bill_not_ready", "账单次日 10 点后可下载")
        content = {"bill_type": "trade", "bill_date": day.isoformat()}
        answer = await self._gateway.ask("bill", "alipay.data.dataservice.bill.downloadurl.query", content)
        if answer.sub_code in codes.NO_BILL:
            if today > day + dt.timedelta(days=1):
                log.info("bill_of_a_day_without_trade", gateway=NAME, detail=answer.sub_code)
                return ()
            raise Refused("bill_not_ready", "账单尚未生成，或当日没有交易")
        if answer.code != codes.TAKEN:
            self._unknown("bill", answer)
        address = self._read("bill", answer, lambda: answer.text("bill_download_url"))
        zipped = await fetch(NAME, address, self._settings.ca_file)
        try:
            return (await asyncio.to_thread(bills_alipay.read, zipped, day)).rows
        except BillFormatError as error:
            log.error("bill_not_taken", gateway=NAME, hint=str(error))
            raise BillSpoilt(NAME, str(error)) from None

    def notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """The front then checks that the order and its amount are its own. Raises Forged."""
        return read_notice(self._account, body, self._clock.now())

    async def aclose(self) -> None:
        await self._gateway.aclose()

    # --- inside

    def _content(self, order: Order) -> dict[str, Any]:
        expires = order.expires_at.astimezone(SHANGHAI)
        if expires.microsecond:
            expires = expires.replace(microsecond=0) + dt.timedelta(seconds=1)
        content = {
            "out_trade_no": _checked(order.number),
            "total_amount": amounts.yuan(order.fen),
            "subject": order.subject.translate(_NOT_IN_SUBJECT)[:256],
            "time_expire": expires.strftime("%Y-%m-%d %H:%M:%S"),
            "terminal_id": order.terminal_id,
        }
        if order.terminal_id in self._settings.terminal_params:
            content["terminal_params"] = self._settings.terminal_params[order.terminal_id]
        return content

    def _refuse(self, operation: str, answer: Told) -> NoReturn:
        if answer.sub_code in codes.INCONSISTENT:
            log.error("order_content_inconsistent", gateway=NAME, operation=operation, detail=answer.sub_code)
        else:
            log.info("wallet_refused", gateway=NAME, operation=operation, code=answer.code, detail=answer.sub_code)
        raise codes.refusal(answer.code, answer.sub_code)

    def _unknown(self, operation: str, answer: Told) -> NoReturn:
        """A signed no that says nothing of the order: what became of it is as unknown as before."""
        raise self._unavailable(operation, f"refused for a reason that tells nothing of the order ({answer.detail})")

    def _trade_no(self, operation: str, answer: Told, number: str) -> str:
        """Of an answer that must name our order."""
        return self._read(operation, answer, lambda: answers.trade_no(answer, number))

    def _read(self, operation: str, answer: Told, read: Callable[[], T]) -> T:
        try:
            return read()
        except AnswerError as error:
            raise self._unavailable(operation, f"{error} ({answer.detail})") from None

    @staticmethod
    def _unavailable(operation: str, hint: str) -> GatewayUnavailable:
        log.warning("remote_unavailable", gateway=NAME, operation=operation, hint=hint)
        return GatewayUnavailable(NAME, f"{operation}: {hint}")


def _checked(number: str, limit: int = 64) -> str:
    if len(number) > limit or not _NUMBER.fullmatch(number):
        raise ValueError("an order or refund number has a form that Alipay does not take")
    return number
