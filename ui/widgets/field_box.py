"""FieldBox: one answer of a form. The active one is a big box with a caret, fed by a keypad; the others are rows to tap."""

from __future__ import annotations

from typing import Any, NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QMouseEvent, QPainter, QPen, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import QWidget

from kiosk.screens.form import Origin
from ui.paint.shapes import fill_round
from ui.paint.text import TextRun, TextShape, baseline, text_width
from ui.theme import Theme
from ui.widgets.base import Tappable
from ui.widgets.label_words import unbroken
from ui.widgets.text import ChipKind, chip_width, draw_chip

CHIPS: dict[Origin, tuple[str, ChipKind]] = {
    "card": ("读卡", "ok"),
    "machine": ("请核对", "warn"),
    "citizen": ("您填写", "info"),
    "hall": ("系统", "plain"),
}
_LINES = (("h1", 1), ("h2", 2))
"""How many lines of a size are at most written in the big box; longer texts are written smaller, as many lines as it takes."""


class FieldLook(NamedTuple):
    """`value` as it is shown. `caret` (-1: none) and `typing` (letters that are not characters yet) count for the active field only."""

    value: str = ""
    caret: int = 0
    typing: str = ""
    origin: Origin | None = None
    trouble: str = ""
    active: bool = False
    locked: bool = False
    empty: str = "点这里填写"


def _units(text: str) -> int:
    """Length as Qt counts: rare characters are two units."""
    return sum(2 if ord(char) > 0xFFFF else 1 for char in text)


