"""C17a: the unit writes and prints the permit. Real phases, seconds, and why nobody may leave now."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer

from kiosk.screens.endorsement import MakingPermit
from ui.pages.base import PageWidget
from ui.widgets.bars import Action
from ui.widgets.phase_ring import PhaseRing
from ui.widgets.progress_steps import ProgressSteps
from ui.widgets.text import Banner, TextBlock

SLOW = "比平时慢一些，仍在制证，请再等一会儿。"
AFTER = "做好以后，请核对内容，再取走通行证。"


class MakingPermitPage(PageWidget[MakingPermit]):
    """No buttons. Seconds run on by themselves between two updates of the journey, and never backwards."""

    def title(self) -> str:
        return "正在制作签注"

    def hint(self) -> str:
        return f"大约 {self.data.expected} 秒，请在机器前等候。"

    def help_lines(self) -> tuple[str, ...]:
        return (
            f"写卡、打印、检查大约要 {self.data.expected} 秒。",
            "钱已经收到，不用再付。请不要离开。",
            "证件出来后，请先核对，再取走。",
        )

    def back_action(self) -> Action | None:
        return None

    def build(self) -> None:
        theme, screen = self.theme, self.data
        self._elapsed = screen.elapsed
        self.body.addStretch(1)
        self._ring = PhaseRing(theme, "c17a.ring", 400 if not theme.large else 380)
        self.body.addWidget(self._ring, 8, Qt.AlignmentFlag.AlignHCenter)
        self.body.addStretch(1)
        self._steps = ProgressSteps(theme, "c17a.phases", screen.phases)
        self.body.addWidget(self._steps)
        self._note = Banner(theme, "c17a.note", "warn", screen.note, "lock")
        self._note.reveal(bool(screen.note))
        self.body.addWidget(self._note)
        self._after = TextBlock(theme, "c17a.after", AFTER, "body", "muted", "center")
        self.body.addWidget(self._after)
        self.body.addStretch(1)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._second)
        self._timer.start(1000)
        self._show()

    def _second(self) -> None:
        self._elapsed += 1
        self._show()

    def _show(self) -> None:
        self._ring.set_state(self.data.phases, self._elapsed, f"一般 {self.data.expected} 秒")
        self._after.set_text(SLOW if self._elapsed > self.data.expected else AFTER)

    def refresh(self, screen: MakingPermit, before: MakingPermit) -> None:
        if screen.elapsed != before.elapsed:
            self._elapsed = max(self._elapsed, screen.elapsed)
            self._timer.start(1000)
        if screen.phases != before.phases:
            self._steps.set_phases(screen.phases)
        if screen.note != before.note:
            self._note.set_message("warn", screen.note)
            self._note.reveal(bool(screen.note))
        self._show()

    def keep(self) -> object:
        return self._elapsed

    def restore(self, kept: int) -> None:
        self._elapsed = max(kept, self._elapsed)
        self._show()

    def clear(self) -> None:
        self._timer.stop()
        super().clear()
