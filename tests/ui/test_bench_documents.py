"""The bench's A4 printer over the real simulator and the real driver: its page, its troubles, and what it forgets."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import TypeVar

import pytest
from PySide6.QtCore import QBuffer, QCoreApplication, QEvent, QIODevice, QMarginsF, QRectF, Qt
from PySide6.QtGui import QPageLayout, QPageSize, QPainter, QPdfWriter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QPushButton, QTreeWidget, QWidget

from drivers.camera.simulator import CameraSimulator
from drivers.document_printer import connect
from drivers.document_printer.printer import CupsPrinter
from drivers.document_printer.simulator import IppSimulator
from kiosk.domain.errors import ErrorKind
from kiosk.ports.devices import PrintEnd
from ui.bench.page_picture import PageDialog, PageFace
from ui.bench.texts import fault_text
from ui.bench.window import BenchWindow
from ui.theme import Theme, ThemeSource, dress

W = TypeVar("W", bound=QWidget)
needs_poppler = pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="pdftoppm is missing (poppler-utils)")


def two_pages() -> bytes:
    """As the kiosk's own forms are made: the first page is dark on the left half, the second on the right half."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    page = QPageSize(QPageSize.PageSizeId.A4)
    writer.setPageLayout(QPageLayout(page, QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0)))
    p = QPainter(writer)
    wide, high = writer.width() / 2, writer.height()
    p.fillRect(QRectF(0, 0, wide, high), Qt.GlobalColor.black)
    writer.newPage()
    p.fillRect(QRectF(wide, 0, wide, high), Qt.GlobalColor.black)
    p.end()
    return bytes(buffer.data().data())


@dataclass
class Bench:
    window: BenchWindow
    simulator: IppSimulator
    camera: CameraSimulator
    printer: CupsPrinter

    def one(self, kind: type[W], name: str) -> W:
        found = self.window.findChildren(kind, f"bench.{name}")
        assert len(found) == 1, f"{name}: {len(found)}"
        return found[0]

    @property
    def face(self) -> PageFace:
        return self.one(PageFace, "documents.page")

    def text(self, name: str) -> str:
        return self.one(QLabel, f"documents.{name}").text()

    async def press(self, name: str) -> None:
        made = self.one(QAbstractButton, name)
        assert made.isEnabled(), name
        QTest.mouseClick(made, Qt.MouseButton.LeftButton)
        await self.settle()

    async def settle(self) -> None:
        for _ in range(3):
            QCoreApplication.processEvents()
            for link in self.window.links.values():
                link.refresh()
            await asyncio.sleep(0)
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    async def until(self, true: Callable[[], bool]) -> None:
        """Qt and asyncio have a loop each here: both get their turns."""
        async with asyncio.timeout(20):
            while not true():
                QCoreApplication.processEvents()
                await asyncio.sleep(0.01)

    async def print(self, pdf: bytes, job: str) -> None:
        assert (await self.printer.print_pdf(pdf, job)).end is PrintEnd.DONE
        await self.settle()


@pytest.fixture(scope="module")
def theme(qapp: QApplication) -> Theme:
    made = ThemeSource(motion=False).theme
    dress(qapp, made)
    return made


@pytest.fixture
async def bench(theme: Theme) -> AsyncIterator[Bench]:
    simulator, camera = IppSimulator(), CameraSimulator({"backdrop": "white"})
    window = BenchWindow({"document_printer": simulator, "camera": camera})
    printer = connect("cups+sim:?poll=0.02&trouble=0.2&answer=5", simulator=simulator)
    await printer.open()
    made = Bench(window, simulator, camera, printer)
    window.show()
    await made.settle()
    yield made
    await printer.close()
    window.close()
    window.deleteLater()
    await made.settle()


