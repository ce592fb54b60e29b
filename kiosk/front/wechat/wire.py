"""Questions to WeChat Pay, signed, and answers that WeChat Pay has signed. Two hosts; the platform's keys change while we run.

How answers are read: a 2xx or 4xx is believed when it bears a fresh signature of a key we trust. A 2xx without one is forged, a 4xx
without one may come from anybody on the way: both leave the matter open (`GatewayUnavailable`), as 3xx, 401, 429, 5xx and silence do.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from kiosk.domain.errors import GatewayUnavailable
from kiosk.front.wechat import answers, codes, signing
from kiosk.front.wechat.keys import Keyring
from kiosk.gateways.http import Answer, HttpGateway
from kiosk.ports.clock import Clock

log = structlog.get_logger(__name__)

CERTIFICATES = "/v3/certificates"
PROBE = "WECHATPAY/SIGNTEST/"
"""WeChat Pay tests its merchants with a few answers and notifications whose signature is wrong and begins so (签名探测流量)."""
BACK_TO_FIRST = dt.timedelta(minutes=1)
"""For how long the host that did not serve is asked last."""
_NOT_SERVED = frozenset({502, 503, 504})
_NOT_ABOUT_THE_MATTER = frozenset({401, 407, 408, 425, 429})


class NotSigned(Exception):
    """Why an answer or a notification is not believed. One technical sentence."""


@dataclass(frozen=True, slots=True)
class Merchant:
    """Who asks."""

    mchid: str
    appid: str
    serial: str
    key: RSAPrivateKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class Said:
    """A signed answer; `code` is empty where WeChat Pay reports no error, `message` is not to be passed on."""

    status: int
    body: bytes = field(repr=False)
    code: str = ""
    message: str = field(default="", repr=False)


def verify(keyring: Keyring, headers: Mapping[str, str], body: bytes, now: dt.datetime) -> None:
    """Raises NotSigned unless these bytes were signed by WeChat Pay within five minutes. Header names in any case, or lower case."""
    timestamp, nonce, serial, signature, kind = (
        headers.get(f"wechatpay-{name}", "") for name in ("timestamp", "nonce", "serial", "signature", "signature-type")
    )
    if not (timestamp and nonce and serial and signature):
        raise NotSigned("it is not signed")
    if kind not in ("", signing.SCHEME):
        raise NotSigned("it is signed in a way that is not known")
    key = keyring.find(serial, now)
    if key is None:
        raise NotSigned("it is signed with a key that is not known")
    if not signing.verify(key, signing.answer_bytes(timestamp, nonce, body), signature):
        raise NotSigned("its signature is wrong")
    if not signing.is_fresh(timestamp, now.timestamp()):
        raise NotSigned("it is stale, or one of the two clocks is wrong")


def _nonce() -> str:
    return secrets.token_hex(16).upper()


class Wire:
    """`files` are the same hosts, with the patience that a file needs."""

    def __init__(
        self,
        hosts: tuple[HttpGateway, ...],
        files: tuple[HttpGateway, ...],
        merchant: Merchant,
        keyring: Keyring,
        clock: Clock,
        nonce: Callable[[], str] = _nonce,
    ) -> None:
        self._hosts = hosts
        self._files = files
        self._merchant = merchant
        self._keyring = keyring
        self._clock = clock
        self._nonce = nonce
        self._avoided: dict[HttpGateway, dt.datetime] = {}
        self._renewing = asyncio.Lock()

    async def aclose(self) -> None:
        for host in (*self._hosts, *self._files):
            await host.aclose()

    async def ask(
        self, operation: str, method: str, target: str, fields: Mapping[str, Any] | None = None, *, again: bool = True
    ) -> Said:
        """One signed question and its signed answer. `target` is path and query, percent-encoded; `again`: asking twice does no harm.

        Raises GatewayUnavailable when no answer came that can be believed, or one that says nothing about the matter.
        """
        async with self._renewing:
            if self._keyring.due(self._clock.now()):
                await self._renew()
        body = b"" if fields is None else json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
        answer = await self._exchange(operation, method, target, body, again)
        if again and answer.headers.get("wechatpay-signature", "").startswith(PROBE):
            log.info("wallet_probes_signatures", gateway=self._hosts[0].name, operation=operation)
            answer = await self._exchange(operation, method, target, body, again)
        try:
            await self._believe(answer)
        except NotSigned as why:
            found = answers.problem(answer.body) if answer.status >= 300 else None
            told = f" {found.code}" if found else ""
            raise self.unavailable(operation, f"HTTP {answer.status}{told}: the answer proves nothing, {why}") from None
        return self._said(operation, answer)

    async def download(self, operation: str, target: str, limit: int) -> bytes:
        """A file. WeChat Pay does not sign files: check what comes against the digest it signed. Raises GatewayUnavailable."""
        answer = await self._exchange(operation, "GET", target, b"", True, limit)
        if answer.status != 200:
            raise self.unavailable(operation, f"HTTP {answer.status}")
        return answer.body

    async def learn(self, serial: str) -> None:
        """Fetch certificates when this serial number is not known, at most once a minute."""
        async with self._renewing:
            if self._keyring.unknown(serial, self._clock.now()):
                await self._renew()

    async def _renew(self) -> None:
        """Fetch the platform's certificates. Failing is logged, not raised: those that are known may do."""
        self._keyring.asking(self._clock.now())
        try:
            answer = await self._exchange("certificates", "GET", CERTIFICATES, b"", True)
            if answer.status != 200:
                raise self.unavailable("certificates", f"HTTP {answer.status}")
            found = self._keyring.opened(answer.body)
            # The envelope proves who made it; the signature, by one of the keys in it or of those before, that it is of today.
            verify(self._keyring.with_(found), answer.headers, answer.body, self._clock.now())
        except GatewayUnavailable:
            return  # Logged where it was made.
        except (NotSigned, ValueError) as why:
            log.warning("wallet_certificates_refused", gateway=self._hosts[0].name, reason=str(why))
            return
        self._keyring.keep(found, self._clock.now())
        log.info("wallet_certificates_renewed", gateway=self._hosts[0].name, count=len(found))

    def unavailable(self, operation: str, hint: str) -> GatewayUnavailable:
        return self._hosts[0].unavailable(operation, hint)

    async def _believe(self, answer: Answer) -> None:
        await self.learn(answer.headers.get("wechatpay-serial", ""))
        verify(self._keyring, answer.headers, answer.body, self._clock.now())

    def _said(self, operation: str, answer: Answer) -> Said:
        status = answer.status
        found = answers.problem(answer.body)
        code = found.code if found else ""
        if 200 <= status < 300:
            return Said(status, answer.body, code, found.message if found else "")
        if not 400 <= status < 500 or status in _NOT_ABOUT_THE_MATTER or found is None:
            raise self.unavailable(operation, f"HTTP {status} {code}".rstrip())
        if codes.plain(code) in codes.AGAIN:
            raise self.unavailable(operation, f"HTTP {status} {code}: ask again")
        log.info("wallet_error", gateway=self._hosts[0].name, operation=operation, status=status, code=code)
        return Said(status, answer.body, code, found.message)

    async def _exchange(
        self,
        operation: str,
        method: str,
        target: str,
        body: bytes,
        again: bool,
        file_limit: int | None = None,
    ) -> Answer:
        """The first host's answer, or the next one's when the first was not reached; when it was reached but did not serve, only if
        asking twice does no harm."""
        hosts = self._in_order(self._hosts if file_limit is None else self._files)
        accept = "application/json" if file_limit is None else "*/*"
        for left, host in zip(range(len(hosts) - 1, -1, -1), hosts, strict=True):
            try:
                answer = await host.exchange(
                    operation,
                    method,
                    target,
                    content=body or None,
                    headers=self._headers(method, target, body, accept),
                    limit=file_limit,
                )
            except GatewayUnavailable as error:
                # What httpx raised stays as the context: these two are raised before a byte of the request has left.
                unsent = isinstance(error.__context__, (httpx.ConnectError, httpx.ConnectTimeout))
                self._avoided[host] = self._clock.now()
                if not left or not (again or unsent):
                    raise
                continue
            if answer.status in _NOT_SERVED:
                self._avoided[host] = self._clock.now()
                if left and again:
                    continue
            return answer
        raise AssertionError("no host")

    def _in_order(self, hosts: tuple[HttpGateway, ...]) -> list[HttpGateway]:
        now = self._clock.now()
        self._avoided = {h: at for h, at in self._avoided.items() if dt.timedelta(0) <= now - at < BACK_TO_FIRST}
        return sorted(hosts, key=lambda host: host in self._avoided)

    def _headers(self, method: str, target: str, body: bytes, accept: str) -> dict[str, str]:
        who = self._merchant
        timestamp = str(int(self._clock.now().timestamp()))
        headers = {
            "Accept": accept,
            "Authorization": signing.authorization(
                who.mchid, who.serial, who.key, method, target, timestamp, self._nonce(), body
            ),
        }
        if body:
            headers["Content-Type"] = "application/json"
        if self._keyring.preferred:
            headers["Wechatpay-Serial"] = self._keyring.preferred
        return headers
