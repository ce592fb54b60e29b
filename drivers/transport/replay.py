"""Playing a tape: the device's side of a recorded session, as a line. The driver must say what was said then, byte for byte."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

from drivers.transport.inbox import Inbox
from drivers.transport.tape import Event, Tape, What
from kiosk.domain.errors import DeviceError, ErrorKind

LINE_OPTIONS = frozenset({"baud", "parity", "stopbits", "rtscts", "xonxoff", "connect_timeout"})
"""What a recorded URL may say about its line; nothing to a tape."""


@dataclass(slots=True)
class _Cue:
    """Something the device's side does once the driver has sent `gate` bytes, `gap` seconds after what came before it."""

    gate: int
    gap: float
    event: Event


@dataclass(slots=True)
class _Connection:
    """From one opening of the line to the next. `free`: offsets where any byte will do, because the tape does not hold the true one."""

    begins_at: int
    opening: Event
    expected: bytearray = field(default_factory=bytearray)
    free: bytearray = field(default_factory=bytearray)
    cues: list[_Cue] = field(default_factory=list)
    stalls: list[tuple[int, Event]] = field(default_factory=list)
    bauds: list[int] = field(default_factory=list)


class ReplayTransport:
    """Implements `ByteTransport`. At the first byte that differs every call raises the same DeviceError, INTERNAL with native TAPE.

    `pace`: as fast as it was (1), N times as fast, or without any waiting (0). Never waits for longer than the tape says, and never says
    anything before the driver has sent what it had sent then.
    """

    simulated = True

    def __init__(self, tape: Tape, *, pace: float = 1.0) -> None:
        self.name = tape.header.line
        self.difference = ""
        """The first thing that was not as on the tape, in one sentence."""
        self._tape = tape
        self._pace = pace
        self._connections = _connections(tape)
        self._index = -1
        self._now: _Connection | None = None
        self._inbox = Inbox(self.name)
        self._at = 0
        self._next = 0
        self._since = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._told: Callable[[], None] = lambda: None

    async def open(self) -> None:
        await self.close()
        self._raise_if_different()
        if self._index + 1 >= len(self._connections):
            raise self._differs(f"The line is opened {self._index + 2} times{self._but_the_tape_ends()}.")
        self._index += 1
        begun = self._connections[self._index]
        if begun.opening.what is What.REFUSED:
            raise begun.opening.trouble(self.name)
        self._now, self._at, self._next = begun, 0, 0
        self._inbox = Inbox(self.name)
        self._since = asyncio.get_running_loop().time()
        self._play()

    async def close(self) -> None:
        self._now = None
        self._stop()
        self._inbox.fail(ErrorKind.OFFLINE, f"{self.name} was closed.")

    async def write(self, data: bytes, deadline: float) -> None:
        del deadline
        now = self._require_open()
        self._inbox.raise_if_lost()
        for byte in data:
            if self._at >= len(now.expected):
                raise self._differs(
                    f"Byte {now.begins_at + self._at} of what the driver sends is {byte:02X}{self._but_the_tape_ends()}."
                )
            if byte != now.expected[self._at] and not now.free[self._at]:
                raise self._differs(
                    f"Byte {now.begins_at + self._at} of what the driver sends is {byte:02X}, "
                    f"and was {now.expected[self._at]:02X} when the tape was recorded."
                )
            self._at += 1
            if self._next < len(now.cues) and now.cues[self._next].gate == self._at:
                self._since = asyncio.get_running_loop().time()
        if now.stalls and now.stalls[0][0] <= self._at:
            raise now.stalls.pop(0)[1].trouble(self.name)
        self._play()

    async def read(self, limit: int, deadline: float) -> bytes:
        now = self._require_open()
        if not self._tape.whole and not len(self._inbox) and not self._inbox.lost and self._is_over(now):
            raise self._differs(f"The driver waits for an answer{self._but_the_tape_ends()}.")
        return await self._inbox.read(limit, deadline)

    def drain(self) -> bytes:
        return self._inbox.drain()

    def on_loss(self, told: Callable[[], None]) -> None:
        """See `drivers.transport.base.TellsLoss`."""
        self._told = told

    async def wait_return(self) -> None:
        """A tape brings nothing back by itself."""
        await asyncio.get_running_loop().create_future()

    def verdict(self) -> str:
        """After the session: what was not as on the tape, in one sentence; empty when all was."""
        if self.difference:
            return self.difference
        rest = self._connections[max(self._index, 0) :]
        done = self._at if self._index >= 0 else 0
        missing = sum(len(each.expected) for each in rest) - done
        if missing:
            return f"The driver stopped {missing} bytes before the end of the tape."
        return "" if self._tape.whole else f"All was as on the tape{self._but_the_tape_ends()}."

    # --- inside ---------------------------------------------------------------------------------------------------

    def _play(self) -> None:
        """Do what is due, and come back when the next thing is."""
        self._stop()
        now, loop = self._now, asyncio.get_running_loop()
        while now is not None and self._next < len(now.cues):
            cue = now.cues[self._next]
            if cue.gate > self._at:
                return
            due = self._since + (cue.gap / self._pace if self._pace else 0.0)
            if due > loop.time():
                self._timer = loop.call_at(due, self._play)
                return
            self._next += 1
            self._since = due
            if cue.event.what is What.LOST:
                lost = cue.event.trouble(self.name)
                self._inbox.fail(lost.kind, lost.hint, lost.native)
                self._told()
            elif cue.event.piece is not None:
                self._inbox.feed(cue.event.piece.data)

    def _is_over(self, now: _Connection) -> bool:
        last = self._index + 1 == len(self._connections)
        return last and self._at == len(now.expected) and self._next == len(now.cues)

    def _but_the_tape_ends(self) -> str:
        return ", and the tape ends here" if self._tape.whole else ", and the tape breaks off here: it was not finished"

    def _require_open(self) -> _Connection:
        self._raise_if_different()
        if self._now is None:
            raise DeviceError(ErrorKind.NOT_OPEN, self.name, f"{self.name} is not open.")
        return self._now

    def _raise_if_different(self) -> None:
        if self.difference:
            raise DeviceError(ErrorKind.INTERNAL, self.name, self.difference, "TAPE")

    def _differs(self, sentence: str) -> DeviceError:
        """Keep the first difference and wake whoever reads: nothing after it means anything."""
        self.difference = self.difference or sentence
        self._stop()
        self._inbox.fail(ErrorKind.INTERNAL, self.difference, "TAPE")
        return DeviceError(ErrorKind.INTERNAL, self.name, self.difference, "TAPE")

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set_baud(self, baud: int) -> None:
        now = self._now
        if now is None:
            return
        recorded = now.bauds.pop(0) if now.bauds else None
        if recorded != baud:
            then = f"and was set to {recorded} baud" if recorded else "which it was not"
            raise self._differs(f"The line is set to {baud} baud, {then} when the tape was recorded.")


