"""Staff check: a member of staff looks at the citizen and the card, then types the PIN."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent

from kiosk.screens.common import StaffCheck
from ui.pages.base import PageWidget
from ui.pages.sides import move
from ui.widgets.bars import Action
from ui.widgets.cards import Panel
from ui.widgets.keypads.number_pad import CodeField, NumberPad
from ui.widgets.rows import InfoRow
from ui.widgets.text import Banner

PLACES = 6
"""Digits of a staff PIN; neither fewer nor more are taken."""


class StaffCheckPage(PageWidget[StaffCheck]):
    def title(self) -> str:
        return "请民警注明拒绝签名" if self._refusal else "请工作人员核验"

    def hint(self) -> str:
        if self.wide and not self._trouble.isHidden():
            return ""
        return (
            "请民警核实当事人不签名，再输入本人密码。" if self._refusal else "请工作人员核对本人与身份证，再输入密码。"
        )

    def voice(self) -> str:
        return "请稍等，民警来注明。" if self._refusal else "请稍等，工作人员来核验。"

    @property
    def _refusal(self) -> bool:
        return self.data.about == "refusal"

    def next_action(self) -> Action:
        caption = "确认注明" if self._refusal else "确认已核验"
        return Action(caption, "primary", "user-check", waiting=len(self._typed) < PLACES)

    def build(self) -> None:
        theme, screen = self.theme, self.data
        self._typed = ""
        panel = Panel(theme, "staff.person", "办理人", padding=16 if theme.large else 24)
        panel.column.addWidget(InfoRow(theme, "staff.name", "姓名", screen.name))
        panel.column.addWidget(InfoRow(theme, "staff.number", "身份证号", screen.number, divider=False))
        sides = self.side_by_side()
        sides.aside.addWidget(panel)
        self._trouble = Banner(theme, "staff.trouble", "bad", screen.trouble)
        self._trouble.reveal(bool(screen.trouble))
        sides.aside.addWidget(self._trouble)
        sides.main.addStretch(1)
        self._field = CodeField(theme, "staff.code", PLACES)
        sides.main.addWidget(self._field)
        self._pad = NumberPad(theme, "staff.pad")
        self._pad.typed.connect(self._type)
        self._pad.deleted.connect(lambda: self._set(self._typed[:-1]))
        self._pad.cleared.connect(lambda: self._set(""))
        sides.main.addWidget(self._pad)
        sides.main.addStretch(1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In landscape the dots stand left of the keys, and what is wrong takes the place of the hint."""
        super().resizeEvent(event)
        sides = self.sides
        if sides is not None and self.data is not None:
            wide = self.wide
            move(self._field, sides.aside if wide else sides.main, 4 if wide else 1, sides.aside, sides.main)
            sides.tighten(self.theme.px(6) if self.crowded else self.body.spacing())
            self._show_hint()
            self.lay_out()

    def _show_hint(self) -> None:
        if self.heading is not None:
            self.heading.set_texts(self.title(), self.hint())

    def _type(self, digit: str) -> None:
        if len(self._typed) < PLACES:
            self._set(self._typed + digit)

    def _set(self, typed: str) -> None:
        self._typed = typed
        self._field.set_count(len(typed))
        self._say_trouble("")
        self.chrome_changed.emit()

    def _say_trouble(self, text: str) -> None:
        if text:
            self._trouble.set_message("bad", text)
        self._trouble.reveal(bool(text))
        self._show_hint()

    def on_next(self) -> None:
        missing = PLACES - len(self._typed)
        if missing:
            text = f"密码还差 {missing} 位，一共 {PLACES} 位。" if self._typed else f"请输入 {PLACES} 位工作人员密码。"
            self._say_trouble(text)
            return
        typed, self._typed = self._typed, ""
        self._field.set_count(0)
        self.answer(typed)
        self.chrome_changed.emit()

    def refresh(self, screen: StaffCheck, before: StaffCheck) -> None:
        self._typed = ""
        self._field.set_count(0)
        self._say_trouble(screen.trouble)

    def clear(self) -> None:
        self._typed = ""
        super().clear()
