"""One signed question to gateway.do and its verified answer.

An answer counts only when it is whole, signed by Alipay, and the answer to the method that was asked. Every doubt (unsigned, forged,
of another shape, 3xx, 4xx, 5xx, an HTML page, a timeout) raises `GatewayUnavailable`: the effect is unknown. Alipay's answers carry
neither time nor nonce, so whoever asks must check that the answer is about the order it asked for.

All parameters travel in the body of a POST, so that no address ever holds a subject or a payer's code; `charset` stands in the
address too, where the gateway looks for it before it decodes the body.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import structlog

from kiosk.domain.errors import GatewayUnavailable
from kiosk.front.alipay import codes, signing
from kiosk.front.alipay.account import Account
from kiosk.front.alipay.answers import AnswerError, Told, code_in, told
from kiosk.front.alipay.envelope import open_answer
from kiosk.gateways.http import Answer, Endpoint, HttpGateway
from kiosk.ports.clock import SHANGHAI, Clock

NAME = "alipay"
BODY_LIMIT = 256 * 1024

log = structlog.get_logger(__name__)


class Gateway:
    """Raises ValueError at construction for an address or authority file that cannot be used."""

    def __init__(self, account: Account, endpoints: Sequence[Endpoint], clock: Clock, notify_url: str = "") -> None:
        """`endpoints` are the gateway and, where there is one, its backup; their addresses end in `gateway.do`."""
        self._account = account
        self._clock = clock
        self._notify_url = notify_url
        self._hosts = [_host(endpoint) for endpoint in endpoints]
        self._first = 0

    async def ask(self, operation: str, method: str, content: Mapping[str, Any], *, notified: bool = False) -> Told:
        """What Alipay answered to `method` (alipay.trade.query). `notified` asks for notifications about this order.

        Raises GatewayUnavailable: also for 20000 and system errors, where Alipay itself does not know.
        """
        body = urlencode(self.parameters(method, content, notified=notified)).encode()
        http, answer = await self._send(operation, body)
        try:
            if answer.status != 200:
                raise AnswerError(f"HTTP {answer.status}")
            found = self._verified(answer.body, method)
        except AnswerError as error:
            raise http.unavailable(operation, str(error)) from None
        if codes.is_unknown(found.code, found.sub_code):
            raise http.unavailable(operation, f"Alipay does not know the outcome ({found.detail})")
        if found.code not in (codes.TAKEN, codes.PAYING, codes.FAILED, *codes.NOT_ALLOWED):
            raise http.unavailable(operation, f"a code that tells nothing of the order ({found.detail})")
        if found.code not in (codes.TAKEN, codes.PAYING) and codes.is_misconfigured(found.code, found.sub_code):
            log.error("wallet_misconfigured", gateway=NAME, operation=operation, code=found.code, detail=found.sub_code)
        return found

    def parameters(self, method: str, content: Mapping[str, Any], *, notified: bool = False) -> dict[str, str]:
        """All parameters of a request, signed. The same order always has the same `biz_content`, byte for byte."""
        fields = {
            "app_id": self._account.app_id,
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": signing.SIGN_TYPE,
            "timestamp": self._clock.now().astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S"),
            "version": "1.0",
            **self._account.serials,
            "biz_content": json.dumps(content, ensure_ascii=False, separators=(",", ":")),
        }
        if notified and self._notify_url:
            fields["notify_url"] = self._notify_url
        return {**fields, "sign": signing.sign(self._account.private_key, signing.request_bytes(fields))}

    async def aclose(self) -> None:
        for http, _ in self._hosts:
            await http.aclose()

    async def _send(self, operation: str, body: bytes) -> tuple[HttpGateway, Answer]:
        """To the host that worked last. The other one gets the same bytes only if no connection could be made: then nothing was
        sent. After anything else it is asked first the next time."""
        order = [(self._first + step) % len(self._hosts) for step in range(len(self._hosts))]
        for number, index in enumerate(order):
            http, path = self._hosts[index]
            try:
                answer = await http.exchange(
                    operation,
                    "POST",
                    f"{path}?charset=utf-8",
                    content=body,
                    headers={"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"},
                    limit=BODY_LIMIT,
                )
            except GatewayUnavailable as error:
                self._first = order[(number + 1) % len(order)]
                if number + 1 < len(order) and _never_connected(error):
                    continue
                raise
            self._first = index
            return http, answer
        raise AssertionError("no host")

    def _verified(self, body: bytes, method: str) -> Told:
        sealed = open_answer(body, method)
        if not sealed.sign:
            # What it says may come from anybody; a technician still wants to read it (a wrong key is answered without signature).
            hint = code_in(sealed.members, "sub_code") or code_in(sealed.members, "code")
            raise AnswerError("the answer is not signed" + (f" (it says {hint})" if hint else ""))
        if not signing.verify(self._account.alipay_keys, sealed.signed, sealed.sign):
            raise AnswerError("the answer's signature is wrong, or made with a key of Alipay that is not configured")
        return told(sealed.members)


def _host(endpoint: Endpoint) -> tuple[HttpGateway, str]:
    """A client of the host and the path on it: `gateway.do` is a document, and a base URL would get a slash after it."""
    url = urlsplit(endpoint.base_url)
    if url.scheme == "http" and url.hostname not in ("127.0.0.1", "::1", "localhost"):
        log.warning("wallet_without_tls", gateway=NAME, host=url.hostname)
    http = HttpGateway(NAME, replace(endpoint, base_url=f"{url.scheme}://{url.netloc}"))
    return http, url.path.lstrip("/")


def _never_connected(error: GatewayUnavailable) -> bool:
    """`HttpGateway` hides the library's error from readers, not from us: nothing was sent when connecting failed."""
    return isinstance(error.__context__, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout))
