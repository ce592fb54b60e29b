"""The ESC/POS commands the encoder uses, written by python-escpos where it is sound.

Taken from the library: initialise, alignment, emphasis, size, feed, cut, native QR code, barcode settings. Not taken, with
the reason: text (its code-page guessing garbles Chinese), `image()` and `barcode()` (they print to stdout, and the former
dithers), every connector and status helper (they take silence for "paper ok").
"""

from __future__ import annotations

import logging
import os
import shutil
from typing import Literal

from kiosk.domain.slip import Align


def _import_escpos() -> type:
    """python-escpos on import configures the root logger and leaves a cache directory in /tmp behind; both are undone."""
    root = logging.getLogger()
    handlers = list(root.handlers)
    from escpos import capabilities, escpos

    for handler in root.handlers[:]:
        if handler not in handlers:
            root.removeHandler(handler)
    if "ESCPOS_CAPABILITIES_PICKLE_DIR" not in os.environ:
        shutil.rmtree(capabilities.pickle_dir, ignore_errors=True)
    base: type = escpos.Escpos
    return base


_Escpos = _import_escpos()


class Commands(_Escpos):  # type: ignore[misc, valid-type]
    """Collects the bytes of the commands called on it; `take()` hands them over."""

    def __init__(self) -> None:
        super().__init__()
        self._bytes = bytearray()

    def _raw(self, msg: bytes) -> None:
        self._bytes += msg

    def take(self) -> bytes:
        data = bytes(self._bytes)
        self._bytes.clear()
        return data

    def start(self) -> bytes:
        """ESC @, default line spacing, Chinese mode (FS &)."""
        self.hw("INIT")
        self._raw(b"\x1b2\x1c&")
        return self.take()

    def styled(self, text: bytes, align: Align, bold: bool, size: Literal[1, 2]) -> bytes:
        """One line of `text` in its style; the style is taken back, so that lines do not depend on each other."""
        changes = align != "left" or bold or size != 1
        if align != "left":
            self.set(align=align)
        if bold:
            self.set(bold=True)
        if size != 1:
            self.set(custom_size=True, width=size, height=size)
        self._raw(text + b"\n")
        if changes:
            if size != 1:
                self.set(custom_size=True, width=1, height=1)
            if bold:
                self.set(bold=False)
            if align != "left":
                self.set(align="left")
        return self.take()

    def feed(self, lines: int) -> bytes:
        """ESC d n."""
        while lines > 0:
            self.print_and_feed(min(lines, 255))
            lines -= 255
        return self.take()

    def space(self, dots: int) -> bytes:
        """ESC J n; some machines count half dots."""
        self._raw(b"\x1bJ" + bytes([dots]))
        return self.take()

    def qr_code(self, data: str, module: int) -> bytes:
        """GS ( k, model 2, error correction M, centred."""
        self.set(align="center")
        self.qr(data, ec=1, size=module, native=True)
        self.set(align="left")
        return self.take()

    def code128(self, payload: bytes, module: int, height: int) -> bytes:
        """GS k 73 n, centred, digits below in font A."""
        from escpos import constants

        self.set(align="center")
        self._raw(constants.BARCODE_HEIGHT + bytes([height]) + constants.BARCODE_WIDTH + bytes([module]))
        self._raw(constants.BARCODE_FONT_A + constants.BARCODE_TXT_BLW)
        self._raw(constants.BARCODE_TYPE_B["CODE128"] + bytes([len(payload)]) + payload)
        self.set(align="left")
        return self.take()

    def raster(self, width_bytes: int, rows: int, dots: bytes) -> bytes:
        """GS v 0."""
        self._raw(b"\x1dv0\x00" + width_bytes.to_bytes(2, "little") + rows.to_bytes(2, "little") + dots)
        return self.take()

    def end(self, cut: Literal["full", "partial", "none"]) -> bytes:
        """Feed past the cutter and cut."""
        if cut == "none":
            self.print_and_feed(6)
        else:
            self.cut(mode="FULL" if cut == "full" else "PART")
        return self.take()
