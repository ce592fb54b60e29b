"""The finished photo, as large as it goes and as it will be printed. The citizen decides; nothing is praised that was not measured."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from kiosk.screens.form import PhotoTaken
from ui.pages.base import PageWidget
from ui.paint.shapes import fill_round
from ui.paint.text import TextShape
from ui.theme import Theme
from ui.widgets.bars import Action
from ui.widgets.photo_print import PhotoPrint
from ui.widgets.text import Banner, _Flowing

NOTHING_FOUND = "没有量出问题，合不合格由窗口确定。"
HEAD = "照片有下面的情况，用不用由您定"


class Deviations(_Flowing):
    """What a person should look at, a line each, under one heading. Amber: worth a look, not wrong."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__(theme, name, HEAD)
        self._sentences: tuple[str, ...] = ()

    def set_sentences(self, sentences: tuple[str, ...]) -> None:
        if sentences == self._sentences:
            return
        self._sentences = sentences
        self._kept_shapes.clear()
        self.setAccessibleName("。".join((HEAD, *(sentence.rstrip("。") for sentence in sentences))))
        self.updateGeometry()
        self.update()

    def _left(self) -> int:
        return self.theme.px(104)

    def _shapes(self, width: int) -> list[TextShape]:
        room = max(50, width - self._left() - self.theme.px(28))
        return [self.shape(HEAD, "label", room, bold=True)] + [
            self.shape(sentence, "label", room, balance=True) for sentence in self._sentences
        ]

    def heightForWidth(self, width: int) -> int:
        return sum(shape.height for shape in self._shapes(width)) + self.theme.px(36)

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        edge = t.color("warn_text") if t.high_contrast else None
        fill_round(p, rect, t.px("radius.field"), t.color("warn_tint"), edge, t.px("stroke.divider"))
        bar = QRectF(0, t.px(16), t.px(8), rect.height() - t.px(32))
        fill_round(p, bar, t.px(4), t.color("warn"))
        y = float(t.px(18))
        line = t.line("label")
        self.stamp(p, t.icon("warning-triangle", "icon_s", "warn_text"), t.px(58), y + line / 2)
        for i, (text, shape) in enumerate(zip((HEAD, *self._sentences), self._shapes(self.width()), strict=True)):
            if i:
                dot = QRectF(t.px(52), y + line / 2 - t.px(6), t.px(12), t.px(12))
                fill_round(p, dot, t.px(6), t.color("warn_text"))
            self.write(p, shape, text, QRectF(self._left(), y, shape.width, shape.height), "label", "warn_text")
            y += shape.height


class PhotoTakenPage(PageWidget[PhotoTaken]):
    """Two buttons of one size. Without a try left there is one."""

    left_answers = True
    split = "equal"

    def title(self) -> str:
        return "请看照片拍得好不好"

    def hint(self) -> str:
        return "证件上就是这张照片。不满意可以重拍。"

    def voice(self) -> str:
        found = "。".join(sentence.rstrip("。") for sentence in self.data.deviations)
        return f"{super().voice()}。{HEAD}：{found}。" if found else super().voice()

    def help_lines(self) -> tuple[str, ...]:
        return ("看脸正不正、眼睛睁没睁开、照片清不清楚。", "不满意，点“重拍”。", "满意，点“就用这张”。")

    def back_action(self) -> Action:
        return Action("重拍", "secondary", "refresh", spoken="不用这张，重拍")

    def next_action(self) -> Action:
        return Action("就用这张", "primary", "check")

    def build(self) -> None:
        theme = self.theme
        self.body.setSpacing(theme.pick(24, 16))
        self._answered = False
        self._photo = PhotoPrint(theme, "photo.print", self.data.photo)
        self.body.addWidget(self._photo, 1)
        self._found = Deviations(theme, "photo.deviations")
        self.body.addWidget(self._found)
        self._none = Banner(theme, "photo.nothing_found", "info", NOTHING_FOUND)
        self.body.addWidget(self._none)
        self._show()

    def _show(self) -> None:
        self._found.set_sentences(self.data.deviations)
        self._found.reveal(bool(self.data.deviations))
        self._none.reveal(not self.data.deviations)

    def _give(self, answer: str) -> None:
        """Once: the second of two fingers is no answer to the next photo."""
        if not self._answered:
            self._answered = True
            self.answer(answer)

    def on_back(self) -> None:
        self._give("again")

    def on_next(self) -> None:
        self._give("ok")

    def refresh(self, screen: PhotoTaken, before: PhotoTaken) -> None:
        self._answered = False
        self._photo.set_photo(screen.photo)
        self._show()

    def clear(self) -> None:
        self._photo.clear()
        self._found.set_sentences(())
        super().clear()
