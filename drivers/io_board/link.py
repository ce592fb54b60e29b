"""Question and answer with a Modbus unit over any line: silence between frames, repetition, answers that are not ours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from drivers.io_board.rtu import AGAIN, EXCEPTIONS, LONGEST_FRAME, Answer, Exceptional, answers, find, frame, silence
from drivers.transport.base import BaudLine, ByteTransport
from kiosk.domain.errors import DeviceError, ErrorKind

DEVICE = "io_board"
TRIES = 3
_BUSY_PAUSE = 0.1
_CHUNK = 512
Count = Callable[[str], None]
log = structlog.get_logger(__name__)


class BoardRefusal(DeviceError):
    """The board answered with an exception."""

    def __init__(self, code: int) -> None:
        told = EXCEPTIONS.get(code, Exceptional(ErrorKind.PROTOCOL, "The board refused."))
        super().__init__(told.kind, DEVICE, told.text, f"E{code:02X}")
        self.code = code


class ModbusLink:
    """One question at a time; the caller holds the order. All that is asked here may be asked again without harm.

    `answer`: seconds until the answer must be there. All errors are DeviceError: TIMEOUT, PROTOCOL (damaged answers, another unit), those
    of the line, or BoardRefusal.
    """

    def __init__(self, line: ByteTransport, unit: int, count: Count, *, answer: float) -> None:
        self.line = line
        self.unit = unit
        self._count = count
        self._answer = answer
        self._quiet_from = 0.0

    async def ask(self, pdu: bytes) -> bytes:
        """What the unit answers behind its function code."""
        for attempt in range(1, TRIES + 1):
            try:
                answer = await self._ask_once(pdu)
            except DeviceError as error:
                if error.kind not in (ErrorKind.TIMEOUT, ErrorKind.PROTOCOL) or attempt == TRIES:
                    raise
                log.debug("io_board_repeats", attempt=attempt, native=error.native)
            else:
                if not answer.exception:
                    return answer.data
                if answer.exception not in AGAIN or attempt == TRIES:
                    raise BoardRefusal(answer.exception)
                await asyncio.sleep(_BUSY_PAUSE)
            self._count("retries")
        raise AssertionError("the last try returns or raises")

    async def _ask_once(self, pdu: bytes) -> Answer:
        loop = asyncio.get_running_loop()
        self.line.drain()
        if (pause := self._quiet_from - loop.time()) > 0:
            await asyncio.sleep(pause)
        self._count("commands")
        try:
            await self.line.write(frame(self.unit, pdu), self._answer)
            return await self._answer_to(pdu, loop.time() + self._answer)
        finally:
            self._quiet_from = loop.time() + silence(self.line.baud if isinstance(self.line, BaudLine) else None)

    async def _answer_to(self, pdu: bytes, end: float) -> Answer:
        loop = asyncio.get_running_loop()
        data, other = b"", ""
        while True:
            try:
                data += await self.line.read(_CHUNK, max(0.0, end - loop.time()))
            except DeviceError as error:
                if error.kind is not ErrorKind.TIMEOUT:
                    raise
                raise self._silence(data, other) from error
            while (found := find(data)) is not None:
                answer, behind = found
                if answer.unit == self.unit and answers(pdu, answer):
                    return answer
                self._count("bad_answers")
                other = (
                    f"Unit {answer.unit} answered."
                    if answer.unit != self.unit
                    else "An answer to another question came."
                )
                data = data[behind:]
            if len(data) > 4 * LONGEST_FRAME:
                raise self._silence(data, other)

    def _silence(self, data: bytes, other: str) -> DeviceError:
        if other:
            return DeviceError(ErrorKind.PROTOCOL, DEVICE, other, "UNIT")
        if data:
            self._count("bad_answers")
            hint = f"Only a damaged answer came ({len(data)} bytes); the speed, the parity or the wiring?"
            return DeviceError(ErrorKind.PROTOCOL, DEVICE, hint, "FRAME")
        self._count("timeouts")
        return DeviceError(ErrorKind.TIMEOUT, DEVICE, f"Unit {self.unit} does not answer.", "TIMEOUT")
