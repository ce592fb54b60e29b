"""How the bench looks: the kiosk's colours at desktop sizes, in a few small widgets (see `sheet` for the style sheet).

The bench is no citizen screen, so ordinary Qt widgets and a style sheet are right here; only colours, fonts and icons are shared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPixmap, QWheelEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ui.bench.sheet import CONTROL_H
from ui.theme import Theme

Tone = Literal["plain", "ok", "warn", "bad", "info"]
ButtonKind = Literal["plain", "primary", "danger", "quiet"]


def named(widget: QWidget, name: str, spoken: str) -> None:
    """objectName for tests, accessibleName for screen readers; every control has both."""
    widget.setObjectName(name)
    widget.setAccessibleName(spoken)


class Look:
    """Colours and icons of one theme."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme

    def hex(self, role: str) -> str:
        return self.theme.color(role).name()

    def icon(self, name: str, size: int, color: str) -> QPixmap:
        """`size` in logical pixels; drawn at twice that, for dense screens."""
        pixmap = QPixmap(self.theme.cache.icon(name, size * 2, self.theme.color(color)))
        pixmap.setDevicePixelRatio(2)
        return pixmap


class _Calm:
    """The wheel scrolls the window; it never changes a control that happens to lie under the pointer."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class Choice(_Calm, QComboBox):
    """A combo box of (value, caption). `chosen` is emitted for the person's choices only."""

    chosen = Signal(str)

    def __init__(self, name: str, spoken: str, options: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__()
        named(self, name, spoken)
        self.setMinimumHeight(CONTROL_H)
        self.setMaxVisibleItems(16)
        for value, caption in options:
            self.addItem(caption, value)
        self.activated.connect(lambda index: self.chosen.emit(str(self.itemData(index))))

    @property
    def value(self) -> str:
        return str(self.currentData())

    def show_value(self, value: str) -> None:
        if (index := self.findData(value)) >= 0 and index != self.currentIndex():
            self.setCurrentIndex(index)


class Number(_Calm, QSpinBox):
    """Whole seconds."""

    def __init__(self, name: str, spoken: str, low: int, high: int, value: int, suffix: str = " 秒") -> None:
        super().__init__()
        named(self, name, spoken)
        self.setRange(low, high)
        self.setValue(value)
        self.setSuffix(suffix)
        self.setFixedSize(84, CONTROL_H)
        self.lineEdit().setTextMargins(8, 0, 0, 0)
        self.setKeyboardTracking(False)


class CalmSlider(_Calm, QSlider):
    pass


def button(
    name: str, caption: str, kind: ButtonKind = "plain", *, toggle: bool = False, spoken: str = ""
) -> QPushButton:
    """A push button; `toggle` ones are faults or states that stay (red while they last)."""
    made = QPushButton(caption)
    named(made, name, spoken or caption)
    made.setProperty("kind", kind)
    made.setCheckable(toggle)
    made.setAutoDefault(True)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    return made


def label(text: str = "", role: str = "", *, name: str = "", wrap: bool = False) -> QLabel:
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("role", role)
    made.setWordWrap(wrap)
    if name:
        made.setObjectName(name)
    return made


class Pill(QLabel):
    """A short state in a colour that says whether it is well."""

    def __init__(self, name: str, text: str = "", tone: Tone = "plain") -> None:
        super().__init__(text)
        self.setObjectName(name)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("pill", True)
        self.setProperty("tone", tone)
        self.setFixedHeight(24)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def say(self, text: str, tone: Tone = "plain") -> None:
        if text != self.text():
            self.setText(text)
            self.setAccessibleName(text)
        if tone != self.property("tone"):
            self.setProperty("tone", tone)
            self.style().unpolish(self)
            self.style().polish(self)


class Segments(QFrame):
    """One of a few: buttons in a row, or in several of `columns` each. `chosen` is emitted for the person's choices only."""

    chosen = Signal(str)

    def __init__(
        self, name: str, spoken: str, options: Sequence[tuple[str, str]], value: str = "", columns: int = 0
    ) -> None:
        super().__init__()
        named(self, name, spoken)
        self.setProperty("segments", True)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        self.buttons: dict[str, QPushButton] = {}
        group = QButtonGroup(self)
        for option, caption in options:
            made = button(f"{name}.{option}", caption, spoken=f"{spoken}：{caption}")
            made.setProperty("segment", True)
            made.setCheckable(True)
            made.clicked.connect(self._teller(option))
            group.addButton(made)
            place = len(self.buttons)
            grid.addWidget(made, *(divmod(place, columns) if columns else (0, place)))
            self.buttons[option] = made
        self.show_value(value or options[0][0])

    def _teller(self, option: str) -> Callable[[], None]:
        return lambda: self.chosen.emit(option)

    @property
    def value(self) -> str:
        return next((option for option, made in self.buttons.items() if made.isChecked()), "")

    def show_value(self, value: str) -> None:
        if value in self.buttons:
            self.buttons[value].setChecked(True)


class Panel(QFrame):
    """A card: icon, title, pills at the right, content below."""

    def __init__(self, look: Look, name: str, title: str, icon: str) -> None:
        super().__init__()
        named(self, f"bench.{name}", title)
        self.setProperty("card", True)
        self.look = look
        self.title = title
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 12, 16, 16)
        outer.setSpacing(12)
        head = QHBoxLayout()
        head.setSpacing(8)
        picture = QLabel()
        picture.setPixmap(look.icon(icon, 22, "icon"))
        head.addWidget(picture)
        head.addWidget(label(title, "title"))
        head.addStretch(1)
        self.pills = QHBoxLayout()
        self.pills.setSpacing(8)
        head.addLayout(self.pills)
        outer.addLayout(head)
        self.body = QVBoxLayout()
        self.body.setSpacing(10)
        outer.addLayout(self.body)

    def pill(self, name: str) -> Pill:
        made = Pill(f"{self.objectName()}.{name}")
        self.pills.addWidget(made)
        return made


def row(*widgets: QWidget | int, spacing: int = 8) -> QHBoxLayout:
    """Widgets side by side; a number is a stretch."""
    made = QHBoxLayout()
    made.setSpacing(spacing)
    for widget in widgets:
        if isinstance(widget, int):
            made.addStretch(widget)
        else:
            made.addWidget(widget)
    return made


def icon_button(look: Look, made: QPushButton, name: str, color: str = "on_primary", size: int = 18) -> QPushButton:
    icon = QIcon(look.icon(name, size, color))
    icon.addPixmap(look.icon(name, size, "placeholder"), QIcon.Mode.Disabled)
    made.setIcon(icon)
    made.setIconSize(QSize(size, size))
    return made


def show_checked(made: QPushButton, checked: bool) -> None:
    """Follow the device without looking like a press."""
    if made.isChecked() != checked:
        made.setChecked(checked)
