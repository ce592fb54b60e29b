"""The bench: a desktop window beside the kiosk's that shows and works the virtual hardware.

For developers, technicians in training and visitors. It knows simulators only through `kiosk.ports.bench.VirtualDevice`; a
device that is real is simply not there. Closing the window ends nothing but the window.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QLinearGradient, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from kiosk.ports.bench import VirtualDevice
from ui.bench.camera import CameraPanel
from ui.bench.documents import DocumentsPanel
from ui.bench.exit_entry import ExitEntryPanel
from ui.bench.faults import FaultsPanel
from ui.bench.jumps import Jumps
from ui.bench.link import DeviceLink
from ui.bench.look import Look, Panel, Pill, Tone, named
from ui.bench.permit import Card, PermitPanel
from ui.bench.person import Person, PersonPanel, Script
from ui.bench.phone import PhonePanel
from ui.bench.police import PolicePanel
from ui.bench.printer import PrinterPanel
from ui.bench.scanner import ScannerPanel
from ui.bench.sheet import style_sheet
from ui.bench.signature import SignaturePanel
from ui.theme import ThemeSource

TITLE = "虚拟硬件 · 模拟"
_FAULTY = (
    "id_card",
    "camera",
    "receipt_printer",
    "qr_scanner",
    "permit_unit",
    "permit_reader",
    "document_printer",
    "signature_pad",
    "recorder",
    "police_platform",
    "exit_entry_platform",
)
"""Devices with a list of faults, in the order they are shown. The wallet's faults belong to its script."""


class _Header(QWidget):
    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setFixedHeight(64)
        named(self, "bench.header", TITLE)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        ground = QLinearGradient(QPointF(0, 0), QPointF(rect.width(), 0))
        ground.setColorAt(0, theme.color("header_from"))
        ground.setColorAt(1, theme.color("header_to"))
        p.fillRect(rect, ground)
        p.fillRect(QRectF(0, rect.height() - 3, rect.width(), 3), theme.color("header_line"))
        p.drawPixmap(QPointF(20, 16), self._look.icon("flask", 30, "on_header"))
        font = self.font()
        font.setPixelSize(22)
        font.setBold(True)
        p.setFont(font)
        p.setPen(theme.color("on_header"))
        area = rect.adjusted(62, 0, -20, -3)
        p.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, TITLE)
        font.setPixelSize(14)
        font.setBold(False)
        p.setFont(font)
        p.setPen(theme.color("on_header_muted"))
        note = "人物、付款、公安数据均为虚构"
        p.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, note)
        p.end()


