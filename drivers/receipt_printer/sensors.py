"""What the simulated printer's sensors see, and the status bytes that tell of it (fixed bits as in the command reference)."""

from __future__ import annotations

from dataclasses import dataclass

from drivers.simulator import FaultBook


@dataclass
class Sensors:
    """`faults` PRN.HOT and PRN.OFFLINE act on the head and the panel while they are armed."""

    faults: FaultBook
    paper: str = "full"
    cover_open: bool = False
    cutter_jammed: bool = False

    @property
    def hot(self) -> bool:
        return self.faults.active("PRN.HOT") is not None

    @property
    def feeding(self) -> bool:
        return self.faults.active("PRN.OFFLINE") is not None

    @property
    def offline(self) -> bool:
        return self.paper == "out" or self.cover_open or self.cutter_jammed or self.hot or self.feeding

    def dle_eot(self, number: int) -> int:
        """0xx1xx10."""
        out = self.paper == "out"
        bits = {
            1: 0x08 * self.offline | 0x40 * self.feeding,
            2: 0x04 * self.cover_open | 0x08 * self.feeding | 0x20 * out | 0x40 * (self.cutter_jammed or self.hot),
            3: 0x08 * self.cutter_jammed | 0x40 * self.hot,
            4: 0x6C * out | 0x0C * (self.paper == "low"),
        }
        return 0x12 | bits[number]

    def asb(self) -> bytes:
        """0xx1xx00 and three times 0xx0xxxx."""
        first = 0x10 | 0x08 * self.offline | 0x20 * self.cover_open | 0x40 * self.feeding
        second = 0x08 * self.cutter_jammed | 0x40 * self.hot
        return bytes((first, second, self.gs_r()[0], 0x00))

    def gs_r(self) -> bytes:
        """0xx0xxxx: bits 0-1 nearly out, bits 2-3 out."""
        return bytes([0x0F if self.paper == "out" else 0x03 if self.paper == "low" else 0x00])

    def esc_v(self) -> bytes:
        """Clones: 00 paper, 0F none."""
        return b"\x0f" if self.paper == "out" else b"\x00"
