"""Recording a session on the line: every byte, both ways, with its time, through a masker onto a tape."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from drivers.transport.arrival import wait_return
from drivers.transport.base import BaudLine, ByteTransport, TellsLoss
from drivers.transport.tape import Event, Masker, Piece, TapeWriter, What
from kiosk.domain.errors import DeviceError, ErrorKind

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Entry:
    """One thing that happened. Bytes wait here until the masker has decided about all of them."""

    at: float
    what: What
    missing: int = 0
    pieces: list[Piece] = field(default_factory=list)
    event: Event | None = None


class Recorder:
    """Puts what happens on the tape in its order, as soon as it is decided what of it may be stored.

    Nothing that goes wrong here reaches the device: a masker that fails is not asked again, and only lengths are stored from then on.
    """

    def __init__(self, tape: TapeWriter, masker: Masker) -> None:
        self._tape = tape
        self._masker = masker
        self._queue: deque[_Entry] = deque()
        self._began: float | None = None
        self._closed = False
        self._failed = ""

    @property
    def trouble(self) -> str:
        """Why the tape is not whole; empty while all is well."""
        return self._tape.trouble or self._failed

    @property
    def summary(self) -> dict[str, int]:
        return {"events": self._tape.events, "synthetic": self._tape.synthetic, "withheld": self._tape.withheld}

    def sent(self, data: bytes) -> None:
        self._bytes(What.SENT, data)

    def came(self, data: bytes) -> None:
        self._bytes(What.CAME, data)

    def happened(self, what: What, error: DeviceError | None = None, baud: int = 0) -> None:
        if self._closed:
            return
        kind, hint, native = (error.kind, error.hint, error.native) if error is not None else (None, "", "")
        at = self._now()
        self._queue.append(_Entry(at, what, event=Event(at, what, None, kind, hint, native, baud)))
        self._flush()

    def close(self) -> None:
        """Whatever is not decided now is stored as its length only. Idempotent."""
        if self._closed:
            return
        self._closed = True
        self._ask_masker(self._last)
        self._hide_the_rest()  # a masker that gave too little
        self._flush()
        self._tape.close()

    def _bytes(self, what: What, data: bytes) -> None:
        if not data or self._closed:
            return
        self._queue.append(_Entry(self._now(), what, len(data)))
        masked = self._masker.sent if what is What.SENT else self._masker.came
        self._ask_masker(lambda: self._decide(what, masked(data)))
        if self._failed:
            self._hide_the_rest()
        self._flush()

    def _ask_masker(self, decide: Callable[[], None]) -> None:
        if self._failed:
            return
        try:
            decide()
        except Exception as error:  # another maker's, perhaps; the session with the device goes on
            log.warning("tape_masker_failed", source=self._masker.name, exc_info=error)
            self._failed = f"the masker {self._masker.name} failed ({type(error).__name__})"

    def _last(self) -> None:
        sent, came = self._masker.end()
        self._decide(What.SENT, sent)
        self._decide(What.CAME, came)

    def _hide_the_rest(self) -> None:
        for entry in self._queue:
            if entry.missing:
                entry.pieces.append(Piece.hidden(entry.missing))
                entry.missing = 0

    def _decide(self, what: What, pieces: list[Piece]) -> None:
        """Lay the masker's bytes over the chunks in which they went."""
        open_entries = (entry for entry in self._queue if entry.what is what and entry.missing)
        entry = next(open_entries, None)
        for piece in pieces:
            rest = piece
            while rest.data:
                if entry is None:
                    raise RuntimeError(f"the masker {self._masker.name} gave more bytes than it took")
                first, rest = rest.cut(entry.missing)
                entry.pieces.append(first)
                entry.missing -= len(first.data)
                if not entry.missing:
                    entry = next(open_entries, None)

    def _flush(self) -> None:
        while self._queue and not self._queue[0].missing:
            entry = self._queue.popleft()
            if entry.event is not None:
                self._tape.add(entry.event)
            for piece in _joined(entry.pieces):
                self._tape.add(Event(entry.at, entry.what, piece))

    def _now(self) -> float:
        now = asyncio.get_running_loop().time()
        if self._began is None:
            self._began = now
        return now - self._began


