"""C09: the penalty notice of one record, the waiver, and on the last notice the signature.

Before a decision the citizen is told facts, reasons, basis and penalty and may state and defend (行政处罚法 第44条、第45条); only an
express waiver leads on (第62条). So nothing is ticked beforehand, and 我要申辩 stands beside the confirmation and looks exactly like it:
of the same size, colour and type.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kiosk.screens.violation import Defend, PenaltyNotice, RefuseToSign, Rewrite, Signed, Waived
from ui.pages.base import Allowed, PageWidget
from ui.pages.paging import room_under_heading
from ui.pages.sides import move
from ui.theme import Theme
from ui.widgets.bars import Action
from ui.widgets.buttons import BigButton
from ui.widgets.notice_panel import NoticePanel
from ui.widgets.rows import CheckBoxRow
from ui.widgets.sign_head import ASK, SignFoot, SignHead
from ui.widgets.signature_pad import SignaturePad
from ui.widgets.text import Banner

Face = Literal["whole", "read", "sign", "full"]
"""What the page shows: notice and pad together; where large type leaves no room for both, first one, then the other; full text."""

PAD_H = 372
PAD_LEAST, PAD_MOST = 240, 560

ASK_PEN = "请在签名板上签名，也可写在框内"
NO_TICK = "请先阅读告知，再勾选这一项。"
NO_TICK_ABOVE = "请先勾选上面这一项。"
NO_TICK_LEFT = "请先勾选左边这一项。"
NO_INK = "请先在框内写上姓名。"
LITTLE_INK = "签名太短，请写全姓名。"
MUCH_INK = "写得太多，请清除重写。"
NOT_FILMED = "录音录像还没有开始，请稍等再签。"


def first_face(screen: PenaltyNotice, theme: Theme) -> Face:
    """Notice and pad together where there is room for both."""
    return "read" if screen.sign and theme.large else "whole"


class PenaltyNoticePage(PageWidget[PenaltyNotice]):
    show_actions = False  # three buttons of its own, where the frame has two
    patience = "read"

    def title(self) -> str:
        face = self._face
        if face == "full":
            return "处罚告知全文"
        if face == "sign":
            return "请手写签名"
        return "请阅读处罚告知并签名" if face == "whole" and self.data.sign else "请阅读处罚告知"

    def hint(self) -> str:
        return self.data.headline

    def voice(self) -> str:
        data = self.data
        which = f"第 {data.index + 1} 条，共 {data.count} 条。" if data.count > 1 else ""
        return f"请阅读处罚告知。{which}同意就勾选并{'签名' if data.sign else '继续'}，不同意请选我要申辩。"

    def news(self) -> str:
        return self.data.trouble

    def back_action(self) -> Action | None:
        return None

    # -- parts -----------------------------------------------------------------------------------------------------------

    def __init__(self, screen: PenaltyNotice, theme: Theme, allowed: Allowed) -> None:
        self._face: Face = first_face(screen, theme)
        self._before_full: Face = self._face
        super().__init__(screen, theme, allowed)

    def build(self) -> None:
        theme, screen = self.theme, self.data
        self._panel = NoticePanel(
            theme, "c09.panel", self._panel_title(), self._rows(), more="查看全文", more_name="c09.full"
        )
        self._panel.more_tapped.connect(lambda: self._turn("full"))
        sides = self.side_by_side((10, 9))
        sides.aside.addWidget(self._panel, 1)
        self._text = NoticePanel(theme, "c09.text", "", [("", part) for part in screen.full_text], fill=True)
        self._text.hide()
        sides.aside.addWidget(self._text, 1)
        self._missing = Banner(theme, "c09.missing", "bad", NO_TICK)
        self._missing.hide()
        sides.main.addWidget(self._missing)
        self._agree = CheckBoxRow(theme, "c09.agree", screen.waiver_text)
        self._agree.ticked.connect(self._ticked)
        sides.main.addWidget(self._agree)
        self._head = SignHead(theme)
        self._head.clear_button.tapped.connect(self._clear)
        self._pad = SignaturePad(theme, "c09.pad")
        self._pad.changed.connect(self._written)
        signing = QVBoxLayout()
        signing.setSpacing(0)  # the link's hit area is the gap
        signing.addWidget(self._head)
        signing.addWidget(self._pad)
        self._foot = SignFoot(theme)
        self._foot.refuse_button.tapped.connect(lambda: self.answer(RefuseToSign(self._agree.isChecked())))
        signing.addWidget(self._foot)
        sides.main.addLayout(signing, 1000)
        sides.main.addStretch(1)
        self._add_buttons()
        self._show_face()
        self._show_pen()
        self._show_filming()

    def _add_buttons(self) -> None:
        theme = self.theme
        row = QHBoxLayout()
        row.setSpacing(theme.px("gap"))
        self._back = BigButton(
            theme, "c09.back", "上一步", "secondary", "" if theme.large else "arrow-left", parent=self
        )
        self._defend = BigButton(theme, "c09.defend", "我要申辩", "primary", parent=self)
        self._confirm = BigButton(theme, "c09.confirm", "", "primary", parent=self)
        self._defend.even, self._confirm.even = self._confirm, self._defend
        self._close = BigButton(theme, "c09.full.close", "看完了，返回", "primary", parent=self)
        self._back.setFixedWidth(theme.pick(220, 196))
        for button, stretch in ((self._back, 0), (self._defend, 1), (self._confirm, 1), (self._close, 1)):
            row.addWidget(button, stretch)
        self._back.tapped.connect(self.on_back)
        self._defend.tapped.connect(lambda: self.answer(Defend()))
        self._confirm.tapped.connect(self.on_next)
        self._close.tapped.connect(lambda: self._turn(self._before_full))
        self.body.addLayout(row)

    def _panel_title(self) -> str:
        data = self.data
        return f"行政处罚告知（第 {data.index + 1} 条，共 {data.count} 条）" if data.count > 1 else "行政处罚告知"

    def _rows(self) -> list[tuple[str, str]]:
        return [(row.label, row.value) for row in self.data.rows]

    # -- faces -----------------------------------------------------------------------------------------------------------

    def _turn(self, face: Face) -> None:
        if face == "full":
            self._before_full = self._face
            self._text.turn_to(0)
        self._face = face
        self._show_face()
        if self.heading is not None:
            self.heading.set_texts(self.title(), self.hint())

    def _show_face(self) -> None:
        face, sign = self._face, self.data.sign
        self._missing.hide()
        self._head.complain("" if self._pad.by_finger else self.data.trouble)
        self._text.setVisible(face == "full")
        self._panel.setVisible(face in ("whole", "read"))
        self._agree.setVisible(face != "full")
        for widget in (self._head, self._pad, self._foot):
            widget.setVisible(self._pad_shown)
        self._arrange()
        self._close.setVisible(face == "full")
        self._defend.setVisible(face != "full")
        self._confirm.setVisible(face != "full")
        confirm = "确认处罚并去缴款" if self.data.owed_fen else "确认处罚"
        self._confirm.set_caption("去签名" if face == "read" else (confirm if sign else "看下一条告知"))
        self._show_back()

    def _arrange(self) -> None:
        """In landscape what is read or written has the right side to itself, and the box to tick stands left of it; where the notice
        is read and signed at once, it stands on the left."""
        sides, face = self.sides, self._face
        if sides is None:
            return
        sides.alone(face == "full")
        least, most = (PAD_LEAST, PAD_MOST) if sides.wide else (PAD_H, PAD_MOST if face == "sign" else PAD_H)
        self._pad.setMinimumHeight(self.theme.px(least))
        self._pad.setMaximumHeight(self.theme.px(most))
        reading = sides.wide and face in ("read", "whole") and not self._pad_shown
        self._put(sides.main if reading else sides.aside, (self._panel,))
        self._put(sides.aside if sides.wide and not self._at_once else sides.main, (self._missing, self._agree))
        self._fit()

    @property
    def _pad_shown(self) -> bool:
        return self.data.sign and self._face in ("whole", "sign")

    @property
    def _at_once(self) -> bool:
        return self._face == "whole" and self.data.sign

    def _put(self, column: QVBoxLayout, widgets: tuple[QWidget, ...]) -> None:
        """On the left below the heading, on the right on top."""
        sides = self.sides
        if sides is not None:
            first = 0 if column is sides.main else 2
            for i, widget in enumerate(widgets):
                move(widget, column, first + i, sides.aside, sides.main)

    def _fit(self) -> None:
        """The notice has what the signature leaves it; what it needs more is turned."""
        sides, theme, gap = self.sides, self.theme, self.body.spacing()
        if sides is None:
            return
        width, room = room_under_heading(self)
        room -= theme.px("button_h") + gap
        if sides.wide:
            if sides.aside.indexOf(self._panel) >= 0:
                width = sides.width_of_aside(self.width() - 2 * theme.px("margin"))
                if self.heading is not None:
                    room -= self.heading.heightForWidth(width) + theme.pick(18, 0) + gap
        else:
            below: list[QWidget] = [self._missing, self._agree]
            room -= sum(widget.heightForWidth(width) + gap for widget in below if not widget.isHidden())
            if self._pad_shown:
                room -= self._head.height() + self._pad.minimumHeight() + self._foot.height() + gap
        self._panel.fit(width, room)
        self.lay_out()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.data is not None:
            self._arrange()

    def _show_back(self) -> None:
        face = self._face
        self._back.setVisible(face == "sign" or (self.allowed.back and face != "full"))

    def set_allowed(self, allowed: Allowed) -> None:
        super().set_allowed(allowed)
        self._show_back()

    # -- what the citizen does -------------------------------------------------------------------------------------------

    def on_back(self) -> None:
        """Within the page first; then, where it is allowed, to the page before."""
        if self._face == "full":
            self._turn(self._before_full)
        elif self._face == "sign":
            self._turn("read")
        elif self.allowed.back:
            self.went_back.emit()

    def _ticked(self) -> None:
        self.answer(Waived(self._agree.isChecked()))
        self._agree.set_alarm(False)
        self._missing.hide()
        self._fit()
        self._head.complain("")

    def _written(self) -> None:
        self._pad.set_alarm(False)
        self._head.complain(MUCH_INK if self._pad.full else "")

    def _clear(self) -> None:
        self._pad.clear_ink()
        if self.data.pen is not None and self.data.pen.ready:
            self.answer(Rewrite())

    @property
    def _may_write(self) -> bool:
        return self.data.filming is None or self.data.filming.state == "on"

    def _show_filming(self) -> None:
        self._foot.show_filming(self.data.filming)
        self._pad.set_writable(self._may_write)

    def _show_pen(self) -> None:
        """The pad beside the screen, and what is written there. Who begins to write there is shown the sheet."""
        pen = self.data.pen
        self._head.ask(ASK_PEN if pen is not None and pen.ready else ASK)
        if self.data.trouble:
            self._head.complain(self.data.trouble)
        if pen is None:
            self._pad.show_pen((), 0, 0)
            return
        if pen.strokes and self._face == "read":
            self._turn("sign")
        if pen.strokes and not self._pad.strokes:
            self._head.complain("")
        self._pad.show_pen(pen.strokes, pen.width_mm, pen.height_mm)

    def on_next(self) -> None:
        if self._face == "full":
            return
        if not self._agree.isChecked():
            self._agree.set_alarm(True)
            if self._head.isVisible():
                left = self.sides is not None and self.sides.aside.indexOf(self._agree) >= 0
                self._head.complain(NO_TICK_LEFT if left else NO_TICK_ABOVE)
            else:
                self._missing.show()
                self._fit()
            return
        if not self.data.sign:
            self.answer(Signed(b"", ()))
        elif self._face == "read":
            self._turn("sign")
        elif not self._may_write:
            self._head.complain(NOT_FILMED)
        elif not self._pad.signed:
            self._pad.set_alarm(True)
            self._head.complain(NO_INK if self._pad.empty else LITTLE_INK)
        else:
            self.answer(Signed(self._pad.png(), self._pad.strokes))

    # -- data ------------------------------------------------------------------------------------------------------------

    def refresh(self, screen: PenaltyNotice, before: PenaltyNotice) -> None:
        if screen == before:
            return
        passing = {name: getattr(before, name) for name in ("pen", "trouble", "filming", "attempt")}
        if replace(screen, **passing) == before:
            if screen.attempt != before.attempt:
                self._pad.clear_ink()  # what was written does not count
            elif screen.filming != before.filming and self._head.note == NOT_FILMED:
                self._head.complain("")
            self._show_filming()
            if (screen.pen, screen.trouble) != (before.pen, before.trouble):
                self._show_pen()
            return
        self._panel.set_rows(self._panel_title(), self._rows())
        self._fit()
        self._text.set_rows("", [("", part) for part in screen.full_text])
        if (screen.index, screen.waiver_text, screen.rows) != (before.index, before.waiver_text, before.rows):
            self._agree.setChecked(False)  # what was agreed to is no longer what is shown
        self._turn(first_face(screen, self.theme))
        self._show_pen()

    def keep(self) -> object:
        return (self._agree.isChecked(), self._pad.by_finger, self._panel.page, self._face)

    def restore(self, kept: tuple[bool, Any, int, Face]) -> None:
        ticked, strokes, page, face = kept
        self._agree.setChecked(ticked)
        lowest = max((y for points in strokes for _, y, _ in points), default=0.0)
        if lowest < self.theme.px(PAD_H) or self._face == "read":  # the pad of the large version is higher
            self._pad.set_strokes(strokes)
        self._panel.turn_to(page)
        if face == "full":
            self._turn("full")
        elif self._face == "read" and (face == "sign" or strokes):
            self._turn("sign")

    def clear(self) -> None:
        self._pad.forget()
        super().clear()
