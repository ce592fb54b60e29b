"""C21: the sheets as they will come out of the printer, painted by the same painter."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtWidgets import QHBoxLayout

from kiosk.screens.form import PreviewForm
from ui.pages.base import PageWidget
from ui.pages.paging import tab_order
from ui.widgets.bars import Action
from ui.widgets.sheet_desk import SheetDesk
from ui.widgets.sheet_tab import SheetTab
from ui.widgets.text import Banner


class PreviewFormPage(PageWidget[PreviewForm]):
    """One sheet at a time, enlarged by a button or a tap on it. Pictures of it are dropped with the page."""

    left_answers: ClassVar[bool] = True

    def title(self) -> str:
        return "打印前再看一遍"

    def voice(self) -> str:
        count = len(self.data.sheets)
        return f"打印前再看一遍，共 {count} 张。可以放大看，要改就点返回修改"

    def help_lines(self) -> tuple[str, ...]:
        return (
            "打印出来的纸和这里看到的一样，底色和小角不会打印。",
            "字太小就点“放大”，再点小图，点哪里就放大哪里。",
            "有不对的就点“返回修改”，改好再打印。",
        )

    def back_action(self) -> Action:
        return Action("返回修改", "secondary", "pen")

    def next_action(self) -> Action:
        return Action(f"打印 {len(self.data.sheets)} 张", "primary", "printer")

    # -- building --------------------------------------------------------------------------------------------------------

    def build(self) -> None:
        theme, screen = self.theme, self.data
        self.body.setSpacing(theme.pick(20, 16))
        self._note = Banner(theme, "c21.note", "info", screen.note)
        self._note.reveal(bool(screen.note))
        self.body.addWidget(self._note)
        self.desk = SheetDesk(theme, "c21.desk", screen.two_sided)
        self.desk.rearranged.connect(self.rearranged)
        self.body.addWidget(self.desk, 1)
        self._row = QHBoxLayout()
        self._row.setSpacing(theme.px(16))
        self.body.addLayout(self._row)
        self._tabs: list[SheetTab] = []
        self._make_tabs()
        self.desk.set_sheets(screen.sheets, screen.two_sided)

    def _make_tabs(self) -> None:
        for tab in self._tabs:
            tab.hide()
            tab.setParent(None)
            tab.deleteLater()
        several = len(self.data.sheets) > 1
        self._tabs = [
            SheetTab(self.theme, f"c21.tab.{i}", title) for i, title in enumerate(self.data.titles) if several
        ]
        for i, tab in enumerate(self._tabs):
            tab.set_chosen(i == self.desk.index)
            tab.tapped.connect(lambda i=i: self._turn(i))
            self._row.addWidget(tab, 1)
        tab_order([*self.desk.controls(), *self._tabs])

    def _turn(self, index: int) -> None:
        self.desk.show_sheet(index)
        for i, tab in enumerate(self._tabs):
            tab.set_chosen(i == index)

    def zoom(self, enlarged: bool) -> None:
        self.desk.set_enlarged(enlarged)

    # -- answering -------------------------------------------------------------------------------------------------------

    def on_back(self) -> None:
        self.answer("change")

    def on_next(self) -> None:
        self.answer("print")

    def refresh(self, screen: PreviewForm, before: PreviewForm) -> None:
        self._note.set_message("info", screen.note)
        self._note.reveal(bool(screen.note))
        if screen.sheets == before.sheets and screen.titles == before.titles and screen.two_sided == before.two_sided:
            return
        self.desk.set_sheets(screen.sheets, screen.two_sided, self.desk.index)
        self._make_tabs()

    def keep(self) -> object:
        return self.desk.index, self.desk.enlarged

    def restore(self, kept: tuple[int, bool]) -> None:
        index, enlarged = kept
        if index < len(self.data.sheets):
            self._turn(index)
        self.desk.set_enlarged(enlarged)

    def clear(self) -> None:
        self.desk.clear()
        super().clear()
