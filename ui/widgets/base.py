"""What every widget here is: painted from tokens, named for tests and screen readers, and honest about the text it shows.

Buttons derive from QPushButton/QCheckBox, so that role, state and press action reach assistive technology, and touch, mouse and
keyboard all end in the same click; only the looks are ours.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QCheckBox, QPushButton, QSizePolicy, QWidget

from ui.paint.shapes import Elevation, draw_focus
from ui.paint.text import TextRun, TextShape, draw_line, text_width
from ui.theme import Theme

_SHAPES = 24
"""Broken paragraphs a widget keeps."""


class PaintMixin:
    """Painting helpers over a QWidget: `paint(p)` is called with an antialiasing painter; `runs` lists the texts it wrote."""

    theme: Theme
    runs: list[TextRun]
    _kept_shapes: dict[tuple[str, str, float, bool | None, bool], TextShape]
    """Paragraphs already broken: a layout asks for the least, the wanted and the given width, over and over."""
    elevation: Elevation = 0
    """Shadow the page paints around this widget when it is the page's direct child: 0 none, 1 card, 2 raised."""
    may_touch_top = False
    """True for a control that may stand above the reach line (home cards)."""
    floats = False
    """True for a widget meant to lie over its siblings."""
    hit_ok = False
    """True for a control whose drawing is smaller than its hit area (checked by the layout instead)."""

    def _name(self, theme: Theme, name: str, spoken: str) -> None:
        """objectName is the stable test id; accessibleName is what a screen reader says. Both are required."""
        self.theme = theme
        self.runs = []
        self._kept_shapes = {}
        self.setObjectName(name)  # type: ignore[attr-defined]
        self.setAccessibleName(spoken)  # type: ignore[attr-defined]

    def paintEvent(self, event: QPaintEvent) -> None:
        self.runs.clear()
        painter = QPainter(self)  # type: ignore[call-overload]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        try:
            self.paint(painter)
        finally:
            painter.end()

    def paint(self, p: QPainter) -> None:
        raise NotImplementedError

    def reveal(self, visible: bool) -> None:
        """Show or hide. Before the widget has a parent, showing is left to the layout it will join: a parentless widget
        that is shown becomes a window of its own."""
        if not visible or self.parentWidget() is not None:  # type: ignore[attr-defined]
            self.setVisible(visible)  # type: ignore[attr-defined]

    def line_text(
        self,
        p: QPainter,
        rect: QRectF,
        text: str,
        role: str | Sequence[str] = "body",
        color: str = "text",
        align: str = "left",
        *,
        bold: bool | None = None,
        elide: bool = False,
    ) -> QRectF:
        """Write one line, vertically centred. `role` may be several, largest first: the first that fits is taken.
        Returns the box the text occupies."""
        roles = (role,) if isinstance(role, str) else role
        font = self.theme.font(roles[0], bold)
        for candidate in roles:
            font = self.theme.font(candidate, bold)
            if len(roles) == 1 or text_width(text, font) <= rect.width():
                break
        run = draw_line(p, rect, text, font, self.theme.color(color), align, elide=elide)
        self.runs.append(run)
        return run.rect

    def shape(
        self, text: str, role: str, width: float, *, bold: bool | None = None, balance: bool = False
    ) -> TextShape:
        """Break a paragraph to a width, for `write`. Kept for as long as the widget lives."""
        key = (text, role, width, bold, balance)
        found = self._kept_shapes.get(key)
        if found is None:
            if len(self._kept_shapes) >= _SHAPES:
                self._kept_shapes.clear()
            found = TextShape(text, self.theme.font(role, bold), width, self.theme.line(role), balance=balance)
            self._kept_shapes[key] = found
        return found

    def write(
        self,
        p: QPainter,
        shape: TextShape,
        text: str,
        rect: QRectF,
        role: str,
        color: str = "text",
        align: str = "left",
    ) -> None:
        """Draw a broken paragraph from the top of `rect`; it is reported as not fitting when it is taller."""
        shape.draw(p, rect.x(), rect.y(), self.theme.color(color), align)
        used = QRectF(rect.x(), rect.y(), min(shape.width, rect.width()), shape.height)
        self.runs.append(TextRun(text, used, self.theme.font_px(role), shape.height <= rect.height() + 1, False))

    def stamp(self, p: QPainter, pixmap: QPixmap, centre_x: float, centre_y: float) -> None:
        """Draw a pixmap centred, on whole pixels."""
        p.drawPixmap(QPoint(round(centre_x - pixmap.width() / 2), round(centre_y - pixmap.height() / 2)), pixmap)