def dark(face: PageFace) -> tuple[bool, bool]:
    """Whether the left and the right half of the shown page are black."""
    image = face.picture.toImage()
    places = (image.width() // 4, image.width() * 3 // 4)
    left, right = (image.pixelColor(x, image.height() // 2).lightness() < 40 for x in places)
    return left, right


@needs_poppler
async def test_the_last_page_is_seen_and_the_pages_can_be_turned(bench: Bench) -> None:
    assert bench.face.words == "还没有打印"
    assert not bench.face.isEnabled()
    await bench.print(two_pages(), "J1")
    await bench.until(lambda: not bench.face.picture.isNull())
    assert bench.text("which") == "第 2 页，共 2 页"
    assert bench.text("counts") == "出纸口有 1 份；一共打印了 2 页"
    assert dark(bench.face) == (False, True)
    assert not bench.one(QPushButton, "documents.next").isEnabled()
    await bench.press("documents.back")
    await bench.until(lambda: dark(bench.face) == (True, False))
    assert bench.text("which") == "第 1 页，共 2 页"
    await bench.press("documents.page")
    assert len(bench.window.findChildren(PageDialog)) == 1


@needs_poppler
@pytest.mark.parametrize("verb", ["take", "wipe"])
async def test_what_the_printer_forgets_is_gone_everywhere(bench: Bench, verb: str) -> None:
    await bench.print(two_pages(), "J1")
    await bench.until(lambda: not bench.face.picture.isNull())
    await bench.press("documents.page")
    bench.simulator.control({"do": verb})
    await bench.settle()
    assert bench.face.picture.isNull()
    assert bench.face.words == "还没有打印"
    assert not bench.window.findChildren(PageDialog)
    assert bench.simulator.state()["last_pdf"] is None
    assert bench.text("counts") == "出纸口有 0 份；一共打印了 2 页"


@needs_poppler
async def test_a_closed_window_keeps_no_page_and_shows_it_again_when_opened(bench: Bench) -> None:
    await bench.print(two_pages(), "J1")
    await bench.until(lambda: not bench.face.picture.isNull())
    bench.window.close()
    assert bench.face.picture.isNull()
    assert bench.window.links["document_printer"].state == {}
    bench.window.show()
    await bench.settle()
    await bench.until(lambda: not bench.face.picture.isNull())


async def test_without_poppler_it_says_so(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    await bench.print(two_pages(), "J1")
    assert "poppler-utils" in bench.face.words
    assert not bench.face.isEnabled()


@needs_poppler
async def test_a_page_that_cannot_be_drawn(bench: Bench) -> None:
    await bench.print(b"%PDF-1.4\n1 0 obj /Type /Page nonsense\n%%EOF", "J1")
    await bench.until(lambda: bench.face.words == "这一页画不出来")


@pytest.mark.parametrize(
    ("name", "said", "kind"),
    [
        ("fault.A4.PAPER_OUT", "缺纸", ErrorKind.SUPPLY_OUT),
        ("fault.A4.JAM", "卡纸", ErrorKind.MEDIA_JAMMED),
        ("fault.A4.COVER", "盖子开着", ErrorKind.COVER_OPEN),
        ("fault.A4.TONER_OUT", "墨粉用完", ErrorKind.SUPPLY_OUT),
        ("cable", "网线拔出", ErrorKind.OFFLINE),
    ],
)
async def test_troubles(bench: Bench, name: str, said: str, kind: ErrorKind) -> None:
    await bench.press(f"documents.{name}")
    assert bench.text("condition") == said
    outcome = await bench.printer.print_pdf(two_pages(), "J1")
    assert (outcome.end, outcome.kind) == (PrintEnd.FAILED, kind)
    await bench.press(f"documents.{name}")
    assert bench.text("condition") == "正常"
    await bench.until(lambda: bench.simulator.plugged)
    await bench.print(two_pages(), "J1")
    assert bench.simulator.state()["papers"] == 1


async def test_a_paused_queue_takes_nothing_and_goes_on(bench: Bench) -> None:
    await bench.press("documents.pause")
    assert bench.text("queue") == "队列暂停"
    assert (await bench.printer.print_pdf(two_pages(), "J1")).kind == ErrorKind.OFFLINE
    await bench.press("documents.pause")
    assert bench.text("queue") == "空闲"
    await bench.print(two_pages(), "J1")


async def test_every_fault_has_a_sentence_and_can_be_armed(bench: Bench) -> None:
    link = bench.window.links["document_printer"]
    for fault in link.known_faults:
        assert any("\u4e00" <= letter <= "\u9fff" for letter in fault_text(fault)), fault
    await bench.press("faults.device.document_printer")
    tree = bench.one(QTreeWidget, "faults.list")
    (item,) = tree.findItems("A4.STUCK", Qt.MatchFlag.MatchExactly, 1)
    item.setCheckState(0, Qt.CheckState.Checked)
    await bench.settle()
    assert list(link.armed) == ["A4.STUCK"]


async def test_the_backdrop_behind_the_person(bench: Bench) -> None:
    assert bench.one(QAbstractButton, "camera.backdrop.white").isChecked()
    await bench.press("camera.backdrop.hall")
    assert bench.camera.state()["scene"]["backdrop"] == "hall"
    await bench.press("camera.reset")
    assert bench.camera.state()["scene"] == {"backdrop": "white"}


async def test_looks(bench: Bench) -> None:
    """Nothing sticks out sideways at the usual width; with ONETRIP_SHOTS=DIR the window is saved for people to look at."""
    if shutil.which("pdftoppm"):
        await bench.print(two_pages(), "J1")
        await bench.until(lambda: not bench.face.picture.isNull())
    column = bench.one(QWidget, "column")
    for panel in column.findChildren(QWidget):
        if panel.isVisible() and panel.parentWidget() is column:
            assert panel.width() >= panel.minimumSizeHint().width(), panel.objectName()
            assert panel.geometry().right() <= column.width()
    for made in bench.window.findChildren(QPushButton):
        if made.isVisible():
            assert made.width() >= made.fontMetrics().horizontalAdvance(made.text()), made.objectName()
    if folder := os.environ.get("ONETRIP_SHOTS"):
        column.grab().save(f"{folder}/bench_documents.png")
