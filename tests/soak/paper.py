"""What lies in the printers' trays, read from what reached them: the receipts' bytes, and the spooler's sheets."""

from __future__ import annotations

from pathlib import Path

from drivers.receipt_printer.machine import Machine
from drivers.receipt_printer.stream import next_command

DOTS = 576


def receipts(folder: Path) -> list[str]:
    """The text of every slip that came out, over all lives of the printer."""
    return [text for file in sorted(folder.glob("*/*.escpos")) if (text := _text(file.read_bytes())).strip()]


def _text(raw: bytes) -> str:
    machine, left = Machine(DOTS), bytearray(raw)
    found = []
    while (command := next_command(left, machine.mode.kanji and machine.can.chinese)) is not None:
        piece = machine.execute(command, bytes(left[: command.size]))
        del left[: command.size]
        if piece is not None:
            found.append(piece.text)
    return "".join(found)
