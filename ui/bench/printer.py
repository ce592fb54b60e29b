"""The receipt printer: its paper as it comes out, its roll, its lid."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout

from ui.bench.link import DeviceLink
from ui.bench.look import Look, Panel, button, label, show_checked
from ui.bench.paper import PaperDialog, PaperStrip, Piece

_PAPER_WIDTH = 300
_MUTE = "PRN.MUTE_STATUS"
_PAPER: Mapping[str, tuple[str, Any]] = {"full": ("有纸", "ok"), "low": ("纸快用完", "warn"), "out": ("缺纸", "bad")}


class PrinterPanel(Panel):
    said = Signal(str)
    failed = Signal(str)

    def __init__(self, look: Look, link: DeviceLink) -> None:
        super().__init__(look, "printer", "凭条打印机", "printer")
        self._link = link
        self._seen = 0
        self._paper = self.pill("paper")
        self._cover = self.pill("cover")
        self._online = self.pill("online")
        self.strip = PaperStrip("bench.printer.papers", _PAPER_WIDTH, look.theme.color("preview"))
        self.strip.setFixedHeight(360)
        self.strip.setMinimumWidth(_PAPER_WIDTH + 40)
        self.strip.opened.connect(self._open)
        self._hanging = label("", "muted", name="bench.printer.hanging", wrap=True)

        grid = QGridLayout()
        grid.setSpacing(8)
        self._cover_button = self._act("cover", "打开上盖", self._on_cover, toggle=True)
        self._mute = self._act("mute", "状态不应答", self._on_mute, toggle=True)
        self._take = self._act("take", "取走凭条", lambda: link.do({"do": "take"}, "凭条已取走"))
        buttons = (
            (self._act("refill", "装纸", lambda: link.do({"do": "refill"}, "已装纸")), 0, 0),
            (self._act("out", "缺纸", lambda: link.do({"do": "paper", "state": "out"}, "没有纸了")), 0, 1),
            (self._act("low", "纸快用完", lambda: link.do({"do": "paper", "state": "low"}, "纸快用完")), 1, 0),
            (
                self._act(
                    "out_after", "再打5行没纸", lambda: link.do({"do": "paper_out_after", "lines": 5}, "再打5行就没纸")
                ),
                1,
                1,
            ),
            (self._cover_button, 2, 0),
            (self._mute, 2, 1),
            (self._act("tear", "撕下露出的纸", lambda: link.do({"do": "tear"}, "纸已撕下")), 3, 0),
            (self._take, 3, 1),
        )
        for made, line, column in buttons:
            grid.addWidget(made, line, column)
        side = QVBoxLayout()
        side.setSpacing(10)
        side.addLayout(grid)
        side.addWidget(self._hanging)
        side.addStretch(1)
        side.addWidget(label("点按凭条可以放大、保存。", "muted", wrap=True))
        columns = QHBoxLayout()
        columns.setSpacing(16)
        columns.addLayout(side, 2)
        columns.addWidget(self.strip, 3)
        self.body.addLayout(columns)
        link.changed.connect(self._follow)

    def _act(self, name: str, caption: str, act: Callable[..., Any], *, toggle: bool = False) -> QPushButton:
        made = button(f"bench.printer.{name}", caption, toggle=toggle)
        made.clicked.connect((lambda on: act(on)) if toggle else (lambda: act()))
        return made

    def _on_cover(self, opened: bool) -> None:
        if self._link.do({"do": "cover", "open": opened}, "上盖已打开" if opened else "上盖已合上") is None:
            self._follow()

    def _on_mute(self, on: bool) -> None:
        command = {"do": "fault", "id": _MUTE, "count": None} if on else {"do": "clear", "id": _MUTE}
        if self._link.do(command, "状态查询不再应答" if on else "恢复应答状态查询") is None:
            self._follow()

    def _follow(self) -> None:
        state = self._link.state
        paper = str(state.get("paper", ""))
        self._paper.say(*_PAPER.get(paper, (paper, "plain")))
        opened = state.get("cover") == "open"
        self._cover.say("上盖打开" if opened else "上盖合上", "bad" if opened else "ok")
        show_checked(self._cover_button, opened)
        self._cover_button.setText("合上上盖" if opened else "打开上盖")
        self._cover_button.setAccessibleName(self._cover_button.text())
        show_checked(self._mute, _MUTE in self._link.armed)
        self._online.say(*_condition(state))
        waiting = int(state.get("waiting_bytes", 0))
        parts = [f"露出 {float(state.get('hanging_mm', 0)):.0f} 毫米未切"]
        if waiting:
            parts.append(f"缓冲区还有 {waiting} 字节")
        self._hanging.setText("，".join(parts))
        self._fetch(int(state.get("papers", 0)))
        self._take.setEnabled(bool(self.strip.thumbs))

    def _fetch(self, count: int) -> None:
        """Get the pieces that came since the last look; fewer than before means that the tray was emptied meanwhile."""
        if count < self._seen:
            self.strip.empty()
            self._seen = 0
        if count == self._seen:
            return
        reply = self._link.ask("papers", since=self._seen)
        for found in (reply or {}).get("papers", ()):
            self._seen += 1
            png = base64.b64decode(found["png_base64"])
            self.strip.add(Piece(self._seen, png, str(found["text"]), float(found["mm"])))
        self._seen = count

    def _open(self, piece: Piece) -> None:
        dialog = PaperDialog(piece, self.window())
        dialog.saved.connect(self.said)
        dialog.failed.connect(self.failed)
        dialog.setWindowModality(Qt.WindowModality.NonModal)
        dialog.show()


def _condition(state: Mapping[str, Any]) -> tuple[str, Any]:
    if state.get("cutter") == "jammed":
        return "切刀卡住", "bad"
    if state.get("head") == "hot":
        return "打印头过热", "bad"
    return ("联机", "ok") if state.get("online", True) else ("脱机", "warn")
