"""What pages have in common on which something is held before the scanner window."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from PySide6.QtWidgets import QVBoxLayout

from kiosk.screens.fine import ScanDecision
from kiosk.screens.form import BringForm
from ui.pages.base import PageWidget
from ui.widgets.hold_up import HoldUpScene
from ui.widgets.text import Banner

S = TypeVar("S", ScanDecision, BringForm)


class HoldUpPage(PageWidget[S]):
    """A sentence, the picture, and whatever `below` puts under it. What was wrong with the last code takes the sentence's place."""

    prefix: ClassVar[str]
    """Of the object names."""
    how: ClassVar[str]
    scene: ClassVar[type[HoldUpScene]]

    def hint(self) -> str:
        return f"{self.data.position}。离一掌远，停住不动。"

    def voice(self) -> str:
        trouble = self.data.trouble.rstrip("。")
        return f"{trouble}。" if trouble else super().voice()

    def build(self) -> None:
        self._banner = Banner(self.theme, f"{self.prefix}.banner", "info", self.how)
        sides = self.side_by_side()
        sides.aside.addWidget(self._banner)
        self._scene = self.scene(self.theme, f"{self.prefix}.scene", self.data.arrow)
        sides.main.addWidget(self._scene, 9)
        self.below(sides.foot)
        sides.main.addStretch(1)
        self._show()

    def below(self, column: QVBoxLayout) -> None:
        """Nothing, unless a page has more to say."""

    def _show(self) -> None:
        trouble = self.data.trouble
        self._banner.set_message("warn" if trouble else "info", trouble or self.how)
        self._scene.set_arrow(self.data.arrow)

    def refresh(self, screen: S, before: S) -> None:
        self._show()
