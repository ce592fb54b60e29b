"""A simulated board of relays and inputs: a Modbus RTU unit with coils and discrete inputs.

{"do": "set", "input": "door", "on": true}       an input by its name, in its own sense (open, tampered, present)
{"do": "door", "open": true} {"do": "tamper", "pried": true} {"do": "person", "present": true}
{"do": "bit", "at": 7, "on": true}               an input by its number
{"do": "restart"}                                the board loses its power for a moment: all outputs fall
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import ClassVar

from config.io_board import EXAMPLE, IoTable
from drivers.io_board.rtu import MOST_BITS, MOST_WRITTEN, Function, frame, intact, pack_bits, unpack_bits
from drivers.simulator import Command, Reply, Simulator
from drivers.transport.base import Wire

_FRAME_GAP = 0.05
"""Seconds of silence inside a frame after which a unit forgets it; much longer than the 3.5 characters, as lines in tests are rough."""
_ILLEGAL_FUNCTION, _ILLEGAL_ADDRESS, _ILLEGAL_VALUE, _BUSY = 0x01, 0x02, 0x03, 0x06
_WORDS = {"door": "open", "tamper": "pried", "person": "present"}
_MOST_PENDING = 512


class BoardSimulator(Simulator):
    kind = "io_board"
    fault_ids: ClassVar[Mapping[str, str]] = {
        "MB.EXCEPTION": "the board answers with the exception `code` (4)",
        "MB.BUSY": "the board is busy (exception 6)",
        "MB.NO_FUNCTION": "the board does not know the function `function` (1)",
        "MB.MUTE": "the board neither does what it is told nor answers",
        "MB.ANSWER_LOST": "the board does what it is told, its answer is lost",
        "MB.WRONG_UNIT": "the answer comes from unit `unit` (2)",
        "MB.OTHER_FUNCTION": "the answer is that to another function",
        "MB.CRC": "the checksum of the answer is wrong",
        "MB.SHORT": "the answer has a byte of data too few, with a good checksum",
        "MB.ECHO": "the line's adapter sends back what it was sent before the answer",
        "MB.BOUNCE": "the input `at` (0) is read the wrong way round",
        "MB.STUCK_OUTPUT": "the output `at` (0) stays as it is",
    }

    def __init__(self, table: IoTable | None = None, *, unit: int = 1, size: int = 32) -> None:
        """`size`: how many coils and how many inputs it has; always enough for the table."""
        super().__init__()
        self.table = table or EXAMPLE
        self.unit = unit
        most = max(
            (point.at for points in (self.table.lights, self.table.inputs) for point in points.values()), default=0
        )
        self.coils = [False] * max(size, most + 1)
        self.bits = [False] * max(size, most + 1)
        for name, point in self.table.inputs.items():
            self.bits[point.at] = point.inverted  # nothing is open, nobody is there
            del name
        self.frames: list[bytes] = []
        """The last whole frames that came for this unit, for tests and the bench."""

    # --- what happens around it

    def control(self, command: Command) -> Reply:
        common = self.control_common(command)
        if common is not None:
            return common
        match command.get("do"):
            case "set":
                self.set_input(str(command.get("input", "")), bool(command.get("on", True)))
            case "door" | "tamper" | "person" as name:
                self.set_input(name, bool(command.get(_WORDS[name], True)))
            case "bit":
                at = command.get("at")
                if not isinstance(at, int) or not 0 <= at < len(self.bits):
                    raise ValueError(f"at must be a number from 0 to {len(self.bits) - 1}")
                self.bits[at] = bool(command.get("on", True))
                self.changed()
            case "restart":
                self.coils = [False] * len(self.coils)
                self.changed()
            case other:
                raise ValueError(f"a board cannot do {other!r}; it knows set, door, tamper, person, bit and restart")
        return {"ok": True, **self.state()}

    def set_input(self, name: str, on: bool) -> None:
        """Raises ValueError for a name that is not in the table."""
        if name not in self.table.inputs:
            raise ValueError(f"there is no input {name!r}; there is {', '.join(self.table.inputs) or 'none'}")
        point = self.table.inputs[name]
        self.bits[point.at] = on is not point.inverted
        self.changed()

    def lit(self) -> dict[str, bool]:
        return {name: self.coils[output.at] is not output.inverted for name, output in self.table.lights.items()}

    def state(self) -> Reply:
        inputs = {name: self.bits[point.at] is not point.inverted for name, point in self.table.inputs.items()}
        return {"lights": self.lit(), "inputs": inputs, "faults": self.faults.as_reply()}

    # --- the line

    async def serve(self, wire: Wire) -> None:
        pending = b""
        reading = asyncio.ensure_future(wire.read())
        try:
            while True:
                await asyncio.wait((reading,), timeout=_FRAME_GAP if pending else None)
                if not reading.done():
                    pending = b""
                    continue
                data = reading.result()
                if not data:
                    return
                reading = asyncio.ensure_future(wire.read())
                pending = (pending + data)[-_MOST_PENDING:]
                while (length := _request_length(pending)) and len(pending) >= length:
                    whole, pending = pending[:length], pending[length:]
                    if intact(whole):
                        await self._hear(wire, whole)
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _hear(self, wire: Wire, whole: bytes) -> None:
        """One whole frame. A unit says nothing to what is not for it, and nothing to what is for all (unit 0)."""
        unit, pdu = whole[0], whole[1:-2]
        if unit not in (0, self.unit) or self.faults.take("MB.MUTE"):
            return
        self.frames = [*self.frames[-63:], whole]
        answer = self._refused(pdu) or self._do(pdu)
        if unit == 0 or self.faults.take("MB.ANSWER_LOST"):
            return
        await wire.write(self._spoiled(answer, whole))

    def _refused(self, pdu: bytes) -> bytes | None:
        take, active = self.faults.take, self.faults.active
        if take("MB.BUSY"):
            return bytes((pdu[0] | 0x80, _BUSY))
        if fault := take("MB.EXCEPTION"):
            return bytes((pdu[0] | 0x80, int(fault.number("code", 4)) & 0xFF))
        if (fault := active("MB.NO_FUNCTION")) and pdu[0] == int(fault.number("function", 1)):
            take("MB.NO_FUNCTION")
            return bytes((pdu[0] | 0x80, _ILLEGAL_FUNCTION))
        return None

    def _spoiled(self, pdu: bytes, request: bytes) -> bytes:
        take = self.faults.take
        if take("MB.OTHER_FUNCTION"):
            pdu = b"\x02\x01\x00" if pdu[0] == Function.READ_COILS else b"\x01\x01\x00"
        if take("MB.SHORT") and len(pdu) > 2 and pdu[0] in (Function.READ_COILS, Function.READ_INPUTS):
            pdu = bytes((pdu[0], pdu[1] - 1)) + pdu[2:-1]
        unit = self.unit
        if fault := take("MB.WRONG_UNIT"):
            unit = int(fault.number("unit", 2)) & 0xFF
        answer = frame(unit, pdu)
        if take("MB.CRC"):
            answer = answer[:-1] + bytes((answer[-1] ^ 0x01,))
        return request + answer if take("MB.ECHO") else answer

    # --- the functions

    def _do(self, pdu: bytes) -> bytes:
        function, first = pdu[0], int.from_bytes(pdu[1:3], "big")
        match function:
            case Function.READ_COILS | Function.READ_INPUTS:
                return self._read(function, first, int.from_bytes(pdu[3:5], "big"))
            case Function.WRITE_COIL:
                value = pdu[3:5]
                if value not in (b"\xff\x00", b"\x00\x00"):
                    return bytes((function | 0x80, _ILLEGAL_VALUE))
                if first >= len(self.coils):
                    return bytes((function | 0x80, _ILLEGAL_ADDRESS))
                self._set(first, (value[0] == 0xFF,))
                return pdu[:5]
            case Function.WRITE_COILS:
                count = int.from_bytes(pdu[3:5], "big")
                if not 1 <= count <= MOST_WRITTEN or pdu[5] != (count + 7) // 8 or len(pdu) != 6 + pdu[5]:
                    return bytes((function | 0x80, _ILLEGAL_VALUE))
                if first + count > len(self.coils):
                    return bytes((function | 0x80, _ILLEGAL_ADDRESS))
                self._set(first, unpack_bits(pdu[6:], count))
                return pdu[:5]
        return bytes((function | 0x80, _ILLEGAL_FUNCTION))

    def _read(self, function: int, first: int, count: int) -> bytes:
        source = self.coils if function == Function.READ_COILS else self.bits
        if not 1 <= count <= MOST_BITS:
            return bytes((function | 0x80, _ILLEGAL_VALUE))
        if first + count > len(source):
            return bytes((function | 0x80, _ILLEGAL_ADDRESS))
        bits = list(source[first : first + count])
        if function == Function.READ_INPUTS and (fault := self.faults.active("MB.BOUNCE")):
            at = int(fault.number("at", 0)) - first
            if 0 <= at < count:
                self.faults.take("MB.BOUNCE")
                bits[at] = not bits[at]
        packed = pack_bits(bits)
        return bytes((function, len(packed))) + packed

    def _set(self, first: int, values: tuple[bool, ...]) -> None:
        stuck = self.faults.active("MB.STUCK_OUTPUT")
        held = int(stuck.number("at", 0)) if stuck is not None else None
        for at, on in enumerate(values, first):
            if at != held:
                self.coils[at] = on
        self.changed()


def _request_length(data: bytes) -> int:
    """Of the request that begins `data`; 0: it cannot be said yet."""
    if len(data) < 2:
        return 0
    if data[1] != Function.WRITE_COILS:
        return 8  # all other functions of such boards; what is none of theirs is forgotten after a silence
    return 9 + data[6] if len(data) > 6 else 0
