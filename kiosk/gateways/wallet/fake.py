"""A fake payment front with a fake wallet behind it: a real HTTP application with its own keys and books.

It speaks `openapi.yaml`, lets a person pay on a page (the code's payload is its URL), takes scripts per order, and is a
`VirtualDevice` for the bench window. It is for tests, demo and training: `/_sim` has no lock, so never expose it.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from kiosk.gateways.wallet import signing
from kiosk.gateways.wallet.fake_answers import Broken, Silence
from kiosk.gateways.wallet.fake_ledger import Entry, FakeLedger, LedgerRefusal
from kiosk.gateways.wallet.fake_page import PayPages
from kiosk.gateways.wallet.fake_requests import Gate, RequestRefusal, read_request
from kiosk.gateways.wallet.scripts import BEFORE_EFFECT, PRESETS, Fault, Operation, read_script
from kiosk.gateways.wallet.sim_bills import FakeBills
from kiosk.ports.clock import SHANGHAI, Clock, SystemClock
from kiosk.ports.wallet import TradeState

_OPERATIONS = {
    "/v1/trades": Operation.CREATE,
    "/v1/trades/charge": Operation.CHARGE,
    "/v1/trades/query": Operation.QUERY,
    "/v1/trades/close": Operation.CLOSE,
    "/v1/trades/refund": Operation.REFUND,
}


class FakeFront:
    """`app` is the ASGI application; `control`, `state`, `listen` make it a `kiosk.ports.bench.VirtualDevice`."""

    kind = "wallet"

    def __init__(
        self, clock: Clock | None = None, *, state_file: Path | None = None, public_url: str | None = None
    ) -> None:
        """`public_url` is what phones can reach; without it, the address by which the kiosk reached us is used."""
        self._clock = clock or SystemClock()
        self._public_url = public_url.rstrip("/") if public_url else None
        self.ledger = FakeLedger(self._clock, state_file)
        seed = self.ledger.keys.setdefault("front", secrets.token_hex(32))
        self._key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed))
        self.gate = Gate(self._clock, self.ledger.keys)
        self._seen: dict[tuple[str, Operation], int] = {}
        self._last: dict[str, Response] = {}
        self._listeners: list[Callable[[], None]] = []
        self.ledger.save()
        routes = [Route(path, self._endpoint(operation), methods=["POST"]) for path, operation in _OPERATIONS.items()]
        self.bills = FakeBills(self.gate, self.ledger, self._signed)
        routes += [
            self.bills.route,
            *PayPages(self.ledger, self._changed).routes,
            Route("/_sim/ledger", self._sim_ledger, methods=["GET"]),
            Route("/_sim/state", self._sim_state, methods=["GET"]),
            Route("/_sim/{verb:str}", self._sim_control, methods=["POST"]),
        ]
        self.app = Starlette(routes=routes)

    @property
    def public_key(self) -> str:
        """Base64 of the 32 raw bytes, as the kiosk's settings take it."""
        return base64.b64encode(self._key.public_key().public_bytes_raw()).decode("ascii")

    def register(self, device_id: str, key: bytes | None = None) -> bytes:
        """Let a device in; returns its key (the same one again for a device that is known)."""
        found = self.gate.register(device_id, key)
        self.ledger.save()
        return found

    # --- VirtualDevice

    def control(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """`pay` [order_no], `script` [order_no | payer_code] + fields of Script or `preset`, `reset`, `ledger`. Raises ValueError."""
        fields = dict(command)
        verb = fields.pop("do", None)
        order_no = fields.pop("order_no", None)
        if order_no is not None and not isinstance(order_no, str):
            raise ValueError("order_no is text")
        payer_code = fields.pop("payer_code", None) if verb == "script" else None
        if payer_code is not None and (order_no is not None or not isinstance(payer_code, str)):
            raise ValueError("payer_code is text, and stands without order_no")
        if verb == "pay":
            try:
                entry = self.ledger.pay(order_no)
            except LedgerRefusal as refusal:
                raise ValueError(f"{refusal.message}（{refusal.code}）") from None
            reply: dict[str, Any] = {"order_no": entry.order_no, "state": entry.state.value}
        elif verb == "script":
            script = read_script(fields)
            self.ledger.set_script(script, order_no, payer_code)
            for operation in Operation:
                self._seen.pop((order_no or "", operation), None)
            reply = {"order_no": order_no, "script": script.as_dict()}
        elif verb == "reset":
            self.ledger.reset()
            self._seen.clear()
            self._last.clear()
            reply = {}
        elif verb == "ledger":
            return {"totals": self.ledger.totals()}
        else:
            raise ValueError(f"a wallet cannot do {verb!r}; it can pay, script, ledger and reset")
        self._changed()
        return reply

    def state(self) -> dict[str, Any]:
        now = self.ledger.now()
        return {
            "orders": [
                {
                    "order_no": entry.order_no,
                    "state": entry.state.value,
                    "amount_fen": entry.asked_fen,
                    "paid_fen": entry.paid_fen,
                    "code_payload": entry.payload,
                    "expires_in_s": max(0, round(entry.expires - now)),
                }
                for entry in self.ledger.entries()
            ],
            "default_script": self.ledger.default.as_dict(),
            "presets": list(PRESETS),
        }

    def listen(self, callback: Callable[[], None]) -> Callable[[], None]:
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    def _changed(self) -> None:
        for callback in tuple(self._listeners):
            callback()

    # --- the front

    def _endpoint(self, operation: Operation) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            return await self._trade(operation, request)

        return endpoint

    async def _trade(self, operation: Operation, request: Request) -> Response:
        nonce = ""
        try:
            body = await request.body()
            target = request.scope["raw_path"].decode("ascii")
            if request.scope["query_string"]:
                target += "?" + request.scope["query_string"].decode("ascii")
            nonce = self.gate.admit(request.headers.get("Authorization", ""), "POST", target, body)
            fields = read_request(operation, body)
        except RequestRefusal as refusal:
            return self._signed(
                refusal.nonce or nonce, {"code": refusal.code, "message": refusal.message}, refusal.status
            )
        return self._play(operation, fields, nonce, self._public_url or _reached_by(request))

    def _play(self, operation: Operation, fields: dict[str, Any], nonce: str, pay_base: str) -> Response:
        order_no = fields["order_no"]
        script = self.ledger.script(order_no)
        counter = (order_no, operation)
        seen = self._seen.get(counter, 0)
        self._seen[counter] = seen + 1
        fault = script.fault if script.hits(operation, seen) else Fault.NONE
        if fault in BEFORE_EFFECT:
            return self._without_effect(fault, nonce)
        try:
            answer, status = self._carry_out(operation, fields, pay_base), 200
        except LedgerRefusal as refusal:
            answer, status = {"code": refusal.code, "message": refusal.message}, refusal.status
        self._changed()
        return self._spoilt(fault, order_no, nonce, answer, status)

    def _carry_out(self, operation: Operation, fields: dict[str, Any], pay_base: str) -> dict[str, Any]:
        order_no = fields["order_no"]
        if operation is Operation.CREATE:
            return _answer(order_no, self.ledger.create(pay_base=pay_base, **fields))
        if operation is Operation.CHARGE:
            return _answer(order_no, self.ledger.charge(**fields))
        if operation is Operation.QUERY:
            return _answer(order_no, self.ledger.query(order_no))
        if operation is Operation.CLOSE:
            return _answer(order_no, self.ledger.close(order_no))
        entry = self.ledger.refund(**fields)
        refund_no = fields["refund_no"]
        return {**_answer(order_no, entry), "refund_no": refund_no, "refunded_fen": entry.refunds[refund_no]}

    def _without_effect(self, fault: Fault, nonce: str) -> Response:
        if fault is Fault.HTTP_500:
            return Response("Internal Server Error", 500)
        if fault is Fault.TIMEOUT_BEFORE:
            return Silence()
        if fault is Fault.DROP_BEFORE:
            return Broken(b"{}")
        return self._signed(nonce, {"code": "trade_refused", "message": "该订单暂不能支付"}, 400)

    def _spoilt(self, fault: Fault, order_no: str, nonce: str, answer: dict[str, Any], status: int) -> Response:
        """The answer to a request that was carried out, as this fault leaves it."""
        good = self._signed(nonce, answer, status)
        last, self._last[order_no] = self._last.get(order_no), good
        body = bytes(good.body)
        match fault:
            case Fault.HTTP_502_PAGE:
                return HTMLResponse("<html><body><h1>502 Bad Gateway</h1></body></html>", 502)
            case Fault.TIMEOUT_AFTER:
                return Silence()
            case Fault.DROP_AFTER:
                return Broken(body)
            case Fault.HALF_ANSWER:
                return Broken(body, dict(good.headers), sent=len(body) // 2)
            case Fault.DUPLICATE:
                return last or self._signed(secrets.token_urlsafe(18), answer, status)
            case Fault.DOUBLED:
                return self._signed_bytes(nonce, body + body, status)
            case Fault.UNSIGNED:
                return Response(body, status, media_type="application/json")
            case Fault.FORGED_SIGNATURE:
                return self._signed_bytes(nonce, body, status, key=Ed25519PrivateKey.generate())
            case Fault.STALE_TIMESTAMP:
                return self._signed_bytes(nonce, body, status, age=600)
            case Fault.WRONG_ORDER:
                return self._signed(nonce, {**answer, "order_no": "X" + order_no[1:] + "X"}, status)
            case Fault.WRONG_STATUS:
                return self._signed(nonce, {"code": "trade_refused", "message": "该订单暂不能支付"}, 200)
            case Fault.MALFORMED:
                return self._signed(nonce, {**answer, "state": "perhaps", "amount_fen": "1.00"}, status)
        return good

    def _signed(self, nonce: str, answer: dict[str, Any], status: int) -> Response:
        return self._signed_bytes(nonce, json.dumps(answer, ensure_ascii=False).encode(), status)

    def _signed_bytes(
        self, nonce: str, body: bytes, status: int, *, key: Ed25519PrivateKey | None = None, age: int = 0
    ) -> Response:
        timestamp = str(int(self.ledger.now()) - age)
        headers = {
            "X-Timestamp": timestamp,
            "X-Nonce": nonce,
            "X-Signature": signing.sign_answer(key or self._key, timestamp, nonce, body),
            "Cache-Control": "no-store",
        }
        return Response(body, status, headers, "application/json")

    # --- the tester

    async def _sim_ledger(self, _request: Request) -> Response:
        return JSONResponse({"totals": self.ledger.totals()})

    async def _sim_state(self, _request: Request) -> Response:
        return JSONResponse(self.state())

    async def _sim_control(self, request: Request) -> Response:
        try:
            raw = await request.body()
            fields = json.loads(raw) if raw.strip() else {}
            if not isinstance(fields, dict):
                raise ValueError("the command is not a JSON object")
            return JSONResponse(self.control({**fields, "do": request.path_params["verb"]}))
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 400)


def _reached_by(request: Request) -> str:
    """The address by which the kiosk reached us, with the path we are mounted below."""
    return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '').rstrip('/')}"


def _answer(order_no: str, entry: Entry | None) -> dict[str, Any]:
    """A trade as the contract tells it: what is paid once it is paid, what was asked before."""
    if entry is None:
        return {"order_no": order_no, "state": TradeState.NOT_FOUND.value, "amount_fen": 0}
    paid = entry.paid_at is not None
    answer: dict[str, Any] = {
        "order_no": entry.order_no,
        "state": entry.state.value,
        "amount_fen": entry.paid_fen if paid else entry.asked_fen,
        "expires_at": _rfc3339(entry.expires),
    }
    if entry.payload:
        answer["code_payload"] = entry.payload
    if entry.reason:
        answer["reason"] = entry.reason
    if entry.refunds:
        answer["refunded_fen"] = sum(entry.refunds.values())
    if entry.paid_at is not None:
        answer |= {"trade_no": entry.trade_no, "paid_at": _rfc3339(entry.paid_at), "wallet": entry.wallet}
    return answer


def _rfc3339(at: float) -> str:
    return dt.datetime.fromtimestamp(at, SHANGHAI).isoformat(timespec="seconds")