class _Layout:
    """A text broken to a width, that knows where its caret is and which character a finger means."""

    def __init__(self, text: str, typing: tuple[int, int], font: QFont, width: float, line: int, ink: QTextCharFormat):
        self._text, self._line, self._px = text, line, font.pixelSize()
        self._layout = QTextLayout(text, font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAnywhere)
        self._layout.setTextOption(option)
        begin, count = typing
        if count:
            marked = QTextLayout.FormatRange()
            marked.start, marked.length, marked.format = _units(text[:begin]), count, ink
            self._layout.setFormats([marked])
        self._layout.beginLayout()
        self.lines = 0
        while (row := self._layout.createLine()).isValid():
            row.setLineWidth(width)
            row.setPosition(QPointF(0, baseline(self.lines * line, line, self._px) - row.ascent()))
            self.lines += 1
        self._layout.endLayout()
        self.lines = max(1, self.lines)
        self.height = self.lines * line

    @property
    def width(self) -> float:
        rows = range(self._layout.lineCount())
        return max((self._layout.lineAt(i).naturalTextWidth() for i in rows), default=0.0)

    def draw(self, p: QPainter, x: float, y: float, shown: range) -> None:
        """These of its lines, the first one at `y`."""
        top = y - shown.start * self._line
        for i in range(shown.start, min(shown.stop, self._layout.lineCount())):
            self._layout.lineAt(i).draw(p, QPointF(x, top))

    def words(self, shown: range) -> str:
        """What stands in these lines."""
        rows = [self._layout.lineAt(i) for i in shown if i < self._layout.lineCount()]
        return "".join(self._layout.text()[row.textStart() : row.textStart() + row.textLength()] for row in rows)

    def caret(self, at: int) -> tuple[float, float]:
        """x and the line's top."""
        units = _units(self._text[:at])
        row = self._layout.lineForTextPosition(units)
        if not row.isValid():
            return 0.0, 0.0
        found: Any = row.cursorToX(units)  # PySide also returns the place the caret was moved to
        return float(found[0] if isinstance(found, tuple) else found), float(row.lineNumber() * self._line)

    def hit(self, x: float, y: float) -> int:
        count = self._layout.lineCount()
        if not count:
            return 0
        row = self._layout.lineAt(max(0, min(count - 1, int(y // self._line))))
        units = int(row.xToCursor(x))
        passed = 0
        for i, char in enumerate(self._text):
            if passed >= units:
                return i
            passed += _units(char)
        return len(self._text)


class FieldBox(Tappable):
    """Tapped where it is not active, it asks to be; where it is, `placed` tells before which shown character the finger was."""

    placed = Signal(int)
    grew = Signal()
    """Needs another height now."""

    def __init__(
        self,
        theme: Theme,
        name: str,
        label: str,
        *,
        optional: bool = False,
        lines: int = 1,
        look: FieldLook | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """`look`: the first one, where it is known already."""
        super().__init__(theme, name, label, parent, repeat=True)
        self._label, self._optional, self._lines = label, optional, lines
        self._tight = False
        self._most = 0
        """Pixels of height it may have; 0: as many as it needs."""
        self.look = look or FieldLook()
        self._spot: QPointF | None = None
        self._laid: dict[bool, tuple[object, str, _Layout]] = {}
        self._height = 0
        self._tell()

    def show_look(self, look: FieldLook) -> None:
        if look != self.look:
            self.look = look
            self._tell()

    def _tell(self) -> None:
        look = self.look
        said = [self._words(), look.value or "没有填"]
        said += [CHIPS[look.origin][0] if look.origin else "", look.trouble, "正在填" if look.active else ""]
        self.setAccessibleName("，".join(part for part in said if part))
        self.setEnabled(not look.locked)
        self._settle()
        self.update()

    def tighten(self, tight: bool) -> None:
        """No lines are kept free for what is still to be written, and what is long is written smaller."""
        if tight != self._tight:
            self._tight = tight
            self._settle()

    def limit(self, most: int) -> None:
        """A long text keeps to `most` pixels, and shows the lines about the caret; 0: it shows all of them."""
        if most != self._most:
            self._most = most
            self._settle()

    def clear(self) -> None:
        self._laid.clear()
        self._kept_shapes.clear()
        self.show_look(FieldLook())

    def _settle(self) -> None:
        height = self.height_at(self.width() if self.testAttribute(Qt.WidgetAttribute.WA_Resized) else self._usual())
        if height != self._height:
            self._height = height
            self.setFixedHeight(height)
            self.grew.emit()

    def _usual(self) -> int:
        return self.theme.px(984)

    def resizeEvent(self, event: object) -> None:
        self._settle()

    def sizeHint(self) -> QSize:
        return QSize(self._usual(), self._height)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.theme.px(200), self._height)

    # -- touching --------------------------------------------------------------------------------------------------------

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._spot = event.position()
        super().mouseReleaseEvent(event)

    def tap(self) -> None:
        spot, self._spot = self._spot, None
        if not self.look.active:
            super().tap()
        elif spot is not None and self.look.value and not self.look.typing:
            role, layout = self._text_of(self.width())
            shown, line = self._shown(role, layout, self.width()), self.theme.line(role)
            top = self._head() + (self._box(self.width()) - len(shown) * line) / 2 - shown.start * line
            self.placed.emit(layout.hit(spot.x() - self._pad(), spot.y() - top))

    # -- measures --------------------------------------------------------------------------------------------------------

    def height_at(self, width: int) -> int:
        if self.look.active:
            return self._head() + self._box(width) + self._below(width)
        label, value = self._row_shapes(width)
        words = max(label.height, value.height) + self.theme.px(24)
        return max(self.theme.px("row_h"), words) + self._below(width)

    def _words(self) -> str:
        return self._label + ("（选填）" if self._optional and not self.look.locked else "")

    def _pad(self) -> int:
        return self.theme.px(28)

    def _head(self) -> int:
        return self.theme.pick(60, 70)

    def _box(self, width: int) -> int:
        _, layout = self._text_of(width)
        least = self._lines * self.theme.line("h3") if self._lines > 1 and not self._tight else 0
        lowest = self.theme.pick(120, 132)
        wanted = max(lowest, max(layout.height, least) + self.theme.px(24 if self._tight else 36))
        room = self._most - self._head() - self._below(width)
        return min(wanted, max(lowest, room)) if self._most else wanted

    def _shown(self, role: str, layout: _Layout, width: int) -> range:
        """The lines that have room, the caret's among them."""
        most = max(1, (self._box(width) - self.theme.px(24)) // self.theme.line(role))
        if layout.lines <= most:
            return range(layout.lines)
        _, y = layout.caret(max(0, self.look.caret) + len(self.look.typing))
        first = max(0, min(round(y / self.theme.line(role)) - most + 1, layout.lines - most))
        return range(first, first + most)

    def _trouble(self, width: int) -> TextShape:
        return self.shape(self.look.trouble, "label", width - self._pad() - self.theme.px(52), bold=True, balance=True)

    def _below(self, width: int) -> int:
        return self._trouble(width).height + self.theme.px(12) if self.look.trouble else 0

    def _text_of(self, width: int) -> tuple[str, _Layout]:
        """The largest size that suits the length."""
        look, t = self.look, self.theme
        key = (look.value, look.caret, look.typing, width)
        kept = self._laid.get(self._tight)
        if kept is not None and kept[0] == key:
            return kept[1], kept[2]
        at = max(0, look.caret)
        text = look.value[:at] + look.typing + look.value[at:]
        ink = QTextCharFormat()
        ink.setForeground(t.color("link"))
        ink.setFontUnderline(True)
        room = width - 2 * self._pad() - t.px(8)
        breadth = text_width(text, t.font("h3", bold=True)) / t.font_px("h3")
        for role, most in (*_LINES, ("label" if self._tight else "h3", 1000)):
            if breadth * t.font_px(role) > most * room:
                continue  # surely longer
            span = (at, len(look.typing))
            layout = _Layout(text, span, t.font(role, bold=True), room, t.line(role), ink)
            if layout.lines <= most:
                break
        self._laid[self._tight] = (key, role, layout)
        return role, layout

    def _row_shapes(self, width: int) -> tuple[TextShape, TextShape]:
        t = self.theme
        label_w = t.pick(250, 300)
        room = width - 2 * self._pad() - label_w - t.px(20) - self._side(width)
        words = unbroken(self._words(), t.font_px("label"), label_w)
        label = self.shape(words, "label", label_w, balance=True)
        return label, self.shape(self.look.value or self.look.empty, "body", max(80, room), bold=bool(self.look.value))

    def _side(self, width: int) -> int:
        """Room for the chip and the padlock."""
        t = self.theme
        lock = t.px("icon_s") + t.px(16) if self.look.locked else 0
        if self.look.origin is None or not self.look.value:
            return lock
        return chip_width(t, CHIPS[self.look.origin][0]) + t.px(20) + lock

    # -- painting --------------------------------------------------------------------------------------------------------

    def paint(self, p: QPainter) -> None:
        (self._paint_active if self.look.active else self._paint_row)(p)

    def _edge(self) -> str:
        return "bad" if self.look.trouble else "primary" if self.look.active else "outline"

    def _paint_active(self, p: QPainter) -> None:
        t, look = self.theme, self.look
        width = self.width()
        right = self._paint_chip(p, width, self._head() / 2 - t.px(4))
        label = QRectF(0, 0, right - t.px(16), self._head() - t.px(8))
        self.line_text(p, label, self._words(), ("h3", "label", "small"), "text", bold=True)
        box = QRectF(0, self._head(), width, self._box(width))
        fill = "bad_tint" if look.trouble else "surface"
        radius = t.px("radius.field")
        fill_round(p, box, radius, t.color(fill), t.color(self._edge()), t.px("stroke.selected") + t.px(2))
        role, layout = self._text_of(width)
        shown, line = self._shown(role, layout, width), t.line(role)
        top = box.y() + (box.height() - len(shown) * line) / 2
        p.setPen(t.color("text"))
        layout.draw(p, self._pad(), top, shown)
        text = look.value + look.typing
        if text:
            used = QRectF(self._pad(), top, layout.width, len(shown) * line)
            whole = len(shown) == layout.lines
            words = text if whole else layout.words(shown)
            self.runs.append(TextRun(words, used, t.font_px(role), used.height() <= box.height(), False))
            if not whole:
                self._paint_more(p, box, shown, layout.lines)
        else:
            left = self._pad() + (t.px(16) if look.caret >= 0 else 0)
            hint = QRectF(left, box.y(), width - self._pad() - left, box.height())
            self.line_text(p, hint, look.empty, ("body", "small"), "muted")
        if look.caret >= 0:
            self._paint_caret(p, layout, role, top - shown.start * line)
        self._paint_trouble(p, box.bottom() + t.px(6))
        self.focus_ring(p, radius)

    def _paint_more(self, p: QPainter, box: QRectF, shown: range, lines: int) -> None:
        """Arrows where there is more of the text: the keys ‹ and › lead there."""
        t = self.theme
        x, half, pen = box.right() - t.px(20), t.px(9), QPen(t.color("icon"), t.px(4))
        p.setPen(pen)
        for there, y, up in (
            (shown.start > 0, box.y() + t.px(20), 1),
            (shown.stop < lines, box.bottom() - t.px(20), -1),
        ):
            if there:
                p.drawPolyline(
                    [
                        QPointF(x - half, y + half * up / 2),
                        QPointF(x, y - half * up / 2),
                        QPointF(x + half, y + half * up / 2),
                    ]
                )

    def _paint_caret(self, p: QPainter, layout: _Layout, role: str, top: float) -> None:
        t = self.theme
        x, y = layout.caret(self.look.caret + len(self.look.typing))
        tall = t.font_px(role) * 1.1
        middle = top + y + t.line(role) / 2
        fill_round(p, QRectF(self._pad() + x - t.px(2), middle - tall / 2, t.px(5), tall), 2, t.color("primary"))

    def _paint_row(self, p: QPainter) -> None:
        t, look = self.theme, self.look
        width = self.width()
        rect = QRectF(0, 0, width, self.height() - self._below(width))
        radius = t.px("radius.field")
        fill = "well" if look.locked else "pressed" if self.isDown() else "bad_tint" if look.trouble else "surface"
        edge = "divider" if look.locked and not t.high_contrast else self._edge()
        fill_round(p, rect, radius, t.color(fill), t.color(edge), t.px("stroke.outline"))
        right = width - float(self._pad())
        if look.locked:
            side = t.px("icon_s")
            self.stamp(p, t.icon("lock", "icon_s", "muted"), right - side / 2, rect.center().y())
            right -= side + t.px(16)
        self._paint_chip(p, right, rect.center().y())
        label, value = self._row_shapes(width)
        spot = QRectF(self._pad(), (rect.height() - label.height) / 2, label.width, label.height)
        self.write(p, label, self._words(), spot, "label", "muted")
        left = self._pad() + t.pick(250, 300) + t.px(20)
        spot = QRectF(left, (rect.height() - value.height) / 2, value.width, value.height)
        self.write(p, value, look.value or look.empty, spot, "body", "text" if look.value else "muted")
        self._paint_trouble(p, rect.bottom() + t.px(6))
        self.focus_ring(p, radius)

    def _paint_chip(self, p: QPainter, right: float, middle: float) -> float:
        """Where what stands left of it must end."""
        if self.look.origin is None or not self.look.value:
            return right
        text, kind = CHIPS[self.look.origin]
        width = chip_width(self.theme, text)
        draw_chip(self, p, right - width, middle, text, kind)
        return right - width

    def _paint_trouble(self, p: QPainter, y: float) -> None:
        if not self.look.trouble:
            return
        t = self.theme
        shape = self._trouble(self.width())
        self.stamp(p, t.icon("octagon-x", 36, "bad_text"), t.px(26), y + t.line("label") / 2)
        box = QRectF(t.px(52), y, shape.width, shape.height)
        self.write(p, shape, self.look.trouble, box, "label", "bad_text")
