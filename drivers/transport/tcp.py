"""A TCP line: network printers (raw port 9100), serial-to-Ethernet boxes, simulators in another process."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from typing import Any

from drivers.transport.fd import FdTransport
from kiosk.domain.errors import DeviceError, ErrorKind

PROBE_EVERY = 0.75
"""Seconds between two attempts to reach a host that is gone: a machine must be ready again a second after its device is."""


class TcpTransport(FdTransport):
    """Connects to `host`:`port` within `connect_timeout` seconds (name look-up included).

    Keep-alive probes notice a dead peer after about 11 s of silence.
    """

    def __init__(self, host: str, port: int, *, connect_timeout: float = 3.0) -> None:
        super().__init__(f"{host}:{port}")
        self.host = host
        self.port = port
        self._connect_timeout = connect_timeout
        self._socket: socket.socket | None = None
        self._reached = False
        """The host took the last connection."""

    async def _acquire(self) -> int:
        self._reached = False
        try:
            self._socket = await self._reach(self._connect_timeout)
        except TimeoutError:
            raise DeviceError(
                ErrorKind.OFFLINE, self.name, f"No connection to {self.name} within {self._connect_timeout:g} s."
            ) from None
        self._reached = True
        return self._socket.fileno()

    async def _reach(self, within: float) -> socket.socket:
        """Raises TimeoutError, OSError, DeviceError."""
        async with asyncio.timeout(within):
            try:
                found = await asyncio.get_running_loop().getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
            except socket.gaierror as error:
                raise DeviceError(ErrorKind.OFFLINE, self.name, f"The host name {self.host} is not known.") from error
            return await self._connect(found)

    async def _returned(self) -> None:
        """Knock again and again. A connection that stands is left alone: many boxes take one only, and a second ends the first."""
        loop = asyncio.get_running_loop()
        gone = not self._reached or self.was_cut
        while True:
            next_at = loop.time() + PROBE_EVERY
            if not self.is_open or self.was_cut:
                try:
                    (await self._reach(PROBE_EVERY)).close()
                except (OSError, DeviceError):  # TimeoutError is an OSError
                    gone = True
                else:
                    if gone:
                        return
            await asyncio.sleep(max(0.0, next_at - loop.time()))

    async def _connect(self, found: Sequence[tuple[int, int, int, str, Any]]) -> socket.socket:
        last: OSError | None = None
        for family, kind, protocol, _, address in found:
            sock = socket.socket(family, kind, protocol)
            try:
                sock.setblocking(False)
                await asyncio.get_running_loop().sock_connect(sock, address)
                _tune(sock)
            except OSError as error:
                sock.close()
                last = error
            except BaseException:  # cancelled or timed out: the half-open socket must not stay, nor be watched
                asyncio.get_running_loop().remove_writer(sock.fileno())
                sock.close()
                raise
            else:
                return sock
        raise last or OSError("no address")

    def _release(self, fd: int) -> None:
        sock, self._socket = self._socket, None
        if sock is not None:
            sock.close()


def _tune(sock: socket.socket) -> None:
    # A small send buffer: what we call written has mostly reached the device, which matters when a printer stops.
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 32 * 1024)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", 5), ("TCP_KEEPINTVL", 2), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, option):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
