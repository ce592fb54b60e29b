"""What other people's tools see in a PDF: words with their places, pixels, fonts (poppler)."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor, QImage, QPainter

from config.form_page import Cell
from config.form_tables import Form
from kiosk.domain.identity import Photo
from ui.paint.ink import encode_png

MISSING = "" if shutil.which("pdftotext") else "poppler is not installed (Debian: poppler-utils)"
_WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>')


@dataclass(frozen=True)
class Word:
    """Millimetres from the page's top left corner. The box is the font's, a third higher than what is seen."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


def words(pdf: Path, page: int = 1) -> list[Word]:
    told = _run("pdftotext", "-bbox", "-f", str(page), "-l", str(page), str(pdf), "-")
    return [
        Word(html.unescape(text), *(float(number) * 25.4 / 72 for number in places))
        for *places, text in _WORD.findall(told)
    ]


def fonts(pdf: Path) -> list[str]:
    return _run("pdffonts", str(pdf)).splitlines()[2:]


def pages(pdf: Path) -> int:
    found = re.search(r"^Pages:\s+(\d+)$", _run("pdfinfo", str(pdf)), re.MULTILINE)
    assert found is not None
    return int(found[1])


def picture(pdf: Path, dpi: int, page: int = 1) -> QImage:
    target = pdf.with_suffix("")
    _run("pdftoppm", "-r", str(dpi), "-f", str(page), "-singlefile", str(pdf), str(target))
    return QImage(str(target.with_suffix(".ppm")))


def portrait(width: int = 354, height: int = 472, *, noise: bool = False) -> Photo:
    """A drawn head. `noise`: as hard to compress as a real picture, and harder."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(235, 238, 242))
    p = QPainter(image)
    p.setBrush(QColor(200, 170, 150))
    p.drawEllipse(width // 4, height // 7, width // 2, height // 2)
    p.end()
    if noise:
        bits = np.frombuffer(image.bits(), np.uint8).reshape(height, width, 4)
        grain = np.random.default_rng(7).integers(-20, 20, bits.shape)
        bits[:] = np.clip(bits.astype(int) + grain, 0, 255).astype(np.uint8)
    return Photo(encode_png(image))


def told(found: list[Word], form: Form, cell: Cell) -> str:
    """All words whose middle is in the cell, in reading order."""
    x, y, width, height = form.page.rect(cell)
    inside = [w for w in found if x < w.middle[0] < x + width and y < w.middle[1] < y + height]
    return "".join(w.text for w in sorted(inside, key=lambda w: (round(w.top), w.left)))


def grey(image: QImage) -> npt.NDArray[np.uint8]:
    flat = image.convertToFormat(QImage.Format.Format_Grayscale8)
    bits = np.frombuffer(flat.constBits(), np.uint8).reshape(flat.height(), flat.bytesPerLine())
    return bits[:, : flat.width()].copy()


def by_mm(dots: npt.NDArray[np.uint8], per_mm: int = 10) -> npt.NDArray[np.float64]:
    """Mean grey of each square millimetre of a picture of an A4 page; its last one each way is left out."""
    return dots[: 296 * per_mm, : 209 * per_mm].reshape(296, per_mm, 209, per_mm).mean(axis=(1, 3))


def _run(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, timeout=30).stdout.decode("utf-8", "replace")
