"""What T02–T07 share: the whole window, sections at the side (landscape) or on top (portrait), and one answer, an `Order`.

Children are placed by hand: the same page stands in a window twice as wide as high, and the other way round.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, TypeVar

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainter, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from kiosk.screens.day_end import DayEndView
from kiosk.screens.diagnostics import (
    AuditView,
    DeviceDetail,
    FaultBoard,
    Logs,
    Order,
    Overview,
    Section,
    SelfTest,
    SettingsView,
    Verb,
)
from ui.focus import reading_order
from ui.pages.base import PageWidget
from ui.pages.paging import tab_order
from ui.widgets.diag_base import TechButton
from ui.widgets.diag_shell import MODE, HeadLine, MachineSign, ModeSign, NavItem, NoteBand, paint_rail

if TYPE_CHECKING:
    from ui.widgets.diag_ask import AskOverlay

D = TypeVar("D", Overview, DeviceDetail, SelfTest, DayEndView, Logs, FaultBoard, SettingsView, AuditView)


def row_of(widgets: Sequence[QWidget], x: int, y: int, height: int, gap: int, *, to_left: bool = False) -> int:
    """Put what is visible side by side, as wide as each wants to be, vertically centred; `to_left`: `x` is the right end of the
    last. Returns where the row ends on its open side."""
    for widget in reversed(widgets) if to_left else widgets:
        if widget.isHidden():
            continue
        size = widget.sizeHint()
        width, tall = size.width(), min(height, size.height())
        widget.setGeometry(x - width if to_left else x, y + (height - tall) // 2, width, tall)
        x += -(width + gap) if to_left else width + gap
    return x


def rows_of(widgets: Sequence[QWidget], area: QRect, height: int, gap: int) -> int:
    """As many rows as the widgets need in the width of `area`. Returns where they end."""
    x, y = area.x(), area.y()
    for widget in widgets:
        if widget.isHidden():
            continue
        width = min(widget.sizeHint().width(), area.width())
        if x > area.x() and x + width > area.right() + 1:
            x, y = area.x(), y + height + gap
        widget.setGeometry(x, y, width, height)
        x += width + gap
    return y + height


class DiagPage(PageWidget[D]):
    """Subclasses make their widgets in `make`, place them in `arrange`, and change them in `show`."""

    whole_window = True
    edge = "diagnostic"
    show_steps = False
    show_actions = False
    full_bleed = True
    entered = False
    section: ClassVar[Section]
    words: ClassVar[str]
    """The page's name."""
    _question: AskOverlay | None = None
    _told = False
    """The note is the page's own."""

    def make(self) -> None:
        raise NotImplementedError

    def arrange(self, area: QRect, wide: bool) -> None:
        """Place the page's own widgets in the room the shell leaves; `wide`: landscape."""
        raise NotImplementedError

    def show_data(self, screen: D, before: D) -> None:
        raise NotImplementedError

    def head_buttons(self) -> Sequence[TechButton]:
        """At the right of the page's name."""
        return ()

    def tell(self, text: str) -> None:
        """Say at once why a touch did nothing; until something is done, or the journey has something to say."""
        self._told = True
        if self.note.say(text, "warn"):
            self.relay()

    def ask(self, overlay: AskOverlay, then: Callable[[str], None]) -> None:
        """Open a question over the page; `then` gets its answer. One at a time, gone with the page."""
        self.close_question()
        self._question = overlay

        def answered(value: str) -> None:
            self.close_question()
            then(value)

        overlay.confirmed.connect(answered)
        overlay.closed.connect(self.close_question)
        overlay.open()

    def close_question(self) -> None:
        question, self._question = self._question, None
        if question is not None:
            question.hide()
            question.setParent(None)
            question.deleteLater()

    def export(self, what: str, folders: Sequence[tuple[str, str]]) -> None:
        """Asks where to, if there is a choice. Without one the journey knows, or says that there is no place."""
        if len(folders) < 2:
            self.order(Verb.EXPORT, what, folders[0][0] if folders else "")
            return
        from ui.widgets.diag_ask import ChooseOverlay

        overlay = ChooseOverlay(self.theme, "diag.export", "导出到哪里", folders, None, self.window())
        self.ask(overlay, lambda folder: self.order(Verb.EXPORT, what, folder))

    def clear(self) -> None:
        self.close_question()
        super().clear()

    # -- machinery -------------------------------------------------------------------------------------------------------

    def voice(self) -> str:
        return f"{MODE}。{self.words}"

    def build(self) -> None:
        theme, head = self.theme, self.data.head
        self.mode_sign = ModeSign(theme, self)
        self._navigation: list[NavItem] = []
        self._add_sections(head.sections)
        self.machine = MachineSign(theme, self)
        self.head_line = HeadLine(theme, self.words, self)
        self.note = NoteBand(theme, self)
        self.leave = TechButton(theme, "diag.leave", "退出诊断", "secondary", "exit", parent=self)
        self.leave.tapped.connect(lambda: self.order(Verb.LEAVE))
        self._rail = QRectF()
        self._show_head()
        self.make()

    def _add_sections(self, sections: Sequence[Section]) -> None:
        for one in sections:
            self._navigation.append(self._item(one))

    def _item(self, one: Section) -> NavItem:
        item = NavItem(self.theme, one, current=one is self.section, parent=self)
        item.tapped.connect(lambda: self.order(Verb.GO, one.value))
        return item

    def order(self, verb: Verb, key: str = "", value: str = "") -> None:
        if self._told:
            self._told = False
            self._show_head()
            self.relay()
        self.answer(Order(verb, key, value))

    def _show_head(self) -> bool:
        head = self.data.head
        self.machine.show_head(head)
        self.head_line.show_head(head)
        return not self._told and self.note.say(head.note, head.note_tone)

    def refresh(self, screen: D, before: D) -> None:
        if (screen.head.note, screen.head.note_tone) != (before.head.note, before.head.note_tone):
            self._told = False
        moved = self._show_head() or screen.head != before.head
        if screen.head.sections != before.head.sections:
            for item in self._navigation:
                item.hide()
                item.deleteLater()
            self._navigation = []
            self._add_sections(screen.head.sections)
            for item in self._navigation:
                item.show()
        self.show_data(screen, before)
        if moved:
            self.relay()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.relay()

    def showEvent(self, event: QShowEvent) -> None:
        """Only now have the lists been given their size, and with it their buttons."""
        super().showEvent(event)
        self.order_tabs()

    def relay(self) -> None:
        """Place everything anew."""
        if self.data is None or self.width() < self.theme.px(700):  # gone, or not laid out yet
            return
        wide = self.width() > self.height()
        area = self._lay_wide() if wide else self._lay_tall()
        if self.note.text:
            height = self.note.height_for(area.width())
            self.note.setGeometry(area.x(), area.y(), area.width(), height)
            area.setTop(area.y() + height + self.theme.px(16))
        self.arrange(area, wide)
        if self.isVisible():
            self.order_tabs()
        self.update()

    def order_tabs(self) -> None:
        """What can be pressed now, as the eye reads it; for who uses a screen reader."""
        tab_order(reading_order(self, [w for w in self.findChildren(QAbstractButton) if w.isVisibleTo(self)]))

    def _lay_wide(self) -> QRect:
        t = self.theme
        rail, edge, margin = t.px("tech_rail"), t.px("tech_edge"), t.px("tech_margin")
        self._rail = QRectF(0, 0, rail, self.height())
        self.mode_sign.setGeometry(edge + t.px(16), t.px(32), rail - edge - t.px(20), t.px(64))
        y, tall = t.px(140), t.px(72)
        pitch = tall + t.px("gap_min")
        for item in self._navigation:
            item.setGeometry(edge + t.px(8), y, rail - edge - t.px(24), tall)
            y += pitch
        self.machine.setGeometry(edge + t.px(32), self.height() - t.px(116), rail - edge - t.px(40), t.px(84))
        left, right = rail + margin, self.width() - margin
        self._lay_head(left, right, t.px(28), [*self.head_buttons(), self.leave])
        top = t.px(28) + t.px("tech_button") + t.px(24)
        return QRect(left, top, right - left, self.height() - top - t.px(24))

    def _lay_tall(self) -> QRect:
        t = self.theme
        edge, margin = t.px("tech_edge"), t.px("tech_margin")
        left, right = margin, self.width() - margin
        band = t.px(112)
        self.mode_sign.setGeometry(left, edge + t.px(16), t.px(240), t.px(72))
        rest = row_of([self.leave], right, edge + t.px(16), t.px("tech_button"), 0, to_left=True)
        sign = left + t.px(270)
        self.machine.setGeometry(sign, edge + t.px(12), rest - t.px(24) - sign, t.px(80))
        gap = t.px("gap_min")
        count = max(1, len(self._navigation))
        x, width = edge + t.px(12), self.width() - 2 * edge - 2 * t.px(12)
        each = (width - gap * (count - 1)) // count
        for item in self._navigation:
            item.setGeometry(x, band, each, t.px(96))
            x += each + gap
        bottom = band + t.px(96) + t.px(12)
        self._rail = QRectF(0, 0, self.width(), bottom)
        top = bottom + t.px(24)
        below = self._lay_head(left, right, top, list(self.head_buttons()))
        return QRect(left, below, right - left, self.height() - below - t.px(32))

    def _lay_head(self, left: int, right: int, top: int, buttons: Sequence[TechButton]) -> int:
        """Name and buttons in one row, in two where they do not fit. Returns where the page's own begins."""
        t = self.theme
        tall, gap = t.px("tech_button"), t.px(16)
        needed = sum(b.sizeHint().width() + gap for b in buttons if not b.isHidden())
        name = self.head_line.sizeHint().width()
        if name + needed <= right - left or self._rail.height() >= self.height():
            rest = row_of(buttons, right, top, tall, gap, to_left=True)
            self.head_line.setGeometry(left, top, max(t.px(200), rest - left), tall)
            return top + tall + t.px(20)
        self.head_line.setGeometry(left, top, right - left, tall)
        row_of(buttons, right, top + tall + t.px(12), tall, gap, to_left=True)
        return top + 2 * tall + t.px(12) + t.px(20)

    def paint_ground(self, p: QPainter) -> None:
        paint_rail(p, self.theme, self._rail)
