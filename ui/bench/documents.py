"""The A4 printer: the page that came out last, its paper, its cover, its queue and its cable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QPixmap
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout

from ui.bench.link import DeviceLink
from ui.bench.look import Look, Panel, Tone, button, label, row, show_checked
from ui.bench.page_picture import PageDialog, PageDrawer, PageFace

_PAGE_WIDTH = 230
_FAULTS = (
    ("A4.PAPER_OUT", "缺纸"),
    ("A4.JAM", "卡纸"),
    ("A4.COVER", "打开盖子"),
    ("A4.TONER_OUT", "墨粉用完"),
)
_STATES: tuple[tuple[str, str, Tone], ...] = (
    ("A4.JAM", "卡纸", "bad"),
    ("A4.COVER", "盖子开着", "bad"),
    ("A4.PAPER_OUT", "缺纸", "bad"),
    ("A4.TONER_OUT", "墨粉用完", "bad"),
    ("A4.OFFLINE", "打印机不应答", "bad"),
    ("A4.SPOOL_FULL", "存不下任务", "bad"),
    ("A4.PAPER_LOW", "纸快用完", "warn"),
    ("A4.TONER_LOW", "墨粉快用完", "warn"),
)
_NOTHING = "还没有打印"


class DocumentsPanel(Panel):
    """Shows of the last document one page, the last one first. What the printer forgets is gone here as well, enlarged pages too."""

    def __init__(self, look: Look, link: DeviceLink) -> None:
        super().__init__(look, "documents", "A4 打印机", "printer")
        self._link = link
        self._pdf: bytes | None = None
        self._page = 0
        self._pages = 0
        self._condition = self.pill("condition")
        self._queue = self.pill("queue")
        self._drawer = PageDrawer(self)
        self._drawer.drawn.connect(self._show)
        self.face = PageFace(look.theme, "bench.documents.page", _PAGE_WIDTH)
        self.face.clicked.connect(self._enlarge)
        self._which = label("", "", name="bench.documents.which")
        self._counts = label("", "muted", name="bench.documents.counts", wrap=True)
        self._back = self._act("back", "上一页", lambda: self._turn(-1))
        self._next = self._act("next", "下一页", lambda: self._turn(1))
        self._take = self._act("take", "取走纸张", lambda: link.do({"do": "take"}, "纸张已取走"))
        self._pause = self._act("pause", "暂停队列", self._on_pause, toggle=True)
        self._cable = self._act("cable", "拔网线", self._on_cable, toggle=True)
        self._toggles = {
            fault: self._act(f"fault.{fault}", caption, self._toggler(fault, caption), toggle=True)
            for fault, caption in _FAULTS
        }
        grid = QGridLayout()
        grid.setSpacing(8)
        for index, made in enumerate((*self._toggles.values(), self._pause, self._cable)):
            grid.addWidget(made, index // 2, index % 2)
        side = QVBoxLayout()
        side.setSpacing(10)
        side.addLayout(grid)
        side.addWidget(self._take)
        side.addStretch(1)
        side.addWidget(self._counts)
        side.addLayout(row(self._back, self._next, self._which, 1))
        columns = QHBoxLayout()
        columns.setSpacing(16)
        columns.addLayout(side, 1)
        columns.addWidget(self.face, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(columns)
        link.changed.connect(self._follow)
        self._lay(None, 0)

    def hideEvent(self, event: QHideEvent) -> None:
        """A closed window keeps no document: it no longer hears when the printer forgets it."""
        if not event.spontaneous():
            self._lay(None, 0)
        super().hideEvent(event)

    def _act(self, name: str, caption: str, act: Callable[..., Any], *, toggle: bool = False) -> QPushButton:
        made = button(f"bench.documents.{name}", caption, toggle=toggle)
        made.clicked.connect((lambda on: act(on)) if toggle else (lambda: act()))
        return made

    def _toggler(self, fault: str, caption: str) -> Callable[[bool], None]:
        def toggle(on: bool) -> None:
            command = {"do": "fault", "id": fault, "count": None} if on else {"do": "clear", "id": fault}
            if self._link.do(command, caption if on else f"{caption}已解除") is None:
                self._follow()

        return toggle

    def _on_pause(self, on: bool) -> None:
        if self._link.do({"do": "pause" if on else "resume"}, "队列已暂停" if on else "队列已恢复") is None:
            self._follow()

    def _on_cable(self, out: bool) -> None:
        if self._link.do({"do": "unplug" if out else "plug"}, "网线已拔出" if out else "网线已插上") is None:
            self._follow()

    def _follow(self) -> None:
        state, armed = self._link.state, self._link.armed
        self._condition.say(*_condition(state, armed))
        self._queue.say(*_queue(state))
        for fault, made in self._toggles.items():
            show_checked(made, fault in armed)
        show_checked(self._pause, bool(state.get("paused")))
        show_checked(self._cable, state.get("plugged") is False)
        there = int(state.get("papers", 0))
        self._take.setEnabled(there > 0)
        self._counts.setText(f"出纸口有 {there} 份；一共打印了 {int(state.get('pages', 0))} 页")
        pdf = state.get("last_pdf") if self.isVisible() else None
        if pdf is not self._pdf:
            self._lay(pdf if isinstance(pdf, bytes) else None, int(state.get("last_pages", 0)))

    def _lay(self, pdf: bytes | None, pages: int) -> None:
        """Another document lies on top, or none."""
        self._pdf, self._pages = pdf, pages
        self._page = max(1, pages)
        self._drawer.stop()
        if pdf is None:
            self.face.show_picture(QPixmap(), _NOTHING)
            for dialog in self.window().findChildren(PageDialog):
                dialog.close()
        self._draw()

    def _turn(self, by: int) -> None:
        self._page = min(max(1, self._page + by), max(1, self._pages))
        self._draw()

    def _draw(self) -> None:
        self._back.setEnabled(self._pdf is not None and self._page > 1)
        self._next.setEnabled(self._pdf is not None and self._page < self._pages)
        self._which.setText(f"第 {self._page} 页，共 {self._pages} 页" if self._pdf is not None else "")
        if self._pdf is None:
            return
        if self._drawer.able():
            self._drawer.draw(self._pdf, self._page)
        else:
            self.face.show_picture(QPixmap(), "已打印。装上 poppler-utils 就能在这里看到页面")

    def _show(self, picture: QPixmap) -> None:
        self.face.show_picture(picture, "这一页画不出来")

    def _enlarge(self) -> None:
        dialog = PageDialog(self.face.picture, f"第 {self._page} 页", self.window())
        dialog.setWindowModality(Qt.WindowModality.NonModal)
        dialog.show()


def _condition(state: Mapping[str, Any], armed: Mapping[str, Any]) -> tuple[str, Tone]:
    if state.get("plugged") is False:
        return "网线拔出", "bad"
    return next(((text, tone) for fault, text, tone in _STATES if fault in armed), ("正常", "ok"))


def _queue(state: Mapping[str, Any]) -> tuple[str, Tone]:
    waiting = int(state.get("waiting", 0))
    if state.get("paused"):
        return (f"队列暂停，{waiting} 个任务" if waiting else "队列暂停"), "warn"
    if state.get("printing"):
        return "正在打印", "info"
    return (f"{waiting} 个任务", "info") if waiting else ("空闲", "plain")
