"""Text into a box: as large as asked for, else smaller on one line, else on several lines; never clipped.

Lines are centred by the square of a hanzi (0.88 em above the baseline, 0.12 below).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFont, QFontMetricsF, QPainter

from ui.forms.type import Face, font, pixels
from ui.forms.units import PT

ABOVE = 0.88
SMALLEST_PT = 3.0
LEGIBLE_PT = 5.5
"""What is smaller than this is reported."""
_ONE_LINE = 0.72
"""How far a text is shrunk to stay on one line."""
_IN_ATOMS = 0.6
_LEADING = 1.16
_NOT_FIRST = "，。、；：？！）】》”’·%,.;:?!)"
_NOT_LAST = "（【《“‘("

Style = Callable[[float], QFont]


@dataclass(frozen=True, slots=True)
class Setting:
    """How a text is set: one size, lines with their widths (units of the page)."""

    pt: float
    font: QFont
    lines: tuple[tuple[str, float], ...]
    fits: bool = True

    @property
    def height(self) -> float:
        return _height(self.pt, len(self.lines))

    @property
    def width(self) -> float:
        return max((width for _, width in self.lines), default=0.0)


def style(face: Face, *, bold: bool = False) -> Style:
    return lambda pt: font(face, pt, bold=bold)


def set_text(text: str, width: float, height: float, pt: float, made: Style) -> Setting:
    """`text` in a box of `width` × `height`. `fits` is False only where even the smallest type is too large."""
    whole = _Measured([text], pt, made)
    for size in _sizes(pt, pt * _ONE_LINE):
        if whole.width(size) <= width and size * PT <= height:
            return _set([text], size, made)
    return set_atoms(list(_atoms(text)), width, height, pt, made)


def set_atoms(atoms: Sequence[str], width: float, height: float, pt: float, made: Style) -> Setting:
    """Break between atoms only: words, single hanzi with the punctuation that clings to them, options with their boxes."""
    measured = _Measured(atoms, pt, made)
    for size in _sizes(pt, pt * _ONE_LINE):
        if measured.width(size) <= width and size * PT <= height:
            return _set(measured.broken(width, size), size, made)
    # between atoms down to what is legible, then anywhere: a word longer than the line is better broken than tiny
    chars = _Measured([char for atom in atoms for char in atom], pt, made)
    for pieces, smallest in ((measured, max(LEGIBLE_PT, pt * _IN_ATOMS)), (chars, SMALLEST_PT)):
        for size in _sizes(pt, smallest):
            lines = pieces.broken(width, size)
            if _height(size, len(lines)) <= height and pieces.widest(size) <= width:
                return _set(lines, size, made)
    return replace(_set(chars.broken(width, SMALLEST_PT), SMALLEST_PT, made), fits=False)


def set_paragraph(text: str, width: float, pt: float, made: Style, *, indent: bool = False) -> Setting:
    """Prose in lines of `width`, at this size whatever its length; `indent` begins two squares in, as Chinese paragraphs do. A word
    longer than a line is broken."""
    atoms = [*(["　", "　"] if indent else []), *_atoms(text)]
    measured = _Measured(atoms, pt, made)
    if measured.widest(pt) > width:
        measured = _Measured([char for atom in atoms for char in atom], pt, made)
    return _set(measured.broken(width, pt), pt, made)


def draw_setting(p: QPainter, setting: Setting, rect: QRectF, align: str, valign: str) -> None:
    em = setting.pt * PT
    free = rect.height() - setting.height
    top = rect.top() + (0 if valign == "top" else free if valign == "bottom" else free / 2)
    p.setFont(setting.font)
    for index, (line, width) in enumerate(setting.lines):
        left = rect.left() + {"left": 0.0, "center": 0.5, "right": 1.0}[align] * (rect.width() - width)
        p.drawText(QPointF(left, top + em * (ABOVE + _LEADING * index)), line)


def _sizes(largest: float, smallest: float) -> Iterator[float]:
    size = largest
    while size > smallest:
        yield size
        size -= 0.25
    yield min(smallest, largest)


class _Measured:
    """Pieces of a text, measured once: type of a form is not hinted, so widths grow with its size."""

    def __init__(self, pieces: Sequence[str], pt: float, made: Style) -> None:
        font = made(pt)
        metrics = QFontMetricsF(font)
        kept: dict[str, float] = {}
        self._pieces = pieces
        self._px = font.pixelSize()
        self._advances = [_advance(metrics, piece, kept) for piece in pieces]
        self._bare = [_advance(metrics, piece.rstrip(), kept) for piece in pieces]

    def _scale(self, pt: float) -> float:
        return pixels(pt) / self._px

    def width(self, pt: float) -> float:
        """Of all in one line."""
        return (sum(self._advances[:-1]) + self._bare[-1]) * self._scale(pt) if self._pieces else 0.0

    def widest(self, pt: float) -> float:
        """Of the piece that no line can be narrower than."""
        return max(self._bare, default=0.0) * self._scale(pt)

    def broken(self, width: float, pt: float) -> list[str]:
        room = width / self._scale(pt)
        lines: list[str] = []
        line, length = "", 0.0
        for piece, advance, bare in zip(self._pieces, self._advances, self._bare, strict=True):
            if line and length + bare > room:
                lines.append(line.rstrip())
                line, length = "", 0.0
                piece = piece.lstrip()
            line, length = line + piece, length + advance
        if line.rstrip():
            lines.append(line.rstrip())
        return lines


def _advance(metrics: QFontMetricsF, text: str, kept: dict[str, float]) -> float:
    if text not in kept:
        kept[text] = metrics.horizontalAdvance(text)
    return kept[text]


def _set(lines: Sequence[str], pt: float, made: Style) -> Setting:
    used = made(pt)
    metrics = QFontMetricsF(used)
    return Setting(pt, used, tuple((line, metrics.horizontalAdvance(line)) for line in lines))


def _height(pt: float, lines: int) -> float:
    return pt * PT * (1 + _LEADING * (lines - 1))


def _atoms(text: str) -> Iterator[str]:
    """Latin words and numbers whole, hanzi one by one, closing punctuation with what is before it."""
    atom = ""
    for char in text:
        joined = (
            atom
            and not atom.endswith(" ")
            and (char in _NOT_FIRST or char == " " or atom[-1] in _NOT_LAST or (char.isascii() and atom[-1].isascii()))
        )
        if atom and not joined:
            yield atom
            atom = ""
        atom += char
    if atom:
        yield atom
