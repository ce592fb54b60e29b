"""What the simulated printer's sensors see, and the status bytes that tell of it (fixed bits as in the command reference)."""

from __future__ import annotations

from dataclasses import dataclass, field

from drivers.simulator import Fault, FaultBook

PLACED = ("PRN.PAPER_LOW", "PRN.PAPER_OUT", "PRN.COVER")
"""Faults that may wait for their place in a slip: `lines` further on, or at the cut."""


@dataclass
class Sensors:
    """`faults` act on the parts while they are armed; those of `PLACED` from their place on."""

    faults: FaultBook
    roll: str = "full"
    """What is left on it, as far as a person has seen to that."""
    cover_open: bool = False
    cutter_jammed: bool = False
    cutter_broken: bool = False
    """Jammed, and no command frees it."""
    presented: bool = False
    """A slip hangs from the presenter."""
    _waiting: dict[str, int] = field(default_factory=dict)
    """Placed faults that have not struck yet, and how many lines had been printed when they were armed."""

    def place(self, fault_id: str, lines: int) -> None:
        """A fault of `PLACED` was armed after so many printed lines."""
        self._waiting.pop(fault_id, None)
        fault = self.faults.peek(fault_id)
        if fault is not None and ("lines" in fault.args or "at" in fault.args):
            self._waiting[fault_id] = lines

    def reach(self, lines: int, *, cutting: bool) -> bool:
        """The slip has come so far: whether something strikes here."""
        struck = False
        for fault_id, since in tuple(self._waiting.items()):
            fault = self.faults.peek(fault_id)
            if fault is None:
                del self._waiting[fault_id]
            elif cutting if fault.args.get("at") == "cut" else lines - since >= fault.number("lines", 0):
                del self._waiting[fault_id]
                struck = True
        return struck

    def _struck(self, fault_id: str) -> Fault | None:
        return None if fault_id in self._waiting else self.faults.active(fault_id)

    @property
    def paper(self) -> str:
        if self.roll == "out" or self._struck("PRN.PAPER_OUT"):
            return "out"
        return "low" if self._struck("PRN.PAPER_LOW") else self.roll

    @property
    def opened(self) -> bool:
        return self.cover_open or self._struck("PRN.COVER") is not None

    @property
    def hot(self) -> bool:
        return self.faults.active("PRN.HOT") is not None

    @property
    def feeding(self) -> bool:
        return self.faults.active("PRN.OFFLINE") is not None

    @property
    def presenter_jammed(self) -> bool:
        return self.faults.active("PRN.PRESENTER_JAM") is not None

    @property
    def offline(self) -> bool:
        stuck = self.cutter_jammed or self.cutter_broken or self.presenter_jammed
        return self.paper == "out" or self.opened or stuck or self.hot or self.feeding

    def dle_eot(self, number: int) -> int:
        """0xx1xx10."""
        out = self.paper == "out"
        cutter = self.cutter_jammed or self.cutter_broken
        bits = {
            1: 0x08 * self.offline | 0x40 * self.feeding,
            2: 0x04 * self.opened
            | 0x08 * self.feeding
            | 0x20 * out
            | 0x40 * (cutter or self.hot or self.presenter_jammed),
            3: 0x04 * self.presenter_jammed | 0x08 * cutter | 0x20 * self.cutter_broken | 0x40 * self.hot,
            4: 0x6C * out | 0x0C * (self.paper == "low"),
        }
        return 0x12 | bits[number]

    def full(self) -> bytes:
        """DLE EOT 20 of Custom's kiosk printers: DLE, 0F, then paper, user, recoverable and unrecoverable errors."""
        out, broken = self.paper == "out", self.cutter_jammed or self.cutter_broken
        paper = 0x01 * out | 0x04 * (self.paper != "full") | 0x20 * self.presented
        errors = 0x01 * self.hot | 0x40 * self.presenter_jammed
        return bytes((0x10, 0x0F, paper, 0x02 * self.opened | 0x20 * self.feeding, errors, 0x01 * broken))

    def asb(self) -> bytes:
        """0xx1xx00 and three times 0xx0xxxx."""
        first = 0x10 | 0x08 * self.offline | 0x20 * self.opened | 0x40 * self.feeding
        second = 0x08 * (self.cutter_jammed or self.cutter_broken) | 0x20 * self.cutter_broken | 0x40 * self.hot
        return bytes((first, second, self.gs_r()[0], 0x00))

    def gs_r(self) -> bytes:
        """0xx0xxxx: bits 0-1 nearly out, bits 2-3 out."""
        return bytes([0x0F if self.paper == "out" else 0x03 if self.paper == "low" else 0x00])

    def esc_v(self) -> bytes:
        """Clones: 00 paper, 0F none."""
        return b"\x0f" if self.paper == "out" else b"\x00"


_NAMES = {65: b"1.0", 66: b"OneTrip", 67: b"Simulated ESC/POS", 69: b"CHINA GB2312"}


def identity(number: int) -> bytes:
    """GS I: firmware, maker, model, language of the characters; of other questions the model's number."""
    return b"_" + _NAMES[number] + b"\x00" if number in _NAMES else b"\x02"
