"""The number of a penalty decision, typed on keys of our own; where there is a scanner, the bar code is offered first."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent

from kiosk.screens.fine import SCAN, EnterDecisionNumber
from ui.pages.typed_number import TypedNumberPage
from ui.widgets.bars import Action
from ui.widgets.buttons import BigButton
from ui.widgets.decision_field import LEAST, PLACES, DecisionField, DecisionPicture
from ui.widgets.keypads.alnum_pad import CLEAR, DELETE
from ui.widgets.keypads.number_pad import NumberPad
from ui.widgets.layouts import forget_sizes
from ui.widgets.text import Banner

NOTE = "最后 1 位是校验码，可以不输。中间的空格和横线不用输。"
NOTHING = "还没有输入编号，请照着决定书输入。"


class DecisionNumberPage(TypedNumberPage[EnterDecisionNumber]):
    """Next can be pressed at all times; whether it is a number, the journey says."""

    places, note = PLACES, NOTE

    def title(self) -> str:
        return "请输入处罚决定书编号"

    def hint(self) -> str:
        if self.crowded and self.data.can_scan:
            return ""
        return "补打这份决定书的缴款凭证。" if self.data.purpose == "copy" else "不用身份证，替别人缴也可以。"

    def voice(self) -> str:
        way = "也可以扫决定书上的条码。" if self.data.can_scan else ""
        return f"请输入处罚决定书编号，一共 15 位，带校验码的是 16 位。{way}"

    def help_lines(self) -> tuple[str, ...]:
        return (
            "编号在决定书的标题下面，条码旁边。",
            "校验码是字母的，只输前 15 位。",
            "找不到决定书，可以在“交管12123”里查编号，或到人工窗口。",
        )

    def next_action(self) -> Action:
        caption = "下一步" if self.theme.large else "下一步：核对"
        return Action(caption, "primary", "arrow-right", icon_after=True, waiting=len(self._typed) < LEAST)

    def build(self) -> None:
        theme = self.theme
        self.body.setSpacing(theme.pick(24, 16))
        sides = self.side_by_side((1, 1), "aside")
        aside = sides.aside
        self._field = DecisionField(theme, "decision.field")
        aside.addWidget(self._field)
        self._note = Banner(theme, "decision.note", "info", NOTE)
        aside.addWidget(self._note)
        self._scan: BigButton | None = None
        if self.data.can_scan:
            self._scan = BigButton(theme, "decision.scan", "扫决定书上的条码", "secondary", "qr-scan", parent=self)
            self._scan.tapped.connect(lambda: self.answer(SCAN))
            aside.addWidget(self._scan)
        self._picture = DecisionPicture(theme, "decision.picture")
        aside.addWidget(self._picture, 1)
        aside.addStretch(1)  # the keys stay where they are, whatever comes and goes above them
        self._pad = NumberPad(theme, "decision.pad")
        self._pad.typed.connect(self._press)
        self._pad.deleted.connect(lambda: self._press(DELETE))
        self._pad.cleared.connect(lambda: self._press(CLEAR))
        sides.main.addWidget(self._pad)
        sides.main.addStretch(0)
        self.begin()

    def show_typed(self, typed: str, alarm: bool) -> None:
        self._field.show_digits(typed, alarm)

    def _say(self, trouble: str) -> None:
        super()._say(trouble)
        self._fit()

    def _fit(self) -> None:
        """The picture goes first where the panel is small or a sentence takes two lines."""
        if self.sides is not None and self.heading is not None:
            self.sides.tighten(self.theme.px(8) if self.crowded else self.body.spacing())
            self.heading.set_texts(self.title(), self.hint())
        self._picture.show()
        forget_sizes(self.body)
        if self.body.totalMinimumHeightForWidth(self.width()) > self.height() > 0:
            self._picture.hide()
        self.lay_out()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def on_next(self) -> None:
        if self._typed:
            self.answer(self._typed)
        else:
            self._say(NOTHING)
