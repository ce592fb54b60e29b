"""T05: the log, as it was masked before it was written. Filters, search, standing still, older and newer."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect

from kiosk.screens.diagnostics import Logs, Section, Verb
from ui.pages.diag_shell import DiagPage, rows_of
from ui.widgets.diag_base import TechButton
from ui.widgets.diag_rows import LogList

LEVELS = (("", "全部"), ("DEBUG", "DEBUG"), ("INFO", "INFO"), ("WARN", "WARN"), ("ERROR", "ERROR"))


class LogsPage(DiagPage[Logs]):
    section = Section.LOGS
    words = "日志"

    def make(self) -> None:
        theme = self.theme
        self._pause = TechButton(theme, "diag.logs.pause", "暂停", icon="pause", parent=self)
        self._export = TechButton(theme, "diag.logs.export", "导出", icon="download", parent=self)
        self._pause.tapped.connect(lambda: self.order(Verb.PAUSE, "", "no" if self.data.paused else "yes"))
        self._export.tapped.connect(lambda: self.export("log", self.data.folders))
        self._levels: list[TechButton] = []
        for level, caption in LEVELS:
            button = TechButton(theme, f"diag.logs.level.{level or 'all'}", caption, "choice", parent=self)
            button.tapped.connect(lambda level=level: self.order(Verb.FILTER, "level", level))
            self._levels.append(button)
        self._device = TechButton(theme, "diag.logs.device", "全部设备", icon="devices", parent=self)
        self._search = TechButton(theme, "diag.logs.search", "搜索", icon="search", parent=self)
        self._device.tapped.connect(self._choose_device)
        self._search.tapped.connect(self._type_search)
        self._plain = TechButton(theme, "diag.logs.plain", "清除搜索", icon="x", parent=self)
        self._plain.tapped.connect(lambda: self.order(Verb.FILTER, "text" if self.data.text else "device", ""))
        self._list = LogList(theme, "diag.logs.rows", "", from_end=True, parent=self)
        self._list.turned.connect(self.rearranged)
        self._list.wanted.connect(lambda older: self.order(Verb.PAGE, "", "older" if older else "newer"))
        self._fill(self.data)

    def head_buttons(self) -> Sequence[TechButton]:
        return (self._pause, self._export)

    def _fill(self, screen: Logs) -> bool:
        """Whether a button wants another width."""
        for (level, _), button in zip(LEVELS, self._levels, strict=True):
            button.choose(level == screen.level)
        name = dict(screen.devices).get(screen.device, screen.device)
        moved = self._device.set_caption(name or "全部设备", spoken=f"设备：{name or '全部'}")
        self._device.choose(bool(screen.device))
        shown = screen.text if len(screen.text) <= 16 else f"{screen.text[:8]}…{screen.text[-7:]}"
        moved |= self._search.set_caption(f"“{shown}”" if screen.text else "搜索", spoken=f"搜索 {screen.text}")
        self._search.choose(bool(screen.text))
        moved |= self._pause.set_caption(
            "继续" if screen.paused else "暂停", "play-circle" if screen.paused else "pause"
        )
        self._pause.choose(screen.paused)
        moved |= self._plain.set_caption("清除搜索" if screen.text else "不限设备")
        self._plain.setVisible(bool(screen.device or screen.text))
        self._list.set_title(f"共 {screen.total:,} 行" + ("，已暂停" if screen.paused else ""))
        self._list.tell_more(before=screen.older, after=screen.newer)
        self._list.show_rows(screen.rows)
        return moved

    def show_data(self, screen: Logs, before: Logs) -> None:
        filters = (screen.level, screen.device, screen.text) != (before.level, before.device, before.text)
        if self._fill(screen) or filters:
            self.relay()
        if filters:
            self._list.show_rows(screen.rows, last=True)

    def _choose_device(self) -> None:
        from ui.widgets.diag_ask import ChooseOverlay

        choices = (("", "全部设备"), *self.data.devices)
        overlay = ChooseOverlay(
            self.theme, "diag.logs.choose", "看哪台设备的日志", choices, self.data.device, self.window()
        )
        self.ask(overlay, lambda key: self.order(Verb.FILTER, "device", key))

    def _type_search(self) -> None:
        from ui.widgets.diag_ask import TypeOverlay

        overlay = TypeOverlay(
            self.theme,
            "diag.logs.find",
            "搜索日志",
            "",
            "搜索",
            self.window(),
            value=self.data.text,
            ready=("error", "timeout", "reset", "open"),
        )
        self.ask(overlay, lambda text: self.order(Verb.FILTER, "text", text))

    def arrange(self, area: QRect, wide: bool) -> None:
        t = self.theme
        tall, gap = t.px("tech_button"), t.px("gap_min")
        y = rows_of([*self._levels, self._device, self._search, self._plain], area, tall, gap) + t.px(16)
        self._list.setGeometry(area.x(), y, area.width(), area.bottom() + 1 - y)

    def clear(self) -> None:
        self._list.forget()
        super().clear()
