"""The simulated police platform: its usual ways to fail, and how much is in its books."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtWidgets import QGridLayout

from ui.bench.link import DeviceLink
from ui.bench.look import Look, Panel, button, label, row, show_checked

_TROUBLES: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("down", "平台不可用", {"id": "any.error_503", "count": None}),
    ("slow", "回答慢（4秒）", {"id": "any.delay", "count": None, "seconds": 4}),
    ("silent", "不回答", {"id": "any.silence", "count": None}),
    ("lost", "决定的回答丢失一次", {"id": "decide.drop_after", "count": 1}),
    ("no_list", "查违法失败一次", {"id": "open_records.error_500", "count": 1}),
    ("no_posting", "入账不可用", {"id": "post_payment.error_503", "count": None}),
)
"""Name, caption, the fault."""


class PolicePanel(Panel):
    def __init__(self, look: Look, link: DeviceLink) -> None:
        super().__init__(look, "police", "交警平台", "shield-check")
        self._link = link
        self._state = self.pill("state")
        self._counts = label("", "muted", name="bench.police.counts")
        grid = QGridLayout()
        grid.setSpacing(8)
        self._buttons = {}
        for index, (name, caption, fault) in enumerate(_TROUBLES):
            made = button(f"bench.police.{name}", caption, toggle=True)
            made.clicked.connect(self._toggler(caption, fault))
            grid.addWidget(made, index // 3, index % 3)
            self._buttons[str(fault["id"])] = made
        reset = button("bench.police.reset", "清空账册", "quiet", spoken="平台忘掉所有决定、缴款和异议，清除故障")
        reset.setToolTip("平台忘掉所有决定、缴款和异议，清除故障")
        reset.clicked.connect(lambda: link.do({"do": "reset"}, "账册已清空"))
        clear = button("bench.police.clear", "清除故障", "danger")
        clear.clicked.connect(lambda: link.do({"do": "clear"}, "故障已清除"))
        self._clear = clear
        self.body.addLayout(grid)
        self.body.addLayout(row(self._counts, 1, reset, clear))
        link.changed.connect(self._follow)

    def _toggler(self, caption: str, fault: Mapping[str, Any]) -> Callable[[bool], None]:
        def toggle(on: bool) -> None:
            command = {"do": "fault", **fault} if on else {"do": "clear", "id": fault["id"]}
            if self._link.do(command, f"{caption}{'' if on else '已解除'}") is None:
                self._follow()

        return toggle

    def _follow(self) -> None:
        state = self._link.state
        armed = self._link.armed
        for fault, made in self._buttons.items():
            show_checked(made, fault in armed)
        self._clear.setEnabled(bool(armed))
        self._state.say(f"{len(armed)} 个故障" if armed else "正常", "bad" if armed else "ok")
        counts = (("决定", "decisions"), ("缴款", "payments"), ("异议", "objections"))
        self._counts.setText("　".join(f"{caption} {state.get(key, 0)}" for caption, key in counts))
