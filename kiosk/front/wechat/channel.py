"""WeChat Pay as one of the front's channels: native (the kiosk shows a code) and codepay (the payer shows one), merchants' own contract.

Neither payer codes nor subjects nor who paid are kept or logged. A number is looked up again wherever WeChat Pay's answer to an order
proves nothing: it answers "closed" (204) also for orders it has never seen.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import structlog

from kiosk.domain import bills_wechat
from kiosk.domain.bill import BillFormatError
from kiosk.domain.errors import Refused
from kiosk.front.channel import (
    LINES,
    BillSpoilt,
    Forged,
    Notice,
    Order,
    Refund,
    RefundStanding,
    RefundState,
    Reply,
    Standing,
    State,
)
from kiosk.front.wechat import answers, codes, questions
from kiosk.front.wechat.keys import Keyring, load_apiv3_key, load_certificate, load_merchant_key, load_public_key
from kiosk.front.wechat.notices import read_notice
from kiosk.front.wechat.settings import WeChatPay
from kiosk.front.wechat.wire import Merchant, Said, Wire
from kiosk.gateways.http import Deadlines, Endpoint, HttpGateway
from kiosk.gateways.rest import read
from kiosk.ports.bills import BillRow
from kiosk.ports.clock import SHANGHAI, Clock

log = structlog.get_logger(__name__)
T = TypeVar("T")

NAME = "wechat"
REVERSE_AFTER = dt.timedelta(seconds=15)
"""WeChat Pay asks not to reverse a payment sooner: it may not have come to rest."""
BILL_READY = dt.time(10)
BILL_LIMIT = 64 * 1024 * 1024
"""Bytes, packed."""
BILL_SECONDS = 120.0
"""For the whole of a bill's file."""
_PAYER_CODE = re.compile(r"1[0-5][0-9]{16}")
_OVER = frozenset({"CLOSED", "REVOKED", "REFUND"})
"""Trade states in which there is nothing left to undo. PAYERROR is not among them: WeChat Pay asks to reverse it."""


def open_channel(settings: WeChatPay, clock: Clock) -> WeChatChannel:
    """The channel that settings describe. Raises ValueError for a key file or an address that cannot be used, naming it."""
    keyring = Keyring(
        load_apiv3_key(settings.apiv3_key_file),
        {key_id: load_public_key(file) for key_id, file in settings.public_keys.items()},
        [load_certificate(file) for file in settings.certificate_files],
        settings.fetch_certificates,
    )
    merchant = Merchant(
        settings.mchid,
        settings.appid,
        settings.merchant_serial.upper(),
        load_merchant_key(settings.merchant_key_file),
    )
    # One second for the request's own way: an answer that neither stalls nor ends is given up after that.
    limits = Deadlines(settings.connect_s, settings.read_s, settings.connect_s + settings.read_s + 1)
    hosts, files = (
        tuple(
            HttpGateway(NAME, Endpoint(url, ca_file=settings.ca_file, deadlines=deadlines, lines=LINES))
            for url in (settings.url, settings.backup_url)
            if url
        )
        for deadlines in (limits, Deadlines(settings.connect_s, settings.read_s, BILL_SECONDS))
    )
    return WeChatChannel(Wire(hosts, files, merchant, keyring, clock), merchant, keyring, clock, settings)


