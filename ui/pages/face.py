"""C05: look into the camera. A round mirror, one hint at a time, and a way that needs no camera."""

from __future__ import annotations

import time

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout

from kiosk.ports.devices import FaceHint
from kiosk.screens.common import FaceCheck
from ui.pages.base import PageWidget
from ui.paint.shapes import draw_disc, draw_tick, fill_round
from ui.paint.text import text_width
from ui.theme import Theme
from ui.widgets.bars import Action
from ui.widgets.base import Painted
from ui.widgets.cards import Panel
from ui.widgets.rings import FaceRing
from ui.widgets.text import Banner

HINTS: dict[FaceHint, tuple[str, str]] = {
    FaceHint.NO_FACE: ("请站到摄像头前", "user"),
    FaceHint.SEVERAL_FACES: ("只能一个人", "users"),
    FaceHint.TOO_FAR: ("再靠近一点", "move-closer"),
    FaceHint.TOO_CLOSE: ("往后一点", "move-away"),
    FaceHint.OFF_CENTRE: ("请站到中间", "move-away"),
    FaceHint.POSE: ("请看镜头", "eye"),
    FaceHint.EYES: ("请睁开双眼", "eye"),
    FaceHint.TOO_DARK: ("光线太暗", "sun"),
    FaceHint.TOO_BRIGHT: ("光线太亮", "sun"),
    FaceHint.UNEVEN_LIGHT: ("光线不均匀", "sun"),
    FaceHint.BLURRED: ("请不要动", "hand-stop"),
    FaceHint.HOLD_STILL: ("请不要动", "hand-stop"),
    FaceHint.BLINK: ("请眨眨眼", "eye"),
    FaceHint.OK: ("很好，请稍等", "check"),
}
_PHASE_WORDS = {"matching": ("正在核验", "clock"), "ok": ("核验通过", "check")}
_LIGHT = (FaceHint.TOO_DARK, FaceHint.TOO_BRIGHT, FaceHint.UNEVEN_LIGHT)


class HintPill(Painted):
    """One hint at a time, each held for at least 1.2 s, so that words do not flicker."""

    floats = True

    def __init__(self, theme: Theme, name: str, words: tuple[str, str]) -> None:
        super().__init__(theme, name, words[0])
        self._words = words
        self._since = time.monotonic()
        self.setFixedHeight(theme.pick(92, 108))
        self._fit()

    def show_words(self, words: tuple[str, str], *, at_once: bool = False) -> bool:
        """Returns whether the words are shown now; if not, offer them again with the next frame."""
        if words == self._words:
            return True
        now = time.monotonic()
        if not at_once and (now - self._since) * 1000 < self.theme.ms("hint_hold_ms"):
            return False
        self._words, self._since = words, now
        self.setAccessibleName(words[0])
        self._fit()
        self.update()
        return True

    def _fit(self) -> None:
        width = text_width(self._words[0], self.theme.font("h2")) + self.theme.px(190)
        self.setFixedWidth(max(self.theme.px(500), round(width)))

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        fill_round(p, rect, rect.height() / 2, t.color("primary"))
        words, icon = self._words
        width = text_width(words, t.font("h2"))
        x = (rect.width() - width - t.px(72)) / 2
        self.stamp(p, t.icon(icon, 48, "on_primary"), x + t.px(24), rect.center().y())
        self.line_text(p, QRectF(x + t.px(72), 0, width + 2, rect.height()), words, "h2", "on_primary")


