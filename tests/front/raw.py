"""Requests as a kiosk signs them, one member at a time, for what its own client would never send."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any

import httpx

from kiosk.gateways.wallet import signing
from tests.front.hall import DEVICES, Hall


class Raw:
    """`send` signs rightly unless told otherwise, and checks the front's signature on whatever comes back below 500."""

    def __init__(self, hall: Hall) -> None:
        self._hall = hall
        self._http = httpx.AsyncClient(base_url=hall.url, trust_env=False, verify=False)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def send(
        self,
        path: str,
        fields: Mapping[str, Any] | bytes,
        *,
        device: str = "NB01",
        key: bytes | None = None,
        ts_off: int = 0,
        nonce: str | None = None,
        **forged: Any,
    ) -> httpx.Response:
        """`forged`: method, target, body that were signed instead of the sent ones; `header` in place of the whole header."""
        body = fields if isinstance(fields, bytes) else json.dumps(fields, ensure_ascii=False).encode()
        ts = int(self._hall.clock.now().timestamp()) + ts_off
        nonce = nonce or secrets.token_urlsafe(18)
        signed = (forged.get("method", "POST"), forged.get("target", path), device, ts, nonce, forged.get("body", body))
        mac = signing.request_mac(key or DEVICES.get(device, b"k" * 32), *signed)
        header = forged.get("header", signing.Credentials(device, ts, nonce, mac).header())
        answer = await self._http.post(path, content=body, headers={"Authorization": header})
        if answer.status_code < 500:
            told = answer.headers
            keys = (signing.public_key(self._hall.front.public_key),)
            assert told["X-Nonce"] in (nonce, "")
            assert signing.verify_answer(
                keys, told["X-Timestamp"], told["X-Nonce"], answer.content, told["X-Signature"]
            )
            assert signing.is_fresh(told["X-Timestamp"], self._hall.clock.now().timestamp())
        return answer
