"""T07: the settings in force and where each came from. Read only: a hall's settings are changed in its files."""

from __future__ import annotations

from PySide6.QtCore import QRect

from kiosk.screens.diagnostics import Section, SettingsView
from ui.pages.diag_shell import DiagPage
from ui.widgets.diag_rows import SettingList, SettingRow


class SettingsPage(DiagPage[SettingsView]):
    section = Section.SETTINGS
    words = "生效的配置"

    def make(self) -> None:
        self._list = SettingList(self.theme, "diag.settings.rows", "只读：名称 · 值 · 来源", "没有配置", self)
        self._list.turned.connect(self.rearranged)
        self._fill(self.data)

    def _fill(self, screen: SettingsView) -> None:
        rows = []
        for group, settings in screen.groups:
            rows.append(SettingRow(group))
            rows += [SettingRow(group, setting) for setting in settings]
        self._list.show_rows(rows)

    def show_data(self, screen: SettingsView, before: SettingsView) -> None:
        self._fill(screen)

    def arrange(self, area: QRect, wide: bool) -> None:
        self._list.setGeometry(area)
