"""The HTTP/1.1 side of a simulated printer: one POST after another on a wire (RFC 9112), whole or in chunks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from drivers.transport.base import Wire

_LARGEST = 64 * 1024 * 1024
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Requests:
    """Bodies of the requests that come in on `wire`, and the way to answer them."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._buffer = bytearray()

    async def bodies(self) -> AsyncIterator[bytes]:
        """Ends when the other side hangs up. Raises ValueError for what is no HTTP."""
        while (head := await self._until(b"\r\n\r\n")) is not None:
            lines = head.decode("latin-1").split("\r\n")
            if len(lines[0].split(" ")) != 3:
                raise ValueError("no request line")
            headers = {name.strip().lower(): value.strip() for name, _, value in (s.partition(":") for s in lines[1:])}
            if headers.get("expect", "").lower() == "100-continue":
                await self._wire.write(_CONTINUE)
            body = await self._body(headers)
            if body is None:
                return
            yield body

    async def answer(self, body: bytes) -> None:
        """200 with an IPP message; 400 for an empty one."""
        start = b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\n" if body else b"HTTP/1.1 400 Bad Request\r\n"
        await self._wire.write(start + b"Content-Length: %d\r\n\r\n" % len(body) + body)

    async def _body(self, headers: Mapping[str, str]) -> bytes | None:
        if headers.get("transfer-encoding", "").lower() != "chunked":
            return await self._exactly(int(headers.get("content-length", "0")))
        body = b""
        while True:
            size = await self._until(b"\r\n")
            if size is None:
                return None
            chunk = await self._exactly(int(size.split(b";")[0], 16))
            if chunk is None or await self._until(b"\r\n") is None:
                return None
            if not chunk:
                return body
            body += chunk
            if len(body) > _LARGEST:
                raise ValueError("the request is too large")

    async def _until(self, mark: bytes) -> bytes | None:
        while mark not in self._buffer:
            if not await self._more():
                return None
        found, _, rest = bytes(self._buffer).partition(mark)
        self._buffer[:] = rest
        return found

    async def _exactly(self, count: int) -> bytes | None:
        if not 0 <= count <= _LARGEST:
            raise ValueError("the request is too large")
        while len(self._buffer) < count:
            if not await self._more():
                return None
        found = bytes(self._buffer[:count])
        del self._buffer[:count]
        return found

    async def _more(self) -> bool:
        chunk = await self._wire.read()
        self._buffer += chunk
        return bool(chunk)
