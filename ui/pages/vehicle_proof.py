"""The last six characters of the VIN or of the engine number: that the citizen has the vehicle's licence at hand."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QSpacerItem

from kiosk.domain.vin import PROOF_LENGTH, SHORTEST_ENGINE_PROOF
from kiosk.screens.violation import EnterVehicleProof
from ui.pages.base import PageWidget
from ui.pages.sides import move
from ui.paint.shapes import fill_round
from ui.paint.text import text_width
from ui.theme import Theme
from ui.widgets.bars import Action
from ui.widgets.base import Painted
from ui.widgets.keypads.alnum_pad import CLEAR, DELETE, AlnumPad, CharField, fit_tray
from ui.widgets.text import Banner


class LicencePicture(Painted):
    """Where the two numbers stand in the vehicle licence (行驶证): the same two rows, their last six characters framed."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__(theme, name, "行驶证上，车辆识别代号和发动机号码各占一行，取后 6 位")
        self.setMinimumHeight(theme.pick(250, 196))
        self.setMaximumHeight(theme.px(400))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        fill_round(p, rect, t.px("radius.card"), t.color("surface"), t.color("outline"), t.px("stroke.divider"))
        row = t.pick(62, 80)
        pad = t.px(32)
        spare = rect.height() - 2 * row - t.pick(24, 20)
        head = 0.0
        if spare > t.px(60):
            head = min(spare, t.px(160))
            self._rest(p, QRectF(pad, t.px(20), rect.width() - 2 * pad, head - t.px(24)))
        top = head + (rect.height() - head - 2 * row) / 2
        for i, (label, lead) in enumerate((("车辆识别代号", 11), ("发动机号码", 3))):
            self._number(p, QRectF(pad, top + i * row, rect.width() - 2 * pad, row), label, lead)

    def _rest(self, p: QPainter, box: QRectF) -> None:
        """The page's name; the other fields need not be read, so they are not written."""
        t = self.theme
        bar = t.px(12)
        line = t.line("small")
        self.line_text(
            p, QRectF(box.x(), box.y(), box.width(), line), "机动车行驶证", "small", "muted", "center", bold=True
        )
        y = box.y() + line + t.px(14)
        while y + bar < box.bottom():
            for x, part in ((0.0, 0.3), (0.36, 0.2), (0.62, 0.34)):
                fill_round(p, QRectF(box.x() + box.width() * x, y, box.width() * part, bar), bar / 2, t.color("track"))
            y += t.px(30)

    def _number(self, p: QPainter, box: QRectF, label: str, lead: int) -> None:
        t = self.theme
        self.line_text(p, box, label, ("label", "small"), "text")
        x = box.x() + text_width("车辆识别代号", t.font("label")) + t.px(28)
        frame_w = text_width("后 6 位", t.font("label", bold=True)) + t.px(56)
        dots_w = box.right() - x - frame_w - t.px(16)
        size = t.px(12)
        pitch = min(t.px(26), dots_w / 11)
        for i in range(lead):
            dot = QRectF(x + dots_w - (i + 1) * pitch, box.center().y() - size / 2, size, size)
            fill_round(p, dot, size / 2, t.color("outline"))
        frame = QRectF(box.right() - frame_w, box.y() + t.px(5), frame_w, box.height() - t.px(10))
        fill_round(p, frame, t.px("radius.chip"), t.color("warn_tint"), t.color("warn"), t.px("stroke.selected"))
        self.line_text(p, frame, "后 6 位", "label", "warn_text", "center", bold=True)


