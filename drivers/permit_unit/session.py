"""A greeted connection with a permit unit: opened when it is needed, greeted again after the unit has restarted, its status kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import structlog

from drivers.link_state import LinkState
from drivers.permit_unit.codes import JAMS, MEANINGS, PROTOCOL_VERSION, Code, Event, Position, Trouble
from drivers.permit_unit.frames import Frame
from drivers.permit_unit.link import DEVICE, Patience, UnitLink, UnitRefusal
from drivers.permit_unit.messages import Hello, PayloadError, StatusBlock
from drivers.service import Service
from drivers.transport.base import ByteTransport
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import Link

_LOST = (ErrorKind.OFFLINE, ErrorKind.PERMISSION, ErrorKind.BUSY, ErrorKind.NOT_OPEN)
_ONCE = frozenset({Code.OUT, Code.KEEP, Code.WRITE, Code.PRINT})
"""Whoever gives these orders finds out first what became of them."""
_RESTARTED = (Trouble.NO_HELLO, Trouble.POWER)
_MECHANICAL = (ErrorKind.MEDIA_JAMMED, ErrorKind.HARDWARE)
_AWAY = (Link.OFFLINE, Link.OPENING, Link.CLOSED)
log = structlog.get_logger(__name__)


class UnitSession:
    """`turn()` gives one caller at a time a unit that answers; `ask()` is for the holder of the turn.

    `seen` is the newest status block, from an answer or an event; `news()` waits for the next one. `service` counts, and is told of
    whatever may have changed the driver's status.
    """

    def __init__(self, line: ByteTransport, patience: Patience, service: Service) -> None:
        self.patience = patience
        self.hello: Hello | None = None
        self.seen: StatusBlock | None = None
        """None: the unit has not been heard since the line was lost."""
        self.line = line
        self.service = service
        self.working = False
        """Somebody has the turn for more than a question."""
        self.link_state = LinkState(DEVICE, line, service.tell)
        self._link = UnitLink(line, patience, self._on_event, self._on_loss, service.count)
        self._lock = asyncio.Lock()
        self._jammed = False
        self._greeted = False
        self._waiters: set[asyncio.Future[None]] = set()

    @property
    def taken(self) -> bool:
        """Somebody has the turn."""
        return self._lock.locked()

    @property
    def lost_card(self) -> bool:
        """The unit rests, has been told to look for its card, and does not know where it is."""
        seen = self.seen
        unknown = seen is not None and not seen.busy and seen.position is Position.UNKNOWN
        return unknown and self._greeted and not self.working

    @property
    def wanted_open(self) -> bool:
        return self.link_state.wanted

    @property
    def state(self) -> Link:
        return self.link_state.link

    @property
    def detail(self) -> str:
        return self.link_state.detail

    async def open(self) -> None:
        self.link_state.wanted = True
        again = self._greeted  # a first greeting lets the unit look by itself
        async with self.turn():
            await self.status()
            if again:
                await self._find_card()

    async def close(self) -> None:
        self.link_state.wanted = self._greeted = False
        self.seen = None
        await self._link.close()
        self.link_state.note(Link.CLOSED)
        self._tell()

    async def restart(self) -> None:
        """Connect and greet as if for the first time, shut the slot, and let the unit look for a card it has lost or jammed.

        Raises DeviceError: what is still wrong afterwards.
        """
        async with self._lock:
            self._greeted = False
            await self._link.close()
        async with self.turn():
            status = self.keep(await self.ask(Code.ENTRY, b"\x00\x00\x00"))
            if status.position in (Position.JAMMED, Position.UNKNOWN):
                self.keep(await self.ask(Code.LOCATE, limit=self.patience.move))
                status = await self.settled()
            if status.position is Position.JAMMED:
                raise UnitRefusal(status.reason if status.reason in JAMS else Trouble.JAM_READER)
            if status.position is Position.UNKNOWN:
                raise UnitRefusal(Trouble.SENSOR)

    @asynccontextmanager
    async def turn(self, *, asking: bool = False) -> AsyncIterator[None]:
        """Raises DeviceError when the unit cannot be reached; whatever is raised inside is put into the status too.

        `asking`: only a question, for which nobody needs to be told that the unit is busy.
        """
        async with self._lock:
            self.working = not asking
            try:
                await self._ensure()
                yield
            except DeviceError as error:
                await self._note_error(error)
                raise
            except BaseException:  # cancelled: nothing new is known about the unit
                if self.state is Link.OPENING:
                    self.link_state.note(Link.OFFLINE, "Opening was broken off.")
                raise
            else:
                self.link_state.note(Link.READY)
            finally:
                self.working = False
                self.service.tell()

    async def ask(self, code: Code, payload: bytes = b"", limit: float | None = None) -> bytes:
        """One command; again after a greeting where the unit has restarted, later where it is busy, and once over a new connection
        where the line broke and doing it twice does no harm. Raises DeviceError.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + (self.patience.quick if limit is None else limit)
        greeted = reconnected = False
        while True:
            try:
                return await self._link.ask(code, payload, max(self.patience.silence, end - loop.time()))
            except UnitRefusal as refusal:
                if refusal.trouble in _RESTARTED and not greeted:
                    greeted = True
                    log.info("permit_unit_restarted", line=self.line.name)
                    await self._greet()
                    if code in _ONCE:
                        raise DeviceError(ErrorKind.HARDWARE, DEVICE, MEANINGS[Trouble.POWER].text, "E30") from refusal
                elif refusal.trouble is Trouble.BUSY and loop.time() + self.patience.poll < end:
                    await asyncio.sleep(self.patience.poll / 2)
                else:
                    raise
            except DeviceError as error:
                if error.kind is not ErrorKind.OFFLINE or reconnected or code in _ONCE:
                    raise
                reconnected = True
                self._greeted = False
                await self._link.close()
                await asyncio.sleep(self.patience.poll)  # an adapter that fell off comes back under its name
                await self._ensure()

    async def status(self) -> StatusBlock:
        """Ask the sensors."""
        return self.keep(await self.ask(Code.STATUS))

    def keep(self, payload: bytes) -> StatusBlock:
        """A status block that came as an answer."""
        try:
            self.seen = StatusBlock.read(payload)
        except PayloadError as error:
            self.service.count("bad_answers")
            raise malformed(error) from None
        self._tell()
        return self.seen

    async def settled(self, limit: float | None = None) -> StatusBlock:
        """The status once nothing moves any more."""
        loop = asyncio.get_running_loop()
        end = loop.time() + (self.patience.move if limit is None else limit)
        while True:
            status = await self.status()
            if not status.busy and status.position is not Position.MOVING:
                return status
            if loop.time() >= end:
                raise DeviceError(ErrorKind.TIMEOUT, DEVICE, "The unit does not come to rest.", "MOVING")
            await self.news(self.patience.poll)

    async def news(self, seconds: float) -> bool:
        """True at the next status block or loss; False when `seconds` have passed without."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await waiter
        except TimeoutError:
            return False
        finally:
            self._waiters.discard(waiter)
        return True

    # --- inside ---------------------------------------------------------------------------------------------------

    async def _ensure(self) -> None:
        if not self.link_state.wanted:
            raise DeviceError(ErrorKind.NOT_OPEN, DEVICE, "The unit is not open.")
        if self._link.up and self._greeted:
            return
        if self.state is Link.CLOSED:
            self.link_state.note(Link.OPENING)
        if not self._link.up:
            try:
                await self._link.open()
            except DeviceError as error:
                raise DeviceError(error.kind, DEVICE, error.hint, error.native) from error
        await self._greet()

    async def _greet(self) -> None:
        """HELLO, and where the unit does not know where its card is, let it look. Raises DeviceError."""
        self._greeted = False
        answer = await self._link.ask(Code.HELLO, bytes((PROTOCOL_VERSION,)), self.patience.quick)
        try:
            hello = Hello.read(answer)
        except PayloadError as error:
            raise malformed(error) from None
        if hello.version != PROTOCOL_VERSION:
            hint = f"The unit speaks version {hello.version} of the protocol, this driver version {PROTOCOL_VERSION}."
            raise DeviceError(ErrorKind.UNSUPPORTED, DEVICE, hint, f"V{hello.version}")
        self.hello, self.seen = hello, hello.status
        self._greeted = True
        self.service.count("opens")
        await self._find_card()
        self._tell()

    async def _find_card(self) -> None:
        if self.seen is not None and self.seen.position is Position.UNKNOWN and not self.seen.busy:
            self.working = True
            try:
                self.keep(await self._link.ask(Code.LOCATE, b"", self.patience.move))
            except UnitRefusal as refusal:  # jammed, or a dead sensor: the status says so
                log.warning("permit_unit_cannot_find_card", native=refusal.native)
                self.keep(await self._link.ask(Code.STATUS, b"", self.patience.quick))

    def _on_event(self, frame: Frame) -> None:
        try:
            self.seen = StatusBlock.read(frame.payload)
        except PayloadError:
            log.info("permit_unit_bad_event", code=frame.code)
            return
        if frame.code == Event.POWER and self._greeted:
            self._greeted = False
            self._link.abandon(UnitRefusal(Trouble.POWER))
        self._tell()

    def _on_loss(self, error: DeviceError) -> None:
        self._gone(error)

    def _gone(self, error: DeviceError) -> None:
        self.service.count("losses", int(self.state not in _AWAY))
        self._greeted, self.seen = False, None
        self.link_state.note(Link.OFFLINE, error.hint, error.kind)
        self._tell()

    def _tell(self) -> None:
        jammed = self.seen is not None and self.seen.position is Position.JAMMED
        self.service.count("jams", int(jammed and not self._jammed))
        self._jammed = jammed
        self.service.tell()
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def _note_error(self, error: DeviceError) -> None:
        if isinstance(error, UnitRefusal):  # it answers: what is wrong with it is in the status block
            if error.kind in _MECHANICAL:
                await self._see_what_is_wrong()
            self.link_state.note(Link.READY)
        elif error.kind in _LOST:
            await self._link.close()
            self._gone(error)
        elif error.kind is ErrorKind.TIMEOUT and error.native == "TIMEOUT":
            self._gone(error)
        elif error.kind in (ErrorKind.PROTOCOL, ErrorKind.UNSUPPORTED):
            self.link_state.note(Link.FAULT if not self._greeted else Link.DEGRADED, error.hint, error.kind)
        else:
            self.link_state.note(Link.READY)

    async def _see_what_is_wrong(self) -> None:
        """A refusal only names the trouble; where the card is now, the sensors tell."""
        try:
            self.keep(await self._link.ask(Code.STATUS, b"", self.patience.quick))
        except DeviceError as error:
            log.info("permit_unit_asked_in_vain", kind=error.kind.value)


def malformed(error: PayloadError) -> DeviceError:
    return DeviceError(ErrorKind.PROTOCOL, DEVICE, f"An answer cannot be read: {error}.", "PAYLOAD")


def parts(status: StatusBlock | None) -> Mapping[str, str]:
    """`media`, `bin` and `shutter` in the words of the port."""
    if status is None:
        return {"media": "unknown", "bin": "unknown", "shutter": "unknown"}
    media = "unknown" if status.position is Position.MOVING else status.position.name.lower()
    return {"media": media, "bin": status.bin.name.lower(), "shutter": status.shutter.name.lower()}
