"""T01: who comes in. Code of the staff pass, PIN, and the second factor's six figures where this machine asks for them."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QRect
from PySide6.QtGui import QResizeEvent

from kiosk.screens.diagnostics import StaffEntry, StaffLogin
from ui.pages.base import PageWidget
from ui.widgets.diag_base import TechButton
from ui.widgets.diag_keys import CodePad, EntryField
from ui.widgets.diag_shell import MODE, HeadLine, NoteBand


class Place(NamedTuple):
    """One thing to type."""

    key: str
    label: str
    most: int
    secret: bool
    letters: bool = False


CODE = Place("code", "工号", 12, False, True)
PIN = Place("pin", "密码", 12, True)
TOTP = Place("totp", "动态口令（6 位）", 6, False)


class StaffLoginPage(PageWidget[StaffLogin]):
    whole_window = True
    edge = "diagnostic"
    show_steps = False
    show_actions = False
    full_bleed = True
    entered = False

    def voice(self) -> str:
        return f"{MODE}。请登录"

    def build(self) -> None:
        theme, screen = self.theme, self.data
        self._typed = {place.key: "" for place in (CODE, PIN, TOTP)}
        self._places = (CODE, PIN, TOTP) if screen.asks_totp else (CODE, PIN)
        self._at = 0
        self._head = HeadLine(theme, f"{MODE} · 登录", self)
        self._head.show_state(f"{MODE} · 登录", simulated=screen.simulated, armed=0)
        self._note = NoteBand(theme, self, "diag.login.trouble")
        self._fields: list[EntryField] = []
        for i, place in enumerate(self._places):
            field = EntryField(theme, f"diag.login.{place.key}", place.label, secret=place.secret, parent=self)
            field.tapped.connect(lambda i=i: self._go_to(i))
            self._fields.append(field)
        self._pad = CodePad(theme, "diag.login.key", self)
        self._pad.pressed.connect(self._press)
        self._pad.deleted.connect(self._delete)
        self._back = TechButton(theme, "diag.login.back", "返回", "secondary", "arrow-left", parent=self)
        self._back.tapped.connect(self.on_back)
        self._enter = TechButton(theme, "diag.login.enter", "登录", "primary", parent=self)
        self._enter.tapped.connect(self.on_next)
        self._show()

    def _show(self) -> None:
        screen = self.data
        locked = screen.locked_s > 0
        for i, (place, field) in enumerate(zip(self._places, self._fields, strict=True)):
            field.show_text(self._typed[place.key], current=i == self._at and not locked)
            field.setEnabled(not locked)
        self._pad.allow(letters=self._places[self._at].letters and not locked, digits=not locked)
        self._enter.setEnabled(not locked)
        last = self._at == len(self._places) - 1 or all(self._typed[place.key] for place in self._places)
        self._enter.set_caption("登录" if last else "下一项")
        text = screen.trouble
        if locked:
            minutes, seconds = divmod(screen.locked_s, 60)
            left = f"{minutes} 分 {seconds} 秒" if minutes else f"{seconds} 秒"
            text = f"连续输错，已锁定。请在 {left}后再试。"
        if self._note.say(text, "bad"):
            self._arrange()

    # -- typing ----------------------------------------------------------------------------------------------------------

    def _go_to(self, index: int) -> None:
        self._at = index
        self._show()

    def _press(self, character: str) -> None:
        place = self._places[self._at]
        if len(self._typed[place.key]) < place.most and (character.isdigit() or place.letters):
            self._typed[place.key] += character
            self._show()

    def _delete(self) -> None:
        key = self._places[self._at].key
        self._typed[key] = self._typed[key][:-1]
        self._show()

    def on_next(self) -> None:
        """To what is still empty; with everything typed, in."""
        if self.data.locked_s > 0:
            return
        empty = next((i for i, place in enumerate(self._places) if not self._typed[place.key]), None)
        if empty is not None:
            self._go_to(empty)
            return
        entry = StaffEntry(self._typed["code"], self._typed["pin"], self._typed["totp"] if self.data.asks_totp else "")
        self._forget_secrets()
        self.answer(entry)

    def _forget_secrets(self) -> None:
        self._typed["pin"] = self._typed["totp"] = ""
        self._at = next((i for i, place in enumerate(self._places) if not self._typed[place.key]), 0)
        self._show()

    def refresh(self, screen: StaffLogin, before: StaffLogin) -> None:
        if screen.trouble != before.trouble or (screen.locked_s > 0) != (before.locked_s > 0):
            self._forget_secrets()
        self._show()

    # -- where it stands -------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        if self.data is None or self.width() < self.theme.px(700):
            return
        t = self.theme
        wide = self.width() > self.height()
        margin, gap = t.px(64), t.px("gap")
        width = min(self.width() - 2 * margin, t.px(1480) if wide else t.px(760))
        x = (self.width() - width) // 2
        self._back.setVisible(self.allowed.back)
        column = (width - t.px(80)) // 2 if wide else width
        pad = self._pad.height_of()
        fields = len(self._fields) * (t.px(132) + gap)
        note = self._note.height_for(column) + gap if self._note.text else 0
        head, foot = t.px("tech_button") + t.px(32), t.px("tech_button")
        high = head + (max(fields + note, pad + gap) if wide else fields + note + pad + t.px(32)) + foot
        y = max(t.px(40), (self.height() - high) // 2)
        self._head.setGeometry(x, y, width, t.px("tech_button"))
        y += head
        top = y
        for field in self._fields:
            field.setGeometry(x, y, column, t.px(132))
            y += t.px(132) + gap
        if note:
            self._note.setGeometry(x, y, column, note - gap)
            y += note
        if wide:
            self._pad.setGeometry(QRect(x + width - column, top, column, pad))
            y = top + max(fields + note, pad + gap)
        else:
            self._pad.setGeometry(QRect(x, y, column, pad))
            y += pad + t.px(32)
        side = (column - gap) // 2
        self._back.setGeometry(x, y, side, t.px("tech_button"))
        self._enter.setGeometry(x + width - side, y, side, t.px("tech_button"))

    def clear(self) -> None:
        self._typed = {key: "" for key in self._typed}
        for field in self._fields:
            field.show_text("", current=False)
        super().clear()
