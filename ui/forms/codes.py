"""Bar codes and QR codes as filled rectangles, sharp at any resolution."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath

from kiosk.domain import code128
from ui.forms.units import MM

_MODULE_MM = 0.33
LEAST_MODULE_MM = 0.19
"""Narrowest bar that hand-held readers and 600 dpi printers agree on."""
LEAST_QR_MODULE_MM = 0.30
_QR_QUIET = 4


def draw_bars(p: QPainter, rect: QRectF, data: str) -> float:
    """Code 128 in the middle of `rect`, quiet zones inside it; gives the module in mm. Raises ValueError as `code128.widths`."""
    widths = code128.widths(data)
    count = sum(widths) + 2 * code128.QUIET
    module = min(_MODULE_MM * MM, rect.width() / count)
    left = rect.center().x() - (count / 2 - code128.QUIET) * module
    path = QPainterPath()
    for index, width in enumerate(widths):
        if index % 2 == 0:
            path.addRect(left, rect.top(), width * module, rect.height())
        left += width * module
    _fill(p, path)
    return module / MM


def draw_qr(p: QPainter, rect: QRectF, payload: str) -> float:
    """A QR code in the square `rect`, quiet zone inside it; gives the module in mm. Raises ValueError for more than one holds."""
    import segno

    matrix: Sequence[Sequence[int]] = ()
    module = 0.0
    for level in ("m", "l"):
        try:
            matrix = segno.make_qr(payload, error=level, boost_error=False).matrix
        except segno.DataOverflowError:
            continue
        module = min(rect.width(), rect.height()) / (len(matrix) + 2 * _QR_QUIET)
        if module >= LEAST_QR_MODULE_MM * MM:
            break
    if not matrix:
        raise ValueError("more data than a QR code holds")
    path = QPainterPath()
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            start = x
            while x < len(row) and row[x]:
                x += 1
            if x > start:
                at = rect.topLeft()
                path.addRect(
                    at.x() + (_QR_QUIET + start) * module,
                    at.y() + (_QR_QUIET + y) * module,
                    (x - start) * module,
                    module,
                )
            x += 1
    _fill(p, path)
    return module / MM


def _fill(p: QPainter, path: QPainterPath) -> None:
    p.save()
    p.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    p.fillPath(path, Qt.GlobalColor.black)
    p.restore()
