"""The lists of the diagnostics: facts, log lines, settings, audit entries."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from kiosk.screens.diagnostics import AuditRow, Fact, LogRow, Setting
from ui.paint.shapes import fill_rect, fill_round
from ui.paint.text import TextShape
from ui.theme import Theme
from ui.widgets.diag_base import TONE_COLOR, TONE_SIGN
from ui.widgets.diag_list import TechList

LEVEL_COLOR = {"DEBUG": "muted", "INFO": "muted", "WARN": "warn_text", "ERROR": "bad_text"}


class FactList(TechList[Fact]):
    """Label at the left, value at the right; a value with a tone has its sign."""

    def _widths(self, width: float) -> tuple[float, float]:
        label = min(self.theme.px(220), width * 0.36)
        return label, width - label - self.theme.px(16)

    def _shapes(self, row: Fact, width: float) -> tuple[TextShape, TextShape]:
        left, right = self._widths(width)
        sign = self.theme.px(40) if row.tone != "muted" else 0
        return self.shape(row.label, "tech", left), self.shape(
            row.value, "tech", right - sign, bold=row.tone != "muted"
        )

    def measure(self, row: Fact, width: int) -> int:
        label, value = self._shapes(row, width)
        return max(label.height, value.height) + self.theme.px(14)

    def draw_row(self, p: QPainter, row: Fact, rect: QRectF, index: int) -> None:
        t = self.theme
        left, _ = self._widths(rect.width())
        label, value = self._shapes(row, rect.width())
        top = rect.y() + t.px(7)
        self.write(p, label, row.label, QRectF(rect.x(), top, left, label.height), "tech", "muted")
        x = rect.x() + left + t.px(16)
        if row.tone != "muted":
            self.stamp(p, t.icon(TONE_SIGN[row.tone], 30, TONE_COLOR[row.tone]), x + t.px(15), top + t.line("tech") / 2)
            x += t.px(40)
        color = "text" if row.tone == "muted" else TONE_COLOR[row.tone]
        self.write(p, value, row.value, QRectF(x, top, rect.right() - x, value.height), "tech", color)
        if index < len(self.rows) - 1:
            fill_rect(p, QRectF(rect.x(), rect.bottom() - 1, rect.width(), 1), t.color("divider"))


class LogList(TechList[LogRow]):
    """Time, level, device, text: each on its own ground, the text as long as it is, or one line where `brief`."""

    row_gap = 8

    def __init__(
        self, theme: Theme, name: str, title: str, *, from_end: bool, brief: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, name, title, "没有记录", parent)
        self.from_end = from_end
        self._brief = brief
        self.pages = not brief

    def _columns(self, width: float) -> tuple[float, float, float, float]:
        """Where time, level, device and text begin; in a narrow list the text has a line of its own."""
        px = self.theme.px
        if width < px(760):
            return px(12), px(182), px(272), px(12)
        return px(16), px(190), px(290), px(290) + min(px(220), width * 0.21)

    def _narrow(self, width: float) -> bool:
        return width < self.theme.px(760)

    def measure(self, row: LogRow, width: int) -> int:
        t = self.theme
        head = t.line("tech") if self._narrow(width) else 0
        if self._brief:
            return head + t.line("tech") + t.px(16)
        room = width - self._columns(width)[3] - t.px(16)
        return head + self.shape(row.text, "tech", room).height + t.px(16)

    def draw_row(self, p: QPainter, row: LogRow, rect: QRectF, index: int) -> None:
        t = self.theme
        fill_round(p, rect, t.px("radius.chip"), t.color("page"), t.color("divider"), 1 if t.high_contrast else 0)
        at, level, device, text = (rect.x() + x for x in self._columns(rect.width()))
        line = QRectF(at, rect.y() + t.px(8), level - at - t.px(8), t.line("tech"))
        self.mono_text(p, line, row.at, "muted")
        line.setLeft(level)
        line.setRight(device - t.px(8))
        loud = row.level in ("WARN", "ERROR")
        self.mono_text(p, line, row.level, LEVEL_COLOR[row.level], bold=loud)
        narrow = self._narrow(rect.width())
        line.setLeft(device)
        line.setRight(rect.right() - t.px(12) if narrow else text - t.px(12))
        self.short_text(p, line, row.device, "tech", "text")
        top = line.bottom() if narrow else line.y()
        box = QRectF(text, top, rect.right() - t.px(16) - text, rect.bottom() - t.px(8) - top)
        if self._brief:
            self.short_text(p, box, row.text, "tech", "text")
        else:
            self.write(p, self.shape(row.text, "tech", box.width()), row.text, box, "tech", "text")


class SettingRow(NamedTuple):
    """A setting, or where `setting` is None the heading of a group."""

    group: str
    setting: Setting | None = None


class SettingList(TechList[SettingRow]):
    """Key, value, and which file or variable said so."""

    def _shapes(self, setting: Setting, width: float) -> tuple[TextShape, TextShape, TextShape]:
        px = self.theme.px
        room = width - px(40)
        return (
            self.shape(setting.key, "tech", room * 0.37),
            self.shape(setting.value, "tech", room * 0.34),
            self.shape(setting.source, "tech", room * 0.29),
        )

    def measure(self, row: SettingRow, width: int) -> int:
        t = self.theme
        if row.setting is None:
            return t.line("tech_body") + t.px(24)
        return max(shape.height for shape in self._shapes(row.setting, width)) + t.px(16)

    def draw_row(self, p: QPainter, row: SettingRow, rect: QRectF, index: int) -> None:
        t = self.theme
        if row.setting is None:
            box = rect.adjusted(0, t.px(12), 0, 0)
            self.line_text(p, box, row.group, "tech_body", "text", bold=True)
            return
        x, top = rect.x(), rect.y() + t.px(8)
        texts = (row.setting.key, row.setting.value, row.setting.source)
        for shape, text, color in zip(
            self._shapes(row.setting, rect.width()), texts, ("muted", "text", "muted"), strict=True
        ):
            self.write(p, shape, text, QRectF(x, top, shape.width, shape.height), "tech", color)
            x += shape.width + t.px(20)
        fill_rect(p, QRectF(rect.x(), rect.bottom() - 1, rect.width(), 1), t.color("divider"))


class AuditList(TechList[AuditRow]):
    """Who did what when; the number is that of the chain."""

    def _shapes(self, row: AuditRow, width: float) -> tuple[TextShape, TextShape | None]:
        room = width - self._left(width)
        what = self.shape(row.what, "tech", room, bold=True)
        return what, self.shape(row.detail, "tech", room) if row.detail else None

    def _left(self, width: float) -> float:
        return self.theme.px(500) if width > self.theme.px(1200) else 0.0

    def measure(self, row: AuditRow, width: int) -> int:
        t = self.theme
        what, detail = self._shapes(row, width)
        head = 0 if self._left(width) > t.px(100) else t.line("tech")
        return head + what.height + (detail.height if detail else 0) + t.px(20)

    def draw_row(self, p: QPainter, row: AuditRow, rect: QRectF, index: int) -> None:
        t = self.theme
        what, detail = self._shapes(row, rect.width())
        y = rect.y() + t.px(10)
        line = QRectF(rect.x(), y, t.px(90), t.line("tech"))
        self.mono_text(p, line, f"{row.seq}", "muted")
        line = QRectF(line.right() + t.px(8), y, t.px(250), t.line("tech"))
        self.mono_text(p, line, row.at, "muted")
        who = QRectF(line.right() + t.px(8), y, t.px(130), t.line("tech"))
        left = self._left(rect.width())
        if left <= t.px(100):
            who.setRight(rect.right())
            y += t.line("tech")
        self.short_text(p, who, row.who, "tech", "text")
        self.write(p, what, row.what, QRectF(rect.x() + left, y, what.width, what.height), "tech", "text")
        y += what.height
        if detail is not None:
            self.write(p, detail, row.detail, QRectF(rect.x() + left, y, detail.width, detail.height), "tech", "muted")
        fill_rect(p, QRectF(rect.x(), rect.bottom() - 1, rect.width(), 1), t.color("divider"))
