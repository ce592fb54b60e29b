"""A filled application form on its page: painted once, for the preview, the PDF and with it the printer.

Where things stand comes from the form's table; below its grid go the line to sign on and the code with the signed record. Nothing is
drawn outside its cell. Any thread may call this; a page takes about 0.2 s. Warnings are English sentences for the technician and hold
no value of the record.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QBuffer, QIODevice, QLineF, QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPainter, QPdfWriter, QPen

from config.form_page import Cell
from config.form_tables import Form
from kiosk.domain.identity import Photo
from ui.forms.cells import RULE, CellPainter
from ui.forms.codes import LEAST_QR_MODULE_MM, draw_qr
from ui.forms.fit import draw_setting, set_text, style
from ui.forms.pdf_text import NotingPainter, name_glyphs
from ui.forms.type import Face
from ui.forms.units import MM, PT, box

PDF_DPI = 1200
_FRAME = 0.45 * MM
_GAP_MM = 2.0
_QR_MM = 27.0
_LEAST_STRIP_MM = 18.0
_STRIP_MM = 30.0
_DECLARATION = "本人已核对以上内容，所填内容真实、完整。"
_DECLARATION_PHOTO = "本人已核对以上内容，所填内容真实、完整，照片为本人近照。"
_SIGN = "申请人（监护人）签名："
_DAY = "日期：　　　　年　　月　　日"
_CAPTION = "电子申请表"


def paint_form(p: QPainter, form: Form, values: Mapping[str, str], photo: Photo | None, qr: str = "") -> list[str]:
    """Paint onto `p`, whose units are hundredths of a millimetre from the paper's corner; gives warnings.

    `values` by field key, as the record holds them. `qr`: the signed record's code, empty for none.
    """
    p.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    p.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    cells = CellPainter(p, form, values, photo)
    _rule(p, form)
    for cell in form.print:
        cells.printed(cell)
    for field in form.field:
        for cell in field.cells:
            cells.field(field, cell)
    return [*cells.warnings, *_strip(p, form, qr)]


def form_pdf(form: Form, values: Mapping[str, str], photo: Photo | None, qr: str = "") -> bytes:
    """One page with embedded fonts and text that can be selected. Raises OSError when it cannot be made."""
    return form_pdf_checked(form, values, photo, qr)[0]


def form_pdf_checked(
    form: Form, values: Mapping[str, str], photo: Photo | None, qr: str = ""
) -> tuple[bytes, list[str]]:
    """The PDF and the painter's warnings. Raises OSError."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(PDF_DPI)
    writer.setTitle(form.title)
    writer.setCreator("OneTrip")
    size = QPageSize(QSizeF(form.page.width, form.page.height), QPageSize.Unit.Millimeter, form.id)
    writer.setPageLayout(QPageLayout(size, QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0)))
    p = NotingPainter()
    if not p.begin(writer):
        raise OSError("the form could not be made into a PDF")
    try:
        p.scale(PDF_DPI / 25.4 / MM, PDF_DPI / 25.4 / MM)
        warnings = paint_form(p, form, values, photo, qr)
    finally:
        p.end()
    return name_glyphs(bytes(buffer.data().data()), p.drawn), warnings


def form_image(
    form: Form, values: Mapping[str, str], photo: Photo | None, qr: str = "", *, dpi: float = 150.0
) -> QImage:
    """The page as a picture, white where nothing is printed."""
    scale = dpi / 25.4
    image = QImage(round(form.page.width * scale), round(form.page.height * scale), QImage.Format.Format_RGB32)
    image.setDotsPerMeterX(round(scale * 1000))
    image.setDotsPerMeterY(round(scale * 1000))
    image.fill(Qt.GlobalColor.white)
    p = QPainter(image)
    try:
        p.scale(scale / MM, scale / MM)
        paint_form(p, form, values, photo, qr)
    finally:
        p.end()
    return image


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
