"""A card comes in: the slot opens, somebody waits, the card is drawn in; and it is closed again whatever happens."""

from __future__ import annotations

import asyncio

import structlog

from drivers.permit_unit.codes import GIVEN_BACK, JAMS, Code, Position, Trouble
from drivers.permit_unit.link import DEVICE, UnitRefusal
from drivers.permit_unit.messages import StatusBlock
from drivers.permit_unit.session import UnitSession
from kiosk.domain.errors import DeviceError, ErrorKind

_SHORTEST_LOOK = 0.2  # seconds: a caller whose deadline is 0 still gets one look
_ENTRY_S = 30
"""For how long the slot is opened at once; renewed while somebody waits, so that it closes by itself when nobody asks any more."""
_OUTSIDE = (Position.NONE, Position.MOUTH)
log = structlog.get_logger(__name__)


class Intake:
    """`accept` holds the turn only while it asks, so that the unit can be asked and told to stop meanwhile."""

    def __init__(self, session: UnitSession) -> None:
        self._session = session
        self._accepting = False
        self._renew_at = 0.0

    async def accept(self, deadline: float) -> None:
        """See the port. Also raises MEDIA_NOT_TAKEN while another card is inside, BUSY while somebody else accepts.

        Cancelled: the slot is closed before the cancellation goes on; a card that came in that moment stays, `place` tells.
        """
        if self._accepting:
            raise DeviceError(ErrorKind.BUSY, DEVICE, "The unit is waiting for a card already.")
        self._accepting, opened = True, False
        loop = asyncio.get_running_loop()
        end = loop.time() + max(deadline, _SHORTEST_LOOK)
        try:
            async with self._session.turn():
                status = await self._session.settled()
                if status.position not in _OUTSIDE:
                    raise _occupied(status)
                opened = True  # from here on the unit may have heard us
                await self._open_slot(end)
            while not came(self._session.seen, self._session.detail):
                if loop.time() >= end:
                    await self._last_look(deadline)
                    break
                heard = await self._session.news(min(self._session.patience.poll, end - loop.time()))
                await self._watch_slot(end, ask=not heard)
            opened = False
        finally:
            self._accepting = False
            if opened:
                await asyncio.shield(asyncio.create_task(self._stop_quietly(), name="permit-unit-slot"))

    async def stop(self) -> None:
        async with self._session.turn():
            await self._shut()

    async def _watch_slot(self, end: float, *, ask: bool) -> None:
        """Ask where no event came, and open the slot again where the unit closed it (its own time limit, a restart)."""
        seen = self._session.seen
        if seen is None or not (ask or (not seen.entry and not seen.busy)):
            return
        async with self._session.turn(asking=True):  # greets a unit that has restarted, and lets it look for its card
            status = await self._session.status()
            if status.position is Position.UNKNOWN and not status.busy:
                raise UnitRefusal(Trouble.SENSOR)
            idle = not status.busy and status.position in _OUTSIDE and status.reason not in GIVEN_BACK
            if idle and (not status.entry or asyncio.get_running_loop().time() >= self._renew_at):
                await self._open_slot(end)

    async def _last_look(self, deadline: float) -> None:
        """Time is over: close the slot. A card that came in that very moment is accepted."""
        async with self._session.turn():
            status = await self._shut()
            if status.busy or status.position is Position.MOVING:
                status = await self._session.settled()
        if not came(status, ""):
            if status.position is Position.UNKNOWN:
                raise UnitRefusal(Trouble.SENSOR)
            raise DeviceError(ErrorKind.NO_MEDIA, DEVICE, f"No card came within {deadline:g} s.")

    async def _open_slot(self, end: float) -> None:
        now = asyncio.get_running_loop().time()
        seconds = min(_ENTRY_S, max(2, int(end - now) + 2))
        self._renew_at = now + seconds / 2
        self._session.keep(await self._session.ask(Code.ENTRY, b"\x01" + seconds.to_bytes(2, "big")))

    async def _shut(self) -> StatusBlock:
        return self._session.keep(await self._session.ask(Code.ENTRY, b"\x00\x00\x00"))

    async def _stop_quietly(self) -> None:
        """Over a line that is bad for a moment, too: an open slot takes cards of which nobody knows whose they are."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._session.patience.shut
        while True:
            try:
                await self.stop()
                return
            except DeviceError as error:
                left = end - loop.time()
                if left <= 0 or error.kind is ErrorKind.NOT_OPEN:
                    log.warning("permit_unit_slot_not_closed", kind=error.kind.value, native=error.native)
                    return
            await asyncio.sleep(min(left, self._session.patience.poll))


def came(status: StatusBlock | None, loss: str) -> bool:
    """True when the card lies at the reader. Raises DeviceError when it will not come."""
    if status is None:
        raise DeviceError(ErrorKind.OFFLINE, DEVICE, loss or "The unit is lost.", "LOST")
    if status.busy or status.position is Position.MOVING:
        return False
    if status.position is Position.READER:
        return True
    if status.reason in GIVEN_BACK:
        raise UnitRefusal(status.reason)
    if status.position is Position.JAMMED:
        raise UnitRefusal(status.reason if status.reason in JAMS else Trouble.JAM_ENTRANCE)
    return False


def _occupied(status: StatusBlock) -> DeviceError:
    if status.position is Position.JAMMED:
        return UnitRefusal(status.reason if status.reason in JAMS else Trouble.JAM_READER)
    return DeviceError(ErrorKind.MEDIA_NOT_TAKEN, DEVICE, "Another card is still in the unit.", status.position.name)
