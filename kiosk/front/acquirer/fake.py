"""A fake acquirer: a real HTTP application with its own books, scripts per order, and every fault of the network.

It speaks `openapi.yaml`. For tests, demo and training: `/_sim` has no lock, so never expose it.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from kiosk.front.acquirer.books import Books, Entry, No, entry_told
from kiosk.front.acquirer.scripts import Spoil
from kiosk.front.acquirer.signing import (
    FRESH_SECONDS,
    Credentials,
    HmacSigner,
    Signer,
    answer_bytes,
    fresh,
    notice_bytes,
    request_bytes,
)
from kiosk.gateways.sim_faults import Fault, FaultPlan, play, read_fault, wait_before
from kiosk.ports.clock import Clock, SystemClock

OPERATIONS = {
    "show": "/v1/orders",
    "charge": "/v1/orders/charge",
    "query": "/v1/orders/query",
    "close": "/v1/orders/close",
    "undo": "/v1/orders/undo",
    "refund": "/v1/refunds",
    "refund_query": "/v1/refunds/query",
    "bill": "/v1/bills",
}
PAGE = 500


class FakeAcquirer:
    """`app` is the ASGI application, `control` what a tester may do."""

    def __init__(
        self, signer: Signer, clock: Clock | None = None, *, merchant: str = "M1", state_file: Path | None = None
    ) -> None:
        self._clock = clock or SystemClock()
        self._signer = signer
        self.merchant = merchant
        self.books = Books(self._clock, state_file)
        self.faults = FaultPlan(tuple(OPERATIONS))
        self.calls: list[tuple[str, str]] = []
        """Operation and order number of everything that was asked with a right signature."""
        self._nonces: dict[str, float] = {}
        routes = [Route(path, self._endpoint(name), methods=["POST"]) for name, path in OPERATIONS.items()]
        routes += [
            Route("/_sim/ledger", self._sim_ledger, methods=["GET"]),
            Route("/_sim/control", self._sim_control, methods=["POST"]),
        ]
        self.app = Starlette(routes=routes)

    def control(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """`pay` [order_no], `script` [order_no] + fields of Script, `fault` id=operation.kind, `clear`, `ledger`. Raises ValueError."""
        fields = dict(command)
        verb, order_no = fields.pop("do", None), fields.pop("order_no", None)
        if verb == "pay":
            try:
                return entry_told(self.books.pay(order_no))
            except No as no:
                raise ValueError(f"{no.message}（{no.code}）") from None
        if verb == "script":
            self.books.set_script(fields, order_no)
        elif verb == "fault":
            self.faults.arm(read_fault(fields))
        elif verb == "clear":
            self.faults.clear(fields.get("id"))
        elif verb == "ledger":
            return {"totals": self.books.totals()}
        else:
            raise ValueError(f"an acquirer cannot do {verb!r}; it can pay, script, fault, clear and ledger")
        return {}

    # --- notifications

    def notice(self, order_no: str, /, *, how: str = "good", **changes: Any) -> tuple[dict[str, str], bytes]:
        """Headers and body of a notification: good, forged, stale, unsigned; `changes` go over the order's fields before signing."""
        told = {**entry_told(self.books.query(order_no)), **changes}
        told.pop("payload", None)
        body = json.dumps(told, ensure_ascii=False).encode()
        ts, nonce = str(int(self.books.now()) - (2 * FRESH_SECONDS if how == "stale" else 0)), secrets.token_urlsafe(18)
        signer = HmacSigner(secrets.token_bytes(32)) if how == "forged" else self._signer
        sig = base64.b64encode(signer.sign(notice_bytes(self.merchant, ts, nonce, body))).decode()
        headers = {"Acq-Timestamp": ts, "Acq-Nonce": nonce, "Content-Type": "application/json"}
        return (headers if how == "unsigned" else {**headers, "Acq-Signature": sig}), body

    async def notify(self, order_no: str, /, *, how: str = "good", **changes: Any) -> bool:
        """Send a notification to the order's notify_url; whether it was taken."""
        headers, body = self.notice(order_no, how=how, **changes)
        url = self.books.query(order_no).notify_url
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.post(url, content=body, headers=headers)
        return answer.status_code == 200 and answer.content == b'{"code":"ok"}'

    # --- the acquirer

    def _endpoint(self, operation: str) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            nonce = ""
            try:
                body = await request.body()
                nonce = self._admit(request, body)
                fields = json.loads(body)
            except No as no:
                return self._signed(nonce, {"code": no.code, "message": no.message}, no.status)
            except ValueError:
                return self._signed(nonce, {"code": "bad_request", "message": "请求不是 JSON"}, 400)
            self.calls.append((operation, str(fields.get("order_no", ""))))
            fault = self.faults.take(operation)
            if fault is not None and not fault.effect:
                return _Faulty(fault, Response())
            if fault is not None:
                await wait_before(fault)
            try:
                answer, status = self._carry_out(operation, fields), 200
            except No as no:
                answer, status = {"code": no.code, "message": no.message}, no.status
            except (KeyError, TypeError, ValueError):
                answer, status = {"code": "bad_request", "message": "请求不合约定"}, 400
            response = self._spoilt(operation, fields, nonce, answer, status)
            return response if fault is None else _Faulty(fault, response)

        return endpoint

    def _admit(self, request: Request, body: bytes) -> str:
        try:
            given = Credentials.parse(request.headers.get("Authorization", ""))
        except ValueError:
            raise No(401, "unauthenticated", "请求未签名") from None
        target = request.scope["raw_path"].decode("ascii")
        message = request_bytes("POST", target, given.merchant, given.ts, given.nonce, body)
        if (given.merchant, given.algorithm) != (self.merchant, self._signer.algorithm) or not self._signer.verify(
            message, given.sig
        ):
            raise No(401, "bad_signature", "签名不符")
        now = self.books.now()
        if not fresh(str(given.ts), now):
            raise No(401, "stale_request", "时间不准")
        self._nonces = {nonce: at for nonce, at in self._nonces.items() if now - at <= 2 * FRESH_SECONDS}
        if given.nonce in self._nonces:
            raise No(401, "nonce_reused", "重复的请求")
        self._nonces[given.nonce] = now
        return given.nonce

    def _carry_out(self, operation: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        books = self.books
        match operation:
            case "show":
                return entry_told(books.show(fields))
            case "charge":
                return entry_told(books.charge(fields))
            case "query" | "close" | "undo":
                orders: Mapping[str, Callable[[str], Entry]] = {
                    "query": books.query,
                    "close": books.close,
                    "undo": books.undo,
                }
                return entry_told(orders[operation](fields["order_no"]))
            case "refund" | "refund_query":
                if operation == "refund":
                    back = books.refund(fields["order_no"], fields["refund_no"], fields["amount_fen"])
                else:
                    back = books.refund_query(fields["order_no"], fields["refund_no"])
                return {"refund_no": back.refund_no, "state": back.state, "amount_fen": back.fen}
            case _:
                return self._bill_page(fields["day"], fields["page"])

    def _bill_page(self, day: str, page: int) -> dict[str, Any]:
        rows = self.books.bill(dt.date.fromisoformat(day))
        pages = max(1, -(-len(rows) // PAGE))
        return {"day": day, "page": page, "pages": pages, "rows": rows[(page - 1) * PAGE : page * PAGE]}

    def _spoilt(
        self, operation: str, fields: Mapping[str, Any], nonce: str, answer: dict[str, Any], status: int
    ) -> Response:
        script = self.books.script(str(fields.get("order_no", "")))
        spoil = script.spoil if not script.on or operation in script.on else Spoil.NONE
        match spoil:
            case Spoil.UNSIGNED:
                return JSONResponse(answer, status)
            case Spoil.FORGED:
                return self._signed(nonce, answer, status, signer=HmacSigner(secrets.token_bytes(32)))
            case Spoil.STALE:
                return self._signed(nonce, answer, status, age=2 * FRESH_SECONDS)
            case Spoil.REPLAYED:
                return self._signed(secrets.token_urlsafe(18), answer, status)
            case Spoil.WRONG_ORDER:
                return self._signed(nonce, {**answer, "order_no": "X1"}, status)
            case Spoil.WRONG_STATUS:
                good = self._signed(nonce, {"code": "order_refused", "message": ""}, 409)
                return Response(good.body, 200, dict(good.headers), "application/json")
        return self._signed(nonce, answer, status)

    def _signed(
        self, nonce: str, answer: Mapping[str, Any], status: int, *, signer: Signer | None = None, age: int = 0
    ) -> Response:
        body = json.dumps(answer, ensure_ascii=False).encode()
        ts = str(int(self.books.now()) - age)
        sig = (signer or self._signer).sign(answer_bytes(status, ts, nonce, body))
        headers = {"Acq-Timestamp": ts, "Acq-Nonce": nonce, "Acq-Signature": base64.b64encode(sig).decode()}
        return Response(body, status, headers, "application/json")

    # --- the tester

    async def _sim_ledger(self, _request: Request) -> Response:
        return JSONResponse({"totals": self.books.totals()})

    async def _sim_control(self, request: Request) -> Response:
        try:
            fields = json.loads(await request.body() or b"{}")
            if not isinstance(fields, dict):
                raise ValueError("the command is not a JSON object")
            return JSONResponse(self.control(fields))
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 400)


class _Faulty(Response):
    """An answer as a fault of the network leaves it."""

    def __init__(self, fault: Fault, honest: Response) -> None:
        super().__init__()
        self._fault, self._honest = fault, honest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await play(self._fault, self._honest, scope, receive, send)
