"""What the panels of simulated platforms have in common: a row of usual troubles, the books' counts, clearing both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from PySide6.QtWidgets import QGridLayout

from ui.bench.link import DeviceLink
from ui.bench.look import Look, Panel, button, label, row, show_checked

RESET_SPOKEN = "平台忘掉已经办过的一切，清除故障"


class Trouble(NamedTuple):
    name: str
    caption: str
    fault: Mapping[str, Any]


class PlatformPanel(Panel):
    """`counts`: caption and key of the state."""

    def __init__(
        self,
        look: Look,
        link: DeviceLink,
        name: str,
        title: str,
        icon: str,
        troubles: Sequence[Trouble],
        counts: Sequence[tuple[str, str]],
    ) -> None:
        super().__init__(look, name, title, icon)
        self._link = link
        self._shown_counts = counts
        self._state = self.pill("state")
        self._counts = label("", "muted", name=f"bench.{name}.counts")
        grid = QGridLayout()
        grid.setSpacing(8)
        self._buttons = {}
        for index, trouble in enumerate(troubles):
            made = button(f"bench.{name}.{trouble.name}", trouble.caption, toggle=True)
            made.clicked.connect(self._toggler(trouble))
            grid.addWidget(made, index // 3, index % 3)
            self._buttons[str(trouble.fault["id"])] = made
        reset = button(f"bench.{name}.reset", "清空账册", "quiet", spoken=RESET_SPOKEN)
        reset.setToolTip(RESET_SPOKEN)
        reset.clicked.connect(lambda: link.do({"do": "reset"}, "账册已清空"))
        self._clear = button(f"bench.{name}.clear", "清除故障", "danger")
        self._clear.clicked.connect(lambda: link.do({"do": "clear"}, "故障已清除"))
        self.foot = row(self._counts, 1, reset, self._clear)
        self.body.addLayout(grid)
        self.body.addLayout(self.foot)
        link.changed.connect(self._follow)

    def _toggler(self, trouble: Trouble) -> Callable[[bool], None]:
        def toggle(on: bool) -> None:
            command = {"do": "fault", **trouble.fault} if on else {"do": "clear", "id": trouble.fault["id"]}
            if self._link.do(command, f"{trouble.caption}{'' if on else '已解除'}") is None:
                self._follow()

        return toggle

    def _follow(self) -> None:
        armed = self._link.armed
        for fault, made in self._buttons.items():
            show_checked(made, fault in armed)
        self._clear.setEnabled(bool(armed))
        self._state.say(f"{len(armed)} 个故障" if armed else "正常", "bad" if armed else "ok")
        self._counts.setText(self._counts_text())

    def _counts_text(self) -> str:
        return "　".join(f"{caption} {self._link.state.get(key, 0)}" for caption, key in self._shown_counts)
