"""Looks and knobs of the machine (T07): which theme and size is shown in small, and how loud and bright it is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from kiosk.screens.diagnostics import LOOK_SCALES, LOOK_THEMES, Dial, Look
from ui.paint.shapes import fill_round
from ui.theme import Theme
from ui.widgets.base import Painted
from ui.widgets.diag_base import TechButton, TechPanel, TechText

STEP = 10
CAPTIONS = {
    "standard": "标准",
    "elder": "长辈版",
    "high_contrast": "高对比",
    "elder_high_contrast": "长辈高对比",
}


class DialRow(TechText, Painted):
    """Caption, level as a bar, and two buttons; where it cannot be turned, the reason."""

    turned = Signal(int)

    def __init__(self, theme: Theme, dial: Dial, parent: QWidget) -> None:
        name = f"diag.settings.{dial.key}"
        super().__init__(theme, name, dial.caption, parent)
        self.dial = dial
        self._asked: int | None = None
        """What was told last, until news come: the same is not told twice."""
        self._less = TechButton(theme, f"{name}.less", "", icon="minus", spoken=f"{dial.caption}调低", parent=self)
        self._more = TechButton(theme, f"{name}.more", "", icon="plus", spoken=f"{dial.caption}调高", parent=self)
        self._less.tapped.connect(lambda: self._turn(-STEP))
        self._more.tapped.connect(lambda: self._turn(STEP))
        self.show_dial(dial)

    def show_dial(self, dial: Dial) -> None:
        self.dial, self._asked = dial, None
        level = dial.percent
        self._less.setVisible(level is not None)
        self._more.setVisible(level is not None)
        if level is not None:
            self._less.setEnabled(level > dial.least)
            self._more.setEnabled(level < 100)
        self.setAccessibleName(f"{dial.caption}，{dial.trouble if level is None else f'{level}%'}")
        self.update()

    def _turn(self, step: int) -> None:
        if self.dial.percent is None:
            return
        rest = self.dial.percent % STEP
        target = self.dial.percent + (step if not rest else (STEP - rest if step > 0 else -rest))
        target = max(self.dial.least, min(100, target))
        if target != self._asked:
            self._asked = target
            self.turned.emit(target)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        size, tall = self._more.sizeHint().width(), self._more.sizeHint().height()
        y = (self.height() - tall) // 2
        self._more.setGeometry(self.width() - size, y, size, tall)
        self._less.setGeometry(self.width() - 2 * size - self.theme.px("gap_min"), y, size, tall)

    def paint(self, p: QPainter) -> None:
        t, dial = self.theme, self.dial
        caption = QRectF(0, 0, t.px(88), self.height())
        self.line_text(p, caption, dial.caption, ("tech_body", "tech"), "text", bold=True)
        room = QRectF(caption.right() + t.px(12), 0, self.width() - caption.width() - t.px(12), self.height())
        if dial.percent is None:
            shape = self.shape(dial.trouble, "tech", room.width())
            box = QRectF(room.x(), (self.height() - shape.height) / 2, room.width(), shape.height)
            self.write(p, shape, dial.trouble, box, "tech", "warn_text")
            return
        room.setRight(self._less.x() - t.px(16))
        word = QRectF(room.right() - t.px(84), 0, t.px(84), self.height())
        self.line_text(p, word, f"{dial.percent}%", ("tech_body", "tech"), "text", "right")
        bar = QRectF(room.x(), self.height() / 2 - t.px(8), max(0.0, word.x() - t.px(12) - room.x()), t.px(16))
        fill_round(p, bar, t.px(8), t.color("well"), t.color("outline"), t.px("stroke.divider"))
        part = QRectF(bar.x(), bar.y(), bar.width() * dial.percent / 100, bar.height())
        if part.width() >= bar.height():
            fill_round(p, part, t.px(8), t.color("primary"))


class LookPanel(TechText, TechPanel):
    """`wanted(theme, size)` and `turned(knob, per cent)` say what was touched; what is so comes with `show_state`."""

    wanted = Signal(str, int)
    turned = Signal(str, int)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, "diag.settings.look", "外观预览与音量、亮度", parent)
        self._look = Look()
        self._themes = {name: self._choice(f"theme.{name}", CAPTIONS[name]) for name in LOOK_THEMES}
        self._sizes = {percent: self._choice(f"scale.{percent}", f"{percent}%") for percent in LOOK_SCALES}
        for name, button in self._themes.items():
            button.tapped.connect(lambda name=name: self._want(name, self._look.percent))
        for percent, button in self._sizes.items():
            button.tapped.connect(lambda percent=percent: self._want(self._look.theme, percent))
        self._dials: dict[str, DialRow] = {}
        self._asked: Look | None = None
        self._picture = QImage()
        self._place = QRect()

    def _choice(self, name: str, caption: str) -> TechButton:
        return TechButton(self.theme, f"diag.settings.{name}", caption, "choice", parent=self)

    def show_state(self, look: Look, dials: Sequence[Dial]) -> None:
        self._look, self._asked = look, None
        for name, button in self._themes.items():
            button.choose(name == look.theme)
        for percent, button in self._sizes.items():
            button.choose(percent == look.percent)
        if [dial.key for dial in dials] != list(self._dials):
            for row in self._dials.values():
                row.hide()
                row.deleteLater()
            self._dials = {dial.key: self._row(dial) for dial in dials}
        for dial in dials:
            self._dials[dial.key].show_dial(dial)
        self._lay()

    def _want(self, name: str, percent: int) -> None:
        """The same is not told twice: a picture takes so long that a bouncing finger could come behind it."""
        if Look(name, percent) != self._asked:
            self._asked = Look(name, percent)
            self.wanted.emit(name, percent)

    def _row(self, dial: Dial) -> DialRow:
        row = DialRow(self.theme, dial, self)
        row.turned.connect(lambda percent: self.turned.emit(dial.key, percent))
        row.show()
        return row

    def show_picture(self, picture: QImage) -> None:
        self._picture = picture
        self.setAccessibleDescription(f"预览：{CAPTIONS[self._look.theme]}，{self._look.percent}%")
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay()

    def _lay(self) -> None:
        """Buttons and knobs beside the picture where there is the width, else above it."""
        t = self.theme
        inner, gap = self.inner().toRect(), t.px("gap_min")
        beside = inner.width() > inner.height() * 1.05
        width = min(inner.width() * 11 // 20, t.px(620)) if beside else inner.width()
        y = self._rows_of(list(self._themes.values()), inner.x(), inner.y(), width) + gap
        y = self._rows_of(list(self._sizes.values()), inner.x(), y, width) + gap
        for row in self._dials.values():
            row.setGeometry(inner.x(), y, width, t.px("tech_button"))
            y += t.px("tech_button") + gap
        if beside:
            left = inner.x() + width + t.px(24)
            self._place = QRect(left, inner.y(), inner.right() + 1 - left, inner.height())
        else:
            self._place = QRect(inner.x(), y, inner.width(), max(0, inner.bottom() + 1 - y))
        self.update()

    def _rows_of(self, buttons: Sequence[TechButton], left: int, y: int, width: int) -> int:
        """As many in a row as fit, all of one width; returns where they end."""
        t = self.theme
        gap, tall = t.px("gap_min"), t.px("tech_button")
        widest = max(button.sizeHint().width() for button in buttons)
        count = max(1, min(len(buttons), (width + gap) // (widest + gap)))
        while len(buttons) % count and count > 1:
            count -= 1
        each = (width - gap * (count - 1)) // count
        for index, button in enumerate(buttons):
            button.setGeometry(left + index % count * (each + gap), y + index // count * (tall + gap), each, tall)
        return y + (len(buttons) + count - 1) // count * (tall + gap) - gap

    def picture_room(self) -> QSize:
        return self._place.size()

    def paint(self, p: QPainter) -> None:
        t = self.theme
        self.draw_ground(p)
        if self._picture.isNull() or self._place.height() < t.px(80):
            return
        ratio = self.devicePixelRatioF()
        small = self._picture.scaled(
            self._place.size() * ratio, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        small.setDevicePixelRatio(ratio)
        width, height = small.width() / ratio, small.height() / ratio
        left = self._place.x() + (self._place.width() - width) / 2
        spot = QRectF(left, self._place.y() + (self._place.height() - height) / 2, width, height)
        p.drawImage(spot.topLeft(), small)
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.setPen(t.color("outline"))
        p.drawRect(spot)

    def forget(self) -> None:
        self._picture = QImage()
