"""The signature pad: its screen as it is, to write on with the mouse and to press its key."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from ui.bench.link import DeviceLink
from ui.bench.look import Look, Panel, button, label, named, row, show_checked

_WIDTH = 480
_LINE_MM = 0.6
_MUTE = "STU.MUTE_PEN"


class PadScreen(QWidget):
    """The pad's surface; where the pen is comes in its millimetres."""

    touched = Signal(float, float)
    lifted = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        named(self, "bench.signature.screen", "签名板，用鼠标在上面写字")
        self._look = look
        self._told: Mapping[str, Any] = {}
        self._picture = QImage()
        self._writing = False
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setFixedSize(QSize(_WIDTH, _WIDTH * 5 // 8))

    def show_screen(self, told: Mapping[str, Any]) -> None:
        self._told = told
        width, height = int(told.get("width", 0)), int(told.get("height", 0))
        bits = base64.b64decode(str(told.get("bits_base64", "")))
        self._picture = QImage()
        if bits and len(bits) == (width + 7) // 8 * height:
            lying = QImage(bits, width, height, (width + 7) // 8, QImage.Format.Format_Mono)
            lying.setColorTable([QColor(Qt.GlobalColor.black).rgb(), QColor(Qt.GlobalColor.white).rgb()])
            self._picture = lying.copy()  # the bytes belong to Python
        if self._surface.height() > 0:
            self.setFixedHeight(round(_WIDTH * self._surface.height() / self._surface.width()))
        self.update()

    @property
    def _surface(self) -> QRectF:
        return QRectF(0, 0, float(self._told.get("width_mm", 0)) or 96, float(self._told.get("height_mm", 0)) or 60)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        p.fillRect(frame, Qt.GlobalColor.white)
        if not self._picture.isNull():
            p.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            p.drawImage(frame, self._picture)
        p.setPen(QPen(self._look.theme.color("outline"), 1))
        p.drawRect(frame)
        scale = self.width() / self._surface.width()
        p.setPen(QPen(self._look.theme.color("text"), _LINE_MM * scale, c=Qt.PenCapStyle.RoundCap))
        for line in self._told.get("lines", ()):
            points = [QPointF(x * scale, y * scale) for x, y in line]
            p.drawPolyline(QPolygonF(points))
            p.drawPoints(points[:1])
        p.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._writing = True
            self._tell(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._writing:
            self._tell(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._writing and event.button() == Qt.MouseButton.LeftButton:
            self._writing = False
            self.lifted.emit()

    def _tell(self, at: QPointF) -> None:
        scale = self._surface.width() / self.width()
        self.touched.emit(max(0.0, at.x() * scale), max(0.0, at.y() * scale))


class SignaturePanel(Panel):
    def __init__(self, look: Look, link: DeviceLink) -> None:
        super().__init__(look, "signature", "签名板", "signature")
        self._link = link
        self._pen = self.pill("pen")
        self._shown = self.pill("shown")
        self.pad_screen = PadScreen(look)
        self.pad_screen.touched.connect(lambda x, y: link.do({"do": "move", "x": x, "y": y}))
        self.pad_screen.lifted.connect(lambda: link.do({"do": "up"}))
        self._out = self._act("out", "拔线", self._on_out, toggle=True)
        self._mute = self._act("mute", "收不到笔迹", self._on_mute, toggle=True)
        sign = self._act("sign", "写一个签名", lambda _: link.do({"do": "sign"}, "已写好签名"))
        dot = self._act("dot", "只点一下", lambda _: link.do({"do": "dot"}, "点了一下"))
        self.body.addWidget(self.pad_screen, 0, Qt.AlignmentFlag.AlignHCenter)
        self.body.addLayout(row(sign, dot, self._mute, self._out, 1))
        self.body.addWidget(label("用鼠标在上面写字；签名时板上有“清除重写”键。", "muted", wrap=True))
        link.changed.connect(self._follow)

    def _act(self, name: str, caption: str, act: Callable[[bool], Any], *, toggle: bool = False) -> Any:
        made = button(f"bench.signature.{name}", caption, toggle=toggle)
        made.clicked.connect(act)
        return made

    def _on_out(self, out: bool) -> None:
        if self._link.do({"do": "unplug" if out else "plug"}, "线已拔出" if out else "线已插上") is None:
            self._follow()

    def _on_mute(self, on: bool) -> None:
        command = {"do": "fault", "id": _MUTE, "count": None} if on else {"do": "clear", "id": _MUTE}
        if self._link.do(command, "笔迹不再送出" if on else "恢复送出笔迹") is None:
            self._follow()

    def _follow(self) -> None:
        state = self._link.state
        down = bool(state.get("pen_down"))
        self._pen.say("笔已落下" if down else "笔已抬起", "info" if down else "plain")
        picture = bool(state.get("picture"))
        self._shown.say("请签名" if picture else "空闲", "ok" if picture else "plain")
        show_checked(self._mute, _MUTE in self._link.armed)
        show_checked(self._out, (self._link.ask("state") or {}).get("plugged") is False)
        self.pad_screen.show_screen(self._link.ask("screen") or {})
