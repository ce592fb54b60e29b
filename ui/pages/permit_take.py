"""C17c: take the permit. Louder while it stays, and where it is once the machine has taken it in for safe keeping."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QTimer
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QVBoxLayout

from kiosk.screens.endorsement import TakePermit
from ui.pages.base import PageWidget
from ui.paint.shapes import fill_round
from ui.paint.text import TextShape, text_width
from ui.theme import Theme
from ui.widgets.bars import Action
from ui.widgets.permit_scene import PermitScene, PermitState
from ui.widgets.rows import NumberedLine
from ui.widgets.text import Banner, Tone, _Flowing

_TITLES = {
    "waiting": "请取走通行证",
    "alarm": "请马上取走通行证",
    "taken": "通行证已取走",
    "retained": "通行证已由机器保管",
}
_SCENE: dict[str, tuple[PermitState, str]] = {
    "waiting": ("out", ""),
    "alarm": ("out", ""),
    "taken": ("taken", "请收好通行证"),
    "retained": ("kept", ""),
}
NOTE_DOWN = "请记下上面的编号，或用手机拍下来"
FETCH = "带身份证到人工窗口领取"
ASK = "有疑问，点“人工帮助”找工作人员"


class CallPanel(_Flowing):
    """A sign, a sentence in the size of a heading and one below it: amber for a request, red and thicker for an alarm."""

    def __init__(self, theme: Theme, name: str, tone: Tone, icon: str, text: str, note: str) -> None:
        super().__init__(theme, name, "")
        self._tone, self._icon, self._text, self._note = tone, icon, text, note
        self._shapes: tuple[int, TextShape, TextShape] | None = None
        self.set_call(tone, icon, text, note)

    def set_call(self, tone: Tone, icon: str, text: str, note: str) -> None:
        self._tone, self._icon, self._text, self._note = tone, icon, text, note
        self._shapes = None
        self.setAccessibleName(f"{text}。{note}" if note else text)
        self.updateGeometry()
        self.update()

    def _left(self) -> int:
        return self.theme.pick(212, 196)

    def _shaped(self, width: int) -> tuple[TextShape, TextShape]:
        if self._shapes is None or self._shapes[0] != width:
            room = width - self._left() - self.theme.px(40)
            text, note = self.shape(self._text, "h2", room), self.shape(self._note, "body", room)
            self._shapes = (width, text, note)
        return self._shapes[1:]

    def heightForWidth(self, width: int) -> int:
        text, note = self._shaped(width)
        words = text.height + (note.height + self.theme.px(8) if self._note else 0)
        return max(self.theme.pick(190, 210), words + self.theme.px(56))

    def paint(self, p: QPainter) -> None:
        t, tone = self.theme, self._tone
        rect = QRectF(self.rect())
        edge = t.px("stroke.selected") * (2 if tone == "bad" else 1)
        fill_round(p, rect, t.px("radius.card"), t.color(f"{tone}_tint"), t.color(tone), edge)
        self.stamp(p, t.icon(self._icon, 112, f"{tone}_text"), t.px(40) + t.px(66), rect.center().y())
        text, note = self._shaped(self.width())
        words = text.height + (note.height + t.px(8) if self._note else 0)
        y = (rect.height() - words) / 2
        color = f"{tone}_text"
        self.write(p, text, self._text, QRectF(self._left(), y, text.width, text.height), "h2", color)
        if self._note:
            box = QRectF(self._left(), y + text.height + t.px(8), note.width, note.height)
            self.write(p, note, self._note, box, "body", color)


def in_fours(reference: str) -> str:
    """Long numbers in groups, as on a bank card: nobody copies sixteen characters in one go."""
    if len(reference) <= 10 or " " in reference or "-" in reference:
        return reference
    return " ".join(reference[i : i + 4] for i in range(0, len(reference), 4))


class ReferencePanel(_Flowing):
    """The number to fetch the permit by, as large as it goes: in one line if it can, else in two."""

    def __init__(self, theme: Theme, name: str, reference: str) -> None:
        super().__init__(theme, name, "")
        self._reference = ""
        self._shape: tuple[int, str, TextShape] | None = None
        self.set_reference(reference)

    def set_reference(self, reference: str) -> None:
        self._reference, self._shape = in_fours(reference), None
        self.setAccessibleName(f"领取编号 {self._reference}" if reference else "领取编号")
        self.reveal(bool(reference))
        self.updateGeometry()
        self.update()

    def _shaped(self, width: int) -> tuple[str, TextShape]:
        if self._shape is None or self._shape[0] != width:
            room = width - 2 * self.theme.px(24)
            roles = ("display", "h1", "h2")
            fits = (role for role in roles if text_width(self._reference, self.theme.font(role)) <= room)
            role = next(fits, "h1")
            self._shape = (width, role, self.shape(self._reference, role, room, balance=True))
        return self._shape[1:]

    def heightForWidth(self, width: int) -> int:
        return self.theme.line("body") + self._shaped(width)[1].height + self.theme.px(68)

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        fill_round(p, rect, t.px("radius.card"), t.color("surface"), t.color("outline"), t.px("stroke.outline"))
        label = QRectF(t.px(32), t.px(28), rect.width() - t.px(64), t.line("body"))
        self.line_text(p, label, "领取编号", ("body", "label"), "muted", "center")
        role, shape = self._shaped(self.width())
        number = QRectF(t.px(24), label.bottom() + t.px(4), shape.width, shape.height)
        self.write(p, shape, self._reference, number, role, "amount", "center")


class TakePermitPage(PageWidget[TakePermit]):
    """Nothing to answer; the hand that takes the card is the answer. Seconds run down by themselves between two updates."""

    def title(self) -> str:
        return _TITLES[self.data.state]

    def hint(self) -> str:
        if self.data.state == "retained":
            return "没有人取卡，机器已把它收好。"
        return "请收好，不要遗忘。" if self.data.state == "taken" else self.data.position

    def help_lines(self) -> tuple[str, ...]:
        return (
            f"{self.data.position}。",
            "卡露在外面，捏住往外拉。",
            "拉不动、找不到，请呼叫工作人员，不要离开。",
        )

    def voice(self) -> str:
        if self.data.state == "retained":
            return f"通行证已由机器保管。{self.data.note or FETCH}"
        return super().voice()

    def back_action(self) -> Action | None:
        return None

    def build(self) -> None:
        theme, screen = self.theme, self.data
        self.body.setSpacing(theme.pick(24, 16))
        self._left = screen.seconds
        self._call = CallPanel(theme, "c17c.call", "warn", "bell", "", "")
        self.body.addWidget(self._call)
        self._reference = ReferencePanel(theme, "c17c.reference", screen.reference)
        self.body.addWidget(self._reference)
        state, words = _SCENE[screen.state]
        self._scene = PermitScene(theme, "c17c.scene", state, screen.arrow, words=words)
        self.body.addWidget(self._scene, 20)
        self._steps: list[NumberedLine] = []
        self._list = QVBoxLayout()
        self.body.addLayout(self._list)
        self._note = Banner(theme, "c17c.note", "info", screen.note)
        self.body.addWidget(self._note)
        self.body.addStretch(1)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._second)
        self._timer.start(1000)
        self._show_state()

    def _second(self) -> None:
        if self.data.state in ("waiting", "alarm") and self._left > 0:
            self._left -= 1
            self._say_call()

    def _say_call(self) -> None:
        state, left = self.data.state, self._left
        if state == "waiting":
            text = f"请在 {left} 秒内取走" if left else "请现在就取走"
            self._call.set_call("warn", "id-card", text, "卡露在插卡口外面，捏住往外拉。")
        elif state == "alarm":
            note = f"再过 {left} 秒，机器会把它收起来保管。" if left else "机器正要把它收起来保管。"
            self._call.set_call("bad", "bell", "通行证还在插卡口", note)
        elif state == "taken":
            self._call.set_call("ok", "check-circle", "通行证已取走", "请收好，不要遗忘。")
        else:
            self._call.set_call("warn", "shield-lock", "证件是安全的", "锁在机器里，只有工作人员能取出。")

    def _show_state(self) -> None:
        screen = self.data
        kept = screen.state == "retained"
        self._say_call()
        self._reference.set_reference(screen.reference if kept else "")
        self._scene.reveal(not kept)
        self._show_steps((NOTE_DOWN, (screen.note or FETCH).rstrip("。"), ASK) if kept else ())
        self._note.set_message("info", screen.note)
        self._note.reveal(bool(screen.note) and not kept)

    def _show_steps(self, lines: tuple[str, ...]) -> None:
        """What to do now that the permit is in the bin."""
        for old in self._steps:
            old.hide()
            old.setParent(None)
            old.deleteLater()
        self._steps = [NumberedLine(self.theme, f"c17c.line.{i}", i, line) for i, line in enumerate(lines, 1)]
        for step in self._steps:
            self._list.addWidget(step)
            if self.isVisible():
                step.show()

    def refresh(self, screen: TakePermit, before: TakePermit) -> None:
        if screen.seconds != before.seconds or screen.state != before.state:
            self._left = screen.seconds
            self._timer.start(1000)
        state, words = _SCENE[screen.state]
        self._scene.set_state(state, screen.arrow, words)
        self._show_state()

    def keep(self) -> object:
        return self._left

    def restore(self, kept: int) -> None:
        self._left = kept
        self._show_state()

    def clear(self) -> None:
        self._timer.stop()
        self._reference.set_reference("")
        super().clear()
