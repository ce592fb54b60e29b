"""The number on the receipt of a photo tested elsewhere (相片回执). Typed on letters and digits, looked at when they go on."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent

from kiosk.ports.photo import photo_receipt_number, photo_receipt_valid
from kiosk.screens.form import EnterPhotoReceipt
from ui.pages.typed_number import TypedNumberPage
from ui.widgets.bars import Action
from ui.widgets.keypads.alnum_pad import AlnumPad, dock, fit_tray
from ui.widgets.receipt_field import PLACES, ReceiptField, ReceiptPicture
from ui.widgets.text import Banner

NOTE = "字母 O 和数字 0 容易看错，请看清楚。"
NOTHING = "还没有输入号码，请照着回执输入。"
SHORT = "号码太短，至少 8 位，请照着回执检查。"
NO_DIGIT = "号码里应该有数字，请照着回执检查。"
_SHORTEST = 8


class EnterPhotoReceiptPage(TypedNumberPage[EnterPhotoReceipt]):
    """Next can be pressed at all times and says what is missing. Answers letters and digits without gaps."""

    places, note = PLACES, NOTE

    def title(self) -> str:
        return "请输入相片回执号码"

    def hint(self) -> str:
        return "字母和数字都要，中间的空格不用输。"

    def help_lines(self) -> tuple[str, ...]:
        return (
            "回执是照相馆给的单子，号码在条码旁边。",
            "输错了，点右下角的键删掉一位，点“清空”重新输。",
            "找不到回执，点“上一步”，选别的方式。",
        )

    def next_action(self) -> Action:
        waiting = not photo_receipt_valid(self._typed)
        return Action("下一步", "primary", "arrow-right", icon_after=True, waiting=waiting)

    def build(self) -> None:
        theme = self.theme
        column = self._column = dock(self.body, theme, self.heading)
        self._field = ReceiptField(theme, "receipt.field", "相片回执号码")
        column.addWidget(self._field)
        self._note = Banner(theme, "receipt.note", "info", NOTE)
        column.addWidget(self._note)
        self._picture = ReceiptPicture(theme, "receipt.picture")
        column.addWidget(self._picture, 1)
        column.addStretch(0)
        column.addSpacing(theme.pick(24, 12))
        self._pad = AlnumPad(theme, "receipt.pad", "receipt.key")
        self._pad.pressed.connect(self._press)
        self.body.addWidget(self._pad)
        self.begin()

    @staticmethod
    def tidy(text: str) -> str:
        """Letters and digits only."""
        return "".join(char for char in text.upper() if char.isascii() and char.isalnum())

    def show_typed(self, typed: str, alarm: bool) -> None:
        self._field.show_text(typed, alarm)

    def _say(self, trouble: str) -> None:
        super()._say(trouble)
        self._fit()

    def _fit(self) -> None:
        """Where the number takes several rows or the panel is small, the picture goes first, then the keys get lower."""
        self._picture.show()
        if not fit_tray(self, self.body, self._column, self._pad, self._pad.usual, self._pad.usual):
            self._picture.hide()
            fit_tray(self, self.body, self._column, self._pad, self._pad.usual, self._pad.least)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def on_next(self) -> None:
        number = photo_receipt_number(self._typed)
        if number is not None:
            self.answer(number)
        elif not self._typed:
            self._say(NOTHING)
        elif len(self._typed) < _SHORTEST:
            self._say(SHORT)
        else:
            self._say(NO_DIGIT)
