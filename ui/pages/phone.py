"""The citizen's mobile number, so that the hall can call. Typed on keys of our own, checked when they go on."""

from __future__ import annotations

from kiosk.domain.identity import is_mobile
from kiosk.screens.endorsement import EnterPhone
from ui.pages.typed_number import DigitsPage
from ui.widgets.bars import Action
from ui.widgets.phone_field import PLACES, PhoneField

NOTE = "号码只用于这次办理，加密保存。"
NOT_MOBILE = "手机号开头是 13 到 19，请检查。"


class PhonePage(DigitsPage[EnterPhone]):
    """Next can be pressed at all times and says what is missing. Answers the 11 digits."""

    places, note = PLACES, NOTE
    prefix, field = "phone", PhoneField

    def title(self) -> str:
        return "请输入手机号码"

    def hint(self) -> str:
        return "有事要联系您时，工作人员打这个号码。"

    def help_lines(self) -> tuple[str, ...]:
        return (
            "输入您自己在用的手机号，一共 11 位。",
            "输错了，点右下角的键删掉一位，点“清空”重新输。",
            "没有手机，请呼叫工作人员。",
        )

    def next_action(self) -> Action:
        caption = "下一步" if self.theme.large else "下一步：核对"
        return Action(caption, "primary", "arrow-right", icon_after=True, waiting=not is_mobile(self._typed))

    def on_next(self) -> None:
        missing = PLACES - len(self._typed)
        if is_mobile(self._typed):
            self.answer(self._typed)
        elif missing == PLACES:
            self._say(f"还没有输入手机号，共 {PLACES} 位。")
        elif missing:
            self._say(f"手机号少了 {missing} 位，共 {PLACES} 位，请检查。")
        else:
            self._say(NOT_MOBILE)
