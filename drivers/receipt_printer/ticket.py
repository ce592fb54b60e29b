"""A slip in the printer's language, ready to be sent."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Ticket:
    """`segments` are whole commands: a status request may be sent between two of them, never inside one."""

    segments: tuple[bytes, ...] = field(repr=False)
    mm: float
    """About how much paper it takes."""

    @property
    def data(self) -> bytes:
        return b"".join(self.segments)
