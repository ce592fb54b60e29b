"""Text into a box: as large as asked for, else smaller on one line, else on several lines; never clipped.

Lines are centred by the square of a hanzi (0.88 em above the baseline, 0.12 below).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFont, QFontMetricsF, QPainter

from ui.forms.type import Face, font
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
        return self.pt * PT * (1 + _LEADING * (len(self.lines) - 1))

    @property
    def width(self) -> float:
        return max((width for _, width in self.lines), default=0.0)


def style(face: Face, *, bold: bool = False) -> Style:
    return lambda pt: font(face, pt, bold=bold)


def set_text(text: str, width: float, height: float, pt: float, made: Style) -> Setting:
    """`text` in a box of `width` × `height`. `fits` is False only where even the smallest type is too large."""
    atoms = list(_atoms(text))
    for size in _sizes(pt, pt * _ONE_LINE):
        setting = _one_line(text, size, made)
        if setting.width <= width and setting.height <= height:
            return setting
    return set_atoms(atoms, width, height, pt, made)


def set_atoms(atoms: Sequence[str], width: float, height: float, pt: float, made: Style) -> Setting:
    """Break between atoms only: words, single hanzi with the punctuation that clings to them, options with their boxes."""
    for size in _sizes(pt, pt * _ONE_LINE):
        setting = _broken(atoms, width, size, made)
        if len(setting.lines) <= 1 and setting.width <= width and setting.height <= height:
            return setting
    chars = [char for atom in atoms for char in atom]
    # between atoms down to what is legible, then anywhere: a word longer than the line is better broken than tiny
    for pieces, smallest in ((atoms, max(LEGIBLE_PT, pt * _IN_ATOMS)), (chars, SMALLEST_PT)):
        for size in _sizes(pt, smallest):
            setting = _broken(pieces, width, size, made)
            if setting.width <= width and setting.height <= height:
                return setting
    return replace(_broken(chars, width, SMALLEST_PT, made), fits=False)


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


def _one_line(text: str, pt: float, made: Style) -> Setting:
    used = made(pt)
    return Setting(pt, used, ((text, QFontMetricsF(used).horizontalAdvance(text)),))


def _broken(atoms: Sequence[str], width: float, pt: float, made: Style) -> Setting:
    used = made(pt)
    metrics = QFontMetricsF(used)
    lines: list[str] = []
    line, length = "", 0.0
    for atom in atoms:
        advance = metrics.horizontalAdvance(atom)
        if line and length + metrics.horizontalAdvance(atom.rstrip()) > width:
            lines.append(line.rstrip())
            line, length = "", 0.0
            atom = atom.lstrip()
            advance = metrics.horizontalAdvance(atom)
        line, length = line + atom, length + advance
    if line.rstrip():
        lines.append(line.rstrip())
    return Setting(pt, used, tuple((text, metrics.horizontalAdvance(text)) for text in lines))


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
