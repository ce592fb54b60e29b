"""C13: done; take your things; how was it (skippable); all is cleared in a moment."""

from __future__ import annotations

from typing import Any, Literal

from PySide6.QtCore import QRectF, QTimer
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy

from kiosk.screens.common import Finish, FinishAnswer
from ui.pages.base import PageWidget
from ui.paint.shapes import draw_disc, draw_tick, fill_round
from ui.paint.text import TextShape
from ui.theme import Theme
from ui.widgets.bars import Action
from ui.widgets.base import Checkable, Painted
from ui.widgets.rating import RatingRow
from ui.widgets.text import TONE_ICON, TextBlock, Tone, _Flowing


class Seal(Painted):
    """The outcome as a large sign in a disc."""

    def __init__(self, theme: Theme, name: str, tone: Tone, size: int) -> None:
        super().__init__(theme, name, {"ok": "成功", "info": "提示", "warn": "请注意", "bad": "没有办成"}[tone])
        self._tone = tone
        self._size = size
        self.setFixedHeight(theme.px(size))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        radius = rect.height() / 2
        edge = t.color(self._tone) if t.high_contrast else None
        draw_disc(p, rect.center(), radius, t.color(f"{self._tone}_tint"), edge, t.px("stroke.outline"))
        if self._tone == "ok":
            side = radius * 1.2
            box = QRectF(rect.center().x() - side / 2, rect.center().y() - side / 2, side, side)
            draw_tick(p, box, t.color("ok"), radius * 0.15)
        else:
            icon = t.icon(TONE_ICON[self._tone], self._size * 0.5, f"{self._tone}_text")
            self.stamp(p, icon, rect.center().x(), rect.center().y())


class TakePanel(_Flowing):
    """Amber: what still lies on or in the machine. Stays until the devices say it is gone."""

    def __init__(self, theme: Theme, name: str, take: tuple[str, ...]) -> None:
        super().__init__(theme, name, "")
        self._take: tuple[str, ...] = ()
        self._shape: TextShape | None = None
        self.set_take(take)

    def set_take(self, take: tuple[str, ...]) -> None:
        self._take, self._shape = take, None
        self._text = f"请取走：{'、'.join(take)}"
        self.setAccessibleName(self._text)
        self.reveal(bool(take))
        self.updateGeometry()
        self.update()

    def _shaped(self, width: int) -> TextShape:
        room = width - self.theme.px(300)
        if self._shape is None or self._shape.width != room:
            self._shape = self.shape(self._text, "h2", room)
        return self._shape

    def heightForWidth(self, width: int) -> int:
        note = self.shape(self._note, "body", width - self.theme.px(300)).height
        return max(self.theme.pick(220, 250), self._shaped(width).height + note + self.theme.px(80))

    @property
    def _note(self) -> str:
        return "请检查感应区和出纸口，不要遗忘。"

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        fill_round(p, rect, t.px("radius.card"), t.color("warn_tint"), t.color("warn"), t.px("stroke.selected"))
        icon = "id-card" if "身份证" in self._take else "receipt"
        self.stamp(p, t.icon(icon, "icon_tile", "warn_text"), t.px(140), rect.center().y())
        shape = self._shaped(self.width())
        note = self.shape(self._note, "body", shape.width)
        top = (rect.height() - shape.height - note.height - t.px(8)) / 2
        self.write(p, shape, self._text, QRectF(t.px(260), top, shape.width, shape.height), "h2", "warn_text")
        below = QRectF(t.px(260), top + shape.height + t.px(8), note.width, note.height)
        self.write(p, note, self._note, below, "body", "warn_text")


class ReasonChip(Checkable):
    """One reason for dissatisfaction; several may be chosen."""

    def __init__(self, theme: Theme, name: str, text: str) -> None:
        super().__init__(theme, name, text)
        self.text_shown = text
        self.setFixedHeight(theme.px("row_h"))

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        chosen = self.isChecked()
        edge = t.color("primary" if chosen else "outline")
        width = t.px("stroke.selected" if chosen else "stroke.divider")
        fill = "pressed" if self.isDown() else "surface"
        fill_round(p, rect, rect.height() / 2, t.color(fill), edge, width)
        box = rect
        if chosen:
            box = rect.adjusted(t.px(36), 0, 0, 0)
            self.stamp(p, t.icon("check", 36, "icon"), t.px(36), rect.center().y())
        self.line_text(p, box, self.text_shown, "small", "text", "center", bold=chosen)
        self.focus_ring(p, rect.height() / 2)


