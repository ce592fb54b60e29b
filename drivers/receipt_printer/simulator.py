"""A receipt printer made of software: an ESC/POS machine with a receive buffer, sensors, a knife and a roll of paper.

Status requests are answered at reception, everything else in its turn; without paper or with an open cover the machine
goes offline, keeps what it has received and goes on when it can.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from typing import ClassVar

from drivers.receipt_printer.machine import Machine
from drivers.receipt_printer.paper import Paper
from drivers.receipt_printer.realtime import FULL_STATUS, Realtime, find_orders
from drivers.receipt_printer.sensors import PLACED, Sensors, identity
from drivers.receipt_printer.stream import Command as Printed
from drivers.receipt_printer.stream import next_command
from drivers.simulator import Command, Reply, Simulator
from drivers.transport.base import Wire

_PAPER_STATES = ("full", "low", "out")
_LINE_DOTS = 30
_CUTS = ("\x1dV", "\x1bi", "\x1bm")


class EscposSimulator(Simulator):
    """80 mm paper with 48 columns (576 dots) or 58 mm with 32 (384 dots); `buffer` bytes of receive buffer. With `presenter` it tells of
    its presenter as Custom's kiosk printers do (DLE EOT 20).

    Own verbs: {"do": "paper", "state": "full|low|out"} · {"do": "paper_out_after", "lines": 5} · {"do": "refill"} ·
    {"do": "cover", "open": true} · {"do": "tear"} (take the paper that hangs out uncut) · {"do": "take"} (the pieces) ·
    {"do": "papers", "since": 2} (what came out, from the third piece on: `png_base64`, `text`, `mm`).
    """

    kind = "receipt_printer"
    fault_ids: ClassVar[Mapping[str, str]] = {
        "PRN.PAPER_LOW": "the paper nearly ends, at once or after `lines` more printed lines, until cleared",
        "PRN.PAPER_OUT": "the paper ends, at once, after `lines` more printed lines, or `at`: cut, until cleared or refilled",
        "PRN.COVER": "the cover opens, at once, after `lines` more printed lines, or `at`: cut, until cleared or closed",
        "PRN.CUTTER_STUCK": "the knife jams at the next cut and nothing the host sends frees it, until cleared",
        "PRN.NOT_TAKEN": "nobody takes the slip from the presenter: `take` does nothing, until cleared",
        "PRN.PRESENTER_JAM": "a slip is jammed in the presenter, until cleared",
        "PRN.END_LOST": "the slip comes out, but the answer that tells of its end (GS r, ESC v, GS ( H) is lost",
        "PRN.HALF_OPEN": "the printer has forgotten the connection: bytes go nowhere, nothing is answered; a new one works",
        "PRN.MUTE_STATUS": "no status request is answered, `count` times or until cleared",
        "PRN.CUTTER": "the knife jams at the next cut, until cleared or freed by DLE ENQ",
        "PRN.HOT": "the head is too hot, until cleared or for `seconds`",
        "PRN.OFFLINE": "somebody holds the feed button, until cleared or for `seconds`",
        "PRN.SLOW": "every line takes `delay` (1.0) seconds, until cleared",
        "PRN.STALE_ASB": "before a status answer comes an old automatic status that says paper out",
        "PRN.STALE_BYTE": "before a status answer comes one byte of an old automatic status",
        "PRN.NO_ASB": "a model that never tells of changes by itself (GS a), until cleared",
        "PRN.TORN_ASB": "an automatic status stops after two bytes; the rest comes behind the next status answer",
        "PRN.NO_CLEAR": "a model that cannot throw its buffers away (DLE DC4 8), until cleared",
        "PRN.XOFF": "XOFF when data come, then nothing is taken, until cleared",
        "PRN.POWER_LOSS": "the power goes after `after` (200) received bytes; it is back at the next connection",
        "PRN.NO_GBK": "a model without Chinese font prints question marks, until cleared",
        "PRN.NO_QR": "a model without native QR codes prints nothing for them, until cleared",
        "PRN.NO_RASTER": "a model without raster pictures prints them as letters, until cleared",
        "PRN.ESC_V": "a model that knows no status request but ESC v, until cleared",
    }

    def __init__(
        self, columns: int = 48, *, buffer: int = 4096, process_id: bool = True, presenter: bool = False
    ) -> None:
        super().__init__()
        self.papers: list[Paper] = []
        self.columns = columns
        self._machine = Machine(columns * 12)
        self._sensors = Sensors(self.faults)
        self._buffer = bytearray()
        self._size = buffer
        self._process_id = process_id
        self._presenter = presenter
        self._tail = b""
        self._asb = False
        self._asb_sent = b""
        self._torn = b""
        """The rest of an automatic status, which comes later."""
        self._xoff = False
        self._slip_out = False
        """A piece was cut off, and nothing printed since."""
        self._power: int | None = None
        self._room = asyncio.Event()
        self._work = asyncio.Event()
        self._outbox: asyncio.Queue[bytes] | None = None

    # -- what a person does and sees -----------------------------------------------------------------------------------

    def control(self, command: Command) -> Reply:
        reply = self.control_common(command)
        if command.get("do") in ("state", "faults"):
            return reply or {}
        match command.get("do"):
            case "fault":
                self._armed(command)
            case "clear":
                self._sensors.cutter_jammed = self._sensors.cutter_broken = False
                self._power = None
            case "paper":
                self._paper(str(command.get("state", "")))
            case "paper_out_after":
                lines = command.get("lines")
                if not isinstance(lines, int) or isinstance(lines, bool) or lines < 0:
                    raise ValueError("lines must be a whole number")
                self._machine.roll.left = lines * _LINE_DOTS
            case "refill":
                self._paper("full")
            case "cover":
                self._sensors.cover_open = bool(command.get("open", True))
                if not self._sensors.cover_open:
                    self.faults.clear("PRN.COVER")
            case "tear":
                self.papers.append(self._machine.tear())
            case "take":
                if not self.faults.take("PRN.NOT_TAKEN"):
                    self.papers.clear()
                    self._sensors.presented = False
            case "papers":
                return self._pieces(command.get("since", 0))
            case other if reply is None:
                raise ValueError(
                    f"a receipt printer cannot {other!r}; it can paper, paper_out_after, refill, cover, tear, take, papers"
                )
        self._happened()
        return reply if reply is not None else {"ok": True}

    def state(self) -> Reply:
        return {
            "paper": self._sensors.paper,
            "cover": "open" if self._sensors.opened else "closed",
            "cutter": "jammed" if self._sensors.cutter_jammed or self._sensors.cutter_broken else "ok",
            "head": "hot" if self._sensors.hot else "ok",
            "online": not self._sensors.offline,
            "papers": len(self.papers),
            "hanging_mm": round(self._machine.roll.mm, 1),
            "hanging_text": self._machine.roll.text,
            "waiting_bytes": len(self._buffer),
            "columns": self.columns,
            "faults": self.faults.as_reply(),
        }

    def _pieces(self, since: object) -> Reply:
        """The pieces after the first `since`, for those who see only commands and states."""
        if not isinstance(since, int) or isinstance(since, bool) or since < 0:
            raise ValueError("since must be a whole number from 0")
        pieces = self.papers[since:]
        return {
            "ok": True,
            "papers": [{"png_base64": b64encode(p.png).decode("ascii"), "text": p.text, "mm": p.mm} for p in pieces],
        }

    def _armed(self, command: Command) -> None:
        fault_id = str(command.get("id"))
        if fault_id in PLACED:
            self._sensors.place(fault_id, self._machine.lines)
        if fault_id == "PRN.POWER_LOSS":
            self._power = int(command.get("after", 200))
        if fault_id in ("PRN.HOT", "PRN.OFFLINE") and "seconds" in command:
            asyncio.get_running_loop().call_later(float(command["seconds"]), self._passed, fault_id)

    def _passed(self, fault_id: str) -> None:
        self.faults.clear(fault_id)
        self._happened()
        self.changed()

    def _paper(self, state: str) -> None:
        if state not in _PAPER_STATES:
            raise ValueError(f"paper must be one of {', '.join(_PAPER_STATES)}")
        self._sensors.roll = state
        self._machine.roll.left = None
        for fault_id in ("PRN.PAPER_OUT", *(("PRN.PAPER_LOW",) if state == "full" else ())):
            self.faults.clear(fault_id)

    def _happened(self) -> None:
        """Something a sensor sees or a hand did: report it if the driver wishes so, and go on working."""
        can = self._machine.can
        can.chinese = self.faults.active("PRN.NO_GBK") is None
        can.qr = self.faults.active("PRN.NO_QR") is None
        can.raster = self.faults.active("PRN.NO_RASTER") is None
        if self._xoff and not self.faults.active("PRN.XOFF"):
            self._xoff = False
            self._answer(b"\x11")
        if self._asb and self._sensors.asb() != self._asb_sent:
            self._asb_sent = self._sensors.asb()
            self._tell(self._asb_sent)
        if self._outbox is None:
            self._print_all()
        self._work.set()
        self._room.set()
        self.changed()

    def _tell(self, status: bytes) -> None:
        if self.faults.take("PRN.TORN_ASB"):
            status, self._torn = status[:2], status[2:]
        self._answer(status)

    # -- the line ------------------------------------------------------------------------------------------------------

    async def serve(self, wire: Wire) -> None:
        outbox: asyncio.Queue[bytes] = asyncio.Queue()
        self._outbox = outbox
        self._tail = b""
        helpers = [asyncio.ensure_future(self._print_forever()), asyncio.ensure_future(_post(outbox, wire))]
        forgotten = False
        try:
            while data := await wire.read():
                forgotten = forgotten or self.faults.take("PRN.HALF_OPEN") is not None
                if forgotten:
                    continue
                alive = self._receive(data)
                if not alive:
                    await wire.hang_up()
                    return
                while self._full():
                    self._room.clear()
                    await self._room.wait()
        finally:
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)
            if self._outbox is outbox:
                self._outbox = None
                self._asb = False
                self._print_all()

    def _full(self) -> bool:
        """No more is taken from the line: the buffer holds work for the head, or the machine stands still."""
        return len(self._buffer) >= self._size and (self._standing() or self._next() is not None)

    def _receive(self, data: bytes) -> bool:
        """Take bytes from the line; False when the power went."""
        if self._power is not None:
            taken = data[: self._power]
            self._power -= len(taken)
            if self._power <= 0:
                self.faults.take("PRN.POWER_LOSS")
                self._power = None
                self._buffer += taken
                self._print_all()
                self._buffer.clear()
                self._machine.power_on()
                self._asb = self._xoff = False
                self.changed()
                return False
        self._buffer += data
        self._realtime(data)
        if self.faults.active("PRN.XOFF") and not self._xoff and data[:1] != b"\x10":
            self._xoff = True
            self._answer(b"\x13")
        self._work.set()
        return True

    def _realtime(self, data: bytes) -> None:
        """What is obeyed at reception."""
        orders, self._tail = find_orders(self._tail + data, presents=self._presenter)
        for order in orders:
            match order.what:
                case Realtime.STATUS:
                    self._status(order.number)
                case Realtime.RECOVER:
                    self._recover(empty=order.number == 2)
                case Realtime.CLEAR:
                    self._throw_away(order.behind)

    def _throw_away(self, behind: int) -> None:
        """DLE DC4 8: what came before it is forgotten, printed or not; `behind` it the stream goes on."""
        if self.faults.active("PRN.NO_CLEAR") or self.faults.active("PRN.ESC_V"):
            return
        del self._buffer[: len(self._buffer) - behind]
        self._machine.forget_line()
        self._answer(b"\x37\x25\x00")

    def _recover(self, *, empty: bool) -> None:
        """DLE ENQ: go on after an error, at the line where it came (1) or with nothing left to print (2)."""
        if self._sensors.cutter_jammed:
            self._sensors.cutter_jammed = False
            if empty:
                self._buffer.clear()

    def _status(self, number: int) -> None:
        if self.faults.take("PRN.MUTE_STATUS") or self.faults.active("PRN.ESC_V"):
            return
        old = b""
        if self.faults.take("PRN.STALE_ASB"):
            old = b"\x18\x00\x0c\x00"
        elif self.faults.take("PRN.STALE_BYTE"):
            old = b"\x18"
        answer = self._sensors.full() if number == FULL_STATUS else bytes([self._sensors.dle_eot(number)])
        rest, self._torn = self._torn, b""
        self._answer(old + answer + rest)

    def _answer(self, data: bytes) -> None:
        if self._outbox is not None:
            self._outbox.put_nowait(data)

    # -- printing ------------------------------------------------------------------------------------------------------

    async def _print_forever(self) -> None:
        while True:
            lines = self._machine.lines
            if not self._step():
                self._work.clear()
                await self._work.wait()
            elif (slow := self.faults.active("PRN.SLOW")) and self._machine.lines > lines:
                await asyncio.sleep(slow.number("delay", 1.0) * (self._machine.lines - lines))
            elif not self._machine.filling or self._machine.lines > lines:  # none for each character of a line
                await asyncio.sleep(0)

    def _print_all(self) -> None:
        while self._step():
            pass

    def _step(self) -> bool:
        """Execute one command; False when there is none complete, or the machine stands still."""
        command = None if self._standing() else self._next()
        if command is None:
            return False
        cutting, asking = command.name in _CUTS, command.name == "realtime"
        if not asking and self._sensors.reach(self._machine.lines, cutting=cutting):
            self._happened()
            return not self._standing()
        raw = bytes(self._buffer[: command.size])
        del self._buffer[: command.size]
        self._room.set()
        if cutting and self._knife_jams():
            self._happened()
            return False
        if self._queued(command.name, command.args):
            return True
        if command.name == "\x1b@":
            self._asb = False  # as in the command reference: in force until ESC @
        lines = self._machine.lines
        piece = self._machine.execute(command, raw)
        if command.name == "text":
            self._print_on(lines)
        self._slip_out = piece is not None or (self._slip_out and self._machine.lines == lines)
        if piece is not None:
            self.papers.append(piece)
            self._sensors.presented = True
            self.changed()
        if self._machine.roll.ended and self._sensors.paper != "out":
            self._sensors.roll = "out"
            self._happened()
        return True

    def _print_on(self, lines: int) -> None:
        """The characters behind the first one, until the line is full: nothing strikes within a line."""
        machine = self._machine
        while machine.lines == lines and (command := self._next()) is not None and command.name == "text":
            raw = bytes(self._buffer[: command.size])
            del self._buffer[: command.size]
            machine.execute(command, raw)

    def _knife_jams(self) -> bool:
        self._sensors.cutter_broken |= self.faults.take("PRN.CUTTER_STUCK") is not None
        self._sensors.cutter_jammed |= self.faults.take("PRN.CUTTER") is not None
        return self._sensors.cutter_broken or self._sensors.cutter_jammed

    def _standing(self) -> bool:
        return self._sensors.offline or self._xoff

    def _next(self) -> Printed | None:
        return next_command(self._buffer, self._machine.mode.kanji and self._machine.can.chinese)

    def _queued(self, name: str, args: bytes) -> bool:
        """Requests that are answered in the order of printing."""
        mute = (
            self.faults.take("PRN.MUTE_STATUS") is not None if name in ("\x1dr", "\x1bv", "\x1d(", "\x1dI") else False
        )
        clone = self.faults.active("PRN.ESC_V") is not None
        match name:
            case "\x1dr":
                answer = self._sensors.gs_r()
            case "\x1bv":
                answer = self._sensors.esc_v()
                clone = False
            case "\x1dI":
                answer = identity(args[0])
            case "\x1d(" if args[:1] == b"H" and args[3:5] == b"00" and self._process_id:
                answer = b"\x37\x22" + args[5:9] + b"\x00"
            case "\x1da":
                self._asb = bool(args[0]) and not self.faults.active("PRN.NO_ASB")
                answer = self._asb_sent = self._sensors.asb()
                mute = not self._asb
            case _:
                return False
        ends = self._slip_out and name in ("\x1dr", "\x1bv", "\x1d(")
        lost = ends and self.faults.take("PRN.END_LOST") is not None
        if not mute and not clone and not lost:
            self._answer(answer)
        return True


async def _post(outbox: asyncio.Queue[bytes], wire: Wire) -> None:
    while True:
        await wire.write(await outbox.get())
