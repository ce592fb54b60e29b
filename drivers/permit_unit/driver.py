"""The permit unit's driver: cards in and out, endorsements, the back, over any line to a unit that speaks the documented protocol.

Plainly: the keys that open a real permit's chip for writing belong to the state, and no public protocol exists for such units. This
driver can move, print and photograph with every unit that speaks docs/permit-unit-protocol.md; into a real chip only a writer module
of the issuing authority writes (in the unit, or put in as `EndorsementWriter`). Of the parts that come with this software only the
simulator really writes, on simulated cards.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import structlog

from drivers.permit_unit.codes import BinState, Code, Feature, JobKind, JobState, Position, Trouble
from drivers.permit_unit.exam import examine
from drivers.permit_unit.intake import Intake
from drivers.permit_unit.link import DEVICE, Patience, UnitRefusal
from drivers.permit_unit.messages import Back, PayloadError, PictureHead, StatusBlock
from drivers.permit_unit.session import UnitSession, malformed, parts
from drivers.permit_unit.writer import EndorsementWriter, UnitWriter, run_job, trouble_told, verdict
from drivers.service import Service
from drivers.transport.arrival import wait_return
from drivers.transport.base import ByteTransport
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.domain.identity import Photo
from kiosk.ports.devices import DeviceStatus, Link, PrintEnd, PrintOutcome
from kiosk.ports.health import Finding, Level, Person
from kiosk.ports.permit import BackFace, CardPlace, WriteEnd, WriteJob, WriteOutcome

_REMIND_S = 30
_TRY_SLOT, _SHUT_SLOT = b"\x01\x00\x02", b"\x00\x00\x00"
_COUNTED = {PrintEnd.DONE: "jobs", PrintEnd.UNCERTAIN: "uncertain_jobs", PrintEnd.FAILED: "failed_jobs"}
_OUTSIDE = (Position.NONE, Position.MOUTH)
_BACK = b"B"
_PLACES = {
    Position.NONE: CardPlace.NONE,
    Position.MOUTH: CardPlace.MOUTH,
    Position.READER: CardPlace.READER,
    Position.WRITER: CardPlace.WRITER,
    Position.PRINTER: CardPlace.PRINTER,
    Position.JAMMED: CardPlace.JAMMED,
}
_PRINT_ENDS = {
    JobState.DONE: PrintEnd.DONE,
    JobState.NOT_DONE: PrintEnd.FAILED,
    JobState.STARTED: PrintEnd.UNCERTAIN,
}
log = structlog.get_logger(__name__)


class PermitUnitDriver:
    """Implements `kiosk.ports.permit.PermitUnit` over any line."""

    device_id = DEVICE

    def __init__(
        self,
        line: ByteTransport,
        *,
        driver: str = "cardunit",
        writer: EndorsementWriter | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.driver = driver
        self.simulated = line.simulated
        self.service = Service(self.status)
        self._session = UnitSession(line, patience or Patience(), self.service)
        self._own_writer = writer is None
        self._writer: EndorsementWriter = writer or UnitWriter(self._session)
        self._intake = Intake(self._session)

    @property
    def capabilities(self) -> Mapping[str, object]:
        hello = self._session.hello
        if hello is None:
            return {"line": self._session.line.name, "writer": self._writer.name}
        simulated = Feature.SIMULATED in hello.features
        return {
            "line": self._session.line.name,
            "model": hello.model,
            "serial": hello.serial,
            "protocol": hello.version,
            "simulated_unit": simulated,
            "features": tuple(each.name.lower() for each in Feature if each in hello.features and each.name),
            "bin_capacity": hello.bin_capacity,
            "writer": self._writer.name,
            "chip_keys": "none: cards are simulated" if simulated else "the issuing authority's, never the kiosk's",
        }

    # --- life -----------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Connect, greet, and let a unit that lost its power look for its card. A jam or a full bin is no reason to fail."""
        await self._session.open()

    async def close(self) -> None:
        await self._session.close()

    def status(self) -> DeviceStatus:
        session = self._session
        seen = session.seen
        link, detail, trouble = session.state, session.detail, session.link_state.trouble
        if link is Link.READY and seen is not None:
            if seen.position is Position.JAMMED:
                link, detail, trouble = Link.FAULT, "A card is jammed in the unit.", ErrorKind.MEDIA_JAMMED
            elif session.lost_card:
                detail = "The unit cannot find out whether and where a card is inside."
                link, trouble = Link.FAULT, ErrorKind.HARDWARE
            elif session.working or seen.busy:
                link = Link.BUSY
            elif seen.bin in (BinState.FULL, BinState.MISSING):
                link, detail = Link.DEGRADED, f"The bin is {seen.bin.name.lower()}."
                trouble = ErrorKind.SUPPLY_OUT
        return DeviceStatus(link, parts(seen), detail, trouble)

    async def check(self) -> DeviceStatus:
        """Ask the sensors; while a command is carried out the status it keeps up to date is returned."""
        if self._session.wanted_open and not self._session.taken:
            try:
                async with self._session.turn(asking=True):
                    await self._session.status()
            except DeviceError:
                return self.status()  # the turn has put it into the status
        return self.status()

    async def wait_return(self) -> None:
        await wait_return(self._session.line)

    # --- for the technician ---------------------------------------------------------------------------------------

    def counters(self) -> Mapping[str, int]:
        return self.service.counters()

    def listen(self, changed: Callable[[], None]) -> Callable[[], None]:
        return self.service.listen(changed)

    async def examine(self, level: Level, person: Person) -> tuple[Finding, ...]:
        return await examine(self, level, person)

    async def reset(self) -> None:
        """The protocol has no command for it: greet anew, shut the slot, look for a card that is lost or jammed (LOCATE).

        A card inside comes to the reader position and stays. Raises DeviceError: what is still wrong afterwards.
        """
        await self._session.restart()

    async def answer_s(self) -> float:
        """Seconds until the unit has told of its sensors. Raises DeviceError."""
        now = asyncio.get_running_loop().time
        async with self._session.turn(asking=True):
            asked = now()
            await self._session.status()
            return now() - asked

    async def try_slot(self) -> tuple[StatusBlock, StatusBlock]:
        """Open the slot and shut it again; the status at each. A card that comes in at that moment is brought out. Raises DeviceError."""
        session = self._session
        async with session.turn():
            opened = session.keep(await session.ask(Code.ENTRY, _TRY_SLOT))
            session.keep(await session.ask(Code.ENTRY, _SHUT_SLOT))
            shut = await session.settled()
        if shut.position not in _OUTSIDE:
            await self.eject()
        return opened, shut

    async def locate(self) -> StatusBlock:
        """Let the unit look for its card; nothing moves where it knows. Raises DeviceError."""
        session = self._session
        async with session.turn():
            return session.keep(await session.ask(Code.LOCATE, limit=session.patience.move))

    @property
    def seen(self) -> StatusBlock | None:
        """What the sensors said last."""
        return self._session.seen

    # --- the card comes in and goes out ---------------------------------------------------------------------------

    async def accept(self, deadline: float) -> None:
        await self._intake.accept(deadline)
        self.service.count("cards_in")

    async def stop_accepting(self) -> None:
        await self._intake.stop()

    async def eject(self) -> None:
        """See the port. Where the answer is lost the sensors are asked what came of it. Also raises HARDWARE (motor, shutter)."""
        await self._carry(Code.OUT, _REMIND_S.to_bytes(2, "big"), lambda _, now: now.position in _OUTSIDE)
        self.service.count("cards_out")

    async def wait_taken(self, deadline: float) -> bool:
        """See the port. Raises OFFLINE or TIMEOUT where the unit is lost and not back at the end of `deadline`."""
        session, loop = self._session, asyncio.get_running_loop()
        end = loop.time() + max(deadline, 0.0)
        heard, trouble = False, None
        while True:
            if not heard:
                try:
                    async with session.turn(asking=True):
                        await session.status()
                except DeviceError as error:
                    trouble = error
            seen = session.seen
            if seen is not None and seen.position is Position.NONE and not seen.busy:
                return True
            if loop.time() >= end:
                if seen is None and trouble is not None:
                    raise trouble
                return False
            heard = await session.news(min(session.patience.poll, end - loop.time()))

    async def retain(self) -> None:
        await self._carry(
            Code.KEEP, b"", lambda was, now: now.position is Position.NONE and now.bin_count == was.bin_count + 1
        )
        self.service.count("cards_kept")

    async def bin_count(self) -> int:
        async with self._session.turn(asking=True):
            return (await self._session.status()).bin_count

    async def _carry(self, code: Code, payload: bytes, arrived: Callable[[StatusBlock, StatusBlock], bool]) -> None:
        """A movement out of the unit. Raises DeviceError; a card that has arrived although the answer was lost is no error."""
        session = self._session
        async with session.turn():
            before = await session.settled()
        if before.position is Position.NONE:
            raise UnitRefusal(Trouble.NO_CARD)
        for last in (False, True):
            try:
                async with session.turn():
                    session.keep(await session.ask(code, payload, session.patience.move))
                return
            except UnitRefusal:
                raise
            except DeviceError as error:
                log.warning("permit_unit_movement_unanswered", command=code.name, native=error.native)
                now = await self._ask_patiently(error)
                if arrived(before, now):
                    return
                if last:
                    raise

    async def _ask_patiently(self, trouble: DeviceError) -> StatusBlock:
        """The status once the unit can be asked again; `trouble` is raised when it cannot for some seconds."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._session.patience.quick
        while self._session.wanted_open:
            try:
                async with self._session.turn():
                    return await self._session.settled()
            except DeviceError as error:
                if loop.time() >= end:
                    break
                log.info("permit_unit_asked_in_vain", kind=error.kind.value)
                await asyncio.sleep(self._session.patience.poll)
        raise trouble

    # --- the card inside ------------------------------------------------------------------------------------------

    async def place(self) -> CardPlace:
        async with self._session.turn():
            status = await self._session.settled()
        return _PLACES.get(status.position, CardPlace.UNKNOWN)

    async def read_line(self) -> str:
        with self._reading():
            async with self._session.turn():
                payload = await self._session.ask(Code.TEXT, limit=self._session.patience.move)
        return payload.decode("utf-8", "replace")

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except DeviceError:
            self.service.count("failed_reads")
            raise
        self.service.count("reads")

    async def write(self, job: WriteJob) -> WriteOutcome:
        outcome = await (self._writer.write(job) if self._own_writer else self._write_elsewhere(job))
        self.service.count("writes", int(outcome.end is WriteEnd.WRITTEN))
        return outcome

    async def written(self) -> Sequence[str]:
        with self._reading():
            return await self._writer.written()

    async def print_back(self, face: BackFace, job_id: str) -> PrintOutcome:
        try:
            data = Back(face.permit_number, face.rows).pack()
        except ValueError:
            hint = "The back holds a character that cannot be printed."
            self.service.count("failed_jobs")
            return PrintOutcome(job_id, PrintEnd.FAILED, ErrorKind.INVALID_ARGUMENT, hint)
        record, sent, error = await run_job(self._session, JobKind.PRINT, job_id, data)
        if not sent:
            assert error is not None
            end, kind, hint = PrintEnd.FAILED, str(error.kind), error.hint
        else:
            end = _PRINT_ENDS[verdict(record, job_id)]
            kind, hint = trouble_told(record, job_id, error)
        self.service.count(_COUNTED[end])
        log.info("permit_print_ended", device=DEVICE, job=job_id, end=end.value, kind=kind)
        return PrintOutcome(job_id, end, kind, hint)

    async def picture(self) -> Photo:
        session = self._session
        async with session.turn():
            try:
                head = PictureHead.read(await session.ask(Code.CAPTURE, _BACK, session.patience.move))
            except PayloadError as error:
                raise malformed(error) from None
            assert session.hello is not None
            size = max(64, min(session.hello.max_payload, 2048))
            data = bytearray()
            while len(data) < head.size:
                request = len(data).to_bytes(4, "big") + min(size, head.size - len(data)).to_bytes(2, "big")
                piece = await session.ask(Code.GET, request)
                if not piece:
                    break
                data += piece
            if len(data) != head.size or zlib.crc32(data) != head.crc32:
                raise DeviceError(ErrorKind.PROTOCOL, DEVICE, "The picture did not come whole.", "PICTURE")
        return Photo(bytes(data), head.media_type)

    async def _write_elsewhere(self, job: WriteJob) -> WriteOutcome:
        """With the authority's own writer: the unit only brings the card there and back."""
        session = self._session
        try:
            async with session.turn():
                session.keep(await session.ask(Code.MOVE, Position.WRITER.value, session.patience.move))
        except DeviceError as error:
            return WriteOutcome(job.job_id, WriteEnd.NOT_WRITTEN, error.kind, error.hint)
        outcome = await self._writer.write(job)
        try:
            async with session.turn():
                session.keep(await session.ask(Code.MOVE, Position.READER.value, session.patience.move))
        except DeviceError as error:  # says nothing about the chip; `place` tells where the card is
            log.warning("permit_unit_card_not_back", kind=error.kind.value, native=error.native)
        return outcome
