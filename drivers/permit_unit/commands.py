"""The command side of a simulated permit unit: greeting, sequence numbers, answers kept for repetitions, events."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from drivers.permit_unit.codes import PROTOCOL_VERSION, QUICK, Code, Event, Feature, JobKind, Position, Trouble
from drivers.permit_unit.frames import Frame, Kind
from drivers.permit_unit.mechanics import BIN_CAPACITY, Failed, Mechanics
from drivers.permit_unit.messages import Hello, JobOrder, PayloadError, PictureHead, pack_numbers
from drivers.permit_unit.stations import Stations
from drivers.simulator import FaultBook

MODEL, SERIAL = "ONETRIP-SIM-1", "SIM0001"
_FEATURES = Feature.WRITER | Feature.PRINTER | Feature.CAMERA | Feature.LINE | Feature.BIN | Feature.SIMULATED
_MAX_PAYLOAD = 4096
_MAX_DATA = 256 * 1024
_REMEMBERED = 8
"""Answers kept for repetitions."""
_WORKING_EVERY = 0.5  # seconds
_ANSWER_LOST = {Code.WRITE: "WRITE.ANSWER_LOST", Code.PRINT: "PRINT.ANSWER_LOST"}


class Worker(Protocol):
    """Who carries out what takes time."""

    faults: FaultBook

    @property
    def busy(self) -> bool: ...

    def start(self, work: Coroutine[Any, Any, None]) -> None: ...

    def draw_in_waiting(self) -> bool: ...


class Desk:
    """One line's end. Only the desk that was greeted last is served."""

    def __init__(self, outbox: asyncio.Queue[bytes], receive: Callable[[Desk, Frame], None]) -> None:
        self._outbox = outbox
        self._receive = receive
        self.memory: dict[int, tuple[bytes, bytes | None]] = {}
        """Sequence number to the command and its answer; None while it is carried out; empty: never answered."""

    def receive(self, frame: Frame) -> None:
        if frame.kind is Kind.COMMAND:
            self._receive(self, frame)

    def send(self, frame: Frame) -> None:
        self._outbox.put_nowait(frame.pack())

    def answer(self, asked: Frame, kind: Kind, payload: bytes = b"", *, lost: bool = False) -> None:
        """The final answer to a remembered command; to one of before the last greeting nobody waits for it any more."""
        if self.awaits(asked):
            packed = b"" if lost else Frame(kind, asked.seq, asked.code, payload).pack()
            self.memory[asked.seq] = (asked.pack(), packed)
            if packed:
                self._outbox.put_nowait(packed)

    def awaits(self, asked: Frame) -> bool:
        known = self.memory.get(asked.seq)
        return known is not None and known == (asked.pack(), None)

    def repeat(self, asked: Frame) -> bool:
        """True when this was a repetition, which is answered from memory."""
        known = self.memory.get(asked.seq)
        if known is None:
            return False
        packed, answer = known
        if packed != asked.pack():
            self.send(Frame(Kind.REFUSED, asked.seq, asked.code, bytes((Trouble.SEQ_REUSED,))))
        elif answer is None:
            self.send(Frame(Kind.WORKING, asked.seq, asked.code))
        elif answer:
            self._outbox.put_nowait(answer)
        return True

    def remember(self, asked: Frame) -> None:
        self.memory[asked.seq] = (asked.pack(), None)
        while len(self.memory) > _REMEMBERED:
            settled = next((seq for seq, (_, answer) in self.memory.items() if answer is not None), None)
            if settled is None:
                return
            del self.memory[settled]


