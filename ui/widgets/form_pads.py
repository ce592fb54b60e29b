"""The keypads of a form's fields that need no Chinese: digits, days, letters, document numbers. All tell the same four things."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from kiosk.screens.form import Keypad
from ui.theme import Theme
from ui.widgets.base import Painted
from ui.widgets.keypads.alnum_pad import CLEAR, DELETE, AlnumPad, Cap, KeyTray, caps, delete_cap, tray_height
from ui.widgets.keypads.number_pad import NumberPad


class DigitsPad(Painted):
    """The telephone's ten digits on the ground of a keypad. Days are typed on it too: year, month, day."""

    typed = Signal(str)
    deleted = Signal()
    cleared = Signal()

    def __init__(self, theme: Theme, name: str, spoken: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, spoken, parent)
        column = QHBoxLayout(self)
        column.setContentsMargins(theme.px("margin"), theme.px(18), theme.px("margin"), theme.px(18))
        pad = NumberPad(theme, f"{name}.keys", parent=self)
        pad.typed.connect(self.typed)
        pad.deleted.connect(self.deleted)
        pad.cleared.connect(self.cleared)
        column.addWidget(pad)
        self.usual = self.least = 4 * theme.px("key_h") + 3 * theme.px(16) + 2 * theme.px(18)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(self.usual)

    def paint(self, p: QPainter) -> None:
        p.fillRect(self.rect(), self.theme.color("well"))


class LettersPad(KeyTray):
    """26 letters, delete and clear; in large text in the order of the alphabet."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        rows: list[list[Cap]]
        if theme.large:
            rows = [caps(part) for part in ("ABCDEFGH", "IJKLMNOP", "QRSTUVWX", "YZ")]
            rows[-1] += [delete_cap(3), Cap(CLEAR, "清空", 3)]
        else:
            rows = [caps(part) for part in ("QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM")]
            rows[-1] += [delete_cap(1.5), Cap(CLEAR, "清空", 1.5)]
        self.usual = tray_height(theme, len(rows), 112 if theme.large else 136)
        self.least = tray_height(theme, len(rows), 112 if theme.large else 84)
        super().__init__(theme, name, "字母键盘", name, rows, 8 if theme.large else 10, self.usual, parent)


class KeysPad(Painted):
    """A tray of keys that tells characters, delete and clear apart."""

    typed = Signal(str)
    deleted = Signal()
    cleared = Signal()

    def __init__(self, theme: Theme, name: str, tray: LettersPad | AlnumPad, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, tray.accessibleName(), parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(tray)
        tray.pressed.connect(self._press)
        tray.setMinimumHeight(0)
        tray.setMaximumHeight(tray.usual)
        tray.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.usual = tray.usual
        self.least = tray.usual if theme.large else tray.least  # nothing smaller can be hit there
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(self.usual)

    def _press(self, act: str) -> None:
        if act == DELETE:
            self.deleted.emit()
        elif act == CLEAR:
            self.cleared.emit()
        else:
            self.typed.emit(act)

    def paint(self, p: QPainter) -> None:
        return


def make_pad(theme: Theme, keypad: Keypad, name: str) -> DigitsPad | KeysPad:
    """The keys for a kind of field that is not written in Chinese."""
    if keypad == "digits":
        return DigitsPad(theme, name, "数字键盘")
    if keypad == "date":
        return DigitsPad(theme, name, "日期键盘，先年，后月，再日")
    if keypad == "letters":
        return KeysPad(theme, name, LettersPad(theme, f"{name}.tray"))
    return KeysPad(theme, name, AlnumPad(theme, f"{name}.tray", f"{name}.tray"))
