"""The port's painter: one document of several pages, made beside the GUI thread, with or without a window."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget
from structlog.testing import capture_logs

from config.form_tables import load_form
from kiosk.domain.forms.sheet import Sheet
from kiosk.domain.identity import Photo
from tests.ui.forms.paper import MISSING, fonts, grey, pages, picture, portrait, told, words
from tests.ui.forms.records import QR, USUAL, longest
from ui.forms.page import Halted, Tint
from ui.forms.painter import PagePainter
from ui.forms.pdf import make_pdf
from ui.forms.picture import sheet_picture

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)

ROOT = Path(__file__).parents[3]
TINT = Tint(QColor("#DCE8FF"), QColor("#1A4EB8"))


def three() -> list[Sheet]:
    merged, passport, taiwan = (load_form(id_) for id_ in ("CRJ-2014", "LEGACY-PASSPORT", "LEGACY-TW"))
    return [
        Sheet(merged, USUAL, portrait(), QR, frozenset({"surname_cn", "id_no"})),
        Sheet(passport, {**longest(passport), "name": "阿卜杜热西提·𠮷"}, portrait()),
        Sheet(taiwan, {"name": "王小二", "id_no": USUAL["id_no"]}),
    ]


def painters() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("form-painter")]


async def test_a_page_for_each_sheet(qapp: QApplication, tmp_path: Path) -> None:
    sheets = three()
    path = tmp_path / "three.pdf"
    path.write_bytes(await PagePainter().pdf(sheets))
    assert pages(path) == 3
    for number, sheet in enumerate(sheets, 1):
        found = words(path, number)
        for cell in sheet.form.print:
            if not cell.vertical:
                assert told(found, sheet.form, cell) == cell.text.replace(" ", "")
        key = "surname_cn" if number == 1 else "name"
        assert sheet.values[key] in "".join(word.text for word in found)
    listed = fonts(path)
    assert listed
    assert all(line.split()[-5] == "yes" for line in listed), listed  # emb sub uni object id
    assert not painters()


class Ticking(QWidget):
    """A window that is painted again and again."""

    painted = 0

    def paintEvent(self, event: QPaintEvent) -> None:
        self.painted += 1
        painter = QPainter(self)
        painter.drawText(10, 50, f"第 {self.painted} 次")
        painter.end()


async def test_window_is_painted_meanwhile(qapp: QApplication) -> None:
    window = Ticking()
    window.show()
    qapp.processEvents()
    making = asyncio.create_task(PagePainter().pdf(three()))
    while not painters():
        await asyncio.sleep(0)
    before = window.painted
    while not making.done():
        window.repaint()
        await asyncio.sleep(0.002)
    assert window.painted - before > 5
    assert (await making).startswith(b"%PDF")
    window.close()


async def test_cancelled_it_stops(qapp: QApplication) -> None:
    making = asyncio.create_task(PagePainter().pdf(three() * 5))
    while not painters():
        await asyncio.sleep(0)
    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making
    assert not painters()


def test_it_stops_between_two_cells(qapp: QApplication) -> None:
    asked = 0

    def halt() -> bool:
        nonlocal asked
        asked += 1
        return asked == 40

    with pytest.raises(Halted):
        make_pdf(three(), halt)
    assert asked == 40


async def test_nothing_is_left_on_disk(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    await PagePainter().pdf(three())
    assert list(tmp_path.rglob("*")) == []


async def test_warnings_are_logged_without_values(qapp: QApplication) -> None:
    rare = chr(0x323AE)  # extension H, of 2022
    sheets = [
        Sheet(
            load_form("CRJ-2014"), {**USUAL, "given_cn": f"晓{rare}", "barcode_tw": "台湾"}, Photo(b"none"), "x" * 900
        ),
        Sheet(load_form("LEGACY-TW"), {"name": "民" * 2000}),
    ]
    with capture_logs() as logs:
        await PagePainter().pdf(sheets)
    assert [(log["id"], log["page"], log["field"]) for log in logs] == [
        ("CRJ-2014", 1, "given_cn"),
        ("CRJ-2014", 1, "photo"),
        ("CRJ-2014", 1, "barcode_tw"),
        ("CRJ-2014", 1, "qr"),
        ("LEGACY-TW", 2, "name"),
    ]
    said = repr(logs)
    assert not [value for value in (rare, "晓", "台湾", "民", "xx") if value in said]


async def test_no_sheet_is_no_document(qapp: QApplication) -> None:
    with pytest.raises(ValueError, match="at least one"):
        await PagePainter().pdf([])


def test_marked_fields_are_tinted_on_the_preview_only(qapp: QApplication, tmp_path: Path) -> None:
    sheet = three()[0]
    plain, marked = (tmp_path / name for name in ("plain.pdf", "marked.pdf"))
    plain.write_bytes(make_pdf([replace(sheet, marked=frozenset())])[0])
    marked.write_bytes(make_pdf([sheet])[0])
    assert (grey(picture(plain, 100)) == grey(picture(marked, 100))).all()
    without, tinted = (grey(sheet_picture(sheet, 1050, tint=tint)) for tint in (None, TINT))
    differs = np.zeros(without.shape, bool)
    for key in sheet.marked:
        for cell in sheet.form.field_of(key).cells:
            if cell.draws != "label":
                x, y, width, height = (round(length * 5) for length in sheet.form.page.rect(cell))
                inner = (slice(y + 3, y + height - 3), slice(x + 3, x + width - 3))
                assert (without[inner] != tinted[inner]).mean() > 0.5, key
                differs[y - 1 : y + height + 2, x - 1 : x + width + 2] = True
    assert not ((without != tinted) & ~differs).any()


HEADLESS = """
import asyncio, sys
from config.form_tables import load_form
from kiosk.domain.forms.sheet import Sheet
from ui.forms.painter import PagePainter

async def main():
    assert "PySide6" not in sys.modules
    painter = PagePainter()
    sheet = Sheet(load_form("LEGACY-TW"), {"name": "王小二"})
    await painter.pdf([sheet])
    sys.stdout.buffer.write(await painter.pdf([sheet]))

asyncio.run(main())
"""
IN_A_THREAD = """
import asyncio, threading
from ui.forms.painter import PagePainter

def run():
    try:
        asyncio.run(PagePainter().pdf([]))
    except OSError as error:
        print(error)

thread = threading.Thread(target=run)
thread.start()
thread.join()
"""
WITHOUT_GRAPHICS = """
import asyncio
from PySide6.QtCore import QCoreApplication
from ui.forms.painter import PagePainter

app = QCoreApplication([])
try:
    asyncio.run(PagePainter().pdf([]))
except OSError as error:
    print(error)
"""


def script(text: str) -> subprocess.CompletedProcess[bytes]:
    """In a process that has no display and never opened a window."""
    without = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {key: value for key, value in os.environ.items() if key not in without}
    return subprocess.run([sys.executable, "-c", text], cwd=ROOT, env=environment, capture_output=True, timeout=60)


def test_prints_without_a_window(tmp_path: Path) -> None:
    done = script(HEADLESS)
    assert done.returncode == 0, done.stderr
    path = tmp_path / "form.pdf"
    path.write_bytes(done.stdout)
    assert "王小二" in {word.text for word in words(path)}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [(IN_A_THREAD, b"Qt must be started in the main thread"), (WITHOUT_GRAPHICS, b"has no graphics")],
)
def test_no_graphics_is_one_sentence(text: str, sentence: bytes) -> None:
    done = script(text)
    assert done.returncode == 0, done.stderr
    assert sentence in done.stdout
