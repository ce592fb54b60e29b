"""Command and answer with a permit unit over any line: repetition by sequence number, silence, late answers, events.

Knows nothing of cards. A command is sent again, as the same bytes, when the unit stays silent; the unit answers a repetition from
memory and does nothing twice (docs/permit-unit-protocol.md, section 3).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from drivers.permit_unit.codes import MEANINGS, Code, Trouble, trouble_of
from drivers.permit_unit.frames import Frame, FrameParser, Kind
from drivers.transport.base import ByteTransport
from kiosk.domain.errors import DeviceError, ErrorKind

DEVICE = "permit_unit"
_CHUNK = 16 * 1024
_GAP = 0.3  # seconds of silence inside a frame after which its rest is not coming
_IDLE = 3600.0
_LATE = 0.02  # seconds
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds. `silence`: without a byte from the unit until a command is repeated, `tries` times in all."""

    silence: float = 1.5
    tries: int = 3
    quick: float = 8.0
    """A command without movement."""
    move: float = 20.0
    write: float = 60.0
    print: float = 120.0
    settle: float = 60.0
    """How long the unit is asked what became of a job whose answer did not come."""
    shut: float = 3.0
    """How long a slot is tried to be shut that nobody stands before any more; then it is left to the unit's own time limit."""
    poll: float = 0.5
    """Between two questions while something is awaited: events tell it sooner, but an event may be lost."""


class UnitRefusal(DeviceError):
    """The unit answered, and the answer is no."""

    def __init__(self, trouble: Trouble) -> None:
        told = MEANINGS.get(trouble, MEANINGS[Trouble.OTHER])
        super().__init__(told.kind, DEVICE, told.text, f"E{trouble:02X}")
        self.trouble = trouble


class UnitLink:
    """One command at a time; the caller holds the order. `on_event` and `on_loss` are called from the event loop.

    All errors are DeviceError: TIMEOUT (mute), PROTOCOL (damaged answers only), OFFLINE … of the line, or UnitRefusal.
    """

    def __init__(
        self,
        line: ByteTransport,
        patience: Patience,
        on_event: Callable[[Frame], None],
        on_loss: Callable[[DeviceError], None],
        count: Callable[[str], None],
    ) -> None:
        self.line = line
        self._patience = patience
        self._on_event = on_event
        self._on_loss = on_loss
        self._count = count
        self._parser = FrameParser()
        self._pump: asyncio.Task[None] | None = None
        self._answers: asyncio.Queue[Frame | DeviceError] = asyncio.Queue()
        self._heard_at = 0.0
        self._seq = 0
        self._strange = 0
        """Bytes since the last whole frame."""
        self._working = False
        """The unit has said since the last sending that it is at work on the command."""

    @property
    def up(self) -> bool:
        return self._pump is not None and not self._pump.done()

    async def open(self) -> None:
        await self.close()
        await self.line.open()
        self._parser.reset()
        self._pump = asyncio.create_task(self._listen(), name="permit-unit-line")

    async def close(self) -> None:
        pump, self._pump = self._pump, None
        await self.line.close()
        if pump is not None:
            self.abandon(DeviceError(ErrorKind.OFFLINE, DEVICE, f"The line {self.line.name} was closed."))
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)

    def abandon(self, error: DeviceError) -> None:
        """No answer will come to the command under way: `ask` raises this."""
        self._answers.put_nowait(error)

    async def ask(self, code: Code, payload: bytes, limit: float) -> bytes:
        """The payload of the positive answer, within `limit` seconds."""
        frame = Frame(Kind.COMMAND, self._next(code), code, payload)
        packed = frame.pack()
        loop = asyncio.get_running_loop()
        end = loop.time() + limit
        while not self._answers.empty():
            self._answers.get_nowait()
        damaged, self._strange = self._parser.damaged, 0
        self._count("commands")
        attempt = 0
        while attempt < self._patience.tries and (not attempt or loop.time() < end):
            attempt += 1
            if attempt > 1:
                self._count("retries")
                self._dispatch(self._parser.resync())  # a damaged length must not swallow what comes now
                log.info("permit_unit_repeats", command=code.name, attempt=attempt)
            self._require_up()
            self._working = False
            await self._send(packed, max(0.1, end - loop.time()))
            self._heard_at = loop.time()
            answer = await self._answer(frame, end)
            if answer is not None:
                if answer.kind is Kind.DONE:
                    return answer.payload
                raise UnitRefusal(trouble_of(answer.payload[0]) if answer.payload else Trouble.OTHER)
            if self._working:
                attempt = 1  # it has said meanwhile that it is at work: only silence in a row counts
        if self._parser.damaged > damaged:
            self._count("bad_answers")
            raise DeviceError(ErrorKind.PROTOCOL, DEVICE, f"Only damaged answers came to {code.name}.", "FRAME")
        self._count("timeouts")
        hint = f"No answer came to {code.name}."
        if self._strange:
            hint = f"No answer came to {code.name}, only {self._strange} bytes that are none of this protocol."
        raise DeviceError(ErrorKind.TIMEOUT, DEVICE, hint, "TIMEOUT")

    async def _send(self, data: bytes, deadline: float) -> None:
        try:
            await self.line.write(data, deadline)
        except DeviceError as error:
            raise DeviceError(error.kind, DEVICE, error.hint, error.native) from error

    async def _answer(self, asked: Frame, end: float) -> Frame | None:
        """The final answer; None when the unit was silent for too long or `end` has come."""
        loop = asyncio.get_running_loop()
        while True:
            until = min(end, self._heard_at + self._patience.silence)
            if until <= loop.time():
                return None
            try:
                async with asyncio.timeout_at(until):
                    got = await self._answers.get()
            except TimeoutError:
                # Something may have come that is no answer yet; and a loop that was kept busy was not listening meanwhile:
                # it listens for as long again.
                late = loop.time() - until
                if late > _LATE:
                    self._heard_at += 2 * late
                continue
            if isinstance(got, DeviceError):
                raise got
            if got.seq != asked.seq or got.code != asked.code:
                self._count("bad_answers")
                log.info("permit_unit_stale_answer", command=asked.code, code=got.code)
            elif got.kind is not Kind.WORKING:
                return got
            else:
                self._working = True

    def _next(self, code: Code) -> int:
        if code is Code.HELLO:
            return 0
        self._seq = self._seq % 255 + 1
        return self._seq

    def _require_up(self) -> None:
        if self._pump is None:
            raise DeviceError(ErrorKind.NOT_OPEN, DEVICE, "The unit is not open.")
        if self._pump.done():
            raise DeviceError(ErrorKind.OFFLINE, DEVICE, f"The line {self.line.name} is lost.")

    async def _listen(self) -> None:
        """Reads as long as the line is up, so that events and a hang-up are noticed while nobody asks anything."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                data = await self.line.read(_CHUNK, _GAP if self._parser.in_frame else _IDLE)
            except DeviceError as error:
                if error.kind is ErrorKind.TIMEOUT:
                    self._dispatch(self._parser.resync())
                    continue
                lost = DeviceError(error.kind, DEVICE, error.hint, error.native)
                self.abandon(lost)
                self._on_loss(lost)
                return
            self._heard_at = loop.time()
            frames = self._parser.feed(data)
            self._strange = 0 if frames else self._strange + len(data)
            self._dispatch(frames)

    def _dispatch(self, frames: list[Frame]) -> None:
        for frame in frames:
            if frame.kind is Kind.EVENT:
                self._on_event(frame)
            elif frame.kind is not Kind.COMMAND:  # an echo of our own is no answer
                self._answers.put_nowait(frame)