def _joined(pieces: list[Piece]) -> list[Piece]:
    """One chunk of the line is one line of the tape, as far as its bytes are stored."""
    found: list[Piece] = []
    for piece in pieces:
        if found and found[-1].withheld == piece.withheld:
            last = found.pop()
            at = len(last.data)
            spans = list(last.spans)
            for start, end in piece.spans:
                if spans and spans[-1][1] == start + at:
                    spans[-1] = (spans[-1][0], end + at)
                else:
                    spans.append((start + at, end + at))
            piece = Piece(last.data + piece.data, tuple(spans), piece.withheld)
        found.append(piece)
    return found


def _nobody() -> None:
    """No listener."""


class RecordingTransport:
    """`ByteTransport` around another one. It changes nothing of what goes over the line, nor when."""

    def __init__(self, inner: ByteTransport, recorder: Recorder) -> None:
        self.name = inner.name
        self.simulated = inner.simulated
        self._inner = inner
        self._recorder = recorder
        self._open = False
        self._told: Callable[[], None] = _nobody
        if isinstance(inner, TellsLoss):
            inner.on_loss(self._lost)

    async def open(self) -> None:
        try:
            await self._inner.open()
        except DeviceError as error:
            self._ended(What.REFUSED, error)
            raise
        self._recorder.happened(What.OPENED)
        self._open = True

    async def close(self) -> None:
        await self._inner.close()
        self._ended(What.CLOSED)

    async def write(self, data: bytes, deadline: float) -> None:
        self._recorder.sent(data)  # before it goes: the answer may be read before this call has returned
        try:
            await self._inner.write(data, deadline)
        except DeviceError as error:
            self._recorder.happened(What.STALLED, error)
            raise

    async def read(self, limit: int, deadline: float) -> bytes:
        try:
            data = await self._inner.read(limit, deadline)
        except DeviceError as error:
            if error.kind is not ErrorKind.TIMEOUT:
                self._ended(What.LOST, error)
            raise
        self._recorder.came(data)
        return data

    def drain(self) -> bytes:
        data = self._inner.drain()
        self._recorder.came(data)
        return data

    async def wait_return(self) -> None:
        """See `kiosk.ports.health.Returning`."""
        await wait_return(self._inner)

    def on_loss(self, told: Callable[[], None]) -> None:
        """See `drivers.transport.base.TellsLoss`; silent where the line itself does not tell."""
        self._told = told

    def _lost(self) -> None:
        self._ended(What.LOST, DeviceError(ErrorKind.OFFLINE, self.name, f"The line {self.name} was lost."))
        self._told()

    def _ended(self, what: What, error: DeviceError | None = None) -> None:
        if self._open or what is What.REFUSED:
            self._recorder.happened(what, error)
        self._open = False


class RecordingBaudLine(RecordingTransport):
    """The same around a line that has a speed."""

    def __init__(self, inner: ByteTransport, line: BaudLine, recorder: Recorder) -> None:
        super().__init__(inner, recorder)
        self._line = line

    @property
    def baud(self) -> int:
        return self._line.baud

    def set_baud(self, baud: int) -> None:
        self._line.set_baud(baud)
        self.name = self._inner.name
        self._recorder.happened(What.BAUD, baud=baud)


def recording(inner: ByteTransport, recorder: Recorder) -> RecordingTransport:
    """What stands before `inner` looks to a driver as `inner` does: with a speed where that has one."""
    return (
        RecordingBaudLine(inner, inner, recorder)
        if isinstance(inner, BaudLine)
        else RecordingTransport(inner, recorder)
    )
