"""One careful HTTP exchange with a remote system: a usable answer, or `GatewayUnavailable`.

Shared by all gateways. What the rest of the kiosk relies on:

- every exchange ends within its deadline, also when the other side drips one byte a second;
- a body is never read beyond its limit and never decompressed (no zip bombs: `Accept-Encoding: identity`);
- redirects are not followed and proxies of the environment are not used: a kiosk talks to the host in its settings only;
- no exception and no log line carries what was sent or received. The paths must not either: keep personal data in bodies.
"""

from __future__ import annotations

import asyncio
import importlib.util
import ssl
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import structlog

from config.sections import Remote
from kiosk.domain.errors import GatewayUnavailable

log = structlog.get_logger(__name__)

MIB = 1024 * 1024
if importlib.util.find_spec("sniffio") is None:
    # httpcore looks for it several times in each exchange; where there is none, each look would search the whole path.
    sys.modules["sniffio"] = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds. `read` is the longest silence between two pieces of an answer, `total` the longest exchange."""

    connect: float = 3.0
    read: float = 8.0
    total: float = 12.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a remote system lives and how this kiosk shows who it is."""

    base_url: str
    device_key: str = field(default="", repr=False)
    """Sent as `Authorization: Bearer …`; empty sends none."""
    ca_file: Path | None = None
    """PEM file with the only authorities trusted for this system; None trusts the public ones."""
    deadlines: Deadlines = Deadlines()
    lines: int = 8
    """Connections at the same time; half of them are kept open between requests."""
    max_json: int = MIB
    """Largest JSON answer taken, bytes."""
    max_picture: int = 4 * MIB
    """Largest picture taken, bytes."""


