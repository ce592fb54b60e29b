"""The scan engine: holding a code before its window."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit

from ui.bench.link import DeviceLink
from ui.bench.look import Look, Panel, button, named, row


class ScannerPanel(Panel):
    def __init__(self, look: Look, link: DeviceLink) -> None:
        super().__init__(look, "scanner", "扫码头", "qr-scan")
        self._link = link
        self._state = self.pill("state")
        self._text = QLineEdit()
        named(self._text, "bench.scanner.text", "二维码里的文字")
        self._text.setPlaceholderText("二维码里的文字")
        show = button("bench.scanner.show", "出示", "primary", spoken="出示二维码")
        self._hide = button("bench.scanner.hide", "拿走", spoken="拿走二维码")
        self._press = button("bench.scanner.press", "按触发键")
        show.clicked.connect(self._on_show)
        self._text.returnPressed.connect(self._on_show)
        self._hide.clicked.connect(lambda: link.do({"do": "hide"}, "二维码已拿走"))
        self._press.clicked.connect(lambda: link.do({"do": "press"}, "按了触发键"))
        line = row(self._text, show, self._hide, self._press)
        line.setStretch(0, 1)
        self.body.addLayout(line)
        link.changed.connect(self._follow)

    def _on_show(self) -> None:
        self._link.do({"do": "show", "data": self._text.text()}, "已出示二维码")

    def _follow(self) -> None:
        state = self._link.state
        showing = bool(state.get("showing"))
        sent = int(state.get("sent", 0))
        self._state.say(
            f"有码，已送出 {sent} 次" if showing else f"没有码，已送出 {sent} 次", "info" if showing else "plain"
        )
        self._hide.setEnabled(showing)
