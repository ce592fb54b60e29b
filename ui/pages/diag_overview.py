"""T02: how every device is, at one glance."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect

from kiosk.screens.diagnostics import LogRow, Overview, Section, Switch, Verb
from ui.pages.diag_shell import DiagPage
from ui.widgets.diag_base import SwitchRow, TechButton, TechPanel
from ui.widgets.diag_preview import PreviewPanel
from ui.widgets.diag_rows import LogList
from ui.widgets.diag_tile import DeviceTile
from ui.widgets.rows import Pager

PER_PAGE = 12
SWITCHES = 5
FEW = 8
"""Up to so many tiles stand in two columns in portrait; more in three, so that the log keeps its place."""


def newest_first(rows: Sequence[LogRow]) -> Sequence[LogRow]:
    """Whichever way they come: what just happened is what the eye meets first."""
    return rows if not rows or rows[0].at > rows[-1].at else rows[::-1]


class OverviewPage(DiagPage[Overview]):
    section = Section.OVERVIEW
    words = "设备总览"

    def make(self) -> None:
        theme = self.theme
        self.check = TechButton(theme, "diag.overview.check", "全部自检", "primary", "play-circle", parent=self)
        self.check.tapped.connect(lambda: self.order(Verb.CHECK, "", "1"))
        self._tiles: list[DeviceTile] = []
        self._first = 0
        self._pager = Pager(theme, "diag.overview.pager", 1, 0, self)
        for button in (self._pager.previous, self._pager.following):
            button.may_touch_top = True
        self._pager.turned.connect(self._turn)
        self._log = LogList(theme, "diag.overview.log", "日志", from_end=False, brief=True, parent=self)
        self._preview: PreviewPanel | None = None
        self._panel: TechPanel | None = None
        self._switches: dict[str, SwitchRow] = {}
        self._fill_tiles()
        self._fill_preview()
        self._fill_switches()
        self._log.show_rows(newest_first(self.data.log))

    def head_buttons(self) -> Sequence[TechButton]:
        return (self.check,)

    # -- what is shown ---------------------------------------------------------------------------------------------------

    def _fill_tiles(self) -> None:
        for old in self._tiles:
            old.hide()
            old.deleteLater()
        tiles = self.data.tiles
        self._first = min(self._first, max(0, len(tiles) - 1) // PER_PAGE * PER_PAGE)
        self._tiles = []
        for tile in tiles[self._first : self._first + PER_PAGE]:
            widget = DeviceTile(self.theme, tile, self)
            widget.tapped.connect(lambda key=tile.key: self.order(Verb.GO, Section.DEVICE.value, key))
            if self.isVisible():
                widget.show()
            self._tiles.append(widget)
        self._pager.set_pages(-(-len(tiles) // PER_PAGE), self._first // PER_PAGE)

    def _turn(self, page: int) -> None:
        self._first = page * PER_PAGE
        self._fill_tiles()
        self.relay()
        self.rearranged.emit()

    def _fill_preview(self) -> None:
        preview = self.data.preview
        if preview is None:
            if self._preview is not None:
                self._preview.clear()
                self._preview.hide()
            return
        if self._preview is None:
            self._preview = PreviewPanel(self.theme, self)
        self._preview.reveal(True)
        self._preview.show_preview(preview)

    def _fill_switches(self) -> None:
        wanted = self.data.switches[:SWITCHES]
        if self._panel is None and wanted:
            self._panel = TechPanel(self.theme, "diag.overview.faults", "故障注入（模拟）", self)
        if self._panel is not None:
            self._panel.setVisible(bool(wanted))
        for key in [key for key in self._switches if key not in {switch.key for switch in wanted}]:
            gone = self._switches.pop(key)
            gone.hide()
            gone.deleteLater()
        for switch in wanted:
            row = self._switches.get(switch.key)
            if row is None:
                name = f"diag.overview.switch.{switch.key}"
                row = SwitchRow(self.theme, name, switch.caption, on=switch.on, parent=self._panel)
                row.ticked.connect(lambda on, switch=switch: self._switch(switch, on))
                if self.isVisible():
                    row.show()
                self._switches[switch.key] = row
            row.show_state(switch.caption, "", on=switch.on)

    def _switch(self, switch: Switch, on: bool) -> None:
        if on:
            self.order(Verb.ARM, switch.key, "until")
        else:
            self.order(Verb.DISARM, switch.key)

    def show_data(self, screen: Overview, before: Overview) -> None:
        same = [tile.key for tile in screen.tiles] == [tile.key for tile in before.tiles]
        moved = not same
        if same:
            for widget, tile in zip(self._tiles, screen.tiles[self._first : self._first + PER_PAGE], strict=True):
                widget.show_tile(tile)
        else:
            self._fill_tiles()
        if screen.log != before.log:
            self._log.show_rows(newest_first(screen.log))
        if screen.preview != before.preview:
            moved |= (screen.preview is None) != (before.preview is None)
            self._fill_preview()
        if screen.switches != before.switches:
            moved |= len(screen.switches) != len(before.switches)
            self._fill_switches()
        if moved:
            self.relay()

    # -- where it stands -------------------------------------------------------------------------------------------------

    def arrange(self, area: QRect, wide: bool) -> None:
        if wide:
            self._arrange_wide(area)
        else:
            self._arrange_tall(area)
        self._lay_switches()

    def _side(self) -> list[TechPanel]:
        return [panel for panel in (self._preview, self._panel) if panel is not None and not panel.isHidden()]

    def _arrange_wide(self, area: QRect) -> None:
        t = self.theme
        gap, side = t.px("tech_gap"), t.px(440)
        panels = self._side()
        left = QRect(area)
        if panels:
            left.setWidth(area.width() - side - gap - t.px(4))
        columns = 3 if panels else 4
        bottom = self._lay_tiles(left, columns, log=t.px(212))
        self._log.setGeometry(left.x(), bottom, left.width(), area.bottom() + 1 - bottom)
        y = area.y()
        x = area.right() + 1 - side
        for i, panel in enumerate(panels):
            last = i == len(panels) - 1
            height = area.bottom() + 1 - y if last else min(t.px(476), area.height() // 2)
            panel.setGeometry(x, y, side, height)
            y += height + gap

    def _arrange_tall(self, area: QRect) -> None:
        t = self.theme
        gap = t.px("tech_gap")
        panels = self._side()
        below = t.px(470) if panels else 0
        columns = 2 if len(self._tiles) <= FEW else 3
        bottom = self._lay_tiles(area, columns, log=t.px(270) + below + (gap if panels else 0))
        rest = area.bottom() + 1 - bottom
        if panels:
            height = min(t.px(560), max(below, rest - t.px(430) - gap), rest - t.px(200) - gap)
            width = (area.width() - gap * (len(panels) - 1)) // len(panels)
            for i, panel in enumerate(panels):
                panel.setGeometry(area.x() + i * (width + gap), bottom, width, height)
            bottom += height + gap
        self._log.setGeometry(area.x(), bottom, area.width(), area.bottom() + 1 - bottom)

    def _lay_tiles(self, area: QRect, columns: int, *, log: int) -> int:
        """Tiles as high as in the design, lower where there are many; `log` pixels stay free below. Returns where they end."""
        t = self.theme
        gap = t.px("tech_gap")
        rows = max(1, -(-len(self._tiles) // columns))
        room = area.height() - log
        if not self._pager.isHidden():
            room -= t.px("pager_h") + gap
        height = max(t.px(150), min(t.px("tech_tile_h"), room // rows - gap))
        width = (area.width() - gap * (columns - 1)) // columns
        for i, tile in enumerate(self._tiles):
            tile.flat = height < t.px(196)
            tile.setGeometry(
                area.x() + i % columns * (width + gap), area.y() + i // columns * (height + gap), width, height
            )
        bottom = area.y() + rows * (height + gap)
        if not self._pager.isHidden():
            self._pager.setGeometry(area.x(), bottom, area.width(), t.px("pager_h"))
            bottom += t.px("pager_h") + gap
        return bottom

    def _lay_switches(self) -> None:
        if self._panel is None or self._panel.isHidden():
            return
        t = self.theme
        inner = self._panel.inner().toRect()
        gap = t.px("gap_min")
        count = max(1, len(self._switches))
        pitch = min(t.px(84), (inner.height() + gap) // count)
        for i, row in enumerate(self._switches.values()):
            height = pitch - gap
            row.setVisible(height >= t.px("tech_touch") or (i + 1) * (t.px("tech_touch") + gap) <= inner.height() + gap)
            height = max(height, t.px("tech_touch"))
            row.setGeometry(inner.x(), inner.y() + i * (height + gap), inner.width(), height)

    def clear(self) -> None:
        if self._preview is not None:
            self._preview.clear()
        self._log.forget()
        super().clear()