class Painted(PaintMixin, QWidget):
    """A display widget: not focusable, not tappable."""

    modal = False
    """True for what covers the whole window: Tab stays inside it."""

    def __init__(self, theme: Theme, name: str, spoken: str, parent: QWidget | None = None) -> None:
        QWidget.__init__(self, parent)
        self._name(theme, name, spoken)


class _Guarded(PaintMixin):
    """Tap behaviour shared by buttons and check boxes: accept on release inside (8 mm slop), ignore a second tap in 400 ms."""

    guard_ms: int
    _last_tap: float

    def _start_guard(self, theme: Theme, repeat: bool) -> None:
        self.guard_ms = 0 if repeat else theme.ms("guard_tap_ms")
        self._last_tap = float("-inf")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # type: ignore[attr-defined]
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)  # type: ignore[attr-defined]

    def hitButton(self, pos: QPoint) -> bool:
        """Qt asks this at press and at release: a finger may roll a little on the glass before it lifts."""
        rect = self.rect()  # type: ignore[attr-defined]
        if self.isDown():  # type: ignore[attr-defined]
            slop = self.theme.mm(self.theme.ms("slop_mm"))
            rect = rect.adjusted(-slop, -slop, slop, slop)
        return bool(rect.contains(pos))

    def _accept(self) -> bool:
        now = time.monotonic()
        if (now - self._last_tap) * 1000 < self.guard_ms:
            return False
        self._last_tap = now
        return True

    def focus_ring(self, p: QPainter, radius: float) -> None:
        """Only for who uses keys: after a touch nobody looks for the focus, and a ring looks like a choice already made."""
        if self.theme.keys.by_keys and self.hasFocus():  # type: ignore[attr-defined]
            draw_focus(p, self.theme, QRectF(self.rect()), radius)  # type: ignore[attr-defined]


class Tappable(_Guarded, QPushButton):
    """Base of all buttons and tappable cards. Emits `tapped` once per accepted tap."""

    tapped = Signal()

    def __init__(
        self, theme: Theme, name: str, spoken: str, parent: QWidget | None = None, *, repeat: bool = False
    ) -> None:
        QPushButton.__init__(self, parent)
        self._name(theme, name, spoken)
        self._start_guard(theme, repeat)
        self.setAutoDefault(True)  # Enter presses the focused button
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def nextCheckState(self) -> None:
        """Qt calls this at every click. Nothing has to be connected for it: a keypad has forty buttons, and a connection costs as
        much as half of one."""
        super().nextCheckState()
        if self._accept():
            self.tap()

    def tap(self) -> None:
        """An accepted tap."""
        self.tapped.emit()

    def sizeHint(self) -> QSize:
        side = self.theme.px("touch_min")
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


class Checkable(_Guarded, QCheckBox):
    """Base of tick-box rows and cards. Emits `ticked(bool)` when the citizen changes it, not when the program does."""

    ticked = Signal(bool)

    def __init__(
        self, theme: Theme, name: str, spoken: str, parent: QWidget | None = None, *, checked: bool = False
    ) -> None:
        QCheckBox.__init__(self, parent)
        self._name(theme, name, spoken)
        self._start_guard(theme, repeat=False)
        self.setChecked(checked)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self._on_clicked)

    def _on_clicked(self, checked: bool) -> None:
        if self._accept():
            self.ticked.emit(checked)
        else:
            self.setChecked(not checked)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter ticks as Space does: a nav pad has one key for both."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        side = self.theme.px("touch_min")
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()
