"""PinyinPad: Chinese by its sounds, with digits, the words of addresses and plain letters on two more sheets of keys.

Keys are as wide as ten with gaps of 12 px leave room for (96 px, 24 mm) and 132 px high. Nothing is learnt, nothing is written to disk.
A character the table does not have is not offered: it stays as the card has it, or is written in letters and put right at a window.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from kiosk.domain.input_method import Candidate, Composition
from ui.theme import Theme
from ui.widgets.base import Painted
from ui.widgets.candidate_row import CandidateRow
from ui.widgets.keypads.alnum_pad import CLEAR, DELETE, Cap, KeyTray, caps, delete_cap, tray_height
from ui.widgets.lookups import input_method, warm_input_method

Sheet = Literal["pinyin", "signs", "letters"]
DIVIDE = "'"
LEFT, RIGHT, SPACE = "left", "right", " "
_SHEET = "sheet."
_NUMBER = Cap(_SHEET + "signs", "123 号", 2, "数字和门牌用字")
_CHINESE = Cap(_SHEET + "pinyin", "拼音", 2)
_LATIN = Cap(_SHEET + "letters", "ABC", 2, "英文字母")
_DOT = Cap("·", "·", 1, "间隔号，少数民族姓名用")
_ARROWS = [Cap(LEFT, "", 1, "光标往左", "chevron-left"), Cap(RIGHT, "", 1, "光标往右", "chevron-right")]
_IDLE = {
    "pinyin": "用拼音打字，字出来后点一下",
    "signs": "点一下就填上",
    "letters": "大写字母，点一下就填上",
}
_IDLE_NAME = "用拼音打姓名，只打声母也可以"


def sheet_rows(sheet: Sheet, large: bool) -> list[list[Cap]]:
    """Four rows, in large text too: letters in the order of the alphabet there, because a broken QWERTY helps nobody."""
    clear = Cap(CLEAR, "清空", 2)
    if sheet == "signs":
        if large:
            rows = [caps("12345678"), caps("90号弄幢栋座楼"), [*caps("层室村组路街巷"), Cap("单元", "单元")]]
            rows.append([_CHINESE, _DOT, Cap("-", "-", 1, "横线"), *_ARROWS, delete_cap(1), Cap(CLEAR, "清空")])
            return rows
        rows = [caps("1234567890"), [*caps("号弄幢栋座楼层室"), Cap("单元", "单元"), Cap("组", "组")]]
        rows.append([*caps("路街巷村"), Cap("-", "-", 1, "横线"), *caps("（）"), _DOT, delete_cap(2)])
        rows.append([_CHINESE, _LATIN, *_ARROWS, clear])
        return rows
    other = _CHINESE if sheet == "letters" else _LATIN
    middle = Cap(SPACE, "空格") if sheet == "letters" else Cap(DIVIDE, DIVIDE, 1, "隔开两个音")
    if large:
        rows = [caps(part) for part in ("ABCDEFGH", "IJKLMNOP", "QRSTUVWX")]
        number = Cap(_SHEET + "signs", "123", 1.5, _NUMBER.spoken)
        rows.append([*caps("YZ"), middle, delete_cap(1.5), number, Cap(other.act, other.caption, 1.5, other.spoken)])
        return rows
    rows = [caps("QWERTYUIOP"), caps("ASDFGHJKL"), [middle, *caps("ZXCVBNM"), delete_cap(2)]]
    rows.append([_NUMBER, other, _DOT, *_ARROWS, clear])
    return rows


class PinyinPad(Painted):
    """Emits `typed(text)` for what goes into the field, `deleted`, `cleared`, `moved(±1)`, and `composing(letters)` for letters that no
    character was chosen for yet: the field shows them at its caret."""

    typed = Signal(str)
    deleted = Signal()
    cleared = Signal()
    moved = Signal(int)
    composing = Signal(str)

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, "拼音键盘", parent)
        self._prefix = name
        self._composition = Composition()
        self._before: Callable[[], str | None] = lambda: None
        self._marks: Callable[[], str] = lambda: ""
        self._trays: dict[Sheet, KeyTray] = {}
        self._sheet: Sheet = "pinyin"
        self._warmed = False
        strip = CandidateRow.height_of(theme)
        self.usual = strip + tray_height(theme, 4, 112 if theme.large else 132)
        self.least = strip + tray_height(theme, 4, 112 if theme.large else 84)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.row = CandidateRow(theme, name, self)
        self.row.chosen.connect(self._choose)
        column.addWidget(self.row)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(self.usual)
        self.show_sheet("pinyin")

    @property
    def letters(self) -> str:
        return self._composition.letters

    def reset(self, before: Callable[[], str | None] = lambda: None, marks: Callable[[], str] = lambda: "") -> None:
        """Another field: letters that were not finished are gone, and the first sheet is back.

        `before` tells what stands in front of the caret where it is a person's name, else None; `marks`, which commas and stops can
        stand at the caret.
        """
        self._before, self._marks = before, marks
        self._compose(Composition())
        self.show_sheet("pinyin")

    def show_sheet(self, sheet: Sheet) -> None:
        """A sheet is built when it is first needed."""
        if sheet not in self._trays:
            self._trays[sheet] = self._build(sheet)
        for other, tray in self._trays.items():
            tray.setVisible(other == sheet)
        self._sheet = sheet
        self._offer()

    def _build(self, sheet: Sheet) -> KeyTray:
        columns = 8 if self.theme.large else 10
        rows = sheet_rows(sheet, self.theme.large)
        spoken = {"pinyin": "拼音字母", "signs": "数字和门牌用字", "letters": "英文字母"}[sheet]
        prefix = f"{self._prefix}.{sheet}"
        tray = KeyTray(self.theme, prefix, spoken, prefix, rows, columns, self.height() - self.row.height(), self)
        tray.pressed.connect(self._press)
        tray.setMinimumHeight(0)
        tray.setMaximumHeight(self.usual)
        tray.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        tray.resize(self.width(), self.height() - self.row.height())
        self._column.addWidget(tray, 1)
        return tray

    # -- keys ------------------------------------------------------------------------------------------------------------

    def _press(self, act: str) -> None:
        if act.startswith(_SHEET):
            self._finish()
            self.show_sheet(act.removeprefix(_SHEET))  # type: ignore[arg-type]
        elif act == DELETE:
            if self.letters:
                self._compose(input_method().erase(self._composition))
            else:
                self.deleted.emit()
                self._offer()
        elif act == CLEAR:
            if self.letters:
                self._compose(Composition())
            else:
                self.cleared.emit()
                self._offer()
        elif act in (LEFT, RIGHT):
            self._finish()
            self.moved.emit(1 if act == RIGHT else -1)
            self._offer()
        elif self._sheet == "pinyin" and (act == DIVIDE or "A" <= act <= "Z"):
            self._compose(input_method().press(self._composition, act))
        else:
            self._finish()
            self.typed.emit(act)

    def _choose(self, candidate: Candidate) -> None:
        if not self.letters:
            self.typed.emit(candidate.text)
            self._offer()
            return
        text, rest = input_method().choose(self._composition, candidate)
        self._compose(rest)
        self.typed.emit(text)
        self._offer()  # what comes behind the character just chosen

    def _finish(self) -> None:
        """A key that is no letter ends the letters before it: the likeliest characters for them, as keyboards do."""
        while self.letters:
            found = self._found()
            if not found:
                self._compose(Composition())
                return
            self._choose(found[0])

    def _compose(self, composition: Composition) -> None:
        before, self._composition = self._composition.letters, composition
        self._offer()
        if before != composition.letters:
            self.composing.emit(composition.letters)

    def _offer(self) -> None:
        name = self._sheet == "pinyin" and self._before() is not None
        marks = self._marks() if self._sheet == "pinyin" else ""
        found = self._found() if self.letters else tuple(Candidate(mark, 0) for mark in marks)
        self.row.show_candidates(self.letters, found, _IDLE_NAME if name else _IDLE[self._sheet])

    def _found(self) -> Sequence[Candidate]:
        return input_method().candidates(self.letters, before=self._before())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A keyboard's space takes the first candidate, where staff have plugged one in."""
        if self.letters and event.text() == SPACE:
            found = self._found()
            if found:
                self._choose(found[0])
        else:
            super().keyPressEvent(event)

    # -- life ------------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Once the keys are seen, their tables are read, beside the citizen's first thoughts."""
        super().paintEvent(event)
        if not self._warmed:
            self._warmed = True
            QTimer.singleShot(0, warm_input_method)

    def paint(self, p: object) -> None:
        return
