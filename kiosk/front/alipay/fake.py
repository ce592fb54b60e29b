"""A fake Alipay: gateway.do as a real HTTP application, with keys and books of its own.

It checks the client's signatures, opens trades only when somebody scans, makes bill files, posts notifications when told to, takes a
script per order, and is a `VirtualDevice` for the bench. It is for tests, demo and training: `/_sim` has no lock, so never expose it.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from kiosk.front.alipay.fake_answers import Writer, failed, unknown
from kiosk.front.alipay.fake_bill import zipped_bill
from kiosk.front.alipay.fake_keys import FakeMerchant, new_key
from kiosk.front.alipay.fake_ledger import FakeLedger, No
from kiosk.front.alipay.fake_notices import Notifier
from kiosk.front.alipay.fake_operations import Operations
from kiosk.front.alipay.fake_requests import Asked, GateNo, Merchant, failure, read_request
from kiosk.front.alipay.fake_scripts import BEFORE_EFFECT, METHODS, PRESETS, Fault, Operation, read_script
from kiosk.gateways.wallet.fake_answers import Broken, Silence
from kiosk.ports.clock import Clock, SystemClock


class FakeAlipay:
    """`app` is the ASGI application; `control`, `state`, `listen` make it a `kiosk.ports.bench.VirtualDevice`."""

    kind = "alipay"

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        keys: tuple[RSAPrivateKey, RSAPrivateKey] | None = None,
        notify_every: float | None = None,
    ) -> None:
        """`keys` are Alipay's own and the one merchant's; without them, new ones are made. `notify_every` seconds, due notifications
        are posted while the application is served; None posts only when `notify` is called."""
        key, app_key = keys or (new_key(), new_key())
        self.ledger = FakeLedger(clock or SystemClock())
        self.merchant = FakeMerchant(app_key, key.public_key())
        self._merchants = {
            self.merchant.app_id: Merchant(self.merchant.app_id, self.merchant.seller_id, app_key.public_key())
        }
        # A stranger's signature need only be of another key: the merchant's own does, and is the usual mistake.
        self.writer = Writer(key, app_key)
        self.notifier = Notifier(self.writer, lambda: self._merchants[self.merchant.app_id], self.ledger.now)
        self._seen: dict[tuple[str, Operation], int] = {}
        self._listeners: list[Callable[[], None]] = []
        self._operations = Operations(self.ledger)
        self._notify_every = notify_every
        self.app = Starlette(
            lifespan=self._lifespan,
            routes=[
                Route("/gateway.do", self._gateway, methods=["GET", "POST"]),
                Route("/downloadBillFile.resource", self._bill_file, methods=["GET"]),
                Route("/_sim/books", self._sim_books, methods=["GET"]),
                Route("/_sim/state", self._sim_state, methods=["GET"]),
                Route("/_sim/notify", self._sim_notify, methods=["POST"]),
                Route("/_sim/{verb:str}", self._sim_control, methods=["POST"]),
            ],
        )

    def books(self) -> dict[str, dict[str, int]]:
        """What was paid and what went back, per order, in fen."""
        return self.ledger.books()

    # --- VirtualDevice

    def control(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """`pay`, `scan` [order_no], `script` [order_no] + fields of Script or `preset`, `clock` skew, `reset`, `books`.
        Raises ValueError."""
        fields = dict(command)
        verb = fields.pop("do", None)
        order_no = fields.pop("order_no", None)
        if order_no is not None and not isinstance(order_no, str):
            raise ValueError("order_no is text")
        if verb in ("pay", "scan"):
            try:
                entry = self.ledger.pay(order_no) if verb == "pay" else self.ledger.scan(order_no)
            except No as no:
                raise ValueError(f"nobody can {verb} this: {no.sub_code}") from None
            self._look(entry.number)
            reply: dict[str, Any] = {"order_no": entry.number, "state": entry.stage.value}
        elif verb == "script":
            script = read_script(fields)
            self.ledger.set_script(script, order_no)
            for operation in Operation:
                self._seen.pop((order_no or "", operation), None)
            reply = {"order_no": order_no, "script": script.as_dict()}
        elif verb == "clock":
            self.ledger.skew = float(fields.get("skew", 0))
            reply = {"skew": self.ledger.skew}
        elif verb == "reset":
            self.ledger.reset()
            self.notifier.reset()
            self._seen.clear()
            reply = {}
        elif verb == "books":
            return {"books": self.books()}
        else:
            raise ValueError(f"this wallet cannot do {verb!r}; it can pay, scan, script, clock, books and reset")
        self._changed()
        return reply

    def state(self) -> dict[str, Any]:
        return {
            "orders": [
                {
                    "order_no": entry.number,
                    "state": entry.stage.value,
                    "amount_fen": entry.asked_fen,
                    "paid_fen": entry.paid_fen,
                    "refunded_fen": entry.refunded_fen,
                    "code_payload": entry.payload,
                    "terminal_id": entry.terminal_id,
                }
                for entry in self.ledger.entries()
            ],
            "notifications": len(self.notifier.pending),
            "default_script": self.ledger.default.as_dict(),
            "presets": list(PRESETS),
        }

    def listen(self, callback: Callable[[], None]) -> Callable[[], None]:
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    def _changed(self) -> None:
        for callback in tuple(self._listeners):
            callback()

    async def notify(self) -> list[str]:
        """Post what is due; what each notification was answered."""
        for entry in self.ledger.entries():
            self._look(entry.number)
        return await self.notifier.post()

    @contextlib.asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        posting = asyncio.create_task(self._keep_posting(self._notify_every)) if self._notify_every else None
        try:
            yield
        finally:
            if posting is not None:
                posting.cancel()
                await asyncio.wait([posting])

    async def _keep_posting(self, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            await self.notify()

    def _look(self, number: str) -> None:
        entry = self.ledger.find(number)
        if entry is not None:
            self.notifier.look(entry, self.ledger.script(number).notify)

    # --- gateway.do

    async def _gateway(self, request: Request) -> Response:
        body = await request.body()
        method = ""
        try:
            base = f"{request.url.scheme}://{request.url.netloc}"
            asked = read_request(request.scope["query_string"], body, self._merchants, self.ledger.now(), base)
            method = asked.method
            operation = METHODS.get(method)
            if operation is None:
                raise GateNo("40002", "isv.invalid-method", "不存在的方法名")
        except GateNo as no:
            # The real gateway leaves answers unsigned as long as it does not know whom it talks to.
            return self.writer.answer(method or "error", failure(no), signed=bool(method))
        return self._play(operation, asked)

    def _play(self, operation: Operation, asked: Asked) -> Response:
        number = str(asked.content.get("out_trade_no", ""))
        script = self.ledger.script(number)
        counter = (number, operation)
        seen = self._seen.get(counter, 0)
        self._seen[counter] = seen + 1
        fault = script.fault if script.hits(operation, seen) else Fault.NONE
        if fault in BEFORE_EFFECT:
            return self._without_effect(fault, asked.method, script.sub_code)
        try:
            members = self._operations.carry_out(operation, asked)
        except No as no:
            about = {"out_trade_no": number} if operation is Operation.QUERY else {}
            members = {**failed(no.sub_code, "业务处理失败"), **about}
        except GateNo as no:
            members = failure(no)
        self._look(number)
        self._changed()
        return self.writer.spoilt(fault, asked.method, number, members, script.delay, asked.with_certificates)

    def _without_effect(self, fault: Fault, method: str, sub_code: str) -> Response:
        match fault:
            case Fault.HTTP_500:
                return Response("Internal Server Error", 500)
            case Fault.TIMEOUT_BEFORE:
                return Silence()
            case Fault.DROP_BEFORE:
                return Broken(b"{}")
            case Fault.BUSY_BEFORE:
                return self.writer.answer(method, unknown())
            case Fault.RETRY:
                return self.writer.answer(method, {"code": "10000", "msg": "Success", "retry_flag": "Y"})
            case Fault.FORBIDDEN:
                no = GateNo("40006", "isv.insufficient-isv-permissions", "权限不足")
                return self.writer.answer(method, failure(no))
        return self.writer.answer(method, failed(sub_code, "业务处理失败"))

    # --- bills

    async def _bill_file(self, request: Request) -> Response:
        until, day = self._operations.links.pop(request.query_params.get("fileId", ""), (0.0, dt.date.min))
        if self.ledger.now() > until:
            return Response("expired", 403)
        off = self.ledger.script("").bill_off
        packed = zipped_bill(self.merchant.seller_id, day, self.ledger.movements(day), self.ledger.now(), off)
        return Response(packed, 200, media_type="application/octet-stream")

    # --- the tester

    async def _sim_books(self, _request: Request) -> Response:
        return JSONResponse({"books": self.books()})

    async def _sim_state(self, _request: Request) -> Response:
        return JSONResponse(self.state())

    async def _sim_notify(self, _request: Request) -> Response:
        return JSONResponse({"answers": await self.notify()})

    async def _sim_control(self, request: Request) -> Response:
        try:
            raw = await request.body()
            fields = json.loads(raw) if raw.strip() else {}
            if not isinstance(fields, dict):
                raise ValueError("the command is not a JSON object")
            return JSONResponse(self.control({**fields, "do": request.path_params["verb"]}))
        except (ValueError, TypeError) as error:
            return JSONResponse({"error": str(error)}, 400)
