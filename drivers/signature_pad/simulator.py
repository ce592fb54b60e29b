"""A simulated pad with a pen: sends reports as a STU-430 is said to. What is written is a wavy line, nobody's name.

{"do": "sign"}                                        a signature
{"do": "dot"}                                         one tap
{"do": "stroke", "points": [[10, 20], [40, 22, 0.8]]} one stroke: x, y in millimetres, pressure 0…1
{"do": "down", "x": 10, "y": 20} {"do": "move", …} {"do": "up"}
{"do": "screen"}                                      what its screen shows: the picture (one bit a pixel) and the pen's lines
"""

from __future__ import annotations

import asyncio
import base64
import errno
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from drivers.signature_pad.envelope import Envelope, Kind, Opener
from drivers.signature_pad.stu import STU_430, Capability, Pen, Report, pack_model, parse_picture_data
from drivers.simulator import Command, Reply, Simulator
from drivers.transport.base import Wire

_USUAL_PRESSURE = 0.5
_FEATURES = (Report.INFORMATION, Report.CAPABILITY)
_INCH_MM = 25.4
_WORDS = 3
_POINTS = 40


class StuSimulator(Simulator):
    kind = "signature_pad"
    fault_ids: ClassVar[Mapping[str, str]] = {
        "STU.FLOOD": "a signature has `strokes` (400) strokes",
        "STU.OUTSIDE": "the pen leaves the surface in mid-stroke",
        "STU.NO_LIFT": "that the pen is lifted is not told",
        "STU.MUTE_PEN": "nothing of the pen is told",
        "STU.NO_FLAGS": "the flags do not say that the pen touches, its pressure does",
        "STU.SHORT": "a report of the pen has too few bytes",
        "STU.STRANGE": "a report with a number that nobody knows comes before",
        "STU.MUTE": "questions are not answered",
        "STU.NO_REPORT": "the pad does not know the feature report `report` (9)",
        "STU.NONSENSE": "the capability report is all zeros",
        "STU.OTHER": "another feature report comes than was asked for",
    }

    def __init__(self, capability: Capability = STU_430, model: str = "STU-430") -> None:
        super().__init__()
        self._capability = capability
        self._model = model
        self._outboxes: list[asyncio.Queue[bytes]] = []
        self._at: tuple[float, float] | None = None
        self.wiped = 0
        self.points = 0
        """On the screen since it was wiped."""
        self.picture = b""
        """Rows of its screen, one bit a pixel; empty: nothing is shown but ink."""
        self._sent: bytearray | None = None
        """A picture that is being sent."""
        self._lines: list[list[tuple[float, float]]] = []

    # --- what a person does

    def control(self, command: Command) -> Reply:
        common = self.control_common(command)
        if common is not None:
            return common
        match command.get("do"):
            case "sign":
                self._sign()
            case "dot":
                self._stroke([(self._width / 2, self._height / 2)])
            case "stroke":
                points = command.get("points")
                if not isinstance(points, list) or not points:
                    raise ValueError("points must be a list of [x, y] or [x, y, pressure], in millimetres")
                self._stroke([_numbers(point) for point in points])
            case "down" | "move":
                self._touch(*_numbers([command.get("x"), command.get("y")]))
            case "up":
                self._lift()
            case "screen":
                return {"ok": True, **self._screen()}
            case other:
                raise ValueError(f"nobody can {other!r} on a pad; it can sign, dot, stroke, down, move and up")
        self.changed()
        return {"ok": True, **self.state()}

    def state(self) -> Reply:
        return {
            "pen_down": self._at is not None,
            "points": self.points,
            "wiped": self.wiped,
            "picture": bool(self.picture),
            "faults": self.faults.as_reply(),
        }

    def _screen(self) -> Reply:
        able = self._capability
        return {
            "width_mm": able.width_mm,
            "height_mm": able.height_mm,
            "width": able.screen_width,
            "height": able.screen_height,
            "bits_base64": base64.b64encode(self.picture).decode("ascii"),
            "lines": [[list(point) for point in line] for line in self._lines],
        }

    @property
    def _width(self) -> float:
        return self._capability.width_mm

    @property
    def _height(self) -> float:
        return self._capability.height_mm

    def _sign(self) -> None:
        if fault := self.faults.take("STU.FLOOD"):
            for number in range(int(fault.number("strokes", 400))):
                x = 5 + number % 80
                self._stroke([(x, 10.0), (x, 30.0)])
            return
        for word in range(_WORDS):
            self._stroke(list(_wave(self._width * (0.1 + 0.28 * word), self._width * 0.22, self._height / 2)))

    def _stroke(self, points: Sequence[tuple[float, ...]]) -> None:
        if self.faults.take("STU.OUTSIDE"):
            points = [*points, (self._width + 10, self._height / 2), (self._width / 2, self._height / 2)]
        for point in points:
            self._touch(*point)
        self._lift()

    def _touch(self, x: float, y: float, pressure: float = _USUAL_PRESSURE) -> None:
        if self._at is None:
            self._lines.append([])
        self._at = (x, y)
        self._lines[-1].append((x, y))
        self.points += 1
        units = self._capability.resolution / _INCH_MM
        flags = not self.faults.active("STU.NO_FLAGS")
        force = int(pressure * self._capability.max_pressure)
        self._tell(Pen(True, flags, force, _word(x * units), _word(y * units)))

    def _lift(self) -> None:
        if self._at is None or self.faults.take("STU.NO_LIFT"):
            return
        self._at = None
        self._tell(Pen(True, False, 0, 0, 0))
        self._tell(Pen(False, False, 0, 0, 0))

    def _tell(self, pen: Pen) -> None:
        if self.faults.active("STU.MUTE_PEN"):
            return
        reports = [pen.pack()]
        if self.faults.take("STU.SHORT"):
            reports[0] = reports[0][:4]
        if self.faults.take("STU.STRANGE"):
            reports.insert(0, bytes((0x77, 1, 2, 3)))
        for report in reports:
            self._send(Envelope(Kind.INPUT, report))

    # --- what the pad does

    def _send(self, envelope: Envelope) -> None:
        for outbox in self._outboxes:
            outbox.put_nowait(envelope.pack())

    async def serve(self, wire: Wire) -> None:
        outbox: asyncio.Queue[bytes] = asyncio.Queue()
        self._outboxes.append(outbox)
        hearing = asyncio.ensure_future(self._hear(wire, outbox))
        sending = asyncio.ensure_future(_send_all(wire, outbox))
        try:
            await asyncio.wait((hearing, sending), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._outboxes.remove(outbox)
            for task in (hearing, sending):
                task.cancel()
            await asyncio.gather(hearing, sending, return_exceptions=True)

    async def _hear(self, wire: Wire, outbox: asyncio.Queue[bytes]) -> None:
        opener = Opener()
        while data := await wire.read():
            for asked in opener.feed(data):
                answer = self._answer(asked)
                if answer is not None and not self.faults.take("STU.MUTE"):
                    outbox.put_nowait(answer.pack())

    def _answer(self, asked: Envelope) -> Envelope | None:
        if asked.kind not in (Kind.GET, Kind.SET) or not asked.report:
            return None
        number = asked.report[0]
        fault = self.faults.active("STU.NO_REPORT")
        if fault is not None and number == int(fault.number("report", 9)):
            self.faults.take("STU.NO_REPORT")
            return Envelope(Kind.ERROR, bytes((errno.EPIPE,)))
        if asked.kind is Kind.SET and number == Report.CLEAR:
            self.wiped += 1
            self._blank(b"")
            return Envelope(Kind.FEATURE, b"")
        if asked.kind is Kind.SET and self._drawn(asked.report):
            return Envelope(Kind.FEATURE, b"")
        if asked.kind is Kind.SET or number not in _FEATURES:
            return Envelope(Kind.ERROR, bytes((errno.EPIPE,)))
        report = self._capability.pack() if number == Report.CAPABILITY else pack_model(self._model)
        if number == Report.CAPABILITY and self.faults.take("STU.NONSENSE"):
            report = report[:1].ljust(len(report), b"\0")
        if self.faults.take("STU.OTHER"):
            report = bytes((0x7F,)) + report[1:]
        return Envelope(Kind.FEATURE, report)

    def _blank(self, picture: bytes) -> None:
        self.picture = picture
        self.points = 0
        self._lines = [[]] if self._at is not None else []
        self.changed()

    def _drawn(self, report: bytes) -> bool:
        """Whether this was a report about a picture that fits."""
        number, sent = report[0], self._sent
        if number == Report.PICTURE_BEGIN and report[1:2] == b"\0":
            self._sent = bytearray()
            return True
        if sent is None:
            return False
        if number == Report.PICTURE_DATA:
            try:
                sent += parse_picture_data(report)
            except ValueError:
                return False
            return True
        if number != Report.PICTURE_END:
            return False
        self._sent = None
        whole = (self._capability.screen_width + 7) // 8 * self._capability.screen_height
        if report[1:2] == b"\0" and len(sent) == whole:
            self._blank(bytes(sent))
        return len(sent) == whole


def _wave(left: float, width: float, middle: float) -> Iterator[tuple[float, float, float]]:
    for step in range(_POINTS):
        part = step / (_POINTS - 1)
        yield left + width * part, middle + 8 * math.sin(part * 4 * math.pi), 0.3 + 0.4 * part


def _numbers(values: Any) -> tuple[float, ...]:
    if not isinstance(values, list) or not 2 <= len(values) <= 3:
        raise ValueError("a point is [x, y] or [x, y, pressure], in millimetres")
    try:
        return tuple(float(value) for value in values)
    except TypeError:
        raise ValueError("x, y and pressure must be numbers") from None


def _word(value: float) -> int:
    return max(0, min(0xFFFF, round(value)))


async def _send_all(wire: Wire, outbox: asyncio.Queue[bytes]) -> None:
    while True:
        await wire.write(await outbox.get())
