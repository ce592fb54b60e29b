"""Words: page title, paragraph, chip, banner."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.paint.shapes import fill_round
from ui.paint.text import TextShape, text_width
from ui.theme import Theme
from ui.widgets.base import Painted, PaintMixin

Tone = Literal["info", "ok", "warn", "bad"]
TONE_ICON = {"info": "info", "ok": "check-circle", "warn": "warning-triangle", "bad": "octagon-x"}
ChipKind = Literal["plain", "info", "ok", "warn", "bad"]


class _Flowing(Painted):
    """A display widget as high as its text needs at the width it is given."""

    def __init__(self, theme: Theme, name: str, spoken: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, spoken, parent)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:
        return True

    def sizeHint(self) -> QSize:
        """The layout takes this height as the most a fixed one may have: it has to be the height at the width there is,
        not at the 640 pixels of a widget that nobody has laid out yet."""
        laid_out = self.testAttribute(Qt.WidgetAttribute.WA_Resized)
        return QSize(self.theme.px(400), self.heightForWidth(self.width() if laid_out else self.theme.px(984)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        return QSize(self.theme.px(100), 0)


class TextBlock(_Flowing):
    """A paragraph in one role. "\\n" starts a new line."""

    def __init__(
        self,
        theme: Theme,
        name: str,
        text: str,
        role: str = "body",
        color: str = "text",
        align: str = "left",
        *,
        bold: bool | None = None,
        balance: bool | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, name, text, parent)
        self.text = text
        self._role, self._color, self._align, self._bold = role, color, align, bold
        self._balance = align == "center" if balance is None else balance

    def set_text(self, text: str, color: str | None = None) -> None:
        if text == self.text and color in (None, self._color):
            return
        self.text = text
        self._color = color or self._color
        self._kept_shapes.clear()
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def _shaped(self, width: int) -> TextShape:
        return self.shape(self.text, self._role, width, bold=self._bold, balance=self._balance)

    def heightForWidth(self, width: int) -> int:
        return self._shaped(width).height if self.text else 0

    def paint(self, p: QPainter) -> None:
        if self.text:
            rect = QRectF(self.rect())
            self.write(p, self._shaped(self.width()), self.text, rect, self._role, self._color, self._align)


class PageTitle(_Flowing):
    """What to do, large, with a hint under it. One line of h1 where it fits, else h2, else two lines."""

    def __init__(
        self, theme: Theme, name: str, title: str, hint: str = "", *, align: str = "left", parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, name, f"{title}。{hint}" if hint else title, parent)
        self._title, self._hint, self._align = title, hint, align

    def set_texts(self, title: str, hint: str) -> None:
        if (title, hint) == (self._title, self._hint):
            return
        self._title, self._hint = title, hint
        self._kept_shapes.clear()
        self.setAccessibleName(f"{title}。{hint}" if hint else title)
        self.updateGeometry()
        self.update()

    def _shaped(self, width: int) -> tuple[str, TextShape, TextShape | None]:
        fits = [r for r in ("h1", "h2") if text_width(self._title, self.theme.font(r)) <= width]
        role = fits[0] if fits else "h1"
        title = self.shape(self._title, role, width, balance=not fits)
        hint = self.shape(self._hint, "body", width, balance=True) if self._hint else None
        return role, title, hint

    def _gap(self) -> int:
        return self.theme.pick(18, 8)

    def heightForWidth(self, width: int) -> int:
        _, title, hint = self._shaped(width)
        return title.height + (hint.height + self._gap() if hint else 0)

    def paint(self, p: QPainter) -> None:
        role, title, hint = self._shaped(self.width())
        rect = QRectF(self.rect())
        self.write(p, title, self._title, rect, role, "text", self._align)
        if hint is not None:
            rect.setTop(title.height + self._gap())
            self.write(p, hint, self._hint, rect, "body", "muted", self._align)


def chip_width(theme: Theme, text: str, icon: str = "") -> int:
    extra = theme.px(32) if icon else 0
    return round(text_width(text, theme.font("small", bold=True))) + theme.px(56) + extra


def draw_chip(
    widget: PaintMixin, p: QPainter, x: float, centre_y: float, text: str, kind: ChipKind = "plain", icon: str = ""
) -> float:
    """A pill with a word in it. Returns its width."""
    t = widget.theme
    width = chip_width(t, text, icon)
    height = t.pick(52, 60)
    rect = QRectF(x, centre_y - height / 2, width, height)
    fill, color = ("chip", "on_chip") if kind == "plain" else (f"{kind}_tint", f"{kind}_text")
    edge = t.color(color) if kind != "plain" or t.high_contrast else None
    fill_round(p, rect, height / 2, t.color(fill), edge, t.px("stroke.divider"))
    inner = rect.adjusted(t.px(24), 0, -t.px(24), 0)
    if icon:
        self_icon = t.icon(icon, 28, color)
        widget.stamp(p, self_icon, inner.x() + t.px(14), rect.center().y())
        inner.setLeft(inner.x() + t.px(36))
    widget.line_text(p, inner, text, "small", color, "left", bold=True)
    return width


class Chip(Painted):
    """One word of state or origin: 读卡, 请核对, 记1分."""

    def __init__(
        self,
        theme: Theme,
        name: str,
        text: str,
        kind: ChipKind = "plain",
        icon: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, name, text, parent)
        self._text, self._kind, self._icon = text, kind, icon
        self.setFixedSize(chip_width(theme, text, icon), theme.pick(52, 60))

    def paint(self, p: QPainter) -> None:
        draw_chip(self, p, 0, self.height() / 2, self._text, self._kind, self._icon)


class Banner(_Flowing):
    """One sentence with a tone: bar, icon and words, so that it reads in greyscale too."""

    def __init__(
        self, theme: Theme, name: str, tone: Tone, text: str, icon: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, name, text, parent)
        self._tone: Tone = tone
        self._text = text
        self._icon = icon

    def set_message(self, tone: Tone, text: str) -> None:
        if (tone, text) == (self._tone, self._text):
            return
        self._tone, self._text = tone, text
        self._kept_shapes.clear()
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def _left(self) -> int:
        return self.theme.px(104)

    def _shaped(self, width: int) -> TextShape:
        room = max(50, width - self._left() - self.theme.px(28))
        return self.shape(self._text, "label", room, balance=True)

    def heightForWidth(self, width: int) -> int:
        return max(self.theme.px("banner_h"), self._shaped(width).height + self.theme.px(36))

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        tone = self._tone
        edge = t.color(f"{tone}_text") if t.high_contrast else None
        fill_round(p, rect, t.px("radius.field"), t.color(f"{tone}_tint"), edge, t.px("stroke.divider"))
        bar = QRectF(0, t.px(16), t.px(8), rect.height() - t.px(32))
        fill_round(p, bar, t.px(4), t.color(tone))
        icon = t.icon(self._icon or TONE_ICON[tone], "icon_s", f"{tone}_text")
        self.stamp(p, icon, t.px(58), rect.center().y())
        shape = self._shaped(self.width())
        box = QRectF(self._left(), (rect.height() - shape.height) / 2, shape.width, shape.height)
        self.write(p, shape, self._text, box, "label", f"{tone}_text")
