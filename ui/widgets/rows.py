"""Rows: label and value, tick box with a sentence, pager."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from ui.paint.shapes import draw_disc, draw_tick, fill_round
from ui.paint.text import TextShape
from ui.theme import Theme
from ui.widgets.base import Checkable, Painted, PaintMixin
from ui.widgets.buttons import BigButton
from ui.widgets.text import ChipKind, _Flowing, chip_width, draw_chip


class InfoRow(_Flowing):
    """Label, value, an optional chip that says where the value comes from, an optional act ("修改"). Divider below.

    Emits `acted` when the act is tapped; its button has the row's name + ".act".
    """

    acted = Signal()

    def __init__(
        self,
        theme: Theme,
        name: str,
        label: str,
        value: str,
        *,
        chip: str = "",
        chip_kind: ChipKind = "ok",
        chip_icon: str = "",
        act: str = "",
        strong: bool = False,
        amount: bool = False,
        divider: bool = True,
        label_px: int = 220,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, name, f"{label}，{value}", parent)
        self._label, self._value = label, value
        self._chip, self._chip_kind, self._chip_icon = chip, chip_kind, chip_icon
        self._strong, self._amount, self._divider = strong, amount, divider
        self._label_w = theme.px(label_px) if not theme.large else round(theme.px(label_px) * 1.25)
        self._shape: TextShape | None = None
        self.act: BigButton | None = None
        if act:
            row = QHBoxLayout(self)
            row.setContentsMargins(0, 0, 0, 0)
            self.act = BigButton(theme, f"{name}.act", act, "link", spoken=f"{act}{label}", parent=self)
            self.act.setFixedWidth(theme.pick(160, 190))
            self.act.tapped.connect(self.acted)
            row.addStretch(1)
            row.addWidget(self.act, 0, Qt.AlignmentFlag.AlignVCenter)

    def set_value(self, value: str) -> None:
        self._value, self._shape = value, None
        self.setAccessibleName(f"{self._label}，{value}")
        self.updateGeometry()
        self.update()

    def _room(self, width: int) -> int:
        room = width - self._label_w - self.theme.px(16)
        if self._chip:
            room -= chip_width(self.theme, self._chip, self._chip_icon) + self.theme.px(16)
        if self.act is not None:
            room -= self.act.width()
        return max(room, 40)

    def _shaped(self, width: int) -> TextShape:
        room = self._room(width)
        if self._shape is None or self._shape.width != room:
            self._shape = self.shape(self._value, "body", room, bold=self._strong or self._amount or None)
        return self._shape

    def heightForWidth(self, width: int) -> int:
        return max(self.theme.px("row_h"), self._shaped(width).height + self.theme.px(36))

    def paint(self, p: QPainter) -> None:
        t = self.theme
        w, h = self.width(), self.height()
        shape = self._shaped(w)
        top = (h - shape.height) / 2
        line = t.line("body")
        self.line_text(p, QRectF(0, top, self._label_w, line), self._label, ("body", "label", "small"), "muted")
        box = QRectF(self._label_w + t.px(16), top, shape.width, shape.height)
        color = "amount" if self._amount else "text"
        self.write(p, shape, self._value, box, "body", color, "right" if self._amount else "left")
        if self._chip:
            right = w - (self.act.width() if self.act is not None else 0)
            left = right - chip_width(t, self._chip, self._chip_icon)
            draw_chip(self, p, left, h / 2, self._chip, self._chip_kind, self._chip_icon)
        if self._divider:
            p.fillRect(0, h - t.px(2), w, t.px(2), t.color("divider"))


def draw_tick_box(widget: PaintMixin, p: QPainter, rect: QRectF, checked: bool, enabled: bool = True) -> None:
    """A tick box: outline when empty, filled with a tick when chosen. Never colour alone."""
    t = widget.theme
    radius = t.px("radius.chip")
    if checked:
        fill_round(p, rect, radius, t.color("primary"))
        draw_tick(p, rect, t.color("on_primary"), rect.width() / 9)
    else:
        fill_round(
            p, rect, radius, t.color("surface" if enabled else "well"), t.color("outline"), t.px("stroke.selected")
        )


class CheckBoxRow(Checkable):
    """A tick box with a sentence; the whole row is the target. Unticked unless told otherwise."""

    def __init__(
        self,
        theme: Theme,
        name: str,
        text: str,
        *,
        checked: bool = False,
        framed: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, name, text, parent, checked=checked)
        self._text, self._framed = text, framed
        self._alarm = False
        self._shape: TextShape | None = None
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_alarm(self, alarm: bool) -> None:
        """Mark the row as what is missing; the words for it belong in a Banner beside it."""
        self._alarm = alarm
        self.update()

    def _left(self) -> int:
        return self.theme.px(112 if self._framed else 84)

    def _shaped(self, width: int) -> TextShape:
        room = max(60, width - self._left() - self.theme.px(24))
        if self._shape is None or self._shape.width != room:
            self._shape = self.shape(self._text, "body", room)
        return self._shape

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return max(self.theme.pick(104, 128), self._shaped(width).height + self.theme.px(40))

    def sizeHint(self) -> QSize:
        width = self.width() if self.width() > 100 else self.theme.px(984)
        return QSize(self.theme.px(400), self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(self.theme.px(200), self.theme.px("touch_min"))

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        radius = t.px("radius.field")
        if self._framed:
            chosen = self.isChecked()
            edge = "bad" if self._alarm else "primary" if chosen else "outline"
            width = t.px("stroke.selected" if chosen or self._alarm else "stroke.divider")
            fill_round(p, rect, radius, t.color("pressed" if self.isDown() else "surface"), t.color(edge), width)
        side = t.px("tick") * 0.875
        box = QRectF(t.px(28) if self._framed else 0, (rect.height() - side) / 2, side, side)
        draw_tick_box(self, p, box, self.isChecked(), self.isEnabled())
        shape = self._shaped(self.width())
        area = QRectF(self._left(), (rect.height() - shape.height) / 2, shape.width, shape.height)
        self.write(p, shape, self._text, area, "body")
        self.focus_ring(p, radius)


class Pager(Painted):
    """上一页 · 第 1 页，共 3 页 · 下一页. Emits `turned(page)`; hidden by itself when there is one page."""

    turned = Signal(int)

    def __init__(self, theme: Theme, name: str, pages: int, page: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, "翻页", parent)
        self._page = page
        self._pages = pages
        self.setFixedHeight(theme.px("pager_h"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self.previous = BigButton(
            theme, f"{name}.previous", "上一页", "secondary", "chevron-left", height="pager_h", parent=self
        )
        self.following = BigButton(
            theme,
            f"{name}.next",
            "下一页",
            "secondary",
            "chevron-right",
            icon_after=True,
            height="pager_h",
            parent=self,
        )
        for button in (self.previous, self.following):
            button.setFixedWidth(theme.pick(270, 310))
        row.addWidget(self.previous)
        row.addStretch(1)
        row.addWidget(self.following)
        self.previous.tapped.connect(lambda: self._turn(-1))
        self.following.tapped.connect(lambda: self._turn(1))
        self.set_pages(pages, page)

    @property
    def page(self) -> int:
        return self._page

    def set_pages(self, pages: int, page: int) -> None:
        self._pages, self._page = pages, min(max(page, 0), max(pages - 1, 0))
        self.setAccessibleName(f"第 {self._page + 1} 页，共 {pages} 页")
        self.previous.setEnabled(self._page > 0)
        self.following.setEnabled(self._page < pages - 1)
        self.reveal(pages > 1)
        self.update()

    def _turn(self, by: int) -> None:
        self.set_pages(self._pages, self._page + by)
        self.turned.emit(self._page)

    def paint(self, p: QPainter) -> None:
        left, right = self.previous.geometry().right(), self.following.geometry().left()
        text = f"{self._page + 1} / {self._pages}"
        self.line_text(p, QRectF(left, 0, right - left, self.height()), text, "h3", "text", "center")


class NumberedLine(_Flowing):
    """① a short instruction; a tick in place of the number once it is carried out."""

    def __init__(self, theme: Theme, name: str, number: int, text: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, f"{number}，{text}", parent)
        self._number, self._text = number, text
        self._done = False
        self._shape: TextShape | None = None

    def _shaped(self, width: int) -> TextShape:
        room = max(60, width - self.theme.px(92))
        if self._shape is None or self._shape.width != room:
            self._shape = self.shape(self._text, "body", room, balance=True)
        return self._shape

    def set_done(self, done: bool) -> None:
        if done != self._done:
            self._done = done
            self.setAccessibleName(f"{self._number}，{self._text}" + ("，已完成" if done else ""))
            self.update()

    def heightForWidth(self, width: int) -> int:
        return self._shaped(width).height + self.theme.pick(22, 12)

    def paint(self, p: QPainter) -> None:
        t = self.theme
        shape = self._shaped(self.width())
        top = (self.height() - shape.height) / 2
        radius = t.pick(22, 28)
        centre = QPointF(t.px(46), top + t.line("body") / 2)
        draw_disc(p, centre, radius, t.color("ok" if self._done else "primary"))
        disc = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
        if self._done:
            draw_tick(p, disc, t.color("on_ok"), t.px(5))
        else:
            self.line_text(p, disc, str(self._number), "small", "on_primary", "center", bold=True)
        box = QRectF(t.px(92), top, shape.width, shape.height)
        self.write(p, shape, self._text, box, "body", "muted" if self._done else "text")
