"""The control socket of a simulator: one JSON object per line over TCP, one JSON answer per line.

    $ echo '{"do": "place", "person": "A"}' | nc 127.0.0.1 7101
    {"ok": true}

A command that makes no sense is answered with {"error": "…"}; the connection stays. Only for simulators: it is never opened
beside a real device.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog

from drivers.simulator import Simulator

_LINE_LIMIT = 1024 * 1024  # bytes; a command may carry a whole person or picture path, never more
log = structlog.get_logger(__name__)


@asynccontextmanager
async def serve_control(simulator: Simulator, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[int]:
    """Listen for commands to `simulator`; gives the bound port. Connections end with the context."""
    sessions: set[asyncio.Task[None]] = set()

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        sessions.add(task)
        try:
            await _session(simulator, reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            log.debug("control_session_ended", kind=simulator.kind)
        finally:
            sessions.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    server = await asyncio.start_server(session, host, port, limit=_LINE_LIMIT)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for task in tuple(sessions):
            task.cancel()
        await asyncio.gather(*sessions, return_exceptions=True)
        await server.wait_closed()


def dispatch(simulator: Simulator, line: bytes) -> dict[str, Any]:
    """One command line to one answer; never raises for what a person may have typed."""
    try:
        command = json.loads(line)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        return {"error": "This line is not JSON."}
    if not isinstance(command, dict):
        return {"error": 'A command is a JSON object such as {"do": "state"}.'}
    try:
        return simulator.control(command)
    except ValueError as error:
        return {"error": str(error)}
    except (TypeError, KeyError, AttributeError) as error:
        # A wrongly shaped argument from outside must not end the simulator; the log keeps what a developer needs.
        log.warning("control_command_failed", kind=simulator.kind, exc_info=error)
        return {"error": f"The command could not be carried out ({type(error).__name__})."}


async def _session(simulator: Simulator, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    overlong = False
    while True:
        try:
            line = await reader.readline()
        except ValueError:  # the limit was passed and the piece thrown away; go on to the line's end
            overlong = True
            continue
        if not line:
            return
        if overlong:
            answer, overlong = {"error": "This line is too long."}, False
        elif line.strip():
            answer = dispatch(simulator, line)
        else:
            continue
        writer.write(json.dumps(answer, ensure_ascii=False, default=str).encode() + b"\n")
        await writer.drain()
