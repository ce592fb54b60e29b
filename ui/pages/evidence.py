"""C07: the pictures, the facts and the law behind one violation; from here the citizen may object."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from kiosk.screens.violation import Evidence, PhotoBroken
from ui.pages.base import PageWidget
from ui.pages.paging import room_under_heading
from ui.widgets.buttons import BigButton
from ui.widgets.evidence_viewer import EvidenceViewer
from ui.widgets.facts_panel import FactsPanel
from ui.widgets.notice_panel import NoticePanel
from ui.widgets.overlay import Overlay
from ui.widgets.text import Banner, TextBlock

LEAST_PICTURE, LEAST_LARGE = 440, 380
"""Pixels of height at scale 1.0 that the picture keeps when the plain words stand under it."""


SHARES = (10, 9)
"""Widths of picture and facts in landscape."""


class LawOverlay(Overlay):
    """The law, where it does not fit under the facts: in plain words first, the original beneath."""

    def __init__(self, page: EvidencePage, plain: Sequence[str], law: str) -> None:
        theme = page.theme
        super().__init__(theme, "c07.law_sheet", "法律依据", page.window(), personal=True, width=984)
        column = self.card.column
        column.addWidget(TextBlock(theme, "c07.law_sheet.title", "法律依据", "h2"))
        rows = [("", text) for text in ("\n".join(plain), law) if text]
        self.text = NoticePanel(theme, "c07.law_sheet.text", "", rows)
        column.addWidget(self.text)
        self.close_button = BigButton(theme, "c07.law_sheet.close", "看完了，返回")
        column.addWidget(self.close_button)
        taken = theme.line("h2") + self.close_button.height() + 2 * theme.px(24 + 60 + 24)
        room = page.window().height() - taken
        self.text.setFixedHeight(min(self.text.natural_height(self.card.width() - 2 * theme.px(60)), room))
        self.close_button.tapped.connect(page.close_law)
        self.outside.connect(page.close_law)


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
        sides = self.side_by_side(SHARES, "aside")
        self.viewer = EvidenceViewer(theme)
        sides.aside.addWidget(self.viewer, 1)
        self._tools(sides.aside)
        self._locked = Banner(theme, "c07.locked", "warn", screen.locked)
        self._locked.reveal(bool(screen.locked))
        sides.aside.addWidget(self._locked)
        self._facts = FactsPanel(theme, "c07.facts", "违法记录", "c07.law")
        self._facts.more_tapped.connect(self.open_law)
        sides.main.addWidget(self._facts)
        sides.main.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(theme.pick(32, 24))
        self._object = BigButton(theme, "c07.object", "有异议", "secondary", spoken="对这条违法有异议")
        self._close = BigButton(theme, "c07.close", "看完了，返回", "primary", spoken="看完了，返回违法列表")
        self._object.setFixedWidth(theme.px("back_w"))
        self._object.tapped.connect(lambda: self.answer("object"))
        self._close.tapped.connect(lambda: self.answer("close"))
        row.addWidget(self._object)
        row.addWidget(self._close, 1)
        sides.main.addLayout(row)
        self.viewer.changed.connect(self._show_tools)
        self.viewer.broken.connect(lambda: self.answer(PhotoBroken()))
        self.viewer.set_photos(screen.photos)
        self._show_facts()
        self._fit()

    def _show_facts(self) -> None:
        screen = self.data
        self._facts.set_facts(screen.rows, screen.measured, screen.plain, screen.law)

    def _tools(self, column: QVBoxLayout) -> None:
        theme = self.theme
        row = QHBoxLayout()
        row.setSpacing(theme.px(16))
        self._out = BigButton(theme, "c07.zoom_out", "缩小", "secondary", "zoom-out", height="pager_h", repeat=True)
        self._in = BigButton(theme, "c07.zoom_in", "放大", "secondary", "zoom-in", height="pager_h", repeat=True)
        self._next = BigButton(
            theme, "c07.next", "下一张", "secondary", "chevron-right", icon_after=True, height="pager_h"
        )
        for button, share in ((self._out, 4), (self._in, 4), (self._next, 5)):
            row.addWidget(button, share)
        self._out.tapped.connect(lambda: self.viewer.zoom(-1))
        self._in.tapped.connect(lambda: self.viewer.zoom(1))
        self._next.tapped.connect(self.viewer.next_photo)
        column.addLayout(row)

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

    def _fit(self) -> None:
        """The law stands under the facts where that leaves the picture large enough; else behind a link. In landscape the picture
        stands beside them and takes nothing from them."""
        theme = self.theme
        width, room = room_under_heading(self)
        gap = self.body.spacing()
        room -= theme.px("button_h") + gap
        if self.sides is not None and self.sides.wide:
            self._facts.fit_law(width, (room, room, room))
            self.lay_out()
            return
        room -= theme.px("pager_h") + 2 * gap
        if self.data.locked:
            room -= self._locked.heightForWidth(width) + gap
        pictures = (theme.pick(560, 480), theme.pick(LEAST_PICTURE, LEAST_LARGE), self.viewer.minimumHeight())
        whole, words, facts = (room - picture for picture in pictures)
        self._facts.fit_law(width, (whole, words, facts))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.data is not None:
            self._fit()

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
        self._show_facts()
        if screen.locked:
            self._locked.set_message("warn", screen.locked)
        self._locked.reveal(bool(screen.locked))
        self._fit()
        self.viewer.set_photos(screen.photos)

    def clear(self) -> None:
        self.close_law()
        self.viewer.clear()
        self._facts.set_facts((), None, (), "")
        super().clear()