class BenchWindow(QWidget):
    """`virtual`: simulators by key (id_card, camera, qr_scanner, receipt_printer, document_printer, permit_unit, permit_reader,
    signature_pad, police_platform, exit_entry_platform, wallet), those there are. `people`: (scenario name, title, face seed); the first
    one stands before the camera at once. `scripts`: by scenario name, the commands that make the devices play it, as (device key, command).
    `permits`: by scenario name, the permit that person has, as the unit's `insert` takes it."""

    def __init__(
        self,
        virtual: Mapping[str, VirtualDevice],
        people: Sequence[Person] = (),
        scripts: Mapping[str, Script] | None = None,
        parent: QWidget | None = None,
        *,
        permits: Mapping[str, Card] | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = Look(ThemeSource().theme)
        named(self, "bench", TITLE)
        self.setWindowTitle(TITLE)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setStyleSheet(style_sheet(self._look.theme))
        self.links = {key: DeviceLink(key, device, self) for key, device in virtual.items()}
        for link in self.links.values():
            link.done.connect(self.say)
            link.refused.connect(self.complain)
        self._status = Pill("bench.status")
        self._sentence = ""
        self._phone: PhonePanel | None = None
        self._faults: FaultsPanel | None = None
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(_Header(self._look))
        panels = self._panels(people, scripts or {}, permits or {})
        area = self._scrolled(panels)
        outer.addWidget(Jumps(self._look, area, panels))
        outer.addWidget(area, 1)
        outer.addWidget(self._footer())
        self._second = QTimer(self)
        self._second.setInterval(1000)
        self._second.timeout.connect(self._tick)
        self.setMinimumSize(QSize(680, 480))
        self.resize(720, 1080)
        self.say("就绪" if self.links else "没有模拟设备：全部设备都是真实的")

    def _scrolled(self, panels: Sequence[Panel]) -> QScrollArea:
        column = QWidget()
        column.setObjectName("bench.column")
        stack = QVBoxLayout(column)
        stack.setContentsMargins(16, 16, 16, 16)
        stack.setSpacing(14)
        for panel in panels:
            stack.addWidget(panel)
        stack.addStretch(1)
        area = QScrollArea()
        named(area, "bench.scroll", "虚拟硬件的面板")
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(column)
        return area

    def _panels(
        self, people: Sequence[Person], scripts: Mapping[str, Script], permits: Mapping[str, Card]
    ) -> list[Panel]:
        look, links = self._look, self.links
        made: list[Panel] = []
        person: PersonPanel | None = None
        if people and (links.keys() & {"id_card", "camera", "police_platform"}):
            person = PersonPanel(look, people, links, scripts)
            made.append(person)
        if "camera" in links:
            made.append(CameraPanel(look, links["camera"], person.stand if person is not None else None))
        if "permit_unit" in links:
            unit = PermitPanel(look, links["permit_unit"], permits)
            if person is not None:
                person.picked.connect(unit.follow_person)
                unit.follow_person(person.person)
            made.append(unit)
        if "wallet" in links:
            self._phone = PhonePanel(look, links["wallet"])
            made.append(self._phone)
        if "receipt_printer" in links:
            printer = PrinterPanel(look, links["receipt_printer"])
            printer.said.connect(self.say)
            printer.failed.connect(self.complain)
            made.append(printer)
        if "document_printer" in links:
            made.append(DocumentsPanel(look, links["document_printer"]))
        if "qr_scanner" in links:
            made.append(ScannerPanel(look, links["qr_scanner"]))
        if "signature_pad" in links:
            made.append(SignaturePanel(look, links["signature_pad"]))
        if "police_platform" in links:
            made.append(PolicePanel(look, links["police_platform"]))
        if "exit_entry_platform" in links:
            made.append(ExitEntryPanel(look, links["exit_entry_platform"]))
        if faulty := [links[key] for key in _FAULTY if key in links]:
            self._faults = FaultsPanel(look, faulty)
            made.append(self._faults)
        return made

    def _footer(self) -> QFrame:
        footer = QFrame()
        footer.setObjectName("bench.footer")
        c = self._look.hex
        footer.setStyleSheet(f"#bench\\.footer {{ background: {c('surface')}; border-top: 1px solid {c('divider')}; }}")
        line = QHBoxLayout(footer)
        line.setContentsMargins(16, 8, 16, 8)
        line.addWidget(self._status)
        line.addStretch(1)
        hint = QLabel(f"{len(self.links)} 台模拟设备")
        hint.setProperty("role", "muted")
        line.addWidget(hint)
        if self._faults is not None:
            line.addSpacing(12)
            line.addWidget(self._faults.clear_all)
        return footer

    def say(self, sentence: str) -> None:
        """Show what was done in the status line."""
        self._show_status(sentence, bad=False)

    def complain(self, sentence: str) -> None:
        """Show what was refused in the status line."""
        self._show_status(sentence, bad=True)

    def _show_status(self, sentence: str, *, bad: bool) -> None:
        self._sentence = " ".join(sentence.split())
        self._status.setToolTip(self._sentence)
        self._fit_status("bad" if bad else "plain")

    def _fit_status(self, tone: Tone) -> None:
        """Shorten the sentence to the room the foot leaves it; all of it is in the tool tip."""
        rest = 110 + (self._faults.clear_all.sizeHint().width() + 30 if self._faults is not None else 0)
        room = max(160, self.width() - rest - 70)
        shown = self._status.fontMetrics().elidedText(self._sentence, Qt.TextElideMode.ElideRight, room)
        self._status.say(shown, tone)
        self._status.setAccessibleName(self._sentence)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_status(self._status.property("tone"))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        for link in self.links.values():
            link.open()
        self._second.start()
        if not event.spontaneous():
            self._stand_aside()

    def _stand_aside(self) -> None:
        """At the right edge of the screen, no taller than it, so that the kiosk's window stays in sight."""
        room = self.screen().availableGeometry()
        self.resize(min(self.width(), room.width()), min(self.height(), room.height()))
        self.move(room.right() - self.width() + 1, room.top())

    def closeEvent(self, event: QCloseEvent) -> None:
        self._second.stop()
        for link in self.links.values():
            link.close()
        super().closeEvent(event)

    def _tick(self) -> None:
        """Some things change by time alone: a code runs out, a camera's fault passes."""
        if self._phone is not None and self._phone.ticking:
            self.links["wallet"].refresh()
        camera = self.links.get("camera")
        if camera is not None and camera.armed:
            camera.refresh()
