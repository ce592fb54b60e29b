"""A simulator on an in-process line. The driver above it runs the same code as on a real one: the line is a socket pair."""

from __future__ import annotations

import asyncio
import socket

from drivers.simulator import Simulator
from drivers.transport.arrival import Replug
from drivers.transport.fd import FdTransport
from drivers.transport.host import attend
from drivers.transport.wire import FdWire
from kiosk.domain.errors import DeviceError, ErrorKind

_OPENING_FAULTS = (
    ("LINE.REFUSE", ErrorKind.OFFLINE, "The simulated device refused the connection.", "ECONNREFUSED"),
    ("LINE.PERMISSION", ErrorKind.PERMISSION, "No permission to open the simulated device.", "EACCES"),
    ("LINE.BUSY", ErrorKind.BUSY, "The simulated device is in use by another program.", "EBUSY"),
)


class MemoryLine(FdTransport):
    """`ByteTransport` whose other end is `simulator`. May be opened again after close, hang-up or unplug."""

    simulated = True

    def __init__(self, simulator: Simulator) -> None:
        super().__init__("simulated")
        self.simulator = simulator
        self._socket: socket.socket | None = None
        self._wire: FdWire | None = None
        self._line: asyncio.Task[None] | None = None
        self._plug = Replug(simulator)

    async def _acquire(self) -> int:
        self._plug.note()
        if not self.simulator.plugged:
            raise DeviceError(ErrorKind.OFFLINE, self.name, "The simulated device is unplugged.", "ENOENT")
        for fault_id, kind, hint, native in _OPENING_FAULTS:
            if self.simulator.faults.take(fault_id):
                raise DeviceError(kind, self.name, hint, native)
        ours, theirs = socket.socketpair()
        for end in (ours, theirs):  # small buffers: a device that takes no more bytes is noticed soon
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        self._socket = ours
        self._wire = FdWire(theirs.fileno(), theirs.close)
        self._line = asyncio.create_task(attend(self.simulator, self._wire))
        return ours.fileno()

    async def _returned(self) -> None:
        await self._plug.wait(cut=self.was_cut)

    def _release(self, fd: int) -> None:
        sock, self._socket = self._socket, None
        if sock is not None:
            sock.close()

    async def close(self) -> None:
        await super().close()
        line, self._line = self._line, None
        wire, self._wire = self._wire, None
        if line is not None and wire is not None:
            line.cancel()
            await wire.hang_up()  # `attend` does it too, but not if it is cancelled before it began
            await asyncio.gather(line, return_exceptions=True)  # a crash was logged by `attend`
