"""Lengths of the page painter: a hundredth of a millimetre is 1, so that type sizes are whole numbers and layout is the same at any
resolution."""

from __future__ import annotations

from PySide6.QtCore import QRectF

from config.form_page import Rect

MM = 100.0
PT = 25.4 / 72 * MM


def box(rect: Rect) -> QRectF:
    return QRectF(rect.x * MM, rect.y * MM, rect.width * MM, rect.height * MM)
