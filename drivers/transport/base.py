"""The seam every driver stands on: a line that carries bytes. Real lines and simulated ones look the same from above.

A *transport* is the driver's end of the line; a *wire* is the simulator's end. A simulator never knows which transport is
at the other end, and a driver never knows whether a machine or a simulator answers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable


class ByteTransport(Protocol):
    """The driver's end. Deadlines are seconds from the call; all calls belong to the event loop's thread.

    Errors are `DeviceError`: OFFLINE (cannot be opened, hung up, unplugged), PERMISSION, BUSY (claimed by another process),
    TIMEOUT (nothing came, or the other side does not take our bytes), NOT_OPEN.
    """

    name: str
    """For people: /dev/ttyS1@115200, 10.0.0.8:9100, simulated."""
    simulated: bool

    async def open(self) -> None: ...

    async def close(self) -> None:
        """Idempotent, never raises; wakes a pending read with OFFLINE."""
        ...

    async def write(self, data: bytes, deadline: float) -> None:
        """Hand over all of `data`, or raise TIMEOUT (part may have gone)."""
        ...

    async def read(self, limit: int, deadline: float) -> bytes:
        """At least one and at most `limit` bytes. Raises TIMEOUT when none came in time."""
        ...

    def drain(self) -> bytes:
        """Throw away what has come in but was not read; returns it for the log of technicians."""
        ...


@runtime_checkable
class BaudLine(Protocol):
    """A `ByteTransport` whose speed can be changed, open or not: a serial line."""

    baud: int

    def set_baud(self, baud: int) -> None:
        """Raises DeviceError CONFIG (the port does not take this speed) or OFFLINE."""
        ...


@runtime_checkable
class TellsLoss(Protocol):
    """A `ByteTransport` that notices by itself when the other side ends the line."""

    def on_loss(self, told: Callable[[], None]) -> None:
        """Call `told` on the loop when the line is lost, used or idle. Closing it is no loss. One listener, the driver."""
        ...


class Wire(Protocol):
    """The simulator's end of a line."""

    async def read(self) -> bytes:
        """Some bytes, b"" once the driver hung up."""
        ...

    async def write(self, data: bytes) -> None: ...

    async def hang_up(self) -> None: ...
