"""A filled application form on its page: painted once, for the preview (`picture`), the PDF (`pdf`) and with it the printer.

Where things stand comes from the form's table; below its grid go the line to sign on and the code with the signed record. Nothing is
drawn outside its cell. Any thread may call this; a page takes about 0.1 s of a core.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from config.form_page import Cell
from config.form_tables import Form
from kiosk.domain.forms.sheet import Sheet
from ui.forms.cells import RULE, CellPainter
from ui.forms.codes import LEAST_QR_MODULE_MM, draw_qr
from ui.forms.fit import draw_setting, set_text, style
from ui.forms.type import Face
from ui.forms.units import MM, PT, box

_FRAME = 0.45 * MM
_GAP_MM = 2.0
_QR_MM = 27.0
_LEAST_STRIP_MM = 18.0
_STRIP_MM = 30.0
_CORNER = 2.0 * MM
_DECLARATION = "本人已核对以上内容，所填内容真实、完整。"
_DECLARATION_PHOTO = "本人已核对以上内容，所填内容真实、完整，照片为本人近照。"
_SIGN = "申请人（监护人）签名："
_DAY = "日期：　　　　年　　月　　日"
_CAPTION = "电子申请表"


class Halted(Exception):
    """Nobody wants the page any more."""


Halt = Callable[[], bool]
"""Asked between two cells; True ends the painting with `Halted`."""


def never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Tint:
    """How `Sheet.marked` fields look on a preview: a ground, and a corner for who does not see the ground."""

    ground: QColor
    corner: QColor


def paint_sheet(p: QPainter, sheet: Sheet, *, tint: Tint | None = None, halt: Halt = never) -> list[str]:
    """Paint onto `p`, whose units are hundredths of a millimetre from the paper's corner; gives warnings.

    Warnings are English sentences for the technician, "field: what is wrong", and hold no value. `tint` None, as on all paper: marked
    fields look like others. Raises Halted.
    """
    p.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    p.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    form = sheet.form
    cells = CellPainter(p, form, sheet.values, sheet.photo)
    if tint is not None:
        _mark(p, sheet, tint)
    _rule(p, form)
    for cell in form.print:
        _go_on(halt)
        cells.printed(cell)
    for field in form.field:
        for cell in field.cells:
            _go_on(halt)
            cells.field(field, cell)
    _go_on(halt)
    return [*cells.warnings, *_strip(p, form, sheet.qr)]


def _go_on(halt: Halt) -> None:
    if halt():
        raise Halted


def _mark(p: QPainter, sheet: Sheet, tint: Tint) -> None:
    for field in sheet.form.field:
        if field.key not in sheet.marked:
            continue
        for cell in field.cells:
            if cell.draws == "label":
                continue
            rect = box(sheet.form.page.rect(cell))
            p.fillRect(rect, tint.ground)
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(tint.corner)
            side = min(_CORNER, rect.width() / 3, rect.height() / 3)
            corner = rect.topRight()
            p.drawPolygon(QPolygonF([corner, corner - QPointF(side, 0), corner + QPointF(0, side)]))


def _rule(p: QPainter, form: Form) -> None:
    """Hairlines between cells, a stronger line around the whole."""
    bordered = [box(form.page.rect(cell)) for cell in _cells(form) if cell.border]
    p.setBrush(Qt.BrushStyle.NoBrush)
    p.setPen(QPen(Qt.GlobalColor.black, RULE, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.MiterJoin))
    frame = QRectF()
    for rect in bordered:
        p.drawRect(rect)
        frame = frame.united(rect)
    if bordered:
        p.setPen(QPen(Qt.GlobalColor.black, _FRAME, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.MiterJoin))  # fmt: skip
        p.drawRect(frame)


def _cells(form: Form) -> list[Cell]:
    return [*form.print, *(cell for field in form.field for cell in field.cells)]


def _strip(p: QPainter, form: Form, qr: str) -> list[str]:
    """Below the grid: the declaration, the line to sign on, and the code."""
    page = form.page
    top = page.top + sum(page.rows) + _GAP_MM
    height = min(_STRIP_MM, page.height - page.bottom - top)
    if height < _LEAST_STRIP_MM:
        return ["page: no room below the grid for the signature and the code"]
    left, right = page.left * MM, (page.width - page.right) * MM
    p.setPen(Qt.GlobalColor.black)
    warnings = []
    if qr:
        side = min(_QR_MM, height - 4.0) * MM
        square = QRectF(right - side, top * MM, side, side)
        try:
            if draw_qr(p, square, qr) < LEAST_QR_MODULE_MM:
                warnings.append("qr: the code is too dense to be read for sure")
            _line(p, _CAPTION, QRectF(square.left(), square.bottom(), side, 3.5 * MM), 7, "center")
        except ValueError:
            warnings.append("qr: more data than a QR code holds")
        right = square.left() - 6 * MM
    pictured = any(field.kind == "photo" and field.cells for field in form.field)
    declaration = _DECLARATION_PHOTO if pictured else _DECLARATION
    _line(p, declaration, QRectF(left, (top + 1) * MM, right - left, 5 * MM), 10, "left")
    base = (top + height - 5.0) * MM
    day_width = 46 * MM
    _line(p, _DAY, QRectF(right - day_width, base - 5 * MM, day_width, 5 * MM), 10, "right")
    sign = set_text(_SIGN, right - left, 5 * MM, 10, style(Face.PRINTED))
    draw_setting(p, sign, QRectF(left, base - 5 * MM, right - left, 5 * MM), "left", "middle")
    p.setPen(QPen(Qt.GlobalColor.black, RULE))
    p.drawLine(QLineF(left + sign.width + 10 / PT, base, right - day_width - 4 * MM, base))
    return warnings


def _line(p: QPainter, text: str, rect: QRectF, pt: float, align: str) -> None:
    draw_setting(p, set_text(text, rect.width(), rect.height(), pt, style(Face.PRINTED)), rect, align, "middle")
