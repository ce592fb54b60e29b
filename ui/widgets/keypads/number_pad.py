"""NumberPad: telephone layout (1 2 3 on top), for codes, phone numbers and identity numbers."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QGridLayout, QWidget

from ui.paint.shapes import draw_disc, fill_round
from ui.paint.text import TextRun
from ui.theme import Theme
from ui.widgets.base import Painted, Tappable

CLEAR = "clear"
DELETE = "delete"


class Key(Tappable):
    """One key cap. Repeats freely: "11" is a legal thing to type."""

    def __init__(
        self, theme: Theme, name: str, caption: str, spoken: str = "", icon: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, name, spoken or caption, parent, repeat=True)
        self._caption, self._icon = caption, icon

    def paint(self, p: QPainter) -> None:
        """Half a hundred of them stand on one page: a key at rest is stamped."""
        if self.isDown() or self.hasFocus():
            self.draw(p)
            return
        key = (type(self), self._caption, self._icon, self.isEnabled(), self.theme.name, self.theme.scale)
        cap, runs = self.theme.cache.cap(key, self.width(), self.height(), self.devicePixelRatioF(), self._drawn)
        p.drawPixmap(0, 0, cap)
        self.runs.extend(runs)

    def _drawn(self, p: QPainter) -> list[TextRun]:
        self.draw(p)
        drawn, self.runs = self.runs, []
        return drawn

    def draw(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        radius = t.px("radius.key")
        off = not self.isEnabled()
        fill = (
            "disabled"
            if off
            else "chip"
            if self.isDown() and not t.high_contrast
            else "pressed"
            if self.isDown()
            else "surface"
        )
        edge = t.color("divider" if off else "outline")
        fill_round(p, rect, radius, t.color(fill), edge, t.px("stroke.divider"))
        color = "on_disabled" if off else "text"
        if self._icon:
            self.stamp(p, t.icon(self._icon, "icon_m", color), rect.center().x(), rect.center().y())
        else:
            role = "h1" if len(self._caption) == 1 else "h3"
            self.line_text(p, rect, self._caption, (role, "h3", "label"), color, "center", bold=True)
        self.focus_ring(p, radius)


class NumberPad(Painted):
    """Emits `typed(str)` for a digit (or X), `deleted` and `cleared`. Keys 240x128 at scale 1.0."""

    typed = Signal(str)
    deleted = Signal()
    cleared = Signal()

    def __init__(self, theme: Theme, name: str = "pad", *, with_x: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, "数字键盘", parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(theme.px(16))
        keys = [(str(n), str(n), "", "") for n in range(1, 10)]
        keys.append(("X", "X", "", "") if with_x else (CLEAR, "清空", "", ""))
        keys += [("0", "0", "", ""), (DELETE, "", "删除", "backspace")]
        self._keys: list[Key] = []
        for i, (act, caption, spoken, icon) in enumerate(keys):
            key = Key(theme, f"{name}.{act}", caption, spoken, icon, self)
            key.setFixedHeight(theme.px("key_h"))
            key.setMaximumWidth(theme.px(320))
            key.tapped.connect(lambda act=act: self._press(act))
            grid.addWidget(key, i // 3, i % 3)
            self._keys.append(key)

    def _press(self, act: str) -> None:
        if act == DELETE:
            self.deleted.emit()
        elif act == CLEAR:
            self.cleared.emit()
        else:
            self.typed.emit(act)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A hardware keypad types too."""
        text = event.text().upper()
        if text.isdigit() or (text == "X" and self._keys[9].accessibleName() == "X"):
            self.typed.emit(text)
        elif event.key() == Qt.Key.Key_Backspace:
            self.deleted.emit()
        else:
            super().keyPressEvent(event)

    def paint(self, p: QPainter) -> None:
        return


class CodeField(Painted):
    """A secret as dots, one box per place; shows how many were typed and nothing else."""

    def __init__(self, theme: Theme, name: str, places: int, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, "", parent)
        self._places = places
        self._count = -1
        self.setFixedHeight(theme.px(120))
        self.set_count(0)

    def set_count(self, count: int) -> None:
        if count != self._count:
            self._count = count
            self.setAccessibleName(f"已输入 {count} 位，共 {self._places} 位")
            self.update()

    def paint(self, p: QPainter) -> None:
        t = self.theme
        gap = t.px(16)
        side = min(t.px(104), (self.width() - gap * (self._places - 1)) // self._places)
        left = (self.width() - side * self._places - gap * (self._places - 1)) / 2
        for i in range(self._places):
            box = QRectF(left + i * (side + gap), (self.height() - t.px(112)) / 2, side, t.px(112))
            here = i == self._count
            width = t.px("stroke.selected" if here else "stroke.divider")
            fill_round(
                p, box, t.px("radius.field"), t.color("surface"), t.color("primary" if here else "outline"), width
            )
            if i < self._count:
                draw_disc(p, box.center(), t.px(14), t.color("text"))
