"""The driver: `kiosk.ports.devices.IdCardReader` over any line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from acme_reader.protocol import Unreadable, build, card_of, take
from drivers.transport.arrival import wait_return
from drivers.transport.base import ByteTransport
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.domain.identity import IdCard
from kiosk.ports.devices import DeviceStatus, Link

ANSWER_S = 1.0
EVERY_S = 0.2
_SHORTEST = 0.05
_LOST = (ErrorKind.OFFLINE, ErrorKind.PERMISSION, ErrorKind.BUSY, ErrorKind.NOT_OPEN)


class AcmeReader:
    """One question at a time; the status is kept, never asked for by `status()`."""

    device_id = "id_card"

    def __init__(
        self, line: ByteTransport, *, driver: str, answer_s: float = ANSWER_S, every_s: float = EVERY_S
    ) -> None:
        self.driver = driver
        self.simulated = line.simulated
        self.capabilities: Mapping[str, object] = {"card_kinds": ("resident",)}
        self._line = line
        self._answer_s = answer_s
        self._every_s = every_s
        self._turn = asyncio.Lock()
        self._wanted = self._connected = False
        self._status = DeviceStatus(Link.CLOSED, {"field": "unknown"})

    # --- life -----------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        self._wanted = True
        await self.check_alive()

    async def close(self) -> None:
        self._wanted = self._connected = False
        await self._line.close()
        self._status = DeviceStatus(Link.CLOSED, {"field": "unknown"})

    def status(self) -> DeviceStatus:
        return self._status

    async def check(self) -> DeviceStatus:
        if self._wanted:
            try:
                await self.check_alive()
            except DeviceError:
                return self._status  # `_ask` has put it there
        return self._status

    async def wait_return(self) -> None:
        """Lets the kiosk try again the moment the cable is back, instead of by the clock (`kiosk.ports.health.Returning`)."""
        await wait_return(self._line)

    async def check_alive(self) -> None:
        firmware = await self._ask("STATUS", "READY")
        self.capabilities = {**self.capabilities, "firmware": firmware[0] if firmware else "unknown"}

    # --- cards ----------------------------------------------------------------------------------------------------

    async def wait_card(self, deadline: float) -> IdCard:
        try:
            async with asyncio.timeout(max(deadline, _SHORTEST)):
                while not (fields := await self._look()):
                    await asyncio.sleep(self._every_s)
        except TimeoutError:
            raise DeviceError(ErrorKind.NO_MEDIA, self.device_id, f"No card came within {deadline:g} s.") from None
        try:
            return card_of(fields)
        except Unreadable as error:
            hint = f"Unusable data on the card: {error}."
            raise DeviceError(ErrorKind.MEDIA_BAD, self.device_id, hint, "CARD") from None

    async def present(self) -> bool:
        return bool(await self._look())

    async def wait_removed(self, deadline: float) -> bool:
        try:
            async with asyncio.timeout(max(deadline, _SHORTEST)):
                while await self._look():
                    await asyncio.sleep(self._every_s)
        except TimeoutError:
            return False
        return True

    # --- inside ---------------------------------------------------------------------------------------------------

    async def _look(self) -> list[str]:
        """The fields of the card that lies there; none when there is none."""
        fields = await self._ask("READ", "CARD", "NONE")
        self._status = DeviceStatus(Link.READY, {"field": "present" if fields else "empty"})
        return fields

    async def _ask(self, word: str, *answers: str) -> list[str]:
        """What stands behind the first of these answers. Keeps the status true; raises DeviceError."""
        async with self._turn, self._kept():
            if not self._wanted:
                raise DeviceError(ErrorKind.NOT_OPEN, self.device_id, "The reader is not open.")
            if not self._connected:
                await self._line.open()
                self._connected = True
            self._line.drain()  # the answer to a question that was broken off
            await self._line.write(build(word), self._answer_s)
            buffer = bytearray()
            end = asyncio.get_running_loop().time() + self._answer_s
            while True:
                left = end - asyncio.get_running_loop().time()
                buffer += await self._line.read(4096, max(left, 0.0))
                while (fields := take(buffer)) is not None:
                    if fields[0] in answers:
                        return fields[1:]

    @asynccontextmanager
    async def _kept(self) -> AsyncIterator[None]:
        try:
            yield
        except DeviceError as error:
            if error.kind in _LOST and self._connected:
                self._connected = False
                await self._line.close()
            if self._wanted:
                self._status = DeviceStatus(Link.OFFLINE, {"field": "unknown"}, error.hint, error.kind)
            raise DeviceError(error.kind, self.device_id, error.hint, error.native) from error
        if self._status.link is not Link.READY:
            self._status = DeviceStatus(Link.READY, {"field": "unknown"})