class ReplayBaudLine(ReplayTransport):
    """A tape of a line that has a speed."""

    def __init__(self, tape: Tape, baud: int, *, pace: float = 1.0) -> None:
        super().__init__(tape, pace=pace)
        self.baud = baud

    def set_baud(self, baud: int) -> None:
        self._set_baud(baud)
        self.baud = baud


def replaying(tape: Tape, *, pace: float = 1.0) -> ReplayTransport:
    """The line of `tape`, with a speed where it had one."""
    baud = tape.header.baud
    return ReplayTransport(tape, pace=pace) if baud is None else ReplayBaudLine(tape, baud, pace=pace)


def replay_url(recorded: str, path: Path) -> str:
    """The URL that plays `path` to the driver that `recorded` names: samv+serial:///dev/ttyS1 → samv+replay:///path."""
    scheme, _, rest = recorded.partition(":")
    driver, plus, _ = scheme.rpartition("+")
    query = urlsplit(f"x:{rest}").query
    return f"{driver}{plus}replay://{quote(str(path.absolute()))}" + (f"?{query}" if query else "")


def _connections(tape: Tape) -> list[_Connection]:
    found: list[_Connection] = []
    before, total = 0.0, 0
    for event in tape.events:
        if event.what in (What.OPENED, What.REFUSED):
            found.append(_Connection(total, event))
        elif found:
            total += _add(found[-1], event, max(0.0, event.at - before))
        before = event.at
    return found


def _add(to: _Connection, event: Event, gap: float) -> int:
    """Returns how many bytes the driver sent."""
    sent = len(to.expected)
    match event.what:
        case What.SENT if event.piece is not None:
            to.expected += event.piece.data
            to.free += bytes(len(event.piece.data))
            for start, end in event.piece.spans:
                to.free[sent + start : sent + end] = b"\x01" * (end - start)
        case What.CAME | What.LOST:
            to.cues.append(_Cue(sent, gap, event))
        case What.STALLED:
            to.stalls.append((sent, event))
        case What.BAUD:
            to.bauds.append(event.baud)
    return len(to.expected) - sent