class FaceChecks(Painted):
    """Three short conditions, each with a sign: a filled tick when met, an empty ring when not."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__(theme, name, "")
        self._states: tuple[tuple[str, bool], ...] = ()
        self.setFixedHeight(theme.pick(64, 72))

    def set_states(self, states: tuple[tuple[str, bool], ...]) -> None:
        if states == self._states:
            return
        self._states = states
        self.setAccessibleName("，".join(f"{words}{'，好了' if met else ''}" for words, met in states))
        self.update()

    def paint(self, p: QPainter) -> None:
        t = self.theme
        cell = self.width() / max(1, len(self._states))
        radius = t.px(18)
        for i, (words, met) in enumerate(self._states):
            width = text_width(words, t.font("label", bold=True))
            x = i * cell + (cell - width - 2 * radius - t.px(16)) / 2
            sign = QRectF(x, self.height() / 2 - radius, 2 * radius, 2 * radius)
            if met:
                draw_disc(p, sign.center(), radius, t.color("ok"))
                draw_tick(p, sign, t.color("on_ok"), t.px(4))
            else:
                draw_disc(p, sign.center(), radius, None, t.color("outline"), t.px("stroke.outline"))
            box = QRectF(sign.right() + t.px(16), 0, width + 2, self.height())
            self.line_text(p, box, words, "label", "ok_text" if met else "muted", bold=True)


class FacePage(PageWidget[FaceCheck]):
    def title(self) -> str:
        return "请正对摄像头"

    def hint(self) -> str:
        return "摄像头在屏幕上方。摘下口罩和帽子，露出全脸。"

    def help_lines(self) -> tuple[str, ...]:
        return (
            "摘下口罩、帽子和墨镜，正对屏幕上方的摄像头。",
            "背后有强光时，请站近一些。",
            "识别不了，可点“改用人工核验”。",
        )

    def next_action(self) -> Action | None:
        if self.data.phase in ("matching", "ok"):
            return None
        return Action("识别不了？改用人工核验", "secondary", "user-check")

    def build(self) -> None:
        theme, screen = self.theme, self.data
        self._panel = Panel(theme, "c05.panel", "摄像头画面", padding=40)
        self._ring = FaceRing(theme)
        self._panel.column.addWidget(self._ring, 1, Qt.AlignmentFlag.AlignHCenter)
        self._panel.column.addSpacing(theme.px(28))
        self._panel.setMaximumHeight(theme.px(860))
        self.body.addWidget(self._panel, 1)
        # the pill overlaps the lower edge of the panel, as a seal does
        self._pill = HintPill(theme, "c05.hint", self._words(screen))
        self._pill.setParent(self)
        overlap = QVBoxLayout()
        overlap.addSpacing(theme.px(40))
        self.body.addLayout(overlap)
        self._checks = FaceChecks(theme, "c05.checks")
        self.body.addWidget(self._checks)
        self.body.addWidget(Banner(theme, "c05.privacy", "ok", "图像只用于本次核验，不保存。", "shield-lock"))
        self.body.addStretch(0)
        self._show(screen, at_once=True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.body.activate()
        self._place_pill()

    def _place_pill(self) -> None:
        panel = self._panel.geometry()
        pill = self._pill
        pill.move(panel.center().x() - pill.width() // 2, panel.bottom() - pill.height() * 3 // 5)
        pill.raise_()

    def news(self) -> str:
        """The hint that is shown now; the place before the camera is found by ear as well."""
        return self._pill.accessibleName()

    def _words(self, screen: FaceCheck) -> tuple[str, str]:
        return _PHASE_WORDS.get(screen.phase) or HINTS[screen.hint]

    def _show(self, screen: FaceCheck, *, at_once: bool = False) -> None:
        self._ring.set_state(screen.frame, screen.progress, ok=screen.phase == "ok")
        if self._pill.show_words(self._words(screen), at_once=at_once or screen.phase in _PHASE_WORDS):
            self._place_pill()
        seen = screen.hint is not FaceHint.NO_FACE
        passed = screen.phase in ("matching", "ok")
        self._checks.set_states(
            (
                ("光线合适", passed or (seen and screen.hint not in _LIGHT)),
                ("只有一张脸", passed or (seen and screen.hint is not FaceHint.SEVERAL_FACES)),
                ("眨眼确认", passed),
            )
        )

    def refresh(self, screen: FaceCheck, before: FaceCheck) -> None:
        self._show(screen)

    def on_next(self) -> None:
        self.answer("staff")

    def clear(self) -> None:
        self._ring.clear()
        super().clear()
