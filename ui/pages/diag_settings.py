"""T07: the settings in force and where each came from, how citizens' pages look in each theme and size, loudness and brightness.

The settings are only read: a hall's settings are changed in its files.
"""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QRect, QSize, QTimer

from kiosk.screens.diagnostics import Section, SettingsView, Verb
from ui.pages.diag_shell import DiagPage
from ui.theme import ThemeName
from ui.widgets.diag_look import LookPanel
from ui.widgets.diag_rows import SettingList, SettingRow


class SettingsPage(DiagPage[SettingsView]):
    section = Section.SETTINGS
    words = "生效的配置"

    def make(self) -> None:
        self._list = SettingList(self.theme, "diag.settings.rows", "只读：名称 · 值 · 来源", "没有配置", self)
        self._list.turned.connect(self.rearranged)
        self._panel = LookPanel(self.theme, self)
        self._panel.wanted.connect(lambda name, percent: self.order(Verb.SHOW, name, str(percent)))
        self._panel.turned.connect(lambda knob, percent: self.order(Verb.TURN, knob, str(percent)))
        self._paint = QTimer(self)
        self._paint.setSingleShot(True)
        self._paint.timeout.connect(self._paint_look)
        self._fill(self.data)
        self._panel.show_state(self.data.look, self.data.dials)

    def _fill(self, screen: SettingsView) -> None:
        rows = []
        for group, settings in screen.groups:
            rows.append(SettingRow(group))
            rows += [SettingRow(group, setting) for setting in settings]
        self._list.show_rows(rows)

    def show_data(self, screen: SettingsView, before: SettingsView) -> None:
        if screen.groups != before.groups:
            self._fill(screen)
        self._panel.show_state(screen.look, screen.dials)
        if screen.look != before.look:
            self._paint.start(0)  # the chosen button is shown first: a picture takes its time

    def _paint_look(self) -> None:
        from ui.pages.look_picture import look_picture

        look, window = self.data.look, self.window().size()
        upright = QSize(min(window.width(), window.height()), max(window.width(), window.height()))
        scale = self.theme.scale * look.percent / 100
        self._panel.show_picture(look_picture(cast("ThemeName", look.theme), scale, upright))

    def arrange(self, area: QRect, wide: bool) -> None:
        gap = self.theme.px("tech_gap")
        if wide:
            split = area.width() * 9 // 20
            self._list.setGeometry(area.x(), area.y(), area.width() - split - gap, area.height())
            self._panel.setGeometry(area.right() + 1 - split, area.y(), split, area.height())
        else:
            split = area.height() * 9 // 20
            self._list.setGeometry(area.x(), area.y(), area.width(), area.height() - split - gap)
            self._panel.setGeometry(area.x(), area.bottom() + 1 - split, area.width(), split)
        self._paint.start(0)

    def clear(self) -> None:
        self._paint.stop()
        self._panel.forget()
        super().clear()
