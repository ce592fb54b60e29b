"""The fake WeChat Pay's answers, right and wrong. How networks fail is the house's: `kiosk.gateways.wallet.fake_answers`."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from typing import Any

from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from kiosk.front.wechat.fake_keys import PlatformKey
from kiosk.front.wechat.fake_notices import signed
from kiosk.front.wechat.fake_scripts import Fault
from kiosk.gateways.wallet.fake_answers import Broken, Silence

UNKNOWN_SERIAL = "7F" + "0" * 38


class Late(Response):
    """A good answer that takes its time; nobody may be there any more to hear it."""

    def __init__(self, answer: Response, seconds: float) -> None:
        super().__init__()
        self._answer, self._seconds = answer, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(self._seconds)
        await self._answer(scope, receive, send)


def without_effect(fault: Fault, key: PlatformKey, now: float) -> Response:
    if fault is Fault.HTTP_500:
        return Response("Internal Server Error", 500)
    if fault is Fault.TIMEOUT_BEFORE:
        return Silence()
    if fault is Fault.DROP_BEFORE:
        return Broken(b"{}")
    return answered(key, now, 429, {"code": "FREQUENCY_LIMITED", "message": "频率超限"}, Fault.NONE)


def answered(
    key: PlatformKey,
    now: float,
    status: int,
    told: dict[str, Any] | bytes | None,
    fault: Fault,
    seconds: float = 0.1,
) -> Response:
    """The answer to a request that was carried out, as this fault leaves it. `told` None is no body, bytes are a file (unsigned)."""
    if isinstance(told, bytes) and fault is Fault.NONE:
        return Response(told, status, media_type="application/x-gzip")
    if isinstance(told, bytes):
        told = {}
    if fault is Fault.SYSTEM_ERROR:
        status, told = 500, {"code": "SYSTEM_ERROR", "message": "系统异常，请稍后重试"}
    elif fault is Fault.WRONG_ORDER and told:
        told = {name: _other(name, value) for name, value in told.items()}
    elif fault is Fault.MALFORMED and told:
        told = {**told, "trade_state": "PERHAPS", "status": "PERHAPS", "amount": {"total": "1.00", "refund": "1.00"}}
        told.pop("code_url", None)
    body = b"" if told is None else json.dumps(told, ensure_ascii=False).encode()
    signer = dataclasses.replace(key, serial=UNKNOWN_SERIAL) if fault is Fault.UNKNOWN_SERIAL else key
    headers = signed(
        signer, body, now, age=600 if fault is Fault.STALE else 0, by_nobody=fault is Fault.WRONG_SIGNATURE
    )
    if fault is Fault.PROBE:
        headers["Wechatpay-Signature"] = "WECHATPAY/SIGNTEST/" + headers["Wechatpay-Signature"]
    headers["Cache-Control"] = "no-cache, must-revalidate"
    match fault:
        case Fault.HTTP_502_PAGE:
            return HTMLResponse("<html><body><h1>502 Bad Gateway</h1></body></html>", 502)
        case Fault.TIMEOUT_AFTER:
            return Silence()
        case Fault.DROP_AFTER:
            return Broken(body)
        case Fault.HALF_ANSWER:
            return Broken(body or b"{}", headers, sent=max(1, len(body) // 2))
        case Fault.UNSIGNED:
            return Response(body, status, media_type="application/json")
        case Fault.UNSIGNED_NO:
            return JSONResponse({"code": "ORDER_NOT_EXIST", "message": "订单不存在"}, 404)
        case Fault.CHANGED_BODY:
            return Response(body.replace(b"SUCCESS", b"REVOKED") + b" ", 200, headers, "application/json")
        case _:
            good = Response(body, status, headers, None if told is None else "application/json")
            return Late(good, seconds) if fault is Fault.LATE_ANSWER else good


def _other(name: str, value: Any) -> Any:
    return f"X{value[1:]}X"[:64] if name in ("out_trade_no", "out_refund_no") else value
