"""A server that is not ours: it says given bytes, whatever it is asked."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

from kiosk.gateways.http import Deadlines, Endpoint
from kiosk.gateways.rest import RestClient

C = TypeVar("C", bound=RestClient)


def answer(body: bytes, head: str = "200 OK", *headers: str, length: int | None = None) -> bytes:
    lines = [f"HTTP/1.1 {head}", f"Content-Length: {len(body) if length is None else length}", *headers]
    if not any(line.lower().startswith("content-type") for line in headers):
        lines.append("Content-Type: application/json")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


@contextlib.asynccontextmanager
async def speaking(
    connect: Callable[[Endpoint], C], *pieces: bytes | float | None, deadlines: Deadlines
) -> AsyncIterator[C]:
    """A server that says these bytes (floats are pauses, None keeps the line open) whatever it is asked."""
    sessions: set[asyncio.Task[None]] = set()

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        sessions.add(task)
        try:
            await reader.readuntil(b"\r\n\r\n")
            for piece in pieces:
                if piece is None:
                    await asyncio.Event().wait()
                elif isinstance(piece, float):
                    await asyncio.sleep(piece)
                else:
                    writer.write(piece)
                    await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(session, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = connect(Endpoint(f"http://127.0.0.1:{port}", "key", deadlines=deadlines, max_json=4096))
    try:
        yield client
    finally:
        await client.aclose()
        server.close()
        for task in sessions:
            task.cancel()
        await asyncio.gather(*sessions, return_exceptions=True)
        await server.wait_closed()
