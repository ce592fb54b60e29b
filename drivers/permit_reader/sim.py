"""The virtual card in this process, behind the wire of a virtual reader: what crosses are the very bytes vpcd would carry.

The line is the field: it answers the order for an ATR once a card lies there, and hangs up when the card leaves. Where the card lies is
known without asking, as a PC/SC service tells it; the simulator's faults of that service strike here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable

import structlog

from drivers.permit_reader.channel import DEVICE, Media, ServiceAnswer, Slot, goes_on, trouble
from drivers.permit_reader.pcsc_codes import SHARING, text
from drivers.permit_reader.vicc import ATR, OFF, ON, Deframer, frame
from drivers.service import Service
from drivers.simulator import Simulator
from drivers.transport.memory import MemoryLine
from kiosk.domain.errors import DeviceError, ErrorKind

_CHUNK = 64 * 1024
_WRITE = 1.0
_SHORTEST_LOOK = 0.05
_POWER_CYCLE = 1.0
_NO_SERVICE = 0x8010001D
log = structlog.get_logger(__name__)


class SimChannel:
    """Implements `CardChannel`."""

    simulated = True
    name = "simulated"

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._line = MemoryLine(simulator)
        self._deframer = Deframer()
        self._waiting: list[bytes] = []
        self._wanted = False
        self._media = Media.UNKNOWN
        """Of a simulator that does not say what lies there: as seen at the last attempt."""
        self._service: Service | None = None
        self._told: Callable[[], None] = lambda: None
        self._was_up = False
        self._deaf: Callable[[], None] | None = None

    def attend(self, service: Service, noticed: Callable[[], None]) -> None:
        self._service, self._told = service, noticed

    async def open(self) -> None:
        self._wanted = True
        self._deaf = self._deaf or self._simulator.listen(self._noticed)
        self._require_service()
        await self._bring_up()
        self._noticed()

    async def restart(self) -> None:
        await self._line.close()
        await self.open()
        if self.slot().media is Media.PRESENT:
            try:
                await self.connect(_POWER_CYCLE)
            except DeviceError as error:
                if error.kind is not ErrorKind.NO_MEDIA:
                    raise
            await self.release()

    async def wait_return(self) -> None:
        if self._look().up:
            await self._line.wait_return()
        while not self._look().up:
            await self._simulator.wait_plugged()
            await self._simulator.faults.wait_cleared("PCSC.NO_SERVICE")

    async def ask_service(self, deadline: float) -> ServiceAnswer:
        now = asyncio.get_running_loop().time
        asked = now()
        self._require_service()
        if not self._line.is_open:
            await self._bring_up()
        return ServiceAnswer(self.name, now() - asked)

    async def close(self) -> None:
        await self._line.close()
        if self._deaf is not None:
            self._deaf()
            self._deaf = None
        self._wanted, self._media = False, Media.UNKNOWN
        self._noticed()

    def slot(self) -> Slot:
        return self._look() if self._wanted else Slot(up=False)

    def _look(self) -> Slot:
        """What the service would tell."""
        if self._simulator.faults.active("PCSC.NO_SERVICE"):
            return Slot(up=False, detail=f"The PC/SC service does not answer ({text(_NO_SERVICE)}).")
        if not self._simulator.plugged:
            return Slot(up=False, detail="No PC/SC reader is connected.")
        answers = getattr(self._simulator, "answers", None)
        media = self._media if answers is None else Media.PRESENT if answers else Media.EMPTY
        return Slot(up=True, media=media, reader=self.name)

    def _noticed(self) -> None:
        up = self.slot().up
        if self._service is not None:
            self._service.count("losses", int(self._was_up and self._wanted and not up))
        self._was_up = up
        self._told()

    def _require_service(self) -> None:
        slot = self._look()
        if not slot.up:
            native = text(_NO_SERVICE) if self._simulator.plugged else "NO_READER"
            raise trouble(ErrorKind.OFFLINE, slot.detail, native)

    async def connect(self, deadline: float) -> bytes:
        loop = asyncio.get_running_loop()
        end = loop.time() + max(deadline, _SHORTEST_LOOK)
        while True:
            self._require_service()
            if self._simulator.faults.take("PCSC.EXCLUSIVE"):
                raise trouble(ErrorKind.BUSY, "Another program holds the reader for itself.", text(SHARING))
            await self._bring_up()
            try:
                await self._line.write(frame(bytes((ON,))) + frame(bytes((ATR,))), _WRITE)
                atr = await self._message(end - loop.time())
            except DeviceError as error:
                if error.kind is ErrorKind.TIMEOUT:
                    self._media = Media.EMPTY
                    await (
                        self._line.close()
                    )  # the order for an ATR still stands: a late answer must not meet the next one
                    raise trouble(ErrorKind.NO_MEDIA, f"No chip answered within {deadline:g} s.") from error
                if error.kind is not ErrorKind.OFFLINE:
                    raise _offline(error) from error
                continue  # a card came and went: the line of the next one begins anew, or cannot be opened at all
            self._media = Media.PRESENT
            return atr

    async def transmit(self, commands: Iterable[bytes], deadline: float) -> AsyncGenerator[tuple[bytes, bytes], None]:
        for command in commands:
            self._require_service()
            if self._service is not None:
                self._service.count("commands")
            try:
                await self._line.write(frame(command), _WRITE)
                answer = await self._message(deadline)
            except DeviceError as error:
                if error.kind is ErrorKind.OFFLINE:
                    self._media = Media.EMPTY
                    raise trouble(ErrorKind.MEDIA_REMOVED, "The card left the reader.", error.native) from error
                if error.kind is ErrorKind.TIMEOUT:
                    raise trouble(ErrorKind.TIMEOUT, f"The chip did not answer for {deadline:g} s.", "MUTE") from error
                raise _offline(error) from error
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
            raise _offline(error) from error

    async def _message(self, deadline: float) -> bytes:
        loop = asyncio.get_running_loop()
        end = loop.time() + deadline
        while not self._waiting:
            self._waiting += self._deframer.feed(await self._line.read(_CHUNK, max(0.0, end - loop.time())))
        return self._waiting.pop(0)


def _offline(error: DeviceError) -> DeviceError:
    return DeviceError(ErrorKind.OFFLINE, DEVICE, error.hint, error.native)
