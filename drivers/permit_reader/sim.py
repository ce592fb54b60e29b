"""The virtual card in this process, behind the wire of a virtual reader: what crosses are the very bytes vpcd would carry.

The line is the field: it answers the order for an ATR once a card lies there, and hangs up when the card leaves.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable

import structlog

from drivers.permit_reader.channel import DEVICE, Media, Slot, goes_on, trouble
from drivers.permit_reader.vicc import ATR, OFF, ON, Deframer, frame
from drivers.simulator import Simulator
from drivers.transport.memory import MemoryLine
from kiosk.domain.errors import DeviceError, ErrorKind

_CHUNK = 64 * 1024
_WRITE = 1.0
_SHORTEST_LOOK = 0.05
log = structlog.get_logger(__name__)


class SimChannel:
    """Implements `CardChannel`."""

    simulated = True
    name = "simulated"

    def __init__(self, simulator: Simulator) -> None:
        self._line = MemoryLine(simulator)
        self._deframer = Deframer()
        self._waiting: list[bytes] = []
        self._slot = Slot(up=False)

    async def open(self) -> None:
        await self._bring_up()
        self._slot = Slot(up=True, reader=self.name)

    async def close(self) -> None:
        await self._line.close()
        self._slot = Slot(up=False)

    def slot(self) -> Slot:
        return self._slot

    async def connect(self, deadline: float) -> bytes:
        loop = asyncio.get_running_loop()
        end = loop.time() + max(deadline, _SHORTEST_LOOK)
        while True:
            await self._bring_up()
            try:
                await self._line.write(frame(bytes((ON,))) + frame(bytes((ATR,))), _WRITE)
                atr = await self._message(end - loop.time())
            except DeviceError as error:
                if error.kind is ErrorKind.TIMEOUT:
                    self._slot = Slot(up=True, media=Media.EMPTY, reader=self.name)
                    await (
                        self._line.close()
                    )  # the order for an ATR still stands: a late answer must not meet the next one
                    raise trouble(ErrorKind.NO_MEDIA, f"No chip answered within {deadline:g} s.") from error
                if error.kind is not ErrorKind.OFFLINE:
                    raise self._lost(error) from error
                continue  # a card came and went: the line of the next one begins anew, or cannot be opened at all
            self._slot = Slot(up=True, media=Media.PRESENT, reader=self.name)
            return atr

    async def transmit(self, commands: Iterable[bytes], deadline: float) -> AsyncGenerator[tuple[bytes, bytes], None]:
        for command in commands:
            try:
                await self._line.write(frame(command), _WRITE)
                answer = await self._message(deadline)
            except DeviceError as error:
                if error.kind is ErrorKind.OFFLINE:
                    self._slot = Slot(up=True, media=Media.EMPTY, reader=self.name)
                    raise trouble(ErrorKind.MEDIA_REMOVED, "The card left the reader.", error.native) from error
                if error.kind is ErrorKind.TIMEOUT:
                    raise trouble(ErrorKind.TIMEOUT, f"The chip did not answer for {deadline:g} s.", "MUTE") from error
                raise self._lost(error) from error
            yield command, answer
            if not goes_on(answer):
                return

    async def release(self) -> None:
        """Power off, then hang up: a late answer of this card can reach nobody."""
        try:
            await self._line.write(frame(bytes((OFF,))), _WRITE)
        except DeviceError as error:
            log.debug("permit_chip_left", reason=error.kind.value)
        await self._line.close()

    async def _bring_up(self) -> None:
        if self._line.is_open:
            await self._line.close()
        self._deframer.reset()
        self._waiting.clear()
        try:
            await self._line.open()
        except DeviceError as error:
            raise self._lost(error) from error

    async def _message(self, deadline: float) -> bytes:
        loop = asyncio.get_running_loop()
        end = loop.time() + deadline
        while not self._waiting:
            self._waiting += self._deframer.feed(await self._line.read(_CHUNK, max(0.0, end - loop.time())))
        return self._waiting.pop(0)

    def _lost(self, error: DeviceError) -> DeviceError:
        self._slot = Slot(up=False, detail=error.hint)
        return DeviceError(ErrorKind.OFFLINE, DEVICE, error.hint, error.native)