def endpoint(remote: Remote) -> Endpoint:
    """The endpoint that a settings section (`[police]`) describes. Raises ValueError when the key file cannot be used."""
    key = ""
    if remote.device_key_file is not None:
        try:
            key = remote.device_key_file.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"the device key file {remote.device_key_file} cannot be read: {error}") from None
    # One second for the request's own way: an answer that neither stalls nor ends is given up after that.
    deadlines = Deadlines(remote.connect_s, remote.read_s, remote.connect_s + remote.read_s + 1)
    return Endpoint(remote.url, key, remote.ca_file, deadlines)


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete HTTP answer. `media_type` is lower case without parameters, `charset` lower case or empty."""

    status: int
    media_type: str
    charset: str
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


class HttpGateway:
    """A keep-alive HTTP client for one remote system, named `name` in errors and logs.

    Raises ValueError at construction for an address or authority file that cannot be used.
    """

    def __init__(self, name: str, endpoint: Endpoint) -> None:
        self.name = name
        self.endpoint = endpoint
        url = httpx.URL(endpoint.base_url)
        if url.scheme not in ("http", "https") or not url.host or url.userinfo or url.query or url.fragment:
            raise ValueError(f"{name}: the address must look like https://host[:port]/path/")
        headers = {"Accept-Encoding": "identity", "User-Agent": "onetrip-kiosk"}
        if endpoint.device_key:
            if not endpoint.device_key.isascii() or not endpoint.device_key.isprintable():
                raise ValueError(f"{name}: the device key must be printable ASCII")
            headers["Authorization"] = f"Bearer {endpoint.device_key}"
        limits = endpoint.deadlines
        self._client = httpx.AsyncClient(
            base_url=url,
            headers=headers,
            verify=_trust(name, url, endpoint.ca_file),
            timeout=httpx.Timeout(limits.read, connect=limits.connect),
            # Dropped before the usual server's five seconds, so that a request rarely meets a line just closed.
            limits=httpx.Limits(
                max_connections=endpoint.lines, max_keepalive_connections=endpoint.lines // 2, keepalive_expiry=3.0
            ),
            follow_redirects=False,
            trust_env=False,
        )
        self._closing = False
        self._under_way: set[asyncio.Timeout] = set()
        self._over = asyncio.Event()

    async def aclose(self) -> None:
        """Exchanges under way are broken off and waited for: a connection that is just being made is not the client's yet, so that
        closing the client alone would leave it open for good."""
        self._closing = True
        for patience in self._under_way:
            if not patience.expired():
                patience.reschedule(asyncio.get_running_loop().time())
        try:
            if self._under_way:
                await self._over.wait()
        finally:
            await self._client.aclose()

    async def exchange(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        json: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        limit: int | None = None,
    ) -> Answer:
        """Send one request and read its whole answer, whatever the status.

        `path` is relative to the base URL and holds no personal data; `limit` (bytes) defaults to the endpoint's for JSON.
        Raises GatewayUnavailable when no complete HTTP answer came; whether the request had an effect is then unknown.
        """
        started = time.monotonic()
        deadlines = self.endpoint.deadlines
        if self._closing:
            raise self.unavailable(operation, "this side has hung up")
        try:
            async with asyncio.timeout(deadlines.total) as patience:
                self._under_way.add(patience)
                try:
                    answer = await self._exchange(operation, method, path, json, content, headers, limit)
                finally:
                    self._under_way.discard(patience)
                    if self._closing and not self._under_way:
                        self._over.set()
        except TimeoutError:
            hint = (
                "this side has hung up" if self._closing else f"the answer was not complete after {deadlines.total:g} s"
            )
            raise self.unavailable(operation, hint) from None
        except httpx.ConnectTimeout:
            raise self.unavailable(operation, f"no connection within {deadlines.connect:g} s") from None
        except httpx.TimeoutException:
            raise self.unavailable(operation, f"no answer within {deadlines.read:g} s") from None
        except httpx.ConnectError as error:
            raise self.unavailable(operation, _connect_hint(error)) from None
        except httpx.HTTPError as error:
            # The library's text may quote what was received, so only its kind is told.
            raise self.unavailable(operation, f"the exchange broke off ({type(error).__name__})") from None
        log.debug(
            "remote_exchange",
            gateway=self.name,
            operation=operation,
            status=answer.status,
            ms=round((time.monotonic() - started) * 1000),
        )
        return answer

    async def _exchange(
        self,
        operation: str,
        method: str,
        path: str,
        json: Mapping[str, Any] | None,
        content: bytes | None,
        headers: Mapping[str, str] | None,
        limit: int | None,
    ) -> Answer:
        limit = limit or self.endpoint.max_json
        request = self._client.build_request(method, path, json=json, content=content, headers=headers)
        response = await self._client.send(request, stream=True)
        try:
            encoding = response.headers.get("content-encoding", "identity").strip().lower()
            if encoding not in ("", "identity"):
                raise self.unavailable(operation, "the answer is compressed although that was not asked for")
            body = bytearray()
            async for piece in response.aiter_raw():
                body += piece
                if len(body) > limit:
                    raise self.unavailable(operation, f"the answer is larger than {limit} bytes")
        finally:
            await response.aclose()
        media_type, _, parameters = response.headers.get("content-type", "").partition(";")
        return Answer(
            status=response.status_code,
            media_type=media_type.strip().lower(),
            charset=_charset(parameters),
            body=bytes(body),
            headers=response.headers,
        )

    def unavailable(self, operation: str, hint: str) -> GatewayUnavailable:
        """The error to raise: names the operation, never what was sent or received."""
        log.warning("remote_unavailable", gateway=self.name, operation=operation, hint=hint)
        return GatewayUnavailable(self.name, f"{operation}: {hint}")


def _charset(parameters: str) -> str:
    for parameter in parameters.split(";"):
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "charset":
            return value.strip().strip('"').lower()
    return ""


@cache
def _nobody() -> ssl.SSLContext:
    """Trusts no authority; one for all, because making one takes a millisecond."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _trust(name: str, url: httpx.URL, ca_file: Path | None) -> ssl.SSLContext | bool:
    if url.scheme == "http":
        return _nobody()  # Nothing to verify, and loading the public authorities takes noticeable time at the start.
    if ca_file is None:
        return True
    try:
        return ssl.create_default_context(cafile=str(ca_file))
    except (OSError, ssl.SSLError) as error:
        raise ValueError(f"{name}: the authority file {ca_file} cannot be used: {error}") from None


def _connect_hint(error: httpx.ConnectError) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the server's certificate is not trusted ({cause.verify_message}); check ca_file and the clock"
        if isinstance(cause, ssl.SSLError):
            return f"no TLS connection ({cause.reason})"
        if isinstance(cause, OSError) and cause.strerror:
            return f"no connection ({cause.strerror})"
        cause = cause.__cause__ or cause.__context__
    return "no connection"
