"""Run an ASGI application on a real socket inside the running event loop: for the demo, the bench and the tests.

The simulated remote systems are real HTTP servers, also when they live inside the kiosk, so that dropped connections,
half answers and deadlines are the real ones. An in-process client transport could not show them.

uvicorn's `Server` is left out on purpose and its protocol class is put on `loop.create_server` directly: `Server` installs
signal handlers (the kiosk owns those) and wakes the loop ten times a second for ever. What is left uses standard loop
features only and so runs under any asyncio loop, Qt's included.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import structlog
import uvicorn
from uvicorn.lifespan.on import LifespanOn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

log = structlog.get_logger(__name__)

WIRE = "onetrip.wire"
"""Key in the ASGI scope's `extensions` under which `serve` hands the application its connection (`asyncio.Transport`).

ASGI itself has no way to hang up without an answer; a simulated fault needs one.
"""


@dataclass(frozen=True, slots=True)
class Served:
    """A running server. `url` has no slash at its end."""

    url: str
    host: str
    port: int


class _Protocol(H11Protocol):
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        inner = self.app

        async def app(scope: Any, receive: Any, send: Any) -> None:
            scope.setdefault("extensions", {})[WIRE] = transport
            await inner(scope, receive, send)

        self.app = app


@contextlib.asynccontextmanager
async def serve(app: Any, host: str = "127.0.0.1", port: int = 0, grace: float = 0.5) -> AsyncIterator[Served]:
    """Serve `app` for as long as the context lasts; port 0 takes a free one.

    On leaving, requests still running get `grace` seconds, then their connections are cut and their tasks cancelled.
    Raises OSError when the address cannot be had, RuntimeError when the application's start-up fails.
    """
    config = uvicorn.Config(
        app, http=_Protocol, ws="none", lifespan="auto", log_config=None, access_log=False, proxy_headers=False
    )
    config.load()
    lifespan = LifespanOn(config)
    state = ServerState()
    await lifespan.startup()
    if lifespan.should_exit:
        raise RuntimeError("the application's start-up failed")
    try:
        server = await asyncio.get_running_loop().create_server(
            lambda: _Protocol(config=config, server_state=state, app_state=lifespan.state), sock=_listen(host, port)
        )
        address = server.sockets[0].getsockname()
        shown = f"[{address[0]}]" if ":" in address[0] else address[0]
        try:
            yield Served(url=f"http://{shown}:{address[1]}", host=address[0], port=address[1])
        finally:
            server.close()
            await _finish(state, grace)
    finally:
        await lifespan.shutdown()


def _listen(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE | socket.AI_NUMERICSERV
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setblocking(False)
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    return listener


async def _finish(state: ServerState, grace: float) -> None:
    """Close idle connections, let requests end, then cut what is left."""
    for connection in tuple(state.connections):
        connection.shutdown()
    if state.tasks:
        await asyncio.wait(tuple(state.tasks), timeout=grace)
    for connection in tuple(state.connections):
        connection.transport.abort()
    if state.tasks:
        # An aborted connection tells its application so; give it one turn to see that before cancelling.
        _, running = await asyncio.wait(tuple(state.tasks), timeout=0.1)
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running, timeout=1.0)
            log.warning("embedded_requests_cancelled", count=len(running))
    await asyncio.sleep(0)
