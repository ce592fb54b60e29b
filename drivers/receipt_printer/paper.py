"""The simulated roll of paper: what the head burnt on it, and the pieces that were cut off."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

from PIL import Image

DOTS_PER_MM = 8
CUTTER_DOTS = 100
"""The knife sits this far above the head: what was printed last is still inside when it cuts."""
_MARGIN = 32


@dataclass(frozen=True, slots=True)
class Paper:
    """One piece as the citizen takes it. `text` has what was printed as characters, `raw` the bytes that made it."""

    png: bytes = field(repr=False)
    text: str = field(repr=False)
    raw: bytes = field(repr=False)
    mm: float


class Roll:
    """Dots on paper `width` dots wide (384 at 58 mm, 576 at 80 mm)."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.left: int | None = None
        """Dots of paper until the end of the roll, None when it is far away."""
        self._height = CUTTER_DOTS  # the end of the paper was cut once, so it is at the knife
        self._marks: list[tuple[int, int, Image.Image]] = []
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

    def burn(self, image: Image.Image, x: int, advance: int, text: str = "") -> None:
        """Print dots (1 = ink) at the head, then move the paper by `advance`."""
        self._marks.append((x, self._height, image))
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
        whole = Image.new("1", (self.width, max(1, self._height + 8)), 0)
        for x, y, image in self._marks:
            whole.paste(1, (x, y), image)
        piece = whole.crop((0, 0, self.width, max(1, at)))
        text = "\n".join(text for y, text in self._texts if y < at)
        rest = whole.crop((0, at, self.width, max(at + 1, self._height)))
        self._height -= at
        self._marks = [(0, 0, rest)] if rest.getbbox() else []
        self._texts = [(y - at, text) for y, text in self._texts if y >= at]
        return Paper(_png(piece), text, raw, at / DOTS_PER_MM)


def _png(dots: Image.Image) -> bytes:
    page = Image.new("1", (dots.width + 2 * _MARGIN, dots.height), 1)
    page.paste(0, (_MARGIN, 0), dots)
    out = io.BytesIO()
    page.save(out, "PNG")
    return out.getvalue()
