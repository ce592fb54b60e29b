"""Question and answer with the SAM over any line: timeouts, damaged frames, stale answers. Knows nothing of cards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from drivers.id_card.samv import SW3, Answer, Command, Parser, meaning
from drivers.transport.base import ByteTransport
from kiosk.domain.errors import DeviceError, ErrorKind

HEADER_TIMEOUT = 1.5
BODY_TIMEOUT = 2.5
_QUIET = 0.15  # seconds without a byte after a damaged frame: the rest is not coming
_CHUNK = 4096
_LINK_NOISE = (SW3.BAD_CHECKSUM, SW3.BAD_LENGTH, SW3.BAD_COMMAND, SW3.UNKNOWN_COMMAND)
_ANY_COMMAND = (*_LINK_NOISE, SW3.SELF_TEST_FAILED, SW3.UNAUTHORISED)
log = structlog.get_logger(__name__)


def uncounted(_name: str) -> None:
    """Nobody counts."""


def plausible(command: Command, answer: Answer) -> bool:
    """Whether this can be the answer to that command. Answers carry no number; a late one must not pass for another."""
    if answer.sw3 in _ANY_COMMAND:
        return True
    size = len(answer.data)
    match command:
        case Command.FIND:
            return answer.sw3 not in (SW3.DONE, SW3.NO_ITEM, SW3.SELECT_FAILED)
        case Command.SELECT:
            return answer.sw3 not in (SW3.FOUND, SW3.NO_CARD, SW3.NO_ITEM) and size < 64
        case Command.READ_BASE | Command.READ_WITH_FINGERPRINT:
            return answer.sw3 != SW3.FOUND and (answer.sw3 != SW3.DONE or size >= 4)
        case Command.READ_NEW_ADDRESS:
            return answer.sw3 != SW3.FOUND and (answer.sw3 != SW3.DONE or (size > 0 and size % 70 == 0))
        case Command.SAM_ID:
            return answer.sw3 != SW3.DONE or size == 16
        case Command.RESET | Command.STATUS:
            return answer.sw3 not in (SW3.FOUND, SW3.NO_CARD, SW3.NO_ITEM, SW3.SELECT_FAILED) and size == 0
        case _:
            return True


class SamvLink:
    """One command at a time; the caller holds the order. Raises DeviceError TIMEOUT, PROTOCOL, OFFLINE … of the line.

    `header_timeout`: seconds until the head of an answer, `body_timeout`: seconds from there to its end. `count` is told the names
    of `kiosk.ports.health.COUNTERS`.
    """

    def __init__(
        self,
        line: ByteTransport,
        header_timeout: float,
        body_timeout: float,
        count: Callable[[str], None] = uncounted,
    ) -> None:
        self.line = line
        self._count = count
        self._header_timeout = header_timeout
        self._body_timeout = body_timeout
        self._parser = Parser()
        self._owed_until = 0.0
        self.answers = 0
        """How many answers came since the start: tells silence from a reader that answers."""

    async def ask(self, command: Command, *, header_timeout: float | None = None) -> Answer:
        """Send the command and give its answer; one that the SAM says came damaged (10 11 21 24) is sent once more."""
        timeout = self._header_timeout if header_timeout is None else header_timeout
        answer = await self._ask_once(command, timeout)
        if answer.sw3 in _LINK_NOISE:
            log.info("id_reader_resend", command=command.name, native=answer.native)
            self._count("retries")
            answer = await self._ask_once(command, timeout)
        return answer

    async def _ask_once(self, command: Command, header_timeout: float) -> Answer:
        await self._let_come()
        self._parser.reset()
        self._count("commands")
        stale = len(self.line.drain())
        if stale:
            self._count("bad_answers")
            log.info("id_reader_stale_bytes", count=stale)
        try:
            await self.line.write(command.frame(), header_timeout)
            return await self._answer(command, header_timeout)
        except asyncio.CancelledError:
            self._owed_until = asyncio.get_running_loop().time() + header_timeout
            raise

    def begin(self) -> None:
        """The line is a new one: nothing is under way on it."""
        self._owed_until = 0.0
        self._parser.reset()

    async def _let_come(self) -> None:
        """The answer to a command whose caller was cancelled is still under way. Answers carry no number, and a late 80 would pass
        for one to the next command: nothing is sent before it came or its time is over."""
        loop = asyncio.get_running_loop()
        while (left := self._owed_until - loop.time()) > 0:
            try:
                data = await self.line.read(_CHUNK, left)
            except DeviceError as error:
                if error.kind is not ErrorKind.TIMEOUT:
                    self._owed_until = 0.0
                    raise
                break
            if self._parser.feed(data):
                break
        self._owed_until = 0.0

    async def _answer(self, command: Command, header_timeout: float) -> Answer:
        loop = asyncio.get_running_loop()
        parser, rejected_before = self._parser, self._parser.rejected
        limit = loop.time() + header_timeout
        in_body = False
        while True:
            left = limit - loop.time()
            damaged = parser.rejected > rejected_before
            if damaged and not parser.in_frame:
                left = min(left, _QUIET)
            try:
                data = await self.line.read(_CHUNK, max(0.0, left))
            except DeviceError as error:
                if error.kind is not ErrorKind.TIMEOUT:
                    raise
                raise self._silence(command, damaged=damaged, in_body=in_body) from error
            for body in parser.feed(data):
                answer = Answer.from_body(body)
                if plausible(command, answer):
                    self.answers += 1
                    return answer
                log.info("id_reader_stale_answer", command=command.name, native=answer.native)
                self._count("bad_answers")
            if parser.in_frame and not in_body:
                in_body = True
                limit = loop.time() + self._body_timeout
            if loop.time() >= limit:  # noise that never ends must not keep us here
                raise self._silence(command, damaged=parser.rejected > rejected_before, in_body=in_body)

    def _silence(self, command: Command, *, damaged: bool, in_body: bool) -> DeviceError:
        name = self.line.name
        if damaged or in_body:
            self._count("bad_answers")
            what = "A damaged answer" if damaged else "Half an answer"
            return DeviceError(ErrorKind.PROTOCOL, name, f"{what} came to {command.name}.", "FRAME")
        self._count("timeouts")
        return DeviceError(ErrorKind.TIMEOUT, name, f"No answer came to {command.name}.", "TIMEOUT")


def refusal(answer: Answer, device: str, kind: ErrorKind | None = None) -> DeviceError:
    """The error an answer stands for; `kind` where the situation says more than the code."""
    told = meaning(answer.sw3)
    return DeviceError(kind or told.kind or ErrorKind.PROTOCOL, device, f"{told.text.capitalize()}.", answer.native)
