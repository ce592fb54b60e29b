"""What stands before the simulated camera, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout

from ui.bench.link import PACE_MS, DeviceLink
from ui.bench.look import CalmSlider, Look, Panel, Segments, button, label, named, row, show_checked
from ui.bench.sketch import DEFAULTS, CameraSketch

_KNOBS = (
    ("distance", "距离", 3, 40, 10, "{:.1f} 倍", "离镜头的距离，1 是地面标记处"),
    ("yaw", "转头", -60, 60, 1, "{:.0f}°", "头向左右转的角度"),
    ("light", "光线", 0, 40, 10, "{:.1f} 倍", "光线强弱，1 是正常"),
    ("blur", "模糊", 0, 30, 1, "{:.0f} 像素", "画面模糊的程度"),
)
"""Field, caption, lowest and highest step, steps per unit, format, spoken name."""
_BACKDROPS = (("hall", "大厅"), ("white", "白色背景板"), ("dark", "深色"))
_FAULTS = (("CAM.STALL", "没有画面"), ("CAM.FROZEN", "画面定住"), ("CAM.UNPLUG", "拔出"))


class Knob(CalmSlider):
    """A slider that tells its value at the pace of the bench, not of the mouse."""

    turned = Signal(float)

    def __init__(self, name: str, spoken: str, low: int, high: int, per_unit: int) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        named(self, name, spoken)
        self.setRange(low, high)
        self._per_unit = per_unit
        self._pace = QTimer(self)
        self._pace.setSingleShot(True)
        self._pace.setInterval(PACE_MS)
        self._pace.timeout.connect(lambda: self.turned.emit(self.amount))
        self.valueChanged.connect(self._on_value)

    @property
    def amount(self) -> float:
        return self.value() / self._per_unit

    def _on_value(self) -> None:
        if not self._pace.isActive():
            self._pace.start()

    def follow(self, amount: float) -> bool:
        """Show the device's value, unless the person is just turning; returns whether it is shown."""
        if self.isSliderDown() or self._pace.isActive():
            return False
        blocked = self.blockSignals(True)
        self.setValue(round(amount * self._per_unit))
        self.blockSignals(blocked)
        return True


class CameraPanel(Panel):
    """`again` is called for 复位: it brings the chosen person back before the lens."""

    def __init__(self, look: Look, link: DeviceLink, again: Callable[[], None] | None = None) -> None:
        super().__init__(look, "camera", "摄像头", "camera")
        self._link = link
        self._again = again
        self._watched = self.pill("watched")
        self._sketch = CameraSketch(look.theme)
        self._faces = Segments("bench.camera.faces", "镜头前的人数", (("0", "无人"), ("1", "一人"), ("2", "两人")), "1")
        self._eyes = Segments("bench.camera.eyes", "眼睛", (("open", "睁眼"), ("closed", "闭眼")))
        self._faces.chosen.connect(lambda value: self._scene("faces", int(value)))
        self._eyes.chosen.connect(lambda value: self._scene("eyes", value))
        self._backdrop = Segments("bench.camera.backdrop", "身后的背景", _BACKDROPS)
        self._backdrop.chosen.connect(lambda value: self._scene("backdrop", value))
        blink = button("bench.camera.blink", "眨一下")
        blink.clicked.connect(lambda: link.do({"do": "blink"}, "眨了一下眼"))
        self._blinking = Segments("bench.camera.blinking", "自动眨眼", (("yes", "自动眨眼"), ("no", "不眨眼")))
        self._blinking.chosen.connect(lambda value: self._scene("blinking", value == "yes"))
        self._knobs: dict[str, Knob] = {}
        self._covered = button("bench.camera.covered", "遮住镜头", toggle=True)
        self._covered.clicked.connect(lambda on: self._scene("covered", on))
        self._faults = {
            fault: button(f"bench.camera.fault.{fault}", caption, toggle=True) for fault, caption in _FAULTS
        }
        for fault, made in self._faults.items():
            made.clicked.connect(self._toggler(fault))
        reset = button("bench.camera.reset", "复位", "quiet", spoken="摄像头复位：清除故障，人站好")
        reset.clicked.connect(self._on_reset)

        top = QHBoxLayout()
        top.setSpacing(16)
        top.addWidget(self._sketch, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(self._make_knobs(), 1)
        self.body.addLayout(top)
        self.body.addLayout(row(self._faces, self._eyes, self._blinking, blink, 1))
        self.body.addLayout(row(self._backdrop, 1))
        self.body.addLayout(row(self._covered, *self._faults.values(), 1, reset))
        link.changed.connect(self._follow)

    def _make_knobs(self) -> QVBoxLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        self._values = {}
        for line, (field, caption, low, high, per_unit, _, spoken) in enumerate(_KNOBS):
            knob = Knob(f"bench.camera.{field}", spoken, low, high, per_unit)
            knob.setFixedHeight(28)
            knob.follow(DEFAULTS[field])  # shown, not told: the camera is as it is
            knob.turned.connect(self._sender(field))
            shown = label("", "muted", name=f"bench.camera.{field}.value")
            shown.setFixedWidth(64)
            shown.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            knob.valueChanged.connect(lambda _value, field=field: self._show_value(field))
            grid.addWidget(label(caption), line, 0)
            grid.addWidget(knob, line, 1)
            grid.addWidget(shown, line, 2)
            self._knobs[field], self._values[field] = knob, shown
            self._show_value(field)
        box = QVBoxLayout()
        box.addLayout(grid)
        box.addStretch(1)
        return box

    def _sender(self, field: str) -> Callable[[float], None]:
        return lambda amount: self._scene(field, amount)

    def _toggler(self, fault: str) -> Callable[[bool], None]:
        def toggle(on: bool) -> None:
            caption = dict(_FAULTS)[fault]
            if (
                self._link.do({"do": "fault" if on else "clear", "id": fault}, f"{caption}{'' if on else '已解除'}")
                is None
            ):
                self._follow()

        return toggle

    def _scene(self, field: str, value: Any) -> None:
        if self._link.do({"do": "scene", field: value}) is None:
            self._follow()

    def _on_reset(self) -> None:
        self._link.do({"do": "reset"}, "已复位")
        if self._again is not None:
            self._again()

    def _show_value(self, field: str) -> None:
        form = next(knob[5] for knob in _KNOBS if knob[0] == field)
        self._values[field].setText(form.format(self._knobs[field].amount))

    def _follow(self) -> None:
        state = self._link.state
        scene = {**DEFAULTS, **state.get("scene", {})}
        faults = self._link.armed
        self._sketch.look_at(scene, faults)
        self._faces.show_value(str(scene["faces"]))
        self._eyes.show_value(str(scene["eyes"]))
        self._backdrop.show_value(str(scene["backdrop"]))
        self._blinking.show_value("yes" if state.get("blinking", True) else "no")
        show_checked(self._covered, bool(scene["covered"]))
        for field, knob in self._knobs.items():
            if knob.follow(float(scene[field])):
                self._show_value(field)
        for fault, made in self._faults.items():
            show_checked(made, fault in faults)
        if faults:
            self._watched.say(f"{len(faults)} 个故障", "bad")
        else:
            watched = bool(state.get("watched"))
            self._watched.say("正在取像" if watched else "未打开", "ok" if watched else "plain")
