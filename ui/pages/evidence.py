"""C07: the pictures, the facts and the law behind one violation; from here the citizen may object."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout

from kiosk.screens.base import Row
from kiosk.screens.violation import Evidence, PhotoBroken
from ui.pages.base import PageWidget
from ui.pages.paging import room_under_heading
from ui.paint.text import TextShape, text_width
from ui.theme import Theme
from ui.widgets.buttons import BigButton
from ui.widgets.cards import Panel
from ui.widgets.evidence_viewer import EvidenceViewer
from ui.widgets.measured_bar import MeasuredBar
from ui.widgets.overlay import Overlay
from ui.widgets.text import Banner, TextBlock, _Flowing

LEAST_PICTURE, LEAST_LARGE = 440, 380
"""Pixels of height at scale 1.0 that the picture keeps when the plain words stand under it."""


class FactList(_Flowing):
    """Label and value per line, close together; long values wrap."""

    def __init__(self, theme: Theme, name: str, rows: Sequence[Row]) -> None:
        super().__init__(theme, name, "")
        self._rows: tuple[Row, ...] = ()
        self._shapes: tuple[int, list[TextShape]] = (0, [])
        self.set_rows(rows)

    def set_rows(self, rows: Sequence[Row]) -> None:
        self._rows = tuple(rows)
        self._shapes = (0, [])
        self.setAccessibleName("，".join(f"{row.label} {row.value}" for row in rows))
        self.updateGeometry()
        self.update()

    def _label_width(self) -> int:
        font = self.theme.font("label")
        return round(max((text_width(row.label, font) for row in self._rows), default=0)) + self.theme.px(32)

    def _shaped(self, width: int) -> list[TextShape]:
        if self._shapes[0] != width:
            room = max(width - self._label_width(), 60)
            self._shapes = (width, [self.shape(row.value, "label", room) for row in self._rows])
        return self._shapes[1]

    def heightForWidth(self, width: int) -> int:
        return sum(shape.height for shape in self._shaped(width))

    def paint(self, p: QPainter) -> None:
        t = self.theme
        left = self._label_width()
        y = 0.0
        for row, shape in zip(self._rows, self._shaped(self.width()), strict=True):
            self.line_text(p, QRectF(0, y, left, t.line("label")), row.label, "label", "muted")
            self.write(p, shape, row.value, QRectF(left, y, shape.width, shape.height), "label", "text")
            y += shape.height


class LawOverlay(Overlay):
    """The law, where it does not fit under the facts: in plain words first, the original beneath."""

    def __init__(self, page: EvidencePage, plain: Sequence[str], law: str) -> None:
        theme = page.theme
        super().__init__(theme, "c07.law_sheet", "法律依据", page.window(), personal=True, width=984)
        column = self.card.column
        column.addWidget(TextBlock(theme, "c07.law_sheet.title", "法律依据", "h2"))
        if plain:
            column.addWidget(TextBlock(theme, "c07.law_sheet.plain", plain_words(plain), "body"))
        role, color = ("label", "muted") if plain else ("body", "text")
        column.addWidget(TextBlock(theme, "c07.law_sheet.text", law, role, color))
        self.close_button = BigButton(theme, "c07.law_sheet.close", "看完了，返回")
        column.addWidget(self.close_button)
        self.close_button.tapped.connect(page.close_law)
        self.outside.connect(page.close_law)


def plain_words(plain: Sequence[str]) -> str:
    return "\n".join(plain)


class EvidencePage(PageWidget[Evidence]):
    """Its own two buttons stand where the action bar's would: "有异议" is no way back."""

    show_actions = False

    def title(self) -> str:
        return "请核对证据照片"

    def hint(self) -> str:
        return self.data.title

    def news(self) -> str:
        return self.data.locked

    def build(self) -> None:
        theme, screen = self.theme, self.data
        self._overlay: LawOverlay | None = None
        self.viewer = EvidenceViewer(theme)
        self.body.addWidget(self.viewer, 1)
        self._tools()
        self._locked = Banner(theme, "c07.locked", "warn", screen.locked)
        self._locked.reveal(bool(screen.locked))
        self.body.addWidget(self._locked)
        self._panel = Panel(theme, "c07.panel", "违法记录", padding=24, spacing=12)
        self._facts = FactList(theme, "c07.facts", screen.rows)
        self._measured = MeasuredBar(theme, screen.measured)
        self._plain = TextBlock(theme, "c07.plain", plain_words(screen.plain), "label")
        self._law = TextBlock(theme, "c07.law_text", screen.law, "small", "muted")
        self._law_link = BigButton(theme, "c07.law", "查看法律依据", "link", "scales")
        self._law_link.tapped.connect(self.open_law)
        for widget in (self._facts, self._measured, self._plain, self._law, self._law_link):
            self._panel.column.addWidget(widget)
        self.body.addWidget(self._panel)
        row = QHBoxLayout()
        row.setSpacing(theme.pick(32, 24))
        self._object = BigButton(theme, "c07.object", "有异议", "secondary", spoken="对这条违法有异议")
        self._close = BigButton(theme, "c07.close", "看完了，返回", "primary", spoken="看完了，返回违法列表")
        self._object.setFixedWidth(theme.px("back_w"))
        self._object.tapped.connect(lambda: self.answer("object"))
        self._close.tapped.connect(lambda: self.answer("close"))
        row.addWidget(self._object)
        row.addWidget(self._close, 1)
        self.body.addLayout(row)
        self.viewer.changed.connect(self._show_tools)
        self.viewer.broken.connect(lambda: self.answer(PhotoBroken()))
        self.viewer.set_photos(screen.photos)
        self._fit_law()

    def _tools(self) -> None:
        theme = self.theme
        row = QHBoxLayout()
        row.setSpacing(theme.px(16))
        self._out = BigButton(theme, "c07.zoom_out", "缩小", "secondary", "zoom-out", height="pager_h", repeat=True)
        self._in = BigButton(theme, "c07.zoom_in", "放大", "secondary", "zoom-in", height="pager_h", repeat=True)
        self._next = BigButton(
            theme, "c07.next", "下一张", "secondary", "chevron-right", icon_after=True, height="pager_h"
        )
        for button in (self._out, self._in, self._next):
            row.addWidget(button, 1)
        self._out.tapped.connect(lambda: self.viewer.zoom(-1))
        self._in.tapped.connect(lambda: self.viewer.zoom(1))
        self._next.tapped.connect(self.viewer.next_photo)
        self.body.addLayout(row)

    def _show_tools(self) -> None:
        viewer = self.viewer
        self._out.setEnabled(viewer.can_reduce)
        self._in.setEnabled(viewer.can_enlarge)
        nothing = viewer.state == "none" or (viewer.state == "broken" and viewer.count == 1)
        for button in (self._out, self._in):
            button.setVisible(not nothing)
        place = f"{viewer.index + 1}/{viewer.count}"
        self._next.set_caption(f"下一张 {place}", f"下一张，现在是第 {viewer.index + 1} 张，共 {viewer.count} 张")
        self._next.setVisible(viewer.count > 1)

    # -- law -------------------------------------------------------------------------------------------------------------

    def _fit_law(self) -> None:
        """The law stands under the facts where that leaves the picture large enough; else behind a link."""
        theme = self.theme
        width, room = room_under_heading(self)
        inner = width - 2 * theme.px(24)
        gap = theme.px("gap")
        fixed = theme.px("pager_h") + theme.px("button_h") + 3 * gap + 2 * theme.px(24)
        if self.data.locked:
            fixed += self._locked.heightForWidth(width) + gap
        told = [self._facts.heightForWidth(inner)]
        if self.data.measured is not None:
            told.append(self._measured.heightForWidth(inner))
        left = room - fixed - sum(told) - theme.px(12) * (len(told) - 1)
        plain, law = (block.heightForWidth(inner) + theme.px(12) if there else 0 for block, there in self._laws())
        both = left - plain - law >= theme.pick(560, 480)
        words = both or left - plain - self._law_link.height() - theme.px(12) >= theme.pick(LEAST_PICTURE, LEAST_LARGE)
        self._plain.reveal(bool(self.data.plain) and words)
        self._law.reveal(bool(self.data.law) and both)
        self._law_link.set_caption("查看法律原文" if self.data.plain and words else "查看法律依据")
        self._law_link.reveal(bool(self.data.law) and not both)

    def _laws(self) -> tuple[tuple[TextBlock, bool], ...]:
        """Plain words, then the original: each with whether there is any."""
        return (self._plain, bool(self.data.plain)), (self._law, bool(self.data.law))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.data is not None:
            self._fit_law()

    def open_law(self) -> None:
        if self._overlay is None:
            self._overlay = LawOverlay(self, self.data.plain, self.data.law)
            self._overlay.open(self._overlay.close_button)

    def close_law(self) -> None:
        if self._overlay is not None:
            overlay, self._overlay = self._overlay, None
            overlay.hide()
            overlay.setParent(None)
            overlay.deleteLater()

    # -- life ------------------------------------------------------------------------------------------------------------

    def refresh(self, screen: Evidence, before: Evidence) -> None:
        self._facts.set_rows(screen.rows)
        self._measured.set_measured(screen.measured)
        self._plain.set_text(plain_words(screen.plain))
        self._law.set_text(screen.law)
        if screen.locked:
            self._locked.set_message("warn", screen.locked)
        self._locked.reveal(bool(screen.locked))
        self._fit_law()
        self.viewer.set_photos(screen.photos)

    def clear(self) -> None:
        self.close_law()
        self.viewer.clear()
        self._facts.set_rows(())
        super().clear()
