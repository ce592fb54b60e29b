"""The code that was sent to the owner's telephone: with it the owner lets somebody else file the vehicle."""

from __future__ import annotations

from kiosk.screens.vehicle import EnterOwnerCode
from ui.pages.typed_number import DigitsPage
from ui.widgets.bars import Action
from ui.widgets.digits_field import DigitsField

PLACES = 6
NOTE = "验证码由车主告诉您，就表示车主同意备案。"


class OwnerCodeField(DigitsField):
    spoken = "验证码"
    groups = (3, 3)
    heights = (152, 164)
    widest = 96
    between = 56
    roles = ("display", "h1")
    bold = False
    inset = 12
    line_up = 36


class OwnerCodePage(DigitsPage[EnterOwnerCode]):
    places, note = PLACES, NOTE
    prefix, field = "owner", OwnerCodeField

    def title(self) -> str:
        return "请输入车主收到的验证码"

    def hint(self) -> str:
        tail = f"尾号 {self.data.phone_tail} 的手机" if self.data.phone_tail else "车主登记的手机"
        return f"{self.data.plate}，验证码已发到{tail}。"

    def voice(self) -> str:
        return f"验证码已发到车主的手机，请输入，一共 {PLACES} 位。"

    def help_lines(self) -> tuple[str, ...]:
        return (
            "验证码发到车主在车管所登记的手机，请打电话问车主。",
            "车主没有收到，返回后可以改用车主扫码。",
            "车主换了手机号，请车主先到窗口更新。",
        )

    def next_action(self) -> Action:
        return Action("确认备案", "primary", "arrow-right", icon_after=True, waiting=len(self._typed) < PLACES)

    def on_next(self) -> None:
        missing = PLACES - len(self._typed)
        if not missing:
            self.answer(self._typed)
        elif missing == PLACES:
            self._say(f"还没有输入验证码，共 {PLACES} 位。")
        else:
            self._say(f"验证码少了 {missing} 位，共 {PLACES} 位。")
