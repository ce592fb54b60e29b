"""A real reader behind the PC/SC service (pcscd, winscard): which reader, which card, and what each of PC/SC's codes means.

Measured with pcscd 1.9.9: a pulled card is told as 0x80100069 or as an answer without status; a service that dies as 0x80100013, then
0x8010001D; a card that never answers holds SCardTransmit for ever, so the worker is killed after the deadline and started anew.

The worker watches readers and cards by itself (SCardGetStatusChange), outlives the service, and is replaced when it ends: `slot` is true
without anybody asking.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator

import structlog

from drivers.permit_reader.channel import Media, ServiceAnswer, Slot, goes_on, trouble
from drivers.permit_reader.pcsc_codes import NO_CARD, NO_SERVICE, SHARING, failed, text
from drivers.permit_reader.pcsc_keeper import PcscKeeper, library_there
from drivers.permit_reader.pcsc_link import (
    ANSWERED,
    BATCH_BYTES,
    CONNECT,
    CONNECTED,
    FLUSH,
    PING,
    PONG,
    RELEASE,
    RELEASED,
    ReaderSlot,
    pack,
    unpack,
)
from drivers.permit_reader.pcsc_process import PcscProcess, WorkerGone
from drivers.service import Service
from kiosk.domain.errors import DeviceError, ErrorKind

START_TIMEOUT = 10.0
_RETRY = 0.2
_FIRST_GROUP, _GROUP = 4, 64
_RELEASE = 2.0
_SETTLE = 1.0
"""More than two of the looks pcscd takes at a slot."""
_SHORTEST_LOOK = 0.05
_POWER_CYCLE = 1.0
_COMING_BACK = 1.5
_WORKER_GONE = -1  # no code of PC/SC's
log = structlog.get_logger(__name__)


class PcscChannel:
    """Implements `CardChannel`. `part`: what the reader's name contains (any case); empty takes the first that has a card.

    `start_timeout`: seconds until the worker tells of the service for the first time. `call_timeout`: seconds a connection to a card
    may take.
    """

    simulated = False

    def __init__(self, part: str = "", *, start_timeout: float = START_TIMEOUT, call_timeout: float = 5.0) -> None:
        self.name = part or "PC/SC"
        self._part = part.casefold()
        self._call_timeout = call_timeout
        self._keeper = PcscKeeper(start_timeout, self._changed, lambda before: self._count("restarts", int(before > 0)))
        self._service: Service | None = None
        self._told: Callable[[], None] = lambda: None
        self._was_up = False
        self._connected = ""
        self._touched: PcscProcess | None = None
        """The worker that was told to connect, and not yet to let go."""
        self._settled_at = 0.0
        self._batch = 0

    # --- life -----------------------------------------------------------------------------------------------------

    def attend(self, service: Service, noticed: Callable[[], None]) -> None:
        self._service, self._told = service, noticed

    async def open(self) -> None:
        self._keeper.wanted = True
        if not library_there():
            raise trouble(ErrorKind.CONFIG, "The pyscard library is not installed.", "PYSCARD")
        await self._keeper.ensure()
        self._require_up()

    async def restart(self) -> None:
        self._discard()
        await self.open()
        if self.slot().media is Media.PRESENT:
            try:
                await self.connect(_POWER_CYCLE)
            except DeviceError as error:
                # What lies there may give no answer; the reader is up all the same.
                if error.kind is not ErrorKind.NO_MEDIA:
                    raise
            await self.release()

    async def wait_return(self) -> None:
        """A worker watches meanwhile, also for a channel that is closed; closing it (again) ends the waiting."""
        self._keeper.wanted = True
        self._keeper.revive()
        while self._keeper.wanted and not self.slot().up:
            await self._keeper.wait_change(None)

    async def ask_service(self, deadline: float) -> ServiceAnswer:
        await self._keeper.ensure()
        process = self._keeper.process
        assert process is not None
        now = asyncio.get_running_loop().time
        asked = now()
        try:
            process.send(PING)
            code, name = await process.answer(PONG, deadline)
        except TimeoutError:
            self._discard()
            raise trouble(ErrorKind.TIMEOUT, f"The PC/SC service did not answer for {deadline:g} s.", "PING") from None
        except WorkerGone:
            raise trouble(ErrorKind.OFFLINE, "The PC/SC worker ended.", "WORKER") from None
        if code:
            raise trouble(ErrorKind.OFFLINE, f"The PC/SC service does not answer (0x{code:08X}).", text(code))
        self._require_up()
        return ServiceAnswer(name.decode(), now() - asked)

    async def close(self) -> None:
        self._connected, self._touched = "", None
        await self._keeper.close()

    def slot(self) -> Slot:
        slots, readers = self._keeper.slots, self._readers()
        if slots is None or self._keeper.process is None:
            return Slot(up=False, detail="The PC/SC worker is not running.")
        if slots.code:
            return Slot(up=False, detail=f"The PC/SC service does not answer (0x{slots.code:08X}).")
        if not readers:
            return Slot(
                up=False, detail=f"No PC/SC reader{f' named {self.name!r}' if self._part else ''} is connected."
            )
        found = next((reader for reader in readers if reader.present), None)
        media = Media.PRESENT if found else Media.EMPTY
        return Slot(up=True, media=media, reader=(found or readers[0]).name)

    async def _wait_up(self, until: float) -> None:
        """A service that is just being started anew is worth a moment. Raises OFFLINE."""
        while not self.slot().up and await self._keeper.wait_change(until):
            await self._keeper.ensure()
        self._require_up()

    def _require_up(self) -> None:
        slot = self.slot()
        if not slot.up:
            code = self._keeper.slots.code if self._keeper.slots else 0
            raise trouble(ErrorKind.OFFLINE, slot.detail, text(code) if code else "NO_READER")

    # --- one card -------------------------------------------------------------------------------------------------

    async def connect(self, deadline: float) -> bytes:
        loop = asyncio.get_running_loop()
        began = loop.time()
        end = began + max(deadline, _SHORTEST_LOOK)
        await self._settle()
        last = 0
        while True:
            await self._keeper.ensure()  # one that was lost in the meantime is replaced: no card has been touched yet
            await self._wait_up(min(end, began + _COMING_BACK))
            for reader in self._readers():
                if not reader.present or reader.mute:
                    continue
                last = await self._ask_card(reader)
                if last == _WORKER_GONE:
                    break
                if not last:
                    self._connected = reader.name
                    return bytes.fromhex(reader.atr)
                if last not in (*NO_CARD, SHARING):
                    log.info("permit_reader_connect_failed", native=text(last))
            until = min(end, loop.time() + _RETRY) if last else end
            if not await self._keeper.wait_change(until) and loop.time() >= end:
                break
        if last == SHARING:
            raise trouble(ErrorKind.BUSY, "Another program holds the reader for itself.", text(last))
        if last == _WORKER_GONE:
            raise trouble(ErrorKind.OFFLINE, "The PC/SC worker ended again and again.", "WORKER")
        if last and last not in NO_CARD:
            raise trouble(ErrorKind.NO_MEDIA, "The card in the reader cannot be switched on.", text(last))
        raise trouble(ErrorKind.NO_MEDIA, f"No chip answered within {deadline:g} s.")

    async def transmit(self, commands: Iterable[bytes], deadline: float) -> AsyncGenerator[tuple[bytes, bytes], None]:
        process = self._touched  # not the one that may have replaced it meanwhile: that one has no card
        if process is None or not self._connected:
            raise trouble(ErrorKind.MEDIA_REMOVED, "There is no card.", "NOT_CONNECTED")
        self._batch += 1
        sent: list[bytes] = []
        try:
            for group in _groups(commands):
                sent += group
                self._count("commands", len(group))
                process.send(pack(self._batch, group))
            at = 0
            while at < len(sent):
                code, packed = await process.answer(ANSWERED, deadline + FLUSH)
                for answer in unpack(packed):
                    yield sent[at], answer
                    at += 1
                    if not goes_on(answer):
                        return
                if code:
                    raise self._failed(code)
        except TimeoutError:
            self._discard()
            raise trouble(ErrorKind.TIMEOUT, f"The chip did not answer for {deadline:g} s.", "MUTE") from None
        except WorkerGone:
            raise trouble(ErrorKind.OFFLINE, "The PC/SC worker ended.", "WORKER") from None

    async def release(self) -> None:
        process, self._connected, self._touched = self._touched, "", None
        if process is None or not process.alive:
            return
        try:
            process.send(RELEASE)
            await process.answer(RELEASED, _RELEASE)
        except (TimeoutError, WorkerGone):
            log.info("permit_reader_worker_stuck", reason="release")
            self._discard()

    # --- inside ---------------------------------------------------------------------------------------------------

    def _readers(self) -> tuple[ReaderSlot, ...]:
        found = self._keeper.slots.readers if self._keeper.slots else ()
        return tuple(reader for reader in found if self._part in reader.name.casefold())

    async def _settle(self) -> None:
        """After a card was lost: until the service has seen the slot empty, or has had the time to."""
        while self.slot().media is Media.PRESENT and await self._keeper.wait_change(self._settled_at):
            pass

    async def _ask_card(self, reader: ReaderSlot) -> int:
        process = self._keeper.process
        assert process is not None
        try:
            self._touched = process
            process.send(CONNECT + reader.name.encode())
            code, _ = await process.answer(CONNECTED, self._call_timeout)
        except WorkerGone:
            return _WORKER_GONE
        except TimeoutError:
            others = any(now.in_use for now in self._readers() if now.name == reader.name)
            self._discard()
            if others:  # pcsclite waits as long as another program's transaction lasts, and says nothing
                hint = "Another program is talking to the card and does not let it go."
                raise trouble(ErrorKind.BUSY, hint, "TRANSACTION") from None
            raise trouble(
                ErrorKind.TIMEOUT, f"The reader hangs: no card within {self._call_timeout:g} s.", "CONNECT"
            ) from None
        if code in NO_SERVICE:
            self._discard()
            raise trouble(ErrorKind.OFFLINE, "The PC/SC service is gone.", text(code))
        return code

    def _failed(self, code: int) -> DeviceError:
        error = failed(code)
        if error.kind is ErrorKind.OFFLINE:
            self._discard()  # what it told of readers may be stale; a new one begins with the truth
        else:
            self._settled_at = asyncio.get_running_loop().time() + _SETTLE
        return error

    def _discard(self) -> None:
        self._connected, self._touched = "", None
        self._keeper.discard()

    def _count(self, name: str, by: int) -> None:
        if self._service is not None:
            self._service.count(name, by)

    def _changed(self) -> None:
        if self._keeper.slots is not None:  # a worker that is replaced is no reader that was lost
            up = self.slot().up
            self._count("losses", int(self._was_up and not up))
            self._was_up = up
        self._told()


def _groups(commands: Iterable[bytes]) -> Iterator[list[bytes]]:
    """The worker begins with the first few while we prepare the others."""
    group: list[bytes] = []
    size, most = 0, _FIRST_GROUP
    for command in commands:
        group.append(command)
        size += len(command)
        if len(group) >= most or size > BATCH_BYTES:
            yield group
            group, size, most = [], 0, _GROUP
    if group:
        yield group
