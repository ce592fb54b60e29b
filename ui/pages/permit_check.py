"""C17b: the back of the permit as the machine's camera sees it, beside what was applied for. The citizen says whether they agree."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QResizeEvent

from kiosk.screens.endorsement import CheckPermit
from ui.pages.base import PageWidget
from ui.widgets.bars import Action
from ui.widgets.card_photo import CardPhoto
from ui.widgets.countdown_bar import CountdownBar
from ui.widgets.notice_panel import NoticePanel

WORDS = "{} 秒后通行证会自动退出来"


class CheckPermitPage(PageWidget[CheckPermit]):
    """After `seconds` without a touch the page answers ok: the card must not stay inside. Any touch starts the time anew."""

    left_answers = True
    split = "equal"

    def title(self) -> str:
        return "请核对制好的签注"

    def hint(self) -> str:
        return "请看照片上的字，和下面的内容是否一样。"

    def help_lines(self) -> tuple[str, ...]:
        return (
            "照片是通行证背面，字要清楚、完整。",
            "照片上的字和下面一样，点“内容正确”。",
            "有不一样的，点“内容不对”，工作人员会来看。",
        )

    def back_action(self) -> Action:
        return Action("内容不对", "secondary", "x", spoken="内容不对，请工作人员来看")

    def next_action(self) -> Action:
        return Action("内容正确", "primary", "check")

    def build(self) -> None:
        theme, screen = self.theme, self.data
        self.body.setSpacing(theme.pick(24, 16))
        self._answered = False
        self._left = screen.seconds
        self._photo = CardPhoto(theme, "c17b.photo", screen.picture)
        self.body.addWidget(self._photo, 3)
        self._panel = NoticePanel(theme, "c17b.rows", "您申请的内容", self._rows(), fill=False)
        self.body.addWidget(self._panel, 1)
        self.body.addStretch(0)
        self._bar = CountdownBar(theme, "c17b.left", WORDS, screen.seconds)
        self.body.addWidget(self._bar)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._second)
        self._timer.start(1000)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The panel is no higher than its rows, so that it does not look as if one were missing."""
        super().resizeEvent(event)
        least = self._panel.natural_height(self.width() - 2 * self.theme.px("margin"))
        self._panel.setMinimumHeight(min(least, self.theme.px(260)))

    def _rows(self) -> tuple[tuple[str, str], ...]:
        return tuple((row.label, row.value) for row in self.data.rows)

    def _second(self) -> None:
        self._left -= 1
        self._bar.set_left(self._left)
        if self._left <= 0:
            self._give("ok")

    def on_touch(self) -> None:
        self._left = self.data.seconds
        self._bar.set_left(self._left)

    def _give(self, answer: str) -> None:
        """Once: a finger and the clock may come together."""
        self._timer.stop()
        if not self._answered:
            self._answered = True
            self.answer(answer)

    def on_back(self) -> None:
        self._give("wrong")

    def on_next(self) -> None:
        self._give("ok")

    def refresh(self, screen: CheckPermit, before: CheckPermit) -> None:
        self._photo.set_picture(screen.picture)
        if screen.rows != before.rows:
            self._panel.set_rows("您申请的内容", self._rows())
        if screen.seconds != before.seconds:
            self._left = screen.seconds
            self._bar.set_left(self._left)

    def keep(self) -> object:
        return self._left

    def restore(self, kept: int) -> None:
        self._left = kept
        self._bar.set_left(kept)

    def clear(self) -> None:
        self._timer.stop()
        self._photo.clear()
        self._panel.set_rows("", ())
        super().clear()
