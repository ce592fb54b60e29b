"""Fetch the file of a bill from the address that Alipay gave for it, on whatever host that is."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import httpx

from kiosk.domain.errors import GatewayUnavailable
from kiosk.gateways.http import Deadlines, Endpoint, HttpGateway

LIMIT = 64 * 1024 * 1024
DEADLINES = Deadlines(connect=3, read=8, total=25)
"""The address lives for 30 seconds."""


async def fetch(gateway: str, address: str, ca_file: Path | None) -> bytes:
    """Raises GatewayUnavailable. The address is a key to the bill while it lives, so nothing tells it."""
    try:
        url = urlsplit(address)
        http = HttpGateway(gateway, Endpoint(f"{url.scheme}://{url.netloc}", ca_file=ca_file, deadlines=DEADLINES))
    except (ValueError, httpx.InvalidURL):
        raise GatewayUnavailable(gateway, "bill_file: the address of the bill cannot be used") from None
    try:
        path = url.path.lstrip("/") + (f"?{url.query}" if url.query else "")
        answer = await http.exchange("bill_file", "GET", path, limit=LIMIT)
        if answer.status != 200:
            raise http.unavailable("bill_file", f"HTTP {answer.status}")
        return answer.body
    except httpx.InvalidURL:
        raise GatewayUnavailable(gateway, "bill_file: the address of the bill cannot be used") from None
    finally:
        await http.aclose()
