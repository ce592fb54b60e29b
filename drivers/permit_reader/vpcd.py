"""The virtual card before a real PC/SC service: a client of vsmartcard's vpcd, which pcscd sees as a reader.

A connection is a card: it is made when a card comes before the reader and closed when the card leaves. vpcd sends the length and the
message in two segments; without TCP_QUICKACK the kernel holds its acknowledgement back and each command takes 40 ms longer.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket

import structlog

from drivers.permit_reader.simulator import PermitChipSimulator
from drivers.transport.host import attend
from drivers.transport.wire import FdWire
from drivers.virtual_permit import VirtualPermit

PORT = 35963
_RETRY, _RETRY_MAX = 0.1, 2.0
log = structlog.get_logger(__name__)


class QuickWire(FdWire):
    """A TCP wire that acknowledges at once. The kernel forgets the wish, so it is told after each read."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__(connection.fileno(), connection.close)
        self._connection = connection
        self._hurry()

    async def read(self) -> bytes:
        data = await super().read()
        if data:
            self._hurry()
        return data

    def _hurry(self) -> None:
        quick = getattr(socket, "TCP_QUICKACK", None)  # Linux only
        if quick is not None and self.fd is not None:
            with contextlib.suppress(OSError):  # hung up in the meantime: nothing left to acknowledge
                self._connection.setsockopt(socket.IPPROTO_TCP, quick, 1)


async def serve_vpcd(card: PermitChipSimulator | VirtualPermit, host: str = "127.0.0.1", port: int = PORT) -> None:
    """Be the card in that virtual reader until cancelled: whatever card the simulator holds, or this one for ever.

    While vpcd is away it is tried again, 0.1 s doubling to 2 s.
    """
    if isinstance(card, VirtualPermit):
        simulator = PermitChipSimulator()
        simulator.hold(card)
    else:
        simulator = card
    wait = _RETRY
    while True:
        await simulator.wait_plugged()
        seen = simulator.card
        if not simulator.answers:
            await simulator.wait_moved(seen)
            continue
        connection = await _connect(host, port)
        if connection is None:
            await asyncio.sleep(wait)
            wait = min(2 * wait, _RETRY_MAX)
            continue
        wait = _RETRY
        log.info("virtual_card_in_reader", host=host, port=port)
        await attend(simulator, QuickWire(connection))


async def _connect(host: str, port: int) -> socket.socket | None:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    family, kind, protocol, _, address = found[0]
    connection = socket.socket(family, kind, protocol)
    try:
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await loop.sock_connect(connection, address)
    except OSError as error:
        connection.close()
        log.debug("virtual_reader_away", error=type(error).__name__)
        return None
    except BaseException:
        connection.close()
        raise
    return connection
