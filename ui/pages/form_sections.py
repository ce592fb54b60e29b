"""C18: the parts of the form, how far each is, and the way to the next thing that is missing."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout

from kiosk.screens.form import FormSections, SectionRow
from ui.pages.base import PageWidget
from ui.pages.paging import pack, page_of, room_under_heading, tab_order
from ui.paint.shapes import Elevation, fill_round
from ui.theme import Theme
from ui.widgets.bars import Action
from ui.widgets.base import Painted, Tappable
from ui.widgets.buttons import BigButton
from ui.widgets.rows import Pager
from ui.widgets.text import Banner, chip_width, draw_chip

_ICONS = {"person": "user", "contact": "phone", "apply": "passport", "delivery": "map-pin"}


class SectionCard(Tappable):
    """One part: what it is, how far it is. A tap opens it."""

    elevation: Elevation = 1

    def __init__(self, theme: Theme, row: SectionRow) -> None:
        super().__init__(theme, f"c18.section.{row.id}", f"{row.title}，{row.text}")
        self._row = row
        self.setFixedHeight(self.height_of(theme))

    @staticmethod
    def height_of(theme: Theme) -> int:
        return theme.pick(148, 188)

    def paint(self, p: QPainter) -> None:
        t, row = self.theme, self._row
        rect = QRectF(self.rect())
        radius = t.px("radius.card")
        fill_round(
            p,
            rect,
            radius,
            t.color("pressed" if self.isDown() else "surface"),
            t.color("card_edge"),
            t.px("stroke.outline"),
        )
        side = t.px(96)
        tile = QRectF(t.px(32), (rect.height() - side) / 2, side, side)
        edge = t.color("card_edge") if t.high_contrast else None
        fill_round(p, tile, t.px(20), t.color("tint"), edge, t.px("stroke.divider"))
        self.stamp(p, t.icon(_ICONS.get(row.id, "form"), 56, "icon"), tile.center().x(), tile.center().y())
        right = rect.right() - t.px(48)
        self.stamp(p, t.icon("chevron-right", 48, "muted"), right, rect.center().y())
        right -= t.px(40)
        left = tile.right() + t.px(32)
        icon = "check-circle" if row.done else "warning-triangle"
        kind = "ok" if row.done else "warn"
        chip_w = chip_width(t, row.text, icon)
        if t.large:  # the title has a line of its own
            title = QRectF(left, rect.height() / 2 - t.line("h3"), right - left, t.line("h3"))
            draw_chip(self, p, left, rect.height() / 2 + t.px(36), row.text, "ok" if row.done else "warn", icon)
        else:
            title = QRectF(left, 0, right - chip_w - t.px(24) - left, rect.height())
            draw_chip(self, p, right - chip_w, rect.center().y(), row.text, "ok" if kind == "ok" else "warn", icon)
        self.line_text(p, title, row.title, ("h2", "h3", "label", "small"), "text", bold=True)
        self.focus_ring(p, radius)


class FilledBar(Painted):
    """已填 18 / 21, as words and as a bar."""

    elevation: Elevation = 1

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__(theme, name, "")
        self._done, self._total = 0, 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(theme.pick(132, 156))

    def show_progress(self, done: int, total: int) -> None:
        self._done, self._total = done, total
        self.setAccessibleName(f"已填 {done} 项，共 {total} 项")
        self.update()

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        fill_round(p, rect, t.px("radius.card"), t.color("surface"), t.color("card_edge"), t.px("stroke.outline"))
        pad = t.px(32)
        line = QRectF(pad, t.px(18), rect.width() - 2 * pad, t.line("h3"))
        self.line_text(p, line, f"已填 {self._done} / {self._total}", "h3", "text", bold=True)
        left = max(0, self._total - self._done)
        words = f"还差 {left} 项" if left else "都填好了"
        self.line_text(p, line, words, ("body", "label"), "muted" if left else "ok_text", "right", bold=not left)
        track = QRectF(pad, rect.height() - t.px(42), rect.width() - 2 * pad, t.px(20))
        edge = t.color("outline") if t.high_contrast else None
        fill_round(p, track, track.height() / 2, t.color("track"), edge, t.px("stroke.divider"))
        part = min(1.0, self._done / self._total) if self._total else 0.0
        if part:
            done = QRectF(track.x(), track.y(), max(track.height(), track.width() * part), track.height())
            fill_round(p, done, track.height() / 2, t.color("primary" if left else "ok"))


class FormSectionsPage(PageWidget[FormSections]):
    """Six parts a page at most, three in large text. Answers "next", "phone" or a part's id."""

    def title(self) -> str:
        return self.data.title

    def hint(self) -> str:
        who = f"{self.data.name}，" if self.data.name else ""
        return f"{who}身份证上有的已经填好，您只填缺的。"

    def voice(self) -> str:
        left = self.data.total - self.data.done
        return f"{self.data.title}。" + (f"还差 {left} 项，请点填写下一项。" if left > 0 else "都填好了，请去核对。")

    def help_lines(self) -> tuple[str, ...]:
        return (
            "点“填写下一项”，机器一项一项地问您。",
            "想看或修改某一部分，点那一行。",
            "不会填的，请呼叫工作人员。",
        )

    def next_action(self) -> Action:
        complete = self.data.done >= self.data.total
        return Action("填好了，去核对" if complete else "填写下一项", "primary", "arrow-right", icon_after=True)

    def on_next(self) -> None:
        self.answer("next")

    def build(self) -> None:
        theme = self.theme
        self._cards: list[SectionCard] = []
        self._pages: list[range] = []
        self._room = (0, 0)
        self._anchor = 0
        self._filled = FilledBar(theme, "c18.filled")
        self.body.addWidget(self._filled)
        self._note = Banner(theme, "c18.note", "info", "")
        self.body.addWidget(self._note)
        self._list = QVBoxLayout()
        self._list.setSpacing(theme.px(20))
        self.body.addLayout(self._list)
        self._pager = Pager(theme, "c18.pager", 1)
        self._pager.turned.connect(self._turn)
        self.body.addWidget(self._pager)
        self.body.addStretch(1)
        self._bring = BigButton(theme, "c18.bring", "扫手机二维码带入", "secondary", "qr-scan")
        self._bring.tapped.connect(lambda: self.answer("phone"))
        self.body.addWidget(self._bring)
        self._take()

    def _take(self) -> None:
        screen = self.data
        self._filled.show_progress(screen.done, screen.total)
        self._note.set_message("info", screen.note)
        self._note.reveal(bool(screen.note))
        self._bring.reveal(screen.can_bring)
        self._pack()
        self._show_page(page_of(self._pages, self._anchor))

    def _pack(self) -> None:
        theme = self.theme
        width, height = self._room = room_under_heading(self)
        gap = theme.px("gap")
        room = height - self._filled.height() - gap
        if self.data.note:
            room -= self._note.heightForWidth(width) + gap
        if self.data.can_bring:
            room -= self._bring.height() + gap
        tall = [SectionCard.height_of(theme)] * len(self.data.sections)
        most = 3 if theme.large else 6
        pages = pack(tall, room, self._list.spacing(), most)
        if len(pages) > 1:
            pages = pack(tall, room - theme.px("pager_h") - gap, self._list.spacing(), most)
        self._pages = pages

    def _turn(self, page: int) -> None:
        self._anchor = self._pages[page].start
        self._show_page(page)
        self.rearranged.emit()

    def _show_page(self, page: int) -> None:
        for card in self._cards:
            card.hide()
            card.setParent(None)
            card.deleteLater()
        self._cards = []
        self._pager.set_pages(len(self._pages), page)
        for i in self._pages[self._pager.page]:
            row = self.data.sections[i]
            card = SectionCard(self.theme, row)
            card.tapped.connect(lambda id=row.id: self.answer(id))
            self._list.addWidget(card)
            card.show()
            self._cards.append(card)
        tab_order([*self._cards, self._pager.previous, self._pager.following, self._bring])
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if room_under_heading(self) != self._room:
            before = self._pages
            self._pack()
            if self._pages != before:
                self._show_page(page_of(self._pages, self._anchor))

    def refresh(self, screen: FormSections, before: FormSections) -> None:
        if screen != before:
            self._take()
            self.rearranged.emit()

    def keep(self) -> object:
        return self._anchor

    def restore(self, kept: int) -> None:
        self._anchor = kept
        self._show_page(page_of(self._pages, kept))