class VehicleProofPage(PageWidget[EnterVehicleProof]):
    """Six boxes. A shorter engine number is taken, but only after saying so: a slip would cost the citizen the visit."""

    _wrong = False

    def title(self) -> str:
        return "请输入车架号后 6 位"

    def hint(self) -> str:
        """In large text in landscape what is wrong takes its place."""
        return "" if self.crowded and self._wrong else f"{self.data.plate}，也可以输入发动机号后 6 位。"

    def voice(self) -> str:
        return "请输入行驶证上车架号或者发动机号的后 6 位。"

    def next_action(self) -> Action | None:
        waiting = len(self._typed) < PROOF_LENGTH
        return Action("核对车辆", "primary", "arrow-right", icon_after=True, waiting=waiting)

    def build(self) -> None:
        theme = self.theme
        self._typed = ""
        self._short_ok = ""
        sides, self._column = self.over_keys()
        column = sides.main
        self._field = CharField(theme, "proof.field", "proof.box", "车架号或发动机号后 6 位", PROOF_LENGTH)
        self._field.picked.connect(self._cut)
        column.addWidget(self._field)
        self._trouble = Banner(theme, "proof.trouble", "bad", "")
        column.addWidget(self._trouble)
        self._picture = LicencePicture(theme, "proof.picture")
        column.addWidget(self._picture, 1)
        column.addStretch(0)
        self._below = QSpacerItem(0, theme.pick(24, 12))
        column.addItem(self._below)
        self._pad = AlnumPad(theme, "proof.pad", "proof.key")
        self._pad.pressed.connect(self._press)
        self.body.addWidget(self._pad)
        self._show()
        self._say(self.data.trouble)

    def _press(self, act: str) -> None:
        if act == DELETE:
            self._set(self._typed[:-1])
        elif act == CLEAR:
            self._set("")
        elif len(self._typed) < PROOF_LENGTH:
            self._set(self._typed + act)

    def _cut(self, place: int) -> None:
        """A tapped box is typed again, and what follows it."""
        if place < len(self._typed):
            self._set(self._typed[:place])

    def _set(self, typed: str) -> None:
        self._typed = typed
        self._short_ok = ""
        self._say("")
        self._show()
        self.chrome_changed.emit()

    def _show(self, alarm: bool = False) -> None:
        chars = [*self._typed, *([""] * (PROOF_LENGTH - len(self._typed)))]
        alarms = tuple(range(len(self._typed), PROOF_LENGTH)) or tuple(range(PROOF_LENGTH)) if alarm else ()
        self._field.show_text(chars, len(self._typed), alarms)

    def _say(self, trouble: str) -> None:
        if trouble:
            self._trouble.set_message("bad", trouble)
            self._show(alarm=True)
        self._wrong = bool(trouble)
        self._trouble.reveal(bool(trouble))
        self._fit()

    def _fit(self) -> None:
        """On a small panel the picture goes first, then the keys get lower."""
        sides, wide = self.sides, self.wide
        if sides is not None:
            move(self._trouble, sides.foot if wide else sides.main, 0 if wide else 1, sides.main, sides.foot)
        self._pad.set_wide(wide)
        self._below.changeSize(0, 0 if wide else self.theme.pick(24, 12))
        self._picture.setMinimumHeight(self.theme.pick(148 if wide else 250, 196))
        self.squeeze_over_keys()
        self._picture.show()
        if not fit_tray(self, self.body, self._column, self._pad, self._pad.usual, self._pad.least):
            self._picture.hide()
            fit_tray(self, self.body, self._column, self._pad, self._pad.usual, self._pad.least)
        self.lay_out()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def on_next(self) -> None:
        typed = self._typed
        lacking = PROOF_LENGTH - len(typed)
        if len(typed) < SHORTEST_ENGINE_PROOF:
            self._say(f"还缺 {lacking} 位，字母和数字都可以。")
        elif lacking and self._short_ok != typed:
            self._say(f"还缺 {lacking} 位。发动机号只有这么长的，请再点一次“核对车辆”。")
            self._short_ok = typed
        else:
            self.answer(typed)

    def refresh(self, screen: EnterVehicleProof, before: EnterVehicleProof) -> None:
        self._say(screen.trouble)

    def keep(self) -> object:
        return self._typed

    def restore(self, kept: str) -> None:
        self._typed = kept
        self._show()
        self.chrome_changed.emit()

    def clear(self) -> None:
        self._typed = self._short_ok = ""
        self._show()
        super().clear()
