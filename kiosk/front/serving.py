"""A front as a program of its own: uvicorn, TLS where certificates are named, and an end that loses nothing."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import ssl
from collections.abc import Callable, Iterator

import uvicorn

from config.front import Server
from config.settings import SettingsError
from kiosk.front.front import Front

_TO_END = (signal.SIGTERM, signal.SIGINT)


class _Server(uvicorn.Server):
    """The signals are ours: told to stop, the front ends with status 0."""

    announce: Callable[[], None]

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.announce()


async def run(front: Front, server: Server, announce: Callable[[str, int], None]) -> None:
    """Serve until SIGTERM or SIGINT. `announce` is told the address and how many orders were taken up, once connections are taken.

    Raises LedgerError, SettingsError (certificates), OSError (the address cannot be had).
    """
    tls = server.certificate_file is not None
    config = uvicorn.Config(
        front.app,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=500,
        timeout_graceful_shutdown=max(1, round(server.grace_s)),
        ssl_certfile=server.certificate_file,
        ssl_keyfile=str(server.certificate_key_file) if tls else None,
    )
    try:
        config.load()
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(f"{server.certificate_file}: the certificate or its key cannot be used: {error}.") from None
    listener, loop = _listen(server.host, server.port), asyncio.get_running_loop()
    with contextlib.closing(listener):
        serving = _Server(config)
        found = await front.open()
        try:
            address = listener.getsockname()
            shown = f"[{address[0]}]" if ":" in address[0] else address[0]
            serving.announce = lambda: announce(f"{'https' if tls else 'http'}://{shown}:{address[1]}", found)
            for name in _TO_END:
                loop.add_signal_handler(name, lambda: setattr(serving, "should_exit", True))
            await serving.serve(sockets=[listener])
        finally:
            await front.close()
            for name in _TO_END:
                loop.remove_signal_handler(name)


def _listen(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE | socket.AI_NUMERICSERV
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    return listener
