"""The line to a scan engine: one task reads it, parts answers from codes, and notes when each code came."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from drivers.qr_scanner.dialects import ANSWER_WITHIN, COMMAND_GAP, Language, Reply
from drivers.qr_scanner.splitter import Splitter, Suffix
from drivers.transport.base import ByteTransport
from kiosk.domain.errors import DeviceError, ErrorKind

IDLE_GAP = 0.2
"""Seconds of silence that end a code on an engine without suffix."""
LOST_END = 1.0
"""Seconds of silence after which a code whose suffix did not come is given up."""
_READ_SIZE = 4096
_WAITING_CODES = 16
_LONG = 3600.0
_log = structlog.get_logger(__name__)


def _uncounted(_name: str) -> None:
    """Nobody counts."""


def _nobody() -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One code as it came. `at` is the loop's time, seconds."""

    raw: bytes = field(repr=False)
    at: float


class EngineLine:
    """Owns the transport and the reading task. All calls belong to the event loop's thread.

    `count` is told the names of `kiosk.ports.health.COUNTERS`; `lost` is called when the line breaks, used or idle.
    """

    def __init__(
        self,
        line: ByteTransport,
        language: Language,
        *,
        device_id: str,
        suffix: Suffix,
        idle_ends: bool,
        idle_gap: float = IDLE_GAP,
        lost_end: float = LOST_END,
        answer_within: float = ANSWER_WITHIN,
        count: Callable[[str], None] = _uncounted,
        lost: Callable[[], None] = _nobody,
    ) -> None:
        self._line = line
        self._language = language
        self._device_id = device_id
        self._idle_ends = idle_ends or suffix is Suffix.NONE
        self._silence = idle_gap if self._idle_ends else lost_end
        self._answer_within = answer_within
        self._count = count
        self._on_loss = lost
        self._splitter = Splitter(suffix, dropped=lambda: count("failed_reads"))
        self._codes: deque[Arrival] = deque(maxlen=_WAITING_CODES)
        self._replies: deque[Reply] = deque(maxlen=_WAITING_CODES)
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._lost: DeviceError | None = None
        self._asking = False
        self._held = b""
        self._heard_at = 0.0
        self._free_at = 0.0
        self._turn = asyncio.Lock()

    @property
    def is_up(self) -> bool:
        return self._task is not None and self._lost is None

    @property
    def loss(self) -> DeviceError | None:
        return self._lost

    async def open(self) -> None:
        await self.close()
        await self._line.open()
        self._lost = None
        self._held = b""
        self._splitter.clear()
        self._codes.clear()
        self._replies.clear()
        self._line.drain()
        self._task = asyncio.create_task(self._pump())

    async def close(self) -> None:
        task, self._task = self._task, None
        await self._line.close()
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._codes.clear()

    async def next_code(self) -> Arrival:
        """The next code, as soon as it is whole. Raises the DeviceError with which the line was lost."""
        while True:
            if self._codes:
                return self._codes.popleft()
            if self._lost is not None:
                raise DeviceError(self._lost.kind, self._device_id, self._lost.hint, self._lost.native)
            self._news.clear()
            await self._news.wait()

    def drop_codes_before(self, at: float) -> int:
        """Forget codes that came before `at`; returns how many."""
        fresh = [code for code in self._codes if code.at >= at]
        dropped = len(self._codes) - len(fresh)
        self._codes = deque(fresh, _WAITING_CODES)
        return dropped

    def end_begun_before(self, at: float) -> None:
        """A code that began, and of which nothing has come since `at`, is ended as by a silence: what comes now is another."""
        if self._splitter.pending and self._heard_at < at:
            self._on_silence()

    async def tell(self, command: bytes, deadline: float) -> None:
        """Send a command that is not answered, at least COMMAND_GAP after the one before."""
        async with self._turn:
            await self._send(command, deadline)

    async def ask(self, command: bytes, deadline: float) -> Reply:
        """Send a command and await its answer. Raises TIMEOUT when none comes, or the line's loss."""
        async with self._turn:
            self._replies.clear()
            self._asking = True
            try:
                async with asyncio.timeout(min(deadline, self._answer_within)):
                    await self._send(command, deadline)
                    return await self._reply_to(command)
            except TimeoutError:
                self._count("timeouts")
                raise DeviceError(ErrorKind.TIMEOUT, self._device_id, "The scan engine did not answer.") from None
            finally:
                self._asking = False

    async def _reply_to(self, command: bytes) -> Reply:
        while True:
            while self._replies:
                reply = self._replies.popleft()
                if self._language.is_reply_to(command, reply):
                    return reply
                _log.info("scan_engine_answer_ignored", size=len(reply.command))
                self._count("bad_answers")
            if self._lost is not None:
                raise DeviceError(self._lost.kind, self._device_id, self._lost.hint, self._lost.native)
            self._news.clear()
            await self._news.wait()

    async def _send(self, command: bytes, deadline: float) -> None:
        loop = asyncio.get_running_loop()
        if (pause := self._free_at - loop.time()) > 0:
            await asyncio.sleep(pause)
        self._count("commands")
        await self._line.write(command, max(deadline, 0.05))
        self._free_at = loop.time() + COMMAND_GAP

    async def _pump(self) -> None:
        while True:
            pending = self._splitter.pending or bool(self._held)
            try:
                data = await self._line.read(_READ_SIZE, self._silence if pending else _LONG)
            except DeviceError as error:
                if error.kind is ErrorKind.TIMEOUT:
                    self._on_silence()
                    continue
                if self._task is not asyncio.current_task():  # we have closed it ourselves: nothing is lost
                    return
                self._lost = error
                self._news.set()
                self._on_loss()
                return
            self._on_bytes(data)

    def _on_silence(self) -> None:
        held, self._held = self._held, b""
        for code in self._splitter.feed(held):
            self._arrive(code)
        for code in self._splitter.silence(ends_code=self._idle_ends):
            self._arrive(code)

    def _on_bytes(self, data: bytes) -> None:
        self._heard_at = asyncio.get_running_loop().time()
        data, self._held = self._held + data, b""
        while data:
            reply = None
            if self._asking or not self._splitter.pending:
                code_bytes, reply, data = self._language.split_reply(data, anywhere=self._asking)
                if reply is None:
                    begun = self._language.unfinished_reply(code_bytes, anywhere=self._asking)
                    code_bytes, self._held = code_bytes[:begun], code_bytes[begun:]
            else:
                code_bytes, data = data, b""
            for code in self._splitter.feed(code_bytes):
                self._arrive(code)
            if reply is not None:
                self._replies.append(reply)
                self._news.set()

    def _arrive(self, code: bytes) -> None:
        self._codes.append(Arrival(code, asyncio.get_running_loop().time()))
        self._news.set()
