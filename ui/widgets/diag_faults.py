"""The fault board's parts: which device, and its faults as switches."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from kiosk.screens.diagnostics import FaultCard, FaultRow
from ui.paint.shapes import fill_round
from ui.paint.text import text_width
from ui.theme import Theme
from ui.widgets.base import Tappable
from ui.widgets.diag_base import SwitchRow, TechPanel, TechText, draw_tag
from ui.widgets.diag_turn import PageTurner


class DeviceChoice(TechText, Tappable):
    """A simulated device and how many of its faults are armed."""

    may_touch_top = True

    def __init__(self, theme: Theme, name: str, caption: str, parent: QWidget) -> None:
        super().__init__(theme, name, caption, parent)
        self._caption = caption
        self._chosen, self._armed = False, 0

    def show_state(self, *, chosen: bool, armed: int) -> None:
        if (chosen, armed) != (self._chosen, self._armed):
            self._chosen, self._armed = chosen, armed
            self.setAccessibleName(f"{self._caption}，已注入 {armed} 个" if armed else self._caption)
            self.setAccessibleDescription("已选" if chosen else "")
            self.update()

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        fill = "primary" if self._chosen else "pressed" if self.isDown() else "surface"
        edge = None if self._chosen else t.color("outline")
        fill_round(p, rect, t.px("radius.field"), t.color(fill), edge, t.px("stroke.divider"))
        room = rect.adjusted(t.px(24), 0, -t.px(16), 0)
        if self._armed:
            word = f"{self._armed} 个"
            width = text_width(word, t.font("tech", bold=True)) + t.px(32)
            draw_tag(self, p, room.right() - width, rect.center().y(), word, "bad_tint", "bad_text")
            room.setRight(room.right() - width - t.px(12))
        color = "on_primary" if self._chosen else "text"
        self.short_text(p, room, self._caption, ("tech_body", "tech"), color, bold=True)
        self.focus_ring(p, t.px("radius.field"))


class FaultGrid(TechPanel):
    """The faults of one device in as many columns as fit; turned like pages. `switched(FaultRow, on)`."""

    switched = Signal(object, bool)
    turned = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, "diag.faults.grid", "没有模拟的设备", parent)
        self._card: FaultCard | None = None
        self._rows: dict[str, SwitchRow] = {}
        self._first = 0
        self._turner = PageTurner(self, "diag.faults", self._turn)

    def show_card(self, card: FaultCard | None) -> None:
        if card is None or self._card is None or card.key != self._card.key:
            self._first = 0
        self._card = card
        self.title = card.name if card is not None else "没有模拟的设备"
        self.setAccessibleName(self.title)
        self._lay()
        self.update()

    def _plan(self) -> tuple[int, int, int]:
        """(columns, rows, height of a row)"""
        t = self.theme
        inner = self.inner()
        tall = t.px(76) + t.px("gap_min")
        columns = max(1, int(inner.width()) // t.px(420))
        return columns, max(1, (int(inner.height()) + t.px("gap_min")) // tall), tall

    def _turn(self, by: int) -> None:
        columns, rows, _ = self._plan()
        self._first += by * columns * rows
        self._lay()
        self.update()
        self.turned.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay()

    def _lay(self) -> None:
        t = self.theme
        faults = self._card.rows if self._card is not None else ()
        columns, rows, tall = self._plan()
        per = columns * rows
        self._first = min(self._first // per * per, max(0, len(faults) - 1) // per * per)
        shown = faults[self._first : self._first + per]
        device = self._card.key if self._card is not None else ""
        wanted = {f"diag.faults.switch.{device}.{row.id}": row for row in shown}
        for name in [name for name in self._rows if name not in wanted]:
            gone = self._rows.pop(name)
            gone.hide()
            gone.deleteLater()
        inner, gap = self.inner().toRect(), t.px("tech_gap") * 2
        width = (inner.width() - gap * (columns - 1)) // columns
        for i, (name, row) in enumerate(wanted.items()):
            self._row(name, row).setGeometry(
                inner.x() + i // rows * (width + gap), inner.y() + i % rows * tall, width, tall - t.px("gap_min")
            )
        self._turner.place()
        self._turner.show_state(len(faults) > per, back=self._first > 0, on=self._first + per < len(faults))

    def _row(self, name: str, row: FaultRow) -> SwitchRow:
        found = self._rows.get(name)
        if found is None:
            found = self._rows[name] = SwitchRow(
                self.theme, name, row.caption, row.armed, on=bool(row.armed), parent=self
            )
            found.ticked.connect(lambda on, row=row: self.switched.emit(row, on))
            found.setVisible(True)
        found.show_state(row.caption, row.armed, on=bool(row.armed))
        return found

    def paint(self, p: QPainter) -> None:
        self.draw_ground(p)
        columns, rows, _ = self._plan()
        faults = self._card.rows if self._card is not None else ()
        self._turner.write(p, self._first // (columns * rows), -(-len(faults) // (columns * rows)))
