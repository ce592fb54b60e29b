"""A number plate, place by place, on keys that cannot mistype it."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent

from kiosk.domain.plate import guess_plate_type, is_plate, normalise_plate
from kiosk.screens.violation import EnterPlate, PlateAnswer
from ui.pages.base import PageWidget
from ui.widgets.bars import Action
from ui.widgets.keypads.alnum_pad import CharField, fit_tray
from ui.widgets.keypads.plate_keypad import DIGITS, EMBASSY, LETTERS, PLACES, SUFFIXES, PlateKeypad
from ui.widgets.text import Banner

USUAL = 7
"""Places that every plate has."""
NOTE = "字母 I 和 O 不用于车牌，已从键盘去掉。"
SUMMARY = "有 1 处需要修改：车牌号码"


class EnterPlatePage(PageWidget[EnterPlate]):
    """Next can be pressed at all times and says what is missing. Answers PlateAnswer, its type guessed from the plate."""

    _trouble = ""

    def title(self) -> str:
        return "请输入车牌号码"

    def hint(self) -> str:
        """In large text in landscape what is wrong takes its place."""
        return "" if self.crowded and self._trouble else "新能源车有 8 位。点格子可以改某一位。"

    def next_action(self) -> Action | None:
        waiting = not all(self._chars[:USUAL])
        return Action("查询", "primary", "arrow-right", icon_after=True, waiting=waiting, spoken="查询这辆车")

    def build(self) -> None:
        theme, screen = self.theme, self.data
        self._chars = [""] * PLACES
        self._at = 0
        sides, self._column = self.over_keys()
        column = sides.main
        self._summary = Banner(theme, "plate.summary", "bad", SUMMARY)
        column.addWidget(self._summary)
        self._field = CharField(
            theme,
            "plate.field",
            "plate.box",
            "车牌号码",
            PLACES,
            last_empty="新能源|绿牌",
            gap_after=1,
        )
        self._field.picked.connect(self._move)
        column.addWidget(self._field)
        self._note = Banner(theme, "plate.note", "info", NOTE)
        sides.foot.addWidget(self._note)
        self._column.addStretch(1)
        self._pad = PlateKeypad(theme, screen.site)
        self._pad.typed.connect(self._type)
        self._pad.deleted.connect(self._delete)
        self._pad.province_asked.connect(lambda: self._move(0))
        self.body.addWidget(self._pad)
        self._set_value(screen.value or screen.site)
        self._say(screen.trouble)

    # -- typing ----------------------------------------------------------------------------------------------------------

    def _set_value(self, value: str) -> None:
        text = normalise_plate(value)[:PLACES]
        self._chars = [*text, *([""] * (PLACES - len(text)))]
        empty = next((i for i, char in enumerate(self._chars) if not char), PLACES - 1)
        seven = self._chars[USUAL - 1] in tuple(SUFFIXES) or (self._chars[0] == EMBASSY and empty >= USUAL)
        self._at = USUAL - 1 if seven else empty
        self._show()

    def _show(self, alarms: tuple[int, ...] = ()) -> None:
        self._field.show_text(self._chars, self._at, alarms)
        self._pad.set_place(self._at, self._chars[0])

    def _move(self, place: int) -> None:
        self._at = place
        self._changed()

    def _type(self, char: str) -> None:
        self._chars[self._at] = char
        embassy = self._chars[0] == EMBASSY
        if embassy:
            self._chars[1:] = [each if each in tuple(DIGITS) else "" for each in self._chars[1:USUAL]] + [""]
        elif self._chars[1] not in tuple(LETTERS):
            self._chars[1] = ""  # it was an embassy's before
        if self._at == USUAL - 1 and (char in SUFFIXES or embassy):
            self._chars[PLACES - 1] = ""  # such a plate has seven places
        elif self._at < PLACES - 1:
            self._at += 1
        self._changed()

    def _delete(self) -> None:
        """The current place, or, where that is empty, the one before."""
        if not self._chars[self._at] and self._at > 0:
            self._at -= 1
        self._chars[self._at] = ""
        self._changed()

    def _changed(self) -> None:
        self._say("")
        self._show()
        self.chrome_changed.emit()

    # -- saying what is wrong --------------------------------------------------------------------------------------------

    def _say(self, trouble: str, alarms: tuple[int, ...] | None = None) -> None:
        self._trouble = trouble
        self._note.set_message("bad" if trouble else "info", trouble or NOTE)
        if trouble:
            filled = tuple(i for i, char in enumerate(self._chars) if char)
            self._show(filled if alarms is None else alarms)
        self._fit()

    def _fit(self) -> None:
        """The summary goes where a small panel or landscape has no room for it; the sentence at the field stays."""
        self._pad.set_wide(self.wide)
        self._summary.reveal(bool(self._trouble) and not self.wide)
        self._note.reveal(bool(self._trouble) or not self.crowded)
        self.squeeze_over_keys()
        if not fit_tray(self, self.body, self._column, self._pad, self._pad.usual, self._pad.least) and self._trouble:
            self._summary.hide()
            fit_tray(self, self.body, self._column, self._pad, self._pad.usual, self._pad.least)
        self.lay_out()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _missing(self) -> tuple[int, ...]:
        last = max((i for i, char in enumerate(self._chars) if char), default=-1)
        return tuple(i for i in range(max(USUAL, last + 1)) if not self._chars[i])

    def on_next(self) -> None:
        missing = self._missing()
        if missing:
            self._at = missing[0]
            if len(missing) == 1:
                text = f"第 {missing[0] + 1} 位没有填。"
            else:
                text = f"车牌还缺 {len(missing)} 位，共 {USUAL} 位，新能源车 {PLACES} 位。"
            self._say(text, missing)
            return
        plate = "".join(self._chars)
        plate_type = guess_plate_type(plate)
        if is_plate(plate, plate_type):
            self.answer(PlateAnswer(plate, plate_type))
        elif len(plate) == PLACES:
            self._say("新能源车第 3 位或第 8 位是字母，其余位请核对。")
        else:
            self._say("车牌和最后一个字对不上，请逐位核对。")

    # -- life ------------------------------------------------------------------------------------------------------------

    def refresh(self, screen: EnterPlate, before: EnterPlate) -> None:
        if screen.value and screen.value != before.value:
            self._set_value(screen.value)
        self._say(screen.trouble)

    def keep(self) -> object:
        return (tuple(self._chars), self._at)

    def restore(self, kept: tuple[tuple[str, ...], int]) -> None:
        self._chars, self._at = list(kept[0]), kept[1]
        self._show()
        self.chrome_changed.emit()

    def clear(self) -> None:
        self._chars = [""] * PLACES
        self._field.show_text(self._chars, 0)
        super().clear()
