"""What the simulated platforms have in common: operations with faults, error answers, controls over HTTP.

Routes under `/v1/` are a platform's contract. `/_sim/` exists in simulators only and needs no key: `POST /_sim/control` takes
commands, `GET /_sim/ledger` shows the platform's own books, `GET /_sim/state` what the bench shows.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from kiosk.gateways import sim_faults

log = structlog.get_logger(__name__)

BODY_LIMIT = 3 * 1024 * 1024

Handler = Callable[[Request], Awaitable[Response]]
Row = tuple[str, str, str, Handler]
"""An operation of a contract: method, path, operationId, what answers it."""


class SimRefusal(Exception):
    """The platform's no: HTTP status, code, citizen's sentence, and further members of the error body."""

    def __init__(self, status: int, code: str, message: str, **more: Any) -> None:
        super().__init__(code)
        self.status, self.code, self.message, self.more = status, code, message, more


class SimulatedPlatform(Protocol):
    faults: sim_faults.FaultPlan

    def authorised(self, request: Request) -> bool: ...

    def changed(self) -> None: ...

    def control(self, command: Mapping[str, Any]) -> dict[str, Any]: ...

    def state(self) -> dict[str, Any]: ...

    def ledger(self) -> dict[str, Any]: ...


class Operation:
    """One operation of a contract as an ASGI application: key, faults, answer, errors."""

    def __init__(self, sim: SimulatedPlatform, name: str, handler: Handler) -> None:
        self._sim, self._name, self._handler = sim, name, handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        fault = self._sim.faults.take(self._name)
        if fault is not None:
            self._sim.changed()
            log.info("simulated_fault", operation=self._name, fault=fault.kind)
        if fault is None:
            await (await self._answer(request))(scope, receive, send)
            return
        try:
            await request.body()
        except ClientDisconnect:
            return
        await sim_faults.wait_before(fault)
        response = await self._answer(request) if fault.effect else Response(b"{}", media_type="application/json")
        await sim_faults.play(fault, response, scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if not self._sim.authorised(request):
            return json_answer({"code": "bad_device_key", "message": "设备未登记"}, 401)
        try:
            if int(request.headers.get("content-length", 0)) > BODY_LIMIT:
                raise SimRefusal(413, "too_large", "内容过大")
            return await self._handler(request)
        except SimRefusal as no:
            return json_answer({"code": no.code, "message": no.message, **no.more}, no.status)
        except ValueError as error:
            return json_answer({"code": "bad_request", "message": str(error)}, 422)


def application(sim: SimulatedPlatform, rows: Sequence[Row]) -> Starlette:
    """The server: the contract's operations and the controls over HTTP."""
    contract = [
        Route(path, Operation(sim, name, handler), methods=[method], name=name) for method, path, name, handler in rows
    ]
    return Starlette(routes=[*contract, *_sim_routes(sim)], exception_handlers=_EXCEPTION_HANDLERS)


def _sim_routes(sim: SimulatedPlatform) -> list[Route]:
    async def control(request: Request) -> Response:
        try:
            command = json.loads(await request.body())
            if not isinstance(command, dict):
                raise ValueError('a command is a JSON object such as {"do": "state"}')
            return json_answer(sim.control(command))
        except (ValueError, TypeError) as error:
            return json_answer({"error": str(error)}, 400)

    async def ledger(request: Request) -> Response:
        return json_answer(sim.ledger())

    async def state(request: Request) -> Response:
        return json_answer(sim.state())

    return [
        Route("/_sim/control", control, methods=["POST"]),
        Route("/_sim/ledger", ledger),
        Route("/_sim/state", state),
    ]


def bearer_fits(request: Request, key: str) -> bool:
    """Whether the request shows this device key; an empty key lets everybody in."""
    sent = request.headers.get("authorization", "")
    return not key or hmac.compare_digest(sent.encode(), f"Bearer {key}".encode())


class Asked(BaseModel):
    """A request body: strict in kind, unknown members are ignored, inputs never appear in errors."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", hide_input_in_errors=True)


Q = TypeVar("Q", bound=Asked)


async def read_body(kind: type[Q], request: Request) -> Q:
    """The request in a JSON body. Raises ValueError naming the member at fault, never its value."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise ValueError("the body must be application/json")
    try:
        return kind.model_validate_json(await request.body())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise ValueError(f"{'.'.join(map(str, first['loc'])) or 'body'}: {first['type']}") from None


def idempotency_key(request: Request) -> str:
    key = request.headers.get("idempotency-key", "")
    if not 1 <= len(key) <= 64 or not key.isprintable():
        raise ValueError("header Idempotency-Key: 1 to 64 characters are needed")
    return key


def json_answer(value: Any, status: int = 200) -> Response:
    if isinstance(value, Mapping):
        value = {name: plain(member) for name, member in value.items()}
    return Response(json.dumps(plain(value), ensure_ascii=False), status, media_type="application/json")


def plain(value: Any) -> Any:
    """Dataclasses, dates and times as JSON has them (RFC 3339)."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (dt.datetime, dt.date)):
        return value.isoformat()
    return value


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = {404: "no_such_operation", 405: "method_not_allowed"}.get(error.status_code, "bad_request")
    return json_answer({"code": code, "message": "接口不存在"}, error.status_code)


async def _bug(request: Request, error: Exception) -> Response:
    log.error("simulated_platform_bug", error=type(error).__name__)
    return json_answer({"code": "internal", "message": "系统错误"}, 500)


_EXCEPTION_HANDLERS: Mapping[Any, Callable[[Request, Exception], Awaitable[Response]]] = {
    HTTPException: _http_error,
    Exception: _bug,
}
