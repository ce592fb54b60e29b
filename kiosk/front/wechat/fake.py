"""A fake WeChat Pay: a real HTTP application with its own keys and books, which checks the merchant's signatures itself.

It speaks APIv3 as published, takes a script per order, sends notifications, makes bills, and exchanges its certificates while running.
For tests, demo and training: `/_sim` has no lock, so never expose it.

    POST /_sim/script {"order_no": "…", "preset": "pays"}   what happens to one order (or, without a number, to all)
    POST /_sim/pay {"order_no": "…"}                        somebody pays by hand
    POST /_sim/notify {"order_no": "…", "kind": "forged"}   send one notification now
    POST /_sim/release {}   /_sim/rotate {}   /_sim/skew {"seconds": 400}   /_sim/reset {}
    POST /_sim/control {"do": "pay", …}                     any of these
    GET  /_sim/books   /_sim/state
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from kiosk.front.wechat.fake_answers import answered, without_effect
from kiosk.front.wechat.fake_bill import BillDesk
from kiosk.front.wechat.fake_door import Door, read_request
from kiosk.front.wechat.fake_keys import FakeKeys, PlatformKey, make_keys, make_platform_key
from kiosk.front.wechat.fake_ledger import FakeLedger, WalletRefusal
from kiosk.front.wechat.fake_notices import refund_told, rfc3339, sealed, transaction
from kiosk.front.wechat.fake_page import PayPages
from kiosk.front.wechat.fake_post import Post
from kiosk.front.wechat.fake_scripts import BEFORE_EFFECT, PRESETS, Fault, Notify, Operation, read_script
from kiosk.ports.clock import Clock, SystemClock

_ROUTES: tuple[tuple[str, str, Operation], ...] = (
    ("POST", "/v3/pay/transactions/native", Operation.NATIVE),
    ("POST", "/v3/pay/transactions/codepay", Operation.CODEPAY),
    ("GET", "/v3/pay/transactions/out-trade-no/{number}", Operation.QUERY),
    ("POST", "/v3/pay/transactions/out-trade-no/{number}/close", Operation.CLOSE),
    ("POST", "/v3/pay/transactions/out-trade-no/{number}/reverse", Operation.REVERSE),
    ("POST", "/v3/refund/domestic/refunds", Operation.REFUND),
    ("GET", "/v3/refund/domestic/refunds/{number}", Operation.REFUND_QUERY),
    ("GET", "/v3/bill/tradebill", Operation.BILL),
    ("GET", "/v3/billdownload/file", Operation.BILL_FILE),
    ("GET", "/v3/certificates", Operation.CERTIFICATES),
)


class FakeWeChatPay:
    """`app` is the ASGI application; `control`, `state`, `listen` make it a `kiosk.ports.bench.VirtualDevice`. Close with `aclose`."""

    kind = "wechat_pay"

    def __init__(
        self, clock: Clock | None = None, keys: FakeKeys | None = None, *, public_url: str | None = None
    ) -> None:
        """`public_url` is what phones can reach: codes then lead to a page where a person pays; without it they are WeChat's own."""
        self._clock = _Skewed(clock or SystemClock())
        self.keys = keys or make_keys(self._clock.now())
        self.ledger = FakeLedger(self._clock, public_url)
        self.asked: list[tuple[str, str]] = []
        """Operation and order (or refund) number of every request that passed the door."""
        self._door = Door(self.keys)
        self._certificates = list(self.keys.certificates)
        self._signing = 0
        self._notify_with_certificate = False
        self._seen: dict[tuple[str, Operation], int] = {}
        self._bills = BillDesk(self.ledger, self.keys, self._clock)
        self._listeners: list[Callable[[], None]] = []
        self.post = Post(self.ledger, self.keys, self._notifier, self._clock)
        routes = [Route(path, self._endpoint(operation), methods=[verb]) for verb, path, operation in _ROUTES]
        routes += [
            *PayPages(self.ledger, self._changed).routes,
            Route("/_sim/books", self._sim_books, methods=["GET"]),
            Route("/_sim/state", self._sim_state, methods=["GET"]),
            Route("/_sim/{verb:str}", self._sim_control, methods=["POST"]),
        ]
        self.app = Starlette(routes=routes)

    def books(self) -> dict[str, dict[str, int]]:
        """Paid and refunded per order, in fen: what the front's and the kiosk's ledgers must agree with."""
        return self.ledger.books()

    async def aclose(self) -> None:
        await self.post.aclose()

    # --- VirtualDevice

    def control(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """`pay`, `script`, `notify`, `release`, `rotate`, `sign_with`, `skew`, `books`, `reset`. Raises ValueError."""
        fields = dict(command)
        verb = fields.pop("do", None)
        number = fields.pop("order_no", None)
        if number is not None and not isinstance(number, str):
            raise ValueError("order_no is text")
        reply: dict[str, Any] = {}
        match verb:
            case "pay":
                try:
                    order = self.ledger.pay(number)
                except WalletRefusal as refusal:
                    raise ValueError(f"{refusal.message} ({refusal.code})") from None
                reply = {"order_no": order.number, "state": order.state}
            case "script":
                script = read_script(fields)
                self.ledger.set_script(script, number)
                for operation in Operation:
                    self._seen.pop((number or "", operation), None)
                reply = {"order_no": number, "script": script.as_dict()}
            case "notify":
                if number is None:
                    raise ValueError("whose payment? give order_no")
                self.post.send(number, Notify(fields.get("kind", "good")), str(fields.get("refund_no", "")))
            case "release":
                self.post.release()
            case "rotate":
                reply = {"serial": self.rotate(keep=bool(fields.get("keep", True)))}
            case "sign_with":
                self._notify_with_certificate = fields.get("key") == "certificate"
            case "skew":
                self._clock.skew = dt.timedelta(seconds=float(fields.get("seconds", 0)))
            case "books":
                return {"books": self.books()}
            case "reset":
                self.ledger.reset()
                self._seen.clear()
                self.asked.clear()
            case _:
                verbs = "pay, script, notify, release, rotate, sign_with, skew, books, reset"
                raise ValueError(f"a wallet cannot do {verb!r}; it can {verbs}")
        self._changed()
        return reply

    def rotate(self, *, keep: bool = True) -> str:
        """Sign with the next platform certificate from now on; `keep` leaves the one before on the list. Returns its serial."""
        before = self._certificates[self._signing]
        self._signing += 1
        if self._signing == len(self._certificates):
            self._certificates.append(make_platform_key(self._clock.now()))
        if not keep:
            self._certificates.remove(before)
            self._signing -= 1
        return self._certificates[self._signing].serial

    def state(self) -> dict[str, Any]:
        return {
            "orders": [
                {"order_no": o.number, "state": o.state, "amount_fen": o.asked_fen, "paid_fen": o.paid_fen}
                for o in self.ledger.orders()
            ],
            "default_script": self.ledger.default.as_dict(),
            "presets": list(PRESETS),
            "notified": self.post.sent,
        }

    def listen(self, callback: Callable[[], None]) -> Callable[[], None]:
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    def _changed(self) -> None:
        self.post.announce()
        for callback in tuple(self._listeners):
            callback()

    def _notifier(self) -> PlatformKey:
        return self._certificates[self._signing] if self._notify_with_certificate else self.keys.public_key

    # --- the wallet

    def _endpoint(self, operation: Operation) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            return await self._serve(operation, request)

        return endpoint

    async def _serve(self, operation: Operation, request: Request) -> Response:
        now = self._clock.now().timestamp()
        body = await request.body()
        target = request.scope["raw_path"].decode("ascii")
        if request.scope["query_string"]:
            target += "?" + request.scope["query_string"].decode("ascii")
        try:
            self._door.admit(request.headers, request.method, target, body, now)
        except WalletRefusal as refusal:
            return JSONResponse({"code": refusal.code, "message": refusal.message}, refusal.status)
        key = self._key_for(request.headers.get("wechatpay-serial", ""), operation)
        fields: dict[str, Any] = {}
        try:
            if request.method == "POST":
                fields = read_request(operation, request.headers, body, self.keys)
        except WalletRefusal as refusal:
            return answered(key, now, refusal.status, {"code": refusal.code, "message": refusal.message}, Fault.NONE)
        number = fields.get("out_trade_no") or request.path_params.get("number", "")
        self.asked.append((operation.value, fields.get("out_refund_no", number)))
        refunded = self.ledger.refund_of(number) if operation is Operation.REFUND_QUERY else None
        script = self.ledger.script(refunded[0].number if refunded else number)
        counter = (number, operation)
        seen = self._seen.get(counter, 0)
        self._seen[counter] = seen + 1
        fault = script.fault if script.hits(operation, seen) else Fault.NONE
        if fault in BEFORE_EFFECT:
            return without_effect(fault, key, now)
        try:
            status, told = self._carry_out(operation, number, fields, request)
        except WalletRefusal as refusal:
            status, told = refusal.status, {"code": refusal.code, "message": refusal.message}
        self._changed()
        return answered(key, now, status, told, fault, script.fault_seconds)

    def _key_for(self, asked: str, operation: Operation) -> PlatformKey:
        """The key that the merchant asks for; a certificate where it asks for none."""
        if asked == self.keys.public_key.serial:
            return self.keys.public_key
        return self._certificates[self._signing]

    def _carry_out(
        self, operation: Operation, number: str, fields: dict[str, Any], request: Request
    ) -> tuple[int, dict[str, Any] | bytes | None]:
        ledger = self.ledger
        match operation:
            case Operation.NATIVE:
                return 200, {"code_url": ledger.native(fields).code_url}
            case Operation.CODEPAY:
                order = ledger.codepay(fields)
                if order.state == "USERPAYING":
                    return 202, {"code": "USERPAYING", "message": "用户支付中，需要输入密码"}
                return 200, transaction(order, self.keys)
            case Operation.QUERY:
                found = ledger.query(number)
                if request.query_params.get("mchid") != self.keys.mchid:
                    raise WalletRefusal(400, "PARAM_ERROR", "商户号与签名不一致")
                if found is None:
                    raise WalletRefusal(404, "ORDER_NOT_EXIST", "订单不存在")
                return 200, transaction(found, self.keys, terse=ledger.script(number).terse)
            case Operation.CLOSE:
                ledger.close(number)
                return 204, None
            case Operation.REVERSE:
                ledger.reverse(number)
                return 200, {"appid": self.keys.appid, "mchid": self.keys.mchid, "out_trade_no": number}
            case Operation.REFUND:
                amount = fields["amount"]
                made = ledger.refund(number, fields["out_refund_no"], amount["refund"], amount["total"])
                order = ledger.query(number) or _gone()
                return 200, refund_told(order, made, ledger.now())
            case Operation.REFUND_QUERY:
                known = ledger.refund_of(number)
                if known is None:
                    raise WalletRefusal(404, "RESOURCE_NOT_EXISTS", "退款单不存在")
                return 200, refund_told(*known, ledger.now())
            case Operation.BILL:
                return 200, dict(self._bills.ask(request.query_params.get("bill_date", "")))
            case Operation.BILL_FILE:
                return 200, self._bills.fetch(request.query_params.get("token", ""))
            case Operation.CERTIFICATES:
                return 200, {"data": [self._certificate(key) for key in self._certificates]}

    def _certificate(self, key: PlatformKey) -> dict[str, Any]:
        now = self._clock.now().timestamp()
        return {
            "serial_no": key.serial,
            "effective_time": rfc3339(now - 86_400),
            "expire_time": rfc3339(now + 5 * 365 * 86_400),
            "encrypt_certificate": sealed(self.keys.apiv3_key, key.certificate.encode(), "certificate"),
        }

    # --- the tester

    async def _sim_books(self, _request: Request) -> Response:
        return JSONResponse({"books": self.books()})

    async def _sim_state(self, _request: Request) -> Response:
        return JSONResponse(self.state())

    async def _sim_control(self, request: Request) -> Response:
        try:
            raw = await request.body()
            fields = json.loads(raw) if raw.strip() else {}
            if not isinstance(fields, dict):
                raise ValueError("the command is not a JSON object")
            verb = request.path_params["verb"]
            return JSONResponse(self.control(fields if verb == "control" else {**fields, "do": verb}))
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 400)


class _Skewed:
    """The wallet's own clock: right, or off by `skew`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.skew = dt.timedelta(0)

    def now(self) -> dt.datetime:
        return self._clock.now() + self.skew


def _gone() -> Any:
    raise WalletRefusal(404, "RESOURCE_NOT_EXISTS", "订单不存在")
