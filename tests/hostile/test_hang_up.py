"""A gateway that is closed in the middle of an exchange leaves nothing behind."""

from __future__ import annotations

import asyncio
from itertools import count

from kiosk.domain.errors import GatewayUnavailable
from kiosk.gateways.http import Answer, Endpoint, HttpGateway

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


async def test_no_line_stays_open_whenever_a_gateway_hangs_up() -> None:
    """After each turn of the loop that an exchange takes: also while its connection is being made, which the client does not have yet."""
    lines: dict[str, asyncio.Task[None]] = {}
    begun: asyncio.Queue[None] = asyncio.Queue()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        lines[str(writer.get_extra_info("peername"))] = task
        begun.put_nowait(None)
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(ANSWER)
        except (asyncio.IncompleteReadError, OSError):
            return  # the other side is gone
        finally:
            writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listener:
        port = listener.sockets[0].getsockname()[1]
        broken_off = 0
        for turns in count():
            gateway = HttpGateway("any", Endpoint(f"http://127.0.0.1:{port}/"))
            asking = asyncio.ensure_future(gateway.exchange("ask", "GET", "v1/any"))
            for _ in range(turns):
                await asyncio.sleep(0)
            whole = asking.done()
            await gateway.aclose()
            (told,) = await asyncio.gather(asking, return_exceptions=True)
            assert isinstance(told, Answer | GatewayUnavailable), (turns, told)
            broken_off += isinstance(told, GatewayUnavailable)
            if whole:
                break
        assert broken_off > 0
        assert isinstance(told, Answer)
        # Connections are taken in the order they came: with this one, all before it are there.
        _, last = await asyncio.open_connection("127.0.0.1", port)
        while str(last.get_extra_info("sockname")) not in lines:
            await begun.get()
        last.close()
        async with asyncio.timeout(10):
            await asyncio.gather(*lines.values())
