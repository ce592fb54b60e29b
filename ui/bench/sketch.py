"""What the simulated camera looks at, as a small drawing: it follows the scene's numbers, it is not the camera's picture."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import Theme

DEFAULTS: Mapping[str, Any] = {
    "faces": 1,
    "seed": 1,
    "eyes": "open",
    "distance": 1.0,
    "yaw": 0.0,
    "light": 1.0,
    "blur": 0.0,
    "covered": False,
    "backdrop": "hall",
}
_GROUNDS = {
    "white": "#F0EFEE",
    "light_grey": "#D9D9D9",
    "light_blue": "#A6D8FC",
    "dark": "#606060",
    "red": "#BE323C",
}
_NO_PICTURE: Mapping[str, str] = {
    "CAM.UNPLUG": "已拔出",
    "CAM.HANG": "进程不应答",
    "CAM.CRASH": "进程已崩溃",
    "CAM.STALL": "没有画面",
}
_SKIN = ("#E8C39E", "#DDB18A", "#F0CDAA", "#D2A57E")
_CLOTH = ("#5B7BA6", "#6B8F71", "#8A6F9C", "#A0705C", "#4F7F8C")


class CameraSketch(QWidget):
    """16:9, with the oval a citizen is asked to fill."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("bench.camera.sketch")
        self.setAccessibleName("镜头前的情形（示意）")
        self.setFixedSize(QSize(240, 135))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._theme = theme
        self._scene: dict[str, Any] = dict(DEFAULTS)
        self._faults: frozenset[str] = frozenset()

    def look_at(self, scene: Mapping[str, Any], faults: Collection[str]) -> None:
        now = {**DEFAULTS, **scene}
        if now != self._scene or frozenset(faults) != self._faults:
            self._scene, self._faults = now, frozenset(faults)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect())
        shape = QPainterPath()
        shape.addRoundedRect(frame, 10, 10)
        p.setClipPath(shape)
        missing = next((text for fault, text in _NO_PICTURE.items() if fault in self._faults), "")
        if missing or self._scene["covered"] or "CAM.COVERED" in self._faults:
            p.fillRect(
                frame, self._theme.color("preview").darker(0 if missing else 250) if not missing else self._ground()
            )
            self._say(p, missing or "镜头被遮住")
        else:
            self._draw(p, frame)
            if "CAM.FROZEN" in self._faults:
                self._say(p, "画面定住")
        p.end()

    def _ground(self) -> QColor:
        return self._theme.color("preview")

    def _say(self, p: QPainter, text: str) -> None:
        font = self.font()
        font.setBold(True)
        p.setFont(font)
        bar = QRectF(0, self.height() - 30, self.width(), 30)
        p.fillRect(bar, QColor(0, 0, 0, 150))
        p.setPen(self._theme.color("on_header"))
        p.drawText(bar, Qt.AlignmentFlag.AlignCenter, text)

    def _draw(self, p: QPainter, frame: QRectF) -> None:
        scene = self._scene
        p.fillRect(frame, QColor(_GROUNDS.get(str(scene["backdrop"]), "#C9D1DC")))
        faces = int(scene["faces"])
        size = frame.height() * 0.60 / max(0.3, float(scene["distance"]))
        softness = min(1.0, float(scene["blur"]) / 12)
        for index in reversed(range(faces)):
            side = 0 if index == 0 else (1 if index % 2 else -1) * ((index + 1) // 2)
            centre = QPointF(frame.center().x() + side * size * 1.05, frame.height() * 0.47)
            self._person(p, centre, size * (1 if index == 0 else 0.9), int(scene["seed"]) + 31 * index, index == 0)
        if softness:
            p.fillRect(frame, QColor(201, 209, 220, round(190 * softness)))
        light = float(scene["light"])
        if light < 1:
            p.fillRect(frame, QColor(6, 10, 20, round(235 * (1 - light))))
        elif light > 1:
            p.fillRect(frame, QColor(255, 255, 250, min(235, round(150 * (light - 1)))))
        p.setPen(QPen(QColor(255, 255, 255, 150), 1.5, Qt.PenStyle.DashLine))
        p.setBrush(Qt.BrushStyle.NoBrush)
        tall = frame.height() * 0.66
        p.drawEllipse(QPointF(frame.center().x(), frame.height() * 0.47), tall * 0.39, tall * 0.5)
        if faces == 0:
            self._say(p, "没有人")

    def _person(self, p: QPainter, at: QPointF, size: float, seed: int, first: bool) -> None:
        """A head `size` high. Only the first one turns and closes the eyes, as in the simulated scene."""
        yaw = float(self._scene["yaw"]) if first else 0.0
        closed = first and self._scene["eyes"] == "closed"
        skin, cloth = QColor(_SKIN[seed % len(_SKIN)]), QColor(_CLOTH[seed % len(_CLOTH)])
        turn = math.sin(math.radians(yaw)) * size * 0.24
        width = size * 0.68 / 2
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(cloth)
        p.drawRoundedRect(
            QRectF(at.x() - size * 0.72, at.y() + size * 0.58, size * 1.44, size * 2), size * 0.4, size * 0.4
        )
        p.setBrush(skin.darker(112))
        p.drawRect(QRectF(at.x() - size * 0.14, at.y() + size * 0.3, size * 0.28, size * 0.36))
        p.setBrush(QColor("#2A2420"))
        p.drawEllipse(QPointF(at.x() - turn * 0.25, at.y() - size * 0.08), width * 1.12, size * 0.52)
        p.setBrush(skin)
        p.drawEllipse(QPointF(at.x() + turn * 0.15, at.y() + size * 0.06), width * 0.95, size * 0.46)
        p.setPen(QPen(QColor("#2A2420"), max(1.0, size * 0.028), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        squeeze = math.cos(math.radians(yaw))
        for side in (-1, 1):
            x, y = at.x() + turn + side * size * 0.135 * squeeze, at.y()
            p.drawLine(QPointF(x - size * 0.07, y - size * 0.09), QPointF(x + size * 0.07, y - size * 0.09))
            if closed:
                p.drawLine(QPointF(x - size * 0.055, y), QPointF(x + size * 0.055, y))
            else:
                p.setBrush(QBrush(QColor("#2A2420")))
                p.drawEllipse(QPointF(x, y), size * 0.032, size * 0.036)
        p.setBrush(Qt.BrushStyle.NoBrush)
        nose = at.x() + turn * 1.25
        p.drawLine(QPointF(nose, at.y() + size * 0.08), QPointF(nose, at.y() + size * 0.17))
        p.drawLine(
            QPointF(at.x() + turn - size * 0.1 * squeeze, at.y() + size * 0.3),
            QPointF(at.x() + turn + size * 0.1 * squeeze, at.y() + size * 0.3),
        )
