"""Pages as one PDF document: embedded fonts, text that can be selected and found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QSizeF
from PySide6.QtGui import QPageLayout, QPageSize, QPainter, QPdfWriter

from config.form_tables import Form
from kiosk.domain.forms.sheet import Sheet
from kiosk.domain.slip import Slip
from ui.forms.page import Halt, never, paint_sheet
from ui.forms.pdf_text import NotingPainter, name_glyphs
from ui.forms.slip_page import A4_MM, lay_out, title_of
from ui.forms.units import MM

PDF_DPI = 1200
PaintPage = Callable[[QPainter], list[str]]
"""Paints one page, in hundredths of a millimetre from its corner; gives warnings."""


def make_pdf(sheets: Sequence[Sheet], halt: Halt = never) -> tuple[bytes, list[list[str]]]:
    """The document, and the painter's warnings for each page. In memory only. Any thread.

    Raises ValueError without sheets, OSError when it cannot be made, Halted.
    """
    if not sheets:
        raise ValueError("a document needs at least one sheet")
    title = "、".join(dict.fromkeys(sheet.form.title for sheet in sheets))
    return _written(title, [(_layout(sheet.form), partial(_sheet, sheet, halt)) for sheet in sheets])


def make_slip_pdf(slip: Slip, halt: Halt = never) -> tuple[bytes, list[list[str]]]:
    """A slip on A4, as many pages as it needs; else as `make_pdf`."""
    size = QPageSize(QSizeF(*A4_MM), QPageSize.Unit.Millimeter, "A4")
    layout = QPageLayout(size, QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0))
    return _written(title_of(slip), [(layout, page) for page in lay_out(slip, halt)])


def _sheet(sheet: Sheet, halt: Halt, p: QPainter) -> list[str]:
    return paint_sheet(p, sheet, halt=halt)


def _written(title: str, pages: Sequence[tuple[QPageLayout, PaintPage]]) -> tuple[bytes, list[list[str]]]:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(PDF_DPI)
    writer.setTitle(title)
    writer.setCreator("OneTrip")
    writer.setPageLayout(pages[0][0])
    p = NotingPainter()
    if not p.begin(writer):
        raise OSError("the form could not be made into a PDF")
    warnings: list[list[str]] = []
    try:
        for number, (layout, paint) in enumerate(pages):
            # a layout counts from the next page on
            if number and not (writer.setPageLayout(layout) and writer.newPage()):
                raise OSError("the form's next page could not be begun")
            p.resetTransform()
            p.scale(PDF_DPI / 25.4 / MM, PDF_DPI / 25.4 / MM)
            warnings.append(paint(p))
    finally:
        p.end()
    return name_glyphs(bytes(buffer.data().data()), p.drawn), warnings


def _layout(form: Form) -> QPageLayout:
    size = QPageSize(QSizeF(form.page.width, form.page.height), QPageSize.Unit.Millimeter, form.id)
    return QPageLayout(size, QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0))
