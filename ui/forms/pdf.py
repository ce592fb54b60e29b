"""Sheets as one PDF document: a page each, embedded fonts, text that can be selected and found."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QSizeF
from PySide6.QtGui import QPageLayout, QPageSize, QPdfWriter

from config.form_tables import Form
from kiosk.domain.forms.sheet import Sheet
from ui.forms.page import Halt, never, paint_sheet
from ui.forms.pdf_text import NotingPainter, name_glyphs
from ui.forms.units import MM

PDF_DPI = 1200


def make_pdf(sheets: Sequence[Sheet], halt: Halt = never) -> tuple[bytes, list[list[str]]]:
    """The document, and the painter's warnings for each page. In memory only. Any thread.

    Raises ValueError without sheets, OSError when it cannot be made, Halted.
    """
    if not sheets:
        raise ValueError("a document needs at least one sheet")
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(PDF_DPI)
    writer.setTitle("、".join(dict.fromkeys(sheet.form.title for sheet in sheets)))
    writer.setCreator("OneTrip")
    writer.setPageLayout(_layout(sheets[0].form))
    p = NotingPainter()
    if not p.begin(writer):
        raise OSError("the form could not be made into a PDF")
    warnings: list[list[str]] = []
    try:
        for number, sheet in enumerate(sheets):
            # a layout counts from the next page on
            if number and not (writer.setPageLayout(_layout(sheet.form)) and writer.newPage()):
                raise OSError("the form's next page could not be begun")
            p.resetTransform()
            p.scale(PDF_DPI / 25.4 / MM, PDF_DPI / 25.4 / MM)
            warnings.append(paint_sheet(p, sheet, halt=halt))
    finally:
        p.end()
    return name_glyphs(bytes(buffer.data().data()), p.drawn), warnings


def _layout(form: Form) -> QPageLayout:
    size = QPageSize(QSizeF(form.page.width, form.page.height), QPageSize.Unit.Millimeter, form.id)
    return QPageLayout(size, QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0))
