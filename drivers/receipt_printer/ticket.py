"""A slip in the printer's language, ready to be sent."""

from __future__ import annotations

from dataclasses import dataclass, field

DOTS_PER_MM = 8
"""203 dpi, the resolution of every 58 mm and 80 mm kiosk printer."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One whole command, and how far it moves the paper. `cuts`: it ends with a cut."""

    data: bytes = field(repr=False)
    dots: int = 0
    cuts: bool = False


@dataclass(frozen=True, slots=True)
class Ticket:
    """A status request may be sent between two pieces, never inside one."""

    pieces: tuple[Piece, ...] = field(repr=False)

    @property
    def segments(self) -> tuple[bytes, ...]:
        return tuple(piece.data for piece in self.pieces)

    @property
    def mm(self) -> float:
        """About how much paper it takes."""
        return sum(piece.dots for piece in self.pieces) / DOTS_PER_MM

    @property
    def data(self) -> bytes:
        return b"".join(self.segments)
