"""The front as an ASGI application: the contract for kiosks, `/notify/{channel}` for wallets, `/health` for whoever watches it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.front import notices, requests
from kiosk.front.bills import DayBills
from kiosk.front.counter import Counter
from kiosk.front.door import Door, Seal, Shut
from kiosk.front.notices import Notices
from kiosk.front.room import Room
from kiosk.front.store import Store
from kiosk.ledger.store import LedgerError

log = structlog.get_logger(__name__)
Work = Callable[[str, bytes], Awaitable[dict[str, Any]]]
_STATUS = {
    "bad_request": 400,
    "payer_code_invalid": 400,
    "trade_not_found": 404,
    "refund_amount": 422,
}
"""Every other refusal is 409."""


class FrontApp:
    """`app` serves while its parts are open."""

    def __init__(
        self, store: Store, counter: Counter, bills: DayBills, reports: Notices, door: Door, seal: Seal, room: Room
    ) -> None:
        self._store = store
        self._room = room
        self._door = door
        self._seal = seal
        self._reports = reports
        operations: Mapping[str, Work] = {
            "/v1/trades": lambda device, body: counter.create(device, requests.read(requests.CreateTrade, body)),
            "/v1/trades/charge": lambda device, body: counter.charge(device, requests.read(requests.ChargeTrade, body)),
            "/v1/trades/query": lambda device, body: counter.query(device, requests.read(requests.OrderNumber, body)),
            "/v1/trades/close": lambda device, body: counter.close(device, requests.read(requests.OrderNumber, body)),
            "/v1/trades/refund": lambda device, body: counter.refund(device, requests.read(requests.RefundTrade, body)),
            "/v1/bills": lambda device, body: bills.page(device, requests.read(requests.BillOfDay, body)),
        }
        routes = [Route(path, self._endpoint(work), methods=["POST"]) for path, work in operations.items()]
        routes += [
            Route("/notify/{channel:str}", self._notified, methods=["POST"]),
            Route("/health", self._health, methods=["GET"]),
        ]
        self.app = Starlette(routes=routes)

    def _endpoint(self, work: Work) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            nonce = ""
            try:
                body = await _body(request, requests.BODY_LIMIT)
                given = await self._door.admit(request.headers.get("Authorization", ""), "POST", _target(request), body)
                nonce = given.nonce
                return self._signed(nonce, await work(given.device, body))
            except Shut as shut:
                return self._refused(shut.nonce or nonce, shut.status, shut.code, shut.message)
            except requests.BadRequest as bad:
                code = "payer_code_invalid" if str(bad).startswith("payer_code:") else "bad_request"
                return self._refused(nonce, 400, code, f"请求不合约定（{bad}）")
            except Refused as refused:
                return self._refused(nonce, _STATUS.get(refused.code, 409), refused.code, refused.message)
            except GatewayUnavailable as trouble:
                log.warning("front_cannot_tell", operation=request.url.path, hint=trouble.hint)
            except LedgerError as trouble:
                log.error("front_ledger_unusable", operation=request.url.path, hint=str(trouble))
            except ClientDisconnect:
                log.debug("kiosk_hung_up", operation=request.url.path)
            except Exception:
                # Whatever it is, the kiosk hears "unknown" and asks again.
                log.exception("front_crashed", operation=request.url.path)
            return Response(status_code=503)

        return endpoint

    async def _notified(self, request: Request) -> Response:
        try:
            body = await _body(request, notices.LIMIT)
        except (Shut, ClientDisconnect):
            return Response(status_code=413)
        headers = {name.lower(): value for name, value in request.headers.items()}
        reply = await self._reports.take(request.path_params["channel"], headers, body)
        if reply is None:
            return Response(status_code=404)
        return Response(reply.body, reply.status, media_type=reply.media_type)

    async def _health(self, _request: Request) -> Response:
        """For whoever watches the front: whether it could take an order now. Not signed, and nothing a kiosk believes."""
        try:
            await self._store.ping()
        except LedgerError:
            return JSONResponse({"status": "ledger"}, 503)
        if not self._room.enough():
            return JSONResponse({"status": "disk"}, 503)
        return JSONResponse({"status": "ok"})

    def _refused(self, nonce: str, status: int, code: str, message: str) -> Response:
        return self._signed(nonce, {"code": code, "message": message[:200]}, status)

    def _signed(self, nonce: str, answer: Mapping[str, Any], status: int = 200) -> Response:
        body, headers = self._seal.signed(nonce, answer)
        return Response(body, status, headers, "application/json")


async def _body(request: Request, limit: int) -> bytes:
    """Never reads beyond the limit. Raises Shut, ClientDisconnect."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > limit:
            raise Shut(413, "too_large", "请求过长")
    return bytes(body)


def _target(request: Request) -> str:
    """Path and query exactly as in the request line."""
    target: str = request.scope["raw_path"].decode("ascii", "replace")
    query: bytes = request.scope["query_string"]
    return f"{target}?{query.decode('ascii', 'replace')}" if query else target
