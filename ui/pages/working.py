"""C12: the machine works. Real phases, no fake bar; after a while it says that waiting is normal."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QTimer
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy

from kiosk.screens.common import Working
from ui.pages.base import PageWidget
from ui.paint.shapes import Elevation, fill_round
from ui.theme import Theme
from ui.widgets.bars import Action
from ui.widgets.base import Painted
from ui.widgets.progress_steps import ProgressSteps
from ui.widgets.text import Banner, TextBlock


class PaperMouth(Painted):
    """The slip as it comes out of the machine."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__(theme, name, "出纸口")
        self.elevation: Elevation = 0
        self.setMinimumHeight(theme.px(240))
        self.setMaximumHeight(theme.px(380))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def paint(self, p: QPainter) -> None:
        t = self.theme
        x = self.width() / 2
        slot = QRectF(x - t.px(230), t.px(24), t.px(460), t.px(44))
        slip_h = min(t.px(250), self.height() - t.px(90))
        slip = QRectF(x - t.px(150), slot.center().y(), t.px(300), slip_h)
        fill_round(p, slot, t.px(22), t.color("well"), t.color("outline"), t.px("stroke.outline"))
        fill_round(p, slip, t.px(6), t.color("surface"), t.color("outline"), t.px("stroke.outline"))
        p.fillRect(QRectF(slot.x() + t.px(50), slot.center().y() - t.px(4), t.px(360), t.px(8)), t.color("outline"))
        for i, part in enumerate((0.5, 0.8, 0.66, 0.8)):
            y = slip.y() + t.px(44) + i * t.px(40)
            if y + t.px(16) < slip.bottom() - t.px(16):
                width = (slip.width() - t.px(64)) * part
                left = x - width / 2 if i == 0 else slip.x() + t.px(32)
                fill_round(p, QRectF(left, y, width, t.px(14)), t.px(7), t.color("track"))


class WorkingPage(PageWidget[Working]):
    def title(self) -> str:
        return self.data.title

    def hint(self) -> str:
        return "请不要离开，也不要拔下或拿走证件。" if self.data.note else "请稍等，办完会自动进入下一步。"

    def back_action(self) -> Action | None:
        return None

    def build(self) -> None:
        theme, screen = self.theme, self.data
        self._steps = ProgressSteps(theme, "c12.phases", screen.phases)
        self.body.addWidget(self._steps)
        self._wait = TextBlock(theme, "c12.wait", "", "body", "muted", "center")
        self.body.addWidget(self._wait)
        self._note = Banner(theme, "c12.note", "info", screen.note, "lock")
        self._note.reveal(bool(screen.note))
        self.body.addWidget(self._note)
        if any("打印" in phase.title for phase in screen.phases):
            self.body.addStretch(1)
            self.body.addWidget(PaperMouth(theme, "c12.mouth"), 6)
        self.body.addStretch(1)
        self._elapsed = 0
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._second)
        self._timer.start(1000)

    def _second(self) -> None:
        self._elapsed += 1
        if self._elapsed == 5:
            self._wait.set_text("正在办理，通常 10 秒内完成。")
        elif self._elapsed == 20:
            self._wait.set_text("比平时慢一些，仍在办理，请再等一会儿。")

    def refresh(self, screen: Working, before: Working) -> None:
        if screen.phases != before.phases:
            self._steps.set_phases(screen.phases)
            self._elapsed = 0
            self._wait.set_text("")
        if screen.note != before.note:
            self._note.set_message("info", screen.note)
            self._note.reveal(bool(screen.note))

    def clear(self) -> None:
        self._timer.stop()
        super().clear()
