"""What stands in one cell of a form, drawn inside its border."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from config.form_page import Cell
from config.form_tables import Field, Form
from kiosk.domain.identity import Photo
from ui.forms.codes import LEAST_MODULE_MM, draw_bars
from ui.forms.fit import LEGIBLE_PT, Setting, draw_setting, set_atoms, set_text, style
from ui.forms.type import Face, drawable
from ui.forms.units import MM, box

TICKED, UNTICKED = "■", "□"
RULE = 0.18 * MM
_PAD_MM = 0.9
_PHOTO_MM = (33.0, 48.0)
"""Width and height of a picture for exit-entry documents."""
_PHOTO_DPI = 300
_CAPTION_PT = 7.0
_GREY = QColor(150, 150, 150)


class CellPainter:
    """Paints the cells of one form with one record. `warnings` name fields, never their values."""

    def __init__(self, p: QPainter, form: Form, values: Mapping[str, str], photo: Photo | None) -> None:
        self._p = p
        self._form = form
        self._values = values
        self._photo = photo
        self.warnings: list[str] = []

    def printed(self, cell: Cell) -> None:
        """Words that belong to no field."""
        self._words("print", cell, cell.text, Face.PRINTED)

    def field(self, field: Field, cell: Cell) -> None:
        value = self._values.get(field.key, "").strip()
        if cell.draws == "label":
            self._words(field.key, cell, cell.text or field.label, Face.PRINTED)
        elif cell.draws == "option":
            self._option(field, cell, value)
        elif field.kind == "photo":
            self._picture(field, cell)
        elif field.kind == "barcode":
            self._bars(field, cell, value)
        elif field.kind == "boxes":
            self._boxes(field, cell, value)
        elif field.kind in ("choice", "matrix"):
            self._choice(field, cell, value)
        else:
            self._value(field, cell, value)

    def _value(self, field: Field, cell: Cell, value: str) -> None:
        told = _date(value) if field.kind == "date" else self._form.option_text(field, value) if value else ""
        if not cell.text:
            self._words(field.key, cell, told, Face.FILLED)
            return
        # a caption in the cell: beside the value where both fit, above it where not
        inner = _inner(cell, self._form)
        caption = set_text(cell.text, inner.width(), inner.height(), cell.pt, style(Face.PRINTED, bold=cell.bold))
        left = caption.width + 0.5 * MM
        value_setting = set_text(
            self._drawable(field.key, told), inner.width() - left, inner.height(), cell.pt, style(Face.FILLED)
        )
        beside = len(caption.lines) == 1 and (not told or value_setting.pt >= cell.pt * 0.72)
        if beside and len(value_setting.lines) <= 1:
            self._set(field.key, caption, inner, "left", cell.valign)
            self._set(field.key, value_setting, inner.adjusted(left, 0, 0, 0), "left", cell.valign)
            return
        gap = 0.8 * MM
        head = min(caption.height, inner.height() / 2)
        self._set(field.key, caption, QRectF(inner.left(), inner.top(), inner.width(), head), "left", "top")
        rest = inner.adjusted(0, head + gap, 0, 0)
        setting = set_text(self._drawable(field.key, told), rest.width(), rest.height(), cell.pt, style(Face.FILLED))
        self._set(field.key, setting, rest, cell.align, "middle")

    def _option(self, field: Field, cell: Cell, value: str) -> None:
        ticked = value == "1" if field.kind == "tick" else bool(cell.option) and value == cell.option
        text = "" if cell.bare else cell.text or (
            self._form.option_text(field, cell.option) if cell.option else field.label
        )  # fmt: skip
        mark = TICKED if ticked else UNTICKED
        self._words(field.key, cell, f"{mark} {text}" if text else mark, Face.PRINTED)

    def _choice(self, field: Field, cell: Cell, value: str) -> None:
        """All options in a row, broken between them; an answer in the citizen's own words stands behind them."""
        options = self._form.options(field)
        told = [f"{TICKED if value in (option.code, option.text) else UNTICKED}{option.text}" for option in options]
        if value and all(value not in (option.code, option.text) for option in options):
            told.append(f"{TICKED}{self._drawable(field.key, value)}")
        atoms = [f"{text}   " for text in told]
        if cell.text:
            atoms.insert(0, cell.text)
        inner = _inner(cell, self._form)
        setting = set_atoms(atoms, inner.width(), inner.height(), cell.pt, style(Face.PRINTED, bold=cell.bold))
        self._set(field.key, setting, inner, cell.align, cell.valign)

    def _boxes(self, field: Field, cell: Cell, value: str) -> None:
        """Each character in a box of its own; what is longer than the boxes is squeezed into the last one."""
        rect = box(self._form.page.rect(cell))
        count = field.max_length
        width = rect.width() / count
        self._p.setPen(QPen(Qt.GlobalColor.black, RULE))
        self._p.drawLines(
            [
                QLineF(rect.left() + i * width, rect.top(), rect.left() + i * width, rect.bottom())
                for i in range(1, count)
            ]
        )
        text = self._drawable(field.key, value)
        chars = [*text[: count - 1], text[count - 1 :]] if len(text) >= count else list(text)
        for index, char in enumerate(chars):
            square = QRectF(rect.left() + index * width, rect.top(), width, rect.height()).adjusted(20, 40, -20, -40)
            setting = set_text(char, square.width(), square.height(), cell.pt, style(Face.FILLED))
            self._set(field.key, setting, square, "center", "middle")

    def _picture(self, field: Field, cell: Cell) -> None:
        inner = _inner(cell, self._form)
        image = QImage()
        if self._photo is not None:
            from ui.widgets.photo_decoder import decode

            image = decode(self._photo.data)
            if image.isNull():
                self.warnings.append(f"{field.key}: the picture cannot be read")
        if image.isNull():
            self._words(field.key, cell, cell.text or field.label, Face.PRINTED)
            return
        room = QRectF(0, 0, min(_PHOTO_MM[0] * MM, inner.width()), min(_PHOTO_MM[1] * MM, inner.height()))
        size = image.size().toSizeF().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRectF(QPointF(0, 0), size)
        target.moveCenter(inner.center())
        dots = (size * (_PHOTO_DPI / 25.4 / MM)).toSize()
        if dots.width() < image.width():
            image = image.scaled(dots, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
        self._p.drawImage(target, image)

    def _bars(self, field: Field, cell: Cell, value: str) -> None:
        """A slot with its caption above; bars and their text where the document was applied for."""
        inner = _inner(cell, self._form).adjusted(80, 0, -80, 0)
        caption_height = 4.0 * MM
        caption = set_text(
            self._drawable(field.key, cell.text or field.label),
            inner.width(),
            caption_height,
            cell.pt,
            style(Face.PRINTED),
        )
        self._set(field.key, caption, QRectF(inner.left(), inner.top(), inner.width(), caption_height), "center", "top")
        slot = inner.adjusted(0, caption_height, 0, 0)
        if not value:
            self._p.setPen(QPen(_GREY, RULE, Qt.PenStyle.DashLine))
            self._p.setBrush(Qt.BrushStyle.NoBrush)
            self._p.drawRect(slot)
            return
        text_height = 3.0 * MM
        try:
            module = draw_bars(self._p, slot.adjusted(0, 0, 0, -text_height), value)
        except ValueError:
            self.warnings.append(f"{field.key}: not a text for a bar code")
            return
        if module < LEAST_MODULE_MM:
            self.warnings.append(f"{field.key}: the bars are too narrow to be read")
        below = QRectF(slot.left(), slot.bottom() - text_height, slot.width(), text_height)
        self._p.setPen(Qt.GlobalColor.black)
        setting = set_text(value, below.width(), below.height(), _CAPTION_PT, style(Face.FILLED))
        self._set(field.key, setting, below, "center", "bottom")

    def _words(self, key: str, cell: Cell, text: str, face: Face) -> None:
        if not text:
            return
        inner = _inner(cell, self._form)
        text = self._drawable(key, text, face)
        made = style(face, bold=cell.bold)
        if cell.vertical:
            setting = set_atoms(list(text), cell.pt * MM * 0.36, inner.height(), cell.pt, made)
        else:
            setting = set_text(text, inner.width(), inner.height(), cell.pt, made)
        self._set(key, setting, inner, cell.align, cell.valign)

    def _set(self, key: str, setting: Setting, rect: QRectF, align: str, valign: str) -> None:
        if not setting.fits:
            self.warnings.append(f"{key}: too long for its cell even in the smallest type")
        elif setting.pt < LEGIBLE_PT and any(line for line, _ in setting.lines):
            self.warnings.append(f"{key}: set in very small type")
        self._p.setPen(Qt.GlobalColor.black)
        draw_setting(self._p, setting, rect, align, valign)

    def _drawable(self, key: str, text: str, face: Face = Face.FILLED) -> str:
        shown, missing = drawable(text, face)
        if missing:
            self.warnings.append(f"{key}: {missing} character(s) no installed font has, printed as 〓")
        return shown


def _inner(cell: Cell, form: Form) -> QRectF:
    pad = _PAD_MM * MM
    rect = box(form.page.rect(cell))
    return rect.adjusted(pad, pad / 2, -pad, -pad / 2)


def _date(value: str) -> str:
    """1990-01-02 as 1990年01月02日; what is no date stays as it is."""
    try:
        day = dt.date.fromisoformat(value)
    except ValueError:
        return value
    return f"{day.year:04d}年{day.month:02d}月{day.day:02d}日"