class WeChatChannel:
    """`kiosk.front.channel.Channel`. Make it with `open_channel`."""

    name = NAME
    accepted = Reply(200, "application/json", b'{"code":"SUCCESS"}')
    declined = Reply(500, "application/json", b'{"code":"FAIL","message":"FAIL"}')

    def __init__(self, wire: Wire, merchant: Merchant, keyring: Keyring, clock: Clock, settings: WeChatPay) -> None:
        self._wire = wire
        self._merchant = merchant
        self._keyring = keyring
        self._clock = clock
        self._settings = settings
        self._born = clock.now()
        self._charged: dict[str, dt.datetime] = {}
        self._learning: asyncio.Task[None] | None = None

    async def aclose(self) -> None:
        if self._learning is not None:
            self._learning.cancel()
            await asyncio.gather(self._learning, return_exceptions=True)
        await self._wire.aclose()

    # --- orders

    async def show(self, order: Order) -> str:
        """A code lives two hours at most, whatever the order's end. Raises Refused, GatewayUnavailable."""
        fields = questions.native(order, self._settings, self._clock.now())
        said = await self._wire.ask("native", "POST", "/v3/pay/transactions/native", fields)
        if said.code:
            raise self._refusal("native", said, codes.show_code(said.code, said.message))
        return self._read("native", lambda: read(answers.CodeUrl, said.body).code_url)

    async def charge(self, order: Order, payer_code: str) -> Standing:
        """Sent once: a second copy would be told that the code has been used, although the first took the money.

        A refusal is passed on only when WeChat Pay, asked again, does not hold the order as paid or being paid.
        """
        if not self.takes(payer_code):
            raise Refused("payer_code_invalid", codes.SENTENCES["payer_code_invalid"])
        fields = questions.codepay(order, self._settings, payer_code)
        self._note_charge(order.number)
        said = await self._wire.ask("codepay", "POST", "/v3/pay/transactions/codepay", fields, again=False)
        if codes.plain(said.code) in codes.PAYING:
            return Standing(order.number, State.PAYING, detail="USERPAYING")
        if not said.code:
            return self._standing("codepay", said, order.number)
        refused = codes.charge_code(said.code, said.message)
        now = await self.query(order.number)
        if now.state in (State.PAID, State.PAYING, State.REFUNDED):
            return now
        raise self._refusal("codepay", said, refused)

    def takes(self, payer_code: str) -> bool:
        """18 digits that begin with 10 to 15."""
        return _PAYER_CODE.fullmatch(payer_code) is not None

    async def query(self, number: str) -> Standing:
        target = questions.order_path(number, f"?mchid={self._merchant.mchid}")
        said = await self._wire.ask("query", "GET", target)
        if codes.plain(said.code) in codes.GONE:
            return Standing(number, State.NOT_FOUND, detail=said.code)
        if said.code:
            raise self._wire.unavailable("query", f"{said.code} says nothing about the order")
        return self._standing("query", said, number)

    async def close(self, number: str) -> Standing:
        """CLOSED also for an order that WeChat Pay has never seen: nobody has its code."""
        target = questions.order_path(number, "/close")
        said = await self._wire.ask("close", "POST", target, {"mchid": self._merchant.mchid})
        return await self._ended("close", number, said)

    async def undo(self, number: str) -> Standing:
        """Reverse a codepay order. A number not charged by this process is taken as charged when the process began.

        Raises Refused `undo_refused` for a payment that can be refunded only (after seven days).
        """
        charged = self._charged.get(number, self._born)
        if self._clock.now() < charged + REVERSE_AFTER:
            raise self._wire.unavailable("reverse", "too early, a payment is not reversed within its first 15 s")
        before = await self.query(number)
        if before.detail in _OVER:
            return before
        target = questions.order_path(number, "/reverse")
        fields = {"appid": self._merchant.appid, "mchid": self._merchant.mchid}
        said = await self._wire.ask("reverse", "POST", target, fields)
        after = await self._ended("reverse", number, said)
        if before.state is State.PAID and after.state is State.CLOSED:
            return Standing(
                number, State.REFUNDED, before.fen, before.trade_no, before.paid_at, before.fen, after.detail
            )
        if after.state is State.PAID and said.code:
            raise Refused("undo_refused", codes.SENTENCES["undo_refused"])
        if after.state is State.PAID:
            raise self._wire.unavailable("reverse", "the payment still stands; ask again")
        return after

    async def _ended(self, operation: str, number: str, said: Said) -> Standing:
        """How an order stands after it was asked to end."""
        if codes.plain(said.code) in codes.PAYING:
            raise self._wire.unavailable(operation, f"{said.code}: the payer is asked for a password; ask again")
        if codes.plain(said.code) in codes.SETUP and codes.plain(said.code) != "INVALIDREQUEST":
            raise self._refusal(operation, said, codes.SETUP.get(codes.plain(said.code)))
        now = await self.query(number)
        if now.state is State.NOT_FOUND:
            return Standing(number, State.CLOSED, detail=now.detail)
        if now.state in (State.WAITING, State.PAYING):
            raise self._wire.unavailable(operation, f"{said.code or 'done'}, and the order is still open; ask again")
        return now

    # --- refunds

    async def refund(self, refund: Refund) -> RefundStanding:
        said = await self._wire.ask("refund", "POST", "/v3/refund/domestic/refunds", questions.refund(refund))
        if not said.code:
            return self._refund_standing("refund", said, refund)
        if codes.plain(said.code) in codes.CLOSED_ACCOUNT:
            return RefundStanding(refund.refund_no, RefundState.ABNORMAL, detail=said.code)
        # INVALID_REQUEST is also said of a refund that is made already; and a paid order is now and then "not found".
        now = await self.refund_query(refund)
        if now.state is not RefundState.NOT_FOUND:
            return now
        if codes.plain(said.code) in codes.GONE and (await self.query(refund.number)).state is not State.NOT_FOUND:
            raise self._wire.unavailable("refund", f"{said.code} of an order that exists; ask again")
        raise self._refusal("refund", said, codes.REFUND.get(codes.plain(said.code)))

    async def refund_query(self, refund: Refund) -> RefundStanding:
        said = await self._wire.ask("refund_query", "GET", questions.refund_path(refund.refund_no))
        if codes.plain(said.code) in codes.GONE:
            return RefundStanding(refund.refund_no, RefundState.NOT_FOUND, detail=said.code)
        if said.code:
            raise self._wire.unavailable("refund_query", f"{said.code} says nothing about the refund")
        return self._refund_standing("refund_query", said, refund)

    # --- bills

    async def bill(self, day: dt.date) -> Sequence[BillRow]:
        """All movements of the merchant's orders, other machines' too. A day without any has no bill and no rows."""
        now = self._clock.now().astimezone(SHANGHAI)
        if day >= now.date():
            raise Refused("bill_not_ready", codes.SENTENCES["bill_not_ready"])
        target = f"/v3/bill/tradebill?bill_date={day:%Y-%m-%d}&bill_type=ALL&tar_type=GZIP"
        said = await self._wire.ask("bill", "GET", target)
        ready = now >= dt.datetime.combine(day + dt.timedelta(days=1), BILL_READY, SHANGHAI)
        if codes.plain(said.code) in codes.NO_STATEMENT and ready:
            return ()
        if codes.plain(said.code) in codes.NO_STATEMENT | codes.LATER:
            raise Refused("bill_not_ready", codes.SENTENCES["bill_not_ready"])
        if said.code:
            raise self._refusal("bill", said, codes.SETUP.get(codes.plain(said.code)))
        link = self._read("bill", lambda: read(answers.Link, said.body))
        if link.hash_type.upper().replace("-", "") != "SHA1":
            raise self._wire.unavailable("bill", "a digest that is not SHA-1")
        target = self._read("bill", lambda: questions.link_target(link.download_url))
        # At once: a link lives for seconds.
        packed = await self._wire.download("bill_file", target, BILL_LIMIT)
        try:
            return await asyncio.to_thread(bill_rows, packed, link.hash_value)
        except BillFormatError as error:
            log.error("bill_not_taken", gateway=NAME, hint=str(error))
            raise BillSpoilt(NAME, str(error)) from None

    # --- notifications

    def notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """A payment's or a refund's notification. Its key may be new: then it is declined, the key is fetched, and WeChat Pay sends
        the notification again."""
        try:
            return read_notice(self._keyring, self._merchant, headers, body, self._clock.now())
        except Forged:
            self._learn(headers.get("wechatpay-serial", ""))
            raise

    def _learn(self, serial: str) -> None:
        """Ask for the certificate in the background: a wallet waits five seconds for our answer."""
        if not self._keyring.unknown(serial, self._clock.now()):
            return
        if self._learning is None or self._learning.done():
            self._learning = asyncio.get_running_loop().create_task(self._wire.learn(serial))

    # --- inside

    def _note_charge(self, number: str) -> None:
        now = self._clock.now()
        self._charged = {n: at for n, at in self._charged.items() if now - at < 2 * REVERSE_AFTER}
        self._charged[number] = now

    def _standing(self, operation: str, said: Said, number: str) -> Standing:
        who = self._merchant
        return self._read(operation, lambda: answers.standing(said.body, number, who.mchid, who.appid))

    def _refund_standing(self, operation: str, said: Said, refund: Refund) -> RefundStanding:
        return self._read(
            operation, lambda: answers.refund_standing(said.body, refund.number, refund.refund_no, refund.fen)
        )

    def _read(self, operation: str, reading: Callable[[], T]) -> T:
        try:
            return reading()
        except ValueError as error:
            raise self._wire.unavailable(operation, f"the answer does not follow the contract ({error})") from None

    def _refusal(self, operation: str, said: Said, refused: str | None) -> Exception:
        """`refused` None: a code that is no no."""
        if refused == "wallet_misconfigured":
            log.error("wallet_misconfigured", gateway=NAME, operation=operation, code=said.code)
        if refused is None:
            return self._wire.unavailable(operation, f"{said.code} says nothing about the matter")
        return Refused(refused, codes.SENTENCES[refused])


def bill_rows(packed: bytes, sha1: str) -> Sequence[BillRow]:
    """What a bill's file says, once its digest is right; WeChat Pay makes that of the unpacked file. Raises BillFormatError."""
    plain = bills_wechat.unpacked(packed)
    if hashlib.sha1(plain, usedforsecurity=False).hexdigest() != sha1.lower():
        raise BillFormatError("it is not the file that its digest was made of")
    return bills_wechat.read(plain).rows
