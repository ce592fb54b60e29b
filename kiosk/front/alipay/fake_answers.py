"""The fake gateway's answers: honest ones, signed over their exact bytes, and ones that went wrong on the way."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from kiosk.front.alipay import signing
from kiosk.front.alipay.fake_scripts import Fault
from kiosk.gateways.wallet.fake_answers import Broken, Silence

_TRICKY = 'a lone } and { and ]["\\ and \\" and "sign":"x" in a text'
_PROMISED = {
    "code", "msg", "sub_code", "sub_msg", "out_trade_no", "trade_no", "trade_status", "total_amount", "retry_flag", "action",
    "qr_code", "bill_download_url",
}  # fmt: skip


class LateAnswer(Response):
    """Answers after `delay` seconds, if anybody is still there."""

    def __init__(self, answer: Response, delay: float) -> None:
        super().__init__(bytes(answer.body), answer.status_code, media_type=answer.media_type)
        self._delay = delay

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(self._delay):
                while (await receive())["type"] != "http.disconnect":
                    pass
        except TimeoutError:
            await super().__call__(scope, receive, send)


class Writer:
    """Writes and signs answers; `stranger` is a key that nobody trusts."""

    def __init__(self, key: RSAPrivateKey, stranger: RSAPrivateKey) -> None:
        self.key, self.stranger = key, stranger
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self._serial = hashlib.md5(public, usedforsecurity=False).hexdigest()
        self._last: dict[tuple[str, str], Response] = {}

    def answer(
        self, method: str, members: dict[str, Any], *, signed: bool = True, stranger: bool = False, serial: bool = False
    ) -> Response:
        content = _json(members)
        sign = signing.sign(self.stranger if stranger else self.key, content.encode())
        tail = (f',"alipay_cert_sn":"{self._serial}"' if serial else "") + (f',"sign":"{sign}"' if signed else "")
        return _response(f'{{"{_member(method)}":{content}{tail}}}')

    def spoilt(
        self, fault: Fault, method: str, number: str, members: dict[str, Any], delay: float, serial: bool
    ) -> Response:
        """The answer to a request that was carried out, as this fault leaves it."""
        good = self.answer(method, members, serial=serial)
        stale = [answer for (about, other), answer in self._last.items() if about == number and other != method]
        self._last[(number, method)] = good
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
            case Fault.LATE:
                return LateAnswer(good, delay)
            case Fault.BUSY_AFTER:
                return self.answer(method, unknown())
            case Fault.SYSTEM_ERROR:
                return self.answer(method, failed("ACQ.SYSTEM_ERROR", "系统错误"))
            case Fault.UNSIGNED:
                return self.answer(method, members, signed=False)
            case Fault.FORGED_SIGNATURE:
                return self.answer(method, members, stranger=True)
            case Fault.SIGNED_ANEW:
                return _response(json.dumps(json.loads(body), ensure_ascii=False, sort_keys=True))
            case Fault.STALE:
                return stale[-1] if stale else self.answer("alipay.trade.order.settle", members)
            case Fault.DOUBLED:
                return _response((body + body).decode())
            case _:
                return self.answer(method, _twisted(fault, members), serial=serial)


def failed(sub_code: str, sub_msg: str) -> dict[str, Any]:
    return {"code": "40004", "msg": "Business Failed", "sub_code": sub_code, "sub_msg": sub_msg}


def unknown() -> dict[str, Any]:
    return {
        "code": "20000",
        "msg": "Service Currently Unavailable",
        "sub_code": "isp.unknow-error",
        "sub_msg": "系统繁忙",
    }


def _twisted(fault: Fault, members: dict[str, Any]) -> dict[str, Any]:
    match fault:
        case Fault.WRONG_ORDER:
            return {**members, "out_trade_no": "X" + str(members.get("out_trade_no", ""))[1:] + "X"}
        case Fault.WRONG_AMOUNT:
            names = [name for name in ("total_amount", "refund_amount", "refund_fee") if name in members]
            return {**members, **{name: _one_less(members[name]) for name in names}}
        case Fault.MALFORMED:
            return {**members, "trade_status": "TRADE_PERHAPS", "total_amount": "1e2", "refund_amount": "NaN"}
        case Fault.TRICKY:
            return {"msg": _TRICKY, **members, "sub_msg": _TRICKY, "buyer_user_name": "}}]]{{\\u007d\\"}
        case Fault.BARE:
            return {name: value for name, value in members.items() if name in _PROMISED}
    return members


def _one_less(yuan: str) -> str:
    fen = int(yuan.replace(".", "")) - 1
    return f"{fen // 100}.{fen % 100:02d}"


def _member(method: str) -> str:
    return method.replace(".", "_") + "_response"


def _json(members: dict[str, Any]) -> str:
    """As the real gateway may write it: a slash is escaped, which is JSON too and breaks whoever writes it anew."""
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).replace("/", "\\/")


def _response(text: str) -> Response:
    return Response(text.encode(), 200, media_type="text/html;charset=utf-8")