class ClearingBar(Painted):
    """Seconds until everything is cleared, as a sentence over a shrinking bar."""

    def __init__(self, theme: Theme, name: str, total: int) -> None:
        super().__init__(theme, name, "")
        self._total = max(1, total)
        self._left = total
        self.setFixedHeight(theme.pick(84, 96))
        self.set_left(total)

    def set_left(self, left: int) -> None:
        self._left = left
        self.setAccessibleName(self._words())
        self.update()

    def _words(self) -> str:
        return f"{self._left} 秒后自动清除您的信息并回到首页"

    def paint(self, p: QPainter) -> None:
        t = self.theme
        box = QRectF(0, 0, self.width(), t.line("label"))
        self.line_text(p, box, self._words(), ("label", "small"), "muted", "center")
        bar = QRectF(t.px(92), self.height() - t.px(24), self.width() - t.px(184), t.px(16))
        fill_round(p, bar, t.px(8), t.color("track"))
        bar.setWidth(bar.width() * min(1.0, self._left / self._total))
        if bar.width() >= t.px(16):
            fill_round(p, bar, t.px(8), t.color("primary"))


class FinishPage(PageWidget[Finish]):
    show_steps = False
    split = "equal"
    left_answers = True

    def voice(self) -> str:
        take = f"请取走{'、'.join(self.data.take)}。" if self.data.take else ""
        return f"{self.data.title}。{take}"

    def back_action(self) -> Action | None:
        return Action("继续办理其他", "secondary")

    def next_action(self) -> Action:
        return Action("完成并退出", "primary", "check")

    def build(self) -> None:
        theme, screen = self.theme, self.data
        self._left = screen.seconds
        self.body.addStretch(2)
        self.body.addWidget(Seal(theme, "c13.seal", screen.tone, 220 if not theme.large else 150))
        self._title = TextBlock(theme, "c13.title", screen.title, "h1", align="center")
        self._detail = TextBlock(theme, "c13.detail", screen.detail, "body", "muted", "center")
        self.body.addWidget(self._title)
        self.body.addWidget(self._detail)
        self._notes = TextBlock(theme, "c13.notes", "\n".join(screen.notes), "label", "text", "center")
        self._notes.reveal(bool(screen.notes))
        self.body.addWidget(self._notes)
        self._take = TakePanel(theme, "c13.take", screen.take)
        self.body.addWidget(self._take)
        self.body.addStretch(2)
        self.body.addWidget(TextBlock(theme, "c13.ask", "您对本次服务满意吗？（可不评）", "h3", align="center"))
        self._rating = RatingRow(theme)
        self._rating.rated.connect(self._rated)
        self.body.addWidget(self._rating)
        self._reasons: list[ReasonChip] = []
        self._reason_row = QHBoxLayout()
        self._reason_row.setSpacing(theme.px(12))
        for i, text in enumerate(screen.reasons[:4]):
            chip = ReasonChip(theme, f"c13.reason.{i}", text)
            chip.hide()
            self._reasons.append(chip)
            self._reason_row.addWidget(chip, 1)
        self.body.addLayout(self._reason_row)
        self.body.addStretch(2)
        self._bar = ClearingBar(theme, "c13.clearing", screen.seconds)
        self.body.addWidget(self._bar)
        self.body.addStretch(1)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._second)
        self._timer.start(1000)

    def _second(self) -> None:
        self._left -= 1
        self._bar.set_left(max(0, self._left))
        if self._left <= 0:
            self._leave("exit")

    def _rated(self, level: int) -> None:
        for chip in self._reasons:
            chip.reveal(level in (1, 2))

    def on_touch(self) -> None:
        self._left = self.data.seconds
        self._bar.set_left(self._left)

    def _leave(self, next_: Literal["again", "exit"]) -> None:
        self._timer.stop()
        reasons = tuple(chip.text_shown for chip in self._reasons if not chip.isHidden() and chip.isChecked())
        self.answer(FinishAnswer(next_, self._rating.value, reasons))

    def on_back(self) -> None:
        self._leave("again")

    def on_next(self) -> None:
        self._leave("exit")

    def refresh(self, screen: Finish, before: Finish) -> None:
        self._title.set_text(screen.title)
        self._detail.set_text(screen.detail)
        self._notes.set_text("\n".join(screen.notes))
        self._notes.reveal(bool(screen.notes))
        if screen.take != before.take:
            self._take.set_take(screen.take)

    def keep(self) -> object:
        return (self._left, self._rating.value, tuple(chip.isChecked() for chip in self._reasons))

    def restore(self, kept: Any) -> None:
        self._left, level, ticked = kept
        self._rating.set_value(level)
        self._rated(level or 0)
        for chip, checked in zip(self._reasons, ticked, strict=True):
            chip.setChecked(checked)

    def clear(self) -> None:
        self._timer.stop()
        super().clear()
