"""What a simulated printer works on, what comes out of it, and how many pages a PDF has."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field

from drivers.document_printer.job import State

_PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z])")
_STREAM = re.compile(rb"/Type\s*/ObjStm\b[^>]*?>>\s*stream\r?\n", re.DOTALL)
_LARGEST = 16 * 1024 * 1024


@dataclass(slots=True)
class PrintJob:
    """One job inside the printer. Times are seconds since the printer was switched on."""

    number: int
    name: str
    user: str
    sides: str
    copies: int
    created: int
    state: State = State.HELD
    pdf: bytes = field(default=b"", repr=False)
    processed: int | None = None
    ended: int | None = None
    wiped: bool = False
    """Its document is not kept once it has come out."""
    impressions: int = 0
    sheets: int = 0

    def end(self, state: State, at: int) -> None:
        """From here on it has no document any more."""
        self.state, self.ended, self.pdf = state, at, b""


@dataclass(frozen=True, slots=True)
class Paper:
    """One document as it lies in the tray."""

    number: int
    """Counts from 1 and never begins anew."""
    name: str
    pdf: bytes = field(repr=False)
    pages: int
    sides: str = "one-sided"
    copies: int = 1

    @property
    def impressions(self) -> int:
        return self.pages * self.copies

    @property
    def sheets(self) -> int:
        """`job-media-sheets-completed`: both sides of one sheet are two impressions."""
        return self.copies * (self.pages if self.sides == "one-sided" else -(-self.pages // 2))


def count_pages(pdf: bytes) -> int:
    """Page objects (ISO 32000-1, 7.7.3.3), also those in object streams (7.5.7); 0 where none can be seen (encrypted)."""
    found = len(_PAGE.findall(pdf))
    for stream in _STREAM.finditer(pdf):
        found += len(_PAGE.findall(_inflated(pdf[stream.end() :])))
    return found


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, _LARGEST)
    except zlib.error:
        return b""
