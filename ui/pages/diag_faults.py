"""T06: faults, for simulated devices only. A device, its faults as switches, how long each is to last, and whole scenes."""

from __future__ import annotations

from PySide6.QtCore import QRect

from kiosk.screens.diagnostics import Act, FaultBoard, FaultCard, FaultRow, Section, Verb
from ui.pages.diag_shell import DiagPage
from ui.widgets.diag_acts import ActPanel
from ui.widgets.diag_base import TechButton
from ui.widgets.diag_faults import DeviceChoice, FaultGrid

SCENES = 2
"""At least so many, and the button that turns to the others."""
LASTING = (("once", "一次"), ("3", "3 次"), ("until", "直到清除"))


class FaultBoardPage(DiagPage[FaultBoard]):
    section = Section.FAULTS
    words = "故障注入"

    def make(self) -> None:
        theme = self.theme
        self._clear = TechButton(theme, "diag.faults.clear", "全部清除", "danger", "backspace", parent=self)
        self._clear.tapped.connect(lambda: self.order(Verb.DISARM, ""))
        self._lasting = "once"
        self._spans: list[TechButton] = []
        for value, caption in LASTING:
            button = TechButton(theme, f"diag.faults.last.{value}", caption, "choice", parent=self)
            button.tapped.connect(lambda value=value: self._last(value))
            self._spans.append(button)
        self._presets = ActPanel(theme, "diag.faults.preset", "情景", self)
        self._presets.chosen.connect(self._preset)
        self._presets.turned.connect(self.rearranged)
        self._devices: list[DeviceChoice] = []
        self._grid = FaultGrid(theme, self)
        self._grid.switched.connect(self._switch)
        self._grid.turned.connect(self.rearranged)
        self._at = next((card.key for card in self.data.cards if any(row.armed for row in card.rows)), "")
        self._fill(self.data, rebuilt=True)
        self._last(self._lasting)

    def head_buttons(self) -> tuple[TechButton, ...]:
        return (self._clear,)

    def _last(self, value: str) -> None:
        self._lasting = value
        for (one, _), button in zip(LASTING, self._spans, strict=True):
            button.choose(one == value)

    def _card(self) -> FaultCard | None:
        return next((card for card in self.data.cards if card.key == self._at), None)

    def _fill(self, screen: FaultBoard, *, rebuilt: bool) -> None:
        keys = [card.key for card in screen.cards]
        if self._at not in keys:
            self._at = keys[0] if keys else ""
        if rebuilt:
            for old in self._devices:
                old.hide()
                old.deleteLater()
            self._devices = []
            for card in screen.cards:
                choice = DeviceChoice(self.theme, f"diag.faults.device.{card.key}", card.name, self)
                choice.tapped.connect(lambda key=card.key: self._show_device(key))
                choice.show()
                self._devices.append(choice)
        for card, choice in zip(screen.cards, self._devices, strict=True):
            choice.show_state(chosen=card.key == self._at, armed=sum(bool(row.armed) for row in card.rows))
        found = self._card()
        self._grid.show_card(found)
        self._presets.show_acts(screen.presets)
        self._presets.setVisible(bool(screen.presets))
        self._clear.setEnabled(screen.head.armed > 0 or any(row.armed for card in screen.cards for row in card.rows))
        for button in self._spans:
            button.setVisible(found is not None)

    def _show_device(self, key: str) -> None:
        if key != self._at:
            self._at = key
            self._fill(self.data, rebuilt=False)
            self.order_tabs()
            self.rearranged.emit()

    def _switch(self, row: FaultRow, on: bool) -> None:
        key = f"{self._at}:{row.id}"
        if on:
            self.order(Verb.ARM, key, self._lasting)
        else:
            self.order(Verb.DISARM, key)

    def _preset(self, act: Act) -> None:
        if act.enabled:
            self.order(Verb.PRESET, act.id)
        else:
            self.tell(act.why or "现在不能用这个情景。")

    def show_data(self, screen: FaultBoard, before: FaultBoard) -> None:
        rebuilt = [(card.key, card.name) for card in screen.cards] != [(card.key, card.name) for card in before.cards]
        self._fill(screen, rebuilt=rebuilt)
        if rebuilt or len(screen.presets) != len(before.presets):
            self.relay()

    def arrange(self, area: QRect, wide: bool) -> None:
        t = self.theme
        gap, small, tall = t.px("tech_gap"), t.px("gap_min"), t.px("tech_button")
        # scenes stand under the devices where there is room for some of them (they are turned like pages), else under the faults
        left = area.height() - len(self._devices) * (tall + small) - gap
        beside = wide and left >= min(self._scenes_height(1), self._scenes_height(1, SCENES + 1))
        if wide:
            column = QRect(area.x(), area.y(), t.px(400), area.height())
            area = area.adjusted(t.px(400) + gap, 0, 0, 0)
        else:
            column = QRect(area)
        bottom = self._lay_devices(column, 1 if wide else 3)
        if not wide:
            area.setTop(bottom + gap)
        if self.data.presets:
            columns = 1 if beside else 3
            self._presets.columns(columns)
            high = min(self._scenes_height(columns), left if beside else area.height() // 3)
            where = column if beside else area
            self._presets.setGeometry(where.x(), where.bottom() + 1 - high, where.width(), high)
            if not beside:
                area.setBottom(area.bottom() - high - gap)
        x = area.x()
        for button in self._spans:
            button.setGeometry(x, area.y(), button.sizeHint().width(), tall)
            x += button.width() + small
        self._grid.setGeometry(area.adjusted(0, tall + t.px(16), 0, 0))

    def _scenes_height(self, columns: int, count: int | None = None) -> int:
        t = self.theme
        rows = -(-(len(self.data.presets) if count is None else count) // columns)
        return rows * (t.px("tech_button") + t.px("gap_min")) + t.px(104) if rows else 0

    def _lay_devices(self, area: QRect, columns: int) -> int:
        """Returns where they end."""
        t = self.theme
        small = t.px("gap_min")
        rows = max(1, -(-len(self._devices) // columns))
        width = (area.width() - small * (columns - 1)) // columns
        height = min(t.px("tech_button"), max(t.px("tech_touch"), (area.height() + small) // rows - small))
        for i, choice in enumerate(self._devices):
            x, y = i % columns * (width + small), i // columns * (height + small)
            choice.setGeometry(area.x() + x, area.y() + y, width, height)
        return area.y() + (rows * (height + small) - small if self._devices else -t.px("tech_gap"))
