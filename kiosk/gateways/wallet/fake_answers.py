"""ASGI answers that go wrong the way networks do. None of them sleeps: silence lasts until the other side hangs up."""

from __future__ import annotations

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from kiosk.gateways.embedded import WIRE


class Silence(Response):
    """Never answers; ends when the kiosk gives up and closes the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass


class Broken(Response):
    """Promises the whole body, sends `sent` bytes of it and breaks the connection; with none, before any answer."""

    def __init__(self, body: bytes, headers: dict[str, str] | None = None, sent: int = 0) -> None:
        super().__init__(body, headers=headers, media_type="application/json")
        self._sent = sent

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wire = scope.get("extensions", {}).get(WIRE)
        if wire is not None and not self._sent:
            wire.abort()
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": bytes(self.body[: self._sent]), "more_body": True})
        # Returning now, with more_body still promised, makes the ASGI server close the socket.
