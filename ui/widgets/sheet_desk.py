"""SheetDesk: sheets on a grey desk. Whole, with what is to be known beside it; or small, with an enlarged part of it above."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.domain.forms.sheet import Sheet
from ui.paint.shapes import fill_round
from ui.paint.text import TextShape
from ui.theme import Theme
from ui.widgets.base import Painted
from ui.widgets.buttons import BigButton
from ui.widgets.sheet_view import SheetPart, SheetView, tint_of

LEGEND = "有底色的是机器填的，请看清"
POINT = "想看哪里，就点小图的哪里。"
_A4 = 210 / 297


class Line(NamedTuple):
    text: str
    role: str
    bold: bool = False
    swatch: bool = False
    """With a sample of the tint before it."""
    beside: bool = False
    """Where there is room, on one line with the one before."""


class SheetNotes(Painted):
    """Short lines, one below the other, in the middle of what height there is where they lie `flat` below a sheet."""

    def __init__(self, theme: Theme, name: str, parent: QWidget) -> None:
        super().__init__(theme, name, "说明", parent)
        self._lines: tuple[Line, ...] = ()
        self.flat = False

    def set_lines(self, *lines: Line) -> None:
        if lines != self._lines:
            self._lines = lines
            self.setAccessibleName("，".join(line.text.rstrip("。") for line in lines))
            self.update()

    def paint(self, p: QPainter) -> None:
        if self.flat:
            self._paint_flat(p)
            return
        t = self.theme
        y = 0.0
        for line in self._lines:
            if line.swatch:
                self._swatch(p, QRectF(0, y + t.px(8), *self._sample()))
                y += t.px(60)
            shape = self.shape(line.text, line.role, self.width(), bold=line.bold, balance=True)
            self.write(p, shape, line.text, QRectF(0, y, shape.width, shape.height), line.role, "text")
            y += shape.height + t.px(12)

    def _paint_flat(self, p: QPainter) -> None:
        t = self.theme
        gap, x, y, wide = t.px(4), 0.0, 0.0, float(self.width())
        placed: list[tuple[Line, TextShape, float, float]] = []
        for line in self._lines:
            before = placed[-1][1] if placed else None
            if line.beside and before is not None and before.lines == 1:
                x, y = (
                    placed[-1][2] + before.natural_width + t.px(28),
                    placed[-1][3] + (before.height - t.line(line.role)) / 2,
                )
            else:
                x, y = 0.0, placed[-1][3] + before.height + gap if before is not None else 0.0
            if line.swatch:
                x += self._sample()[0] + t.px(16)
            placed.append((line, self.shape(line.text, line.role, wide - x, bold=line.bold, balance=True), x, y))
        down = max(0.0, (self.height() - max((y + shape.height for _, shape, _, y in placed), default=0)) / 2)
        for line, shape, x, y in placed:
            if line.swatch:
                wide, tall = self._sample()
                self._swatch(p, QRectF(0, down + y + (t.line(line.role) - tall) / 2, wide, tall))
            self.write(p, shape, line.text, QRectF(x, down + y, shape.width, shape.height), line.role, "text")

    def _sample(self) -> tuple[int, int]:
        return self.theme.px(72), self.theme.px(44)

    def _swatch(self, p: QPainter, box: QRectF) -> None:
        t = self.theme
        tint = tint_of(t)
        fill_round(p, box, 0, tint.ground, t.color("outline"), t.px("stroke.divider"))
        side = t.px(14)
        right, top = box.right() - 1, box.top() + 1
        p.setBrush(tint.corner)
        p.drawPolygon([QPointF(right, top), QPointF(right - side, top), QPointF(right, top + side)])


class SheetDesk(Painted):
    """Emits `rearranged` when its buttons changed places: whole or enlarged."""

    rearranged = Signal()

    def __init__(self, theme: Theme, name: str, two_sided: bool) -> None:
        super().__init__(theme, name, "申请表")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._sheets: tuple[Sheet, ...] = ()
        self._two_sided = two_sided
        self._index = 0
        self._enlarged = False
        self.part = SheetPart(theme, f"{name}.part", self)
        self.notes = SheetNotes(theme, f"{name}.notes", self)
        self.view = SheetView(theme, f"{name}.sheet", self)

        def button(end: str, caption: str, icon: str, height: str, *, after: bool = False) -> BigButton:
            called = f"{name}.{end}"
            return BigButton(theme, called, caption, "secondary", icon, height=height, icon_after=after, parent=self)

        self.enlarge = button("zoom", "放大", "zoom-in", "button_h")
        self.before = button("before", "上一处", "chevron-left", "pager_h")
        self.after = button("after", "下一处", "chevron-right", "pager_h", after=True)
        self.whole = button("whole", "看整张", "zoom-out", "pager_h")
        self.enlarge.tapped.connect(lambda: self.set_enlarged(True))
        self.whole.tapped.connect(lambda: self.set_enlarged(False))
        self.before.tapped.connect(lambda: self._step(-1))
        self.after.tapped.connect(lambda: self._step(1))
        self.view.pointed.connect(self._point)
        self.part.moved.connect(self._tell)
        self._show_mode()

    # -- what is shown ---------------------------------------------------------------------------------------------------

    @property
    def index(self) -> int:
        return self._index

    @property
    def enlarged(self) -> bool:
        return self._enlarged

    def controls(self) -> list[BigButton]:
        return [self.before, self.after, self.whole, self.enlarge]

    def set_sheets(self, sheets: tuple[Sheet, ...], two_sided: bool, index: int = 0) -> None:
        self._sheets, self._two_sided = sheets, two_sided
        self._index = min(index, len(sheets) - 1)
        self.view.set_sheets(sheets, self._index)
        self._magnify()
        self._tell()

    def show_sheet(self, index: int) -> None:
        if index != self._index:
            self._index = index
            self.view.show_sheet(index)
            self._magnify()
            self._tell()

    def set_enlarged(self, enlarged: bool, at: QPointF | None = None) -> None:
        if enlarged == self._enlarged:
            return
        self._enlarged = enlarged
        rough = self.view.picture()
        by_keys = any(button.hasFocus() for button in self.controls())
        self._show_mode()
        if by_keys:  # the button that was pressed is gone
            (self.after if enlarged else self.enlarge).setFocus(Qt.FocusReason.TabFocusReason)
        if enlarged:
            self.part.show_sheet(self._sheets[self._index], rough)
            if at is None:
                self.part.go_to(0)
            else:
                self.part.look_at(at)
        else:
            self.part.clear()
        self._tell()
        self.rearranged.emit()

    def _magnify(self) -> None:
        """The enlarged part is of another sheet now; it starts at its beginning."""
        if self._enlarged and self._sheets:
            self.part.clear()
            self.part.show_sheet(self._sheets[self._index], self.view.picture())

    def _point(self, place: QPointF) -> None:
        if self._enlarged:
            self.part.look_at(place)
        else:
            self.set_enlarged(True, place)

    def _step(self, by: int) -> None:
        self.part.go_to(self.part.step + by)

    def _tell(self) -> None:
        self.view.set_frame(self.part.seen if self._enlarged else None)
        if self._enlarged:
            step, steps = self.part.step, self.part.steps
            self.before.setEnabled(step > 0)
            self.after.setEnabled(step < steps - 1)
            self.notes.set_lines(Line(f"第 {step + 1} 处，共 {steps} 处", "h3", True), Line(POINT, "label"))
            return
        lines = [Line(f"共 {len(self._sheets)} 张", "h3", True)]
        if self._two_sided:
            lines.append(Line("双面打印", "label", beside=True))
        if any(sheet.marked for sheet in self._sheets):
            lines.append(Line(LEGEND, "label", swatch=True))
        self.notes.set_lines(*lines)

    def clear(self) -> None:
        self._sheets = ()
        self.view.clear()
        self.part.clear()

    # -- places ----------------------------------------------------------------------------------------------------------

    def _show_mode(self) -> None:
        for widget in (self.part, self.before, self.after, self.whole):
            widget.setVisible(self._enlarged)
        self.enlarge.setVisible(not self._enlarged)
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        t = self.theme
        width, height, pad = self.width(), self.height(), t.px(16)
        if not self._enlarged:
            self._place_whole(width, height, pad)
            return
        self.notes.flat = False
        low = min(t.px(440), height // 2)
        upper = height - pad - low
        self.part.setGeometry(QRect(pad, pad, width - 2 * pad, upper - 2 * pad))
        small = round(low * _A4)
        self.view.setGeometry(pad, upper, small, low)
        left = 2 * pad + small + pad
        room = width - pad - left
        tall = self.whole.height()
        self.whole.setGeometry(left, height - pad - tall, room, tall)
        above = height - 2 * pad - 2 * tall
        half = (room - pad) // 2
        self.before.setGeometry(left, above, half, tall)
        self.after.setGeometry(left + room - half, above, half, tall)
        self.notes.setGeometry(left, upper, room, above - pad - upper)

    def _place_whole(self, width: int, height: int, pad: int) -> None:
        """What is to be known lies below the sheet where that makes it hardly smaller: a line is easier read than a column of words."""
        key = self.enlarge.height()
        tall = height - 3 * pad - key
        narrow = self.theme.pick(188, 236)
        beside = min(width - 3 * pad - narrow, round((height - 2 * pad) * _A4))
        self.notes.flat = tall * _A4 >= 0.9 * beside
        if self.notes.flat:
            self.view.setGeometry(pad, pad, width - 2 * pad, tall)
            foot, left = height - pad - key, width - pad - narrow
            self.notes.setGeometry(pad, foot, left - 2 * pad, key)
            self.enlarge.setGeometry(left, foot, narrow, key)
            return
        left = 2 * pad + beside
        side, top = width - pad - left, height - pad - key
        self.view.setGeometry(pad, pad, beside, height - 2 * pad)
        self.notes.setGeometry(left, pad, side, top - 2 * pad)
        self.enlarge.setGeometry(left, top, side, key)

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        fill_round(p, rect, t.px("radius.field"), t.color("well"), t.color("card_edge"), t.px("stroke.divider"))
