"""The simulated roll of paper: what the head burnt on it, and the pieces that were cut off."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from PIL import Image

DOTS_PER_MM = 8
CUTTER_DOTS = 100
"""The knife sits this far above the head: what was printed last is still inside when it cuts."""
_MARGIN = 32


@dataclass(frozen=True, slots=True)
class Dots:
    """What the head burns, so many dots wide and high; `draw` makes the picture (1 = ink) when somebody looks at the paper."""

    width: int
    height: int
    draw: Callable[[], Image.Image] = field(repr=False)

    @classmethod
    def of(cls, picture: Image.Image) -> Dots:
        return cls(picture.width, picture.height, lambda: picture)


Mark = tuple[int, int, Dots]
"""Where on the paper: x from its left edge, y from its upper end, in dots."""


@dataclass(frozen=True)
class Paper:
    """One piece as the citizen takes it. `text` has what was printed as characters, `raw` the bytes that made it."""

    text: str = field(repr=False)
    raw: bytes = field(repr=False)
    mm: float
    size: tuple[int, int]
    """Width and height in dots, without the margin of the picture."""
    marks: tuple[Mark, ...] = field(repr=False)

    @cached_property
    def png(self) -> bytes:
        """The piece as a picture, black on white. Raises DeviceError CONFIG where no Chinese font is installed."""
        page = Image.new("1", (self.size[0] + 2 * _MARGIN, self.size[1]), 1)
        dots = Image.new("1", self.size, 0)
        for x, y, mark in self.marks:
            dots.paste(1, (x, y), mark.draw())
        page.paste(0, (_MARGIN, 0), dots)
        out = io.BytesIO()
        page.save(out, "PNG")
        return out.getvalue()


class Roll:
    """Dots on paper `width` dots wide (384 at 58 mm, 576 at 80 mm)."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.left: int | None = None
        """Dots of paper until the end of the roll, None when it is far away."""
        self._height = CUTTER_DOTS  # the end of the paper was cut once, so it is at the knife
        self._marks: list[Mark] = []
        self._texts: list[tuple[int, str]] = []

    @property
    def mm(self) -> float:
        """Length of the piece that hangs from the machine."""
        return self._height / DOTS_PER_MM

    @property
    def text(self) -> str:
        return "\n".join(text for _, text in self._texts)

    @property
    def ended(self) -> bool:
        return self.left is not None and self.left <= 0

    def burn(self, dots: Dots, x: int, advance: int, text: str = "") -> None:
        """Print dots at the head, then move the paper by `advance`."""
        self._marks.append((x, self._height, dots))
        if text:
            self._texts.append((self._height, text))
        self.advance(advance)

    def advance(self, dots: int) -> None:
        self._height += dots
        if self.left is not None:
            self.left -= dots

    def cut(self, raw: bytes, feed: int = 0) -> Paper:
        """Move the paper by `feed` and cut; what is below the knife stays in the machine."""
        self.advance(feed)
        return self._separate(max(0, self._height - CUTTER_DOTS), raw)

    def tear(self, raw: bytes) -> Paper:
        """Pull off all that hangs from the machine."""
        return self._separate(self._height, raw)

    def _separate(self, at: int, raw: bytes) -> Paper:
        piece = tuple(mark for mark in self._marks if mark[1] < at)
        text = "\n".join(text for y, text in self._texts if y < at)
        self._height -= at
        self._marks = [(x, y - at, dots) for x, y, dots in self._marks if y + dots.height > at]
        self._texts = [(y - at, text) for y, text in self._texts if y >= at]
        return Paper(text, raw, at / DOTS_PER_MM, (self.width, max(1, at)), piece)
