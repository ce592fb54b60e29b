"""The typefaces of a printed form, and what to do about characters no font has.

Printed words are set in Song (Noto Serif CJK), what was filled in in Hei (Noto Sans CJK): the citizen sees at a glance what to check.
A character that no installed font can draw becomes the geta mark 〓, as in Chinese typesetting, and is reported; never an empty box.
"""

from __future__ import annotations

import unicodedata
from enum import StrEnum

from PySide6.QtGui import QFont, QFontMetricsF

from ui.forms.units import PT

GETA = "〓"


class Face(StrEnum):
    PRINTED = "printed"
    FILLED = "filled"


_FAMILIES = {
    Face.PRINTED: ["Noto Serif CJK SC", "Source Han Serif SC", "Noto Sans CJK SC", "Source Han Sans SC"],
    Face.FILLED: ["Noto Sans CJK SC", "Source Han Sans SC", "Noto Serif CJK SC", "Source Han Serif SC"],
}


def pixels(pt: float) -> int:
    """Size of type in units of the page."""
    return max(1, round(pt * PT))


def font(face: Face, pt: float, *, bold: bool = False) -> QFont:
    made = QFont(_FAMILIES[face])
    made.setPixelSize(pixels(pt))
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    made.setStyleStrategy(QFont.StyleStrategy.PreferOutline)
    made.setKerning(False)
    if bold:
        made.setWeight(QFont.Weight.Bold)
    return made


def drawable(text: str, face: Face) -> tuple[str, int]:
    """The text without control characters, with 〓 for what no font has, and how many those are.

    Any line break or tab is a space. Decomposed letters are composed; compatibility characters stay what they are.
    """
    metrics = QFontMetricsF(font(face, 10))
    out, missing = [], 0
    for char in unicodedata.normalize("NFC", text):
        if char.isspace():
            out.append(" ")
        elif unicodedata.category(char) in ("Cc", "Cf", "Cs"):
            continue
        elif metrics.inFontUcs4(ord(char)):
            out.append(char)
        else:
            out.append(GETA)
            missing += 1
    return "".join(out).strip(), missing