class Commands:
    """What the unit does on each command. Raises nothing: every command gets its answer."""

    def __init__(self, worker: Worker, mechanics: Mechanics, stations: Stations) -> None:
        self._worker = worker
        self._mechanics = mechanics
        self._stations = stations
        self._greeted: Desk | None = None
        self._desks: set[Desk] = set()
        self._event_seq = 0
        self._data = bytearray()
        self._picture = b""
        self._entry_timer: asyncio.TimerHandle | None = None
        self._reminder: asyncio.TimerHandle | None = None
        self._working: asyncio.TimerHandle | None = None

    # --- lines ----------------------------------------------------------------------------------------------------

    def desk(self, outbox: asyncio.Queue[bytes]) -> Desk:
        desk = Desk(outbox, self._receive)
        self._desks.add(desk)
        return desk

    def leave(self, desk: Desk) -> None:
        self._desks.discard(desk)
        if self._greeted is desk:
            self._greeted = None

    def forget(self) -> None:
        """The power is gone."""
        self._greeted = None
        for desk in self._desks:
            desk.memory.clear()
        self._data.clear()
        self._picture = b""
        for timer in (self._entry_timer, self._reminder, self._working):
            if timer is not None:
                timer.cancel()

    def started(self) -> None:
        """The power is back: said on every line, because nobody has greeted yet."""
        for desk in self._desks:
            self._send_event(desk, Event.POWER)

    def tell(self, event: Event) -> None:
        if self._greeted is not None:
            self._send_event(self._greeted, event)

    def _send_event(self, desk: Desk, event: Event) -> None:
        self._event_seq = (self._event_seq + 1) % 256
        desk.send(Frame(Kind.EVENT, self._event_seq, event, self._mechanics.status().pack()))

    # --- commands -------------------------------------------------------------------------------------------------

    def _receive(self, desk: Desk, frame: Frame) -> None:
        if frame.code == Code.HELLO:
            self._greeted = desk
            desk.memory.clear()
            desk.send(Frame(Kind.DONE, frame.seq, frame.code, self._hello()))
            return
        if desk is not self._greeted:
            desk.send(Frame(Kind.REFUSED, frame.seq, frame.code, bytes((Trouble.NO_HELLO,))))
            return
        if desk.repeat(frame):
            return
        desk.remember(frame)
        try:
            code = Code(frame.code)
        except ValueError:
            desk.answer(frame, Kind.REFUSED, bytes((Trouble.UNKNOWN_COMMAND,)))
            return
        if code not in QUICK and self._worker.busy:
            desk.answer(frame, Kind.REFUSED, bytes((Trouble.BUSY,)))
            return
        if code in QUICK:
            try:
                desk.answer(frame, Kind.DONE, self._quick(code, frame.payload))
            except Failed as failed:
                desk.answer(frame, Kind.REFUSED, bytes((failed.trouble,)))
            except PayloadError:
                desk.answer(frame, Kind.REFUSED, bytes((Trouble.BAD_PAYLOAD,)))
            self._worker.draw_in_waiting()
        else:
            self._worker.start(self._carry_out(desk, code, frame))

    async def _carry_out(self, desk: Desk, code: Code, frame: Frame) -> None:
        self._say_working(desk, frame)
        kind, payload = Kind.DONE, b""
        try:
            payload = await self._slow(code, frame.payload)
        except Failed as failed:
            kind, payload = Kind.REFUSED, bytes((failed.trouble,))
        except PayloadError:
            kind, payload = Kind.REFUSED, bytes((Trouble.BAD_PAYLOAD,))
        finally:
            if self._working is not None:
                self._working.cancel()
        self._mechanics.phase = ""
        if kind is Kind.DONE and code in (Code.OUT, Code.KEEP, Code.MOVE, Code.LOCATE):
            payload = self._mechanics.status().pack()
        lost_by = _ANSWER_LOST.get(code)
        lost = lost_by is not None and self._worker.faults.take(lost_by) is not None
        desk.answer(frame, kind, payload, lost=lost)

    def _say_working(self, desk: Desk, frame: Frame) -> None:
        def again() -> None:
            if not desk.awaits(frame):
                return
            desk.send(Frame(Kind.WORKING, frame.seq, frame.code))
            self._say_working(desk, frame)

        self._working = asyncio.get_running_loop().call_later(_WORKING_EVERY, again)

    def _quick(self, code: Code, payload: bytes) -> bytes:
        mechanics = self._mechanics
        match code:
            case Code.ENTRY:
                self._entry(payload)
            case Code.DATA:
                self._load(payload)
                return b""
            case Code.JOB:
                try:
                    return mechanics.nvram.jobs[JobKind(payload[:1])].record.pack()
                except ValueError:
                    raise PayloadError("no such kind of job") from None
            case Code.GET:
                if len(payload) < 6:
                    raise PayloadError("a piece has no offset and size")
                at, size = int.from_bytes(payload[:4], "big"), int.from_bytes(payload[4:6], "big")
                return self._picture[at : at + min(size, _MAX_PAYLOAD)]
        return mechanics.status().pack()

    async def _slow(self, code: Code, payload: bytes) -> bytes:
        mechanics, stations = self._mechanics, self._stations
        match code:
            case Code.LOCATE:
                await mechanics.locate()
            case Code.MOVE:
                if payload[:1] not in (Position.READER.value, Position.WRITER.value):
                    raise PayloadError("a card is moved to the reader or the writer position")
                await mechanics.move(Position(payload[:1]))
            case Code.OUT:
                await mechanics.out()
                self._remind(int.from_bytes(payload[:2], "big"))
            case Code.KEEP:
                await mechanics.keep()
            case Code.WRITE:
                if (order := self._order(JobKind.WRITE, payload)) is not None:
                    await stations.write(order.job_id, bytes(self._data))
            case Code.PRINT:
                if (order := self._order(JobKind.PRINT, payload)) is not None:
                    await stations.print(order.job_id, bytes(self._data))
            case Code.READ_CHIP:
                return pack_numbers(stations.read_chip())
            case Code.CAPTURE:
                self._picture = await stations.photograph()
                return PictureHead("image/png", len(self._picture), zlib.crc32(self._picture)).pack()
            case Code.TEXT:
                return (await stations.read_line()).encode()
        return b""

    def _hello(self) -> bytes:
        status = self._mechanics.status()
        return Hello(PROTOCOL_VERSION, _FEATURES, _MAX_PAYLOAD, BIN_CAPACITY, MODEL, SERIAL, status).pack()

    def _entry(self, payload: bytes) -> None:
        if len(payload) < 3 or payload[0] > 1:
            raise PayloadError("ENTRY needs on or off, and seconds")
        if self._entry_timer is not None:
            self._entry_timer.cancel()
        self._mechanics.set_entry(bool(payload[0]))
        if payload[0]:
            seconds = int.from_bytes(payload[1:3], "big")
            self._entry_timer = asyncio.get_running_loop().call_later(seconds, self._entry_over)

    def _entry_over(self) -> None:
        if self._mechanics.entry and not self._worker.busy:
            self._mechanics.set_entry(False)
            self.tell(Event.ENTRY_ENDED)

    def _remind(self, seconds: int) -> None:
        if self._reminder is not None:
            self._reminder.cancel()
        if seconds:
            self._reminder = asyncio.get_running_loop().call_later(seconds, self._not_taken)

    def _not_taken(self) -> None:
        if self._mechanics.position is Position.MOUTH:
            self._mechanics.reason = Trouble.NOT_TAKEN
            self.tell(Event.NOT_TAKEN)

    def _load(self, payload: bytes) -> None:
        if len(payload) < 4:
            raise PayloadError("DATA needs an offset")
        at = int.from_bytes(payload[:4], "big")
        if at > len(self._data) or at + len(payload) - 4 > _MAX_DATA:
            raise Failed(Trouble.BAD_DATA)
        self._data[at:] = payload[4:]

    def _order(self, kind: JobKind, payload: bytes) -> JobOrder | None:
        """The job to be done; None for the one that is done already. Raises Failed BAD_DATA."""
        order = JobOrder.read(payload)
        if not 1 <= len(order.job_id) <= 32:
            raise PayloadError("a job id has 1 to 32 characters")
        if self._mechanics.nvram.jobs[kind].record.done(order.job_id):
            return None
        if order.size != len(self._data) or order.crc32 != zlib.crc32(self._data):
            raise Failed(Trouble.BAD_DATA)
        return order
