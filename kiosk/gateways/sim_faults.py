"""How a simulated platform misbehaves on the wire, one operation at a time.

Which need the raw connection: `drop_before` and `drop_after` (hang up without a byte), `half_answer` and `half_head` (hang up
in the middle) and `garbage`; ASGI cannot say these, so they use the connection that `kiosk.gateways.embedded.serve` puts
into the scope. Under another server `half_answer` and the drops fall back to what ASGI can do: promise a body by
Content-Length and stop before its end. All others are plain ASGI.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from kiosk.gateways.embedded import WIRE

KINDS: Mapping[str, tuple[bool, str]] = {
    "error_500": (False, "500 with a JSON error; nothing is done"),
    "error_503": (False, "503 with a JSON error; nothing is done"),
    "html_502": (False, "a proxy's 502 page in HTML; nothing is done"),
    "html_200": (True, "done, then a log-in page in HTML with status 200"),
    "redirect": (False, "a redirect to another host; nothing is done"),
    "rate_limited": (False, "429 with a JSON error; nothing is done"),
    "drop_before": (False, "the connection is cut without an answer; nothing is done"),
    "drop_after": (True, "done, then the connection is cut without an answer"),
    "half_answer": (True, "done, then the connection is cut in the middle of the body"),
    "half_head": (True, "done, then the connection is cut in the middle of the status line"),
    "garbage": (True, "done, then bytes that are not HTTP"),
    "malformed_json": (True, "done, then a complete answer whose JSON stops in the middle"),
    "wrong_types": (True, "done, then an answer whose numbers are strings and whose strings are numbers"),
    "missing_member": (True, "done, then an answer without its first member"),
    "wrong_charset": (True, "done, then the answer in GB 18030"),
    "huge": (True, "done, then an answer of `bytes` (8 MiB) bytes"),
    "delay": (True, "done at once, answered `seconds` (2) later"),
    "late": (True, "done and answered `seconds` (2) later"),
    "drip": (True, "done, then answered one byte every `seconds` (0.2)"),
    "silence": (False, "no answer until the kiosk gives up; nothing is done"),
}
"""Kind to (whether the request takes effect, one sentence)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`left` None means until cleared; `after` calls pass unharmed first."""

    operation: str
    kind: str
    left: int | None = 1
    after: int = 0
    seconds: float | None = None
    size: int = 8 * 1024 * 1024

    @property
    def effect(self) -> bool:
        return KINDS[self.kind][0]

    @property
    def id(self) -> str:
        return f"{self.operation}.{self.kind}"


class FaultPlan:
    """Armed faults in the order they were armed. The first that is due for an operation happens and counts down."""

    def __init__(self, operations: tuple[str, ...]) -> None:
        self.operations = operations
        self._armed: list[Fault] = []

    def arm(self, fault: Fault) -> None:
        """Raises ValueError with a sentence for an unknown operation or kind, or a count below one."""
        if fault.operation not in (*self.operations, "any"):
            raise ValueError(f"unknown operation {fault.operation!r}; known are any, {', '.join(self.operations)}")
        if fault.kind not in KINDS:
            raise ValueError(f"unknown fault {fault.kind!r}; known are {', '.join(KINDS)}")
        if fault.left is not None and fault.left < 1:
            raise ValueError("count must be 1 or more, or null for 'until cleared'")
        self._armed.append(fault)

    def take(self, operation: str) -> Fault | None:
        for index, fault in enumerate(self._armed):
            if fault.operation not in (operation, "any"):
                continue
            if fault.after:
                self._armed[index] = replace(fault, after=fault.after - 1)
                continue
            if fault.left == 1:
                del self._armed[index]
            elif fault.left is not None:
                self._armed[index] = replace(fault, left=fault.left - 1)
            return fault
        return None

    def clear(self, fault_id: str | None = None) -> None:
        self._armed = [fault for fault in self._armed if fault_id is not None and fault.id != fault_id]

    def as_dict(self) -> dict[str, int | None]:
        return {fault.id: fault.left for fault in self._armed}


def read_fault(command: Mapping[str, Any]) -> Fault:
    """The fault that a command `{"do": "fault", "id": "operation.kind", …}` arms. Raises ValueError with a sentence."""
    operation, dot, kind = str(command.get("id", "")).partition(".")
    if not dot:
        raise ValueError('the id of a fault is "operation.kind", such as "health.drop_after"')
    count, after, seconds, size = (command.get(name) for name in ("count", "after", "seconds", "bytes"))
    count = count if "count" in command else 1
    for name, value in (("count", count), ("after", after), ("bytes", size)):
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
            raise ValueError(f"{name} must be a whole number")
    if seconds is not None and (not isinstance(seconds, (int, float)) or isinstance(seconds, bool) or seconds < 0):
        raise ValueError("seconds must be a number")
    fault = Fault(operation, kind, count, after or 0, seconds)
    return fault if size is None else Fault(operation, kind, count, after or 0, seconds, size)


async def play(fault: Fault, response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer as the fault says. `response` is the honest answer; for faults without effect it is an empty one."""
    seconds = {"drip": 0.2}.get(fault.kind, 2.0) if fault.seconds is None else fault.seconds
    body = bytes(response.body)
    kind = fault.kind
    if kind in ("malformed_json", "wrong_types", "missing_member", "wrong_charset") and not _is_json(response):
        # A picture has no members: half of it is what can be wrong with it.
        await Response(body[:20], response.status_code, media_type=response.media_type)(scope, receive, send)
        return
    match kind:
        case "error_500" | "error_503" | "rate_limited":
            status = {"error_500": 500, "error_503": 503, "rate_limited": 429}[fault.kind]
            await _json(status, {"code": "unavailable", "message": "系统繁忙"})(scope, receive, send)
        case "html_502" | "html_200":
            page = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
            await Response(page, int(fault.kind[-3:]), media_type="text/html")(scope, receive, send)
        case "redirect":
            await Response(status_code=302, headers={"location": "http://portal.invalid/"})(scope, receive, send)
        case "drop_before" | "drop_after" | "half_answer" | "half_head" | "garbage":
            await _cut(fault.kind, response, scope, receive, send)
        case "malformed_json":
            await Response(body[: len(body) // 2], 200, media_type="application/json")(scope, receive, send)
        case "wrong_types":
            await _json(response.status_code, _twisted(json.loads(body)))(scope, receive, send)
        case "missing_member":
            members = json.loads(body)
            await _json(response.status_code, dict(list(members.items())[1:]))(scope, receive, send)
        case "wrong_charset":
            text = body.decode("utf-8").encode("gb18030")
            headers = {"content-type": "application/json; charset=gb18030"}
            await Response(text, response.status_code, headers=headers)(scope, receive, send)
        case "huge":
            await Response(b" " * fault.size + body, response.status_code, media_type="application/json")(
                scope, receive, send
            )
        case "drip":
            await _drip(response, seconds, receive, send)
        case "silence":
            await _gone(receive, None)
        case "delay" | "late":
            if not await _gone(receive, seconds):
                await response(scope, receive, send)
        case _:
            raise AssertionError(fault.kind)


async def _gone(receive: Receive, seconds: float | None) -> bool:
    """True once the other side has hung up, False when it has not after `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return False
    return True


async def wait_before(fault: Fault) -> None:
    """The wait before a late effect: it takes place although nobody may be there any more to hear of it."""
    if fault.kind == "late":
        await asyncio.sleep(2.0 if fault.seconds is None else fault.seconds)


async def _cut(kind: str, response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    body = bytes(response.body) or b" "
    wire: asyncio.Transport | None = scope.get("extensions", {}).get(WIRE)
    if wire is None or kind == "half_answer":
        part = body[: len(body) // 2] if kind == "half_answer" else b""
        await send({"type": "http.response.start", "status": response.status_code, "headers": _headers(response, body)})
        await send({"type": "http.response.body", "body": part, "more_body": True})
        if wire is None:
            return  # The server sees an unfinished answer and hangs up.
    elif kind == "half_head":
        wire.write(b"HTTP/1.1 200 O")
    elif kind == "garbage":
        wire.write(b"\x00\xff\x16\x03\x01 this is not HTTP\r\n\r\n" + bytes(range(256)))
    wire.close()
    await _gone(receive, 1.0)


async def _drip(response: Response, seconds: float, receive: Receive, send: Send) -> None:
    body = bytes(response.body)
    await send({"type": "http.response.start", "status": response.status_code, "headers": _headers(response, body)})
    for index in range(len(body)):
        await send({"type": "http.response.body", "body": body[index : index + 1], "more_body": True})
        if await _gone(receive, seconds):
            return
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _headers(response: Response, body: bytes) -> list[tuple[bytes, bytes]]:
    kept = [(name, value) for name, value in response.raw_headers if name != b"content-length"]
    return [*kept, (b"content-length", str(len(body)).encode())]


def _is_json(response: Response) -> bool:
    return response.headers.get("content-type", "").startswith("application/json")


def _json(status: int, value: Any) -> Response:
    return Response(json.dumps(value, ensure_ascii=False), status, media_type="application/json")


def _twisted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _twisted(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_twisted(member) for member in value]
    return str(value) if isinstance(value, (int, float)) else 7
