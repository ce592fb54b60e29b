"""Typing in the diagnostics: fields that show what was typed (or only how much), and keys of their own."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from ui.paint.shapes import draw_disc, fill_round
from ui.paint.text import text_width
from ui.theme import Theme
from ui.widgets.base import Painted, Tappable
from ui.widgets.diag_base import TechText
from ui.widgets.keypads.number_pad import Key

_ROWS = ("123", "456", "789", "T0<")
_LETTERS = ("1234567890", "qwertyuiop", "asdfghjkl-", "zxcvbnm_.:")


class TechKey(Key):
    may_touch_top = True


class EntryField(TechText, Tappable):
    """Label, and below it what was typed; a secret is shown as dots. The one that takes the keys has a thick edge and a caret."""

    may_touch_top = True

    def __init__(self, theme: Theme, name: str, label: str, *, secret: bool, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, label, parent, repeat=True)
        self._label, self._secret = label, secret
        self._text, self._current = "", False

    def show_text(self, text: str, *, current: bool) -> None:
        self._text, self._current = text, current
        self.setAccessibleName(f"{self._label}，已输入 {len(text)} 位")
        self.update()

    def paint(self, p: QPainter) -> None:
        t = self.theme
        self.line_text(p, QRectF(0, 0, self.width(), t.px(40)), self._label, "tech", "muted")
        box = QRectF(0, t.px(44), self.width(), self.height() - t.px(44))
        width = t.px("stroke.selected" if self._current else "stroke.divider")
        edge = "primary" if self._current else "outline"
        fill = "surface" if self.isEnabled() else "disabled"
        fill_round(p, box, t.px("radius.field"), t.color(fill), t.color(edge), width)
        x = t.px(28)
        if self._secret:
            for _ in self._text:
                draw_disc(p, QRectF(x, box.y(), t.px(24), box.height()).center(), t.px(12), t.color("text"))
                x += t.px(40)
        elif self._text:
            room = QRectF(x, box.y(), box.width() - 2 * x, box.height())
            x = round(self.short_text(p, room, self._text, "tech_head", "text", bold=True).right()) + t.px(8)
        if self._current:
            caret = QRectF(x, box.center().y() - t.px(22), t.px(4), t.px(44))
            fill_round(p, caret, t.px(2), t.color("primary"))
        self.focus_ring(p, t.px("radius.field"))


class CodePad(Painted):
    """Telephone layout with a T, which staff codes begin with, beside the nought."""

    pressed = Signal(str)
    deleted = Signal()

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, "数字键盘", parent)
        self._keys: dict[str, Key] = {}
        for row in _ROWS:
            for act in row:
                delete = act == "<"
                key = TechKey(
                    theme,
                    f"{name}.{'delete' if delete else act}",
                    "" if delete else act,
                    "删除" if delete else act,
                    "backspace" if delete else "",
                    self,
                )
                key.tapped.connect(self.deleted if delete else lambda act=act: self.pressed.emit(act))
                self._keys[act] = key

    def allow(self, *, letters: bool, digits: bool) -> None:
        for act, key in self._keys.items():
            key.setEnabled(letters if act == "T" else digits)

    def height_of(self) -> int:
        return 4 * self.theme.px(112) + 3 * self.theme.px(16)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        gap = self.theme.px(16)
        width = (self.width() - 2 * gap) // 3
        height = (self.height() - 3 * gap) // 4
        for i, key in enumerate(self._keys.values()):
            key.setGeometry(i % 3 * (width + gap), i // 3 * (height + gap), width, height)

    def paint(self, p: QPainter) -> None:
        return


class SmallKey(TechKey):
    """A key whose writing is the technician's size."""

    def draw(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        radius = t.px("radius.key")
        fill = "pressed" if self.isDown() else "surface"
        fill_round(p, rect, radius, t.color(fill), t.color("outline"), t.px("stroke.divider"))
        if self._icon:
            self.stamp(p, t.icon(self._icon, 36, "text"), rect.center().x(), rect.center().y())
        else:
            fits = text_width(self._caption, t.font("tech_body", bold=True)) <= rect.width() - 8
            self.line_text(p, rect, self._caption, "tech_body" if fits else "tech", "text", "center", bold=True)
        self.focus_ring(p, radius)


class TextPad(Painted):
    """Small letters, digits and the few signs that stand in log lines and numbers of jobs; a space, delete, clear."""

    pressed = Signal(str)
    deleted = Signal()
    cleared = Signal()

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, "字母数字键盘", parent)
        self._rows: list[list[tuple[Key, int]]] = []
        for row in _LETTERS:
            self._rows.append([(self._key(name, char, char), 1) for char in row])
        self._rows.append(
            [
                (self._key(name, "clear", "清空"), 2),
                (self._key(name, " ", "空格"), 6),
                (self._key(name, "delete", ""), 2),
            ]
        )
        self.setFixedHeight(self.height_of())

    def _key(self, name: str, act: str, caption: str) -> Key:
        icon, spoken = ("backspace", "删除") if act == "delete" else ("", caption)
        key = SmallKey(self.theme, f"{name}.{'space' if act == ' ' else act}", caption, spoken, icon, self)
        if act == "delete":
            key.tapped.connect(self.deleted)
        elif act == "clear":
            key.tapped.connect(self.cleared)
        else:
            key.tapped.connect(lambda: self.pressed.emit(act))
        return key

    def height_of(self) -> int:
        return 5 * self.theme.px(72) + 4 * self.theme.px("gap_min")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        gap, tall = self.theme.px("gap_min"), self.theme.px(72)
        cell = (self.width() - 9 * gap) // 10
        for i, row in enumerate(self._rows):
            x = 0
            for key, span in row:
                width = cell * span + gap * (span - 1)
                key.setGeometry(QRect(x, i * (tall + gap), width, tall))
                x += width + gap

    def paint(self, p: QPainter) -> None:
        return
