"""Rows of the page where all answers of an application form are checked: an answer with its origin, and the photo."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QResizeEvent

from kiosk.domain.identity import Photo
from kiosk.screens.form import AnswerRow, Origin
from ui.paint.shapes import fill_round
from ui.paint.text import TextShape
from ui.theme import Theme
from ui.widgets.base import Painted
from ui.widgets.buttons import BigButton
from ui.widgets.label_words import unbroken
from ui.widgets.photo_decoder import Decoding
from ui.widgets.text import ChipKind, _Flowing, chip_width, draw_chip

CHANGE, FILL, EMPTY = "修改", "去填写", "未填写"
ORIGINS: dict[Origin, tuple[str, ChipKind]] = {
    "card": ("读卡", "ok"),
    "machine": ("请核对", "warn"),
    "citizen": ("您填写", "plain"),
    "hall": ("系统", "plain"),
}
WIDEST = "您填写"
_SHORT = 30
"""Characters of a value whose lines are made equally long: a number does not end in a lone digit. Addresses just go on."""


def origin_of(row: AnswerRow) -> Origin | None:
    """What the chip says; None: no chip. Whatever a person must still look at is 请核对."""
    if not row.value:
        return None
    return "machine" if row.confirm else row.origin


class _Places(NamedTuple):
    """Left edges and widths in pixels. Large text puts the value under its label."""

    label: int
    label_w: int
    value: int
    value_w: int
    chip: int
    act: int
    act_w: int


def _places(theme: Theme, width: int) -> _Places:
    pad = _pad(theme)
    act_w = theme.pick(160, 190)
    act = width - act_w - theme.px(8)
    if theme.large:
        room = act - pad - theme.px(8)
        return _Places(pad, room - chip_width(theme, WIDEST) - theme.px(20), pad, room, 0, act, act_w)
    chip = act - chip_width(theme, WIDEST)
    value = pad + theme.px(236)
    return _Places(pad, theme.px(214), value, chip - theme.px(28) - value, chip, act, act_w)


def _pad(theme: Theme) -> int:
    return theme.px(32)


class RowShapes(NamedTuple):
    """The paragraphs of a row broken for a width; what is wrong with the value, if anything."""

    width: int
    label: TextShape
    value: TextShape
    trouble: TextShape | None

    def height(self, theme: Theme) -> int:
        below = self.trouble.height + theme.px(8) if self.trouble is not None else 0
        beside = 0 if theme.large else self.label.height
        above = _head(theme, self.label) + theme.px(4) if theme.large else 0
        return max(least_height(theme), max(beside, above + self.value.height + below) + theme.px(24))


def row_shapes(theme: Theme, row: AnswerRow, width: int) -> RowShapes:
    at = _places(theme, width)
    role = _label_role(theme, row)
    words = unbroken(row.label, theme.font_px(role), at.label_w)
    label = TextShape(words, theme.font(role), at.label_w, theme.line(role), balance=True)
    text = row.value or EMPTY
    short = len(text) <= _SHORT
    value = TextShape(text, theme.font("body", bold=True), at.value_w, theme.line("body"), balance=short)
    if not (row.trouble and row.value):
        return RowShapes(width, label, value, None)
    room = at.act - theme.px(8) - at.value - theme.px(48)
    trouble = TextShape(row.trouble, theme.font("small"), room, theme.line("small"), balance=True)
    return RowShapes(width, label, value, trouble)


def is_plain(theme: Theme, row: AnswerRow, width: int) -> bool:
    """Surely of the least height: no character is wider than a hanzi."""
    em, at = theme.font_px("body"), _places(theme, width)
    fits = len(row.value or EMPTY) * em < at.value_w and len(row.label) * em < at.label_w
    return fits and not theme.large and not row.trouble


def _label_role(theme: Theme, row: AnswerRow) -> str:
    return "label" if len(row.label) > 6 or theme.large else "body"


def _head(theme: Theme, label: TextShape) -> int:
    """Height of the line of label and chip where it stands above the value."""
    return max(label.height, theme.pick(52, 60)) if theme.large else 0


class FormAnswerRow(_Flowing):
    """Label, value, where it comes from, and the way to change it (<name>.act) or a padlock. Emits `acted`."""

    acted = Signal()

    def __init__(
        self,
        theme: Theme,
        name: str,
        row: AnswerRow,
        *,
        wanted: bool,
        divider: bool = True,
        shapes: RowShapes | None = None,
    ) -> None:
        """`wanted`: without an answer here the form cannot be printed. `shapes`: already broken for the width it will have, whose
        height it then keeps: layouts ask for the heights at widths it never gets."""
        self._row, self._wanted, self._divider = row, wanted, divider
        origin = origin_of(row)
        self._chip = ORIGINS[origin] if origin is not None else None
        said = [row.label, row.value or EMPTY, self._chip[0] if self._chip else "", self._trouble()]
        super().__init__(theme, name, "，".join(part for part in said if part))
        self._kept = shapes
        if shapes is not None:
            self.setFixedHeight(shapes.height(theme))
        self._fixed = shapes is not None
        self.act: BigButton | None = None
        if row.question:
            caption = CHANGE if row.value else FILL
            spoken = f"{caption}：{row.label}"
            self.act = BigButton(theme, f"{name}.act", caption, "link", spoken=spoken, height="touch_min", parent=self)
            self.act.tapped.connect(self.acted)

    @staticmethod
    def height_of(theme: Theme, row: AnswerRow, width: int) -> int:
        """Without making the row."""
        if is_plain(theme, row, width):
            return least_height(theme)
        return row_shapes(theme, row, width).height(theme)

    def _trouble(self) -> str:
        return self._row.trouble if self._row.value else ""

    def clear(self) -> None:
        self._row = AnswerRow("", "", None, "")
        self._kept = None
        self.setAccessibleName("")

    def _shaped(self, width: int) -> RowShapes:
        """Kept: a layout asks again and again for the same width."""
        if self._kept is None or self._kept.width != width:
            self._kept = row_shapes(self.theme, self._row, width)
        return self._kept

    def hasHeightForWidth(self) -> bool:
        return not self._fixed

    def sizeHint(self) -> QSize:
        return QSize(self.theme.px(400), self.height()) if self._fixed else super().sizeHint()

    def heightForWidth(self, width: int) -> int:
        return self._shaped(width).height(self.theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.act is not None:
            at = _places(self.theme, self.width())
            height = self.act.height()
            self.act.setGeometry(at.act, (self.height() - height) // 2, at.act_w, height)

    def paint(self, p: QPainter) -> None:
        t = self.theme
        at = _places(t, self.width())
        _, label, value, trouble = self._shaped(self.width())
        role = _label_role(t, self._row)
        below = trouble.height + t.px(8) if trouble is not None else 0
        head = _head(t, label)
        body = value.height + below
        if t.large:
            top = (self.height() - head - t.px(4) - body) / 2
            self.write(p, label, self._row.label, _box(at.label, top + (head - label.height) / 2, label), role, "muted")
            chip_y = top + head / 2
            chip_x = at.label + at.label_w + t.px(20)
            upper = top + head + t.px(4)
        else:
            upper = (self.height() - body) / 2
            # the label stands beside the value's first line
            left = min(upper + (t.line("body") - t.line(role)) / 2, (self.height() - label.height) / 2)
            self.write(p, label, self._row.label, _box(at.label, left, label), role, "muted")
            chip_y = upper + value.height / 2
            chip_x = at.chip
        given = bool(self._row.value)
        color = "text" if given else "bad_text" if self._wanted else "muted"
        self.write(p, value, self._row.value or EMPTY, _box(at.value, upper, value), "body", color)
        if trouble is not None:
            y = upper + value.height + t.px(8)
            self.stamp(p, t.icon("octagon-x", 32, "bad_text"), at.value + t.px(16), y + t.line("small") / 2)
            box = _box(at.value + t.px(48), y, trouble)
            self.write(p, trouble, self._row.trouble, box, "small", "bad_text")
        if self._chip is not None:
            draw_chip(self, p, chip_x, chip_y, *self._chip)
        elif not given and self._wanted:
            centre = chip_x + chip_width(t, WIDEST) / 2
            self.stamp(p, t.icon("octagon-x", "icon_s", "bad"), centre, chip_y)
        if self.act is None and given:
            self.stamp(p, t.icon("lock", "icon_s", "muted"), at.act + at.act_w / 2, self.height() / 2)
        if self._divider:
            line = QRectF(at.label, self.height() - t.px(2), self.width() - 2 * at.label, t.px(2))
            p.fillRect(line, t.color("outline" if t.high_contrast else "divider"))


def least_height(theme: Theme) -> int:
    """Height of a row: a target and the gap that must be between two of them."""
    return theme.px("touch_min") + theme.px("gap_min")


def _box(x: float, y: float, shape: TextShape) -> QRectF:
    return QRectF(x, y, shape.width, shape.height)


class SectionHead(Painted):
    """What the rows below have in common."""

    def __init__(self, theme: Theme, name: str, title: str) -> None:
        super().__init__(theme, name, title)
        self._title = title
        self.setFixedHeight(self.height_of(theme))

    @staticmethod
    def height_of(theme: Theme) -> int:
        return theme.pick(72, 84)

    def paint(self, p: QPainter) -> None:
        t = self.theme
        pad = _pad(t)
        box = QRectF(pad, 0, self.width() - 2 * pad, self.height())
        self.line_text(p, box, self._title, ("h3", "label"), bold=True)
        p.fillRect(
            QRectF(pad, self.height() - t.px(2), box.width(), t.px(2)),
            t.color("outline" if t.high_contrast else "divider"),
        )


class FormPhotoRow(_Flowing):
    """The photo as it will be printed, or how it comes to the window. Emits `acted`."""

    acted = Signal()

    def __init__(self, theme: Theme, name: str, photo: Photo | None, text: str, *, wanted: bool) -> None:
        self._photo, self._text, self._wanted = photo, text, wanted
        self._words = "" if photo is not None else text or EMPTY
        super().__init__(theme, name, f"照片，{self._words or '本机已拍好'}")
        self._fitted = QImage()
        self._decoding: Decoding | None = None
        caption = CHANGE if photo is not None or text else FILL
        self.act = BigButton(
            theme, f"{name}.act", caption, "link", spoken=f"{caption}：照片", height="touch_min", parent=self
        )
        self.act.tapped.connect(self.acted)
        if photo is not None:
            self._decoding = Decoding([photo.data], self._room(), self._arrived)

    def _room(self) -> QSize:
        return QSize(self.theme.px(126), self.theme.px(168))

    def _arrived(self, index: int, image: QImage, fitted: QImage) -> None:
        self._decoding = None
        self._fitted = fitted
        if fitted.isNull():
            self._words = "照片打不开，请重拍"
        self.update()

    def clear(self) -> None:
        if self._decoding is not None:
            self._decoding.abandon()
            self._decoding = None
        self._photo, self._fitted = None, QImage()
        self.update()

    @staticmethod
    def height_of(theme: Theme, photo: Photo | None, text: str, width: int) -> int:
        """Without making the row."""
        if photo is not None:
            return theme.px(168) + theme.px(32)
        room = FormPhotoRow._value_w(theme, width)
        shape = TextShape(text or EMPTY, theme.font("body", bold=True), room, theme.line("body"))
        return max(least_height(theme), shape.height + theme.px(24))

    def heightForWidth(self, width: int) -> int:
        t = self.theme
        if self._photo is not None:
            return self._room().height() + t.px(32)
        return max(least_height(t), self._shaped(width).height + t.px(24))

    @staticmethod
    def _value_w(theme: Theme, width: int) -> int:
        return _places(theme, width).act - theme.px(16) - theme.pick(260, 200)

    def _value_x(self) -> int:
        return self.theme.pick(260, 200)

    def _shaped(self, width: int) -> TextShape:
        return self.shape(self._words, "body", self._value_w(self.theme, width), bold=True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        at = _places(self.theme, self.width())
        height = self.act.height()
        self.act.setGeometry(at.act, (self.height() - height) // 2, at.act_w, height)

    def paint(self, p: QPainter) -> None:
        t = self.theme
        at = _places(t, self.width())
        middle = self.height() / 2
        label = QRectF(at.label, middle - t.line("body") / 2, self._value_x() - at.label, t.line("body"))
        self.line_text(p, label, "照片", "body", "muted")
        if self._words:
            shape = self._shaped(self.width())
            color = "text" if self._text else "bad_text" if self._wanted else "muted"
            self.write(p, shape, self._words, _box(self._value_x(), middle - shape.height / 2, shape), "body", color)
            return
        room = QRectF(self._value_x(), t.px(16), self._room().width(), self._room().height())
        if self._fitted.isNull():
            fill_round(p, room, t.px("radius.chip"), t.color("well"), t.color("outline"), t.px("stroke.divider"))
            self.stamp(p, t.icon("photo", "icon_m", "muted"), room.center().x(), room.center().y())
        else:
            size = self._fitted.size().toSizeF().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
            target = QRectF(room.topLeft(), size)
            p.drawImage(target, self._fitted)
            fill_round(p, target, 0, None, t.color("outline"), t.px("stroke.divider"))
